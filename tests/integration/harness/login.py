"""The real login service, and what a client gets from it."""
import signal
import uuid
from dataclasses import dataclass

from .http import MARK, Http
from .ports import HOST, free_port
from .process import Process

APP_SECRET = "0123456789abcdef0123456789abcdef"
ADMIN_TOKEN = "admin-" + "t" * 32


@dataclass
class Session:
    """What POST /login answered."""

    id: str
    skey: str
    uid: str
    expires_at_ms: int
    user_info: dict
    mqtt: dict

    @classmethod
    def of(cls, answer):
        assert answer.status == 200, (answer.status, answer.text)
        body = answer.json
        assert body[MARK] == 1, body
        return cls.of_member(body["session"])

    @classmethod
    def renewed(cls, answer):
        """Of an answer to who had a session before: without the mark, which tells wafer-client-sdk to forget it."""
        assert answer.status == 200, (answer.status, answer.text)
        body = answer.json
        assert set(body) == {"session"}, body
        return cls.of_member(body["session"])

    @classmethod
    def of_member(cls, s):
        return cls(s["id"], s["skey"], s["uid"], s["expiresAt"], s["userInfo"], s["mqtt"])

    @property
    def headers(self):
        """As wafer-client-sdk sends them."""
        return {"X-WX-Id": self.id, "X-WX-Skey": self.skey}

    @property
    def bearer(self):
        return {"Authorization": f"Bearer {self.skey}"}


class LoginService(Process):
    """config: options of login-svc.conf in place of those made here; None leaves one out."""

    def __init__(self, settings, folder, *, keys, wechat_url, config=None, env=None):
        self.settings, self.folder, self.keys, self.wechat_url = settings, folder, keys, wechat_url
        self.config = dict(config or {})
        self.port = self.admin_port = 0
        self.conf_path = folder / "login-svc.conf"
        self.store = folder / "sessions.db"
        self.secret_file = folder / "app_secret"
        self.admin_token_file = folder / "admin_token"
        super().__init__("login-svc", [settings.login_service, "-c", self.conf_path], folder, env)

    def config_text(self):
        options = {
            "listen": f"{HOST}:{self.port}",
            "admin_listen": f"{HOST}:{self.admin_port}",
            "admin_token_file": self.admin_token_file,
            "app_id": self.keys.APP_ID,
            "app_secret_file": self.secret_file,
            "wechat_url": self.wechat_url,
            "signing_keys": self.keys.signing,
            "secret_key": self.keys.secret,
            "store": f"sqlite:{self.store}",
            "mqtt_url": "wss://chat.example.com/mqtt",
            **self.config,
        }
        return "".join(f"{name} {value}\n" for name, value in options.items() if value is not None)

    def write_config(self):
        if not self.port:
            self.port, self.admin_port = free_port(), free_port()
        for path, text in ((self.secret_file, APP_SECRET), (self.admin_token_file, ADMIN_TOKEN)):
            if not path.exists():
                path.write_text(text + "\n")
                path.chmod(0o600)
        self.conf_path.write_text(self.config_text())

    def launch(self):
        self.write_config()
        return super().launch()

    def start(self):
        self.launch()
        self.wait_until(self.healthy, "GET /healthz")
        return self

    def refuses_to_start(self):
        """Starts it with what must stop it. Gives what it said."""
        began = len(self.log())
        code = self.run()
        assert code > 0, f"the login service ended with {code}\n{self.log()}"
        return self.log()[began:]

    def restart(self):
        self.stop()
        return self.start()

    def reload(self):
        self.signal(signal.SIGHUP)

    def healthy(self):
        try:
            return self.call("GET", "/healthz").status == 200
        except OSError:
            return False

    def call(self, method, path, **kwargs):
        """See Http.call()."""
        return Http(self.port).call(method, path, **kwargs)

    def admin(self, method, path, *, token=ADMIN_TOKEN, headers=None, **kwargs):
        """A call on the admin listener. token: None sends none."""
        headers = dict(headers or {})
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return Http(self.admin_port).call(method, path, headers=headers, **kwargs)

    def order(self, what, **members):
        """POST /admin/<what>, which must succeed. Gives its answer's JSON."""
        answer = self.admin("POST", f"/admin/{what}", json=members)
        assert answer.status == 200, (answer.status, answer.text)
        return answer.json

    def metrics(self):
        """Name with labels -> value."""
        answer = self.admin("GET", "/metrics", token=None)
        assert answer.status == 200, (answer.status, answer.text)
        rows = (line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
        return {name.removeprefix("mosquitto_wechat_"): int(value) for name, value in rows}

    def raw(self, sent, **kwargs):
        """See Http.raw()."""
        return Http(self.port).raw(sent, **kwargs)

    def login(self, code, **members):
        """Logs in with JSON and gives the Session. members: rawData, signature, encryptedData, iv."""
        return Session.of(self.call("POST", "/login", json={"code": code, **members}))

    def upload(self, session, path):
        """POST /media with a file, as wx.uploadFile sends it. Gives the answer's JSON."""
        boundary = "file-" + uuid.uuid4().hex
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\n\r\n'
        answer = self.call("POST", "/media", body=head.encode() + path.read_bytes() + f"\r\n--{boundary}--\r\n".encode(),
                           headers={**session.headers, "Content-Type": f"multipart/form-data; boundary={boundary}"})
        assert answer.status == 200, (answer.status, answer.text)
        return answer.json

    def renew(self, session):
        """POST /session/renew; the same session with its fresh skey."""
        return Session.renewed(self.call("POST", "/session/renew", headers=session.headers))
