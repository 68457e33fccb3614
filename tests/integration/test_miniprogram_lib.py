"""The client library of miniprogram/lib against the real broker and login service, in a bare realm of Node."""
import pytest

from harness.miniprogram import Failed, MiniProgram


@pytest.fixture
def room_broker(start_broker):
    """As people run it: with history and the usual rate."""
    return start_broker({"history": 50, "message_rate": 5, "message_burst": 20})


@pytest.fixture
def app(login, standin, room_broker):
    """app(person, …): that person's mini-program."""
    running = []

    def make(person, broker=None, **setup):
        broker = broker or room_broker
        options = {"baseUrl": f"http://127.0.0.1:{setup.pop('port', login.port)}",
                   "mqttUrl": f"ws://127.0.0.1:{broker.port('websockets')}/mqtt", **setup.pop("options", {})}
        running.append(MiniProgram(standin, person, options=options, **setup))
        return running[-1]

    yield make
    for one in running:
        one.stop()


def test_two_people_talk(app):
    alice, bob = app("alice"), app("bob")
    alice.call("chat.join", "lobby")
    bob.call("chat.join", "lobby")
    said = alice.call("chat.say", "lobby", "你好")
    assert said["mine"] and said["content"] == "你好" and said["room"] == "lobby"
    heard = bob.expect("message", content="你好")
    assert not heard["mine"] and heard["id"] == said["id"] and heard["from"]["uid"] == said["from"]["uid"]
    assert alice.texts == ["你好"]
    assert alice.expect("outgoing", status="sending")["ref"] == said["ref"]
    assert alice.expect("outgoing", status="sent")["ref"] == said["ref"]
