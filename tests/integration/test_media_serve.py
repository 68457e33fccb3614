"""GET and HEAD /media/<name>: conditions, ranges, what caches and browsers are told, and no way to any other file."""
import hashlib
import http.client
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.media import Media, path_of, request_head
from harness.samples import SAMPLES, big_jpeg, png

pytest_plugins = ["media_fixtures"]

SIZE = 1_300_000
DATA = big_jpeg(SIZE)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
CACHED = {"Cache-Control": "public, max-age=31536000, immutable"}


@pytest.fixture
def path(media, alice):
    return path_of(media.store(alice, DATA))


def must_have(got, headers):
    for name, value in headers.items():
        assert got.headers.get_all(name) == [value], (name, got.headers.items())


def etag_of(path):
    return f'"{path[len("/media/"):].split(".")[0]}"'


def test_whole(media, path):
    got = media.fetch(path)
    assert (got.status, got.bytes) == (200, DATA)
    must_have(got, {**ALWAYS, **CACHED, "Content-Length": str(SIZE), "Content-Type": "image/jpeg",
                    "Accept-Ranges": "bytes", "ETag": etag_of(path)})
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", got.headers["Last-Modified"])
    assert "Content-Range" not in got.headers


def test_head(media, path):
    whole, head = media.fetch(path), media.fetch(path, method="HEAD")
    assert (head.status, head.bytes) == (200, b"")
    for name in set(whole.headers) - {"Date"}:
        assert head.headers[name] == whole.headers[name], name
    assert media.fetch(path, method="HEAD", headers={"Range": "bytes=0-9"}).status == 200  # means nothing for HEAD
    assert media.fetch(path, method="HEAD", headers={"If-None-Match": etag_of(path)}).status == 304


RANGES = {
    "bytes=0-0": (0, 1), "bytes=0-": (0, SIZE), "bytes=100-199": (100, 100), "bytes=1299999-": (SIZE - 1, 1),
    "bytes=1299990-9999999999": (SIZE - 10, 10), "bytes=-1": (SIZE - 1, 1), "bytes=-99999999": (0, SIZE),
    "bytes=65535-1299998": (65535, SIZE - 65536), "BYTES= 5-9 ": (5, 5),
}


@pytest.mark.parametrize("asked", RANGES)
def test_one_range(media, path, asked):
    first, length = RANGES[asked]
    got = media.fetch(path, headers={"Range": asked})
    assert (got.status, got.bytes) == (206, DATA[first:first + length])
    must_have(got, {**ALWAYS, **CACHED, "Content-Range": f"bytes {first}-{first + length - 1}/{SIZE}",
                    "Content-Length": str(length), "Content-Type": "image/jpeg", "ETag": etag_of(path)})


@pytest.mark.parametrize("asked", ["bytes=0-9,20-29", "bytes=0-9, -5", "bytes=9-0", "bytes=x", "bytes=", "bytes=-",
                                   "lines=0-9", "bytes", "bytes=1-2-3", "bytes=" + "0-1," * 500])
def test_several_ranges_or_none_that_is_understood_give_the_whole(media, path, asked):
    got = media.fetch(path, headers={"Range": asked})
    assert (got.status, got.bytes) == (200, DATA)


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", "bytes=9999999-99999999", "bytes=-0",
                                   "bytes=99999999999999999999999-"])
def test_range_behind_the_end(media, path, asked):
    got = media.fetch(path, headers={"Range": asked})
    assert got.status == 416 and b"ERR_BAD_RANGE" in got.bytes
    must_have(got, {**ALWAYS, "Content-Range": f"bytes */{SIZE}", "Cache-Control": "no-store",
                    "Content-Type": "application/json; charset=utf-8"})


def test_if_none_match(media, path):
    tag = etag_of(path)
    for asked in (tag, f"W/{tag}", "*", f'"other", {tag}', f'"a", W/"b",{tag}'):
        got = media.fetch(path, headers={"If-None-Match": asked, "Range": "bytes=0-9"})
        assert (got.status, got.bytes) == (304, b""), asked
        must_have(got, {**CACHED, "ETag": tag})
        assert got.headers.get("Content-Length", str(SIZE)) == str(SIZE), "it would be that of the file"
        assert "Content-Type" not in got.headers and "Content-Range" not in got.headers
    for asked in ('"other"', tag[:-2] + '"', tag.strip('"'), "", '"'):
        assert media.fetch(path, headers={"If-None-Match": asked}).status == 200, asked


def test_if_modified_since(media, path):
    date = media.fetch(path).headers["Last-Modified"]
    assert media.fetch(path, headers={"If-Modified-Since": date}).status == 304
    for asked, status in (("Thu, 01 Jan 1970 00:00:00 GMT", 200), ("Fri, 31 Dec 9999 23:59:59 GMT", 304),
                          ("Sat, 31 Dec 9999 23:59:59 GMT", 200), ("tomorrow", 200)):
        assert media.fetch(path, headers={"If-Modified-Since": asked}).status == status, asked
    assert media.fetch(path, headers={"If-Modified-Since": date, "If-None-Match": '"other"'}).status == 200


def test_if_range(media, path):
    tag, date = etag_of(path), media.fetch(path).headers["Last-Modified"]
    for asked, status in ((tag, 206), (date, 206), ('"other"', 200), (f"W/{tag}", 200), ("*", 200),
                          ("Thu, 01 Jan 1970 00:00:00 GMT", 200)):
        got = media.fetch(path, headers={"If-Range": asked, "Range": "bytes=0-9"})
        assert (got.status, got.bytes) == (status, DATA[:10] if status == 206 else DATA), asked


def test_connection_goes_on(media, path):
    """Whole, part, unchanged, refused, on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", media.port, timeout=15)
    for headers, status, body in (({}, 200, DATA), ({"Range": "bytes=5-9"}, 206, DATA[5:10]),
                                  ({"If-None-Match": "*"}, 304, b""), ({"Range": "bytes=9999999-"}, 416, None)) * 2:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        got = answer.read()
        assert answer.status == status and (body is None or got == body)
    connection.close()


def test_who_has_the_url_reads(service, media, path, alice):
    assert media.fetch(path, headers={"X-WX-Skey": "nonsense"}).status == 200
    assert service.call("DELETE", "/session", headers=alice.headers).status == 204
    assert media.fetch(path).bytes == DATA


def test_any_page_may_show_it(media, path):
    must_have(media.fetch(path, headers={"Origin": "https://example.com"}), {"Access-Control-Allow-Origin": "*"})


def test_not_on_the_admin_listener(service, path):
    assert Media(service.admin_port).fetch(path).status == 404


HASH = hashlib.sha256(DATA).hexdigest()
STRANGE = [
    "", "/", ".", "..", "../", HASH, HASH + ".", HASH + ".jpe", HASH + ".jpg.html", HASH + ".html", HASH + ".JPG",
    HASH.upper() + ".jpg", HASH + ".jpg/", HASH + ".jpg%00", HASH + ".jpg%00.png", "./" + HASH + ".jpg",
    "%2e/" + HASH + ".jpg", "../media/" + HASH + ".jpg", "%2e%2e/sessions.db", "..%2fsessions.db", "../sessions.db",
    "../../../../etc/passwd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "..\\sessions.db", "..%5csessions.db",
    "incoming/x", "quota/20000", "quota", "incoming", "%c0%ae%c0%ae/sessions.db", "a" * 64 + ".jpg", "/etc/passwd",
    "%2fetc%2fpasswd", HASH + ".png", HASH[:-1] + ".jpg", "x" * 3000, "*", HASH + ".jpg;a=b", HASH + " .jpg"]


@pytest.mark.parametrize("name", STRANGE)
def test_no_other_file(service, media, path, tmp_path, name):
    """Whatever the path says, and although they all are there."""
    (tmp_path / "media" / "incoming" / "x").write_bytes(b"half a file")
    target = ("/media/" + name).encode()
    for method in (b"GET", b"HEAD"):
        with media.open() as sock:
            sock.sendall(method + b" " + target.replace(b" ", b"%20") + b" HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
            said = b""
            while more := sock.recv(65536):
                said += more
        assert said.split(b" ")[1] == b"404", (method, said)
        assert b"half a file" not in said and b"SQLite" not in said and b"root:" not in said
    assert media.fetch(path).status == 200


def test_query_is_not_the_name(media, path):
    assert media.fetch(path + "?x=../../etc/passwd").bytes == DATA
    assert media.fetch(path.replace("a", "%61")).bytes == DATA


def test_only_files(media, folder, path):
    """A link, a folder or a pipe in a file's place leads nowhere, and holds nobody up."""
    (folder.path / ("1" * 64 + ".jpg")).symlink_to("/etc/passwd")
    (folder.path / ("2" * 64 + ".jpg")).mkdir()
    os.mkfifo(folder.path / ("3" * 64 + ".jpg"))
    (folder.path / ("4" * 64 + ".jpg")).touch()
    for digit in "1234":
        assert media.fetch(f"/media/{digit * 64}.jpg").status == 404


def test_other_methods(media, path, alice):
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        got = media.fetch(path, method=method, headers=alice.headers)
        assert (got.status, got.headers["Allow"]) == (405, "GET, HEAD")
    assert media.fetch(path).status == 200


def test_swept_while_it_is_read(media, folder, path):
    with media.open() as sock:
        sock.sendall(request_head({}, length=0, path=path, method="GET"))
        got = sock.recv(1000)
        (folder.path / path[len("/media/"):]).unlink()
        assert media.fetch(path).status == 404
        want = got.index(b"\r\n\r\n") + 4 + SIZE
        while len(got) < want and (more := sock.recv(65536)):
            got += more
        assert got[got.index(b"\r\n\r\n") + 4:] == DATA


def test_slow_readers_hold_nobody_up(service, media, path):
    readers = []
    for _ in range(100):
        sock = media.open()
        sock.sendall(request_head({}, length=0, path=path, method="GET"))
        readers.append(sock)
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        assert all(got.bytes == DATA for got in pool.map(lambda _: media.fetch(path), range(40)))
    assert service.healthy() and time.monotonic() - began < 20
    for sock in readers:
        sock.close()


def test_every_type_has_its_own_content_type(media, alice):
    for sample in {s.ext: s for s in SAMPLES}.values():
        got = media.fetch(path_of(media.store(alice, sample.bytes)))
        must_have(got, {**ALWAYS, "Content-Type": sample.mime})


def test_hundred_thousand_files(media, folder, alice):
    """One folder of very many files is served and written as one of few."""
    stored = media.store(alice, png(9, 9))
    for n in range(100_000):
        os.close(os.open(folder.path / f"{n:064x}.png", os.O_CREAT | os.O_WRONLY))
    began = time.monotonic()
    for n in range(20):
        media.store(alice, png(9, 10 + n))
        assert media.fetch(path_of(stored)).status == 200
    assert time.monotonic() - began < 10
