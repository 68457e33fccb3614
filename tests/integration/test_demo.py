"""./demo shows a chat, tells how to join, and leaves nothing behind."""
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from harness import Process, wait_until

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def demo(settings, tmp_path, started):
    """demo(*arguments): ./demo with this build and broker, and a folder of its own for temporary files."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    yield lambda *arguments: started.process(Process(
        "demo", [ROOT / "demo", "--build", settings.build, "--mosquitto", settings.mosquitto, *arguments], tmp_path,
        env={"TMPDIR": str(folder)}))
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
    assert "小红  你好小明" in log and "ERR_BAD_MESSAGE" in log
    assert "\033" not in log, "colours, and nobody sees them"


@pytest.mark.broker
def test_instructions_work_by_copy_and_paste(demo, tmp_path):
    running = demo().launch()
    running.wait_for_log("Ctrl-C ends the demo", timeout=60)
    log_in, listen, speak = instructions(running.log())
    heard = tmp_path / "heard"
    with heard.open("wb") as out:
        shell = subprocess.Popen(["bash"], stdin=subprocess.PIPE, stdout=out, stderr=out, text=True)
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
            shell.stdin.close()
            running.signal(signal.SIGINT)  # mosquitto_sub ends with its broker's session, or here
            running.popen.wait(20)
            subprocess.run(["bash", "-c", f"kill $(ps -o pid= --ppid {shell.pid}) 2>/dev/null"], check=False)
            shell.wait(20)
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


