"""./demo shows a chat, serves a page to join it, and leaves nothing behind."""
import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from harness import Http, Process, wait_until

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def demo(settings, tmp_path, started):
    """demo(*arguments): ./demo with this build and broker, and a folder of its own for temporary files."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    yield lambda *arguments: started.process(Process(
        "demo", [ROOT / "demo", "--build", settings.build, "--mosquitto", settings.mosquitto, "--no-browser",
                 *arguments], tmp_path, env={"TMPDIR": str(folder)}))
    assert list(folder.iterdir()) == [], "the demo left files behind"
    assert processes_that_name(folder) == [], "the demo left processes behind"


def processes_that_name(folder):
    found = []
    for proc in Path("/proc").glob("[0-9]*"):
        try:
            if str(folder).encode() in (proc / "cmdline").read_bytes():
                found.append((proc / "cmdline").read_text())
        except OSError:
            pass  # it has ended meanwhile
    return found


def instructions(log):
    """The blocks to paste, in order: those below the title that start with two blanks."""
    text = log[log.index("paste this"):]
    block = "\n".join(line[2:] for line in text.splitlines()[1:] if line.startswith("  ") or not line)
    return [part for part in re.split(r"^# .*$", block, flags=re.M) if part.strip()]


@pytest.mark.broker
def test_conversation_is_shown(demo):
    shown = demo("--once")
    assert shown.run(60) == 0, shown.log()
    log = shown.log()
    assert log.count("wx.login → POST /login → MQTT over WebSocket") == 2
    assert "小红  你好小明" in log and "小红  (image)" in log
    assert "小明 tries to speak as 小红: refused (ERR_BAD_MESSAGE)" in log
    assert "\033" not in log, "colours, and nobody sees them"


@pytest.mark.broker
def test_page_is_served_where_it_says(demo):
    running = demo().launch()
    port = int(running.wait_for_log(r"Open  http://127\.0\.0\.1:(\d+)/", timeout=60)[1])
    site = Http(port)
    page = site.call("GET", "/")
    assert page.status == 200 and '<html lang="zh-CN">' in page.text
    for path in re.findall(r'(?:src|href)="(/[^"]+)"', page.text):
        assert site.call("GET", path).status == 200, path
    code = site.call("POST", "/standin/code", json={"person": "guest", "nickName": "Guest"}).json["code"]
    session = site.call("POST", "/login", json={"code": code}).json["session"]
    assert session["mqtt"]["url"] == f"ws://127.0.0.1:{port}/mqtt"
    # A mini-program in WeChat's developer tools has codes of its own.
    foreign = ["0a1BcD2eF3gH4iJ5kL6mN7oP8qR9sT0u", "0b1BcD2eF3gH4iJ5kL6mN7oP8qR9sT0u"]
    uids = {site.call("POST", "/login", headers={"X-WX-Code": code}).json["session"]["uid"] for code in foreign}
    assert len(uids) == 1 and session["uid"] not in uids
    # What it has without an appid is none.
    assert site.call("POST", "/login", headers={"X-WX-Code": "the code is a mock one"}).error == "ERR_BAD_REQUEST"
    running.signal(signal.SIGINT)
    assert running.popen.wait(20) == 0
    running.popen = None


@pytest.mark.broker
def test_taken_port_is_told(demo):
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 8080))
            taken.listen()
        except OSError:
            pass  # somebody has it already
        running = demo().launch()
        said = running.wait_for_log(r"http://127\.0\.0\.1:(\d+)/  before them all(.*)", timeout=60)
        assert said[1] != "8080" and "port 8080 is taken" in said[2]
        running.signal(signal.SIGINT)
        assert running.popen.wait(20) == 0
        running.popen = None


@pytest.mark.broker
def test_without_the_page_the_rest_goes_on(demo, settings, tmp_path):
    build = tmp_path / "build"
    build.mkdir()
    for name in ("CMakeCache.txt", "plugin", "login-svc", "tests"):
        (build / name).symlink_to(settings.build / name)
    (build / "chat-page").write_text("in the way of the folder")
    shown = demo("--once", "--build", build)
    assert shown.run(60) == 0, shown.log()
    log = shown.log()
    assert "There is no chat page" in log and "in your browser" not in log
    assert "小红  你好小明" in log


@pytest.mark.broker
def test_instructions_work_by_copy_and_paste(demo, tmp_path):
    running = demo().launch()
    running.wait_for_log("Ctrl-C ends the demo", timeout=60)
    log_in, listen, speak = instructions(running.log())
    heard = tmp_path / "heard"
    with heard.open("wb") as out:
        shell = subprocess.Popen(["bash"], stdin=subprocess.PIPE, stdout=out, stderr=out, text=True,
                                 start_new_session=True)
        try:
            shell.stdin.write(log_in + listen)
            shell.stdin.flush()

            def speak_again():
                running.check_alive()
                shell.stdin.write(speak)
                shell.stdin.flush()
                time.sleep(0.3)  # a person's pace: the one who listens may not be connected yet
                return '"nickName":"Guest"' in heard.read_text() and '"content":"hello"' in heard.read_text()

            wait_until(speak_again, "our own words, stamped")
            running.wait_for_log("Guest  hello")
        except (AssertionError, OSError) as failure:
            raise AssertionError(f"{failure}\n{heard.read_text()}") from failure
        finally:
            os.killpg(shell.pid, signal.SIGTERM)  # mosquitto_sub would go on trying for ever
            shell.wait(20)
            shell.stdin.close()
            running.signal(signal.SIGINT)
            running.popen.wait(20)
    assert running.popen.returncode == 0


@pytest.mark.broker
@pytest.mark.parametrize("number, code", [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_signal_in_the_middle_leaves_nothing(demo, number, code):
    running = demo().launch()
    running.wait_for_log("They talk in", timeout=60)
    running.signal(number)
    assert running.popen.wait(20) == code
    running.popen = None


@pytest.mark.broker
def test_failure_is_told_and_leaves_nothing(demo):
    broken = demo("--mosquitto", "/bin/false")
    assert broken.run(60) != 0
    assert "mosquitto" in broken.log()


