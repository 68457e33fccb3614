"""What was said before one came, and what is taken back."""
import json
import time

import pytest
from harness import Wire
from members import member, text

TCP4 = Wire("tcp", 4)


@pytest.fixture
def remembering(start_broker):
    return start_broker(options={"history": 5})


@pytest.fixture
def ann(remembering, connect, keys, wire):
    return connect(member(keys, "ann"), wire, on_broker=remembering)


@pytest.fixture
def bob(remembering, connect, keys, wire):
    return connect(member(keys, "bob"), wire, on_broker=remembering)


def chat(client, room="lobby"):
    return [m.json for m in client.received(f"room/{room}") if "content" in m.json]


def said(client, room="lobby"):
    return [(m["content"], m.get("history", False)) for m in chat(client, room)]


def end_mark(client, room="lobby"):
    return client.expect(f"room/{room}", where=lambda m: m.json.get("history") == "end").json


def test_who_enters_gets_the_last_messages(ann, bob):
    for i in range(8):
        ann.say("lobby", str(i))
    bob.subscribe("room/lobby")
    ann.say("lobby", "new")
    bob.expect("room/lobby", where=lambda m: m.json["content"] == "new")
    assert said(bob) == [(str(i), True) for i in range(3, 8)] + [("new", False)]
    ids = [int(m["id"]) for m in chat(bob)]
    assert ids == sorted(ids)
    assert not chat(ann), "to the one who enters alone"


def test_greeting_comes_once(ann, bob):
    ann.say("lobby", "x")
    bob.subscribe("room/lobby")
    bob.subscribe("room/lobby")
    bob.subscribe("room/lobby/#")
    bob.fence()
    ann.say("lobby", "new")
    bob.expect("room/lobby", where=lambda m: m.json["content"] == "new")
    assert [content for content, history in said(bob) if history] == ["x"]


def test_resumed_session_is_not_greeted(remembering, ann, connect, keys, wire):
    bob = connect(member(keys, "bob"), wire, on_broker=remembering, keep_session=True)
    bob.subscribe("room/lobby", qos=1)
    ann.say("lobby", "first")
    bob.expect("room/lobby")
    bob.fence()  # and it was acknowledged
    bob.drop()
    ann.say("lobby", "second")
    back = connect(member(keys, "bob"), wire, on_broker=remembering, keep_session=True)
    back.subscribe("room/lobby", qos=1)
    back.fence()
    back.expect("room/lobby", where=lambda m: m.json["content"] == "second")
    assert said(back) == [("second", False)], "the greeting came before, and only what was missed comes now"


def test_what_was_missed_and_what_was_before(ann, bob):
    for i in range(20):
        ann.say("lobby", str(i))
    bob.subscribe("room/lobby")
    bob.expect("room/lobby", where=lambda m: m.json["content"] == "19")
    greeted = chat(bob)
    bob.publish("room/lobby/history", {"before": greeted[0]["id"], "limit": 4})
    assert end_mark(bob) == {"type": "system", "history": "end", "room": "lobby", "more": True}
    assert said(bob)[5:] == [(str(i), True) for i in range(11, 15)]
    first = chat(bob)[5]["id"]
    bob.publish("room/lobby/history", {"before": first, "limit": 100})
    assert "more" not in end_mark(bob)
    assert said(bob)[9:] == [(str(i), True) for i in range(11)]
    # After what it saw last, save what it was greeted with.
    bob.publish("room/lobby/history", {"after": chat(bob)[9]["id"]})
    end_mark(bob)
    assert said(bob)[20:] == [(str(i), True) for i in range(1, 15)]
    ann.fence()
    assert not chat(ann)


def test_requests_are_heard_by_nobody(remembering, ann, bob, connect, keys):
    bot = connect(member(keys, "bot", role="service"), TCP4, on_broker=remembering)
    bot.subscribe("#")
    bob.subscribe("room/lobby/#")
    ann.subscribe("room/lobby/#")
    assert ann.publish("room/lobby/history", {"after": "1"}, retain=True) == 0
    end_mark(ann)
    ann.say("lobby", "after that")
    bob.expect("room/lobby")
    bot.expect("room/lobby")
    for one in (ann, bob, bot):
        assert not one.received("room/lobby/history")


@pytest.mark.parametrize("request_", [b"", b"{}", b"[]", b"x", {"after": 5}, {"after": "x"}, {"after": "-1"},
                                      {"after": "1", "before": "2"}, {"before": "5", "limit": 0},
                                      {"before": "5", "limit": 201}, {"before": "5", "limit": "9"},
                                      {"after": "1", "more": 1}, {"before": "99999999999999999999"}, b"{" * 600])
def test_nonsense_requests(remembering, connect, keys, request_):
    ann = connect(member(keys, "ann"), TCP4, on_broker=remembering)
    ann.subscribe("room/lobby")
    ann.publish("room/lobby/history", request_)
    assert ann.expect(f"user/{ann.client_id}/notice").json["error"] == "ERR_BAD_MESSAGE"
    ann.publish("room/other/history", {"after": "1"})
    assert "subscribe" in ann.expect(f"user/{ann.client_id}/notice").json["message"]
    ann.publish("room/~club/history", {"after": "1"})
    assert ann.expect(f"user/{ann.client_id}/notice").json["error"] == "ERR_FORBIDDEN_TOPIC"


def test_transient_events_are_not_kept(ann, bob):
    ann.publish("room/lobby", {"type": "custom", "data": {"typing": True}, "transient": True})
    ann.say("lobby", "kept")
    bob.subscribe("room/lobby")
    bob.expect("room/lobby")
    bob.fence()
    assert [m.json["type"] for m in bob.received("room/lobby")] == ["text"]


def test_history_off(start_broker, connect, keys, wire):
    broker = start_broker(options={"history": 0})
    ann = connect(member(keys, "ann"), wire, on_broker=broker)
    ann.say("lobby", "x")
    ann.subscribe("room/lobby")
    ann.publish("room/lobby/history", {"after": "1"})
    assert "history" in ann.expect(f"user/{ann.client_id}/notice").json["message"]
    assert not ann.received("room/lobby")


def test_several_send_at_once_each_exactly_once(remembering, connect, keys):
    people = [connect(member(keys, f"p{i}"), TCP4, on_broker=remembering) for i in range(6)]
    for n in range(30):
        for i, one in enumerate(people):
            one.say("lobby", f"{i}-{n}", qos=0)
    for one in people:
        one.fence()
    last = connect(member(keys, "last"), TCP4, on_broker=remembering)
    last.subscribe("room/lobby")
    last.publish("room/lobby/history", {"before": "9223372036854775807", "limit": 200})
    end_mark(last)
    contents = [content for content, _ in said(last)[5:]]
    assert sorted(contents) == sorted(f"{i}-{n}" for i in range(6) for n in range(30))


def test_greeting_in_a_busy_room_is_in_order(remembering, connect, keys, wire):
    """New messages that arrive while the greeting is on its way come behind it, none twice, none lost."""
    import threading
    speaker = connect(member(keys, "speaker"), TCP4, on_broker=remembering)
    stop = threading.Event()
    count = [0]

    def talk():
        while not stop.is_set():
            speaker.say("lobby", str(count[0]), qos=0)
            count[0] += 1
            time.sleep(0.0005)

    thread = threading.Thread(target=talk)
    thread.start()
    try:
        listeners = []
        for i in range(15):
            one = connect(member(keys, f"l{i}"), wire, on_broker=remembering)
            one.subscribe("room/lobby")
            listeners.append(one)
    finally:
        stop.set()
        thread.join()
    speaker.fence()
    last = str(count[0] - 1)
    for one in listeners:
        one.expect("room/lobby", where=lambda m: m.json["content"] == last)
        numbers = [int(content) for content, _ in said(one)]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), one
        marks = [history for _, history in said(one)]
        assert marks == sorted(marks, reverse=True), "history first, then what is new"


def test_recall_by_the_sender(ann, bob):
    for one in (ann, bob):
        one.subscribe("room/lobby")
    ann.say("lobby", "oops")
    ann.say("lobby", "fine")
    message = bob.expect("room/lobby", where=lambda m: m.json["content"] == "oops").json
    ann.publish("room/lobby", {"type": "recall", "of": message["id"], "ref": "r"})
    recall = bob.expect("room/lobby", where=lambda m: m.json["type"] == "recall").json
    assert recall["of"] == message["id"] and recall["from"]["uid"] == ann.client_id and recall["id"] != message["id"]
    bob.publish("room/lobby/history", {"after": "1"})
    end_mark(bob)
    assert "oops" not in [content for content, history in said(bob) if history]


def test_recall_refused(ann, bob, remembering, connect, keys, wire):
    ann.subscribe("room/lobby")
    ann.say("lobby", "mine")
    message = ann.expect("room/lobby").json
    notices = f"user/{bob.client_id}/notice"
    for of in (message["id"], "12345"):
        bob.publish("room/lobby", {"type": "recall", "of": of})
        assert bob.expect(notices).json["error"] == "ERR_BAD_MESSAGE"
    bob.publish(f"user/{ann.client_id}", {"type": "recall", "of": message["id"]})
    assert bob.expect(notices).json["error"] == "ERR_BAD_MESSAGE"
    admin = connect(member(keys, "admin", role="admin"), wire, on_broker=remembering)
    admin.publish("room/lobby", {"type": "recall", "of": message["id"]})
    assert ann.expect("room/lobby", where=lambda m: m.json["type"] == "recall").json["of"] == message["id"]


def test_recall_too_late(start_broker, connect, keys, wire):
    broker = start_broker(options={"history": 5, "recall_window": "1s"})
    ann = connect(member(keys, "ann"), wire, on_broker=broker)
    ann.subscribe("room/lobby")
    ann.say("lobby", "too old")
    message = ann.expect("room/lobby").json
    while time.time() * 1000 < message["time"] + 1100:
        time.sleep(0.02)
    ann.publish("room/lobby", {"type": "recall", "of": message["id"]})
    assert "late" in ann.expect(f"user/{ann.client_id}/notice").json["message"]


def test_wills_and_finished_messages_are_kept(remembering, connect, keys, bob, wire):
    bot = connect(member(keys, "bot", role="service"), wire, on_broker=remembering)
    bot.publish("room/lobby", {"id": "77", "time": 5, "room": "lobby", "from": {"uid": "z" * 16}, **text("bridged")})
    dying = connect(member(keys, "dying"), wire, on_broker=remembering, will=("room/lobby", json.dumps(text("gone"))))
    bob.subscribe("room/lobby")
    bob.expect("room/lobby", where=lambda m: m.json["content"] == "bridged" and m.json["history"])
    dying.drop()
    bob.expect("room/lobby", where=lambda m: m.json["content"] == "gone")
    late = connect(member(keys, "late"), wire, on_broker=remembering)
    late.subscribe("room/lobby")
    late.expect("room/lobby", where=lambda m: m.json["content"] == "gone" and m.json["history"])


@pytest.fixture
def durable(start_broker, tmp_path):
    return start_broker(options={"history": 50, "history_store": f"sqlite:{tmp_path / 'history.db'}"})


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_messages_outlive_the_broker(durable, connect, keys, wire, end):
    ann = connect(member(keys, "ann"), wire, on_broker=durable)
    ann.subscribe("room/lobby", "room/hall")
    for i in range(10):
        ann.say("lobby", str(i))
    ann.say("hall", "elsewhere")
    before = [ann.expect("room/lobby").json for _ in range(10)]
    ann.publish("room/lobby", {"type": "recall", "of": before[3]["id"]})
    ann.expect("room/lobby", where=lambda m: m.json["type"] == "recall")
    if end == "kill":
        time.sleep(0.3)  # the worker writes every 20 ms; what it had no time for may be lost
        durable.kill()
        durable.popen = None
        durable.start()
    else:
        durable.restart()
    durable.wait_for_log(r"history\.loaded messages=11")
    bob = connect(member(keys, "bob"), wire, on_broker=durable)
    bob.subscribe("room/lobby")
    bob.say("lobby", "new")
    last = bob.expect("room/lobby", where=lambda m: m.json.get("content") == "new").json
    assert said(bob) == [(str(i), True) for i in range(10) if i != 3] + [("new", False)]
    assert int(last["id"]) > int(before[-1]["id"])


@pytest.mark.parametrize("content", [b"no database" * 1000])
def test_bad_history_store_stops_the_broker(start_broker, tmp_path, content):
    path = tmp_path / "history.db"
    path.write_bytes(content)
    log = start_broker(start=False, options={"history": 5, "history_store": f"sqlite:{path}"}).refuses_to_start()
    assert "plugin_opt_history_store" in log
    assert path.read_bytes() == content, "it is left as it was"


def test_ids_from_far_ahead_do_not_close_a_room(remembering, connect, keys, bob, wire):
    bot = connect(member(keys, "bot", role="service"), wire, on_broker=remembering)
    bot.publish("room/lobby", {"id": "9223372036854775807", "time": 5, "room": "lobby", "from": {"uid": "z" * 16},
                               **text("from the future")})
    bot.say("lobby", "from today")
    bob.subscribe("room/lobby")
    bob.expect("room/lobby", where=lambda m: m.json["content"] == "from today" and m.json["history"])


def test_burst_while_being_greeted_loses_nothing(remembering, connect, keys, raw, wire):
    """SUBSCRIBE and what the same client says right behind it, in one turn of the broker."""
    from harness.raw import PUBLISH, SUBSCRIBE, data, packet, varint
    connect(member(keys, "old"), TCP4, on_broker=remembering).say("lobby", "old")
    ann = member(keys, "ann")
    client = raw(wire, on_broker=remembering)
    client.connect(ann.uid, ann.uid, ann.skey)
    none = varint(0) if wire.version == 5 else b""
    burst = packet(SUBSCRIBE, b"\0\1" + none + data("room/lobby") + b"\0", 2)
    for i in range(6):
        body = json.dumps(text(f"n{i}")).encode()
        burst += packet(PUBLISH, data("room/lobby") + none + body, 0)
    client.send_bytes(burst)
    contents = [json.loads(client.expect(PUBLISH).payload)["content"] for _ in range(7)]
    assert contents == ["old"] + [f"n{i}" for i in range(6)]


def test_request_at_qos_2_is_refused(ann, bob):
    bob.subscribe("room/lobby/#")
    ann.subscribe("room/lobby")
    ann.publish("room/lobby/history", {"after": "1"}, qos=2)
    assert ann.expect(f"user/{ann.client_id}/notice").json["error"] == "ERR_BAD_MESSAGE"
    ann.say("lobby", "x")
    bob.expect("room/lobby")
    assert not bob.received("room/lobby/history")
