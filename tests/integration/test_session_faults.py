"""A store in trouble: told with 503, nothing that was acknowledged is lost, and all goes on when the trouble is over."""
import os
import resource
import signal
import sqlite3
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import Wire
from harness.login import Session

TCP4 = Wire("tcp", 4)
TOLD_WITHIN_S = 0.3

# Everything that writes, as (method, path, members of the body).
WRITES = {
    "renew": ("POST", "/session/renew", {}),
    "profile": ("PUT", "/profile", {"nickName": "Somebody Else"}),
    "log out": ("DELETE", "/session", {}),
}


def write_all(login, standin, session):
    """Tries all at once. Gives the answers by name."""
    proof = standin.group("alice", "family")
    sealed = {name: proof[name] for name in ("encryptedData", "iv")}
    code = standin.code("carol")
    calls = {name: lambda w=write: login.call(w[0], w[1], headers=session.headers, json=w[2])
             for name, write in WRITES.items()}
    calls |= {
        "revoke": lambda: login.admin("POST", "/admin/revoke", json={"uid": session.uid}),
        "ban": lambda: login.admin("POST", "/admin/ban", json={"uid": session.uid, "seconds": 60}),
        "group": lambda: login.call("POST", "/rooms/group", headers=session.headers, json=sealed),
        "log in": lambda: login.call("POST", "/login", json={"code": code}),
    }
    with ThreadPoolExecutor(len(calls)) as pool:
        waiting = {name: pool.submit(call) for name, call in calls.items()}
    return {name: future.result() for name, future in waiting.items()}


def must_all_be_refused(answers):
    for name, answer in answers.items():
        assert (answer.status, answer.error) == (503, "ERR_STORE_UNAVAILABLE"), (name, answer.text)
        assert answer.headers["Retry-After"] is not None, name


def must_be_untouched(login, sessions):
    for session in sessions:
        answer = login.call("GET", "/session", headers=session.headers)
        assert answer.status == 200, answer.text
        assert answer.json["session"]["expiresAt"] == session.expires_at_ms
        assert answer.json["session"]["userInfo"] == session.user_info
        assert login.call("GET", "/auth", headers=session.headers).status == 204


def must_all_work(login, standin, session):
    """Those that leave the session alive before those that do not."""
    fresh = login.renew(session)
    renamed = login.call("PUT", "/profile", headers=fresh.headers, json={"nickName": "Later"})
    assert Session.renewed(renamed).user_info["nickName"] == "Later"
    assert login.login(standin.code("carol")).uid
    assert login.call("DELETE", "/session", headers=fresh.headers).status == 204
    assert login.call("GET", "/auth", headers=fresh.headers).status == 401


def test_locked_store(login, standin, sign_in):
    alice, bob = sign_in("alice", nickName="Alice"), sign_in("bob")
    lock = sqlite3.connect(login.store, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    must_all_be_refused(write_all(login, standin, alice))
    must_be_untouched(login, [alice, bob])
    assert login.metrics()['store_errors_total{op="write"}'] > 0
    lock.execute("ROLLBACK")
    lock.close()
    must_be_untouched(login, [alice, bob])
    must_all_work(login, standin, alice)
    login.wait_for_log("store.write_recovered")
    assert login.log().count("store.write_failed") == 1


def test_writes_wait_for_a_short_lock(login, sign_in):
    session = sign_in("alice")
    lock = sqlite3.connect(login.store, isolation_level=None, check_same_thread=False)
    lock.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.5, lock.execute, ["ROLLBACK"])
    release.start()
    assert login.renew(session).id == session.id
    release.join()
    lock.close()


@pytest.mark.parametrize("what, statement, status", [
    ("profile", "DELETE FROM sessions WHERE user = (SELECT id FROM users WHERE uid = :uid)", 401),
    ("renew", "DELETE FROM sessions WHERE user = (SELECT id FROM users WHERE uid = :uid)", 401),
    ("profile", "INSERT INTO changes(at_s, type, who, until_s) VALUES(1, 8, :uid, 99999999999)", 403),
])
def test_session_that_ends_while_its_call_waits(login, sign_in, what, statement, status):
    """Checked once more in the transaction: what was ended meanwhile stays ended."""
    session = sign_in("alice", nickName="Alice")
    lock = sqlite3.connect(login.store, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    method, path, body = WRITES[what]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(login.call, method, path, headers=session.headers, json=body)
        time.sleep(0.3)  # should it come later than this it is refused all the same
        lock.execute(statement, {"uid": session.uid})
        lock.execute("COMMIT")
        assert waiting.result().status == status
    lock.close()
    nick = sqlite3.connect(login.store).execute("SELECT nick FROM users WHERE uid = ?", (session.uid,)).fetchone()
    assert nick == ("Alice",)


def files_of(store):
    return [path for path in (store.with_name(store.name + end) for end in ("", "-wal", "-shm")) if path.exists()]


def copy_of(store, path):
    """As `sqlite3 FILE .backup` makes it."""
    source, copy = sqlite3.connect(store), sqlite3.connect(path)
    source.backup(copy)
    copy.close()
    source.close()
    return path


def put_in_place(path, store):
    """The side files first: SQLite would take what they hold for the copy's own."""
    for file in files_of(store):
        if file != store:
            file.unlink()
    os.replace(path, store)


def must_know_nothing(login, session):
    """Neither what was remembered of a session, nor what the lost file says."""
    answers = [login.call("GET", path, headers=session.headers) for path in ("/auth", "/session", "/healthz")]
    answers.append(login.admin("GET", f"/admin/sessions?uid={session.uid}"))
    for answer in answers:
        assert (answer.status, answer.error) == (503, "ERR_STORE_UNAVAILABLE"), answer.text
    assert "sessions" not in login.metrics()


def times_said(login, event):
    return login.log().count(f" {event}")


def test_removed_store(login, standin, sign_in):
    """A running service makes no empty one in its place, which would end all sessions. A restart does."""
    alice = sign_in("alice")
    assert login.call("GET", "/auth", headers=alice.headers).status == 204  # and is remembered
    for file in files_of(login.store):
        file.unlink()
    login.wait_for_log("store.away")
    must_know_nothing(login, alice)
    must_all_be_refused(write_all(login, standin, alice))
    assert login.metrics()['store_errors_total{op="write"}'] > 0
    assert not files_of(login.store)
    login.store.touch()
    time.sleep(0.3)
    must_know_nothing(login, alice)
    assert login.store.stat().st_size == 0 and times_said(login, "store.away") == 1
    login.restart()
    assert login.call("GET", "/session", headers=alice.headers).status == 401
    assert sign_in("alice").uid == alice.uid


def test_store_moved_away_and_back(login, standin, sign_in, tmp_path):
    alice, bob = sign_in("alice", nickName="Alice"), sign_in("bob")
    aside = tmp_path / "aside"
    aside.mkdir()
    for file in files_of(login.store):
        file.rename(aside / file.name)
    login.wait_for_log("store.away")
    must_know_nothing(login, alice)
    must_all_be_refused(write_all(login, standin, alice))
    login.store.write_text("This is no store, and " * 100)
    login.wait_for_log("store.refused")
    must_know_nothing(login, alice)
    login.store.unlink()
    for file in files_of(aside / login.store.name)[::-1]:  # the database last, as it is what the service looks for
        file.rename(login.store.with_name(file.name))
    login.wait_for_log("store.back")
    must_be_untouched(login, [alice, bob])
    must_all_work(login, standin, alice)
    login.restart()
    must_be_untouched(login, [bob])
    for event in ("away", "refused", "back", "read_failed", "read_recovered"):
        assert times_said(login, f"store.{event}") == 1, event


@pytest.mark.alone
@pytest.mark.parametrize("how", ["replaced at once", "removed first"])
def test_backup_restored_under_running_programs(login, start_broker, connect, standin, tmp_path, how):
    """What is acknowledged afterwards is in the restored file, and reaches live connections as ever."""
    broker = start_broker(options={"store": f"sqlite:{login.store}"})
    alice, bob = (login.login(standin.code(name)) for name in ("alice", "bob"))
    backup = copy_of(login.store, tmp_path / "backup.db")
    carol = login.login(standin.code("carol"))
    for i in range(5):  # the copy's log stays behind what the broker has followed
        login.order("mute", uid=carol.uid, room=f"room-{i}", seconds=60)
    client, other = connect(alice, TCP4, on_broker=broker), connect(bob, TCP4, on_broker=broker)
    if how == "removed first":
        login.store.unlink()
        login.wait_for_log("store.away")
    put_in_place(backup, login.store)
    login.wait_for_log("store.back")
    broker.wait_for_log(r"wechat: store\.back")
    must_be_untouched(login, [alice, bob])
    assert login.call("GET", "/session", headers=carol.headers).status == 401
    login.order("revoke", uid=alice.uid)
    acknowledged = time.monotonic()
    client.wait_closed()
    assert client.closed_at - acknowledged < TOLD_WITHIN_S
    assert login.call("GET", "/auth", headers=alice.headers).status == 401
    other.fence()
    dave = login.login(standin.code("dave"))
    login.kill()
    login.popen = None
    login.start()
    must_be_untouched(login, [bob, dave])
    assert times_said(login, "store.away") == times_said(login, "store.back") == 1


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 1 MB; only root can make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, check=False)
    if made.returncode != 0:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(folder):
    """Until not one byte is left. Gives the file that took it all."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as file:
        for size in (4096, 512, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                pass
    return path


@pytest.mark.root
def test_full_disk(start_login, start_broker, standin, connect, small_disk):
    login = start_login(store=f"sqlite:{small_disk}/sessions.db")
    broker = start_broker(options={"store": f"sqlite:{small_disk}/sessions.db"})
    sessions = [login.login(standin.code(name)) for name in ("alice", "bob")]
    client = connect(sessions[0], TCP4, on_broker=broker)
    filler = fill(small_disk)
    filled, answered = 0, []
    while filled < 400:  # what the write-ahead log has room for may still go in, and is kept then
        answer = login.call("POST", "/login", json={"code": standin.code(f"person {filled}")})
        filled += 1
        if answer.status == 503:
            break
        answered.append(Session.of(answer))
    assert filled < 400
    must_all_be_refused(write_all(login, standin, sessions[0]))
    must_be_untouched(login, sessions + answered)
    assert client.subscribe("room/lobby") == [0]
    filler.unlink()
    must_be_untouched(login, sessions + answered)
    must_all_work(login, standin, sessions[0])
    client.wait_closed()  # the log-out reached the broker
    login.kill()
    login.popen = None
    login.start()
    must_be_untouched(login, sessions[1:] + answered)


def test_full_disk_then_death(start_login, standin, tmp_path):
    """The same by a limit on the size of files, for who is not root; killed while nothing can be written."""
    login = start_login()
    alice = login.login(standin.code("alice"))
    written = max(path.stat().st_size for path in tmp_path.glob("sessions.db*"))
    resource.prlimit(login.pid, resource.RLIMIT_FSIZE, (written, resource.RLIM_INFINITY))
    answered = []
    for i in range(400):
        answer = login.call("POST", "/login", json={"code": standin.code(f"person {i}")})
        if answer.status == 503:
            break
        answered.append(Session.of(answer))
    assert len(answered) < 400
    must_all_be_refused(write_all(login, standin, alice))
    must_be_untouched(login, [alice, *answered])
    login.kill()
    login.popen = None
    login.start()
    must_be_untouched(login, [alice, *answered])
    must_all_work(login, standin, alice)


def test_limit_on_files_kills_nobody(start_login, standin):
    """SIGXFSZ ends a program that has not thought of it."""
    login = start_login()
    os.kill(login.pid, signal.SIGXFSZ)
    assert login.healthy()
    assert login.login(standin.code("alice")).uid
