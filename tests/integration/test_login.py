"""Logging in: a code, and what may come with it, goes in; a session comes out."""
import hmac
import json
import re
import time

import pytest

from harness import Keys
from harness.keys import unb64url

AVATAR = "https://thirdwx.qlogo.cn/mmopen/vi_32/abc/132"


def claims_of(skey):
    return json.loads(unb64url(skey.split(".")[1]))


# The ways to bring a code: how wafer-client-sdk does it, and as JSON.
BRINGERS = {
    "get-header": lambda login, code: login.call("GET", "/login", headers={"X-WX-Code": code}),
    "post-header": lambda login, code: login.call("POST", "/login", headers={"X-WX-Code": code}),
    "post-json": lambda login, code: login.call("POST", "/login", json={"code": code}),
    "post-json-without-type": lambda login, code: login.call("POST", "/login", body=json.dumps({"code": code})),
    "lower-case-header": lambda login, code: login.call("GET", "/login", headers={"x-wx-code": code}),
}


@pytest.mark.parametrize("bring", BRINGERS.values(), ids=BRINGERS.keys())
def test_code_alone_is_enough(login, standin, bring):
    before = time.time()
    answer = bring(login, standin.code("alice"))
    assert answer.status == 200, answer.text
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json
    session = body.pop("session")
    assert body == {"F2C224D4-2BCE-4C64-AF9F-A6D872000D1A": 1}
    assert re.fullmatch("[a-z2-7]{26}", session["id"])
    assert re.fullmatch("[a-z2-7]{16}", session["uid"])
    day_ms = 24 * 3600 * 1000
    assert before * 1000 + day_ms - 1000 <= session["expiresAt"] <= time.time() * 1000 + day_ms
    assert session["userInfo"] == {}
    assert session["mqtt"] == {"url": "wss://chat.example.com/mqtt", "username": session["uid"],
                               "clientId": session["uid"]}
    assert set(session) == {"id", "skey", "uid", "expiresAt", "userInfo", "mqtt"}
    claims = claims_of(session["skey"])
    assert claims["exp"] * 1000 == session["expiresAt"]
    assert {**claims, "iat": 0, "exp": 0} == {"iss": Keys.APP_ID, "sub": session["uid"], "jti": session["id"],
                                              "iat": 0, "exp": 0}


def test_skey_is_signed_by_the_first_key(login, keys, sign_in):
    session = sign_in("alice")
    header = json.loads(unb64url(session.skey.split(".")[0]))
    assert header["alg"] == "HS256" and header["kid"] == keys.first()[1]
    head, body, signature = session.skey.split(".")
    assert unb64url(signature) == hmac.digest(keys.first()[0], f"{head}.{body}".encode(), "sha256")


def test_uid_stays_and_sid_changes(sign_in):
    first, second, other = sign_in("alice"), sign_in("alice"), sign_in("bob")
    assert first.uid == second.uid != other.uid
    assert len({first.id, second.id, other.id}) == 3
    assert len({first.skey, second.skey, other.skey}) == 3


def test_uid_survives_another_store(login, sign_in):
    before = sign_in("alice")
    login.stop()
    for path in login.folder.glob("sessions.db*"):
        path.unlink()
    login.start()
    assert sign_in("alice").uid == before.uid


def test_session_ttl_is_configured(start_login, standin):
    login = start_login(session_ttl="90m")
    session = login.login(standin.code("alice"))
    left = session.expires_at_ms / 1000 - time.time()
    assert 90 * 60 - 5 < left <= 90 * 60


# Profiles: what the client may send along, as old clients still do.

PROFILE_PARTS = [("rawData", "signature"), ("encryptedData", "iv"), ("rawData", "signature", "encryptedData", "iv")]


@pytest.mark.parametrize("parts", PROFILE_PARTS, ids="+".join)
def test_profile_is_taken_over(login, standin, parts):
    code = standin.code("alice", nickName="爱丽丝 \"A\"", avatarUrl=AVATAR)
    info = standin.userinfo("alice")
    session = login.login(code, **{part: info[part] for part in parts})
    assert session.user_info == {"nickName": "爱丽丝 \"A\"", "avatarUrl": AVATAR}
    claims = claims_of(session.skey)
    assert (claims["name"], claims["picture"]) == ("爱丽丝 \"A\"", AVATAR)


def test_profile_in_headers_as_wafer_sends_it(login, standin):
    code = standin.code("alice", nickName="Alice")
    info = standin.userinfo("alice")
    answer = login.call("GET", "/login", headers={"X-WX-Code": code, "X-WX-Encrypted-Data": info["encryptedData"],
                                                  "X-WX-IV": info["iv"]})
    assert answer.json["session"]["userInfo"]["nickName"] == "Alice"


def test_profile_stays_for_the_next_login_by_code_alone(sign_in):
    sign_in("alice", nickName="Alice", avatarUrl=AVATAR)
    assert sign_in("alice").user_info == {"nickName": "Alice", "avatarUrl": AVATAR}


def test_placeholder_of_wechat_is_no_profile(login, standin):
    code = standin.code("alice", nickName="微信用户", avatarUrl=AVATAR)
    session = login.login(code, **standin.userinfo("alice"))
    assert session.user_info == {}
    assert "name" not in claims_of(session.skey)


def test_data_without_openid_is_taken(login, standin):
    """wx.getUserProfile names nobody."""
    code = standin.code("alice", nickName="Alice")
    info = standin.userinfo("alice", ids=False)
    session = login.login(code, encryptedData=info["encryptedData"], iv=info["iv"])
    assert session.user_info == {"nickName": "Alice"}


FORGED = {
    "signature": dict(falsify={"badSignature": True}, error="ERR_BAD_SIGNATURE"),
    "padding": dict(falsify={"badPadding": True}),
    "another app": dict(falsify={"appid": "wx0000000000000000"}),
    "another person": dict(falsify={"openId": "oAAAAAAAAAAAAAAAAAAAAAAAAAAA"}),
    "no JSON inside": dict(falsify={"plaintext": "nickName=Alice"}),
    "no watermark": dict(falsify={"plaintext": '{"nickName":"Alice"}'}),
    "array inside": dict(falsify={"plaintext": "[]"}),
    "app id doubled": dict(falsify={"plaintext": '{"watermark":{"appid":"x","appid":"%s"}}' % Keys.APP_ID}),
    "another iv": dict(change={"iv": "AAAAAAAAAAAAAAAAAAAAAA=="}),
    "cut": dict(change={"encryptedData": "AAAA"}),
}


@pytest.mark.parametrize("case", FORGED.values(), ids=FORGED.keys())
def test_forged_profile_is_refused(login, standin, case):
    code = standin.code("alice", nickName="Alice")
    info = {**standin.userinfo("alice", **case.get("falsify", {})), **case.get("change", {})}
    if "error" not in case:  # the encrypted part alone is at fault
        info = {name: info[name] for name in ("encryptedData", "iv")}
    answer = login.call("POST", "/login", json={"code": code, **info})
    assert answer.status == 401, answer.text
    assert answer.error == case.get("error", "ERR_BAD_ENCRYPTED_DATA")
    assert standin.stats()["ok"] == 1


def test_refusals_of_encrypted_data_look_all_the_same(login, standin):
    """The cipher has no MAC: who learns which check failed can read what he may not."""
    answers = set()
    for case in FORGED.values():
        if "error" in case:
            continue
        code = standin.code("alice")
        info = {**standin.userinfo("alice", **case.get("falsify", {})), **case.get("change", {})}
        answers.add(login.call("POST", "/login", json={"code": code, "encryptedData": info["encryptedData"],
                                                       "iv": info["iv"]}).text)
    assert len(answers) == 1


def test_signature_under_an_older_session_key_is_refused(login, standin):
    standin.code("alice", nickName="Alice")
    old = standin.userinfo("alice")
    code = standin.code("alice")  # wx.login once more: the session_key is another one now
    answer = login.call("POST", "/login", json={"code": code, "rawData": old["rawData"], "signature": old["signature"]})
    assert (answer.status, answer.error) == (401, "ERR_BAD_SIGNATURE")


# Who am I.

SAYERS = {
    "headers": lambda s: dict(path="/session", headers=s.headers),
    "query": lambda s: dict(path=f"/session?X-WX-Id={s.id}&X-WX-Skey={s.skey}"),
    "bearer": lambda s: dict(path="/session", headers=s.bearer),
    "skey alone": lambda s: dict(path="/session", headers={"X-WX-Skey": s.skey}),
    "header and query alike": lambda s: dict(path=f"/session?X-WX-Skey={s.skey}", headers=s.headers),
}


@pytest.mark.parametrize("say", SAYERS.values(), ids=SAYERS.keys())
def test_session_tells_who_i_am(login, sign_in, say):
    me = sign_in("alice", nickName="Alice", avatarUrl=AVATAR)
    answer = login.call("GET", **say(me))
    assert answer.status == 200, answer.text
    session = answer.json["session"]
    assert session["id"] == me.id and session["uid"] == me.uid and session["expiresAt"] == me.expires_at_ms
    assert session["userInfo"] == {"nickName": "Alice", "avatarUrl": AVATAR}
    assert me.skey not in answer.text


def not_me(login, keys, me, other):
    now = int(time.time())
    mine = claims_of(me.skey)
    return {
        "nothing": {},
        "id alone": {"X-WX-Id": me.id},
        "skey of another": {"X-WX-Id": me.id, "X-WX-Skey": other.skey},
        "no token": {"Authorization": "Bearer hello"},
        "basic": {"Authorization": "Basic YTpi"},
        "signature changed": {"X-WX-Skey": me.skey[:-4] + ("AAAA" if me.skey[-4:] != "AAAA" else "BBBB")},
        "expired": {"X-WX-Skey": keys.forge({**mine, "iat": now - 60, "exp": now - 1})},
        "no such session": {"X-WX-Skey": keys.forge({**mine, "jti": "c" * 26})},
        "session of another": {"X-WX-Skey": keys.forge({**mine, "jti": other.id})},
        "another app": {"X-WX-Skey": keys.forge({**mine, "iss": "wx0000000000000000"})},
        "alg none": {"X-WX-Skey": keys.forge(mine, header={"alg": "none"}, signature="")},
        "unknown kid": {"X-WX-Skey": keys.forge(mine, header={"kid": "nobody"})},
    }


def test_everything_else_is_nobody(login, keys, sign_in):
    me, other = sign_in("alice"), sign_in("bob")
    for name, headers in not_me(login, keys, me, other).items():
        answer = login.call("GET", "/session", headers=headers)
        assert (answer.status, answer.error) == (401, "ERR_INVALID_SESSION"), name
    assert login.call("GET", "/session", headers=me.headers).status == 200


def test_healthz(login):
    assert login.call("GET", "/healthz").status == 200
