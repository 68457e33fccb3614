"""Media through nginx as nginx.conf.example sets it up."""
import time
from types import SimpleNamespace

import pytest
from harness import Nginx
from harness.media import CONTENT_TYPE, Media, answer_on, multipart, part, path_of, request_head
from harness.nginx import NGINX
from harness.samples import big_jpeg, png

pytest_plugins = ["media_fixtures"]
pytestmark = pytest.mark.skipif(not NGINX, reason="nginx is not installed")


@pytest.fixture
def front(tmp_path, started, service):
    """Media as the world sees it. Nobody chats here, so there is no broker."""
    nginx = Nginx(tmp_path / "nginx", login=service, broker=SimpleNamespace(ws_port=1))
    return Media(started.process(nginx).start().port)


@pytest.mark.parametrize("size", [1000, 100_000, 10_485_760])
def test_there_and_back(front, alice, size):
    data = big_jpeg(size)
    path = path_of(front.store(alice, data))
    assert front.fetch(path).bytes == data


def test_head_range_and_conditions(front, alice):
    data = big_jpeg(500_000)
    path = path_of(front.store(alice, data))
    head = front.fetch(path, method="HEAD")
    assert (head.status, head.headers["Content-Length"], head.headers["Accept-Ranges"]) == (200, "500000", "bytes")
    some = front.fetch(path, headers={"Range": "bytes=100-199"})
    assert (some.status, some.bytes, some.headers["Content-Range"]) == (206, data[100:200], "bytes 100-199/500000")
    assert front.fetch(path, headers={"Range": "bytes=500000-"}).status == 416
    assert front.fetch(path, headers={"If-None-Match": head.headers["ETag"]}).status == 304
    for name, value in (("X-Content-Type-Options", "nosniff"), ("Cache-Control", "public, max-age=31536000, immutable"),
                        ("Content-Security-Policy", "default-src 'none'; sandbox")):
        assert head.headers[name] == value


def test_chunked(front, alice):
    body = multipart(part(png(4, 5)))
    with front.open() as sock:
        sock.sendall(request_head({**alice.headers, "Content-Type": CONTENT_TYPE})
                     + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
        assert answer_on(sock).status == 200


@pytest.mark.parametrize("size", [10_485_761, 12_000_000, 40_000_000])
def test_too_big(front, alice, folder, size):
    """The service's own answer reaches the client, which sends on all the while."""
    answer = front.send(alice, big_jpeg(size))
    assert (answer.status, answer.error) == (413, "ERR_TOO_BIG")
    assert folder.is_empty()


@pytest.mark.parametrize("size", [1000, 300_000, 8_000_000])
def test_refusals_reach_the_client(front, alice, folder, size):
    for who, data, want in ((None, big_jpeg(size), (401, "ERR_INVALID_SESSION")),
                            (alice, b"\0" * size, (415, "ERR_UNSUPPORTED_MEDIA"))):
        for _ in range(5):
            answer = front.send(who, data)
            assert (answer.status, answer.error) == want
    assert folder.is_empty()


def test_refusal_while_the_client_waits(front, alice):
    with front.open() as sock:
        sock.sendall(request_head({**alice.headers, "Content-Type": CONTENT_TYPE}, length=3_000_000_000))
        began = time.monotonic()
        assert answer_on(sock).error == "ERR_TOO_BIG"
        assert time.monotonic() - began < 5


def test_slow_sender(front, service, alice):
    body = multipart(part(big_jpeg(60_000)))
    with front.open() as sock:
        sock.sendall(request_head({**alice.headers, "Content-Type": CONTENT_TYPE}, length=len(body)) + body[:100])
        service.wait_until(lambda: service.metrics()["media_uploads_inflight"] == 1, "the upload to begin")
        assert front.fetch("/session", headers=alice.headers).status == 200
        sock.sendall(body[100:])
        assert answer_on(sock).status == 200


def test_other_paths_lead_nowhere(front, alice):
    path = path_of(front.store(alice, png(1, 1)))
    for other in ("/media/../sessions.db", "/media/%2e%2e/sessions.db", "/media/incoming/x", "/media/", "/media/quota",
                  path + "/", path + "x", "/media//etc/passwd"):
        assert front.fetch(other).status == 404, other
