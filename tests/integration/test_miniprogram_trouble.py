"""What mini-programs live through, and the client library of miniprogram/lib with them: sockets that die without a word,
sleep, sessions that end, networks that change, a rival with the same client id. In a bare realm of Node, against the real
broker and login service."""
import json
import time

import pytest

from harness.miniprogram import Failed


@pytest.fixture
def broker(start_broker, login):
    return start_broker(options={"store": f"sqlite:{login.store}", "history": 50})


@pytest.fixture
def pair(app):
    """Alice and Bob, both in the lobby."""
    alice, bob = app("alice"), app("bob")
    for one in (alice, bob):
        one.call("chat.join", "lobby")
        one.expect("joined")
    return alice, bob


def sleep_until(moment_s):
    time.sleep(max(0, moment_s - time.time()))


def fall_asleep(app):
    """Into the background: sockets die there, and JavaScript stands still."""
    app.phone("hide")
    app.phone("kill")
    app.freeze()


def wake_up(app):
    """Back in front, after more than the 5 s in which WeChat leaves an app alone."""
    time.sleep(5.5)
    app.thaw()
    app.phone("show")


def chatter(app, texts, room="lobby"):
    for one in [app.start("chat.say", room, text) for text in texts]:
        one.result(20)


@pytest.mark.parametrize("version", [5, 4], ids=["mqtt5", "mqtt311"])
def test_sockets_die_in_the_background(app, version):
    """The missed come in order and once, then what is new; what was said while away is said once."""
    alice, bob = (app(name, options={"protocolVersion": version}) for name in ("alice", "bob"))
    alice.call("chat.join", "lobby")
    bob.call("chat.join", "lobby")
    chatter(bob, ["before 1", "before 2"])
    alice.expect("message", content="before 2")
    fall_asleep(alice)
    chatter(bob, [f"missed {n}" for n in range(60)])
    wake_up(alice)
    chatter(bob, ["after"])
    alice.expect("message", content="after")
    assert alice.texts == ["before 1", "before 2", *(f"missed {n}" for n in range(60)), "after"]
    assert alice.seen("joined")[-1] == {"room": "lobby", "gap": False}
    assert alice.call("chat.say", "lobby", "back")["content"] == "back"
    bob.expect("message", content="back")
    assert bob.texts.count("back") == 1 and alice.get("counts")["sockets"] == 2


@pytest.mark.alone
def test_back_within_half_a_second(pair):
    alice, bob = pair
    took = []
    for turn in range(5):
        fall_asleep(alice)
        chatter(bob, [f"{turn}.{n}" for n in range(50)])
        time.sleep(5.5)
        alice.thaw()
        alice.phone("show")
        shown = alice.expect_event("message", where=lambda m, t=turn: m.get("content") == f"{t}.49")
        started = [one for one in alice.events if one["event"] == "state" and one["what"] == "connecting"][-1]
        took.append(shown["at"] - started["at"])
    assert alice.texts == [f"{turn}.{n}" for turn in range(5) for n in range(50)]
    print("ms from the foreground to the last of 50 missed:", took)
    assert sorted(took)[2] < 500, took


def test_short_look_elsewhere_costs_nothing(pair):
    alice, bob = pair
    alice.phone("hide")
    alice.phone("show")
    chatter(bob, ["hello"])
    alice.expect("message", content="hello")
    assert alice.get("counts")["sockets"] == 1


def test_sockets_die_in_a_short_look_elsewhere(pair):
    """No event, no more than 5 s away: a ping finds out."""
    alice, bob = pair
    alice.phone("hide")
    alice.phone("kill")
    alice.phone("show")
    chatter(bob, ["missed"])
    alice.expect("message", content="missed")
    assert alice.get("counts")["sockets"] == 2


def test_socket_dies_in_the_foreground(pair):
    """Nobody is told; what is said finds out."""
    alice, bob = pair
    alice.phone("kill")
    said = alice.call("chat.say", "lobby", "anybody there?", timeout=20)
    assert bob.expect("message", content="anybody there?")["id"] == said["id"]
    assert bob.texts == ["anybody there?"] and alice.get("counts")["sockets"] == 2


def test_sockets_are_cut(pair):
    """With an event: back by itself."""
    alice, bob = pair
    for n in range(3):
        alice.phone("cut")
        chatter(bob, [str(n)])
        alice.expect("message", content=str(n))
    assert alice.texts == ["0", "1", "2"]


def test_network_goes_and_comes(pair):
    alice, bob = pair
    alice.phone("setNetwork", False)
    alice.expect_state("offline")
    said = [alice.start("chat.say", "lobby", f"offline {n}") for n in range(5)]
    chatter(bob, ["meanwhile"])
    assert [one["status"] for one in alice.call("chat.outgoing")] == ["sending"] * 5
    alice.phone("setNetwork", True)
    ids = [one.result()["id"] for one in said]
    bob.expect("message", content="offline 4")
    assert [m["id"] for m in bob.seen("message")][1:] == ids
    assert alice.texts == ["meanwhile", *(f"offline {n}" for n in range(5))] == bob.texts


def test_network_changes_without_a_gap(pair):
    """From wifi to mobile: the socket is dead, and only the change is told."""
    alice, bob = pair
    alice.phone("kill")
    alice.phone("setNetwork", True)
    chatter(bob, ["on the way"])
    alice.expect("message", content="on the way")


def test_acknowledgement_is_lost(pair):
    """It arrived, and the phone does not know: it is looked for in the history before it is said again."""
    alice, bob = pair
    alice.phone("deafen")
    said = alice.start("chat.say", "lobby", "once")
    heard = bob.expect("message", content="once")
    alice.phone("kill")
    alice.phone("setNetwork", True)
    assert said.result()["id"] == heard["id"]
    chatter(alice, ["then"])
    bob.expect("message", content="then")
    assert bob.texts == ["once", "then"] == alice.texts


@pytest.mark.parametrize("arrived", [True, False])
def test_app_is_ended_right_after_something_was_said(pair, arrived):
    """It is in the storage, and said once when the app comes back, without a room being entered for it."""
    alice, bob = pair
    if arrived:
        alice.phone("deafen")
    else:
        alice.phone("setNetwork", False)
    alice.start("chat.say", "lobby", "last words")
    if arrived:
        bob.expect("message", content="last words")
    alice.phone("setNetwork", True, {"tell": False})
    alice.restart()
    assert alice.call("chat.outgoing") == [] or alice.call("chat.outgoing")[0]["draft"]["content"] == "last words"
    alice.expect("outgoing", status="sent")
    chatter(bob, ["heard you"])
    assert bob.texts == ["last words", "heard you"]
    assert alice.texts == [] and alice.call("chat.outgoing") == []


def test_storage_is_wiped(pair):
    alice, bob = pair
    alice.set("storage", {})
    alice.phone("setNetwork", False)
    said = alice.start("chat.say", "lobby", "x")
    alice.set("storage", {})
    alice.phone("setNetwork", True)
    assert said.result()["content"] == "x"
    assert alice.get("counts")["login"] == 1


def test_storage_is_full(app):
    alice = app("alice", storageBroken=True)
    alice.call("chat.join", "lobby")
    alice.call("chat.say", "lobby", "x")
    alice.phone("cut")
    assert alice.call("chat.say", "lobby", "y")["content"] == "y"
    assert alice.get("counts")["login"] == 1


def test_storage_holds_nonsense(app):
    good = app("alice")
    good.call("session")
    kept = json.loads(good.get("storage")["mosquitto-wechat"])
    for stored in ("x", 7, [], {}, {"session": None}, {**kept, "endsAt": "soon"}, {**kept, "session": {**kept["session"], "skey": 7}}):
        alice = app("alice", storage={
            "mosquitto-wechat": json.dumps(stored), "mosquitto-wechat.device": json.dumps({"x": 1}),
            "mosquitto-wechat.outbox": json.dumps({"uid": 7, "entries": [None, 7, {"ref": "x"}, {"ref": "y", "draft": 7, "room": "r"}]})})
        alice.call("chat.join", "lobby")
        assert alice.call("chat.say", "lobby", "fine")["content"] == "fine"


def test_back_after_hours_with_an_expired_session(app, start_login):
    """Logs in, comes back, shows what was missed, says what was said: no user action."""
    login = start_login(session_ttl="6s")
    alice, bob = app("alice", port=login.port), app("bob")
    for one in (alice, bob):
        one.call("chat.join", "lobby")
    chatter(bob, ["before"])
    alice.expect("message", content="before")
    first = alice.call("session")
    alice.phone("setNetwork", False, {"tell": False})
    said = alice.start("chat.say", "lobby", "said before the sleep")
    alice.call("chat.state")
    alice.phone("hide")
    alice.freeze()
    chatter(bob, ["missed"])
    sleep_until(first["expiresAt"] / 1000 + 1.5)
    alice.thaw()
    alice.phone("setNetwork", True, {"tell": False})
    alice.phone("show")
    assert said.result()["content"] == "said before the sleep"
    assert alice.call("session")["id"] != first["id"]
    assert alice.texts == ["before", "missed", "said before the sleep"]
    bob.expect("message", content="said before the sleep")
    assert bob.texts.count("said before the sleep") == 1


def test_session_ends_on_the_server(pair, login):
    """Revoked under an open connection: told, logged in, back, nothing lost."""
    alice, bob = pair
    first = alice.call("session")
    login.order("revoke", sid=first["id"])
    assert alice.expect("notice")["error"] == "ERR_INVALID_SESSION"
    chatter(bob, ["missed?"])
    alice.expect("message", content="missed?")
    assert alice.call("chat.say", "lobby", "again")["content"] == "again"
    assert alice.call("session")["id"] != first["id"] and alice.get("counts")["login"] == 2
    bob.expect("message", content="again")
    assert bob.texts == ["missed?", "again"]


def test_session_ends_while_away(pair, login):
    """CONNACK says it; with both protocols."""
    alice, bob = pair
    alice.phone("setNetwork", False)
    said = alice.start("chat.say", "lobby", "after")
    login.order("revoke", uid=alice.call("session")["uid"])
    chatter(bob, ["missed"])
    alice.phone("setNetwork", True)
    assert said.result()["content"] == "after"
    assert alice.texts == ["missed", "after"] and alice.get("counts")["login"] == 2


def test_refused_by_3_1_1(app, login):
    alice = app("alice", options={"protocolVersion": 4})
    alice.call("chat.join", "lobby")
    alice.phone("setNetwork", False)
    login.order("revoke", uid=alice.call("session")["uid"])
    alice.phone("setNetwork", True)
    assert alice.call("chat.say", "lobby", "x")["content"] == "x"
    assert alice.get("counts")["login"] == 2


def test_session_ends_again_and_again(pair, login):
    alice, bob = pair
    for n in range(4):
        login.order("revoke", uid=alice.call("session")["uid"])
        alice.expect("notice", error="ERR_INVALID_SESSION")
        assert alice.call("chat.say", "lobby", str(n), timeout=20)["content"] == str(n)
    bob.expect("message", content="3")
    assert bob.texts == ["0", "1", "2", "3"]


def test_ban_stops_it(pair, login):
    alice, _ = pair
    uid = alice.call("session")["uid"]
    login.order("ban", uid=uid, seconds=3600)
    assert alice.expect("notice")["reason"] == "banned"
    alice.expect_state("offline")
    with pytest.raises(Failed) as failed:
        alice.call("chat.join", "other")
    assert failed.value.code == "ERR_BANNED"
    assert alice.expect("notice", error="ERR_BANNED")
    with pytest.raises(Failed) as failed:
        alice.call("request", {"url": "/session"})
    assert failed.value.code == "ERR_BANNED"
    asked = len(alice.get("counts")["requests"])
    time.sleep(2)  # it does not try by itself
    assert len(alice.get("counts")["requests"]) == asked
    login.order("unban", uid=uid)
    alice.phone("show")
    alice.expect_state("online")
    assert alice.call("chat.say", "lobby", "sorry")["content"] == "sorry"


def test_ban_from_one_room(pair, login):
    """Told, out of it, and back with what was missed when the time is over."""
    alice, bob = pair
    alice.call("chat.join", "other")
    chatter(bob, ["before"])
    alice.expect("message", content="before")
    login.order("ban", uid=alice.call("session")["uid"], room="lobby", seconds=4)
    assert alice.expect("notice", error="ERR_FORBIDDEN_TOPIC")["topic"] == "room/lobby"
    with pytest.raises(Failed) as failed:
        alice.call("chat.say", "lobby", "but")
    assert failed.value.code == "ERR_FORBIDDEN_TOPIC"
    assert alice.call("chat.say", "other", "here still")["content"] == "here still"
    chatter(bob, ["without alice"])
    time.sleep(4)
    alice.call("chat.join", "lobby")
    alice.expect("message", content="without alice")
    assert alice.get("counts")["login"] == 1


def test_one_session_at_a_time(app, start_login):
    """Two phones, and the service allows one session: each log-in ends the other's. They do not fight for ever."""
    port = start_login(single_session="yes").port
    one, two = app("alice", port=port), app("alice", port=port)
    one.call("chat.join", "lobby")
    two.call("chat.join", "lobby")
    time.sleep(8)
    before = [phone.get("counts")["login"] for phone in (one, two)]
    time.sleep(5)
    assert sum(before) < 16, before
    assert sum(phone.get("counts")["login"] for phone in (one, two)) - sum(before) <= 2
    assert two.call("chat.say", "lobby", "mine", timeout=20)["content"] == "mine"  # who speaks has it


def test_muted_is_told(pair, login):
    alice, bob = pair
    uid = alice.call("session")["uid"]
    until = login.order("mute", uid=uid, room="lobby", seconds=600)["until"]
    alice.call("chat.join", "other")
    alice.expect("joined", room="other")
    login.wait_until(lambda: is_muted(alice), "the mute")
    failed = [one for one in alice.call("chat.outgoing") if one["status"] == "failed"]
    assert failed[-1]["error"]["code"] == "ERR_MUTED" and failed[-1]["error"]["until"] == until
    login.order("unmute", uid=uid, room="lobby")
    again = alice.start("chat.retry", failed[-1]["ref"])
    login.wait_until(lambda: not is_muted(alice), "the end of it")
    try:
        again.result()
    except Failed:
        assert alice.call("chat.retry", failed[-1]["ref"])
    assert alice.call("chat.outgoing") == [one for one in alice.call("chat.outgoing") if one["status"] == "failed"]
    assert bob.expect("message", ref=failed[-1]["ref"])


def is_muted(app):
    try:
        app.call("chat.say", "lobby", "may I?")
    except Failed as failed:
        assert failed.code == "ERR_MUTED" and failed.ref
        return True
    return False


def test_faster_than_allowed(app, start_broker, login):
    """Waits and goes on by itself, in order."""
    limited = start_broker(options={"store": f"sqlite:{login.store}", "history": 50, "message_rate": 2, "message_burst": 5})
    url = {"mqttUrl": f"ws://127.0.0.1:{limited.port('websockets')}/mqtt"}
    alice, bob = app("alice", options=url), app("bob", options=url)
    for one in (alice, bob):
        one.call("chat.join", "lobby")
    chatter(alice, [str(n) for n in range(12)])
    bob.expect("message", content="11")
    assert bob.texts == [str(n) for n in range(12)] == alice.texts
    assert alice.seen("notice", error="ERR_RATE_LIMITED") and not alice.call("chat.outgoing")


@pytest.mark.parametrize("version", [5, 4], ids=["mqtt5", "mqtt311"])
def test_connected_elsewhere_with_the_same_client_id(app, version):
    """Two with the same storage, as two tabs of a browser: no fight, both stay."""
    options = {"protocolVersion": version}
    first = app("alice", options=options)
    first.call("chat.join", "lobby")
    second = app("alice", options=options, storage=first.get("storage"))
    second.call("chat.join", "lobby")
    chatter(first, ["from the first"])
    second.expect("message", content="from the first")
    chatter(second, ["from the second"])
    first.expect("message", content="from the second")
    sockets = [one.get("counts")["sockets"] for one in (first, second)]
    time.sleep(3)
    assert [one.get("counts")["sockets"] for one in (first, second)] == sockets
    assert sum(sockets) <= 6
    assert first.call("chat.state") == second.call("chat.state") == "online"


def test_broker_restarts(pair, broker):
    """Greeted anew, maybe with what was seen: nothing twice. Said meanwhile: once."""
    alice, bob = pair
    chatter(bob, ["1", "2"])
    alice.expect("message", content="2")
    broker.kill()
    alice.expect_state("connecting")
    said = alice.start("chat.say", "lobby", "3")
    broker.start()
    assert said.result(30)["content"] == "3"
    bob.expect("message", content="3", timeout=30)
    chatter(bob, ["4"])
    alice.expect("message", content="4")
    assert alice.texts == ["1", "2", "3", "4"] == bob.texts


def test_login_service_is_away(app, login):
    alice = app("alice")
    login.stop()
    joined = alice.start("chat.join", "lobby")
    alice.expect_state("connecting")
    with pytest.raises(Failed) as failed:
        alice.call("session")
    assert failed.value.code == "ERR_NETWORK"
    login.start()
    joined.result(20)


def test_wechat_has_trouble(app, standin):
    alice = app("alice")
    standin.behave(errcode=40029, times=1)
    assert alice.call("session")["id"] and alice.get("counts")["login"] == 2  # a fresh code, once
    bob = app("bob")
    standin.behave(errcode=40029)
    with pytest.raises(Failed) as failed:
        bob.call("session")
    assert failed.value.code == "ERR_INVALID_CODE" and bob.get("counts")["login"] == 2
    standin.behave()
    assert bob.call("session")["id"]


def test_private_messages_wait_for_who_is_away(pair):
    alice, bob = pair
    to = alice.call("session")["uid"]
    fall_asleep(alice)
    bob.call("chat.tell", to, "when you are back")
    wake_up(alice)
    assert alice.expect("message", content="when you are back")["to"] == to
    chatter(bob, ["hello"])
    alice.expect("message", content="hello")
    assert alice.texts == ["when you are back", "hello"]


def test_missed_more_than_one_page(pair):
    alice, bob = pair
    chatter(bob, ["first"])
    alice.expect("message", content="first")
    fall_asleep(alice)
    chatter(bob, [str(n) for n in range(450)][:190])
    chatter(bob, [str(n) for n in range(190, 450)][:190])
    chatter(bob, [str(n) for n in range(380, 450)])
    wake_up(alice)
    alice.expect("message", content="449")
    assert alice.texts == ["first", *(str(n) for n in range(450))]
    assert alice.seen("joined")[-1]["gap"] is False
