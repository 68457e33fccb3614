"""nginx.conf.example with real nginx: one origin in front of service and broker, and auth_request as the one place that
checks the session for any back end."""
import http.client
import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from harness import Client, Nginx, Wire
from harness.login import ADMIN_TOKEN, Session
from harness.nginx import NGINX
from harness.ports import HOST

pytestmark = pytest.mark.skipif(not NGINX, reason="nginx is not installed")


class Backend:
    """A business API that knows nothing of sessions: it writes down what reaches it."""

    def __init__(self):
        self.seen = seen = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                seen.append((self.command, self.path, self.headers, body))
                self.send_response(500 if self.path == "/api/broken" else 200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"hi")

            do_GET = do_POST = do_PUT = answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer((HOST, 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def backend():
    backend = Backend()
    yield backend
    backend.close()


@pytest.fixture
def broker(start_broker, login):
    return start_broker(options={"store": f"sqlite:{login.store}"})


@pytest.fixture
def nginx(tmp_path, started, login, broker, backend):
    return started.process(Nginx(tmp_path / "nginx", login=login, broker=broker, backend=backend)).start()


@pytest.fixture
def me(nginx, standin, secret):
    """Logged in through nginx."""
    answer = nginx.call("POST", "/login", json={"code": standin.code("alice", nickName="Alice")})
    session = Session.of(answer)
    secret("skey", session.skey)
    return session


# The way in.

def test_a_live_session_reaches_the_back_end(nginx, backend, me):
    for headers in (me.headers, me.bearer):
        answer = nginx.call("GET", "/api/orders?page=2", headers=headers)
        assert (answer.status, answer.text) == (200, "hi")
        method, path, seen, _ = backend.seen.pop()
        assert (method, path) == ("GET", "/api/orders?page=2")
        assert seen.get_all("X-User-Id") == [me.uid] and seen.get_all("X-Session-Id") == [me.id]
        assert me.skey not in str(seen)


def test_bodies_reach_the_back_end(nginx, backend, me):
    answer = nginx.call("POST", "/api/orders", headers=me.headers, json={"what": "tea"})
    assert answer.status == 200
    assert backend.seen.pop()[3] == b'{"what": "tea"}'
    lines = ["POST /api/orders HTTP/1.1", "Host: test", "Connection: close", "Transfer-Encoding: chunked",
             f"X-WX-Id: {me.id}", f"X-WX-Skey: {me.skey}"]
    said = nginx.raw(("\r\n".join(lines) + "\r\n\r\n5\r\nhello\r\n0\r\n\r\n").encode())
    assert b" 200 " in said.split(b"\r\n")[0], said
    assert backend.seen.pop()[3] == b"hello"


def test_the_end_of_a_session_counts_at_once(nginx, login, backend, me):
    assert nginx.call("GET", "/api/x", headers=me.headers).status == 200
    login.order("revoke", sid=me.id)
    answer = nginx.call("GET", "/api/x", headers=me.headers)
    assert (answer.status, answer.error) == (401, "ERR_INVALID_SESSION")  # with the mark, for wafer-client-sdk
    assert answer.headers["Content-Type"] == "application/json"
    assert len(backend.seen) == 1


def test_banned_user_is_told(nginx, login, backend, me):
    login.order("ban", uid=me.uid, seconds=60)
    answer = nginx.call("POST", "/api/x", headers=me.headers, json={})
    assert (answer.status, answer.error) == (403, "ERR_BANNED")
    assert not backend.seen


@pytest.mark.parametrize("headers", ["two skeys", "skey and another bearer", "skey of 15 KB"])
def test_contradictory_session_is_a_bad_request(nginx, backend, me, headers):
    said = {"two skeys": f"X-WX-Skey: {me.skey}\r\nX-WX-Skey: {me.skey}x",
            "skey and another bearer": f"X-WX-Skey: {me.skey}\r\nAuthorization: Bearer {me.skey}x",
            "skey of 15 KB": "X-WX-Skey: " + "a" * 15_000}[headers]
    answer = nginx.raw(f"GET /api/x HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{said}\r\n\r\n".encode())
    assert b" 400 " in answer.split(b"\r\n")[0], answer
    assert json.loads(answer.split(b"\r\n\r\n", 1)[1])["error"] == "ERR_BAD_REQUEST"
    assert b"Retry-After" not in answer and b"Cache-Control: no-store" in answer
    assert not backend.seen


def test_no_check_no_way_in(nginx, login, backend, me):
    """While nobody can be asked, and again when somebody can."""
    store = login.store
    aside = store.with_suffix(".aside")
    store.rename(aside)
    answer = login.wait_until(lambda: (a := nginx.call("GET", "/api/x", headers=me.headers)).status != 200 and a, "no check")
    assert (answer.status, answer.error) == (503, "ERR_STORE_UNAVAILABLE") and int(answer.headers["Retry-After"]) > 0
    aside.rename(store)
    login.wait_until(lambda: nginx.call("GET", "/api/x", headers=me.headers).status == 200, "the check is back")
    login.kill()
    answer = nginx.call("GET", "/api/x", headers=me.headers)
    assert (answer.status, answer.error) == (503, "ERR_STORE_UNAVAILABLE") and int(answer.headers["Retry-After"]) > 0


def test_error_of_the_back_end_passes(nginx, backend, me):
    answer = nginx.call("GET", "/api/broken", headers=me.headers)
    assert (answer.status, answer.text) == (500, "hi")


# No way round it.

def forgeries(me, other, keys):
    nobody = keys.forge(keys.claims(sub=me.uid, jti="q" * 26))
    return {
        "nothing": [],
        "id alone": [("X-WX-Id", me.id)],
        "user named by himself": [("X-User-Id", me.uid), ("X-Session-Id", me.id)],
        "skey of another": [("X-WX-Id", me.id), ("X-WX-Skey", other.skey)],
        "forged": [("X-WX-Skey", nobody)],
        "two skeys": [("X-WX-Skey", me.skey), ("X-WX-Skey", other.skey)],
        "skey and another bearer": [("X-WX-Skey", me.skey), ("Authorization", f"Bearer {other.skey}")],
        "folded": [("X-WX-Skey", f"{me.skey}\r\n x")],
        "underscores": [("X_WX_Id", me.id), ("X_WX_Skey", me.skey)],
        "skey of 64 KB": [("X-WX-Skey", "a" * 65536)],
    }


def test_forgeries_never_reach_the_back_end(nginx, backend, me, standin, keys):
    other = Session.of(nginx.call("POST", "/login", json={"code": standin.code("bob")}))
    for name, headers in forgeries(me, other, keys).items():
        lines = ["GET /api/x HTTP/1.1", "Host: test", "Connection: close", *(f"{n}: {v}" for n, v in headers)]
        said = nginx.raw(("\r\n".join(lines) + "\r\n\r\n").encode())
        assert int(said.split(b" ")[1]) >= 400, (name, said[:200])
        assert not backend.seen, name


def test_what_the_client_says_of_itself_is_overwritten(nginx, backend, me):
    said = [("X-User-Id", "victim"), ("x-user-id", "victim"), ("X_User_Id", "victim"), ("X-Session-Id", "victim"),
            ("Connection", "close, X-User-Id, X-Session-Id")]
    lines = ["GET /api/x HTTP/1.1", "Host: test", *(f"{n}: {v}" for n, v in said), f"X-WX-Id: {me.id}",
             f"X-WX-Skey: {me.skey}"]
    answer = nginx.raw(("\r\n".join(lines) + "\r\n\r\n").encode())
    assert b" 200 " in answer.split(b"\r\n")[0], answer
    seen = backend.seen.pop()[2]
    assert seen.get_all("X-User-Id") == [me.uid] and seen.get_all("X-Session-Id") == [me.id]
    assert "victim" not in str(seen)


def test_two_requests_are_not_taken_for_one(nginx, backend):
    """Lengths that contradict each other: the second request would come in unchecked."""
    hidden = b"GET /api/hidden HTTP/1.1\r\nHost: test\r\n\r\n"
    for lengths in (b"Content-Length: 5\r\nTransfer-Encoding: chunked", b"Content-Length: 5\r\nContent-Length: 6",
                    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"):
        nginx.raw(b"POST /session HTTP/1.1\r\nHost: test\r\n" + lengths + b"\r\n\r\n0\r\n\r\n" + hidden, close=True)
    assert not backend.seen


@pytest.mark.parametrize("path", [
    "/admin/revoke", "/metrics", "/admin/sessions?uid=" + "u" * 16, "/auth", "/wechat-session", "/healthz", "/",
    "/login/../admin/revoke", "/media/../admin/revoke", "//admin/revoke", "/%61dmin/revoke", "/api/../wechat-session",
    "/login/", "/session/", "/LOGIN"])
def test_what_is_not_for_the_world(nginx, backend, path):
    bearer = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
    assert nginx.call("POST", path, headers=bearer, json={"sid": "a" * 26}).status == 404
    assert nginx.call("GET", path, headers=bearer).status == 404
    assert not backend.seen


# The rest of the origin.

def test_life_of_a_session_through_nginx(nginx, standin, me):
    assert nginx.call("GET", "/session", headers=me.headers).json["session"]["uid"] == me.uid
    fresh = Session.renewed(nginx.call("POST", "/session/renew", headers=me.headers))
    renamed = nginx.call("PUT", "/profile", headers=fresh.headers, json={"nickName": "爱丽丝"})
    assert Session.renewed(renamed).user_info["nickName"] == "爱丽丝"
    info = standin.group("alice", "family")
    assert nginx.call("POST", "/rooms/group", headers=fresh.headers,
                      json={name: info[name] for name in ("encryptedData", "iv")}).status == 200
    assert nginx.call("DELETE", "/session", headers=fresh.headers).status == 204
    assert nginx.call("GET", "/session", headers=fresh.headers).error == "ERR_INVALID_SESSION"


def test_login_as_wafer_does_it(nginx, standin):
    """All of it in headers, some KB."""
    code = standin.code("alice", nickName="Alice", avatarUrl="https://example.com/" + "a" * 480)
    info = standin.userinfo("alice")
    answer = nginx.call("GET", "/login", headers={"X-WX-Code": code, "X-WX-Encrypted-Data": info["encryptedData"],
                                                  "X-WX-IV": info["iv"]})
    assert Session.of(answer).user_info["nickName"] == "Alice"


@pytest.mark.parametrize("version", [4, 5])
def test_chat_through_nginx(nginx, started, me, version):
    client = Client(nginx.port, Wire("websockets", version), client_id=me.uid, username=me.uid, password=me.skey)
    started.clients.append(client)
    client.connect()
    assert client.subscribe("room/lobby") == [0]
    client.say("lobby", "through nginx")
    assert client.expect("room/lobby").json["content"] == "through nginx"


def test_no_skey_in_the_access_log(nginx, me):
    assert nginx.call("GET", f"/session?X-WX-Id={me.id}&X-WX-Skey={me.skey}").status == 200
    log = nginx.folder / "wechat.log"
    nginx.wait_until(lambda: log.exists() and "/session" in log.read_text(), "the line in the access log")
    assert me.skey not in log.read_text() and "X-WX-Skey" not in log.read_text()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of TLS 1.1, which must be refused
def test_example_as_it_stands_with_tls(tmp_path, started, login, broker, backend, standin):
    nginx = started.process(Nginx(tmp_path / "nginx", login=login, broker=broker, backend=backend, tls=True)).start()
    context = ssl.create_default_context(cafile=str(nginx.folder / "fullchain.pem"))
    connection = http.client.HTTPSConnection(HOST, nginx.port, context=context, timeout=10)
    connection.request("GET", "/login", headers={"X-WX-Code": standin.code("alice")})
    assert connection.getresponse().status == 200
    connection.close()
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(OSError):
        http.client.HTTPSConnection(HOST, nginx.port, context=old, timeout=10).request("GET", "/session")
