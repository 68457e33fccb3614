"""The admin listener: who may ask, what it does to sessions and users, and what it says about the service."""
import time

import pytest
from harness import Refused, Wire
from harness.login import ADMIN_TOKEN, Session

TCP4 = Wire("tcp", 4)
REVOKE, GRANT, UNGRANT, MUTE, UNMUTE, BAN, UNBAN = 2, 4, 5, 6, 7, 8, 9

ORDERS = {"revoke": {"uid": "u" * 16}, "mute": {"uid": "u" * 16, "seconds": 60}, "unmute": {"uid": "u" * 16},
          "ban": {"uid": "u" * 16, "seconds": 60}, "unban": {"uid": "u" * 16},
          "grant": {"uid": "u" * 16, "room": "~a", "seconds": 60}, "ungrant": {"uid": "u" * 16, "room": "~a"}}


@pytest.fixture
def broker(start_broker, login):
    return start_broker(options={"store": f"sqlite:{login.store}"})


@pytest.fixture
def changes(login):
    """changes(): rows of the change log, (type, who, room, until_s)."""
    import sqlite3

    def read():
        db = sqlite3.connect(f"file:{login.store}?mode=ro", uri=True)
        rows = db.execute("SELECT type, who, room, until_s FROM changes ORDER BY seq").fetchall()
        db.close()
        return rows

    return read


# Who may ask.

TOKENS = {"none": None, "empty": "", "wrong": "x" * len(ADMIN_TOKEN), "cut": ADMIN_TOKEN[:-1],
          "longer": ADMIN_TOKEN + "x", "other case": ADMIN_TOKEN.upper()}


def test_nobody_without_the_token(login, sign_in, secret):
    secret("admin token", ADMIN_TOKEN)
    session = sign_in("alice")
    for name, token in {**TOKENS, "an skey": session.skey}.items():
        for what, members in ORDERS.items():
            answer = login.admin("POST", f"/admin/{what}", token=token, json={**members, "uid": session.uid})
            assert (answer.status, answer.error) == (401, "ERR_UNAUTHORIZED"), (name, what)
            assert answer.headers["WWW-Authenticate"] == "Bearer"
        answer = login.admin("GET", f"/admin/sessions?uid={session.uid}", token=token)
        assert (answer.status, answer.error) == (401, "ERR_UNAUTHORIZED"), name
    basic = login.admin("POST", "/admin/revoke", token=None, headers={"Authorization": f"Basic {ADMIN_TOKEN}"},
                        json={"uid": session.uid})
    in_query = login.admin("POST", f"/admin/revoke?Authorization=Bearer+{ADMIN_TOKEN}", token=None,
                           json={"uid": session.uid})
    assert {basic.status, in_query.status} == {401}
    assert login.call("GET", "/auth", headers=session.headers).status == 204
    assert login.admin("GET", f"/admin/sessions?uid={session.uid}").status == 200


def test_each_listener_serves_its_own(login, sign_in):
    session = sign_in("alice")
    bearer = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
    for what, members in ORDERS.items():
        answer = login.call("POST", f"/admin/{what}", headers=bearer, json={**members, "uid": session.uid})
        assert (answer.status, answer.error) == (404, "ERR_NOT_FOUND")
    for path in ("/metrics", f"/admin/sessions?uid={session.uid}"):
        assert login.call("GET", path, headers=bearer).status == 404
    for method, path in (("POST", "/login"), ("GET", "/session"), ("GET", "/auth"), ("DELETE", "/session"),
                         ("PUT", "/profile"), ("POST", "/session/renew")):
        assert login.admin(method, path, token=None, headers=session.headers).status == 404
    assert login.admin("GET", "/healthz", token=None).status == 200
    assert login.admin("GET", "/admin/revoke").status == 405


def test_no_admin_listener_without_the_option(start_login):
    from harness.ports import listens
    login = start_login(admin_listen=None, admin_token_file=None)
    assert not listens(login.admin_port)


def test_short_admin_token_stops_the_service(start_login):
    login = start_login(start=False)
    login.admin_token_file.write_text("short\n")
    login.admin_token_file.chmod(0o600)
    assert "admin_token_file" in login.refuses_to_start()


# What is asked wrongly.

def bad_orders(uid):
    seconds = [0, -1, -60, 1.5, "60", None, True, 315_360_001, 10**15, 1e300]
    yield from (("ban", {"uid": uid, "seconds": s}) for s in seconds)
    yield from (("mute", {"uid": uid, "seconds": s}) for s in seconds)
    yield from (("grant", {"uid": uid, "room": "~a", "seconds": s}) for s in seconds)
    rooms = ["", "a/b", "#", "a+", "$SYS", "x" * 65, 7, None, "~", "@"]
    yield from (("mute", {"uid": uid, "seconds": 60, "room": room}) for room in rooms)
    yield "ban", {"uid": uid, "seconds": 60, "rom": "lobby"}
    yield "ban", {"uid": uid}
    yield "grant", {"uid": uid, "seconds": 60}
    yield "ungrant", {"uid": uid}
    yield "mute", {"seconds": 60}
    yield "revoke", {}
    yield "revoke", {"uid": uid, "sid": "a" * 26}
    yield "revoke", {"sid": "a" * 25}
    yield "revoke", {"sid": "A" * 26}
    yield "revoke", {"uid": "' OR 1=1 --    "}
    yield "revoke", {"uid": uid, "seconds": 60}


def test_bad_orders_change_nothing(login, sign_in, changes):
    session = sign_in("alice")
    for what, members in bad_orders(session.uid):
        answer = login.admin("POST", f"/admin/{what}", json=members)
        assert (answer.status, answer.error) == (400, "ERR_BAD_REQUEST"), (what, members, answer.text)
    for body in (b"", b"uid=x", b"[]", b'{"uid":"', b'{"uid":"' + session.uid.encode() + b'"} x'):
        assert login.admin("POST", "/admin/revoke", body=body).status == 400, body
    assert login.admin("POST", "/admin/revoke", body=b" " * 5000).status == 413
    assert changes() == []
    assert login.call("GET", "/auth", headers=session.headers).status == 204


def test_nobody_knows_them(login, changes):
    for what, members in ORDERS.items():
        answer = login.admin("POST", f"/admin/{what}", json=members)
        assert (answer.status, answer.error) == (404, "ERR_NOT_FOUND"), what
    assert login.admin("POST", "/admin/revoke", json={"sid": "a" * 26}).status == 404
    assert login.admin("GET", f"/admin/sessions?uid={'u' * 16}").status == 404
    for query in ("", "?uid=", "?uid=x", f"?uid={'u' * 16}&after=x", f"?uid={'u' * 16}&uid={'v' * 16}"):
        assert login.admin("GET", "/admin/sessions" + query).status == 400, query
    assert changes() == []


# What they do.

def test_orders_stand_in_the_change_log(login, sign_in, changes):
    uid = sign_in("alice").uid
    now = time.time()
    until = {}
    for what, members in (("mute", {"room": "lobby"}), ("mute", {}), ("ban", {"room": "大厅"}), ("ban", {}),
                          ("grant", {"room": "~club"})):
        answer = login.order(what, uid=uid, seconds=3600, **members)
        assert abs(answer["until"] / 1000 - now - 3600) < 5
        until[what, members.get("room", "")] = answer["until"] // 1000
    assert changes() == [(MUTE, uid, "lobby", until["mute", "lobby"]), (MUTE, uid, "", until["mute", ""]),
                         (BAN, uid, "大厅", until["ban", "大厅"]), (BAN, uid, "", until["ban", ""]),
                         (GRANT, uid, "~club", until["grant", "~club"])]
    # Taken back: the entry lives as long as what it takes back would have.
    login.order("unmute", uid=uid)
    login.order("unban", uid=uid, seconds=5)
    login.order("ungrant", uid=uid, room="~club")
    login.order("ungrant", uid=uid, room="~never")
    assert changes() == [(MUTE, uid, "lobby", until["mute", "lobby"]), (BAN, uid, "大厅", until["ban", "大厅"]),
                         (UNMUTE, uid, "", until["mute", ""]), (UNBAN, uid, "", until["ban", ""]),
                         (UNGRANT, uid, "~club", until["grant", "~club"])]


def test_longest_order_is_ten_years(login, sign_in):
    answer = login.order("mute", uid=sign_in("alice").uid, seconds=315_360_000)
    assert abs(answer["until"] / 1000 - time.time() - 315_360_000) < 5


def test_granted_room_opens(login, sign_in, connect, broker):
    session = sign_in("alice")
    login.order("grant", uid=session.uid, room="~club", seconds=3600)
    client = connect(session, TCP4)
    broker.wait_until(lambda: client.subscribe("room/~club") == [0], "the way into the room")


# Bans.

def test_banned_user_is_refused_everywhere(login, standin, sign_in, connect, broker):
    session, bob = sign_in("alice"), sign_in("bob")
    login.order("ban", uid=session.uid, seconds=3600)
    for method, path in (("GET", "/session"), ("GET", "/auth"), ("POST", "/session/renew"), ("PUT", "/profile"),
                         ("POST", "/rooms/group")):
        answer = login.call(method, path, headers=session.headers)
        assert (answer.status, answer.error) == (403, "ERR_BANNED"), (method, path)
    answer = login.call("POST", "/login", json={"code": standin.code("alice")})
    assert (answer.status, answer.error) == (403, "ERR_BANNED")
    assert login.call("GET", "/auth", headers=bob.headers).status == 204
    login.order("unban", uid=session.uid)
    assert login.call("GET", "/auth", headers=session.headers).status == 204
    assert sign_in("alice").uid == session.uid


def test_ban_holds_after_kill_9_and_ends_by_itself(login, standin, sign_in):
    session = sign_in("alice")
    answer = login.order("ban", uid=session.uid, seconds=2)
    login.kill()
    login.popen = None
    login.start()
    if time.time() * 1000 < answer["until"] - 200:
        assert login.call("GET", "/auth", headers=session.headers).status == 403
    login.wait_until(lambda: login.call("GET", "/auth", headers=session.headers).status == 204, "the end of the ban")
    assert time.time() * 1000 >= answer["until"]


def test_ban_from_a_room_is_no_ban(login, sign_in):
    session = sign_in("alice")
    login.order("ban", uid=session.uid, room="lobby", seconds=3600)
    assert login.call("GET", "/auth", headers=session.headers).status == 204
    assert sign_in("alice").uid == session.uid


# What they see.

def test_sessions_of_a_user(login, standin, sign_in, secret):
    sessions = [sign_in("alice") for _ in range(3)]
    sign_in("bob")
    answer = login.admin("GET", f"/admin/sessions?uid={sessions[0].uid}")
    listed = answer.json["sessions"]
    assert [set(s) for s in listed] == [{"id", "createdAt", "expiresAt"}] * 3
    assert {s["id"]: s["expiresAt"] for s in listed} == {s.id: s.expires_at_ms for s in sessions}
    assert all(abs(s["createdAt"] / 1000 - time.time()) < 30 for s in listed)
    assert not any(text in answer.text for text in (standin.person("alice").openid, sessions[0].skey))
    login.order("revoke", sid=sessions[1].id)
    listed = login.admin("GET", f"/admin/sessions?uid={sessions[0].uid}").json["sessions"]
    assert {s["id"] for s in listed} == {sessions[0].id, sessions[2].id}


def test_many_sessions_come_by_pages(login, standin):
    standin.behave(rate_limit=0)
    ids = {login.login(standin.code("alice")).id for _ in range(230)}
    uid = login.login(standin.code("alice")).uid
    seen, after = [], ""
    while True:
        page = login.admin("GET", f"/admin/sessions?uid={uid}{after}").json
        seen += [s["id"] for s in page["sessions"]]
        if "next" not in page:
            break
        after = "&after=" + page["next"]
    assert len(seen) == len(set(seen)) == 231 and ids < set(seen)


def test_metrics(login, standin, sign_in):
    before = login.metrics()
    assert before["sessions"] == 0 and before['logins_total{outcome="ok"}'] == 0
    session = sign_in("alice")
    sign_in("bob")
    login.call("GET", "/session", headers=session.headers)
    login.call("POST", "/login", json={"code": "nonsense"})
    login.call("POST", "/login", json={})
    login.call("GET", "/auth")
    now = login.metrics()
    assert now["sessions"] == 2
    assert now['logins_total{outcome="ok"}'] == 2
    assert now['logins_total{outcome="invalid_code"}'] == 1
    assert now['logins_total{outcome="bad_request"}'] == 1
    requests = 'http_requests_total{listener="public",status="%d"}'
    assert now[requests % 400] == 1 and now[requests % 401] == 2
    assert (now["store_queue"], now["wechat_inflight"]) == (0, 0)
    assert now['store_errors_total{op="write"}'] == 0
    login.order("revoke", uid=session.uid)
    assert login.metrics()["sessions"] == 1


def test_metrics_see_calls_in_flight(login, standin):
    import threading
    standin.behave(delay_ms=1500)
    code = standin.code("alice")
    thread = threading.Thread(target=login.login, args=(code,))
    thread.start()
    login.wait_until(lambda: login.metrics()["wechat_inflight"] == 1, "the call in flight")
    thread.join()
    assert login.metrics()["wechat_inflight"] == 0


# Groups: the mini-program's proof that it was opened from one.

def group_call(login, session, info):
    return login.call("POST", "/rooms/group", headers=session.headers,
                      json={name: info[name] for name in ("encryptedData", "iv")})


@pytest.mark.parametrize("form", ["openGId", "opengid"])
def test_group_is_entered_by_proof(login, standin, sign_in, connect, broker, changes, form):
    session = sign_in("alice")
    info = standin.group("alice", "family", form=form)
    client = connect(session, TCP4)
    assert client.subscribe(f"room/@{info['openGId']}") != [0]
    answer = group_call(login, session, info)
    assert answer.status == 200 and answer.json == {"room": "@" + info["openGId"]}, answer.text
    assert changes() == [(GRANT, session.uid, "@" + info["openGId"], session.expires_at_ms // 1000)]
    broker.wait_until(lambda: client.subscribe(f"room/@{info['openGId']}") == [0], "the way into the room")
    assert client.subscribe("room/@another") != [0]


def test_group_proofs_that_prove_nothing(login, standin, sign_in, changes):
    alice = sign_in("alice")
    bob = sign_in("bob")
    refused = {
        "another's": standin.group("bob", "family"),
        "too old": standin.group("alice", "family", age=400),
        "another app": standin.group("alice", "family", appid="wx0000000000000000"),
        "bad padding": standin.group("alice", "family", badPadding=True),
        "no group": standin.group("alice", "family", plaintext='{"openGId":7}'),
        "a user's data": standin.userinfo("alice"),
    }
    texts = set()
    for name, info in refused.items():
        answer = group_call(login, alice, info)
        assert (answer.status, answer.error) == (401, "ERR_BAD_ENCRYPTED_DATA"), (name, answer.text)
        texts.add(answer.text)
    assert len(texts) == 1, "a hint which check failed"
    old = standin.group("alice", "family")
    fresh = sign_in("alice")  # wx.login: another session_key, so what was sealed before is void
    assert group_call(login, fresh, old).status == 401
    for body in (b"", b"{}", b'{"encryptedData":"AAAA"}', b'{"iv":"AAAA"}', b"[]"):
        answer = login.call("POST", "/rooms/group", headers=alice.headers, body=body)
        assert (answer.status, answer.error) == (400, "ERR_BAD_REQUEST"), body
    assert login.call("POST", "/rooms/group", json=standin.group("bob", "family")).status == 401
    assert changes() == []
    assert group_call(login, bob, standin.group("bob", "family")).status == 200


def test_session_that_cannot_be_unsealed(start_login, standin, keys):
    """Another secret_key since: said in the log, and no proof is taken."""
    login = start_login()
    session = login.login(standin.code("alice"))
    login.stop()
    keys.secret.chmod(0o600)
    keys.secret.write_bytes(b"\x01" * 32)
    login.start()
    answer = group_call(login, session, standin.group("alice", "family"))
    assert (answer.status, answer.error) == (500, "ERR_INTERNAL")
    login.wait_for_log("session.key_unreadable option=secret_key")
    assert Session.renewed(login.call("POST", "/session/renew", headers=session.headers)).id == session.id


# The log does not grow for ever.

def test_change_log_forgets_what_no_longer_matters(login, sign_in, changes):
    import sqlite3
    uid = sign_in("alice").uid
    login.order("mute", uid=uid, seconds=3600)
    login.stop()
    with sqlite3.connect(login.store) as db:
        long_ago = int(time.time()) - 3600
        db.executemany("INSERT INTO changes(at_s, type, who, until_s) VALUES(?, ?, ?, ?)",
                       [(long_ago, REVOKE, f"{i:0>26}".translate(str.maketrans("0189", "abcd")), long_ago)
                        for i in range(1200)])
    db.close()
    assert len(changes()) == 1201
    login.start()
    login.wait_until(lambda: len(changes()) == 1, "the sweep")
    assert changes()[0][0] == MUTE
