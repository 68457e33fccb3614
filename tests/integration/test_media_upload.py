"""POST /media with good files: stored once under the name of their content, and nothing else stays."""
import hashlib
import os
import socket
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.media import BOUNDARY, MEDIA_URL, Media, answer_on, chunks, multipart, part, path_of, request_head
from harness.samples import SAMPLES, big_jpeg, png

pytest_plugins = ["media_fixtures"]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_every_type(media, alice, folder, sample):
    """Told by the content; name and type that the client gives mean nothing."""
    answer = media.store(alice, sample.bytes, name="whatever", filename="../../etc/passwd.html", kind="text/html")
    name = f"{hashlib.sha256(sample.bytes).hexdigest()}.{sample.ext}"
    assert answer["url"] == MEDIA_URL + name
    assert (answer["type"], answer.get("width"), answer.get("height")) == (sample.mime, sample.width, sample.height)
    assert folder.files() == [name] and not folder.incoming()
    assert (folder.path / name).read_bytes() == sample.bytes
    got = media.fetch(path_of(answer))
    assert (got.status, got.bytes, got.headers["Content-Type"]) == (200, sample.bytes, sample.mime)


def test_answer(media, alice):
    """Exactly what DESIGN says, and the turn of a camera where there is one."""
    plain, turned = (next(s for s in SAMPLES if s.name == name) for name in ("baseline.jpg", "turned-little-endian.jpg"))
    assert set(media.store(alice, plain.bytes)) == {"url", "type", "size", "sha256", "width", "height"}
    assert media.store(alice, turned.bytes)["orientation"] == 6
    sound = next(s for s in SAMPLES if s.name == "sound.aac")
    assert set(media.store(alice, sound.bytes)) == {"url", "type", "size", "sha256"}


def test_modes(service, media, alice, folder):
    answer = media.store(alice, png(3, 4))
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder.path, folder.path / path_of(answer)[7:])]
    assert modes == [0o750, 0o640]


def test_same_content_once(service, media, alice, enter, folder):
    bob = enter(service, "bob")
    data = big_jpeg(300_000)
    answers = [media.store(who, data, filename=name) for who, name in ((alice, "a.jpg"), (bob, "b.png"), (alice, "c"))]
    assert answers[0] == answers[1] == answers[2]
    assert len(folder.files()) == 1 and not folder.incoming()


def test_same_content_at_once(service, media, enter, folder):
    people = [enter(service, f"person {n}") for n in range(4)]
    data = big_jpeg(1_500_000)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: media.store(people[n % 4], data), range(16)))
    assert all(answer == answers[0] for answer in answers)
    assert len(folder.files()) == 1 and not folder.incoming()
    assert media.fetch(path_of(answers[0])).bytes == data


def test_many_at_once(service, media, enter, folder):
    people = [enter(service, f"person {n}") for n in range(8)]
    files = [big_jpeg(200_000 + n, b"%d" % n) for n in range(48)]
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda n: media.store(people[n % 8], files[n]), range(48)))
    assert len(folder.files()) == 48
    for answer, data in zip(answers, files):
        assert media.fetch(path_of(answer)).bytes == data


@pytest.mark.parametrize("size", [1000, 49_000, 49_152, 49_153, 65_536, 98_304, 1_000_000, 10_485_760])
def test_sizes(media, alice, size):
    """Around the sizes of windows and pieces, and up to the limit to the byte."""
    data = big_jpeg(size)
    assert media.fetch(path_of(media.store(alice, data))).bytes == data


def test_fields_beside_the_file(media, alice, folder):
    fields = [part(b"x" * 30, name=f"field {n}", filename=None) for n in range(10)]
    for body in (multipart(*fields, part(png(1, 1))), multipart(part(png(1, 2)), *fields),
                 multipart(part(b"", name="empty", filename=None), part(png(1, 3)), *fields)):
        assert media.post(alice, body).status == 200
    assert len(folder.files()) == 3


@pytest.mark.parametrize("size", [1, 7, 1000, 100_000])
def test_chunked(media, alice, size):
    data = big_jpeg(3000 if size == 1 else 200_000)
    headers = {**alice.headers, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    with media.open() as sock:
        sock.sendall(request_head(headers) + chunks(multipart(part(data)), size))
        answer = answer_on(sock)
    assert (answer.status, answer.json["sha256"]) == (200, hashlib.sha256(data).hexdigest())


def test_in_small_pieces(media, alice):
    """Every cut between packets is the same to the service."""
    data = png(5, 6)
    body = multipart(part(data))
    headers = {**alice.headers, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    with media.open() as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in request_head(headers, length=len(body)) + body:
            sock.sendall(bytes([byte]))
        assert answer_on(sock).json["sha256"] == hashlib.sha256(data).hexdigest()


def test_connection_goes_on(media, alice):
    """One after the other on one connection, with other calls between."""
    headers = {**alice.headers, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    with media.open() as sock:
        for n in range(5):
            body = multipart(part(big_jpeg(70_000 + n)))
            sock.sendall(request_head(headers, length=len(body)) + body)
            assert answer_on(sock).json["size"] == 70_000 + n
            sock.sendall(request_head(alice.headers, length=0, path="/session", method="GET"))
            assert answer_on(sock).status == 200


def test_expect_continue(media, alice):
    body = multipart(part(big_jpeg(200_000)))
    headers = {**alice.headers, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Expect": "100-continue"}
    with media.open() as sock:
        sock.sendall(request_head(headers, length=len(body)))
        assert sock.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(body)
        assert answer_on(sock).status == 200


def test_session_in_the_query_or_as_bearer(media, alice):
    body = multipart(part(png(2, 2)))
    for path, headers in ((f"/media?X-WX-Id={alice.id}&X-WX-Skey={alice.skey}", {}), ("/media", alice.bearer)):
        headers = {**headers, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        with media.open() as sock:
            sock.sendall(request_head(headers, length=len(body), path=path) + body)
            assert answer_on(sock).status == 200


def test_media_url_without_its_slash(start_media, enter):
    service = start_media(media_url="https://chat.example.com/media")
    answer = Media(service.port).store(enter(service, "alice"), png(2, 3))
    assert answer["url"] == MEDIA_URL + answer["sha256"] + ".png"


def test_what_was_stored_outlives_a_restart(service, media, alice, folder):
    stored = media.store(alice, big_jpeg(100_000))
    service.restart()
    assert media.fetch(path_of(stored)).bytes == big_jpeg(100_000)
    assert os.listdir(folder.path / "incoming") == []


def test_metrics(service, media, alice):
    before = service.metrics()
    assert before['media_uploads_total{outcome="ok"}'] == 0
    stored = media.store(alice, png(2, 3))
    media.fetch(path_of(stored))
    media.send(alice, b"text")
    after = service.metrics()
    assert after['media_uploads_total{outcome="ok"}'] == 1
    assert after['media_uploads_total{outcome="unsupported_media"}'] == 1
    assert after["media_upload_bytes_total"] == stored["size"]
    assert after["media_files_served_total"] == 1 and after["media_uploads_inflight"] == 0
