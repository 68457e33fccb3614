"""An MQTT client of bare sockets: for what paho does not do, and for what no client should do."""
import base64
import hashlib
import os
import socket
import struct
from dataclasses import dataclass, field

from .ports import HOST
from .wait import patience

CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBSCRIBE, SUBACK = range(1, 10)
UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT, AUTH = range(10, 16)

# Properties of MQTT 5 by number: their names here, and how they are written.
PROPERTIES = {
    1: ("payload_format", "byte"), 2: ("message_expiry", "int"), 3: ("content_type", "text"),
    8: ("response_topic", "text"), 9: ("correlation_data", "data"), 11: ("subscription_id", "varint"),
    17: ("session_expiry", "int"), 18: ("assigned_client_id", "text"), 19: ("server_keepalive", "short"),
    21: ("auth_method", "text"), 22: ("auth_data", "data"), 24: ("will_delay", "int"),
    26: ("response_information", "text"), 28: ("server_reference", "text"), 31: ("reason_string", "text"),
    33: ("receive_maximum", "short"), 34: ("topic_alias_maximum", "short"), 35: ("topic_alias", "short"),
    36: ("maximum_qos", "byte"), 37: ("retain_available", "byte"), 38: ("user_property", "pair"),
    39: ("maximum_packet", "int"), 40: ("wildcards", "byte"), 41: ("subscription_ids", "byte"),
    42: ("shared", "byte"),
}
NUMBER = {name: (number, kind) for number, (name, kind) in PROPERTIES.items()}
SIZES = {"byte": "!B", "short": "!H", "int": "!I"}


def varint(n):
    out = bytearray()
    while True:
        n, low = divmod(n, 128)
        out.append(low | (0x80 if n else 0))
        if not n:
            return bytes(out)


def data(value):
    """Length and bytes, as strings and binary data are written."""
    raw = value.encode() if isinstance(value, str) else value
    return struct.pack("!H", len(raw)) + raw


def properties(values):
    out = b""
    for name, value in values.items():
        number, kind = NUMBER[name]
        out += bytes([number])
        if kind in SIZES:
            out += struct.pack(SIZES[kind], value)
        elif kind == "varint":
            out += varint(value)
        elif kind == "pair":
            out += data(value[0]) + data(value[1])
        else:
            out += data(value)
    return varint(len(out)) + out


def packet(kind, body, flags=0):
    return bytes([kind << 4 | flags]) + varint(len(body)) + body


class Reader:
    """Takes a packet's body apart."""

    def __init__(self, body):
        self.body, self.at = body, 0

    def left(self):
        return len(self.body) - self.at

    def take(self, n):
        part = self.body[self.at:self.at + n]
        assert len(part) == n, f"packet ends early: {self.body!r}"
        self.at += n
        return part

    def number(self, size):
        return int.from_bytes(self.take(size), "big")

    def varint(self):
        value = shift = 0
        while True:
            byte = self.number(1)
            value |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return value

    def data(self):
        return self.take(self.number(2))

    def properties(self):
        end = self.varint() + self.at
        found = {}
        while self.at < end:
            name, kind = PROPERTIES[self.number(1)]
            if kind in SIZES:
                value = self.number(struct.calcsize(SIZES[kind]))
            elif kind == "varint":
                value = self.varint()
            elif kind == "pair":
                value = (self.data().decode(), self.data().decode())
            else:
                value = self.data() if kind == "data" else self.data().decode()
            found[name] = value
        return found


@dataclass
class Packet:
    """kind and flags of the first byte; of the rest what this kind of packet has."""

    kind: int
    flags: int
    body: bytes
    packet_id: int = None
    reasons: list = field(default_factory=list)
    properties: dict = field(default_factory=dict)
    session_present: bool = False
    topic: str = None
    payload: bytes = b""

    @property
    def reason(self):
        return self.reasons[0]


def parse(kind, flags, body, version):
    p, r, v5 = Packet(kind, flags, body), Reader(body), version == 5
    if kind == CONNACK:
        p.session_present = bool(r.number(1) & 1)
        p.reasons = [r.number(1)]
        p.properties = r.properties() if v5 else {}
    elif kind == PUBLISH:
        p.topic = r.data().decode()
        p.packet_id = r.number(2) if flags & 6 else None
        p.properties = r.properties() if v5 else {}
        p.payload = r.take(r.left())
    elif kind in (PUBACK, PUBREC, PUBREL, PUBCOMP):
        p.packet_id = r.number(2)
        p.reasons = [r.number(1) if r.left() else 0]
        p.properties = r.properties() if r.left() else {}
    elif kind in (SUBACK, UNSUBACK):
        p.packet_id = r.number(2)
        p.properties = r.properties() if v5 else {}
        p.reasons = list(r.take(r.left()))
    elif kind in (DISCONNECT, AUTH):
        p.reasons = [r.number(1) if r.left() else 0]
        p.properties = r.properties() if r.left() else {}
    return p


class WebSocket:
    """Just enough of RFC 6455 to carry bytes. A frame's borders mean nothing to MQTT, so each may be cut anywhere."""

    def __init__(self, sock, path, protocol, headers):
        self.sock, self.buffered, self.message = sock, b"", b""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", f"Host: {HOST}", "Upgrade: websocket", "Connection: Upgrade",
                 f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Protocol: {protocol}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            part = sock.recv(4096)
            if not part:
                raise ConnectionError(f"no WebSocket here: {answer!r}")
            answer += part
        head, self.buffered = answer.split(b"\r\n\r\n", 1)
        accept = base64.b64encode(hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest())
        if b" 101 " not in head.split(b"\r\n")[0] or accept not in head:
            raise ConnectionError(f"no WebSocket here: {head!r}")

    def sendall(self, raw, opcode=2):
        mask = os.urandom(4)
        n = len(raw)
        length = (bytes([0x80 | n]) if n < 126 else b"\xfe" + struct.pack("!H", n) if n < 65536
                  else b"\xff" + struct.pack("!Q", n))
        self.sock.sendall(bytes([0x80 | opcode]) + length + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(raw)))

    def _exactly(self, n):
        while len(self.buffered) < n:
            part = self.sock.recv(65536)
            if not part:
                return None
            self.buffered += part
        raw, self.buffered = self.buffered[:n], self.buffered[n:]
        return raw

    def recv(self, n):
        while not self.message:
            head = self._exactly(2)
            if head is None:
                return b""
            length = head[1] & 0x7F
            if length > 125:
                more = self._exactly(2 if length == 126 else 8)
                length = int.from_bytes(more, "big")
            body = self._exactly(length)
            opcode = head[0] & 0x0F
            if body is None or opcode == 8:
                return b""
            if opcode in (0, 2):
                self.message = body
            elif opcode == 9:
                self.sendall(body, opcode=10)
        raw, self.message = self.message[:n], self.message[n:]
        return raw


class RawClient:
    """Sends what it is told and reads packet by packet.

        raw = RawClient(broker.port("tcp"), Wire("tcp", 5))
        connack = raw.connect("client-id", properties={"auth_method": "WX-SKEY", "auth_data": skey.encode()})
        raw.send(AUTH, b"\\x19" + properties({"auth_method": "WX-SKEY", "auth_data": fresh.encode()}))
        assert raw.expect(AUTH).reason == 0
    """

    def __init__(self, port, wire, *, path="/mqtt", headers=None, timeout=10):
        self.version = wire.version
        self.sock = socket.create_connection((HOST, port), timeout=patience(timeout))
        self.stream = self.sock
        self.packet_id = 0
        if wire.transport == "websockets":
            self.stream = WebSocket(self.sock, path, "mqtt", headers or {})

    # Sending.

    def send_bytes(self, raw):
        self.stream.sendall(raw)

    def send(self, kind, body=b"", flags=0):
        self.send_bytes(packet(kind, body, flags))

    def _properties(self, values):
        return properties(values or {}) if self.version == 5 else b""

    def next_id(self):
        self.packet_id = self.packet_id % 65535 + 1
        return struct.pack("!H", self.packet_id)

    def connect_packet(self, client_id, username=None, password=None, *, clean=True, keepalive=60, properties=None,
                       will=None, will_properties=None):
        """will: (topic, payload[, qos[, retain]])."""
        flags = 2 if clean else 0
        rest = data(client_id)
        if will:
            topic, payload, qos, retain = (*will, *(0, False)[len(will) - 2:])
            flags |= 4 | qos << 3 | (0x20 if retain else 0)
            rest += self._properties(will_properties) + data(topic) + data(payload)
        if username is not None:
            flags |= 0x80
            rest += data(username)
        if password is not None:
            flags |= 0x40
            rest += data(password)
        head = data("MQTT") + bytes([self.version, flags]) + struct.pack("!H", keepalive)
        return packet(CONNECT, head + self._properties(properties) + rest)

    def connect(self, client_id, username=None, password=None, **options):
        """Sends CONNECT and gives CONNACK; None when the broker closed without one."""
        self.send_bytes(self.connect_packet(client_id, username, password, **options))
        return self.expect(CONNACK, or_closed=True)

    def subscribe(self, topic, qos=0):
        """The code for this one filter."""
        self.send(SUBSCRIBE, self.next_id() + self._properties({}) + data(topic) + bytes([qos]), 2)
        return self.expect(SUBACK).reason

    def unsubscribe(self, topic):
        """UNSUBACK."""
        self.send(UNSUBSCRIBE, self.next_id() + self._properties({}) + data(topic), 2)
        return self.expect(UNSUBACK)

    def send_publish(self, topic, payload, qos=0, retain=False, properties=None):
        packet_id = self.next_id() if qos else b""
        self.send(PUBLISH, data(topic) + packet_id + self._properties(properties) + payload, qos << 1 | retain)

    def publish(self, topic, payload, qos=1, retain=False, properties=None):
        """Sends and waits; the reason code of PUBACK, or of PUBREC or PUBCOMP at QoS 2."""
        self.send_publish(topic, payload, qos, retain, properties)
        if qos == 0:
            return None
        if qos == 1:
            return self.expect(PUBACK).reason
        received = self.expect(PUBREC)
        if received.reason >= 0x80:
            return received.reason
        self.send(PUBREL, struct.pack("!H", received.packet_id), 2)
        return self.expect(PUBCOMP).reason

    # Receiving.

    def _exactly(self, n):
        raw = b""
        while len(raw) < n:
            part = self.stream.recv(n - len(raw))
            if not part:
                return None
            raw += part
        return raw

    def read(self):
        """The next packet; None when the broker has closed the connection."""
        try:
            first = self._exactly(1)
            if first is None:
                return None
            length = shift = 0
            while True:
                byte = self._exactly(1)
                if byte is None:
                    return None
                length |= (byte[0] & 0x7F) << shift
                shift += 7
                if not byte[0] & 0x80:
                    break
            body = self._exactly(length)
        except ConnectionResetError:
            return None
        if body is None:
            return None
        return parse(first[0] >> 4, first[0] & 0x0F, body, self.version)

    def expect(self, kind, *, or_closed=False):
        """Reads on to the first packet of this kind. Others on the way are dropped; QoS is not answered."""
        while True:
            p = self.read()
            if p is None:
                assert or_closed, f"the broker closed the connection; packet {kind} was to come"
                return None
            if p.kind == kind:
                return p

    def wait_closed(self):
        """Reads until the broker closes. Gives the last packet, a DISCONNECT with MQTT 5 in most cases, or None."""
        last = None
        while (p := self.read()) is not None:
            last = p
        return last

    def close(self):
        self.sock.close()
