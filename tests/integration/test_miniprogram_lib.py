"""The client library of miniprogram/lib against the real broker and login service, in a bare realm of Node: log-ins, and
what goes over the chat while all is well. Its troubles: test_miniprogram_trouble.py."""
import json
import time

import pytest

from harness.miniprogram import Failed
from harness.wait import wait_until
from harness.wire import WIRES
from members import member


@pytest.fixture
def broker(start_broker, login):
    return start_broker(options={"store": f"sqlite:{login.store}", "history": 50})


def refused(answer_or_call, code, *args):
    """The error with which it was refused."""
    with pytest.raises(Failed) as failed:
        answer_or_call(*args)
    assert failed.value.code == code, failed.value
    return failed.value


@pytest.mark.parametrize("version", [5, 4], ids=["mqtt5", "mqtt311"])
def test_two_people_talk(app, version):
    alice, bob = (app(name, options={"protocolVersion": version}) for name in ("alice", "bob"))
    alice.call("chat.join", "大厅")
    bob.call("chat.join", "大厅")
    said = alice.call("chat.say", "大厅", "你好")
    assert said["mine"] and said["content"] == "你好" and said["room"] == "大厅"
    heard = bob.expect("message", content="你好")
    assert not heard["mine"] and heard["id"] == said["id"] and heard["from"]["uid"] == said["from"]["uid"]
    assert alice.texts == ["你好"] and "history" not in heard
    assert alice.expect("outgoing", status="sending")["ref"] == said["ref"]
    assert alice.expect("outgoing", status="sent")["ref"] == said["ref"]
    assert alice.call("chat.outgoing") == []


def test_three_round_trips_to_the_first_message(app):
    app("bob").call("chat.say", "lobby", "was here")
    alice = app("alice")
    joined = alice.start("chat.join", "lobby")
    assert alice.expect("message")["content"] == "was here"
    assert alice.phone("roundTrips") <= 3
    joined.result()
    assert alice.get("counts")["requests"] == ["POST /login"] and alice.get("counts")["sockets"] == 1
    alice.restart()  # The session is there still: one less.
    alice.set("turns", [])
    alice.start("chat.join", "lobby")
    alice.expect("message", content="was here")
    assert alice.phone("roundTrips") <= 2 and alice.get("counts")["login"] == 1


def test_one_login_however_many_ask(app, standin):
    alice = app("alice")
    waiting = [alice.start("session") for _ in range(5)]
    waiting += [alice.start("request", {"url": "/session"}) for _ in range(3)]
    waiting += [alice.start("chat.join", room) for room in ("a", "b")]
    answers = [one.result() for one in waiting]
    assert len({one["id"] for one in answers[:5]}) == 1
    assert [one["statusCode"] for one in answers[5:8]] == [200] * 3
    assert alice.get("counts")["login"] == 1 and alice.get("counts")["sockets"] == 1
    assert alice.get("counts")["requests"].count("POST /login") == 1


def test_session_is_kept_in_the_storage(app):
    alice = app("alice")
    first = alice.call("session")
    alice.restart()
    assert alice.call("current") == first and alice.call("session") == first
    assert alice.get("counts")["login"] == 1


def test_renewal_costs_no_reconnect(app, start_login):
    alice = app("alice", port=start_login(session_ttl="4s").port)  # with the same store
    alice.call("chat.join", "lobby")
    first = alice.call("session")
    time.sleep(max(0, first["expiresAt"] / 1000 - time.time() + 1))  # past the end of the first skey
    second = alice.call("session")
    assert second["id"] == first["id"] and second["skey"] != first["skey"]
    assert "POST /session/renew" in alice.get("counts")["requests"]
    assert alice.call("chat.say", "lobby", "still here")["content"] == "still here"
    assert alice.get("counts")["sockets"] == 1 and alice.get("counts")["login"] == 1
    assert alice.seen("state") == ["connecting", "online"]


@pytest.mark.parametrize("off_h", [-24 * 365, -26, 26, 24 * 365])
def test_time_set_wrong_on_the_phone(app, off_h):
    """The session's life is counted by the server's clock: no log-in more than with the right time."""
    alice = app("alice", clockOff=off_h * 3600_000)
    alice.call("chat.join", "lobby")
    alice.call("chat.say", "lobby", "what time is it?")
    for _ in range(3):
        alice.call("session")
    alice.restart()
    alice.call("chat.join", "lobby")
    assert alice.get("counts")["login"] == 1 and alice.get("counts")["requests"] == ["POST /login"]


def test_time_changed_while_the_app_was_away(app):
    alice = app("alice", clockOff=0)
    alice.call("chat.join", "lobby")
    alice.restart(clockOff=-48 * 3600_000)
    alice.call("chat.join", "lobby")
    alice.restart(clockOff=48 * 3600_000)
    alice.call("chat.join", "lobby")  # seems over: logs in, once
    alice.call("chat.say", "lobby", "here")
    assert alice.get("counts")["login"] == 2


def test_request_logs_in_again(app, login):
    alice = app("alice")
    first = alice.call("session")
    login.order("revoke", sid=first["id"])
    answers = [alice.start("request", {"url": "/session"}) for _ in range(4)]
    seen = {one.result()["data"]["session"]["id"] for one in answers}
    assert len(seen) == 1 and seen != {first["id"]}
    assert alice.get("counts")["login"] == 2


def test_request_elsewhere_carries_no_session(app, standin):
    alice = app("alice")
    answer = alice.call("request", {"url": standin.url + "/standin/stats"})
    assert answer["statusCode"] == 200
    assert alice.get("counts")["login"] == 0  # nobody needed one


def test_profile_is_seen_by_others(app):
    alice, bob = app("alice"), app("bob")
    alice.call("chat.join", "lobby")
    bob.call("chat.join", "lobby")
    session = alice.call("setProfile", {"nickName": "爱丽丝"})
    assert session["userInfo"]["nickName"] == "爱丽丝" and alice.call("current") == session
    wait_until(lambda: alice.call("chat.say", "lobby", "it is me")["from"].get("nickName") == "爱丽丝", "the new name")
    assert bob.expect("message", where=lambda m: m["from"].get("nickName"))["from"]["nickName"] == "爱丽丝"
    assert refused(alice.call, "ERR_BAD_REQUEST", "setProfile", {"nickName": ""}).status == 400


def test_logout_ends_it(app, login):
    alice = app("alice")
    alice.call("chat.join", "lobby")
    first = alice.call("session")
    alice.call("logout")
    assert alice.call("current") is None and alice.call("chat.rooms") == []
    assert alice.expect_state("offline")
    gone = login.call("GET", "/session", headers={"X-WX-Id": first["id"], "X-WX-Skey": first["skey"]})
    assert gone.status == 401
    assert first["skey"] not in json.dumps(alice.get("storage"))
    alice.call("chat.join", "lobby")  # and back
    assert alice.call("session")["id"] != first["id"]


def test_close_ends_everything(app):
    alice = app("alice")
    alice.call("chat.join", "lobby")
    alice.call("close")
    alice.expect_state("offline")
    for call in (("chat.join", "lobby"), ("chat.say", "lobby", "x"), ("chat.tell", "b" * 16, "x"), ("chat.retry", "x")):
        refused(alice.call, "ERR_CLOSED", *call)
    alice.phone("show")
    alice.phone("setNetwork", True)
    assert alice.call("chat.state") == "offline" and alice.get("counts")["sockets"] == 1


def test_history_in_pages(app):
    bob = app("bob")
    bob.call("chat.join", "lobby")
    for n in range(60):
        bob.call("chat.say", "lobby", str(n))
    alice = app("alice")
    alice.call("chat.join", "lobby")
    alice.expect("message", content="59")
    assert alice.texts == [str(n) for n in range(10, 60)]
    assert all(m["history"] for m in alice.seen("message"))
    page = alice.call("chat.history", "lobby", {"limit": 6})
    assert [m["content"] for m in page["messages"]] == [str(n) for n in range(4, 10)] and page["more"]
    page = alice.call("chat.history", "lobby", {"limit": 6})
    assert [m["content"] for m in page["messages"]] == [str(n) for n in range(4)] and not page["more"]
    again = alice.call("chat.history", "lobby", {"before": page["messages"][2]["id"]})
    assert [m["content"] for m in again["messages"]] == ["0", "1"]
    assert alice.texts == [str(n) for n in range(10, 60)]  # pages are handed out by their promise alone
    refused(alice.call, "ERR_FORBIDDEN_TOPIC", "chat.history", "elsewhere")
    assert refused(alice.call, "ERR_BAD_MESSAGE", "chat.history", "lobby", {"limit": 1000})


def test_presence_recall_and_leaving(app):
    alice, bob = app("alice"), app("bob")
    alice.call("chat.join", "lobby")
    assert alice.expect("joined") == {"room": "lobby", "gap": False}
    bob.call("chat.join", "lobby")
    alice.expect("presence", room="lobby", num=2)
    said = alice.call("chat.say", "lobby", "oops")
    back = alice.call("chat.recall", "lobby", said["id"])
    assert back["type"] == "recall" and back["of"] == said["id"]
    bob.expect("message", type="recall", of=said["id"])
    mine = bob.call("chat.say", "lobby", "not yours")
    assert "only its sender" in str(refused(alice.call, "ERR_BAD_MESSAGE", "chat.recall", "lobby", mine["id"]))
    bob.call("chat.leave", "lobby")
    alice.expect("presence", room="lobby", num=1)
    assert bob.call("chat.rooms") == [] and alice.call("chat.rooms") == ["lobby"]
    alice.call("chat.say", "lobby", "gone?")
    alice.call("chat.say", "other", "no need to be in it")
    assert "gone?" not in bob.texts and "no need to be in it" not in alice.texts


def test_what_was_said_before_leaving_is_said(app):
    alice, bob = app("alice"), app("bob")
    bob.call("chat.join", "lobby")
    alice.call("chat.join", "lobby")
    alice.phone("setNetwork", False)
    said = alice.start("chat.say", "lobby", "bye")
    alice.call("chat.leave", "lobby")
    alice.phone("setNetwork", True)
    assert said.result()["content"] == "bye"
    bob.expect("message", content="bye")
    bob.expect("presence", where=lambda p: p["num"] == 1, timeout=15)
    assert "bye" not in alice.texts


def test_private_messages(app):
    alice, bob = app("alice"), app("bob")
    bob.call("chat.join", "lobby")
    to = bob.call("session")["uid"]
    sent = alice.call("chat.tell", to, {"type": "text", "content": "psst"})
    assert sent["status"] == "sent" and sent["to"] == to
    heard = bob.expect("message", content="psst")
    assert heard["to"] == to and "room" not in heard and not heard["mine"]
    refused(alice.call, "ERR_BAD_MESSAGE", "chat.tell", to, {"type": "text", "content": ""})


def test_group_room_by_proof(app, standin):
    alice = app("alice")
    alice.call("session")
    proof = standin.group("alice", "the family")
    room = alice.call("enterGroup", {"encryptedData": proof["encryptedData"], "iv": proof["iv"]})["room"]
    assert room.startswith("@")
    alice.call("chat.join", room)
    assert alice.call("chat.say", room, "家人们")["room"] == room
    bob = app("bob")
    refused(bob.call, "ERR_FORBIDDEN_TOPIC", "chat.join", room)
    assert bob.call("chat.rooms") == []
    assert bob.expect("notice")["error"] == "ERR_FORBIDDEN_TOPIC"


@pytest.mark.parametrize("name", ["", "a/b", "+", "#", "room/#", "$SYS", "x" * 65, "聊" * 22, "a\u0000"])
def test_names_that_are_none(app, name):
    alice = app("alice")
    refused(alice.call, "ERR_FORBIDDEN_TOPIC", "chat.join", name)
    refused(alice.call, "ERR_FORBIDDEN_TOPIC", "chat.say", name, "x")
    assert alice.get("counts")["sockets"] == 0


def test_what_cannot_be_said(app):
    alice = app("alice")
    alice.call("chat.join", "lobby")
    for draft in ({"type": "text", "content": "x" * 2001}, {"type": "text", "content": ""}, {"type": "dance"},
                  {"type": "text", "content": "x", "from": {"uid": "somebody"}}, {"type": "custom", "data": {"x": "y" * 9000}}, 7, None):
        refused(alice.call, "ERR_BAD_MESSAGE", "chat.say", "lobby", draft)
    assert {one["status"] for one in alice.call("chat.outgoing")} == {"failed"}
    for one in alice.call("chat.outgoing"):
        alice.call("chat.forget", one["ref"])
    assert alice.call("chat.outgoing") == []
    assert alice.call("chat.say", "lobby", "but this")["content"] == "but this"


HOSTILE = [
    b"", b"\xff\xfe", b"[]", b"null", b"7", b'"x"', b"{", b"[" * 5000, b"{}", b'{"type":"text"}',
    json.dumps({"id": "1", "time": 1, "type": "text", "content": "no from"}).encode(),
    json.dumps({"id": "1", "time": 1, "type": "text", "content": "from nobody", "from": {}}).encode(),
    json.dumps({"time": 1, "from": {"uid": "a"}, "type": "text", "content": "no id"}).encode(),
    json.dumps({"id": "../x", "time": 1, "from": {"uid": "a"}, "type": "text", "content": "bad id"}).encode(),
    json.dumps({"type": "system", "history": "end", "room": "lobby"}).encode(),
]


def test_hostile_messages(app, keys, connect):
    """From a broken bridge of the owner's: role service may publish what it likes beside the rooms, and m2 in them."""
    alice = app("alice")
    alice.call("chat.join", "lobby")
    uid = alice.call("session")["uid"]
    bot = connect(member(keys, "bot", role="service"), WIRES[0])
    for payload in HOSTILE:
        for topic in ("room/lobby", "room/lobby/online", f"user/{uid}", f"user/{uid}/notice"):
            bot.publish(topic, payload, qos=0)
    finished = {"id": "77", "time": 1763800000000, "room": "lobby", "from": {"uid": "b" * 16, "nickName": "<b>x</b>"},
                "type": "text", "content": "<script>alert(1)</script>"}
    bot.publish("room/lobby", json.dumps(finished))
    heard = alice.expect("message", content="<script>alert(1)</script>")
    assert heard["from"] == {"uid": "b" * 16, "nickName": "<b>x</b>"} and heard["id"] == "77"
    assert alice.call("chat.say", "lobby", "still here")["content"] == "still here"
    assert alice.texts == ["<script>alert(1)</script>", "still here"]


def test_picture(app, start_login, tmp_path):
    (tmp_path / "media").mkdir()
    login = start_login(media_store=str(tmp_path / "media"), media_url="https://chat.example.com/media/")
    picture = tmp_path / "p.png"
    picture.write_bytes(bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000020000000308060000009f81e1c00000000d49444154789c6360606060000000050001"
        "a5f645400000000049454e44ae426082"))
    alice = app("alice", port=login.port)
    media = alice.call("upload", str(picture))
    assert media["type"] == "image/png" and (media["width"], media["height"]) == (2, 3)
    alice.expect("progress", where=lambda percent: percent == 100)
    login.order("revoke", uid=alice.call("session")["uid"])
    assert alice.call("upload", str(picture))["url"] == media["url"]  # logged in again
    assert alice.get("counts")["login"] == 2
    page = tmp_path / "p.html"
    page.write_text("<html><script>alert(1)</script></html>")
    assert refused(alice.call, "ERR_UNSUPPORTED_MEDIA", "upload", str(page)).status == 415
    alice.set("uploadPause", 60000)
    upload = alice.start("upload", str(picture))
    alice.expect("progress", where=lambda percent: percent == 50)
    alice.abort(upload)
    refused(upload.result, "ERR_ABORTED")
