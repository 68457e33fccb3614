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
