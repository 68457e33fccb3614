"""The example files work as they stand, and no option is named in one place only."""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

import check_conf  # noqa: E402

from harness import Process  # noqa: E402

CODE = 'static const struct mw_opt table[] = {\n    {"keys", MW_OPT_PATH, 0},\n    {"node",\n     MW_OPT_INT, 0},\n};\n'


def test_every_option_is_named_everywhere():
    assert check_conf.differences() == []


@pytest.mark.parametrize("place", ["plugin/options.c", "mosquitto.conf.example", "README.md", "README.zh-CN.md"])
def test_missing_option_is_found(place):
    """The check itself: it says what is missing where."""
    texts = {
        "plugin/options.c": CODE, "login-svc/config.c": CODE,
        "mosquitto.conf.example": "plugin_opt_keys /a\n#plugin_opt_node 0\n",
        "login-svc.conf.example": "keys /a\nnode 0\n",
    }
    readme = "## mosquitto.conf\n| `plugin_opt_keys` | a |\n| `plugin_opt_node` | b |\n## login-svc.conf\n" \
             "| `keys` | a |\n| `node` | b |\n## Else\n| `hello` | c |\n"
    texts |= {name: readme for name in check_conf.READMES}
    assert check_conf.differences(texts.__getitem__) == []
    texts[place] = "\n".join(line for line in texts[place].replace("\n     ", "").splitlines()
                             if "plugin_opt_node" not in line and '"node"' not in line)
    assert check_conf.differences(texts.__getitem__) == [f"mosquitto.conf: plugin_opt_node is not in {place}"]


NAMESPACES = ["unshare", "--mount", "--net"]
needs_namespaces = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("unshare")
    or subprocess.run([*NAMESPACES, "true"], capture_output=True, check=False).returncode != 0,
    reason="needs root and namespaces, to have /etc/mosquitto-wechat and the usual ports for itself")

# Puts everything into the places that the examples name, as their comments and the README say. The folders are this
# process's own: $1 is the build folder, $2 the plugin's place.
INSTALL = r"""
set -e
mount -t tmpfs tmpfs /etc/mosquitto-wechat
mount -t tmpfs -o mode=755 tmpfs /var/lib/mosquitto-wechat
mount --bind "$1/plugin/mosquitto_wechat.so" "$2"
"$1/login-svc/wechat-skey" keygen /etc/mosquitto-wechat
chgrp mosquitto /etc/mosquitto-wechat/signing.jwks
chown mosquitto /var/lib/mosquitto-wechat
for file in $(sed -n 's/^[a-z_]*_file //p' login-svc.conf.example); do
    (umask 077 && echo 0123456789abcdef0123456789abcdef >"$file")
done
/usr/bin/python3 -c '
import fcntl, socket, struct
SIOCSIFFLAGS, UP_AND_RUNNING = 0x8914, 0x41
fcntl.ioctl(socket.socket(), SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", UP_AND_RUNNING))'
"""


@pytest.fixture
def installed(settings, tmp_path, started):
    """installed(name, command): a process that runs the command where everything is in place, from the project's
    folder."""
    plugin = Path(re.search(r"^plugin (\S+)$", (ROOT / "mosquitto.conf.example").read_text(), re.M)[1])
    folders = [Path("/etc/mosquitto-wechat"), Path("/var/lib/mosquitto-wechat")]
    made = [path for path in [*folders, plugin] if not path.exists()]
    for path in made:  # points to mount at; nothing is written to them
        path.touch() if path == plugin else path.mkdir()
    yield lambda name, command: started.process(Process(name, [
        *NAMESPACES, "bash", "-c", f"cd '{ROOT}'\n{INSTALL}{command}", "bash", settings.build, plugin], tmp_path,
        env={"MOSQUITTO": str(settings.mosquitto), "ASAN_OPTIONS": "detect_leaks=0"}))
    for path in made:
        path.unlink() if path == plugin else path.rmdir()


@needs_namespaces
def test_example_of_the_login_service_is_accepted(installed):
    check = installed("check", 'exec "$1/login-svc/mosquitto-wechat-login" -c login-svc.conf.example --test-config')
    assert check.run() == 0, check.log()


@needs_namespaces
@pytest.mark.broker
def test_example_of_mosquitto_runs(installed, settings):
    preload = " ".join(f"{name}={value}" for name, value in settings.preload().items())
    broker = installed("mosquitto", f'exec env {preload} "$MOSQUITTO" -v -c mosquitto.conf.example')
    broker.launch()
    broker.wait_for_log(r"mosquitto version \S+ running")
    assert not re.search("[Ee]rror", broker.log()), broker.log()
