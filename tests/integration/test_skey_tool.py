"""wechat-skey as an operator uses it, and that the broker takes what it mints."""
import json
import stat
import time

import pytest

from harness import Wire
from harness.keys import unb64url

UID, SID = "abcdefghij234567", "abcdefghijklmnopqrstuvwxyz"


def claims_of(token):
    return json.loads(unb64url(token.split(".")[1]))


def test_keygen_makes_closed_files(keys):
    assert stat.S_IMODE(keys.signing.stat().st_mode) == 0o640
    assert stat.S_IMODE(keys.secret.stat().st_mode) == 0o600
    assert len(keys.secret.read_bytes()) == 32
    (key,) = keys.jwks()["keys"]
    assert key["kty"] == "oct" and key["alg"] == "HS256" and len(unb64url(key["k"])) >= 32


def test_keygen_never_overwrites(keys):
    before = keys.signing.read_bytes(), keys.secret.read_bytes()
    assert keys.run("keygen", keys.folder).returncode == 1
    assert (keys.signing.read_bytes(), keys.secret.read_bytes()) == before


def test_rotate_keeps_the_old_key_behind_the_new(keys):
    before, mode = keys.jwks()["keys"], keys.signing.stat().st_mode
    secret = keys.secret.read_bytes()
    keys.rotate()
    after = keys.jwks()["keys"]
    assert len(after) == 2 and after[0]["k"] != before[0]["k"] and after[1]["k"] == before[0]["k"]
    assert after[0]["kid"] != after[1]["kid"]
    assert keys.signing.stat().st_mode == mode and keys.secret.read_bytes() == secret


def test_mint_puts_in_what_it_is_told(keys):
    token = keys.mint(uid=UID, sid=SID, ttl="90s", role="service", name="机器人", picture="https://example.com/a.png",
                      room=["~staff", "@group"], iat=1000)
    assert claims_of(token) == {"iss": keys.APP_ID, "sub": UID, "jti": SID, "iat": 1000, "exp": 1090, "name": "机器人",
                                "picture": "https://example.com/a.png", "role": "service",
                                "rooms": ["~staff", "@group"]}
    plain = claims_of(keys.mint())
    assert set(plain) == {"iss", "sub", "jti", "iat", "exp"} and plain["exp"] - plain["iat"] == 24 * 3600
    assert plain["sub"] != claims_of(keys.mint())["sub"]


BAD = [["--uid", "short"], ["--sid", "x" * 26 + "1"], ["--ttl", "0"], ["--ttl", "soon"], ["--role", "root"],
       ["--room", "a/b"], ["--room", "#"], ["--name", "x" * 33], ["--picture", "javascript:alert(1)"], ["--nope", "1"],
       ["extra"]]


@pytest.mark.parametrize("arguments", BAD, ids=" ".join)
def test_mint_refuses_bad_arguments(keys, arguments):
    done = keys.run("mint", "--keys", keys.signing, "--iss", keys.APP_ID, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert arguments[0] in done.stderr or "wrong option" in done.stderr


def test_inspect_says_what_a_token_is(keys):
    token = keys.mint(uid=UID, name="安")
    done = keys.run("inspect", "--keys", keys.signing, stdin=token + "\n")
    assert done.returncode == 0, done.stdout
    for word in (UID, "安", keys.APP_ID, keys.first()[1]):
        assert word in done.stdout


def refusals(keys):
    now = int(time.time())
    yield "expired", keys.forge(keys.claims(iat=now - 20, exp=now - 10)), "expired"
    yield "signature", keys.forge(signature="A" * 43), "signature"
    yield "alg", keys.forge(header={"alg": "none"}, signature=""), "alg"
    yield "kid", keys.forge(header={"kid": "nobody"}), "kid"
    yield "claim", keys.forge(keys.claims(sub="me")), "sub"
    yield "no JWT", "hello", "JWT"


def test_inspect_says_why_a_token_is_refused(keys):
    for name, token, word in refusals(keys):
        done = keys.run("inspect", "--keys", keys.signing, stdin=token)
        assert done.returncode == 1, name
        assert word in done.stdout + done.stderr, (name, done.stdout, done.stderr)


def test_inspect_obeys_no_terminal_codes_of_a_token(keys):
    done = keys.run("inspect", stdin=keys.forge(keys.claims(name="\x1b[2J\u009b2J")))
    assert "\x1b" not in done.stdout and "\u009b" not in done.stdout


def test_broker_takes_what_it_mints(keys, broker, connect):
    skey = keys.mint(uid=UID, room="~staff")
    client = connect(None, Wire("tcp", 5), client_id=UID, username=UID, password=skey)
    assert client.subscribe("room/~staff", "room/lobby", "room/~other") == [0, 0, 0x87]
    service = connect(None, Wire("tcp", 5), client_id="b" * 16, username="b" * 16,
                      password=keys.mint(uid="b" * 16, role="service"))
    assert service.subscribe("room/+") == [0]
