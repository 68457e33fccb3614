"""Sessions on disk: what was answered is there after any death, and what is secret cannot be read there."""
import base64
import sqlite3
import stat
import threading
import time


def test_session_survives_kill_right_after_the_answer(login, sign_in):
    session = sign_in("alice", nickName="Alice")
    login.kill()
    login.start()
    answer = login.call("GET", "/session", headers=session.headers)
    assert answer.status == 200 and answer.json["session"]["userInfo"]["nickName"] == "Alice"


def test_every_answered_session_survives_a_kill_under_load(login, standin):
    standin.behave(rate_limit=0)
    codes = [standin.code(f"person {i}") for i in range(400)]
    answered, stop = [], threading.Event()

    def log_people_in(mine):
        for code in mine:
            if stop.is_set():
                return
            try:
                answered.append(login.login(code))
            except (OSError, AssertionError):
                return

    threads = [threading.Thread(target=log_people_in, args=(codes[i::8],)) for i in range(8)]
    for thread in threads:
        thread.start()
    login.wait_until(lambda: len(answered) >= 100, "100 answers")
    login.kill()
    stop.set()
    for thread in threads:
        thread.join()
    login.start()
    assert 100 <= len(answered) < 400
    lost = [s for s in answered if login.call("GET", "/session", headers=s.headers).status != 200]
    assert not lost, f"{len(lost)} of {len(answered)} sessions are lost"


def test_secrets_are_not_on_disk_in_clear(login, standin, sign_in):
    code = standin.code("alice", nickName="Alice")
    session = login.login(code, **standin.userinfo("alice"))
    person = standin.person("alice")
    secrets = {"session_key": person.session_key, "session_key's bytes": base64.b64decode(person.session_key),
               "session_key in hex": base64.b64decode(person.session_key).hex(), "skey": session.skey,
               "signature": session.skey.split(".")[2], "code": code}

    def look():
        files = [path for path in login.folder.glob("sessions.db*")]
        content = b"".join(path.read_bytes() for path in files)
        assert session.id.encode() in content, "this is not where sessions are"
        return [name for name, text in secrets.items() if (text.encode() if isinstance(text, str) else text) in content]

    assert look() == []
    login.stop()  # the write-ahead log is folded in
    assert look() == []


def test_store_is_closed_to_others(login, sign_in):
    sign_in("alice")
    for path in login.folder.glob("sessions.db*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o007 == 0, path


def test_nothing_secret_is_logged(login, standin, secret):
    """Whatever happens to a log-in. The fixture looks through all logs at the end."""
    for member in ({}, {"badSignature": True}, {"badPadding": True}, {"appid": "wx00"}):
        code = secret("code", standin.code("alice", nickName="Alice"))
        info = standin.userinfo("alice", **member)
        secret("signature", info["signature"])
        secret("encryptedData", info["encryptedData"])
        secret("session_key", standin.person("alice").session_key)
        answer = login.call("POST", "/login", json={"code": code, **info})
        if answer.status == 200:
            session = answer.json["session"]
            secret("skey", session["skey"])
            login.call("GET", "/session", headers={"X-WX-Id": "x" * 26, "X-WX-Skey": session["skey"]})
    for errcode in (-1, 40029, 40125, 99999):
        standin.behave(errcode=errcode)
        login.call("GET", "/login", headers={"X-WX-Code": secret("code", standin.code("bob"))})
    secret("openid", standin.person("alice").openid)
    secret("openid", standin.person("bob").openid)


def test_locked_store_is_told_and_waited_out(login, standin, sign_in):
    """Who writes the store for long (a backup, an admin's shell) costs log-ins a 503, and nothing afterwards."""
    before = sign_in("alice")
    other = sqlite3.connect(login.store, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = login.call("POST", "/login", json={"code": standin.code("bob")}, timeout=30)
    assert (answer.status, answer.error) == (503, "ERR_STORE_UNAVAILABLE")
    assert answer.headers["Retry-After"] is not None
    assert login.call("GET", "/session", headers=before.headers).status == 200  # who reads need not wait
    other.execute("ROLLBACK")
    other.close()
    assert sign_in("bob").uid


def test_sessions_end_in_the_store_too(start_login, standin):
    """What is over is swept away, so the file does not grow for ever."""
    login = start_login(session_ttl="1s")
    session = login.login(standin.code("alice"))
    login.wait_until(lambda: time.time() * 1000 > session.expires_at_ms, "the end of the session")
    assert login.call("GET", "/session", headers=session.headers).status == 401
