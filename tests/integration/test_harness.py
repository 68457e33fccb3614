"""The harness itself, on a broker without the plugin: what the other tests lean on."""
import os
import socket
import struct

import pytest

from harness import Client, RawClient, Refused, Wire
from harness.ports import HOST, free_port
from harness.raw import PUBLISH


@pytest.fixture
def bare(start_broker):
    return start_broker(plugin=False, keys=None, anonymous=True)


@pytest.fixture
def keys():
    """A bare broker needs none."""


def test_no_port_is_given_twice():
    ports = [free_port() for _ in range(500)]
    assert len(set(ports)) == 500


@pytest.mark.parametrize("which", [0, 1], ids=["tcp", "websockets"])
def test_broker_looks_for_other_ports_when_one_is_taken(start_broker, monkeypatch, which):
    with socket.create_server((HOST, 0)) as somebody:
        ports = [free_port() for _ in range(4)]
        ports[which] = somebody.getsockname()[1]
        monkeypatch.setattr("harness.broker.free_port", iter(list(ports)).__next__)
        broker = start_broker(plugin=False, keys=None, anonymous=True)
    assert [broker.tcp_port, broker.ws_port] == ports[2:]


def test_clients_see_each_other(bare, wire, started):
    alice = Client(bare.port(wire.transport), wire, client_id="alice").connect()
    bob = Client(bare.port(wire.transport), wire, client_id="bob").connect()
    started.clients += [alice, bob]
    assert bob.subscribe("room/lobby", "room/#", qos=1) == [1, 1]
    assert alice.publish("room/lobby", {"content": "你好"}, qos=2) == 0
    assert bob.expect(topic="room/lobby").json["content"] == "你好"
    assert bob.unsubscribe("room/lobby") == ([0] if wire.version == 5 else [])
    bob.disconnect()
    assert alice.connected and not bob.connected


def test_dropped_client_leaves_its_will(bare, wire, started):
    alice = Client(bare.port(wire.transport), wire, client_id="alice", will=("gone", b"alice", 1)).connect()
    bob = Client(bare.tcp_port, Wire("tcp", 4), client_id="bob").connect()
    started.clients += [alice, bob]
    bob.subscribe("gone")
    alice.drop()
    assert bob.expect(topic="gone").payload == b"alice"


def test_refused_connection_says_why(start_broker, wire):
    closed = start_broker(plugin=False, keys=None)
    with pytest.raises(Refused) as refused:
        Client(closed.port(wire.transport), wire, client_id="alice").connect()
    assert refused.value.reason == (135 if wire.version == 5 else 5)


def test_raw_client_does_a_whole_session(bare, wire, started):
    raw = RawClient(bare.port(wire.transport), wire)
    started.clients.append(raw)
    assert raw.connect("raw").reason == 0
    assert raw.subscribe("a", qos=2) == 2
    big = os.urandom(70_000)  # three length forms of a WebSocket frame
    for payload in (b"x", big[:200], big):
        assert raw.publish("a", payload, qos=2) == 0
    raw.send_publish("a", b"y")
    assert raw.expect(PUBLISH).payload == b"y"
    assert raw.unsubscribe("a").kind == 11


def test_raw_client_sees_the_broker_close(bare, wire, started):
    raw = RawClient(bare.port(wire.transport), wire)
    started.clients.append(raw)
    raw.send_bytes(struct.pack("!BB", 0xF0, 0xFF) * 3)
    assert raw.wait_closed() is None


def test_failures_of_a_broker_are_told(start_broker):
    broken = start_broker(plugin=False, keys=None, lines=["no_such_option 1"], start=False)
    assert "no_such_option" in broken.refuses_to_start()
    with pytest.raises(AssertionError, match="no_such_option"):
        broken.start()


def test_port_of_a_dead_broker_is_free(bare):
    bare.kill()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", bare.tcp_port))
    bare.start()
