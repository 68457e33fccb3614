"""Mutes, bans, grants and rates, as the change log and the options say."""
import json
import time

import pytest
from changelog import BAN, GRANT, MUTE, UNBAN, UNGRANT, UNMUTE, ChangeLog
from harness import Refused
from harness.wait import wait_until
from members import member, text

LIVE_WITHIN_S = 0.3


@pytest.fixture
def log(tmp_path):
    return ChangeLog(tmp_path / "sessions.db")


@pytest.fixture
def club(start_broker, log):
    return start_broker(options={"store": log.url})


@pytest.fixture
def two(club, connect, keys, wire):
    ann, bob = (connect(member(keys, name), wire, on_broker=club) for name in ("ann", "bob"))
    for one in (ann, bob):
        one.subscribe("room/lobby")
    return ann, bob


def refused_code(wire):
    return 0x80 if wire.version == 4 else 0x87


def notice(client, error):
    return client.expect(f"user/{client.client_id}/notice", where=lambda m: m.json["error"] == error).json


def said_by(client, uid):
    return [m.json["content"] for m in client.received("room/lobby") if m.json["from"]["uid"] == uid]


@pytest.mark.alone
@pytest.mark.parametrize("room", ["lobby", ""])
def test_muted_person_is_told_and_still_reads(two, log, room):
    ann, bob = two
    until = int(time.time()) + 100
    log.add(MUTE, ann.client_id, until, room=room)
    end = time.monotonic() + LIVE_WITHIN_S
    while time.monotonic() < end:
        bob.fence()
    ann.say("lobby", "let me speak", ref="r7")
    told = notice(ann, "ERR_MUTED")
    assert (told["ref"], told["until"], told["topic"]) == ("r7", until * 1000, "room/lobby")
    bob.say("lobby", "you may listen")
    ann.expect("room/lobby", where=lambda m: m.json["content"] == "you may listen")
    bob.expect("room/lobby", where=lambda m: m.json["content"] == "you may listen")
    assert not said_by(bob, ann.client_id)
    log.add(UNMUTE, ann.client_id, until, room=room)

    def heard():
        ann.say("lobby", "again")
        ann.fence()
        return said_by(bob, ann.client_id)

    wait_until(heard, "the voice of ann")


def test_mute_ends_by_itself(two, log):
    ann, bob = two
    log.add(MUTE, ann.client_id, int(time.time()) + 2, room="lobby")

    def muted():
        ann.say("lobby", "x")
        ann.fence()
        return ann.received(f"user/{ann.client_id}/notice")

    wait_until(muted, "the mute")
    before = len(said_by(bob, ann.client_id))

    def heard():
        ann.say("lobby", "y")
        ann.fence()
        return len(said_by(bob, ann.client_id)) > before

    wait_until(heard, "the end of the mute")


def test_mute_of_one_room_leaves_others_and_direct_messages(two, log):
    ann, bob = two
    bob.subscribe("room/hall", f"user/{bob.client_id}")
    log.add(MUTE, ann.client_id, room="lobby")

    def muted():
        ann.say("lobby", "x")
        ann.fence()
        return ann.received(f"user/{ann.client_id}/notice")

    wait_until(muted, "the mute")
    ann.say("hall", "here I may")
    bob.expect("room/hall")
    ann.publish(f"user/{bob.client_id}", text("and here"))
    bob.expect(f"user/{bob.client_id}")


def test_banned_from_a_room(two, log, wire, club, connect, keys):
    ann, bob = two
    watch = connect(member(keys, "watch", role="service"), wire, on_broker=club)
    watch.subscribe("room/lobby/online")
    watch.expect("room/lobby/online", where=lambda m: m.json["num"] == 2)
    until = int(time.time()) + 100
    log.add(BAN, ann.client_id, until, room="lobby")
    told = notice(ann, "ERR_FORBIDDEN_TOPIC")
    assert told["until"] == until * 1000 and told["topic"] == "room/lobby"
    watch.expect("room/lobby/online", where=lambda m: m.json["num"] == 1)
    bob.say("lobby", "she is gone")
    bob.expect("room/lobby")
    ann.say("lobby", "am I?")
    assert ann.subscribe("room/lobby", "room/lobby/online", "room/hall") == [refused_code(wire)] * 2 + [0]
    bob.fence()
    assert not ann.received("room/lobby") and not said_by(bob, ann.client_id)
    assert ann.connected
    # The old subscription does not come to life again by itself.
    log.add(UNBAN, ann.client_id, until, room="lobby")
    wait_until(lambda: ann.publish("room/lobby", text("back")) is not None and said_by(bob, ann.client_id), "the unban")
    assert not ann.received("room/lobby")
    assert ann.subscribe("room/lobby") == [0]
    bob.say("lobby", "welcome")
    ann.expect("room/lobby", where=lambda m: m.json["content"] == "welcome")


@pytest.mark.alone
def test_banned_everywhere(two, log, wire, club, connect, keys):
    ann, bob = two
    until = int(time.time()) + 3
    log.add(BAN, ann.client_id, until)
    written = time.monotonic()
    ann.wait_closed()
    assert ann.closed_at - written < LIVE_WITHIN_S
    told = ann.received(f"user/{ann.client_id}/notice")[0].json
    assert (told["error"], told["reason"]) == ("ERR_INVALID_SESSION", "banned")
    with pytest.raises(Refused):
        connect(member(keys, "ann"), wire, on_broker=club)
    while time.time() < until:
        bob.fence()
    connect(member(keys, "ann"), wire, on_broker=club)


@pytest.mark.alone
def test_ban_strips_a_resumed_session(club, log, wire, connect, keys):
    ann = member(keys, "ann")
    away = connect(ann, wire, on_broker=club, keep_session=True)
    away.subscribe("room/lobby", "room/hall", qos=1)
    away.drop()
    log.add(BAN, ann.uid, room="lobby")
    bot = connect(member(keys, "bot", role="service"), wire, on_broker=club)
    end = time.monotonic() + LIVE_WITHIN_S
    while time.monotonic() < end:
        bot.fence()
    back = connect(ann, wire, on_broker=club, keep_session=True)
    assert back.session_present
    bot.say("lobby", "not for ann")
    bot.say("hall", "for ann")
    back.expect("room/hall")
    assert not back.received("room/lobby")


def test_grant_opens_a_private_room(two, log, wire):
    ann, bob = two
    assert ann.subscribe("room/~club", "room/@group") == [refused_code(wire)] * 2
    for room in ("~club", "@group"):
        log.add(GRANT, ann.client_id, room=room)
    wait_until(lambda: ann.subscribe("room/~club", "room/@group") == [0, 0], "the grants")
    ann.say("~club", "psst")
    assert ann.expect("room/~club").json["content"] == "psst"
    assert bob.subscribe("room/~club") == [refused_code(wire)]
    notices = f"user/{ann.client_id}/notice"
    before = len(ann.received(notices))
    log.add(UNGRANT, ann.client_id, room="~club")
    wait_until(lambda: len(ann.received(notices)) > before, "the notice")
    ann.say("~club", "still there?")
    assert ann.subscribe("room/~club") == [refused_code(wire)]
    assert len(ann.received("room/~club")) == 1


def test_ungrant_counts_more_than_the_skey(club, log, wire, connect, keys):
    ann = connect(member(keys, "ann", rooms=["~club"]), wire, on_broker=club)
    ann.subscribe("room/~club")
    log.add(UNGRANT, ann.client_id, room="~club")
    notice(ann, "ERR_FORBIDDEN_TOPIC")
    bot = connect(member(keys, "bot", role="service"), wire, on_broker=club)
    bot.say("~club", "not for ann")
    ann.say("~club", "nor from her")
    ann.fence()
    assert not ann.received("room/~club")


@pytest.mark.alone
def test_rates(start_broker, connect, keys, wire):
    broker = start_broker(options={"message_rate": 2, "message_burst": 5})
    ann = member(keys, "ann")
    phone = connect(None, wire, on_broker=broker, client_id=ann.uid + "-phone", username=ann.uid, password=ann.skey)
    tablet = connect(None, wire, on_broker=broker, client_id=ann.uid + "-tablet", username=ann.uid, password=ann.skey)
    listener = connect(member(keys, "listener"), wire, on_broker=broker)
    listener.subscribe("room/lobby")
    began = time.monotonic()
    for i in range(5):
        (phone if i % 2 else tablet).say("lobby", str(i), ref=f"r{i}")
    while not phone.received(f"user/{ann.uid}/notice"):
        phone.say("lobby", "too fast", ref="late")
        phone.fence()
    told = phone.received(f"user/{ann.uid}/notice")[0].json
    assert told["error"] == "ERR_RATE_LIMITED" and told["ref"] == "late"
    assert 0 < told["until"] - time.time() * 1000 < 600 or time.time() * 1000 > told["until"]
    while time.time() * 1000 < told["until"]:
        time.sleep(0.01)
    phone.say("lobby", "in time")
    listener.expect("room/lobby", where=lambda m: m.json["content"] == "in time")
    took = time.monotonic() - began
    assert len(listener.received("room/lobby")) <= 5 + 2 * took + 1
    assert phone.connected and tablet.connected
    bot = connect(member(keys, "bot", role="service"), wire, on_broker=broker)
    for i in range(30):
        bot.say("lobby", f"bot {i}")
    listener.expect("room/lobby", where=lambda m: m.json["content"] == "bot 29")


def test_queue_of_a_granted_room_fills_while_away(club, log, wire, connect, keys):
    ann = member(keys, "ann")
    log.add(GRANT, ann.uid, room="~club")
    away = connect(ann, wire, on_broker=club, keep_session=True)
    wait_until(lambda: away.subscribe("room/~club", qos=1) == [1], "the grant")
    away.drop()
    bot = connect(member(keys, "bot", role="service"), wire, on_broker=club)
    bot.say("~club", "while you were away")
    back = connect(ann, wire, on_broker=club, keep_session=True)
    assert back.expect("room/~club").json["content"] == "while you were away"


def test_wills_are_muted_and_counted_too(start_broker, log, wire, connect, keys):
    club = start_broker(options={"store": log.url, "message_rate": 1, "message_burst": 2})
    bob = connect(member(keys, "bob"), wire, on_broker=club)
    bob.subscribe("room/lobby")
    for i in range(8):
        connect(member(keys, "dying"), wire, on_broker=club, will=("room/lobby", json.dumps(text(str(i))))).drop()
    bob.fence()
    assert 1 <= len(bob.received("room/lobby")) <= 6
    eve = member(keys, "eve")
    log.add(MUTE, eve.uid, int(time.time()) + 60)
    end = time.monotonic() + LIVE_WITHIN_S
    while time.monotonic() < end:
        bob.fence()
    connect(eve, wire, on_broker=club, will=("room/lobby", json.dumps(text("muted")))).drop()
    connect(member(keys, "last"), wire, on_broker=club, will=("room/lobby", json.dumps(text("last")))).drop()
    bob.expect("room/lobby", where=lambda m: m.json["content"] == "last")
    assert not said_by(bob, eve.uid)


def test_rate_is_not_reset_by_reconnecting(start_broker, wire, connect, keys):
    broker = start_broker(options={"message_rate": 1, "message_burst": 3})
    bob = connect(member(keys, "bob"), wire, on_broker=broker)
    bob.subscribe("room/lobby")
    began = time.monotonic()
    for _ in range(10):
        ann = connect(member(keys, "ann"), wire, on_broker=broker)
        for _ in range(3):
            ann.say("lobby", "again")
        ann.disconnect()
    bob.fence()
    assert len(bob.received("room/lobby")) <= 3 + (time.monotonic() - began) + 1
