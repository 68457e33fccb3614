"""How much, how many at once, how much memory: each limit has an answer of its own, as early as it is known."""
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from harness.media import CONTENT_TYPE, Media, answer_on, multipart, part, path_of, request_head
from harness.samples import big_jpeg, png

pytest_plugins = ["media_fixtures"]

MAX = 200_000


def status_kb(service, name):
    return int(re.search(rf"{name}:\s+(\d+)", Path(f"/proc/{service.pid}/status").read_text())[1])


def begin(media, session, body, sent, length=None):
    """An upload that has come as far as `sent` bytes."""
    sock = media.open()
    headers = {**session.headers, "Content-Type": CONTENT_TYPE}
    sock.sendall(request_head(headers, length=len(body) if length is None else length) + body[:sent])
    return sock


def under_way(service, count, timeout=25):
    service.wait_until(lambda: service.metrics()["media_uploads_inflight"] == count, f"{count} uploads", timeout=timeout)


def lost(service, count, timeout=25):
    """So many uploads were seen and left by their clients, and hold nothing any more. That none is under way is no sign
    of it: a connection that was opened and closed may not have been looked at yet."""
    service.wait_until(lambda: service.metrics()['media_uploads_total{outcome="left"}'] == count, f"{count} lost uploads",
                       timeout=timeout)
    under_way(service, 0)


# media_max_size

@pytest.fixture
def small(start_media):
    return start_media(media_max_size=MAX)


def test_size_to_the_byte(small, enter, folder):
    media, alice = Media(small.port), enter(small, "alice")
    media.store(alice, big_jpeg(MAX))
    answer = media.send(alice, big_jpeg(MAX + 1))
    assert (answer.status, answer.error) == (413, "ERR_TOO_BIG")
    assert len(folder.files()) == 1 and not folder.incoming()


def test_announced_too_big(small, enter, folder):
    """Not one byte of the body has to come."""
    media, alice = Media(small.port), enter(small, "alice")
    for length in (MAX + 70_000, 3_000_000_000, 2 ** 64 - 1):
        with begin(media, alice, b"", 0, length) as sock:
            answer = answer_on(sock)
        assert (answer.status, answer.error) == (413, "ERR_TOO_BIG"), length
    with media.open() as sock:
        sock.sendall(request_head({**alice.headers, "Content-Type": CONTENT_TYPE, "Expect": "100-continue"},
                                  length=MAX + 70_000))
        assert answer_on(sock).status == 413  # and no "100 Continue" before it
    assert folder.is_empty()


def test_chunked_and_too_big(small, enter, folder):
    """As soon as it is counted, though the body has no end."""
    media, alice = Media(small.port), enter(small, "alice")
    body = multipart(part(big_jpeg(5 * MAX)))
    with media.open() as sock:
        sock.sendall(request_head({**alice.headers, "Content-Type": CONTENT_TYPE}))
        for at in range(0, 2 * MAX, 1000):
            sock.sendall(b"3e8\r\n" + body[at:at + 1000] + b"\r\n")
        answer = answer_on(sock)
    assert (answer.status, answer.error) == (413, "ERR_TOO_BIG")
    under_way(small, 0)
    small.wait_until(folder.is_empty, "an empty folder")


# media_quota_per_user

DAY_S, A_TEST_S = 86400, 30


@pytest.fixture
def frugal(start_media):
    """300,000 bytes a day, on a day that does not end before the test does."""
    left_s = DAY_S - time.time() % DAY_S
    if left_s < A_TEST_S:
        time.sleep(left_s)
    return start_media(media_quota_per_user=300_000)


def must_be_over_quota(answer):
    assert (answer.status, answer.error) == (429, "ERR_QUOTA_EXCEEDED"), answer.text
    left = int(answer.headers["Retry-After"])
    assert 0 < left <= DAY_S and abs(left - (DAY_S - time.time() % DAY_S)) < A_TEST_S


def test_quota_to_the_byte(frugal, enter, folder):
    media, alice, bob = Media(frugal.port), enter(frugal, "alice"), enter(frugal, "bob")
    media.store(alice, big_jpeg(299_000))
    must_be_over_quota(media.send(alice, big_jpeg(1001)))
    media.store(alice, big_jpeg(1000))
    must_be_over_quota(media.send(alice, png(1, 1)))
    media.store(bob, big_jpeg(300_000))
    assert len(folder.files()) == 3 and not folder.incoming()


def test_quota_is_known_before_the_body(frugal, enter):
    media, alice = Media(frugal.port), enter(frugal, "alice")
    with begin(media, alice, b"", 0, 400_000) as sock:
        must_be_over_quota(answer_on(sock))
    media.store(alice, big_jpeg(300_000))
    with begin(media, alice, b"", 0, 100) as sock:
        must_be_over_quota(answer_on(sock))


def test_quota_of_chunked_bodies(frugal, enter, folder):
    media, alice = Media(frugal.port), enter(frugal, "alice")
    body = multipart(part(big_jpeg(900_000)))
    with media.open() as sock:
        sock.sendall(request_head({**alice.headers, "Content-Type": CONTENT_TYPE}))
        for at in range(0, 500_000, 1000):
            sock.sendall(b"3e8\r\n" + body[at:at + 1000] + b"\r\n")
        must_be_over_quota(answer_on(sock))
    under_way(frugal, 0)
    frugal.wait_until(folder.is_empty, "an empty folder")
    media.store(alice, big_jpeg(300_000))  # what was refused is not charged


def test_quota_outlives_restarts_and_sessions(frugal, enter):
    media, alice = Media(frugal.port), enter(frugal, "alice")
    media.store(alice, big_jpeg(150_000))
    frugal.kill()
    frugal.popen = None
    frugal.start()
    again = enter(frugal, "alice")
    assert again.uid == alice.uid
    must_be_over_quota(media.send(again, big_jpeg(150_001)))
    media.store(again, big_jpeg(150_000))  # the same content counts again


def test_quota_side_by_side(frugal, enter, folder):
    """Ten at once, of which three fit."""
    media, alice = Media(frugal.port), enter(frugal, "alice")
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda n: media.send(alice, big_jpeg(100_000, b"%d" % n)), range(10)))
    taken = [answer for answer in answers if answer.status == 200]
    for answer in answers:
        if answer.status != 200:
            must_be_over_quota(answer)
    assert 1 <= len(taken) <= 3 and len(folder.files()) == len(taken)


def test_refused_and_lost_uploads_cost_nothing(frugal, enter, folder):
    media, alice = Media(frugal.port), enter(frugal, "alice")
    for n in range(5):
        assert media.send(alice, b"\0" * 250_000).status == 415
        begin(media, alice, multipart(part(big_jpeg(250_000))), 200_000).close()
        lost(frugal, n + 1)
    media.store(alice, big_jpeg(300_000))


def test_upload_whose_end_came_with_its_last_bytes(service, media, alice):
    """The service is stopped meanwhile, so that it is told of both at once; it must not wait for more until it is
    tired of it, after ten seconds."""
    service.signal(signal.SIGSTOP)
    for kept in (10, 400, 20_000, 50_000):
        begin(media, alice, multipart(part(big_jpeg(250_000))), kept).close()
    service.signal(signal.SIGCONT)
    lost(service, 4, timeout=5)


def test_quota_of_nothing(start_media, enter, folder):
    service = start_media(media_quota_per_user=0)
    must_be_over_quota(Media(service.port).send(enter(service, "alice"), png(1, 1)))
    assert folder.is_empty()


# How many at once.

def test_uploads_of_one_user(service, media, alice, enter):
    """As many as there are places to spare; the rest is for others, ten for each."""
    body = multipart(part(png(40, 40)))
    open_ones = [begin(media, alice, body, 50) for _ in range(200)]
    under_way(service, 200)
    answer = media.post(alice, body)
    assert (answer.status, answer.error) == (429, "ERR_TOO_MANY_UPLOADS")
    assert int(answer.headers["Retry-After"]) > 0
    assert media.post(enter(service, "bob"), body).status == 200
    open_ones[0].sendall(body[50:])
    assert answer_on(open_ones[0]).status == 200
    assert media.post(alice, body).status == 200  # its place was free before its answer was out
    for sock in open_ones:
        sock.close()


def test_uploads_of_all(service, media, enter):
    people = [enter(service, f"person {n}") for n in range(27)]
    body = multipart(part(png(40, 40)))
    open_ones = [begin(media, people[n // 10], body, 50) for n in range(256)]
    under_way(service, 256)
    answer = media.post(people[26], body)
    assert (answer.status, answer.error) == (503, "ERR_BUSY") and int(answer.headers["Retry-After"]) > 0
    for sock in open_ones:
        sock.sendall(body[50:])
    assert all(answer_on(sock).status == 200 for sock in open_ones)
    assert media.post(people[26], body).status == 200
    for sock in open_ones:
        sock.close()


# Memory.

def test_memory_does_not_grow_with_the_file(settings, start_media, enter):
    if settings.sanitizer:
        pytest.skip("a sanitizer keeps what was freed")
    service = start_media(media_max_size="1G", media_quota_per_user="10G")
    media, alice = Media(service.port), enter(service, "alice")
    media.fetch(path_of(media.store(alice, big_jpeg(1_000_000))))
    before = status_kb(service, "VmHWM")
    data = big_jpeg(300_000_000)
    assert len(media.fetch(path_of(media.store(alice, data))).bytes) == len(data)
    assert status_kb(service, "VmHWM") - before < 2048


def test_memory_of_two_hundred_uploads(settings, start_media, enter):
    if settings.sanitizer:
        pytest.skip("a sanitizer keeps what was freed")
    service = start_media()
    media = Media(service.port)
    people = [enter(service, f"person {n}") for n in range(20)]
    media.store(people[0], big_jpeg(1_000_000))
    before = status_kb(service, "VmRSS")
    body = multipart(part(big_jpeg(3_000_000)))
    open_ones = [begin(media, people[n // 10], body, 1_000_000) for n in range(200)]
    under_way(service, 200)
    most = max(status_kb(service, "VmRSS") for _ in range(5))
    for sock in open_ones:
        sock.sendall(body[1_000_000:])
    assert all(answer_on(sock).status == 200 for sock in open_ones)
    grown_mb = (max(most, status_kb(service, "VmHWM")) - before) / 1024
    print(f"200 uploads at once: {grown_mb:.1f} MB")
    assert grown_mb < 20
    for sock in open_ones:
        sock.close()


# What the operator hears of it.

def test_refusals_say_in_the_log_whose_and_why(start_media, enter):
    """Before the body, in it, and at its end: in the words that the client gets."""
    service = start_media(media_max_size=MAX, media_quota_per_user=MAX + 1000)
    media, alice = Media(service.port), enter(service, "alice")
    with begin(media, alice, b"", 0, MAX + 70_000) as sock:
        answers = [answer_on(sock)]
    answers += [media.post(alice, b"{}", content_type="application/json"), media.send(alice, b"no media")]
    media.store(alice, big_jpeg(MAX))
    answers += [media.send(alice, big_jpeg(5000))]
    assert [answer.status for answer in answers] == [413, 400, 415, 429]
    said = re.findall(r'media\.refused uid=(\w+) sid=(\w+) bytes=\d+ why="(.*)"', service.log())
    assert said == [(alice.uid, alice.id[:8], answer.json["message"]) for answer in answers]
