"""WeChat as it is on bad days. A code burns: it is never brought twice, save where WeChat cannot have seen it."""
import http.client
import resource
import socket
import statistics
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from harness import Http
from harness.ports import HOST
from harness.wait import patience

# errcode -> status, error, what the log must name
ERRCODES = {
    40029: (401, "ERR_INVALID_CODE", None),
    40163: (401, "ERR_INVALID_CODE", None),
    40226: (403, "ERR_USER_BLOCKED", None),
    45011: (429, "ERR_RATE_LIMITED", None),
    40013: (500, "ERR_CONFIG", "app_id"),
    40125: (500, "ERR_CONFIG", "app_secret_file"),
    41002: (500, "ERR_CONFIG", "app_id"),
    41004: (500, "ERR_CONFIG", "app_secret_file"),
    40243: (500, "ERR_CONFIG", "app_secret_file"),
    99999: (503, "ERR_WECHAT_UNAVAILABLE", "99999"),
}


def try_login(login, standin, person="alice", **kwargs):
    return login.call("POST", "/login", json={"code": standin.code(person)}, **kwargs)


@pytest.mark.parametrize("errcode", ERRCODES)
def test_errcode_is_passed_on_in_our_words(login, standin, errcode):
    status, error, named = ERRCODES[errcode]
    standin.behave(errcode=errcode)
    answer = try_login(login, standin)
    assert (answer.status, answer.error) == (status, error)
    assert (answer.headers["Retry-After"] is not None) == (status in (429, 503))
    assert standin.calls == 1
    assert "rid:" not in answer.text and "errmsg" not in answer.text
    if named:
        assert named in login.log()
    standin.behave()
    assert try_login(login, standin).status == 200


def test_busy_is_tried_once_more(login, standin):
    standin.behave(errcode=-1, times=1)
    assert try_login(login, standin).status == 200
    assert standin.calls == 2


def test_busy_is_tried_only_once_more(login, standin):
    standin.behave(errcode=-1)
    answer = try_login(login, standin)
    assert (answer.status, answer.error) == (503, "ERR_WECHAT_UNAVAILABLE")
    assert int(answer.headers["Retry-After"]) > 0
    assert standin.calls == 2


@pytest.mark.parametrize("mode", ["close", "reset"])
def test_call_that_got_no_answer_is_tried_once_more(login, standin, mode):
    standin.behave(mode=mode, times=1)
    assert try_login(login, standin).status == 200
    assert standin.calls == 2


@pytest.mark.parametrize("mode", ["close", "reset"])
def test_call_that_never_gets_an_answer_is_tried_only_once_more(login, standin, mode):
    standin.behave(mode=mode)
    answer = try_login(login, standin)
    assert (answer.status, answer.error) == (503, "ERR_WECHAT_UNAVAILABLE")
    assert standin.calls == 2


@pytest.mark.parametrize("mode", ["html", "cut", "short", "huge", "empty", "garbage", "http500"])
def test_answer_of_no_use_burns_the_code(login, standin, mode):
    standin.behave(mode=mode, times=1)
    answer = try_login(login, standin)
    assert (answer.status, answer.error) == (503, "ERR_WECHAT_UNAVAILABLE")
    assert answer.headers["Retry-After"] is not None
    assert standin.calls == 1
    assert try_login(login, standin).status == 200


@pytest.mark.parametrize("mode", ["hang", "slow"])
def test_slow_answer_is_waited_for_only_so_long(start_login, standin, mode):
    login = start_login(wechat_timeout="1s")
    standin.behave(mode=mode, times=1)
    began = time.monotonic()
    answer = try_login(login, standin)
    took = time.monotonic() - began
    assert (answer.status, answer.error) == (503, "ERR_WECHAT_UNAVAILABLE")
    assert 0.9 < took < 3
    assert standin.calls == 1
    assert try_login(login, standin).status == 200


def test_wechat_not_there(login, standin):
    code = standin.code("alice")
    standin.stop()
    answer = login.call("POST", "/login", json={"code": code})
    assert (answer.status, answer.error) == (503, "ERR_WECHAT_UNAVAILABLE")
    standin.start()
    assert try_login(login, standin).status == 200


def test_code_works_once(login, standin):
    code = standin.code("alice")
    assert login.call("POST", "/login", json={"code": code}).status == 200
    answer = login.call("POST", "/login", json={"code": code})
    assert (answer.status, answer.error) == (401, "ERR_INVALID_CODE")
    assert standin.stats()["errcodes"] == {"40163": 1}


def test_code_that_is_too_old_or_invented(login, standin):
    old = standin.code("alice", ttl=0)
    for code in (old, "0" * 32):
        answer = login.call("POST", "/login", json={"code": code})
        assert (answer.status, answer.error) == (401, "ERR_INVALID_CODE")
    assert standin.stats()["errcodes"] == {"40029": 2}


def test_wrong_secret_is_told_to_the_operator_alone(start_login, standin, tmp_path, secret):
    wrong = tmp_path / "wrong_secret"
    wrong.write_text(secret("app secret", "f" * 32))
    wrong.chmod(0o600)
    login = start_login(app_secret_file=wrong)
    answer = try_login(login, standin)
    assert (answer.status, answer.error) == (500, "ERR_CONFIG")
    assert "app_secret_file" in login.log() and "secret" not in answer.text.lower()


def test_no_more_calls_wait_than_allowed(start_login, standin):
    """Past the bound the answer comes at once; whoever waits is served; nothing else has to wait meanwhile."""
    login = start_login(wechat_max_inflight=5)
    standin.behave(delay_ms=1500)
    codes = [standin.code(f"person {i}") for i in range(12)]
    answers = []

    def bring(code):
        began = time.monotonic()
        answer = login.call("POST", "/login", json={"code": code})
        answers.append((answer.status, answer.error, answer.headers["Retry-After"], time.monotonic() - began))

    threads = [threading.Thread(target=bring, args=(code,)) for code in codes]
    for thread in threads:
        thread.start()
    login.wait_until(lambda: standin.stats()["inflight"] == 5, "five calls in flight")
    login.wait_until(lambda: len(answers) == 7, "seven answers")
    began = time.monotonic()
    assert login.call("GET", "/healthz").status == 200
    assert time.monotonic() - began < 0.5
    assert all(row[:2] == (503, "ERR_BUSY") and int(row[2]) > 0 and row[3] < 1.4 for row in answers), answers
    for thread in threads:
        thread.join()
    assert sum(row[0] == 200 for row in answers) == 5
    assert standin.stats()["inflight_max"] == 5
    standin.behave()
    assert try_login(login, standin).status == 200


def test_who_has_an_answer_may_come_again_at_once(start_login, standin):
    """With as many busy clients as there are places, nobody is told to try again."""
    places = 2
    login = start_login(wechat_max_inflight=places)
    standin.behave(rate_limit=0)
    answers = []

    def come_again():
        connection = http.client.HTTPConnection(HOST, login.port, timeout=patience(15))
        for _ in range(300):
            connection.request("GET", "/login", headers={"X-WX-Code": "0" * 32})
            answer = connection.getresponse()
            answer.read()
            answers.append(answer.status)
        connection.close()

    threads = [threading.Thread(target=come_again) for _ in range(places)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) == {401} and len(answers) == 300 * places


class Proxy(BaseHTTPRequestHandler):
    """Hands on what is asked with a whole URL, and keeps its path."""

    seen = []

    def do_GET(self):
        url = urlsplit(self.path)
        self.seen.append((url.scheme, url.netloc, url.path))
        answer = Http(url.port).call("GET", f"{url.path}?{url.query}")
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(answer.text.encode())))
        self.end_headers()
        self.wfile.write(answer.text.encode())

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("variable", ["http_proxy", "all_proxy", "ALL_PROXY"])
def test_proxy_of_the_environment_is_used(start_login, standin, variable):
    server = ThreadingHTTPServer((HOST, 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    nothing = {name: "" for name in ("no_proxy", "NO_PROXY")}
    login = start_login(env={**nothing, variable: f"http://{HOST}:{server.server_address[1]}"})
    Proxy.seen.clear()
    assert login.login(standin.code("alice")).uid
    assert Proxy.seen == [("http", f"{HOST}:{standin.port}", "/sns/jscode2session")]
    server.shutdown()
    server.server_close()


def test_wechat_url_may_have_a_path(start_login, standin):
    """A gateway in between; the stand-in does not know the path, but shows that it was asked for it."""
    login = start_login(wechat_url=f"{standin.url}/gateway/")
    assert login.call("POST", "/login", json={"code": standin.code("alice")}).status == 503
    assert "http_status=404" in login.log()


def must_answer_at_once(login, session, more):
    """Health check and session check in turn, as long as more(how often each was asked) is true."""
    calls = {"/healthz": ({}, 200), "/auth": (session.headers, 204)}
    took = {path: [] for path in calls}
    while more(len(took["/auth"])):
        for path, (headers, status) in calls.items():
            began = time.monotonic()
            assert login.call("GET", path, headers=headers).status == status
            took[path].append(time.monotonic() - began)
    for path, each in took.items():
        assert statistics.median(each) < patience(0.05), (path, each)


def test_a_thousand_logins_in_flight_hold_nobody_up(start_login, standin):
    """WeChat takes its time for each; a check and the health check answer at once meanwhile, and while all of them end
    in a burst."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    login = start_login(wechat_timeout="60s")
    session = login.login(standin.code("alice"))
    codes = [standin.code(f"person {i}") for i in range(1000)]
    standin.behave(delay_ms=600_000, times=-1)
    waiting = [socket.create_connection((HOST, login.port)) for _ in codes]
    for s, code in zip(waiting, codes):
        s.sendall(f"GET /login HTTP/1.1\r\nHost: test\r\nX-WX-Code: {code}\r\n\r\n".encode())
    login.wait_until(lambda: login.metrics()["wechat_inflight"] == 1000, "a thousand calls in flight",
                     timeout=30)
    must_answer_at_once(login, session, lambda count: count < 10)
    assert login.metrics()["wechat_inflight"] == 1000, "they were not all in flight"

    answers = []

    def release():
        standin.behave(release=True)
        for s in waiting:
            s.settimeout(patience(30))
            answers.append(s.recv(65536)[:13])
            s.close()

    releasing = threading.Thread(target=release)  # a thousand answers and commits at once
    releasing.start()
    must_answer_at_once(login, session, lambda _: releasing.is_alive())
    releasing.join()
    assert answers == [b"HTTP/1.1 200 "] * 1000
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert login.metrics()["wechat_inflight"] == 0


def test_stop_does_not_wait_for_wechat(start_login, standin):
    login = start_login(wechat_timeout="60s")
    standin.behave(mode="hang")
    code = standin.code("alice")

    def wait_in_vain():
        try:
            login.call("POST", "/login", json={"code": code})
        except OSError:
            pass  # no answer is fine: the service is gone

    waiting = threading.Thread(target=wait_in_vain)
    waiting.start()
    login.wait_until(lambda: standin.stats()["inflight"] == 1, "the call in flight")
    began = time.monotonic()
    login.stop()
    assert time.monotonic() - began < patience(10)
    waiting.join()
