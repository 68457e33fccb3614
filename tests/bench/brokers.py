"""The brokers that are compared: one Mosquitto, four ways to decide who may do what.

Every class writes its configuration into a folder of its own and says with which arguments mw-load logs in there.
"""

import base64
import getpass
import hashlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

APP_ID = "wx0123456789abcdef"
PASSWORD = "a-bench-password"
START_S = 60  # under valgrind everything is slow


class BenchError(Exception):
    """Something that the reader of the message can mend."""


def find_program(name: str) -> str:
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if not path:
        raise BenchError(f"{name}: not found")
    return path


def find_dynsec() -> Path:
    for folder in sorted(Path("/usr/lib").glob("*/")) + [Path("/usr/lib")]:
        candidate = folder / "mosquitto_dynamic_security.so"
        if candidate.exists():
            return candidate
    raise BenchError("mosquitto_dynamic_security.so: not found below /usr/lib; give it with --dynsec")


def user_names(count: int) -> list[str]:
    return [f"user{n}" for n in range(count)]


class Bare:
    """Everybody may do everything."""

    name = "bare"

    def __init__(self, options) -> None:
        self.options = options

    def configure(self, folder: Path, users: int) -> str:
        return "allow_anonymous true\n"

    def login_arguments(self, folder: Path) -> list[str]:
        return []


class AclFile(Bare):
    """The broker's own password_file and acl_file."""

    name = "password_file + acl_file"

    def configure(self, folder: Path, users: int) -> str:
        passwords, acl = folder / "passwords", folder / "acl"
        passwords.write_text("".join(f"{name}:{PASSWORD}\n" for name in user_names(users)))
        subprocess.run([find_program("mosquitto_passwd"), "-U", passwords], check=True, capture_output=True)
        acl.write_text("pattern readwrite room/+\npattern read user/%u\npattern write user/+\n")
        return f"allow_anonymous false\npassword_file {passwords}\nacl_file {acl}\n"

    def login_arguments(self, folder: Path) -> list[str]:
        return ["--user", "user%d", "--password", PASSWORD]


class DynamicSecurity(AclFile):
    """Mosquitto's dynamic security plugin: every user has one role."""

    name = "dynamic security"

    def configure(self, folder: Path, users: int) -> str:
        path = folder / "dynamic-security.json"
        path.unlink(missing_ok=True)
        subprocess.run(
            [find_program("mosquitto_ctrl"), "dynsec", "init", path, "admin", "bench-admin"],
            check=True, capture_output=True, stdin=subprocess.DEVNULL,
        )
        config = json.loads(path.read_text())
        config["roles"].append({"rolename": "chat", "acls": self.acls()})
        config["clients"] += [self.client(name) for name in user_names(users)]
        path.write_text(json.dumps(config))
        return f"allow_anonymous false\nplugin {self.options.dynsec}\nplugin_opt_config_file {path}\n"

    @staticmethod
    def acls() -> list[dict]:
        topics = {
            "publishClientSend": ["room/+", "user/+"],
            "publishClientReceive": ["room/+", "user/+"],
            "subscribePattern": ["room/+", "user/+"],
        }
        return [{"acltype": kind, "topic": topic, "allow": True} for kind in topics for topic in topics[kind]]

    @staticmethod
    def client(name: str) -> dict:
        salt, iterations = secrets.token_bytes(12), 101
        digest = hashlib.pbkdf2_hmac("sha512", PASSWORD.encode(), salt, iterations)
        return {
            "username": name,
            "password": base64.b64encode(digest).decode(),
            "salt": base64.b64encode(salt).decode(),
            "iterations": iterations,
            "roles": [{"rolename": "chat"}],
        }


class Wechat(Bare):
    """mosquitto_wechat.so: an skey is checked at connect, the session at every publish and delivery."""

    name = "mosquitto-wechat"

    def configure(self, folder: Path, users: int) -> str:
        key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        jwks = {"keys": [{"kty": "oct", "kid": "bench", "alg": "HS256", "k": key}]}
        (folder / "signing.jwks").write_text(json.dumps(jwks))
        # No rate limit: the load is meant to be more than people say.
        return (
            f"allow_anonymous false\nplugin {self.options.plugin}\n"
            f"plugin_opt_keys {folder / 'signing.jwks'}\nplugin_opt_message_rate 0\n"
            + "".join(f"plugin_opt_{option.replace('=', ' ', 1)}\n" for option in self.options.plugin_opt)
        )

    def login_arguments(self, folder: Path) -> list[str]:
        return ["--keys", str(folder / "signing.jwks"), "--app-id", APP_ID]


CONFIGURATIONS = {"bare": Bare, "acl": AclFile, "dynsec": DynamicSecurity, "wechat": Wechat}


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Broker:
    """One running broker; `with Broker(...)` starts it and stops it."""

    def __init__(self, configuration, folder: Path, users: int, websocket: bool, wrapper: list[str] = (),
                 environment: dict | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.configuration = folder, configuration
        self.tcp_port, self.ws_port = free_port(), free_port() if websocket else None
        self.conf, self.log = folder / "mosquitto.conf", folder / "mosquitto.log"
        self.conf.write_text(
            # The user who runs us, so that a broker started by root can still read and write this folder. No Nagle:
            # a room member does not answer, and would get the next message 40 ms late.
            f"user {getpass.getuser()}\nset_tcp_nodelay true\nsys_interval 0\n"
            "log_type error\nlog_type warning\nlog_dest stderr\n"
            f"listener {self.tcp_port} 127.0.0.1\n"
            + (f"listener {self.ws_port} 127.0.0.1\nprotocol websockets\n" if websocket else "")
            + configuration.configure(folder, users)
        )
        self.command = [*wrapper, configuration.options.broker, "-c", str(self.conf)]
        self.environment = {**os.environ, **(environment or {})}
        self.process = None

    def __enter__(self) -> "Broker":
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, cwd=self.folder, env=self.environment)
        try:
            self.wait_until_it_serves()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def wait_until_it_serves(self) -> None:
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise BenchError(f"{self.configuration.name}: the broker stopped:\n{self.log.read_text()}")
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.ws_port or self.tcp_port)) == 0:
                    return
            time.sleep(0.05)
        raise BenchError(f"{self.configuration.name}: the broker does not serve after {START_S} s")

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_kib(self) -> int:
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        return 0

    def load(self, websocket: bool, arguments: list[str]) -> dict:
        """Runs mw-load; its result, once everything has arrived."""
        port = self.ws_port if websocket else self.tcp_port
        command = [
            self.configuration.options.load, arguments[0], "--port", str(port), "--ws", "yes" if websocket else "no",
            *arguments[1:], *self.configuration.login_arguments(self.folder),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=1000)
        if done.returncode != 0:
            raise BenchError(
                f"{self.configuration.name}: {' '.join(arguments)}: {done.stdout}{done.stderr}{self.log.read_text()}"
            )
        return json.loads(done.stdout)
