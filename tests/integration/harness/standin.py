"""The stand-in for WeChat's server, and its door through which tests invent people."""
import re

from .http import Http
from .keys import Keys
from .login import APP_SECRET
from .ports import HOST
from .process import Process


class StandIn(Process):
    def __init__(self, settings, folder, *options):
        self.port = 0
        self.options = options
        self.secret_file = folder / "standin_secret"
        args = [settings.standin, "--app-id", Keys.APP_ID, "--app-secret", f"@{self.secret_file}"]
        super().__init__("standin", args, folder)

    @property
    def url(self):
        return f"http://{HOST}:{self.port}"

    def start(self):
        """On a free port; after a stop on the same one, with nothing remembered."""
        self.secret_file.write_text(APP_SECRET + "\n")
        before = len(self.log())
        listen = ["--listen", f"{HOST}:{self.port}"] if self.port else []
        self.args = [*self.args[:5], *self.options, *listen]
        self.launch()
        ready = self.wait_until(lambda: re.search(r"standin\.ready port=(\d+)\n", self.log()[before:]), "its port")
        self.port = int(ready[1])
        return self

    def _door(self, method, path, **kwargs):
        answer = Http(self.port).call(method, f"/standin/{path}", **kwargs)
        assert answer.status == 200, f"/standin/{path}: {answer.text}"
        return answer.json

    def code(self, person, **members):
        """What wx.login gives: a fresh code. As in real life it rotates the person's session_key, so ask for it before
        userinfo(). members: nickName, avatarUrl, unionid, blocked, ttl (seconds)."""
        return self._door("POST", "code", json={"person": person, **members})["code"]

    def userinfo(self, person, **members):
        """What wx.getUserInfo gives, ready for LoginService.login(): rawData, signature, encryptedData, iv.
        members: nickName, avatarUrl; falsified: appid, openId, age (seconds), plaintext, badPadding, badSignature, ids
        (false: no openId inside)."""
        return self._door("POST", "userinfo", json={"person": person, **members})

    def group(self, person, group, **members):
        """What wx.getShareInfo gives: encryptedData, iv, and the openGId inside."""
        return self._door("POST", "group", json={"person": person, "group": group, **members})

    def behave(self, **members):
        """How the next calls go: mode, delay_ms, errcode, times (-1: for ever); rotate, burn, rate_limit stay until set
        again. Without arguments: all is well again. release=True: what is delayed is answered now."""
        self._door("POST", "behave", json=members)

    def person(self, name):
        """Person: the secrets that must be seen nowhere."""
        found = self._door("GET", f"person?name={name}")
        return Person(found["openid"], found["session_key"], found["unionid"])

    def stats(self):
        """calls, ok, errcodes, codes, persons, inflight, inflight_max."""
        return self._door("GET", "stats")

    @property
    def calls(self):
        """How often code2Session was called."""
        return self.stats()["calls"]


class Person:
    def __init__(self, openid, session_key, unionid):
        self.openid, self.session_key, self.unionid = openid, session_key, unionid
