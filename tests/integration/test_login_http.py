"""Hostile HTTP: a clear error each, nothing brought to WeChat, and the service goes on."""
import http.client
import json
import os
import resource
import signal
import socket
import threading

import pytest

from harness.ports import HOST
from harness.wait import patience

DEEP = "[" * 17 + "]" * 17

BODIES = {
    "empty": (b"", 400),
    "no JSON": (b"code=abc", 400),
    "array": (b'["abc"]', 400),
    "string": (b'"abc"', 400),
    "cut": (b'{"code":"abc"', 400),
    "trailing": (b'{"code":"abc"}x', 400),
    "no code": (b"{}", 400),
    "code of another case": (b'{"Code":"abc"}', 400),
    "empty code": (b'{"code":""}', 400),
    "code is a number": (b'{"code":123}', 400),
    "code is null": (b'{"code":null}', 400),
    "code doubled": (b'{"code":"abc","code":"abc"}', 400),
    "code doubled in disguise": (b'{"code":"abc","\\u0063ode":"abd"}', 400),
    "code with blank": (b'{"code":"a b"}', 400),
    "code with newline": (b'{"code":"a\\nb"}', 400),
    "code with NUL": (b'{"code":"abc\\u0000d"}', 400),
    "raw NUL": (b'{"code":"abc\x00d"}', 400),
    "code not ASCII": ('{"code":"码"}'.encode(), 400),
    "invalid UTF-8": (b'{"code":"\xff\xfe"}', 400),
    "half a surrogate pair": (b'{"code":"abc","rawData":"\\ud800","signature":"x"}', 400),
    "code too long": (json.dumps({"code": "a" * 129}).encode(), 400),
    "nested too deep": (f'{{"code":"abc","x":{DEEP}}}'.encode(), 400),
    "rawData alone": (b'{"code":"abc","rawData":"{}"}', 400),
    "signature alone": (b'{"code":"abc","signature":"75e81ceda165f4ffa64f4068af58c64b8f54b88c"}', 400),
    "encryptedData alone": (b'{"code":"abc","encryptedData":"AAAA"}', 400),
    "iv alone": (b'{"code":"abc","iv":"AAAA"}', 400),
    "rawData is an object": (b'{"code":"abc","rawData":{},"signature":"x"}', 400),
    "too big": (b'{"code":"' + b"a" * 30_000 + b'"}', 413),
}


@pytest.mark.parametrize("body, status", BODIES.values(), ids=BODIES.keys())
def test_bad_body(login, standin, body, status):
    answer = login.call("POST", "/login", body=body)
    assert answer.status == status, answer.text
    assert answer.error == ("ERR_TOO_BIG" if status == 413 else "ERR_BAD_REQUEST")
    assert standin.calls == 0
    assert login.healthy()


def test_endless_body_is_cut_off(login, standin):
    """Whoever goes on sending after the refusal is not listened to for ever."""
    with socket.create_connection((HOST, login.port), timeout=30) as s:
        s.sendall(b"POST /login HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000000\r\n\r\n")
        with pytest.raises(OSError):
            for _ in range(1000):
                s.sendall(b"a" * 100_000)
    assert standin.calls == 0
    assert login.healthy()


ANNOUNCED = {
    "a byte too much": ("POST /login", "24577", 413, "ERR_TOO_BIG"),
    "a terabyte": ("POST /login", "1000000000000", 413, "ERR_TOO_BIG"),
    "more than a number holds": ("POST /login", "18446744073709551614", 413, "ERR_TOO_BIG"),
    "where none is taken": ("GET /healthz", "1", 413, "ERR_TOO_BIG"),
    "no such call": ("POST /nothing", "1000000000000", 404, "ERR_NOT_FOUND"),
    "no such method": ("PUT /login", "1000000000000", 405, "ERR_METHOD_NOT_ALLOWED"),
}


@pytest.mark.parametrize("call, length, status, error", ANNOUNCED.values(), ids=ANNOUNCED.keys())
def test_body_that_is_announced_too_big_is_not_waited_for(login, call, length, status, error):
    """Nor asked for: a client that waits for "100 Continue" need not send it."""
    said = login.raw(f"{call} HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n".encode())
    head, body = said.split(b"\r\n\r\n", 1)
    assert int(head.split()[1]) == status, said
    assert json.loads(body)["error"] == error
    assert (b"\r\nAllow: " in head) == (status == 405)
    assert login.healthy()


DOUBTFUL = {
    "the same length twice": "Content-Length: 2\r\nContent-Length: 2",
    "two lengths": "Content-Length: 2\r\nContent-Length: 50",
    "a length and chunks": "Content-Length: 2\r\nTransfer-Encoding: chunked",
    "chunks and a length": "Transfer-Encoding: chunked\r\nContent-Length: 2",
    "chunks twice": "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    "compressed": "Transfer-Encoding: gzip",
    "compressed chunks": "Transfer-Encoding: gzip, chunked",
}


@pytest.mark.parametrize("path", ["/session/renew", "/media"])
@pytest.mark.parametrize("length", DOUBTFUL.values(), ids=DOUBTFUL.keys())
def test_body_without_a_clear_end_ends_the_connection(login, sign_in, length, path):
    """What stands behind it may be a request to one of two servers and a body to the other."""
    me = sign_in("alice")
    said = login.raw((f"POST {path} HTTP/1.1\r\nHost: test\r\nX-WX-Skey: {me.skey}\r\n{length}\r\n\r\n{{}}"
                      f"DELETE /session HTTP/1.1\r\nHost: test\r\nX-WX-Skey: {me.skey}\r\n\r\n").encode())
    assert said.startswith(b"HTTP/1.1 400 ") and said.count(b"HTTP/1.1 ") == 1, said
    assert b"Connection: close" in said and b"ERR_BAD_REQUEST" in said
    assert login.call("GET", "/session", headers=me.headers).status == 200


HEADERS = {
    "no code": ([], 400),
    "empty code": ([("X-WX-Code", "")], 400),
    "two codes": ([("X-WX-Code", "abc"), ("X-WX-Code", "abd")], 400),
    "code with blank": ([("X-WX-Code", "a b")], 400),
    "code too long": ([("X-WX-Code", "a" * 129)], 400),
    "code not ASCII": ([("X-WX-Code", "\xff")], 400),
    "iv without data": ([("X-WX-Code", "abc"), ("X-WX-IV", "AAAA")], 400),
    "data without iv": ([("X-WX-Code", "abc"), ("X-WX-Encrypted-Data", "AAAA")], 400),
    "two hosts": ([("X-WX-Code", "abc"), ("Host", "another")], 400),
    "64 KB": ([("X-WX-Code", "abc"), ("X-Filler", "a" * 65536)], 431),
    "64 KB of code": ([("X-WX-Code", "a" * 65536)], 431),
    "many": ([("X-WX-Code", "abc"), *((f"X-{i}", "a" * 100) for i in range(500))], 431),
}


@pytest.mark.parametrize("headers, status", HEADERS.values(), ids=HEADERS.keys())
def test_bad_headers(login, standin, headers, status):
    lines = ["GET /login HTTP/1.1", "Host: test", "Connection: close", *(f"{n}: {v}" for n, v in headers)]
    said = login.raw(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    assert said.split(b" ")[1] == str(status).encode(), said[:200]
    assert standin.calls == 0
    assert login.healthy()


def test_header_and_body_that_contradict(login, standin):
    answer = login.call("POST", "/login", headers={"X-WX-Code": "abc"}, json={"code": "abd"})
    assert (answer.status, answer.error) == (400, "ERR_BAD_REQUEST")
    assert standin.calls == 0


def test_contradictory_session(login, sign_in):
    me, other = sign_in("alice"), sign_in("bob")
    answers = [
        login.call("GET", "/session", headers={**me.headers, **other.bearer}),
        login.call("GET", f"/session?X-WX-Skey={other.skey}", headers=me.headers),
    ]
    assert {answer.status for answer in answers} <= {400, 401}, answers


PATHS = {
    "GET /": 404, "GET /nothing": 404, "GET /login/": 404, "GET //login": 404, "GET /LOGIN": 404,
    "GET /../login": 404,
    "DELETE /login": 405, "PUT /login": 405, "PATCH /session": 405, "POST /healthz": 405, "BREW /login": 405,
    "POST /admin/revoke": 404, "GET /metrics": 404,
}


@pytest.mark.parametrize("call, status", PATHS.items(), ids=PATHS.keys())
def test_unknown_paths_and_methods(login, call, status):
    method, path = call.split(" ")
    answer = login.call(method, path)
    assert answer.status == status, answer.text
    assert answer.error == {404: "ERR_NOT_FOUND", 405: "ERR_METHOD_NOT_ALLOWED"}[status]
    if status == 405:
        assert answer.headers["Allow"]


GARBAGE = {
    "nothing": b"",
    "noise": bytes(range(256)) * 4,
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100,
    "no version": b"GET /login\r\n\r\n",
    "endless line": b"GET /" + b"a" * 100_000,
    "cut head": b"POST /login HTTP/1.1\r\nHost: te",
    "cut body": b"POST /login HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\n{\"code\":",
    "negative length": b"POST /login HTTP/1.1\r\nHost: test\r\nContent-Length: -1\r\n\r\n",
    "absurd length": b"POST /login HTTP/1.1\r\nHost: test\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "two lengths": b"POST /login HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
    "bad chunk": b"POST /login HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n",
    "cut chunk": b"POST /login HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{}",
}


def test_garbage_on_the_wire(login, standin):
    """All at once, since the service waits some seconds for the rest of what was cut."""
    said = {}

    def send(name, sent):
        said[name] = login.raw(sent, close=True, timeout=30)

    threads = [threading.Thread(target=send, args=row) for row in GARBAGE.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name in GARBAGE:
        assert not said[name] or said[name].split(b" ")[1][:1] == b"4", (name, said[name][:200])
    assert standin.calls == 0
    assert login.healthy()


def test_chunked_body_is_a_body(login, standin):
    body = json.dumps({"code": standin.code("alice")}).encode()
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:3], body[3:]))
    said = login.raw(b"POST /login HTTP/1.1\r\nHost: test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                     + chunks + b"0\r\n\r\n")
    assert b" 200 " in said.split(b"\r\n")[0], said


def test_chunked_body_without_end_is_bounded(login):
    with socket.create_connection((HOST, login.port), timeout=30) as s:
        s.sendall(b"POST /login HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n")
        said = b""
        try:
            for _ in range(64):
                s.sendall(b"10000\r\n" + b"a" * 65536 + b"\r\n")
            s.sendall(b"0\r\n\r\n")
            said = s.recv(4096)
        except OSError:
            pass  # closed early: bounded as well
    assert not said or b" 413 " in said.split(b"\r\n")[0], said
    assert login.healthy()


def test_slow_senders_hold_nobody_up(login, sign_in):
    slow = [socket.create_connection((HOST, login.port)) for _ in range(50)]
    for s in slow:
        s.sendall(b"POST /login HTTP/1.1\r\nHost: test\r\nContent-Length: 50\r\n\r\n{")
    assert sign_in("alice").uid
    for s in slow:
        s.close()
    assert login.healthy()


def test_client_that_leaves_before_the_answer(login, standin, sign_in):
    standin.behave(delay_ms=300)
    body = json.dumps({"code": standin.code("alice")}).encode()
    with socket.create_connection((HOST, login.port)) as s:
        s.sendall(b"POST /login HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        login.wait_until(lambda: standin.stats()["inflight"] == 1, "the call in flight")
    login.wait_until(lambda: standin.stats()["inflight"] == 0, "its end")
    standin.behave()
    assert sign_in("bob").uid


def test_keep_alive(login, standin):
    """Many calls over one connection, good and bad in turn."""
    connection = http.client.HTTPConnection(HOST, login.port, timeout=10)
    for i in range(10):
        connection.request("POST", "/login", body=json.dumps({"code": standin.code("alice")} if i % 2 else {}))
        answer = connection.getresponse()
        answer.read()
        assert answer.status == (200 if i % 2 else 400)
    connection.close()


@pytest.fixture
def many_files():
    """As many open files as the system allows, for as long as the test lasts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_calls_that_come_at_the_same_moment_are_all_answered(many_files, login):
    """128 for each of the service's threads: so many events libmicrohttpd takes at once, and its own threads wait for a
    further one then before they look at what they have, until the connections count as idle."""
    threads = min(max(os.cpu_count(), 2), 8)
    request = b"GET /auth HTTP/1.1\r\nHost: test\r\n\r\n"
    callers = [socket.create_connection((HOST, login.port), timeout=patience(5)) for _ in range(128 * threads)]
    for n in range(6):
        if n > 0:  # every thread has taken its connections up
            login.signal(signal.SIGSTOP)
        for s in callers:
            s.sendall(request)
        login.signal(signal.SIGCONT)
        assert all(s.recv(65536).startswith(b"HTTP/1.1 401 ") for s in callers)
    for s in callers:
        s.close()
