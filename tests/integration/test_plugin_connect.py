"""Who may connect, and as whom."""
import json
import re
import subprocess
import time

import pytest
from harness import WIRES, Keys, Refused, Wire
from harness.ports import free_port
from harness.raw import AUTH, CONNACK, DISCONNECT, properties
from members import member

TCP4, TCP5 = Wire("tcp", 4), Wire("tcp", 5)
NOT_AUTHORISED = {4: 5, 5: 0x87}


def refused(connect, wire, **arguments):
    with pytest.raises(Refused) as caught:
        connect(None, wire, **arguments)
    assert caught.value.reason == NOT_AUTHORISED[wire.version]


@pytest.mark.parametrize("suffix", ["", "-phone", "-" + "x" * 32])
@pytest.mark.parametrize("names", ["uid", "sid"])
def test_session_connects(connect, keys, wire, suffix, names):
    ann = member(keys, "ann")
    name = getattr(ann, names)
    client = connect(None, wire, client_id=name + suffix, username=ann.uid, password=ann.skey)
    assert client.subscribe("room/lobby") == [0]


@pytest.mark.parametrize("wire", WIRES, ids=str)
def test_foreign_names_are_refused(connect, keys, wire):
    ann, bob = member(keys, "ann"), member(keys, "bob")
    for client_id, username in [(bob.uid, ann.uid), (ann.uid, bob.uid), (ann.uid, ""), (ann.uid + "x", ann.uid),
                                (ann.uid + "-", ann.uid), (ann.uid + "-" + "x" * 33, ann.uid), ("sensor", ann.uid),
                                (ann.uid + "-a/b", ann.uid), (ann.uid.upper(), ann.uid)]:
        refused(connect, wire, client_id=client_id, username=username, password=ann.skey)


def bad_tokens(keys):
    claims = keys.claims
    now = int(time.time())
    yield "alg none", keys.forge(header={"alg": "none"}, signature="")
    yield "alg none, signed", keys.forge(header={"alg": "none"})
    yield "alg HS512", keys.forge(header={"alg": "HS512"})
    yield "alg of another case", keys.forge(header={"alg": "hs256"})
    yield "no alg", keys.forge(header={"alg": None})
    yield "unknown kid", keys.forge(header={"kid": "other"})
    yield "no kid", keys.forge(header={"kid": None})
    yield "kid of another type", keys.forge(header={"kid": 1})
    yield "crit", keys.forge(header={"crit": ["exp"]})
    yield "no signature", keys.forge(signature="")
    yield "wrong signature", keys.forge(signature="A" * 43)
    yield "cut", keys.forge()[:-3]
    yield "one more part", keys.forge() + ".x"
    yield "two parts", keys.forge().rsplit(".", 1)[0]
    yield "padded", keys.forge() + "="
    yield "oversized", keys.forge(claims(name="x" * 6000))
    yield "expired", keys.forge(claims(exp=now, iat=now - 10))
    yield "claims are no object", keys.forge("[]")
    yield "claims are no JSON", keys.forge("{")
    yield "claim twice", keys.forge(json.dumps(claims())[:-1] + ', "exp": 99999999999}')
    for name in ("iss", "sub", "jti", "iat", "exp"):
        yield f"without {name}", keys.forge(claims(**{name: None}))
    for name, value in [("iss", 1), ("iss", "app"), ("sub", "A" * 16), ("sub", "a" * 15), ("jti", "b" * 27), ("jti", 7),
                        ("exp", str(now + 100)), ("exp", now + 100.5), ("exp", 1e300), ("exp", -1), ("iat", "now"),
                        ("iat", True), ("name", 5), ("name", "x" * 33), ("name", "a\u0007b"), ("picture", []),
                        ("picture", "javascript:x"), ("role", "root"), ("role", 1), ("rooms", "lobby"),
                        ("rooms", [1]), ("rooms", ["a/b"]), ("rooms", ["+"])]:
        yield f"{name} = {value!r}", keys.forge(claims(**{name: value}))


def test_bad_tokens_are_refused(broker, connect, keys):
    refused_ones = 0
    for why, token in bad_tokens(keys):
        with pytest.raises(Refused) as caught:
            connect(None, TCP4, client_id="a" * 16, username="a" * 16, password=token)
        assert caught.value.reason == 5, why
        assert token not in broker.log(), why
        refused_ones += 1
    assert refused_ones > 40
    connect(None, TCP4, client_id="a" * 16, username="a" * 16, password=keys.forge())


def test_other_clients_keep_their_authentication(start_broker, connect, keys, tmp_path, wire):
    # Made by mosquitto_passwd for the password "secret".
    passwords, acl = tmp_path / "passwords", tmp_path / "acl"
    subprocess.run(["mosquitto_passwd", "-c", "-b", passwords, "sensor", "secret"], check=True, capture_output=True)
    acl.write_text("user sensor\ntopic readwrite devices/#\n")
    passwords.chmod(0o600)
    broker = start_broker(lines=[f"password_file {passwords}", f"acl_file {acl}"])
    sensor = connect(None, wire, on_broker=broker, client_id="sensor-1", username="sensor", password="secret")
    refused_code = 0x80 if wire.version == 4 else 0x87
    sensor.subscribe("devices/lamp", "room/lobby")  # acl_file asks at delivery, not at subscription
    refused(connect, wire, on_broker=broker, client_id="sensor-2", username="sensor", password="wrong")
    ann = connect(member(keys, "ann"), wire, on_broker=broker)
    assert ann.subscribe("devices/lamp") == [refused_code]
    refused(connect, wire, on_broker=broker, client_id=ann.client_id, username="sensor", password="secret")
    ann.subscribe("room/lobby")
    ann.say("lobby", "for sessions")
    ann.expect("room/lobby")
    sensor.publish("devices/lamp", "on")
    assert sensor.expect("devices/lamp").payload == b"on"
    assert not sensor.received("room/lobby")


def test_client_id_of_a_session_away_is_kept_for_it(start_broker, connect, keys, wire):
    broker = start_broker(anonymous=True)
    ann = member(keys, "ann")
    away = connect(ann, wire, on_broker=broker, keep_session=True)
    away.subscribe("room/lobby", qos=1)
    away.drop()
    refused(connect, wire, on_broker=broker, client_id=ann.uid)
    back = connect(ann, wire, on_broker=broker, keep_session=True)
    assert back.session_present
    connect(None, wire, on_broker=broker, client_id="somebody")


@pytest.mark.parametrize("transport", ["tcp", "websockets"])
def test_enhanced_authentication(broker, raw, keys, transport):
    wire = Wire(transport, 5)
    ann, bob = member(keys, "ann"), member(keys, "bob")
    first = raw(wire)
    method = {"auth_method": "WX-SKEY", "auth_data": ann.skey.encode()}
    connack = first.connect(ann.uid, properties=method)
    assert connack.reason == 0
    assert connack.properties["auth_method"] == "WX-SKEY"
    assert first.subscribe("room/lobby") == 0
    for data in (b"", b"junk", bob.skey.encode(), b"\0" + ann.skey.encode()):
        connack = raw(wire).connect(ann.uid + "-2", properties={**method, "auth_data": data})
        assert connack.reason == 0x87
    assert raw(wire).connect(ann.uid + "-3", properties={**method, "auth_method": "OTHER"}).reason == 0x8C
    assert first.subscribe("room/hall") == 0


@pytest.mark.parametrize("transport", ["tcp", "websockets"])
def test_live_reauthentication(broker, raw, keys, transport):
    wire = Wire(transport, 5)
    short, fresh, bob = member(keys, "ann", ttl_s=2), member(keys, "ann", ttl_s=100), member(keys, "bob")
    client = raw(wire)
    assert client.connect(short.uid, properties={"auth_method": "WX-SKEY", "auth_data": short.skey.encode()}).reason == 0
    client.send(AUTH, b"\x19" + properties({"auth_method": "WX-SKEY", "auth_data": fresh.skey.encode()}))
    assert client.expect(AUTH).reason == 0
    while time.time() < short.ends_at + 0.5:
        time.sleep(0.05)
    assert client.subscribe("room/lobby") == 0
    client.send(AUTH, b"\x19" + properties({"auth_method": "WX-SKEY", "auth_data": bob.skey.encode()}))
    last = client.wait_closed()
    assert last is None or last.kind in (CONNACK, DISCONNECT)


def test_sighup_keeps_live_sessions(start_broker, connect, raw, keys):
    broker = start_broker()
    ann = connect(member(keys, "ann"), TCP4)
    bob = raw(TCP5)
    token = member(keys, "bob")
    bob.connect(token.uid, properties={"auth_method": "WX-SKEY", "auth_data": token.skey.encode()})
    eve = member(keys, "eve")
    away = connect(eve, TCP4, keep_session=True)
    away.subscribe("room/lobby", qos=1)
    away.drop()
    broker.reload()
    broker.wait_for_log("keys.loaded")
    assert ann.subscribe("room/lobby") == [0]
    assert bob.subscribe("room/lobby") == 0
    ann.say("lobby", "kept?")
    back = connect(eve, TCP4, keep_session=True)
    assert back.expect("room/lobby").json["content"] == "kept?"


def test_key_rotation_by_sighup(broker, connect, keys):
    old = member(keys, "ann")
    keys.rotate()
    fresh = member(keys, "bob")
    refused(connect, TCP4, client_id=fresh.uid, username=fresh.uid, password=fresh.skey)
    broker.reload()
    broker.wait_for_log("keys.loaded count=2")
    connect(fresh, TCP4)
    live = connect(old, TCP4)
    keys.forget_old()
    broker.reload()
    broker.wait_for_log("keys.loaded count=1")
    assert live.subscribe("room/lobby") == [0], "a live session outlives its key"
    refused(connect, TCP4, client_id=old.uid + "-2", username=old.uid, password=old.skey)


@pytest.mark.parametrize("text", ["", "{", '{"keys":[]}', '{"keys":[{"kty":"oct","kid":"k","k":"c2hvcnQ"}]}', None])
def test_bad_new_keys_leave_the_old_in_force(broker, connect, keys, text):
    if text is None:
        keys.signing.unlink()
    else:
        keys.write(text)
    broker.reload()
    broker.wait_for_log(r"keys.refused .*plugin_opt_keys")
    broker.wait_for_log(r"keys.kept")
    folder = keys.folder.parent / "twin"
    folder.mkdir()
    assert broker.alive()
    with pytest.raises(Refused):
        connect(member(Keys(broker.settings, folder), "ann"), TCP4)


def test_old_keys_work_after_a_bad_reload(broker, connect, keys):
    ann = member(keys, "ann")
    keys.write("junk")
    broker.reload()
    broker.wait_for_log(r"keys.kept")
    connect(ann, TCP4)


@pytest.mark.parametrize("options, expected", [
    ({"keys": "/nowhere/signing.jwks"}, r"plugin_opt_keys.*/nowhere/signing.jwks.*No such file"),
    ({"keys": "/dev/null"}, r"plugin_opt_keys.*not a regular file"),
    ({"message_rat": "5"}, r"message_rat.*message_rate"),
    ({"message_rate": "fast"}, r"plugin_opt_message_rate.*fast"),
    ({"message_rate": "99999999999999999999"}, r"plugin_opt_message_rate"),
    ({"node": "1024"}, r"plugin_opt_node.*1023"),
    ({"history_memory": "64X"}, r"plugin_opt_history_memory"),
    ({"media_url": "https://chat.example.com/media"}, r"plugin_opt_media_url.*slash"),
    ({"recall_window": "-1"}, r"plugin_opt_recall_window"),
])
def test_bad_options_stop_the_broker(start_broker, options, expected):
    log = start_broker(start=False, options=options).refuses_to_start()
    lines = [line for line in log.splitlines() if "wechat:" in line]
    assert len(lines) == 1, log
    assert re.search(expected, lines[0]), lines[0]


def test_missing_keys_option_stops_the_broker(start_broker):
    log = start_broker(start=False, keys=None).refuses_to_start()
    assert "plugin_opt_keys" in log


def test_comments_behind_options_are_understood(start_broker):
    start_broker(options={"message_rate": "7          # per second", "node": "3\t# ours"})


def test_plugin_twice_in_one_list(start_broker, connect, settings, keys):
    """2.0 refuses the second registration, so the plugin says what to do. 2.1 takes it: then messages are stamped once."""
    broker = start_broker(start=False, lines=[f"plugin {settings.plugin}", f"plugin_opt_keys {keys.signing}",
                                              "plugin_opt_message_rate 0", "plugin_opt_history 0"])
    if broker.version < (2, 1):
        assert "stands twice" in broker.refuses_to_start()
        return
    ann = connect(member(keys, "ann", ttl_s=2), TCP4, on_broker=broker.start())
    ann.subscribe("room/lobby")
    ann.say("lobby", "once")
    assert ann.expect("room/lobby").json["from"]["uid"] == ann.client_id
    ann.wait_closed()
    assert len(ann.received(f"user/{ann.client_id}/notice")) == 1


def per_listener(settings, keys, port):
    return f"listener {port} 127.0.0.1\nallow_anonymous true\nplugin {settings.plugin}\nplugin_opt_keys {keys.signing}"


def test_per_listener_settings(start_broker, connect, settings, keys):
    """One table of clients for all listeners; where the broker gives no tick, nobody is let in and the log says why."""
    ports = [free_port(), free_port()]
    broker = start_broker(start=False, plugin=False, anonymous=None, first=["per_listener_settings true"],
                          lines=[per_listener(settings, keys, port) for port in ports])
    broker.env.update(settings.preload())
    broker.start()
    ann = member(keys, "ann", ttl_s=3)

    class On:
        def __init__(self, port):
            self.tcp = port

        def port(self, _):
            return self.tcp

    if broker.version < (2, 0, 12):
        refused(connect, TCP4, on_broker=On(ports[0]), client_id=ann.uid, username=ann.uid, password=ann.skey)
        assert "per_listener_settings" in "".join(broker.log_lines("auth.refused"))
        return
    first = connect(ann, TCP4, on_broker=On(ports[0]), will=("room/lobby", json.dumps({"type": "text", "content": "w"})))
    bob = connect(member(keys, "bob"), TCP4, on_broker=On(ports[1]))
    bob.subscribe("room/lobby")
    first.subscribe("room/lobby")
    bob.say("lobby", "hello")
    assert first.expect("room/lobby").json["from"]["uid"] == bob.client_id
    second = connect(ann, TCP4, on_broker=On(ports[1]))  # takes the place over, from another listener
    will = bob.expect("room/lobby", where=lambda m: m.json["content"] == "w").json
    assert will["from"]["uid"] == ann.uid
    notice = second.expect(f"user/{ann.uid}/notice", timeout=6)
    assert notice.json["reason"] == "expired"
    second.wait_closed(3)


def test_password_is_seen_cut_at_nul(broker, raw, keys):
    ann = member(keys, "ann")
    connack = raw(TCP4).connect(ann.uid, ann.uid, ann.skey.encode() + b"\0tail")
    assert connack is None or connack.reason in (0, 5), "a NUL in a password never crashes"
    assert raw(TCP4).connect(ann.uid, ann.uid, b"\0" + ann.skey.encode()).reason == 5


def test_half_open_and_garbage_connections(broker, raw, connect, keys, wire):
    for junk in (b"", b"\x10", b"\x10\x00", b"GET / HTTP/1.0\r\n\r\n", b"\xff" * 64):
        client = raw(wire)
        if junk:
            client.send_bytes(junk)
        client.close()
    connect(member(keys, "ann"), wire)
