"""Which build and which broker are under test."""
import re
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    build: Path
    mosquitto: Path

    @property
    def plugin(self):
        return self.build / "plugin" / "mosquitto_wechat.so"

    @property
    def login_service(self):
        return self.build / "login-svc" / "mosquitto-wechat-login"

    @property
    def skey_tool(self):
        return self.build / "login-svc" / "wechat-skey"

    @property
    def standin(self):
        return self.build / "tests" / "wechat-standin"

    @cached_property
    def sanitizer(self):
        """"", "address,undefined" or "thread": what the build was configured with."""
        cache = (self.build / "CMakeCache.txt").read_text()
        return re.search(r"^MW_SANITIZE:\w+=(.*)$", cache, re.M)[1]

    @cached_property
    def broker_version(self):
        """As numbers, so that tests can compare: (2, 0, 11)."""
        said = subprocess.run([self.mosquitto, "-h"], capture_output=True, text=True, check=False).stdout
        return tuple(map(int, re.search(r"mosquitto version (\d+)\.(\d+)\.(\d+)", said).groups()))

    def preload(self):
        """The sanitizer's library for a program that was not built with it and loads something that was."""
        if not self.sanitizer:
            return {}
        name = "libtsan.so" if self.sanitizer == "thread" else "libasan.so"
        found = subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True, check=True)
        return {"LD_PRELOAD": str(Path(found.stdout.strip()).resolve())}
