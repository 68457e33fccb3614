"""A program under test: its output in a file, its death noticed at once, its end checked."""
import ctypes
import os
import re
import signal
import subprocess

from .wait import patience, wait_until

# What a sanitizer writes when it has found something; its exit code may be hidden by a signal.
SANITIZER_REPORT = re.compile(r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:")


PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)


def end_with_parent():
    """Run in the child: whatever kills us takes it along."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Process:
    def __init__(self, name, args, folder, env=None):
        self.name = name
        self.args = [str(arg) for arg in args]
        self.log_path = folder / f"{name}.log"
        self.env = {**os.environ, **(env or {})}
        self.popen = None

    def launch(self):
        """Output is appended, so a log tells the whole story of a test with restarts."""
        assert not self.alive(), f"{self.name} runs already"
        with self.log_path.open("ab") as out:
            # In a session of its own: Ctrl-C is ours to handle.
            self.popen = subprocess.Popen(self.args, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=self.env,
                                          start_new_session=True, preexec_fn=end_with_parent)
        return self

    def run(self, timeout=10):
        """Launches it, waits for its end by itself and gives the exit code, which is then not judged again."""
        self.launch()
        code = self.popen.wait(patience(timeout))
        self.popen = None
        return code

    @property
    def pid(self):
        return self.popen.pid

    def alive(self):
        return self.popen is not None and self.popen.poll() is None

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def check_alive(self):
        if self.alive():
            return
        code, self.popen = self.popen and self.popen.returncode, None  # told here, so not again by stop()
        raise AssertionError(f"{self.name} died with {code}\n{self.log()}")

    def wait_until(self, condition, what, timeout=10):
        return wait_until(condition, f"{self.name}: {what}", timeout, check=self.check_alive)

    def wait_for_log(self, pattern, timeout=10, after=0):
        """The match of a regular expression in the log behind its first `after` characters."""
        return self.wait_until(lambda: re.search(pattern, self.log()[after:]), f"/{pattern}/ in the log", timeout)

    def signal(self, number):
        self.check_alive()
        self.popen.send_signal(number)

    def kill(self):
        """kill -9: no chance to tidy up."""
        self.signal(signal.SIGKILL)
        self.popen.wait()

    def stop(self, expect=0):
        """Ends it if it runs, and fails unless it ended well. A process that the test itself killed is not judged."""
        if self.popen is None:
            return
        if self.alive():
            self.popen.terminate()
            try:
                self.popen.wait(patience(10))
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()
                raise AssertionError(f"{self.name} did not stop\n{self.log()}") from None
        code = self.popen.returncode
        self.popen = None
        assert not SANITIZER_REPORT.search(self.log()), f"{self.name}: a sanitizer reported\n{self.log()}"
        assert code in (expect, -signal.SIGKILL), f"{self.name} ended with {code}\n{self.log()}"
