"""A session that ends is told first and dropped then; nothing is delivered after its end."""
import json
import signal
import threading
import time

import pytest
from harness import Refused, Wire
from members import member, text

DROPPED_WITHIN_S = 0.5


def wall(at_monotonic):
    return time.time() - (time.monotonic() - at_monotonic)


@pytest.fixture
def chatter(connect, keys):
    """Somebody who says something every few milliseconds until the test ends."""
    bot = connect(member(keys, "bot", role="service"), Wire("tcp", 4))
    stop = threading.Event()

    def talk():
        while not stop.is_set():
            bot.say("lobby", repr(time.time()), qos=0)
            stop.wait(0.005)

    thread = threading.Thread(target=talk)
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.mark.alone
def test_expired_clients_are_told_then_dropped(connect, keys, wire, chatter):
    ann = member(keys, "ann", ttl_s=2)
    client = connect(ann, wire)
    client.subscribe("room/lobby")
    reason = client.wait_closed()
    assert reason == (0x98 if wire.version == 5 else None)
    late = wall(client.closed_at) - ann.ends_at
    assert 0 <= late < DROPPED_WITHIN_S, f"dropped {late:.3f} s after the end"
    notices = client.received(f"user/{ann.uid}/notice")
    assert len(notices) == 1
    assert notices[0].json["error"] == "ERR_INVALID_SESSION" and notices[0].json["reason"] == "expired"
    chat = client.received("room/lobby")
    assert len(chat) > 50
    said_last = max(float(m.json["content"]) for m in chat)
    assert said_last < ann.ends_at, "nothing that was said after the end arrives"


@pytest.mark.alone
def test_idle_broker_drops_in_time(connect, keys, wire):
    ann = member(keys, "ann", ttl_s=2)
    client = connect(ann, wire)
    client.wait_closed()
    assert 0 <= wall(client.closed_at) - ann.ends_at < DROPPED_WITHIN_S
    assert client.received(f"user/{ann.uid}/notice")
    with pytest.raises(Refused):
        connect(ann, wire)


@pytest.mark.alone
def test_many_expire_at_once(connect, keys):
    wire = Wire("tcp", 4)
    ends = int(time.time()) + 4
    people = [connect(member(keys, f"p{i}", ttl_s=ends - int(time.time())), wire) for i in range(60)]
    stays = connect(member(keys, "stays"), wire)
    for one in people:
        one.wait_closed()
        assert wall(one.closed_at) - ends < DROPPED_WITHIN_S + 1  # the second in which it was minted may differ
        assert one.received(f"user/{one.client_id}/notice")
    assert stays.subscribe("room/lobby") == [0]


def test_expired_session_leaves_a_will(connect, keys, wire):
    ann = connect(member(keys, "ann"), wire)
    ann.subscribe("room/lobby")
    dying = connect(member(keys, "dying", ttl_s=2), wire, will=("room/lobby", json.dumps(text("expired"))))
    dying.wait_closed()
    m2 = ann.expect("room/lobby").json
    assert m2["content"] == "expired" and m2["from"]["uid"] == dying.client_id


def test_queue_is_handed_out_to_a_live_session_only(connect, keys, wire):
    """Subscriptions outlive the skey; what is said meanwhile waits for the next log-in."""
    old = connect(member(keys, "ann", ttl_s=2), wire, keep_session=True)
    old.subscribe("room/lobby", qos=1)
    old.wait_closed()
    bob = connect(member(keys, "bob"), wire)
    bob.say("lobby", "while you were away")
    with pytest.raises(Refused):
        connect(member(keys, "ann", ttl_s=0), wire, keep_session=True)
    back = connect(member(keys, "ann"), wire, keep_session=True)
    assert back.session_present
    assert back.expect("room/lobby").json["content"] == "while you were away"
    bob.say("lobby", "and now")
    assert back.expect("room/lobby").json["content"] == "and now"


def test_reconnect_with_a_fresh_skey_is_not_kicked(connect, keys, wire):
    """The former connection's end must not hit the one that took its place."""
    old = member(keys, "ann", ttl_s=2)
    connect(old, wire)
    fresh = connect(member(keys, "ann"), wire)
    while time.time() < old.ends_at + 0.6:
        time.sleep(0.02)
    assert fresh.connected
    assert fresh.subscribe("room/lobby") == [0]
    assert not fresh.received()


def test_session_expires_while_the_broker_reloads(broker, connect, keys):
    ann = member(keys, "ann", ttl_s=2)
    client = connect(ann, Wire("tcp", 5))
    while client.connected and time.time() < ann.ends_at + 2:
        broker.signal(signal.SIGHUP)
        time.sleep(0.05)
    client.wait_closed()
    assert wall(client.closed_at) >= ann.ends_at
