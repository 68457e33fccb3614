"""Rooms and direct messages: what goes in, what comes out, what is refused and how that is told."""
import json
import time

import pytest
from harness import Wire
from members import member, text

TCP4 = Wire("tcp", 4)
REFUSED_SUB = {4: 0x80, 5: 0x87}
MEDIA = "https://chat.example.com/media/"
STORED = MEDIA + "0123456789abcdef" * 4


@pytest.fixture
def two(connect, keys, wire):
    ann = connect(member(keys, "安", picture="https://example.com/a.png"), wire)
    bob = connect(member(keys, "bob", name=None), wire)
    for one in (ann, bob):
        one.subscribe("room/lobby", qos=1)
    return ann, bob


def test_people_chat(two):
    ann, bob = two
    before = int(time.time() * 1000) - 1
    ann.say("lobby", "你好", ref="r1")
    seen = [one.expect("room/lobby").json for one in two]
    assert seen[0] == seen[1]
    m2 = seen[0]
    assert list(m2)[:4] == ["id", "time", "room", "from"]
    assert m2["room"] == "lobby"
    assert m2["from"] == {"uid": ann.client_id, "nickName": "安", "avatarUrl": "https://example.com/a.png"}
    assert (m2["type"], m2["content"], m2["ref"]) == ("text", "你好", "r1")
    assert before <= m2["time"] <= time.time() * 1000 + 1
    bob.say("lobby", "hi")
    reply = ann.expect("room/lobby").json
    assert reply["from"] == {"uid": bob.client_id}
    assert int(reply["id"]) > int(m2["id"]) and int(reply["id"]) < 2**63


def test_every_type_of_message(start_broker, connect, keys):
    broker = start_broker(options={"media_url": MEDIA})
    ann = connect(member(keys, "ann"), TCP4, on_broker=broker)
    ann.subscribe("room/lobby")
    for m1 in [text("x" * 2000), text("\n\"\\\u2028"), text("hi", replyTo="12", ext={"a": [1, {"b": None}]}, ref="é"),
               {"type": "image", "url": STORED + ".jpg", "width": 640, "height": 480},
               {"type": "voice", "url": STORED + ".mp3", "duration": 3.2},
               {"type": "video", "url": STORED + ".mp4", "width": 1, "height": 1, "duration": 1},
               {"type": "file", "url": STORED + ".pdf", "name": "报告.pdf", "size": 0},
               {"type": "custom", "data": {}}, {"type": "custom", "data": {"like": 1}, "transient": True}]:
        ann.publish("room/lobby", m1)
        m2 = ann.expect("room/lobby").json
        assert {name: m2[name] for name in m1} == m1
        assert set(m2) == set(m1) | {"id", "time", "room", "from"}


def test_direct_messages(two, connect, keys, wire):
    ann, bob = two
    assert ann.subscribe(f"user/{ann.client_id}") == [0]
    assert bob.subscribe(f"user/{bob.client_id}") == [0]
    assert ann.subscribe(f"user/{bob.client_id}") == [REFUSED_SUB[wire.version]]
    ann.publish(f"user/{bob.client_id}", text("psst"))
    m2 = bob.expect(f"user/{bob.client_id}").json
    assert m2["to"] == bob.client_id and "room" not in m2
    assert m2["from"]["uid"] == ann.client_id
    ann.fence()
    assert not ann.received(f"user/{bob.client_id}")


BAD_M1 = [
    b"", b"hello", b"[]", b"null", b"{}", b'{"type":"text"}', b'{"type":"text","content":""}',
    b'{"type":"text","content":5}', b'{"type":"text","content":"a","content":"b"}', b'{"content":"x"}',
    b'{"type":"text","content":"x","from":{"uid":"a"}}', b'{"type":"text","content":"x","\\u0066rom":{"uid":"a"}}',
    b'{"type":"text","content":"x","id":"1"}', b'{"type":"text","content":"x","time":1}',
    b'{"type":"text","content":"x","room":"y"}', b'{"type":"text","content":"x","to":"y"}',
    b'{"type":"text","content":"x","history":true}', b'{"type":"text","content":"x","mine":1}',
    b'{"type":"text","content":"x\\u0000y"}', b'{"type":"text","content":"x\0y"}', b'{"type":"text","content":"\xff"}',
    b'{"type":"text","content":"\xed\xa0\x80"}', b'{"type":"text","content":"\\ud800"}', b'{"type":"text","content":"\t"}',
    b'{"type":"text","content":"x"} x', b'{"type":"text","content":"x",}', b"{'type':'text','content':'x'}",
    b'{"type":"system","content":"x"}', b'{"type":"TEXT","content":"x"}', b'{"Type":"text","content":"x"}',
    b'{"type":"text","content":"x","ref":""}', b'{"type":"text","content":"x","ref":1}',
    b'{"type":"text","content":"x","ref":"' + b"r" * 65 + b'"}', b'{"type":"text","content":"x","replyTo":12}',
    b'{"type":"text","content":"x","replyTo":"-1"}', b'{"type":"text","content":"x","ext":[]}',
    b'{"type":"text","content":"x","ext":{"a":"' + b"x" * 1024 + b'"}}',
    b'{"type":"custom"}', b'{"type":"custom","data":[]}', b'{"type":"custom","data":{"a":"' + b"x" * 4096 + b'"}}',
    b'{"type":"custom","data":{"a":1,"a":2}}', b'{"type":"custom","data":{"a":01}}', b'{"type":"custom","data":{"a":1.}}',
    b'{"type":"custom","data":{"a":NaN}}', b'{"type":"custom","data":{},"transient":1}',
    b'{"type":"custom","data":' + b'{"a":' * 16 + b"1" + b"}" * 16 + b"}",
    b'{"type":"custom","data":' + b'{"a":' * 400 + b"1" + b"}" * 400 + b"}",
    *[{"type": "image", "width": 1, "height": 1, "url": url} for url in
      ["https://evil.example.com/" + "0" * 64 + ".jpg", MEDIA + "../" + "0" * 64 + ".jpg", MEDIA + "a.jpg",
       STORED + ".html", STORED + ".mp4", STORED + ".jpg?x"]],
    *[{"type": "image", "url": STORED + ".jpg", "width": width, "height": 1} for width in [None, 0, -1, 1.5, "1"]],
    {"type": "image", "url": STORED + ".jpg"}, {"type": "voice", "url": STORED + ".jpg", "duration": 1},
    {"type": "video", "url": STORED + ".mp3", "width": 1, "height": 1, "duration": 1},
    b'{"type":"recall","of":"1"}', b'{"type":"recall"}', text("x" * 2001), text("好" * 2001), text("x" * 9000),
]


def test_bad_messages_reach_nobody_and_are_told(start_broker, connect, keys):
    broker = start_broker(options={"media_url": MEDIA})
    ann = connect(member(keys, "ann"), TCP4, on_broker=broker)
    bob = connect(member(keys, "bob"), TCP4, on_broker=broker)
    bob.subscribe("room/lobby")
    for i, payload in enumerate(BAD_M1):
        while len([n for n in ann.received(f"user/{ann.client_id}/notice") if n.at > time.monotonic() - 1]) >= 9:
            time.sleep(0.02)  # ten notices a second to one client
        ann.publish("room/lobby", payload)
        notice = ann.expect(f"user/{ann.client_id}/notice").json
        assert notice["error"] == "ERR_BAD_MESSAGE", (i, payload)
        assert notice["topic"] == "room/lobby" and notice["message"]
    ann.say("lobby", "still here")
    assert bob.expect("room/lobby").json["content"] == "still here"
    assert len(bob.received("room/lobby")) == 1


def test_refusal_carries_the_ref(two):
    ann, _ = two
    ann.publish("room/lobby", text("", ref="mine"))
    notice = ann.expect(f"user/{ann.client_id}/notice").json
    assert (notice["error"], notice["ref"]) == ("ERR_BAD_MESSAGE", "mine")
    ann.publish("room/~club", text("x", ref="other"))
    notice = ann.expect(f"user/{ann.client_id}/notice").json
    assert (notice["error"], notice["ref"], notice["topic"]) == ("ERR_FORBIDDEN_TOPIC", "other", "room/~club")


@pytest.mark.parametrize("topic", ["room/lobby/online", "room/a/b", "room/", "other", "user/nobody", "$CONTROL/x/v1",
                                   "room/~club", "room/@group", "room/" + "x" * 65, "user/" + "a" * 16 + "/notice"])
def test_forbidden_topics(two, wire, topic):
    ann, _ = two
    assert ann.publish(topic, text("x")) == {4: 0, 5: 0x87}[wire.version]
    notice = ann.expect(f"user/{ann.client_id}/notice").json
    assert notice["error"] == "ERR_FORBIDDEN_TOPIC" and notice["topic"] == topic
    assert ann.connected


def test_forbidden_filters(two, wire):
    ann, bob = two
    for refused in ["#", "+", "room/#", "room/+", "room/+/online", "+/lobby", "$SYS/#", "user/#", "user/+", "$share/g/room/lobby",
                    f"user/{bob.client_id}", f"user/{bob.client_id}/#", "room/~club", "room/~club/#", "room/@g", "other",
                    "room/" + "x" * 65, "$SYS/broker/uptime"]:
        assert ann.subscribe(refused) == [REFUSED_SUB[wire.version]], refused
    for granted in ["room/hall", "room/大厅", "room/lobby/#", "room/lobby/online", f"user/{ann.client_id}", "room/" + "x" * 64]:
        assert ann.subscribe(granted) == [0], granted
    assert ann.unsubscribe("room/hall") in ([], [0])


def test_private_rooms_by_claim(connect, keys, wire):
    ann = connect(member(keys, "ann", rooms=["~club", "@group"]), wire)
    bob = connect(member(keys, "bob"), wire)
    assert ann.subscribe("room/~club", "room/@group", "room/~other") == [0, 0, REFUSED_SUB[wire.version]]
    assert bob.subscribe("room/~club") == [REFUSED_SUB[wire.version]]
    ann.say("~club", "psst")
    assert ann.expect("room/~club").json["room"] == "~club"
    bob.say("~club", "let me in")
    assert bob.expect(f"user/{bob.client_id}/notice").json["error"] == "ERR_FORBIDDEN_TOPIC"
    bob.fence()
    assert len(ann.received("room/~club")) == 1


def test_old_subscription_does_not_outlive_its_right(connect, keys, wire):
    """A persistent session is resumed with a skey that no longer has the room."""
    client = connect(member(keys, "ann", rooms=["~club"]), wire, keep_session=True)
    client.subscribe("room/~club", "room/lobby", qos=1)
    client.disconnect()
    back = connect(member(keys, "ann"), wire, keep_session=True)
    assert back.session_present
    bot = connect(member(keys, "bot", role="service"), wire)
    bot.say("~club", "secret")
    bot.say("lobby", "open")
    assert back.expect("room/lobby").json["content"] == "open"
    assert not back.received("room/~club")


def test_retain_of_users_is_cleared(two, connect, keys, wire):
    ann, bob = two
    ann.publish("room/lobby", text("sticky"), retain=True)
    assert not bob.expect("room/lobby").retain
    late = connect(member(keys, "late"), wire)
    late.subscribe("room/lobby")
    late.fence()
    assert not late.received("room/lobby")
    ann.publish("room/lobby", b"", retain=True)
    assert ann.expect(f"user/{ann.client_id}/notice").json["error"] == "ERR_BAD_MESSAGE"


def test_service_role(two, connect, keys, wire):
    ann, _ = two
    bot = connect(member(keys, "bot", role="service"), wire)
    assert bot.subscribe("#", "$SYS/#", "$share/g/room/#") == [0, 0, 0]
    m2 = {"id": "77", "time": 5, "room": "lobby", "from": {"uid": "z" * 16, "nickName": "from elsewhere"}, **text("bridged")}
    bot.publish("room/lobby", m2)
    assert ann.expect("room/lobby").json == m2
    bot.say("lobby", "stamped")
    assert ann.expect("room/lobby").json["from"]["uid"] == bot.client_id
    bot.publish("devices/lamp", "on", retain=True)
    assert bot.expect("devices/lamp").payload == b"on"
    bot.publish("room/lobby", {**m2, "room": "hall"})
    assert bot.expect(f"user/{bot.client_id}/notice").json["error"] == "ERR_BAD_MESSAGE"
    ann.publish("room/lobby", m2)
    assert ann.expect(f"user/{ann.client_id}/notice").json["error"] == "ERR_BAD_MESSAGE"


def test_notices_are_limited(two):
    ann, _ = two
    for _ in range(200):
        ann.publish("room/lobby", b"junk", qos=0)
    ann.fence()
    ann.say("lobby", "after")
    ann.expect("room/lobby")
    assert 10 <= len(ann.received(f"user/{ann.client_id}/notice")) <= 40


def test_will_is_stamped_once(two, connect, keys, wire):
    ann, _ = two
    will = json.dumps(text("gone"))
    bob = connect(member(keys, "dying"), wire, will=("room/lobby", will, 1, True))
    bob.drop()
    m2 = ann.expect("room/lobby").json
    assert m2["content"] == "gone" and m2["from"]["uid"] == bob.client_id and m2["id"]
    ann.fence()
    assert len(ann.received("room/lobby")) == 1
    late = connect(member(keys, "late"), wire)
    late.subscribe("room/lobby")
    late.fence()
    assert not late.received("room/lobby"), "a will is not retained"


@pytest.mark.parametrize("topic, payload", [("room/~club", text("x")), ("room/lobby", {"type": "text"}),
                                            ("room/lobby", {**text("x"), "from": {"uid": "a"}}), ("other", text("x"))])
def test_bad_wills_reach_nobody(connect, keys, wire, topic, payload):
    bot = connect(member(keys, "bot", role="service"), wire)
    bot.subscribe("#")
    dying = connect(member(keys, "dying"), wire, will=(topic, json.dumps(payload)))
    dying.drop()
    last = connect(member(keys, "last"), wire, will=("room/lobby", json.dumps(text("after"))))
    last.drop()
    assert bot.expect("room/lobby").json["content"] == "after"
    assert len(bot.received()) == 1


def test_will_of_a_taken_over_connection(two, connect, keys, wire):
    ann, _ = two
    dying = member(keys, "dying")
    connect(dying, wire, will=("room/lobby", json.dumps(text("replaced"))))
    again = connect(dying, wire)
    m2 = ann.expect("room/lobby").json
    assert m2["content"] == "replaced" and m2["from"]["uid"] == dying.uid
    again.say("lobby", "alive")
    assert ann.expect("room/lobby").json["content"] == "alive"


def test_delayed_will(two, connect, keys, wire):
    if wire.version != 5:
        pytest.skip("a will delay needs MQTT 5")
    ann, _ = two
    dying = connect(member(keys, "dying", ttl_s=2), wire, keep_session=True, will=("room/lobby", json.dumps(text("late"))),
                    will_delay=2)
    dying.drop()
    m2 = ann.expect("room/lobby").json
    assert m2["content"] == "late" and m2["from"]["uid"] == dying.client_id


def test_broker_stop_hands_out_no_raw_will(start_broker, connect, keys, wire):
    broker = start_broker(persistent=True)
    away = connect(member(keys, "away"), wire, on_broker=broker, keep_session=True)
    away.subscribe("room/lobby", qos=1)
    away.drop()
    connect(member(keys, "dying"), wire, on_broker=broker, will=("room/lobby", json.dumps(text("raw")), 1, True))
    broker.restart()
    late = connect(member(keys, "late"), wire, on_broker=broker)
    late.subscribe("room/lobby")
    back = connect(member(keys, "away"), wire, on_broker=broker, keep_session=True)
    assert back.session_present
    late.say("lobby", "hello")
    assert back.expect("room/lobby").json["content"] == "hello"
    assert late.expect("room/lobby").json["content"] == "hello"
    assert len(back.received()) == len(late.received()) == 1


def test_queue_over_a_broker_restart(start_broker, connect, keys, wire):
    """Sessions restored from the broker's disk are unknown to the plugin: what is said meanwhile waits for them."""
    broker = start_broker(persistent=True)
    eve = connect(member(keys, "eve"), wire, on_broker=broker, keep_session=True)
    eve.subscribe("room/lobby", qos=1)
    eve.drop()
    broker.restart()
    bob = connect(member(keys, "bob"), wire, on_broker=broker)
    bob.say("lobby", "you were away")
    bob.publish(f"user/{eve.client_id}", text("not subscribed"))
    broker.reload()
    back = connect(member(keys, "eve"), wire, on_broker=broker, keep_session=True)
    assert back.session_present
    assert back.expect("room/lobby").json["content"] == "you were away"


def test_check_retain_source(start_broker, connect, keys, wire):
    broker = start_broker(lines=["check_retain_source true"])
    bot = connect(member(keys, "bot", role="service"), wire, on_broker=broker)
    bot.publish("room/lobby", text("pinned"), retain=True)
    ann = connect(member(keys, "ann"), wire, on_broker=broker)
    ann.subscribe("room/lobby")
    m2 = ann.expect("room/lobby")
    assert m2.retain and m2.json["from"]["uid"] == bot.client_id


def test_ids_rise_under_a_crowd(connect, keys):
    people = [connect(member(keys, f"p{i}"), TCP4) for i in range(5)]
    people[0].subscribe("room/lobby", qos=1)
    for n in range(40):
        for one in people:
            one.say("lobby", str(n), qos=0)
    for one in people:
        one.fence()
    ids = [int(people[0].expect("room/lobby").json["id"]) for _ in range(200)]
    assert ids == sorted(set(ids))
