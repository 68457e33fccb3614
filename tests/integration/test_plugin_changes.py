"""The change log reaches live clients, whatever happens to its file. Written here as the login service writes it."""
import os
import sqlite3
import time

import pytest
from changelog import EXTEND, PROFILE, REVOKE, ChangeLog
from harness import Refused, Wire
from harness.wait import wait_until
from members import member, text

TCP4 = Wire("tcp", 4)
TOLD_WITHIN_S = 0.3


@pytest.fixture
def log(tmp_path):
    return ChangeLog(tmp_path / "sessions.db")


@pytest.fixture
def following(start_broker, log):
    return start_broker(options={"store": f"sqlite:{log.path}"})


def test_store_is_made_when_missing(following, log):
    assert log.path.exists()
    assert log.path.stat().st_mode & 0o777 == 0o660
    following.wait_for_log(r"wechat: store\.replayed entries=0")


@pytest.mark.alone
@pytest.mark.parametrize("transport", ["tcp", "websockets"])
@pytest.mark.parametrize("version", [4, 5])
def test_revoked_client_is_told_and_dropped(following, connect, keys, log, transport, version):
    wire = Wire(transport, version)
    ann, bob = member(keys, "ann"), member(keys, "bob")
    client = connect(ann, wire, on_broker=following, will=("room/lobby", '{"type":"text","content":"will"}'))
    other = connect(bob, wire, on_broker=following)
    other.subscribe("room/lobby")
    log.add(REVOKE, ann.sid)
    written = time.monotonic()
    client.wait_closed()
    assert client.closed_at - written < TOLD_WITHIN_S
    notice = client.received(f"user/{ann.uid}/notice")[0].json
    assert (notice["error"], notice["reason"]) == ("ERR_INVALID_SESSION", "revoked")
    with pytest.raises(Refused):
        connect(ann, wire, on_broker=following)
    other.fence()
    assert other.connected and not other.received("room/lobby"), "no will of a revoked session"


def test_revocation_holds_after_kill_9(following, connect, keys, log):
    ann = member(keys, "ann")
    log.add(REVOKE, ann.sid)
    following.kill()
    following.popen = None
    following.start()
    with pytest.raises(Refused):
        connect(ann, TCP4, on_broker=following)
    connect(member(keys, "ann", sid="z" * 26), TCP4, on_broker=following)


@pytest.mark.alone
def test_renewed_session_lives_on(following, connect, keys, log, wire):
    ann = member(keys, "ann", ttl_s=2)
    client = connect(ann, wire, on_broker=following)
    ends = int(time.time()) + 4
    log.add(EXTEND, ann.sid, ends)
    while time.time() < ann.ends_at + 0.6:
        time.sleep(0.02)
    following.reload()
    assert client.subscribe("room/lobby") == [0]
    client.wait_closed()
    late = time.time() - (time.monotonic() - client.closed_at) - ends
    assert 0 <= late < 0.5


def test_profile_is_seen_at_once(following, connect, keys, log, wire):
    ann = member(keys, "ann")
    client = connect(ann, wire, on_broker=following)
    client.subscribe("room/lobby")
    log.add(PROFILE, ann.uid, nick="安妮", avatar="https://example.com/new.png")

    def new_name():
        client.say("lobby", "who am I?")
        return client.expect("room/lobby").json["from"].get("nickName") == "安妮"

    wait_until(new_name, "the new name")
    later = connect(ann, wire, on_broker=following)
    later.subscribe("room/lobby")
    later.say("lobby", "x")
    assert later.expect("room/lobby").json["from"]["avatarUrl"] == "https://example.com/new.png"


def test_revoked_session_loses_its_subscriptions(following, connect, keys, log, wire):
    ann = member(keys, "ann")
    away = connect(ann, wire, on_broker=following, keep_session=True)
    away.subscribe("room/lobby", qos=1)
    away.drop()
    log.add(REVOKE, ann.sid)
    bot = connect(member(keys, "bot", role="service"), wire, on_broker=following)

    def refused():
        try:
            connect(member(keys, "ann"), wire, on_broker=following, keep_session=True).drop()
        except Refused:
            return True
        return False

    wait_until(refused, "the revocation")
    bot.say("lobby", "not for ann")
    fresh = connect(member(keys, "ann", sid="y" * 26), wire, on_broker=following, keep_session=True)
    fresh.fence()
    bot.say("lobby", "nor this")
    fresh.fence()
    assert not fresh.received("room/lobby")


@pytest.mark.parametrize("trouble", ["removed", "replaced"])
def test_store_away_under_a_running_broker(following, connect, keys, log, trouble):
    """Valid skeys are served on, the log says so once, and what was written meanwhile is applied when it is back."""
    ann, bob = member(keys, "ann"), member(keys, "bob")
    client = connect(ann, TCP4, on_broker=following)
    aside = ChangeLog(log.path.with_suffix(".aside"))
    with sqlite3.connect(log.path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    aside.path.write_bytes(log.path.read_bytes())
    if trouble == "removed":
        log.path.unlink()
        following.wait_for_log(r"wechat: store\.away")
        connect(bob, TCP4, on_broker=following)
        client.fence()
    aside.add(REVOKE, ann.sid)
    for end in ("-wal", "-shm"):
        log.path.with_name(log.path.name + end).unlink(missing_ok=True)
    os.replace(aside.path, log.path)
    client.wait_closed()
    following.wait_for_log(r"wechat: store\.back")
    assert len(following.log_lines(r"wechat: store\.away")) == 1


@pytest.mark.parametrize("broker_sees", ["a moved file", "a missing file first"])
def test_older_copy_put_in_place_of_the_store(following, connect, keys, log, broker_sees):
    """A restored backup counts on from where it was: what is logged from there on reaches the broker too."""
    people = [connect(member(keys, f"p{i}"), TCP4, on_broker=following) for i in range(6)]
    aside = log.path.with_suffix(".aside")
    db = sqlite3.connect(log.path)
    copy = sqlite3.connect(aside)
    db.backup(copy)
    copy.close()
    db.close()
    for i in range(5):
        log.add(REVOKE, member(keys, f"p{i}").sid)
        people[i].wait_closed()
    if broker_sees == "a missing file first":
        log.path.unlink()
        following.wait_for_log(r"wechat: store\.away")
    for end in ("-wal", "-shm"):
        log.path.with_name(log.path.name + end).unlink(missing_ok=True)
    os.replace(aside, log.path)
    following.wait_for_log(r"wechat: store\.back")
    log.add(REVOKE, member(keys, "p5").sid)
    people[5].wait_closed()
    with pytest.raises(Refused):  # here it is still known who was revoked after the copy was made
        connect(member(keys, "p0"), TCP4, on_broker=following)


def test_store_locked_under_a_running_broker(following, connect, keys, log):
    ann, bob = member(keys, "ann"), member(keys, "bob")
    client = connect(ann, TCP4, on_broker=following)
    lock = sqlite3.connect(log.path, isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    lock.execute("INSERT INTO changes(at_s, type, who, until_s) VALUES(1, ?, ?, 99999999999)", (REVOKE, ann.sid))
    connect(bob, TCP4, on_broker=following).fence()
    assert client.connected
    lock.execute("COMMIT")
    lock.close()
    client.wait_closed()


@pytest.mark.parametrize("content", [b"", b"not a database, but long enough to be read as one" * 100], ids=["empty", "text"])
def test_unreadable_store_stops_the_broker(start_broker, log, content):
    log.path.write_bytes(content)
    if not content:  # an empty file is a store that nobody has filled yet
        start_broker(options={"store": f"sqlite:{log.path}"})
        return
    said = start_broker(start=False, options={"store": f"sqlite:{log.path}"}).refuses_to_start()
    assert "plugin_opt_store" in said and str(log.path) in said


@pytest.mark.parametrize("store", ["redis:x", "sqlite:", "/var/lib/x", "sqlite:/nowhere/x.db"])
def test_bad_store_stops_the_broker(start_broker, store):
    said = start_broker(start=False, options={"store": store}).refuses_to_start()
    assert "plugin_opt_store" in said


def test_a_thousand_sessions_end_at_once(following, connect, keys, log):
    people = [connect(member(keys, f"p{i}"), TCP4, on_broker=following) for i in range(40)]
    bot = connect(member(keys, "bot", role="service"), TCP4, on_broker=following)
    bot.subscribe("room/lobby")
    with sqlite3.connect(log.path, timeout=10) as db:
        db.executemany("INSERT INTO changes(at_s, type, who, until_s) VALUES(1, ?, ?, 99999999999)",
                       [(REVOKE, member(keys, f"p{i}").sid) for i in range(1000)])
    db.close()
    for one in people:
        one.wait_closed()
    bot.say("lobby", "still here")
    bot.expect("room/lobby")
    bot.publish("room/lobby", text("and going on"))


@pytest.mark.parametrize("event", ["revoke", "sighup"])
def test_session_away_survives_what_crashes_the_broker(following, raw, connect, keys, log, event):
    """Mosquitto 2.0 crashes when a session that is away is refused or kicked, and expires then."""
    ann = member(keys, "ann")
    for suffix in ("-1", "-2"):
        client = raw(Wire("tcp", 5), on_broker=following)
        client.connect(ann.uid + suffix, properties={"session_expiry": 1, "auth_method": "WX-SKEY",
                                                    "auth_data": ann.skey.encode()})
        client.subscribe("room/lobby", 1)
        client.close()
    if event == "revoke":
        log.add(REVOKE, ann.sid)
    else:
        following.reload()
    bob = connect(member(keys, "bob"), TCP4, on_broker=following)
    end = time.monotonic() + 3
    while time.monotonic() < end:
        bob.fence()
    following.restart()
