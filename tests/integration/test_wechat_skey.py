"""wechat-skey: the keys that it makes, the tokens that it mints, and what it says of tokens that are refused."""
import hashlib
import hmac
import json
import os
import re
import stat
import subprocess
import time

import pytest

from harness.keys import b64url, unb64url

APP_ID = "wx4f4bc4dec97d474b"


@pytest.fixture
def tool(settings):
    """tool(*arguments, stdin=""): runs it to its end."""

    def run(*arguments, stdin=""):
        return subprocess.run([settings.skey_tool, *map(str, arguments)], input=stdin, capture_output=True, text=True,
                              check=False, timeout=60)

    return run


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def claims_of(token):
    return json.loads(unb64url(token.split(".")[1]))


def test_keygen_makes_both_files_closed_to_others(tool, tmp_path):
    old = os.umask(0)
    try:
        done = tool("keygen", tmp_path)
    finally:
        os.umask(old)
    assert done.returncode == 0, done.stderr
    assert sorted(os.listdir(tmp_path)) == ["login-svc.key", "signing.jwks"]
    assert mode(tmp_path / "signing.jwks") == 0o640
    assert mode(tmp_path / "login-svc.key") == 0o600
    assert len((tmp_path / "login-svc.key").read_bytes()) == 32
    key, = json.loads((tmp_path / "signing.jwks").read_text())["keys"]
    assert (key["kty"], key["alg"], key["use"]) == ("oct", "HS256", "sig")
    assert len(unb64url(key["k"])) == 32
    assert re.fullmatch(r"k-20\d{6}-[a-z2-7]{4}", key["kid"])
    assert key["k"] not in done.stdout + done.stderr


def test_keygen_sets_the_modes_under_a_narrow_umask_too(tool, tmp_path):
    old = os.umask(0o077)
    try:
        assert tool("keygen", tmp_path).returncode == 0
    finally:
        os.umask(old)
    assert mode(tmp_path / "signing.jwks") == 0o640


def test_keygen_never_overwrites(tool, tmp_path):
    assert tool("keygen", tmp_path).returncode == 0
    before = {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)}
    done = tool("keygen", tmp_path)
    assert done.returncode == 1
    assert "keygen --rotate" in done.stderr
    assert {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)} == before


def test_keygen_keeps_a_secret_key_that_is_there(tool, tmp_path):
    """Uids come from it: a cut-off first run, or a lost signing.jwks, must not change everybody's."""
    (tmp_path / "login-svc.key").write_bytes(b"k" * 32)
    assert tool("keygen", tmp_path).returncode == 0
    assert (tmp_path / "login-svc.key").read_bytes() == b"k" * 32
    assert (tmp_path / "signing.jwks").exists()


def test_keygen_without_its_folder_says_what_to_do(tool, tmp_path):
    done = tool("keygen", tmp_path / "none" / "deeper")
    assert done.returncode == 1
    assert "mkdir -p" in done.stderr
    assert not (tmp_path / "none").exists()


def test_keygen_makes_its_folder(tool, tmp_path):
    assert tool("keygen", tmp_path / "fresh").returncode == 0
    assert (tmp_path / "fresh" / "signing.jwks").exists()


def test_keygen_leaves_a_dangling_link_alone(tool, tmp_path):
    (tmp_path / "signing.jwks").symlink_to(tmp_path / "elsewhere")
    assert tool("keygen", tmp_path).returncode == 1
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("kid", ["", "a b", 'a"b', "k" * 65, "é"])
def test_keygen_refuses_a_bad_kid(tool, tmp_path, kid):
    assert tool("keygen", "--kid", kid, tmp_path).returncode == 2
    assert os.listdir(tmp_path) == []


def test_rotate_puts_a_new_key_first_and_keeps_the_old(tool, tmp_path):
    keys = tmp_path / "signing.jwks"
    assert tool("keygen", tmp_path, "--kid", "first").returncode == 0
    keys.chmod(0o440)
    old_token = tool("mint", "--keys", keys, "--iss", APP_ID).stdout
    old, = json.loads(keys.read_text())["keys"]
    assert tool("keygen", "--rotate", "--kid", "second", tmp_path).returncode == 0
    new, kept = json.loads(keys.read_text())["keys"]
    assert new["kid"] == "second" and kept == old
    assert mode(keys) == 0o440
    assert sorted(os.listdir(tmp_path)) == ["login-svc.key", "signing.jwks"]
    assert tool("inspect", "--keys", keys, stdin=old_token).returncode == 0
    new_token = tool("mint", "--keys", keys, "--iss", APP_ID).stdout
    assert json.loads(unb64url(new_token.split(".")[0]))["kid"] == "second"


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_rotate_keeps_owner_and_group(tool, tmp_path):
    keys = tmp_path / "signing.jwks"
    tool("keygen", tmp_path)
    os.chown(keys, 12, 34)
    assert tool("keygen", "--rotate", tmp_path).returncode == 0
    assert (keys.stat().st_uid, keys.stat().st_gid, mode(keys)) == (12, 34, 0o640)


def test_rotate_follows_a_link(tool, tmp_path):
    real = tmp_path / "real"
    real.mkdir()
    tool("keygen", real)
    (tmp_path / "signing.jwks").symlink_to(real / "signing.jwks")
    assert tool("keygen", "--rotate", tmp_path).returncode == 0
    assert (tmp_path / "signing.jwks").is_symlink()
    assert len(json.loads((real / "signing.jwks").read_text())["keys"]) == 2


def test_rotate_stops_at_sixteen_keys_and_at_a_kid_that_is_there(tool, tmp_path):
    tool("keygen", "--kid", "k0", tmp_path)
    assert tool("keygen", "--rotate", "--kid", "k0", tmp_path).returncode == 1
    for i in range(1, 16):
        assert tool("keygen", "--rotate", "--kid", f"k{i}", tmp_path).returncode == 0
    before = (tmp_path / "signing.jwks").read_bytes()
    assert tool("keygen", "--rotate", "--kid", "k16", tmp_path).returncode == 1
    assert (tmp_path / "signing.jwks").read_bytes() == before


def test_rotate_of_a_broken_file_changes_nothing(tool, tmp_path):
    keys = tmp_path / "signing.jwks"
    keys.write_text('{"keys":[]}')
    keys.chmod(0o640)
    done = tool("keygen", "--rotate", tmp_path)
    assert done.returncode == 1 and "no key in it" in done.stderr
    assert keys.read_text() == '{"keys":[]}'


def test_mint_says_what_was_asked_for(tool, keys):
    now = int(time.time())
    done = tool("mint", "--keys", keys.signing, "--iss", APP_ID, "--uid", "a" * 16, "--sid", "b" * 26, "--ttl", "90m",
                "--role", "service", "--room", "lobby", "--room", "~vip", "--room", "lobby", "--name", '小"明',
                "--picture", "https://a.example/x.png", "--iat", now)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1 and done.stderr == ""
    token = done.stdout.strip()
    claims = claims_of(token)
    assert claims == {"iss": APP_ID, "sub": "a" * 16, "jti": "b" * 26, "iat": now, "exp": now + 5400, "name": '小"明',
                      "picture": "https://a.example/x.png", "role": "service", "rooms": ["lobby", "~vip"]}
    key, kid = keys.first()
    assert json.loads(unb64url(token.split(".")[0])) == {"alg": "HS256", "typ": "JWT", "kid": kid}
    signed, signature = token.rsplit(".", 1)
    assert signature == b64url(hmac.new(key, signed.encode(), hashlib.sha256).digest())


def test_mint_fills_in_random_names_and_a_day(tool, keys):
    a, b = (claims_of(tool("mint", "--keys", keys.signing, "--iss", APP_ID).stdout.strip()) for _ in range(2))
    assert set(a) == {"iss", "sub", "jti", "iat", "exp"}
    assert re.fullmatch("[a-z2-7]{16}", a["sub"]) and re.fullmatch("[a-z2-7]{26}", a["jti"])
    assert a["sub"] != b["sub"] and a["jti"] != b["jti"]
    assert a["exp"] - a["iat"] == 86400 and abs(a["iat"] - time.time()) < 60


@pytest.mark.parametrize("arguments, named", [
    (["--iss", "4f4b"], "--iss"),
    (["--iss", APP_ID, "--uid", "A" * 16], "--uid"),
    (["--iss", APP_ID, "--sid", "a" * 16], "--sid"),
    (["--iss", APP_ID, "--ttl", "0"], "--ttl"),
    (["--iss", APP_ID, "--ttl", "-1h"], "--ttl"),
    (["--iss", APP_ID, "--ttl", "1w"], "--ttl"),
    (["--iss", APP_ID, "--role", "user"], "--role"),
    (["--iss", APP_ID, "--room", "a/b"], "--room"),
    (["--iss", APP_ID, "--room", ""], "--room"),
    (["--iss", APP_ID, "--name", "a\nb"], "--name"),
    (["--iss", APP_ID, "--picture", "ftp://a"], "--picture"),
    (["--iss", APP_ID, "--iat", "soon"], "--iat"),
    (["--iss", APP_ID, "--frob"], "--frob"),
    (["--iss", APP_ID, "--uid"], "--uid"),
    (["--iss", APP_ID, "stray"], "stray"),
    ([], "--iss"),
])
def test_mint_names_the_bad_argument(tool, keys, arguments, named):
    done = tool("mint", "--keys", keys.signing, *arguments)
    assert done.returncode == 2
    assert named in done.stderr and done.stdout == ""


def test_mint_with_unusable_keys_says_why(tool, tmp_path):
    keys = tmp_path / "keys"
    for text, why in [(None, "No such file"), ("", "empty"), ("{}", 'no array "keys"')]:
        if text is not None:
            keys.write_text(text)
            keys.chmod(0o600)
        done = tool("mint", "--keys", keys, "--iss", APP_ID)
        assert done.returncode == 1 and why in done.stderr and done.stdout == ""
    keys.chmod(0o644)
    assert "chmod o-rwx" in tool("mint", "--keys", keys, "--iss", APP_ID).stderr


@pytest.mark.parametrize("change, why", [
    (dict(header={"alg": "none"}, signature=""), 'alg is not "HS256"'),
    (dict(header={"alg": "HS512"}), 'alg is not "HS256"'),
    (dict(header={"kid": "another"}), "its kid is not in the key set"),
    (dict(header={"kid": None}), "its kid is not in the key set"),
    (dict(header={"crit": ["exp"]}), "crit is not supported"),
    (dict(header={"typ": "at+jwt"}), 'typ is not "JWT"'),
    (dict(signature="AAAA"), "the signature does not fit"),
    (dict(claims="[]"), "the payload is not an object"),
    (dict(claims="{"), "the payload is not JSON"),
])
def test_inspect_says_why_a_token_is_refused(tool, keys, change, why):
    done = tool("inspect", "--keys", keys.signing, stdin=keys.forge(**change))
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == f"refused: {why}"


@pytest.mark.parametrize("changes, why", [
    ({"exp": 1, "iat": 0}, "expired"),
    ({"sub": None}, "sub is missing or not a uid"),
    ({"role": "root"}, "role is unknown"),
    ({"rooms": ["a/b"]}, "rooms holds what is not a room's name"),
])
def test_inspect_names_the_claim_at_fault(tool, keys, changes, why):
    done = tool("inspect", "--keys", keys.signing, stdin=keys.forge(keys.claims(**changes)))
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == f"refused: {why}"


def test_inspect_shows_a_good_token(tool, keys):
    token = keys.forge(keys.claims(name="小明", role="admin"))
    by_input, by_argument = tool("inspect", "--keys", keys.signing, stdin=f" {token}\n"), \
        tool("inspect", "--keys", keys.signing, token)
    assert by_input.returncode == by_argument.returncode == 0
    assert by_input.stdout.splitlines()[-1] == "valid"
    for text in [keys.first()[1], APP_ID, "a" * 16, "b" * 26, "小明", "admin", "UTC, in "]:
        assert text in by_input.stdout


def test_inspect_without_keys_does_not_call_it_valid(tool, keys):
    done = tool("inspect", stdin=keys.forge())
    assert done.returncode == 1
    assert APP_ID in done.stdout and "signature not checked" in done.stdout.splitlines()[-1]


@pytest.mark.parametrize("token", ["secret", "a.b.c", "..", "e30.e30.", "x" * 70000, "\x00"])
def test_inspect_of_anything_ends_well(tool, keys, token):
    done = tool("inspect", "--keys", keys.signing, stdin=token)
    assert done.returncode == 1 and done.stdout.splitlines()[-1].startswith("refused: ")


def test_inspect_lets_nothing_reach_the_terminal_that_it_would_obey(tool, keys):
    hostile = keys.forge(keys.claims(name="a\x1b[2Jb\x07\u009b31m", extra={"x\x7f": "\x1b]0;t\x07"}))
    done = tool("inspect", "--keys", keys.signing, stdin=hostile)
    assert done.returncode == 1
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.stdout)


def test_wrong_arguments_and_help(tool):
    for arguments in [[], ["frob"], ["keygen"], ["keygen", "a", "b"], ["inspect", "a", "b"], ["inspect", "--frob"]]:
        done = tool(*arguments)
        assert done.returncode == 2 and "wechat-skey --help" in done.stderr, arguments
    done = tool("--help")
    assert done.returncode == 0 and all(word in done.stdout for word in ["keygen", "mint", "inspect", "--rotate"])
    assert re.fullmatch(r"wechat-skey \d+\.\d+\.\d+\n", tool("--version").stdout)


def test_output_that_cannot_be_written_is_a_failure(settings, keys):
    with open("/dev/full", "w") as full:
        done = subprocess.run([settings.skey_tool, "mint", "--keys", keys.signing, "--iss", APP_ID], stdout=full,
                              stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1 and "cannot write" in done.stderr
