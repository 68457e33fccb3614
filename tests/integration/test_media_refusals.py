"""POST /media with what must not be stored: each answer says why, nothing stays in the folder, the service goes on."""
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from harness.media import BOUNDARY, CONTENT_TYPE, Media, answer_on, chunks, multipart, part, path_of, request_head
from harness.samples import REFUSED, big_jpeg, png, read
from harness.wait import patience

pytest_plugins = ["media_fixtures"]

PICTURE = png(3, 4)


def must_still_work(media, session, folder):
    assert folder.is_empty()
    media.store(session, PICTURE)


def all_over(service):
    """No upload is under way. One that is lost together with its last bytes is noticed by its silence alone."""
    service.wait_until(lambda: service.metrics()["media_uploads_inflight"] == 0, "the uploads to end", timeout=25)


# What the file is.

@pytest.mark.parametrize("name, data", REFUSED, ids=[name for name, _ in REFUSED])
def test_what_is_no_media(media, alice, folder, name, data):
    """Whatever the client says it is."""
    answer = media.send(alice, data, filename="picture.jpg", kind="image/jpeg")
    assert (answer.status, answer.error) == (415, "ERR_UNSUPPORTED_MEDIA"), name
    must_still_work(media, alice, folder)


def test_big_files_of_no_type(media, alice, folder):
    """Refused in the middle of the body: the answer comes all the same."""
    for data in (b"\0" * 3_000_000, b"PK\x03\x04" + b"\0" * 3_000_000, read("picture.png")[:60] + b"\0" * 3_000_000):
        answer = media.send(alice, data)
        assert (answer.status, answer.error) == (415, "ERR_UNSUPPORTED_MEDIA")
    must_still_work(media, alice, folder)


# The form of the body.

def test_cut_at_every_byte(media, alice, folder):
    """Only the line break behind the last boundary may be missing, as RFC 2046 has it."""
    whole = multipart(part(b"x", name="field", filename=None), part(PICTURE))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: media.post(alice, whole[:n]), range(len(whole) - 2)))
    for n, answer in enumerate(answers):
        assert (answer.status, answer.error) == (400, "ERR_BAD_REQUEST"), (n, answer.text)
    assert folder.is_empty()
    for n in (2, 1, 0):
        assert media.post(alice, whole[:len(whole) - n]).status == 200


def test_connection_lost_at_every_byte(service, media, enter, alice, folder):
    """The length promises more than comes."""
    whole = multipart(part(PICTURE))
    cuts = range(0, len(whole), 3)
    people = [enter(service, f"person {n}") for n in range(len(cuts) // 8 + 1)]  # ten of one at once are too many
    for at, n in enumerate(cuts):
        with media.open() as sock:
            headers = {**people[at // 8].headers, "Content-Type": CONTENT_TYPE}
            sock.sendall(request_head(headers, length=len(whole)) + whole[:n])
    service.wait_until(lambda: service.metrics()['media_uploads_total{outcome="left"}'] == len(cuts), "all to be lost",
                       timeout=25)
    service.wait_until(folder.is_empty, "an empty folder")
    must_still_work(media, alice, folder)


def test_big_uploads_lost_half_way(service, media, alice, folder):
    body = multipart(part(big_jpeg(3_000_000)))
    headers = {**alice.headers, "Content-Type": CONTENT_TYPE}
    for how in range(8):
        with media.open() as sock:
            sock.sendall(request_head(headers, length=len(body)) + body[:how * 300_000 + 5])
    service.wait_until(lambda: service.metrics()['media_uploads_total{outcome="left"}'] == 8, "all to be lost", timeout=25)
    service.wait_until(folder.is_empty, "an empty folder")
    must_still_work(media, alice, folder)


HEAD = b'Content-Disposition: form-data; name="f"; filename="a.png"\r\n'
OPEN = f"--{BOUNDARY}\r\n".encode()
CLOSE = f"\r\n--{BOUNDARY}--\r\n".encode()

BAD_BODIES = {
    "nothing": b"",
    "no file": multipart(part(b"x", name="a", filename=None), part(PICTURE, name="file", filename=None)),
    "no part": f"--{BOUNDARY}--\r\n".encode(),
    "another boundary": multipart(part(PICTURE), boundary="other"),
    "boundary with more behind it": multipart(part(PICTURE), boundary=BOUNDARY + "x"),
    "the file alone": PICTURE,
    "text before the first boundary": b"hello\r\n" + multipart(part(PICTURE)),
    "two files": multipart(part(PICTURE), part(png(5, 5))),
    "the same file twice": multipart(part(PICTURE), part(PICTURE)),
    "too many parts": multipart(*[part(b"", name="x", filename=None)] * 40, part(PICTURE)),
    "a part that is no form data": OPEN + b"Content-Disposition: attachment; filename=a\r\n\r\n" + PICTURE + CLOSE,
    "base64": OPEN + HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + PICTURE + CLOSE,
    "folded header": OPEN + HEAD + b" more\r\n\r\n" + PICTURE + CLOSE,
    "header without colon": OPEN + HEAD + b"hello\r\n\r\n" + PICTURE + CLOSE,
    "control character in a header": OPEN + HEAD + b"A: \x01\r\n\r\n" + PICTURE + CLOSE,
    "huge header": OPEN + HEAD + b"A: " + b"x" * 20_000 + b"\r\n\r\n" + PICTURE + CLOSE,
    "huge file name": OPEN + HEAD.replace(b"a.png", b"a" * 20_000) + b"\r\n" + PICTURE + CLOSE,
    "many headers": OPEN + HEAD + b"A: b\r\n" * 3000 + b"\r\n" + PICTURE + CLOSE,
    "boundary that does not end its line": OPEN[:-2] + b" x\r\n" + HEAD + b"\r\n" + PICTURE + CLOSE,
    "JSON": json.dumps({"file": "x"}).encode(),
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_bad_bodies(media, alice, folder, body):
    answer = media.post(alice, body)
    assert (answer.status, answer.error) == (400, "ERR_BAD_REQUEST"), answer.text
    must_still_work(media, alice, folder)


@pytest.mark.parametrize("content_type", [
    "image/jpeg", "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=" + BOUNDARY,
    "multipart/form-data; boundary=" + "b" * 71, "application/x-www-form-urlencoded", "", "multipart/form-data; boundary",
    f'multipart/form-data; boundary="{BOUNDARY}', f"multipart/form-data; boundary={BOUNDARY}; boundary=x"])
def test_bad_content_types(media, alice, folder, content_type):
    answer = media.post(alice, multipart(part(PICTURE)), content_type=content_type)
    assert (answer.status, answer.error) == (400, "ERR_BAD_REQUEST")
    must_still_work(media, alice, folder)


def test_fields_are_bounded(media, alice, folder):
    for body in (multipart(part(b"x" * 70_000, name="a", filename=None), part(PICTURE)),
                 multipart(part(PICTURE), part(b"x" * 2_000_000, name="a", filename=None)),
                 multipart(part(PICTURE)) + b"x" * 2_000_000):
        answer = media.post(alice, body)
        assert (answer.status, answer.error) == (413, "ERR_TOO_BIG")
    must_still_work(media, alice, folder)


@pytest.mark.parametrize("head, status", [
    (b"Content-Length: abc\r\n", b"400"), (b"Content-Length: -5\r\n", b"400"), (b"Content-Length: 5x\r\n", b"400"),
    (b"Content-Length: 99999999999999999999999\r\n", b"413"), (b"Content-Length: 18446744073709551615\r\n", b"413"),
    (b"Content-Length: 0\r\n", b"400"), (b"", b"400"), (b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
    (b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n", b"4"),
    (b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"400")])
def test_wrong_lengths(service, media, alice, folder, head, status):
    headers = "".join(f"{name}: {value}\r\n" for name, value in alice.headers.items())
    said = media_raw(media, b"POST /media HTTP/1.1\r\nHost: t\r\nContent-Type: " + CONTENT_TYPE.encode() + b"\r\n"
                     + headers.encode() + head + b"\r\n")
    assert said.startswith(b"HTTP/1.1 " + status), said
    must_still_work(media, alice, folder)


def media_raw(media, sent):
    """What comes back for these bytes, the other side half-closed."""
    with media.open() as sock:
        sock.sendall(sent)
        sock.shutdown(1)
        got = b""
        while more := sock.recv(65536):
            got += more
        return got


def test_huge_headers_of_the_request(media, alice, folder):
    for headers in ({"X-More": "x" * 40_000}, {f"X-{n}": "x" * 100 for n in range(400)},
                    {"X-WX-Skey": "x" * 15_000}, {"Content-Type": CONTENT_TYPE + "; x=" + "x" * 15_000}):
        with media.open() as sock:
            sock.sendall(request_head({**alice.headers, "Content-Type": CONTENT_TYPE, **headers}, length=10))
            assert answer_status(sock) in (400, 413, 431)
    must_still_work(media, alice, folder)


def answer_status(sock):
    line = b""
    while b"\r\n" not in line and (more := sock.recv(1000)):
        line += more
    return int(line.split(b" ")[1])


@pytest.mark.parametrize("name", ["../../../tmp/x.png", "/etc/passwd", "..", "a/b", "a\\b", "%2e%2e%2fx", "x" * 5000,
                                  "图片.png", "-rf", "con", "a;b", "", "a\t.png", "a\\"])
def test_file_names_mean_nothing(media, alice, folder, tmp_path, name):
    before = sorted(path.name for path in tmp_path.iterdir())
    stored = media.store(alice, PICTURE, filename=name)
    assert folder.files() == [stored["sha256"] + ".png"]
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_other_methods(media, alice):
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        got = media.fetch("/media", method=method, headers=alice.headers)
        assert (got.status, got.headers["Allow"]) == (405, "POST")


# Who sends.

def test_only_a_live_session(service, media, alice, enter, keys, folder):
    body = multipart(part(PICTURE))
    bob, carol, dave = (enter(service, name) for name in ("bob", "carol", "dave"))
    service.order("revoke", sid=bob.id)
    service.order("ban", uid=carol.uid, seconds=60)
    assert service.call("DELETE", "/session", headers=dave.headers).status == 204
    forged = keys.forge(keys.claims(sub=alice.uid, jti="q" * 26))
    for headers, want in (({}, (401, "ERR_INVALID_SESSION")), ({"X-WX-Id": alice.id}, (401, "ERR_INVALID_SESSION")),
                          (bob.headers, (401, "ERR_INVALID_SESSION")), (carol.headers, (403, "ERR_BANNED")),
                          (dave.headers, (401, "ERR_INVALID_SESSION")),
                          ({"X-WX-Skey": forged}, (401, "ERR_INVALID_SESSION")),
                          ({"X-WX-Id": bob.id, "X-WX-Skey": alice.skey}, (401, "ERR_INVALID_SESSION"))):
        answer = media.post(None, body, headers=headers)
        assert (answer.status, answer.error) == want, headers
    must_still_work(media, alice, folder)


ENDS = {
    "revoked": lambda service, who: service.order("revoke", sid=who.id),
    "all of the user revoked": lambda service, who: service.order("revoke", uid=who.uid),
    "logged out": lambda service, who: service.call("DELETE", "/session", headers=who.headers),
    "banned": lambda service, who: service.order("ban", uid=who.uid, seconds=60),
}


@pytest.mark.parametrize("how", ENDS)
def test_session_that_ends_in_the_middle(start_media, enter, folder, how):
    """Nothing is stored, and nothing of the day's bytes is gone."""
    service = start_media(media_quota_per_user=100_000)
    media, alice = Media(service.port), enter(service, "alice")
    body = multipart(part(big_jpeg(90_000)))
    with media.open() as sock:
        sock.sendall(request_head({**alice.headers, "Content-Type": CONTENT_TYPE}, length=len(body)) + body[:60_000])
        service.wait_until(folder.incoming, "the upload to be under way")
        ENDS[how](service, alice)
        sock.sendall(body[60_000:])
        answer = answer_on(sock)
    assert (answer.status, answer.error) == ((403, "ERR_BANNED") if how == "banned" else (401, "ERR_INVALID_SESSION"))
    assert folder.is_empty()
    if how == "banned":
        service.order("unban", uid=alice.uid)
    media.store(enter(service, "alice"), big_jpeg(90_000))


def test_session_that_expires_in_the_middle(start_media, enter, folder):
    service = start_media(session_ttl="2s")
    media, alice = Media(service.port), enter(service, "alice")
    body = multipart(part(PICTURE))
    with media.open() as sock:
        sock.sendall(request_head({**alice.headers, "Content-Type": CONTENT_TYPE}, length=len(body)) + body[:50])
        service.wait_until(lambda: service.call("GET", "/auth", headers=alice.headers).status == 401, "the session's end")
        sock.sendall(body[50:])
        answer = answer_on(sock)
    assert (answer.status, answer.error) == (401, "ERR_INVALID_SESSION")
    assert folder.is_empty()


def test_session_that_is_renewed_in_the_middle(media, service, alice):
    body = multipart(part(PICTURE))
    with media.open() as sock:
        sock.sendall(request_head({**alice.headers, "Content-Type": CONTENT_TYPE}, length=len(body)) + body[:50])
        service.wait_until(lambda: service.metrics()["media_uploads_inflight"] == 1, "the upload to begin")
        service.renew(alice)
        sock.sendall(body[50:])
        assert answer_on(sock).status == 200


def test_session_is_asked_before_the_body(media, alice):
    """The answer is there although not one byte of the body is."""
    for headers, status in (({}, 401), ({**alice.headers, "Content-Type": "text/plain"}, 400)):
        with media.open() as sock:
            sock.sendall(request_head({"Content-Type": CONTENT_TYPE, **headers}, length=5_000_000))
            answer = answer_on(sock)
        assert answer.status == status and answer.headers["Connection"] == "close"


@pytest.mark.parametrize("size", [200_000, 9_000_000])
def test_refused_clients_that_send_on_see_the_answer(media, folder, size):
    """One that looks for the answer only when all is sent."""
    body = multipart(part(b"\0" * size))
    with media.open() as sock:
        sock.sendall(request_head({"Content-Type": CONTENT_TYPE}, length=len(body)))
        time.sleep(0.2)  # the answer is on its way, and still the client sends
        sock.sendall(body)
        answer = answer_on(sock)
    assert (answer.status, answer.error) == (401, "ERR_INVALID_SESSION")
    assert folder.is_empty()


def test_no_media_store(start_login, enter):
    service = start_login()
    alice = enter(service, "alice")
    answer = Media(service.port).send(alice, PICTURE)
    assert (answer.status, answer.error) == (404, "ERR_NOT_FOUND")
    assert Media(service.port).fetch("/media/" + "a" * 64 + ".png").status == 404


# Who takes long.

def test_slow_senders_cost_no_thread(service, media, alice, enter):
    """Hundreds of connections that send a byte now and then; everybody else is served as ever."""
    people = [enter(service, f"person {n}") for n in range(24)]
    body = multipart(part(big_jpeg(90_000)))
    slow = []
    try:
        for n in range(240):
            sock = media.open()
            headers = {**people[n // 10].headers, "Content-Type": CONTENT_TYPE}
            sock.sendall(request_head(headers, length=len(body)) + body[:100 + n * 200])
            slow.append(sock)
        service.wait_until(lambda: service.metrics()["media_uploads_inflight"] == 240, "all to be under way")
        threads = len(list(Path(f"/proc/{service.pid}/task").iterdir()))
        assert threads < 40
        for n in range(3):
            began = time.monotonic()
            assert service.healthy()
            media.store(alice, big_jpeg(1_000_000 + n))
            assert time.monotonic() - began < patience(5)
            for sock in slow:
                sock.sendall(body[100:101])
        last = slow[-1]
        last.sendall(body[100 + 239 * 200 + 3:])  # three bytes of a comment are others: a picture all the same
        assert answer_on(last).status == 200
    finally:
        for sock in slow:
            sock.close()
    all_over(service)


def test_silent_senders_are_dropped(service, media, alice, folder):
    """Nobody holds a place for longer than some seconds without a byte."""
    with media.open() as sock:
        sock.sendall(request_head({**alice.headers, "Content-Type": CONTENT_TYPE}, length=100_000) + b"--")
        service.wait_until(lambda: service.metrics()["media_uploads_inflight"] == 1, "the upload to begin")
        all_over(service)
    must_still_work(media, alice, folder)


def test_chunked_nonsense_then_good(media, alice, folder):
    """A body in chunks that is cut in its form only."""
    body = multipart(part(PICTURE))
    with media.open() as sock:
        sock.sendall(request_head({**alice.headers, "Content-Type": CONTENT_TYPE}) + chunks(body[:-8], 9))
        answer = answer_on(sock)
        assert (answer.status, answer.error) == (400, "ERR_BAD_REQUEST")
        sock.sendall(request_head({**alice.headers, "Content-Type": CONTENT_TYPE}) + chunks(body, 9))
        assert answer_on(sock).status == 200  # on the same connection: the body was read to its end
    assert media.fetch(path_of({"url": "/" + folder.files()[0]})).bytes == PICTURE
