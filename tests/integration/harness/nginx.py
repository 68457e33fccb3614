"""Real nginx with the project's example, and the lines that an operator has to edit edited."""
import os
import re
import shutil
import subprocess
from pathlib import Path

from .http import Http
from .ports import HOST, free_port, listens
from .process import Process

EXAMPLE = Path(__file__).resolve().parents[3] / "nginx.conf.example"
NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
NOWHERE = f"{HOST}:1"


class Nginx(Process):
    """tls: as the example stands, with a certificate made for it; else plain HTTP.
    backend: what has a port and answers for /api/; none: 502.
    locations: more of them for the server block."""

    def __init__(self, folder, *, login, broker, backend=None, tls=False, locations=""):
        folder.mkdir(exist_ok=True)
        self.folder, self.login, self.broker, self.backend = folder, login, broker, backend
        self.tls, self.locations = tls, locations
        self.port = 0
        self.conf = folder / "nginx.conf"
        super().__init__("nginx", [NGINX, "-p", folder, "-e", "stderr", "-c", self.conf], folder)

    def config_text(self):
        return example(edits=[
            ("listen 443 ssl;", f"listen {HOST}:{self.port}{' ssl' if self.tls else ''};"),
            ("127.0.0.1:8081", f"{HOST}:{self.login.port}"),
            ("127.0.0.1:9001", f"{HOST}:{self.broker.ws_port}"),
            ("127.0.0.1:8090", f"{HOST}:{self.backend.port}" if self.backend else NOWHERE),
            ("/etc/letsencrypt/live/chat.example.com", str(self.folder)),
            ("/var/log/nginx/", f"{self.folder}/"),
            ("    location / {\n", f"{self.locations}\n    location / {{\n"),
        ], tls=self.tls)

    def launch(self):
        self.port = self.port or free_port()
        if self.tls:
            self.make_certificate()
        temp = "".join(f"{name}_temp_path {self.folder}/{name};\n" for name in
                       ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        self.conf.write_text(("user root;\n" if os.geteuid() == 0 else "") +
                             f"daemon off;\nworker_processes 1;\npid {self.folder}/nginx.pid;\nerror_log stderr warn;\n"
                             f"events {{}}\nhttp {{\n{temp}access_log off;\n{self.config_text()}}}\n")
        return super().launch()

    def make_certificate(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj",
                        "/CN=chat.example.com", "-addext", f"subjectAltName=IP:{HOST}", "-keyout",
                        self.folder / "privkey.pem", "-out", self.folder / "fullchain.pem"],
                       check=True, capture_output=True)

    def start(self):
        self.launch()
        self.wait_until(lambda: listens(self.port), "its port")
        return self

    def call(self, method, path, **kwargs):
        return Http(self.port).call(method, path, **kwargs)

    def raw(self, sent, **kwargs):
        return Http(self.port).raw(sent, **kwargs)


def example(edits, tls):
    """nginx.conf.example with each old text replaced by its new one. A text that is not in it is an error: then the
    example has changed, and who edits it has to as well."""
    text = EXAMPLE.read_text()
    for old, new in edits:
        assert old in text, f"{old!r} is not in {EXAMPLE.name}"
        text = text.replace(old, new)
    return text if tls else re.sub(r"^ *ssl_\w+ .*\n", "", text, flags=re.M)
