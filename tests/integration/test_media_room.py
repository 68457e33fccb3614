"""What was uploaded, as messages and faces in a room: the service's types and the plugin's are the same."""
import pytest
from harness import Wire
from harness.media import MEDIA_URL, path_of
from harness.samples import SAMPLES, png

pytest_plugins = ["media_fixtures"]
WS5 = Wire("websockets", 5)
REFUSED = 0x87

MORE = {
    "image": {"width": 1, "height": 1},
    "voice": {"duration": 0.5},
    "video": {"width": 1, "height": 1, "duration": 1},
    "file": {"name": "报告", "size": 1},
}
FITTING = {"image": ["image", "file"], "video": ["voice", "video", "file"], "audio": ["voice", "file"],
           "application": ["file"]}


@pytest.fixture
def two(service, enter, start_broker, connect):
    """Two people in a room, with their sessions."""
    broker = start_broker(options={"store": f"sqlite:{service.store}", "media_url": MEDIA_URL})
    sessions = [enter(service, name) for name in ("alice", "bob")]
    clients = [connect(session, WS5, on_broker=broker) for session in sessions]
    for client in clients:
        client.subscribe("room/lobby")
    return *clients, *sessions


def test_every_file_goes_with_its_messages_alone(media, two):
    alice, bob, session, _ = two
    one_of_each = {sample.ext: sample for sample in SAMPLES}
    for sample in one_of_each.values():
        stored = media.store(session, sample.bytes)
        for kind, more in MORE.items():
            fits = kind in FITTING[sample.mime.split("/")[0]]
            reason = alice.publish("room/lobby", {"type": kind, "url": stored["url"], **more})
            assert reason == (0 if fits else REFUSED), (kind, sample.ext)
            if fits:
                heard = bob.expect("room/lobby").json
                assert (heard["type"], heard["url"]) == (kind, stored["url"])
                assert media.fetch(path_of(heard)).bytes == sample.bytes
    assert len(bob.received("room/lobby")) == sum(
        len(FITTING[sample.mime.split("/")[0]]) for sample in one_of_each.values())


def test_uploaded_face(service, media, two):
    alice, bob, session, _ = two
    url = media.store(session, png(64, 64))["url"]
    assert service.call("PUT", "/profile", headers=session.headers, json={"avatarUrl": url}).status == 200
    alice.say("lobby", "new face")  # the broker learns of it within a tick or two
    while bob.expect("room/lobby").json["from"].get("avatarUrl") != url:
        alice.say("lobby", "new face")
