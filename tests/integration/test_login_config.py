"""login-svc.conf: what is wrong is named, and signals are obeyed."""
import json
import signal
import subprocess

import pytest

# what is changed -> what the log must name
BAD = {
    "unknown option": ({"sesion_ttl": "1h"}, ["sesion_ttl", "session_ttl"]),
    "no app_id": ({"app_id": None}, ["app_id"]),
    "bad app_id": ({"app_id": "nonsense"}, ["app_id"]),
    "no app_secret_file": ({"app_secret_file": None}, ["app_secret_file"]),
    "app_secret_file missing": ({"app_secret_file": "/nonexistent/secret"}, ["app_secret_file", "/nonexistent/secret"]),
    "no signing_keys": ({"signing_keys": None}, ["signing_keys"]),
    "signing_keys missing": ({"signing_keys": "/nonexistent/keys"}, ["signing_keys", "/nonexistent/keys"]),
    "secret_key missing": ({"secret_key": "/nonexistent/key"}, ["secret_key", "/nonexistent/key"]),
    "listen nowhere": ({"listen": "nowhere"}, ["listen"]),
    "listen on port 0x50": ({"listen": "127.0.0.1:0x50"}, ["listen"]),
    "listen on port 65536": ({"listen": "127.0.0.1:65536"}, ["listen"]),
    "wechat_url": ({"wechat_url": "ftp://example.com"}, ["wechat_url"]),
    "wechat_timeout 0": ({"wechat_timeout": "0"}, ["wechat_timeout"]),
    "wechat_timeout text": ({"wechat_timeout": "soon"}, ["wechat_timeout"]),
    "wechat_max_inflight 0": ({"wechat_max_inflight": "0"}, ["wechat_max_inflight"]),
    "wechat_max_inflight negative": ({"wechat_max_inflight": "-1"}, ["wechat_max_inflight"]),
    "session_ttl 0": ({"session_ttl": "0"}, ["session_ttl"]),
    "session_ttl with a wrong unit": ({"session_ttl": "1w"}, ["session_ttl"]),
    "session_ttl over all bounds": ({"session_ttl": "99999999999999999999d"}, ["session_ttl"]),
    "store of no kind": ({"store": "/tmp/sessions.db"}, ["store"]),
    "store of unknown kind": ({"store": "mongo:/sessions"}, ["store"]),
    "mqtt_url": ({"mqtt_url": "http://chat.example.com"}, ["mqtt_url"]),
}


@pytest.mark.parametrize("config, named", BAD.values(), ids=BAD.keys())
def test_bad_option_stops_the_service_and_is_named(start_login, config, named):
    login = start_login(start=False, **config)
    login.args.append("--test-config")
    log = login.refuses_to_start()
    for name in named:
        assert name in log, log
    assert len(log.splitlines()) == 1, log
    login.args.pop()
    assert all(name in login.refuses_to_start() for name in named)


def test_store_in_no_folder_is_named(start_login):
    log = start_login(start=False, store="sqlite:/nonexistent/folder/sessions.db").refuses_to_start()
    assert "store" in log and "/nonexistent/folder" in log


def test_option_given_twice(start_login):
    login = start_login(start=False)
    login.config["app_id wx1111111111111111\napp_id"] = "wx2222222222222222"
    assert "app_id" in login.refuses_to_start()


def test_bad_keys_are_named_and_not_shown(start_login, keys):
    jwks = keys.jwks()
    key = jwks["keys"][0]["k"]
    for broken in ("", "{}", '{"keys":[]}', json.dumps({"keys": [{**jwks["keys"][0], "k": key[:20]}]}),
                   json.dumps({"keys": [{**jwks["keys"][0], "alg": "RS256"}]})):
        keys.write(broken)
        log = start_login(start=False).refuses_to_start()
        assert "signing_keys" in log and key[:20] not in log


def test_bad_secret_key_is_named_and_not_shown(start_login, keys):
    for content in (b"", b"short", b"x" * 33):
        keys.secret.write_bytes(content)
        log = start_login(start=False).refuses_to_start()
        assert "secret_key" in log and (len(content) < 6 or content.decode() not in log)


def test_test_config_says_ok_and_leaves_no_trace(start_login):
    login = start_login(start=False)
    login.write_config()
    done = subprocess.run([*login.args, "--test-config"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done
    assert not login.store.exists()


def test_missing_file_is_named(settings, tmp_path):
    done = subprocess.run([settings.login_service, "-c", tmp_path / "none.conf"], capture_output=True, text=True,
                          check=False)
    assert done.returncode != 0 and "none.conf" in done.stderr + done.stdout


def test_port_in_use_is_named(start_login, login):
    second = start_login(start=False, listen=f"127.0.0.1:{login.port}")
    second.name, second.log_path = "second", second.folder / "second.log"
    second.conf_path = second.folder / "second.conf"
    second.args[-1] = second.conf_path
    assert "listen" in second.refuses_to_start()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it_well(login, number):
    login.signal(number)
    assert login.popen.wait(5) == 0


# Keys change under the running service.

def sign_in_again(login, standin):
    return login.login(standin.code("alice"))


def test_reload_takes_up_new_keys_and_keeps_old_ones(login, keys, standin):
    before = sign_in_again(login, standin)
    keys.rotate()
    login.reload()
    login.wait_until(lambda: sign_in_again(login, standin).skey.split(".")[0] != before.skey.split(".")[0], "new kid")
    assert login.call("GET", "/session", headers=before.headers).status == 200
    after = sign_in_again(login, standin)
    keys.forget_old()
    login.reload()
    login.wait_until(lambda: login.call("GET", "/session", headers=before.headers).status == 401, "the old key's end")
    assert login.call("GET", "/session", headers=after.headers).status == 200


@pytest.mark.parametrize("broken", ["", "{", '{"keys":[]}'], ids=["empty", "cut", "no keys"])
def test_reload_with_bad_keys_leaves_the_old_in_force(login, keys, standin, broken):
    before = sign_in_again(login, standin)
    good = keys.jwks()
    keys.write(broken)
    began = len(login.log())
    login.reload()
    login.wait_for_log("signing_keys", after=began)
    assert login.call("GET", "/session", headers=before.headers).status == 200
    assert sign_in_again(login, standin).uid == before.uid
    keys.write(good)
    login.reload()
    assert sign_in_again(login, standin).uid == before.uid
