"""A session after the log-in: renewed, ended, renamed; and what of it the open connections of its owner see."""
import sqlite3
import time

import pytest
from harness import Refused, Wire
from harness.login import Session
from harness.raw import AUTH, properties
from harness.wait import patience, wait_until

TCP4, TCP5 = Wire("tcp", 4), Wire("tcp", 5)
TOLD_WITHIN_S = 0.3
AVATAR = "https://thirdwx.qlogo.cn/mmopen/vi_32/abc/132"


@pytest.fixture
def broker(start_broker, login):
    """Follows the change log of the login service."""
    return start_broker(options={"store": f"sqlite:{login.store}"})


def must_be_told(client, session, reason="revoked"):
    """Soon after the end was acknowledged: how long it took to be on the disk is the disk's affair."""
    acknowledged = time.monotonic()
    client.wait_closed()
    assert client.closed_at - acknowledged < TOLD_WITHIN_S
    notice = client.received(f"user/{session.uid}/notice")[0].json
    assert (notice["error"], notice["reason"]) == ("ERR_INVALID_SESSION", reason)


def must_be_over(login, session):
    for method, path in (("GET", "/session"), ("GET", "/auth"), ("POST", "/session/renew"), ("DELETE", "/session"),
                         ("PUT", "/profile"), ("POST", "/rooms/group")):
        answer = login.call(method, path, headers=session.headers)
        assert (answer.status, answer.error) == (401, "ERR_INVALID_SESSION"), (method, path, answer.text)


# Renew.

@pytest.mark.alone
def test_renewed_session_lives_on_in_its_connection(start_login, start_broker, standin, connect, wire):
    """Past the end of the skey that it came with, through a SIGHUP, up to its new end and no further."""
    login = start_login(session_ttl="3s")
    broker = start_broker(options={"store": f"sqlite:{login.store}"})
    first = login.login(standin.code("alice"))
    client = connect(first, wire, on_broker=broker)
    wait_until(lambda: time.time() * 1000 > first.expires_at_ms - 1500, "half of the session")
    second = login.renew(first)
    assert (second.id, second.uid) == (first.id, first.uid)
    assert second.skey != first.skey and second.expires_at_ms > first.expires_at_ms
    wait_until(lambda: time.time() * 1000 > first.expires_at_ms + 300, "the first end")
    broker.reload()
    assert client.subscribe("room/lobby") == [0]
    assert login.call("GET", "/session", headers=second.headers).status == 200
    assert login.call("GET", "/session", headers=first.headers).status == 401  # that skey is over by date
    client.wait_closed()
    late = time.time() - (time.monotonic() - client.closed_at) - second.expires_at_ms / 1000
    assert 0 <= late < 0.5
    assert login.call("GET", "/session", headers=second.headers).status == 401


@pytest.mark.alone
def test_old_skey_connects_after_a_renewal_and_stays_as_long(start_login, start_broker, standin, connect):
    login = start_login(session_ttl="3s")
    broker = start_broker(options={"store": f"sqlite:{login.store}"})
    first = login.login(standin.code("alice"))
    wait_until(lambda: time.time() * 1000 > first.expires_at_ms - 1500, "half of the session")
    second = login.renew(first)
    broker.wait_until(lambda: connect(first, TCP4, on_broker=broker).connected, "the way in")
    client = connect(first, TCP4, on_broker=broker)
    client.wait_closed()
    late = time.time() - (time.monotonic() - client.closed_at) - second.expires_at_ms / 1000
    assert 0 <= late < 0.5


def test_mqtt5_connection_takes_the_renewed_skey(login, sign_in, raw, broker):
    """AUTH 0x19 with what /session/renew gave."""
    session = sign_in("alice")
    client = raw(TCP5)
    connack = client.connect(session.uid, properties={"auth_method": "WX-SKEY", "auth_data": session.skey.encode()})
    assert connack.reason == 0
    fresh = login.renew(session)
    client.send(AUTH, b"\x19" + properties({"auth_method": "WX-SKEY", "auth_data": fresh.skey.encode()}))
    assert client.expect(AUTH).reason == 0
    assert client.subscribe("room/lobby") == 0


def test_renewal_does_not_shorten(start_login, standin):
    """session_ttl became shorter: what was promised stays."""
    login = start_login(session_ttl="1h")
    session = login.login(standin.code("alice"))
    login.stop()
    login.config["session_ttl"] = "5m"
    login.start()
    assert login.renew(session).expires_at_ms == session.expires_at_ms


# The end, by the user.

@pytest.mark.alone
def test_logout_drops_the_connection(login, sign_in, connect, broker, wire):
    session, other = sign_in("alice"), sign_in("alice")
    client, stays = connect(session, wire), connect(other, wire, client_id=other.id)
    answer = login.call("DELETE", "/session", headers=session.headers)
    assert (answer.status, answer.text) == (204, "")
    must_be_told(client, session)
    must_be_over(login, session)
    with pytest.raises(Refused):
        connect(session, wire)
    assert stays.subscribe("room/lobby") == [0]
    assert login.call("GET", "/auth", headers=other.headers).status == 204


@pytest.mark.alone
def test_a_client_is_dropped_in_turns_that_follow_at_once(login, sign_in, connect, broker):
    """The broker pauses for 100 ms between two turns, of which it takes three. The best of some: noise only adds."""
    took = []
    for i in range(5):
        session = sign_in(f"alice{i}")
        client = connect(session, Wire("websockets", 4))
        login.order("revoke", sid=session.id)
        acknowledged = time.monotonic()
        client.wait_closed()
        took.append(client.closed_at - acknowledged)
    assert min(took) < 0.1, took


def test_logout_holds_after_kill_9_of_both(login, sign_in, connect, broker):
    session = sign_in("alice")
    assert login.call("DELETE", "/session", headers=session.headers).status == 204
    for process in (login, broker):
        process.kill()
        process.popen = None
    login.start()
    broker.start()
    must_be_over(login, session)
    with pytest.raises(Refused):
        connect(session, TCP4)
    assert connect(sign_in("alice"), TCP4).connected


def test_logout_while_the_broker_is_away(login, sign_in, connect, broker):
    session = sign_in("alice")
    broker.stop()
    assert login.call("DELETE", "/session", headers=session.headers).status == 204
    broker.start()
    with pytest.raises(Refused):
        connect(session, TCP4)


# The end, by the admin.

@pytest.mark.alone
def test_revoked_session_is_told_and_over(login, sign_in, connect, broker, wire):
    session = sign_in("alice")
    client = connect(session, wire)
    assert login.order("revoke", sid=session.id) == {"revoked": 1}
    must_be_told(client, session)
    must_be_over(login, session)
    with pytest.raises(Refused):
        connect(session, wire)


def test_revoked_user_loses_every_session_and_gets_new_ones(login, sign_in, connect, broker):
    """All up to now and none minted after, also within the same second."""
    old = [sign_in("alice") for _ in range(5)]
    bob = sign_in("bob")
    clients = [connect(session, TCP4, client_id=session.id) for session in old]
    connect(bob, TCP4)
    assert login.order("revoke", uid=old[0].uid) == {"revoked": 5}
    fresh = sign_in("alice")
    assert connect(fresh, TCP4).subscribe("room/lobby") == [0]
    for client in clients:
        client.wait_closed()
    for session in old:
        must_be_over(login, session)
        with pytest.raises(Refused):
            connect(session, TCP4)
    assert login.call("GET", "/session", headers=fresh.headers).status == 200
    assert login.call("GET", "/session", headers=bob.headers).status == 200
    assert login.order("revoke", uid=fresh.uid) == {"revoked": 1}


def test_revocation_of_hundreds_of_sessions_of_one_user(login, standin):
    standin.behave(rate_limit=0)
    sessions = [login.login(standin.code("alice")) for _ in range(150)]
    assert login.order("revoke", uid=sessions[0].uid) == {"revoked": 150}
    assert {login.call("GET", "/auth", headers=session.headers).status for session in sessions} == {401}


# One session at a time.

@pytest.mark.alone
def test_single_session_ends_the_others(start_login, start_broker, standin, connect):
    login = start_login(single_session="yes")
    broker = start_broker(options={"store": f"sqlite:{login.store}"})
    first, bob = login.login(standin.code("alice")), login.login(standin.code("bob"))
    client = connect(first, TCP4, client_id=first.id, on_broker=broker)
    second = login.login(standin.code("alice"))
    must_be_told(client, first)
    must_be_over(login, first)
    assert login.call("GET", "/session", headers=second.headers).status == 200
    assert login.call("GET", "/session", headers=bob.headers).status == 200


def test_sessions_live_side_by_side_by_default(login, sign_in):
    first, second = sign_in("alice"), sign_in("alice")
    assert [login.call("GET", "/session", headers=s.headers).status for s in (first, second)] == [200, 200]


# Profile.

@pytest.mark.alone
def test_profile_is_stamped_at_once(login, sign_in, connect, broker, wire):
    session = sign_in("alice", nickName="Alice", avatarUrl=AVATAR)
    other = sign_in("alice")
    client, elsewhere = connect(session, wire), connect(other, wire, client_id=other.id)
    client.subscribe("room/lobby")
    answer = login.call("PUT", "/profile", headers=session.headers,
                        json={"nickName": "爱丽丝", "avatarUrl": "https://example.com/new.png"})
    fresh = Session.renewed(answer)
    assert fresh.user_info == {"nickName": "爱丽丝", "avatarUrl": "https://example.com/new.png"}
    assert (fresh.id, fresh.expires_at_ms) == (session.id, session.expires_at_ms)
    stamp = {"uid": session.uid, **fresh.user_info}
    for who in (client, elsewhere):

        def stamped():
            who.say("lobby", "who am I?")
            return client.expect("room/lobby").json["from"] == stamp

        wait_until(stamped, "the new name", timeout=TOLD_WITHIN_S * 4)
    # Old skeys are good still, and say who one is now.
    again = connect(session, wire, client_id=session.id)
    again.say("lobby", "old skey")
    assert client.expect("room/lobby", where=lambda m: m.json["content"] == "old skey").json["from"] == stamp
    for skey in (session, fresh, other):
        me = login.call("GET", "/session", headers=skey.headers).json["session"]
        assert me["userInfo"] == fresh.user_info
    assert sign_in("alice").user_info == fresh.user_info


@pytest.mark.alone
def test_login_with_another_profile_is_seen_at_once(login, sign_in, connect, standin, wire):
    """The same person on another phone, whose WeChat hands out another name: the one that came last holds everywhere."""
    first = sign_in("alice", nickName="Alice", avatarUrl=AVATAR)
    client = connect(first, wire)
    client.subscribe("room/lobby")
    assert login.call("GET", "/session", headers=first.headers).json["session"]["userInfo"] == first.user_info
    second = sign_in("alice", nickName="爱丽丝", avatarUrl=AVATAR)
    renamed = {"nickName": "爱丽丝", "avatarUrl": AVATAR}
    assert second.user_info == renamed
    for session in (first, second):
        assert login.call("GET", "/session", headers=session.headers).json["session"]["userInfo"] == renamed

    def stamped():
        client.say("lobby", "who am I?")
        return client.expect("room/lobby").json["from"] == {"uid": first.uid, **renamed}

    wait_until(stamped, "the new name", timeout=TOLD_WITHIN_S * 4)


def test_parts_of_the_profile_stay(login, sign_in):
    session = sign_in("alice", nickName="Alice", avatarUrl=AVATAR)
    one = Session.renewed(login.call("PUT", "/profile", headers=session.headers, json={"nickName": "A"}))
    assert one.user_info == {"nickName": "A", "avatarUrl": AVATAR}
    two = Session.renewed(login.call("PUT", "/profile", headers=session.headers,
                                     json={"avatarUrl": "https://x.example/y", "gender": 1}))
    assert two.user_info == {"nickName": "A", "avatarUrl": "https://x.example/y"}


MEDIA_URL = "http://127.0.0.1:8081/media/"

GOOD_PROFILES = {
    "name, no picture chosen": {"nickName": "x", "avatarUrl": ""},
    "picture, no name typed": {"nickName": None, "avatarUrl": "https://example.com/a.png"},
    "one character": {"nickName": "x"},
    "32 characters": {"nickName": "码" * 32},
    "emoji": {"nickName": "🐼" * 32},
    "media": {"avatarUrl": MEDIA_URL + "0123456789abcdef" * 4 + ".png"},
}
BAD_PROFILES = {
    "nothing": b"{}",
    "no JSON": b"nickName=x",
    "array": b"[]",
    "cut": b'{"nickName":"x"',
    "empty name": {"nickName": ""},
    "33 characters": {"nickName": "x" * 33},
    "33 emoji": {"nickName": "🐼" * 33},
    "newline": {"nickName": "a\nb"},
    "C1 control": {"nickName": "a\x85b"},
    "DEL": {"nickName": "a\x7fb"},
    "number": {"nickName": 7},
    "null": {"nickName": None},
    "null and empty": {"nickName": "", "avatarUrl": None},
    "name doubled": b'{"nickName":"a","nickName":"b"}',
    "invalid UTF-8": b'{"nickName":"\xff"}',
    "placeholder": {"nickName": "微信用户"},
    "good name, bad avatar": {"nickName": "x", "avatarUrl": "nowhere"},
    "http": {"avatarUrl": "http://example.com/a.png"},
    "script": {"avatarUrl": "javascript:alert(1)"},
    "data": {"avatarUrl": "data:image/png;base64,AAAA"},
    "local file": {"avatarUrl": "wxfile://tmp_abc.png"},
    "blank": {"avatarUrl": "https://example.com/a b"},
    "quote": {"avatarUrl": "https://example.com/a\"b"},
    "too long": {"avatarUrl": "https://example.com/" + "a" * 500},
    "out of media": {"avatarUrl": MEDIA_URL + "../" + "0" * 64 + ".png"},
    "no name of ours": {"avatarUrl": MEDIA_URL + "abc.png"},
    "no image": {"avatarUrl": MEDIA_URL + "0" * 64 + ".mp4"},
    "media alone": {"avatarUrl": MEDIA_URL},
    "like media": {"avatarUrl": "http://127.0.0.1:8081/mediax"},
}


def put_profile(login, session, body):
    sent = {"body": body} if isinstance(body, bytes) else {"json": body}
    return login.call("PUT", "/profile", headers=session.headers, **sent)


def test_profiles_good_and_bad(start_login, standin):
    login = start_login(media_url=MEDIA_URL)
    session = login.login(standin.code("alice"))
    for name, body in GOOD_PROFILES.items():
        answer = put_profile(login, session, body)
        assert answer.status == 200, (name, answer.text)
    before = login.call("GET", "/session", headers=session.headers).json
    for name, body in BAD_PROFILES.items():
        answer = put_profile(login, session, body)
        assert (answer.status, answer.error) == (400, "ERR_BAD_REQUEST"), (name, answer.text)
    assert put_profile(login, session, b'{"nickName":"' + b"a" * 10_000 + b'"}').status == 413
    assert login.call("GET", "/session", headers=session.headers).json == before


# One place that checks the session.

def test_auth_names_user_and_session(login, sign_in):
    session = sign_in("alice")
    for headers in (session.headers, session.bearer):
        answer = login.call("GET", "/auth", headers=headers)
        assert (answer.status, answer.text) == (204, "")
        assert (answer.headers["X-User-Id"], answer.headers["X-Session-Id"]) == (session.uid, session.id)


def test_auth_refuses(login, sign_in, keys):
    me, other = sign_in("alice"), sign_in("bob")
    refused = {
        "nothing": {},
        "id alone": {"X-WX-Id": me.id},
        "sid of another": {"X-WX-Id": me.id, "X-WX-Skey": other.skey},
        "forged": {"Authorization": "Bearer " + keys.forge(keys.claims(sub=me.uid, jti="q" * 26))},
        "not signed": {"X-WX-Skey": me.skey.rsplit(".", 1)[0] + "."},
    }
    for name, headers in refused.items():
        answer = login.call("GET", "/auth", headers=headers)
        assert (answer.status, answer.error) == (401, "ERR_INVALID_SESSION"), name
        assert answer.headers["X-User-Id"] is None and answer.headers["X-Session-Id"] is None


def test_refusals_say_why_in_the_log_and_keep_the_secrets(login, sign_in, keys, secret):
    me, other = sign_in("alice"), sign_in("bob")
    forged = secret("forged skey", keys.forge(keys.claims(sub=me.uid, jti="q" * 26)))
    expired = secret("expired skey", keys.forge(keys.claims(exp=int(time.time()) - 1, iat=1)))
    login.order("ban", uid=other.uid, seconds=60)
    for headers, said in (
            ({}, 'uid=- sid=- why="no skey"'),
            ({"X-WX-Skey": expired}, 'uid=- sid=- why="expired"'),
            ({"X-WX-Skey": forged}, 'sid=qqqqqqqq why="no such session in the store"'),
            ({**me.headers, **other.bearer}, 'why="two different skeys"'),
            ({"X-WX-Id": other.id, "X-WX-Skey": me.skey}, f"uid={me.uid} sid={me.id[:8]} why="),
            (other.headers, f'uid={other.uid} sid={other.id[:8]} why="the user is banned"')):
        assert login.call("GET", "/auth", headers=headers).status >= 400
        assert "session.refused" in login.log().splitlines()[-1] and said in login.log().splitlines()[-1]
    secret("wrong token", "wrong-" + "t" * 20)
    login.admin("POST", "/admin/revoke", token="wrong-" + "t" * 20, json={"uid": me.uid})
    login.admin("GET", "/admin/sessions?uid=" + me.uid, token=None)
    assert [line.split(" ", 2)[2] for line in login.log().splitlines()[-2:]] == [
        'admin.refused path=/admin/revoke why="wrong token" unsaid=0',
        'admin.refused path=/admin/sessions why="no token" unsaid=0']


def test_auth_hears_of_every_end_at_once(login, sign_in):
    """What it remembers of a session that was just checked must not outlive the answer to who has ended it."""
    ends = {
        "logout": lambda s: login.call("DELETE", "/session", headers=s.headers),
        "sid": lambda s: login.order("revoke", sid=s.id),
        "uid": lambda s: login.order("revoke", uid=s.uid),
        "ban": lambda s: login.order("ban", uid=s.uid, seconds=60),
    }
    for name, end in ends.items():
        for i in range(5):
            session = sign_in(f"{name}-{i}")
            assert [login.call("GET", "/auth", headers=session.headers).status for _ in range(3)] == [204] * 3
            end(session)
            assert login.call("GET", "/auth", headers=session.headers).status in (401, 403), name


@pytest.mark.alone
def test_auth_hears_of_what_another_process_does(login, sign_in):
    """Another login service on the same store, or an administrator's sqlite3."""
    session = sign_in("alice")
    assert login.call("GET", "/auth", headers=session.headers).status == 204
    with sqlite3.connect(login.store, timeout=10) as db:
        db.execute("DELETE FROM sessions WHERE sid = ?", (session.id,))
    db.close()
    began, calls = time.monotonic(), 0
    while login.call("GET", "/auth", headers=session.headers).status == 204:
        calls += 1
        assert time.monotonic() - began < patience(2 * TOLD_WITHIN_S), calls


def test_renewed_session_is_checked_by_its_new_end(start_login, standin):
    login = start_login(session_ttl="2s")
    first = login.login(standin.code("alice"))
    login.call("GET", "/auth", headers=first.headers)
    wait_until(lambda: time.time() * 1000 > first.expires_at_ms - 900, "half of the session")
    second = login.renew(first)
    wait_until(lambda: time.time() * 1000 > first.expires_at_ms + 100, "the first end")
    assert login.call("GET", "/auth", headers=second.headers).status == 204
    assert login.call("GET", "/auth", headers=first.headers).status == 401
    wait_until(lambda: time.time() * 1000 > second.expires_at_ms, "the second end")
    assert login.call("GET", "/auth", headers=second.headers).status == 401


CONTRADICTIONS = {
    "two skeys": [("X-WX-Skey", "{me}"), ("X-WX-Skey", "{other}")],
    "the same twice": [("X-WX-Skey", "{me}"), ("X-WX-Skey", "{me}")],
    "two ids": [("X-WX-Id", "{sid}"), ("X-WX-Id", "{sid}"), ("X-WX-Skey", "{me}")],
    "two bearers": [("Authorization", "Bearer {me}"), ("Authorization", "Bearer {other}")],
    "header and bearer": [("X-WX-Skey", "{me}"), ("Authorization", "Bearer {other}")],
}
CALLS = ["GET /auth", "GET /session", "POST /session/renew", "DELETE /session"]


@pytest.mark.parametrize("call", CALLS)
def test_doubled_and_contradictory_headers(login, sign_in, call):
    me, other = sign_in("alice"), sign_in("bob")
    for name, headers in CONTRADICTIONS.items():
        lines = [f"{call} HTTP/1.1", "Host: test", "Connection: close",
                 *(f"{n}: {v.format(me=me.skey, other=other.skey, sid=me.id)}" for n, v in headers)]
        said = login.raw(("\r\n".join(lines) + "\r\n\r\n").encode())
        assert said.split(b" ")[1] == b"400", (name, said[:200])
    contradiction = f"{call.split(' ')[1]}?X-WX-Skey={other.skey}"
    assert login.call(call.split(" ")[0], contradiction, headers=me.headers).status == 400
    filler = login.call(*call.split(" "), headers={**me.headers, "X-Filler": "a" * 65536})
    assert filler.status == 431
    assert login.call("GET", "/auth", headers=me.headers).status == 204


def test_no_other_success_carries_the_mark(login, sign_in):
    """wafer-client-sdk clears its session at the sight of it."""
    session = sign_in("alice")
    for answer in (login.call("POST", "/session/renew", headers=session.headers),
                   login.call("PUT", "/profile", headers=session.headers, json={"nickName": "x"}),
                   login.call("GET", "/session", headers=session.headers)):
        assert answer.status == 200 and "F2C224D4" not in answer.text


def test_body_that_nobody_asked_for(login, sign_in):
    """Some HTTP clients send {} with whatever they send."""
    session = sign_in("alice")
    renewed = login.call("POST", "/session/renew", headers=session.headers, json={})
    assert Session.renewed(renewed).id == session.id
    assert login.call("POST", "/session/renew", headers=session.headers, body=b"x" * 5000).status == 413
    for path, status in (("/session", 200), ("/auth", 204)):
        for method in ("GET", "HEAD"):
            assert login.call(method, path, headers=session.headers, json={}).status == status
        assert login.call("GET", path, headers=session.headers, body=b"x" * 5000).status == 413
    assert login.call("DELETE", "/session", headers=session.headers, json={}).status == 204
