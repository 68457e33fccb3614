"""The whole path: a mini-program's code goes in, a skey comes out, and with it two people chat until it is over."""
import time

import pytest

from harness import Refused, Wire

AVATAR = "https://thirdwx.qlogo.cn/mmopen/vi_32/abc/132"
TCP5 = Wire("tcp", 5)


def test_two_people_log_in_and_chat(sign_in, connect, wire):
    alice = connect(sign_in("alice", nickName="爱丽丝", avatarUrl=AVATAR), wire)
    bob_session = sign_in("bob")
    bob = connect(bob_session, wire)
    assert alice.subscribe("room/lobby") == [0] and bob.subscribe("room/lobby") == [0]
    alice.say("lobby", "你好", ref="1")
    heard = bob.expect(topic="room/lobby").json
    assert heard["from"] == {"uid": alice.client_id, "nickName": "爱丽丝", "avatarUrl": AVATAR}
    assert (heard["content"], heard["room"], heard["ref"]) == ("你好", "lobby", "1")
    alice.expect(topic="room/lobby", where=lambda m: m.json == heard)
    # A message to one person, by the uid that the log-in named.
    assert bob.subscribe(f"user/{bob_session.uid}") == [0]
    alice.publish(f"user/{bob_session.uid}", {"type": "text", "content": "for you"})
    assert bob.expect(topic=f"user/{bob_session.uid}").json["content"] == "for you"


@pytest.mark.alone
def test_session_of_the_service_ends_at_the_broker(start_login, standin, connect, wire):
    login = start_login(session_ttl="2s")
    session = login.login(standin.code("alice"))
    alice = connect(session, wire)
    assert alice.subscribe("room/lobby") == [0]
    notice = alice.expect(topic=f"user/{session.uid}/notice", timeout=5, still_open=False).json
    assert (notice["error"], notice["reason"]) == ("ERR_INVALID_SESSION", "expired")
    alice.wait_closed(timeout=5)
    late = time.time() - (time.monotonic() - alice.closed_at) - session.expires_at_ms / 1000
    assert 0 <= late < 0.5
    with pytest.raises(Refused):
        connect(session, wire)
    # What the client library then does: a new code, a new session, the same person.
    again = connect(login.login(standin.code("alice")), wire)
    assert again.client_id == session.uid


def test_keys_rotate_without_a_break(login, standin, sign_in, broker, connect, keys):
    before = sign_in("alice")
    alice = connect(before, TCP5)
    keys.rotate()
    broker.reload()
    login.reload()
    login.wait_until(lambda: login.login(standin.code("bob")).skey.split(".")[0] != before.skey.split(".")[0],
                     "skeys under the new key")
    bob = connect(sign_in("bob"), TCP5)
    assert alice.connected
    alice.subscribe("room/lobby")
    bob.say("lobby", "signed anew")
    assert alice.expect(topic="room/lobby").json["content"] == "signed anew"
    alice.disconnect()
    assert connect(before, TCP5).connected  # the old key still verifies
    keys.forget_old()
    before_reload = len(broker.log())
    broker.reload()
    broker.wait_for_log("keys.loaded count=1", after=before_reload)
    with pytest.raises(Refused):
        connect(before, TCP5, client_id=before.uid + "-late")


def test_broker_takes_what_the_tool_mints(keys, connect):
    uid, service = "a" * 16, "b" * 16
    client = connect(None, TCP5, client_id=uid, username=uid, password=keys.mint(uid=uid, room="~staff"))
    assert client.subscribe("room/~staff", "room/lobby", "room/~other") == [0, 0, 0x87]
    bot = connect(None, TCP5, client_id=service, username=service, password=keys.mint(uid=service, role="service"))
    assert bot.subscribe("room/+", "#") == [0, 0]
