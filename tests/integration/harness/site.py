"""A whole chat behind one origin: what nginx.conf.example puts together, with the chat page. For the demo, and for the
tests of the page."""
from pathlib import Path

from .broker import Broker
from .keys import Keys
from .login import LoginService
from .nginx import Nginx
from .ports import HOST, free_port
from .standin import StandIn

LOCATIONS = Path(__file__).resolve().parents[2] / "demo" / "page.conf"


class Site:
    """page: the folder with the built page; None: without it.
    port: gives the port for "web", "login", "mqtt", "ws" and "standin".
    options: plugin_opt_* of the broker; config: options of the login service; standin: arguments of the stand-in."""

    def __init__(self, settings, folder, *, page, port=lambda name: free_port(), options=None, config=None,
                 standin=()):
        self.page = page
        keys = Keys(settings, folder)
        self.keys = keys
        self.standin = StandIn(settings, folder, *standin)
        self.standin.port = port("standin")
        self.login = LoginService(settings, folder, keys=keys, wechat_url=self.standin.url)
        self.login.port, self.login.admin_port = port("login"), free_port()
        self.broker = Broker(settings, folder, keys=keys)
        self.broker.tcp_port, self.broker.ws_port = port("mqtt"), port("ws")
        self.nginx = Nginx(folder / "nginx", login=self.login, broker=self.broker)
        self.nginx.port = port("web")
        self.nginx.locations = self.locations()
        media = folder / "media"
        media.mkdir()
        self.login.config = {"mqtt_url": f"ws://{self.origin}/mqtt", "media_url": self.media_url,
                             "media_store": media, **(config or {})}
        self.broker.options = {"store": f"sqlite:{self.login.store}", "media_url": self.media_url, **(options or {})}

    @property
    def origin(self):
        return f"{HOST}:{self.nginx.port}"

    @property
    def url(self):
        return f"http://{self.origin}/"

    @property
    def media_url(self):
        return f"{self.url}media/"

    @property
    def processes(self):
        """In the order in which they start."""
        return [self.standin, self.login, self.broker, self.nginx]

    def locations(self):
        if not self.page:
            return ""
        text = LOCATIONS.read_text()
        for name, value in (("PAGE", self.page), ("ORIGIN", self.origin), ("PORT", self.nginx.port),
                            ("STANDIN", f"{HOST}:{self.standin.port}")):
            text = text.replace(f"@{name}@", str(value))
        return text
