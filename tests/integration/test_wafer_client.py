"""wafer-client-sdk 0.8.4 from npm, unchanged, in a fake `wx`: it logs in, requests, is told of the session's end and
logs in again by itself."""
import fcntl
import json
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from harness.process import end_with_parent

HERE = Path(__file__).parent / "wafer"


def install(folder):
    """The driver and the package that the lock file names, once for all workers. Gives why they cannot be had, or None."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        files = ("package.json", "package-lock.json", "wafer.js")
        wanted = "".join((HERE / name).read_text() for name in files)
        done = folder / "installed"
        if done.exists() and done.read_text() == wanted:
            return None
        for name in files:
            shutil.copy(HERE / name, folder)
        try:
            got = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, timeout=120,
                                 capture_output=True, text=True, check=False)
        except subprocess.TimeoutExpired:
            return "npm does not come to an end"
        if got.returncode != 0:
            return f"npm ci: {got.stderr.strip().splitlines()[-1:]}"
        done.write_text(wanted)
        return None


@pytest.fixture(scope="session")
def packages(settings):
    folder = settings.build / "wafer-client"
    trouble = install(folder)
    assert trouble is None, trouble
    return folder


class Wafer:
    """A mini-program of one person."""

    def __init__(self, packages, login_url, standin, person):
        self.popen = subprocess.Popen(["node", packages / "wafer.js", login_url, standin.url, person], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True, preexec_fn=end_with_parent)

    def do(self, what, **members):
        self.popen.stdin.write(json.dumps({"do": what, **members}) + "\n")
        self.popen.stdin.flush()
        return json.loads(self.popen.stdout.readline())

    def request(self, url, **members):
        return self.do("request", url=url, **members)

    @property
    def session(self):
        return self.do("session")["session"]

    @property
    def logins(self):
        """How often it has called wx.login."""
        return self.do("session")["logins"]


@pytest.fixture
def wafer(packages, login, standin):
    """wafer(person): a mini-program with the SDK, not logged in."""
    running = []

    def make(person, port=None):
        running.append(Wafer(packages, f"http://127.0.0.1:{port or login.port}/login", standin, person))
        return running[-1]

    yield make
    for one in running:
        one.popen.stdin.close()
        one.popen.wait(10)


def test_logs_in(login, wafer):
    app = wafer("alice")
    assert app.do("login") == {"userInfo": {**app.session["userInfo"], "nickName": "Wafer"}}
    me = login.call("GET", "/session", headers={"X-WX-Id": app.session["id"], "X-WX-Skey": app.session["skey"]})
    assert me.status == 200 and me.json["session"]["userInfo"]["nickName"] == "Wafer"
    assert app.do("login")["userInfo"] and app.logins == 1  # a session that is there is used


def test_requests_with_its_session(login, wafer):
    app = wafer("alice")
    answer = app.request(f"http://127.0.0.1:{login.port}/session", login=True)
    assert answer["status"] == 200 and answer["data"]["session"]["id"] == app.session["id"]
    assert app.logins == 1


ENDS = {
    "revoked": lambda login, session: login.order("revoke", sid=session["id"]),
    "user revoked": lambda login, session: login.order("revoke", uid=session["uid"]),
    "logged out elsewhere": lambda login, session: login.call(
        "DELETE", "/session", headers={"X-WX-Id": session["id"], "X-WX-Skey": session["skey"]}),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_logs_in_again_after_an_end_on_the_server(login, wafer, end):
    """The trouble of those who built it by hand: the server's session is over, the mini-program's is not, and nobody
    tells it. Here it is told, logs in and sends the request once more, all within one call."""
    app = wafer("alice")
    app.do("login")
    first = app.session
    end(login, first)
    answer = app.request(f"http://127.0.0.1:{login.port}/session", login=True)
    assert answer["status"] == 200, answer
    second = app.session
    assert second["id"] != first["id"] and answer["data"]["session"]["id"] == second["id"]
    assert second["uid"] == first["uid"] and app.logins == 2


def test_logs_in_again_after_expiry(start_login, wafer):
    login = start_login(session_ttl="1s")
    app = wafer("alice", port=login.port)
    app.do("login")
    first = app.session
    login.wait_until(lambda: time.time() * 1000 > first["expiresAt"], "the end of the session")
    answer = app.request(f"http://127.0.0.1:{login.port}/session", login=True)
    assert answer["status"] == 200 and app.session["id"] != first["id"] and app.logins == 2


def test_forged_session_is_cleared(login, wafer):
    app = wafer("alice")
    app.do("login")
    app.do("restore", session={**app.session, "skey": app.session["skey"][:-6] + "AAAAAA"})
    assert app.request(f"http://127.0.0.1:{login.port}/session", login=True)["status"] == 200
    assert app.logins == 2


def test_other_answers_leave_its_session_alone(login, wafer):
    """A success with wafer's mark would make the SDK forget its session."""
    app = wafer("alice")
    app.do("login")
    base, before = f"http://127.0.0.1:{login.port}", app.session
    renewed = app.request(f"{base}/session/renew", method="POST")
    assert renewed["status"] == 200 and renewed["data"]["session"]["id"] == before["id"]
    named = app.request(f"{base}/profile", method="PUT", data={"nickName": "新名字"})
    assert named["status"] == 200 and named["data"]["session"]["userInfo"]["nickName"] == "新名字"
    assert app.request(f"{base}/auth")["status"] == 204
    assert app.request(f"{base}/healthz")["status"] == 200
    assert app.session == before and app.logins == 1
    assert app.request(f"{base}/session", method="DELETE")["status"] == 204


def test_banned_user_is_told(login, wafer):
    app = wafer("alice")
    app.do("login")
    login.order("ban", uid=app.session["uid"], seconds=3600)
    answer = app.request(f"http://127.0.0.1:{login.port}/session", login=True)
    assert answer["failed"] == "ERR_CHECK_LOGIN_FAILED" and "ERR_BANNED" in answer["message"]
    assert app.session is None
    again = app.do("login")
    assert again["failed"] == "ERR_LOGIN_MISSING_SESSION" and "ERR_BANNED" in again["message"]


def test_bad_code_is_told(login, standin, wafer):
    app = wafer("alice")
    standin.behave(errcode=40029)
    answer = app.do("login")
    assert answer["failed"] == "ERR_LOGIN_MISSING_SESSION" and "ERR_INVALID_CODE" in answer["message"]
    standin.behave()
    assert app.do("login")["userInfo"]["nickName"] == "Wafer"
