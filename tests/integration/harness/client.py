"""An MQTT client as people write them: paho, over TCP or WebSocket, MQTT 3.1.1 or 5. It remembers all that it saw."""
import json
import os
import socket
import threading
import time
from dataclasses import dataclass

from paho.mqtt import client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from .ports import HOST
from .wait import patience

SESSION_WITHOUT_END = 0xFFFFFFFF


class Refused(Exception):
    """The broker refused the connection. reason: the code in CONNACK; None when it closed without one."""

    def __init__(self, reason):
        super().__init__(f"refused with {reason}")
        self.reason = reason


@dataclass(frozen=True)
class Message:
    topic: str
    payload: bytes
    qos: int
    retain: bool
    at: float  # time.monotonic() of its arrival

    @property
    def json(self):
        return json.loads(self.payload)


class Listening(paho.Client):
    """paho 1.6 reads these codes off the wire and keeps them to itself."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.publish_reasons = {}
        self.disconnect_reason = None

    def _keep_reason(self):
        body = self._in_packet["packet"]
        self.publish_reasons.setdefault(int.from_bytes(body[:2], "big"), body[2] if len(body) > 2 else 0)

    def _handle_pubackcomp(self, cmd):
        self._keep_reason()
        return super()._handle_pubackcomp(cmd)

    def _handle_pubrec(self):
        if len(self._in_packet["packet"]) > 2:
            self._keep_reason()
        return super()._handle_pubrec()

    def _handle_disconnect(self):
        body = self._in_packet["packet"]
        self.disconnect_reason = body[0] if body else 0
        return super()._handle_disconnect()


class Client:
    """One connection.

        alice = Client(broker.port("tcp"), wire, client_id=uid, username=uid, password=skey).connect()
        assert alice.subscribe("room/lobby") == [0]
        alice.say("lobby", "hello")
        alice.expect(topic="room/lobby", where=lambda m: m.json["content"] == "hello")

    keep_session  the broker is to keep subscriptions and queue while this client is away
    will          (topic, payload[, qos[, retain]])
    """

    def __init__(self, port, wire, *, client_id, username=None, password=None, keep_session=False, will=None,
                 will_delay=None, keepalive=60, path="/mqtt"):
        self.port, self.wire, self.client_id, self.keepalive = port, wire, client_id, keepalive
        self.keep_session = keep_session
        self._changed = threading.Condition()
        self._messages, self._unread = [], []
        self._granted = {}
        self._connack = self._closed_at = None
        v5 = wire.version == 5
        clean = {} if v5 else {"clean_session": not keep_session}
        self.paho = Listening(client_id=client_id, transport=wire.transport, protocol=wire.version,
                              reconnect_on_failure=False, **clean)
        if username is not None:
            self.paho.username_pw_set(username, password)
        if wire.transport == "websockets":
            self.paho.ws_set_options(path=path)
        if will:
            properties = None
            if will_delay is not None:
                properties = Properties(PacketTypes.WILLMESSAGE)
                properties.WillDelayInterval = will_delay
            topic, payload, qos, retain = (*will, *(0, False)[len(will) - 2:])
            self.paho.will_set(topic, as_payload(payload), qos, retain, **({"properties": properties} if v5 else {}))
        self.paho.on_connect = self._on_connect
        self.paho.on_disconnect = self._on_disconnect
        self.paho.on_subscribe = self._on_granted
        self.paho.on_unsubscribe = self._on_granted
        self.paho.on_message = self._on_message

    # What paho's thread reports.

    def _on_connect(self, _client, _userdata, flags, reason, _properties=None):
        with self._changed:
            self._connack = (reason if isinstance(reason, int) else reason.value, bool(flags["session present"]))
            self._changed.notify_all()

    def _on_disconnect(self, *_):
        with self._changed:
            self._closed_at = time.monotonic()
            self._changed.notify_all()

    def _on_granted(self, _client, _userdata, mid, *codes):
        with self._changed:
            if self.wire.version == 5:  # SUBSCRIBE: codes, properties; UNSUBSCRIBE: properties, code or codes
                granted = codes[0] if isinstance(codes[0], list) else codes[1]
                granted = granted if isinstance(granted, list) else [granted]
                self._granted[mid] = [code.value for code in granted]
            else:
                self._granted[mid] = list(codes[0]) if codes else []
            self._changed.notify_all()

    def _on_message(self, _client, _userdata, m):
        with self._changed:
            message = Message(m.topic, bytes(m.payload), m.qos, bool(m.retain), time.monotonic())
            self._messages.append(message)
            self._unread.append(message)
            self._changed.notify_all()

    # Waiting. The condition is checked under the lock whenever something arrived.

    def _wait(self, condition, what, timeout, while_open=True):
        end = time.monotonic() + patience(timeout)
        with self._changed:
            while True:
                value = condition()
                if value:
                    return value
                if while_open and self._closed_at is not None:
                    raise AssertionError(f"{self}: the connection ended while waiting for {what}; got {self._messages}")
                left = end - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"{self}: waited {patience(timeout):g} s for {what}; got {self._messages}")
                self._changed.wait(left)

    def __repr__(self):
        return f"<{self.client_id} {self.wire}>"

    # The connection.

    def connect(self, timeout=10):
        """Connects and returns self. Raises Refused."""
        options = {}
        if self.wire.version == 5:
            properties = Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = SESSION_WITHOUT_END if self.keep_session else 0
            options = {"clean_start": not self.keep_session, "properties": properties}
        self._connack = self._closed_at = self.paho.disconnect_reason = None
        self.paho.connect(HOST, self.port, self.keepalive, **options)
        self.paho.loop_start()
        self._wait(lambda: self._connack or self._closed_at, "CONNACK", timeout, while_open=False)
        if self._connack is None or self._connack[0] != 0:
            self.close()
            raise Refused(self._connack and self._connack[0])
        return self

    @property
    def session_present(self):
        return self._connack[1]

    @property
    def connected(self):
        return self._connack is not None and self._closed_at is None

    def disconnect(self):
        """Says good-bye: no will."""
        self.paho.disconnect()
        self.wait_closed()
        self.paho.loop_stop()

    def drop(self):
        """Loses the connection without a word: the broker sends the will."""
        self._cut()
        self.wait_closed()
        self.paho.loop_stop()

    def close(self):
        """Ends whatever is left. For tidying up."""
        if self.connected:
            self.paho.disconnect()
        self._cut()
        self.paho.loop_stop()

    def _cut(self):
        """Shuts the connection down below paho, whose thread then ends as it does when the other side has gone."""
        sock = self.paho.socket()
        if sock is None:
            return
        try:
            with socket.socket(fileno=os.dup(sock.fileno())) as same:
                same.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it was closed meanwhile

    def wait_closed(self, timeout=10):
        """Waits until the broker (or disconnect()) has ended the connection. Gives the reason code of an MQTT 5
        DISCONNECT, or None."""
        self._wait(lambda: self._closed_at is not None, "the end of the connection", timeout, while_open=False)
        return self.paho.disconnect_reason

    @property
    def closed_at(self):
        """time.monotonic() of the end of the connection, or None."""
        return self._closed_at

    # Packets.

    def subscribe(self, *topics, qos=0, timeout=10):
        """The codes of SUBACK: granted QoS, 0x80 (3.1.1) or 0x87 (5) for refused."""
        _, mid = self.paho.subscribe([(topic, qos) for topic in topics])
        return self._wait(lambda: self._granted.get(mid), f"SUBACK for {topics}", timeout)

    def unsubscribe(self, *topics, timeout=10):
        """The codes of UNSUBACK; an empty list with MQTT 3.1.1, which has none."""
        _, mid = self.paho.unsubscribe(list(topics))
        self._wait(lambda: mid in self._granted, f"UNSUBACK for {topics}", timeout)
        return self._granted[mid]

    def publish(self, topic, payload, qos=1, retain=False, timeout=10):
        """Returns the reason code of the acknowledgement (0 with MQTT 3.1.1), None at QoS 0.
        payload: bytes, text, or anything else to be sent as JSON."""
        info = self.paho.publish(topic, as_payload(payload), qos, retain)
        if qos == 0:
            return None
        reasons = self.paho.publish_reasons
        return self._poll(lambda: reasons.get(info.mid), f"the acknowledgement of {topic}", timeout)

    def _poll(self, condition, what, timeout):
        """Acknowledgements come without a callback of their own."""
        end = time.monotonic() + patience(timeout)
        while (value := condition()) is None:
            if self._closed_at is not None:
                raise AssertionError(f"{self}: the connection ended while waiting for {what}")
            if time.monotonic() > end:
                raise AssertionError(f"{self}: waited {patience(timeout):g} s for {what}")
            time.sleep(0.002)
        return value

    def say(self, room, text, qos=1, **members):
        """Publishes a text message to a room. members: ref, replyTo, ext."""
        return self.publish(f"room/{room}", {"type": "text", "content": text, **members}, qos)

    # What came in.

    def expect(self, topic=None, where=None, timeout=10, still_open=True):
        """The first message not yet taken by an expect() that has this topic and satisfies where(message); it is
        taken. still_open=False: the connection may have ended meanwhile."""

        def take():
            for i, message in enumerate(self._unread):
                if matches(message, topic, where):
                    return self._unread.pop(i)
            return None

        return self._wait(take, f"a message on {topic or 'any topic'}", timeout, while_open=still_open)

    def take_all(self, topic=None, where=None):
        """All messages that an expect() could take now, without waiting."""
        with self._changed:
            taken = [message for message in self._unread if matches(message, topic, where)]
            self._unread = [message for message in self._unread if message not in taken]
            return taken

    def received(self, topic=None, where=None):
        """All messages so far with this topic that satisfy where(message), taken or not."""
        with self._changed:
            return [message for message in self._messages if matches(message, topic, where)]

    def fence(self, timeout=10):
        """Returns when the broker has handled what this client sent before: SUBSCRIBE to nothing of interest is
        answered, allowed or not, in order. What others were sent because of it is then on its way to them."""
        self.subscribe("fence/" + self.client_id, timeout=timeout)


def as_payload(payload):
    if payload is None or isinstance(payload, (bytes, bytearray)):
        return payload
    if isinstance(payload, str):
        return payload.encode()
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def matches(message, topic, where):
    return (topic is None or message.topic == topic) and (where is None or bool(where(message)))
