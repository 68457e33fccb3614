"""The client library in a bare realm of Node, on a phone that a test holds in its hand: miniprogram/test/drive.js."""
import json
import queue
import signal
import subprocess
import threading
import time
from itertools import count
from pathlib import Path

from .process import end_with_parent
from .wait import patience

DRIVE = Path(__file__).parents[3] / "miniprogram" / "test" / "drive.js"


class Failed(Exception):
    """A promise of the library was rejected."""

    def __init__(self, error):
        super().__init__(f"{error.get('code')}: {error.get('message')}")
        self.code, self.until, self.ref, self.status = (error.get(n) for n in ("code", "until", "ref", "statusCode"))


class Answer:
    """What a call will give."""

    def __init__(self, app, number, mailbox):
        self.app, self.number, self.mailbox = app, number, mailbox

    def result(self, timeout=10):
        try:
            answer = self.mailbox.get(timeout=patience(timeout))
        except queue.Empty:
            raise AssertionError(f"no answer in {timeout} s; events: {self.app.events[-20:]}") from None
        if "error" in answer:
            raise Failed(answer["error"])
        return answer["value"]


class MiniProgram:
    """One person's. app.call("chat.join", "lobby") waits for the promise; app.start("chat.say", …) does not.

        app.phone("hide"), app.phone("kill")      what the hand does, see miniprogram/test/phone.js
        app.expect("message", content="hi")       the first such event that was not taken before
    """

    def __init__(self, standin, person, **setup):
        self.popen = subprocess.Popen(
            ["node", DRIVE, json.dumps({"standin": standin.url, "person": person, **setup})],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=end_with_parent)
        self.numbers, self.waiting = count(1), {}
        self.events, self.taken = [], set()
        self.news = threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.popen.stdout:
            found = json.loads(line)
            if "id" in found:
                self.waiting.pop(found["id"]).put(found)
                continue
            with self.news:
                self.events.append(found)
                self.news.notify_all()
        for mailbox in list(self.waiting.values()):
            mailbox.put({"error": {"code": "GONE", "message": "the driver has ended"}})

    def _send(self, **command):
        number, mailbox = next(self.numbers), queue.Queue()
        self.waiting[number] = mailbox
        self.popen.stdin.write(json.dumps({"id": number, **command}) + "\n")
        self.popen.stdin.flush()
        return Answer(self, number, mailbox)

    def start(self, call, *args):
        return self._send(call=call, args=args)

    def call(self, call, *args, timeout=10):
        return self.start(call, *args).result(timeout)

    def abort(self, answer):
        self._send(abort=answer.number).result()

    def phone(self, what, *args):
        return self._send(phone=what, args=args).result()

    def get(self, what):
        return self._send(get=what).result()

    def set(self, what, value):
        self._send(set=what, value=value).result()

    def restart(self, **setup):
        """The app is ended, without a word, and started again with what is in the storage."""
        if setup:
            self._send(setup=setup).result()
        self._send(restart=True).result()

    def freeze(self):
        """As WeChat does with an app in the background: its JavaScript stands still."""
        self.popen.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.popen.send_signal(signal.SIGCONT)

    def seen(self, event, where=None, **members):
        """All of these events so far."""
        return [one["what"] for one in list(self.events) if self._fits(one, event, where, members)]

    @staticmethod
    def _fits(one, event, where, members):
        what = one["what"]
        if one["event"] != event or (where and not where(what)):
            return False
        return all(isinstance(what, dict) and what.get(name) == value for name, value in members.items())

    def expect(self, event, where=None, timeout=10, **members):
        return self.expect_event(event, where, timeout, **members)["what"]

    def expect_event(self, event, where=None, timeout=10, **members):
        end = time.monotonic() + patience(timeout)
        with self.news:
            while True:
                for at, one in enumerate(self.events):
                    if at not in self.taken and self._fits(one, event, where, members):
                        self.taken.add(at)
                        return one
                left = end - time.monotonic()
                if left <= 0 or not self.news.wait(left):
                    raise AssertionError(f"no {event} {members or ''} in {timeout} s; events: {self.events[-30:]}")

    def expect_state(self, state):
        return self.expect("state", where=lambda now: now == state)

    @property
    def texts(self):
        """What was shown, in order."""
        return [m["content"] for m in self.seen("message") if m["type"] == "text"]

    def stop(self):
        self.thaw()
        self.popen.stdin.close()
        self.popen.wait(10)
        broken = [one for one in self.events if one["event"] in ("unhandled", "uncaught")]
        assert not broken, broken
