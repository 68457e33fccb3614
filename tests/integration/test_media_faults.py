"""Full disks, kill -9, two services on one folder, sweeps: nothing half-written is ever to be seen, nothing stays."""
import fcntl
import os
import resource
import signal
import stat
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import LoginService, Wire
from harness.media import MEDIA_URL, Media, answer_on, multipart, part, path_of
from harness.samples import big_jpeg, png
from harness.wait import patience
from test_media_limits import begin, under_way
from test_session_faults import fill, small_disk  # noqa: F401

pytest_plugins = ["media_fixtures"]


# A full disk.

def must_be_full(answer):
    assert (answer.status, answer.error) == (507, "ERR_STORAGE_FULL"), answer.text


@pytest.mark.root
def test_full_disk(start_media, enter, small_disk):  # noqa: F811
    service = start_media(media_store=small_disk / "media")
    media, alice = Media(service.port), enter(service, "alice")
    kept = media.store(alice, big_jpeg(100_000))
    must_be_full(media.send(alice, big_jpeg(1_200_000)))  # in the middle of the file
    assert os.listdir(small_disk / "media" / "incoming") == []
    media.store(alice, big_jpeg(200_000))  # the place is free again
    filler = fill(small_disk)
    must_be_full(media.send(alice, big_jpeg(50_000)))
    must_be_full(media.send(alice, png(1, 1)))
    assert os.listdir(small_disk / "media" / "incoming") == []
    assert media.fetch(path_of(kept)).bytes == big_jpeg(100_000) and service.healthy()
    filler.unlink()
    media.store(alice, png(1, 1))
    assert "media.write_failed" in service.log()


@pytest.mark.root
def test_nearly_full_disk(start_media, enter, small_disk):  # noqa: F811
    """The last page may be wanted at any step: for the file, for the count of what was sent, for the name."""
    service = start_media(media_store=small_disk / "media")
    media, alice = Media(service.port), enter(service, "alice")
    fill(small_disk)
    filler = small_disk / "filler"
    statuses = []
    for n in range(40):
        os.truncate(filler, filler.stat().st_size - 4096)
        for extra in range(3):
            before = set(os.listdir(small_disk / "media"))
            answer = media.send(alice, big_jpeg(5_000 + n, b"%d" % extra))
            statuses.append(answer.status)
            assert answer.status in (200, 507), answer.text
            after = set(os.listdir(small_disk / "media"))
            assert len(after - before) == (answer.status == 200)
            assert os.listdir(small_disk / "media" / "incoming") == []
    assert {200, 507} == set(statuses)


def test_limit_on_the_size_of_files(start_media, enter, folder):
    """What a disk quota or `ulimit -f` does; also for who is not root."""
    service = start_media()
    media, alice = Media(service.port), enter(service, "alice")
    resource.prlimit(service.pid, resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
    must_be_full(media.send(alice, big_jpeg(500_000)))
    assert folder.is_empty()
    media.store(alice, big_jpeg(300_000))
    resource.prlimit(service.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    media.store(alice, big_jpeg(500_000))


def test_folder_that_is_gone(service, media, alice, folder):
    """No answer is made up, and the service stays."""
    stored = media.store(alice, png(1, 1))
    folder.path.rename(folder.path.parent / "moved")
    assert media.fetch(path_of(stored)).status == 200  # the folder is held open, whatever its name
    (folder.path.parent / "moved" / "incoming").rmdir()
    answer = media.send(alice, png(1, 2))
    assert (answer.status, answer.error) == (500, "ERR_INTERNAL")
    assert service.healthy()


def test_slow_disk(service, media, alice, enter, folder):
    """It holds up those who wait for it, for longer than a silent connection may last, and nobody else."""
    stored = media.store(alice, png(1, 1))
    lock = os.open(folder.path / "incoming", os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)  # what a sweep does for a moment
    try:
        with ThreadPoolExecutor(20) as pool:
            others = [enter(service, name) for name in ("bob", "carol")]
            waiting = [pool.submit(media.store, others[n % 2], big_jpeg(50_000 + n)) for n in range(20)]
            service.wait_until(lambda: service.metrics()["media_uploads_inflight"] == 20, "all to wait")
            for _ in range(12):
                began = time.monotonic()
                assert service.healthy() and media.fetch(path_of(stored)).status == 200
                assert media.fetch("/session", headers=alice.headers).status == 200
                assert time.monotonic() - began < patience(3)
                time.sleep(1)
            fcntl.flock(lock, fcntl.LOCK_UN)
            assert all(one.result()["size"] for one in waiting)
    finally:
        os.close(lock)


# Death in the middle.

def test_killed_in_the_middle(service, media, alice, folder):
    body = multipart(part(big_jpeg(2_000_000)))
    open_ones = [begin(media, alice, body, 300_000 + n) for n in range(5)]
    service.wait_until(lambda: len(folder.incoming()) == 5, "five files to be under way")
    assert folder.files() == []
    service.kill()
    service.popen = None
    assert len(folder.incoming()) == 5  # what a crash leaves behind
    service.start()
    assert folder.is_empty()
    for sock in open_ones:
        sock.close()
    media.store(alice, big_jpeg(2_000_000))


def test_stopped_in_the_middle(service, media, alice, folder):
    """SIGTERM: ends well, and leaves nothing behind."""
    body = multipart(part(big_jpeg(2_000_000)))
    open_ones = [begin(media, alice, body, 300_000) for _ in range(5)]
    service.wait_until(lambda: len(folder.incoming()) == 5, "five files to be under way")
    service.stop()
    assert folder.is_empty()
    for sock in open_ones:
        sock.close()


def test_upload_under_way_is_finished_before_the_stop(service, media, alice, folder):
    body = multipart(part(big_jpeg(600_000)))
    sock = begin(media, alice, body, 300_000)
    service.wait_until(lambda: len(folder.incoming()) == 1, "the file to be under way")
    service.signal(signal.SIGTERM)
    service.wait_for_log("stop.begin")
    sock.sendall(body[300_000:])
    assert answer_on(sock).status == 200
    sock.close()
    assert len(folder.files()) == 1


def test_another_service_on_the_same_folder(service, media, alice, folder, settings, tmp_path, keys, standin, started):
    """Its start takes nothing away from who is alive."""
    body = multipart(part(big_jpeg(600_000)))
    sock = begin(media, alice, body, 300_000)
    service.wait_until(lambda: len(folder.incoming()) == 1, "the file to be under way")
    (tmp_path / "second").mkdir()
    (folder.path / "incoming" / "0123456789abcdef").write_bytes(b"of the dead")
    second = LoginService(settings, tmp_path / "second", keys=keys, wechat_url=standin.url, config=service.config)
    started.process(second).start()
    assert "0123456789abcdef" not in folder.incoming() and len(folder.incoming()) == 1
    sock.sendall(body[300_000:])
    answer = answer_on(sock)
    assert answer.status == 200
    sock.close()
    assert Media(second.port).fetch(path_of(answer.json)).bytes == big_jpeg(600_000)


# Sweeping.

def sweep(service, age, status=0):
    done = subprocess.run([service.settings.login_service, "-c", service.conf_path, "--sweep-media", age],
                          capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def make_old(folder, stored, days):
    at = time.time() - days * 86400
    os.utime(folder.path / stored["url"].rsplit("/", 1)[1], (at, at))


def test_sweep(service, media, alice, folder):
    old, older, young = (media.store(alice, png(9, n)) for n in (1, 2, 3))
    make_old(folder, old, 91)
    make_old(folder, older, 500)
    make_old(folder, young, 89)
    assert sweep(service, "90d") == f"removed 2 files, {old['size'] + older['size']} bytes\n"
    assert [media.fetch(path_of(one)).status for one in (old, older, young)] == [404, 404, 200]
    assert sweep(service, "90d") == "removed 0 files, 0 bytes\n"
    assert media.store(alice, png(9, 1)) == old  # it may come again


def test_what_comes_again_is_young_again(service, media, alice, folder):
    stored = media.store(alice, png(9, 1))
    make_old(folder, stored, 100)
    media.store(alice, png(9, 1))
    assert sweep(service, "90d") == "removed 0 files, 0 bytes\n"
    assert media.fetch(path_of(stored)).status == 200


def test_sweep_beside_uploads_of_the_same(start_media, enter, folder):
    """Whoever was told that his file is stored has it, however often the sweep goes by: each file has become old just
    before it comes again."""
    service = start_media(media_quota_per_user="10G")
    media, alice = Media(service.port), enter(service, "alice")
    files = [big_jpeg(20_000, b"%d" % n) for n in range(5)]
    over, said = threading.Event(), []

    def keep_sweeping():
        while not over.is_set():
            said.append(sweep(service, "90d"))

    sweepers = [threading.Thread(target=keep_sweeping) for _ in range(2)]
    for sweeper in sweepers:
        sweeper.start()
    try:
        stored = [media.store(alice, data) for data in files]
        for n in range(300):
            try:
                make_old(folder, stored[n % 5], 91)
            except FileNotFoundError:
                pass  # swept in time
            media.store(alice, files[n % 5])
            assert media.fetch(path_of(stored[n % 5])).bytes == files[n % 5], n
    finally:
        over.set()
        for sweeper in sweepers:
            sweeper.join()
    assert any("removed 0" not in one for one in said) and not folder.incoming()


@pytest.mark.parametrize("age", ["", "0", "0d", "90", "-1d", "x", "90y", "99999999999999999999d"])
def test_ages_that_are_none(service, age):
    done = subprocess.run([service.settings.login_service, "-c", service.conf_path, "--sweep-media", age],
                          capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2 and "such as 90d" in done.stderr


def test_sweep_with_an_equals_sign(service):
    for age, status, says in (("90d", 0, "removed 0 files"), ("", 2, "such as 90d"), ("x", 2, "such as 90d")):
        done = subprocess.run([service.settings.login_service, f"--sweep-media={age}", "-c", service.conf_path],
                              capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == status and says in done.stdout + done.stderr


def test_sweep_where_no_service_was_yet(start_media, folder):
    """Files that were brought from elsewhere; nothing is made beside them."""
    service = start_media(start=False)
    service.write_config()
    folder.path.mkdir()
    old = {"url": "/" + "0" * 64 + ".png"}
    (folder.path / old["url"][1:]).write_bytes(png(1, 1))
    (folder.path / ("1" * 64 + ".png")).write_bytes(png(1, 2))
    make_old(folder, old, 91)
    assert sweep(service, "90d").startswith("removed 1 files")
    assert folder.files() == ["1" * 64 + ".png"] and not (folder.path / "incoming").exists()


def test_sweep_of_nothing(start_login, start_media, folder):
    service = start_login()
    assert "media_store" in sweep(service, "90d", status=1)
    service.stop()
    service.config = {"media_store": folder.path, "media_url": MEDIA_URL}
    service.write_config()
    assert "media_store" in sweep(service, "90d", status=1)
    assert not folder.path.exists()  # and it makes none


# Places that will not do.

def test_config_is_tested(start_media, tmp_path, folder):
    (tmp_path / "file").touch()
    for place, good in ((tmp_path / "new", True), (tmp_path / "no" / "such", False), (tmp_path / "file", False)):
        service = start_media(start=False, media_store=place)
        service.write_config()
        done = subprocess.run([*service.args, "--test-config"], capture_output=True, text=True, check=False, timeout=30)
        assert (done.returncode == 0) == good, done.stderr
        assert good or "media_store: " in done.stderr
        assert not (tmp_path / "new").exists()
        if not good:
            assert "media_store: " in service.refuses_to_start()


def test_folder_is_made(start_media, folder):
    start_media()
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o750


# From one to the other.

@pytest.mark.parametrize("version", [4, 5])
def test_picture_goes_from_one_to_the_other(service, media, enter, start_broker, connect, version):
    """Uploaded by one, said in the room, loaded by another."""
    broker = start_broker(options={"store": f"sqlite:{service.store}", "media_url": MEDIA_URL})
    sessions = [enter(service, name) for name in ("alice", "bob")]
    alice, bob = (connect(session, Wire("websockets", version), on_broker=broker) for session in sessions)
    assert alice.subscribe("room/lobby") == [0] and bob.subscribe("room/lobby") == [0]
    picture = big_jpeg(700_000)
    stored = media.store(sessions[0], picture)
    alice.publish("room/lobby", {"type": "image", "url": stored["url"], "width": stored["width"],
                                 "height": stored["height"]})
    heard = bob.expect(topic="room/lobby").json
    assert (heard["type"], heard["width"], heard["height"]) == ("image", stored["width"], stored["height"])
    assert heard["url"].startswith(MEDIA_URL)
    assert media.fetch(heard["url"][len("https://chat.example.com"):]).bytes == picture
    for url in (stored["url"].replace("chat.", "evil."), MEDIA_URL + "x.html", MEDIA_URL + "../" + stored["sha256"] + ".jpg",
                stored["url"] + "?x", stored["url"].upper()):
        alice.publish("room/lobby", {"type": "image", "url": url, "width": 1, "height": 1, "ref": "bad"})
        assert alice.expect(where=lambda m: m.topic.endswith("/notice")).json["error"] == "ERR_BAD_MESSAGE"
    alice.say("lobby", "end")
    assert bob.expect(topic="room/lobby").json["content"] == "end"
