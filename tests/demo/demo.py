"""What ./demo shows: a chat page in the browser, and two people who log in through WeChat's stand-in and talk over MQTT
and WebSocket."""
import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "integration"))

from harness import Client, Settings, Site, Wire  # noqa: E402
from harness.ports import HOST, free_port, listens  # noqa: E402

ROOM = "lobby"
TOPIC = f"room/{ROOM}"
WEBSOCKET = Wire("websockets", 5)
PORTS = {"web": 8080, "login": 8081, "standin": 8083, "mqtt": 1883, "ws": 9001}
PICTURES = Path(__file__).parent / "pictures"
FACES = {"小明": "xiaoming.png", "小红": "xiaohong.png"}

TALK = [
    ("小明", "大家好！I have just come in through wx.login."),
    ("小红", "你好小明 👋 me too: no password, no registration."),
    ("小明", "Who says that it is you?"),
    ("小红", "The broker. It puts the name in front, from my session, and throws away what I claim to be."),
    ("小明", "And when the session is over?"),
    ("小红", "Then it tells me and drops me, within half a second, and I log in again."),
    ("小明", "周末去香山看红叶吗？"),
    ("小红", PICTURES / "autumn.jpg"),
]
GREETER, GREETING = "小红", "你好{name}，欢迎来大厅！发张图片试试，或者打开“演示工具”，断开网络再说句话。"
PAUSE_S = 0.6  # between two messages, for the reader


class Paint:
    """Colours, where they are seen."""

    def __init__(self):
        self.on = sys.stdout.isatty()

    def __call__(self, code, text):
        return f"\033[{code}m{text}\033[0m" if self.on else text

    def person(self, name):
        return self(f"1;{(32, 33, 34, 35, 36)[sum(map(ord, name)) % 5]}", name)


paint = Paint()


def say(text=""):
    print(text, flush=True)


def title(text):
    say()
    say(paint("1", text))


class Ports:
    """The usual ports when nobody has them. Of demos that start at once only one looks for those."""

    def __init__(self):
        self.claim = socket.socket(socket.AF_UNIX)
        try:
            self.claim.bind("\0mosquitto-wechat-demo")  # a name without a file: gone when we are
            self.usual = True
        except OSError:
            self.usual = False

    def __getitem__(self, name):
        return PORTS[name] if self.usual and not listens(PORTS[name]) else free_port()


class Demo:
    def __init__(self, settings, folder, page):
        self.settings, self.folder, self.page = settings, folder, page
        self.processes, self.clients, self.greeted = [], {}, set()
        self.ports = Ports()
        self.shown = set()

    def start(self):
        title("Starting")
        # For a mini-program in WeChat's developer tools, whose codes are real ones.
        self.site = Site(self.settings, self.folder, page=self.page, port=self.ports.__getitem__, standin=["--foreign-codes"])
        for process, row in zip(self.site.processes, self.rows(), strict=True):
            self.processes.append(process)
            process.start()
            say("  {:<22} {}".format(*row))

    def rows(self):
        site = self.site
        version = ".".join(map(str, self.settings.broker_version))
        return [("stand-in for WeChat", site.standin.url),
                ("login service", f"http://{HOST}:{site.login.port}"),
                (f"Mosquitto {version}", f"mqtt://{HOST}:{site.broker.tcp_port}  ws://{HOST}:{site.broker.ws_port}/mqtt"),
                ("nginx", f"{site.url}  before them all" + self.taken())]

    def taken(self):
        return "" if self.site.nginx.port == PORTS["web"] else f" (port {PORTS['web']} is taken)"

    def show_page(self, open_browser):
        if not self.page:
            return
        line = f"   Open  {self.site.url}  in your browser   "
        title("The chat page")
        say(paint("1;32", f"  ┌{'─' * len(line)}┐\n  │{line}│\n  └{'─' * len(line)}┘"))
        if open_browser and (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) and shutil.which("xdg-open"):
            subprocess.Popen(["xdg-open", self.site.url], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, start_new_session=True)

    def log_in(self, name):
        site = self.site
        code = site.standin.code(name, nickName=name)
        session = site.login.login(code, **site.standin.userinfo(name))
        face = site.login.upload(session, PICTURES / FACES[name])
        answer = site.login.call("PUT", "/profile", headers=session.headers, json={"avatarUrl": face["url"]})
        assert answer.status == 200, answer.text
        client = Client(site.broker.ws_port, WEBSOCKET, client_id=session.uid, username=session.uid,
                        password=session.skey)
        client.session = session
        self.clients[name] = client
        client.connect()
        client.subscribe(TOPIC, qos=1)
        say(f"  {paint.person(name)} wx.login → POST /login → MQTT over WebSocket as {session.uid}")

    def show(self, message):
        """One line of the chat, as it came from the broker."""
        m2 = message.json
        if m2.get("id") in self.shown:
            return
        self.shown.add(m2.get("id"))
        who = m2["from"].get("nickName") or m2["from"]["uid"]
        clock = time.strftime("%H:%M:%S", time.localtime(m2["time"] / 1000))
        text = m2.get("content") or f"({m2['type']})"
        say(f"  {paint('2', clock)}  {paint.person(who)}  {printable(text)}")

    def talk(self):
        title("Two people log in")
        for name in FACES:
            self.log_in(name)
        title(f"They talk in {TOPIC}")
        for i, (name, what) in enumerate(TALK):
            ref = f"line {i}"
            self.speak(name, what, ref)
            for client in self.clients.values():  # the sender hears it too
                self.show(client.expect(topic=TOPIC, where=lambda m, ref=ref: m.json.get("ref") == ref))
            time.sleep(PAUSE_S)
        self.impostor()

    def speak(self, name, what, ref):
        client = self.clients[name]
        if isinstance(what, Path):
            media = self.site.login.upload(client.session, what)
            members = {member: media[member] for member in ("url", "width", "height")}
            client.publish(TOPIC, {"type": "image", **members, "ref": ref})
        else:
            client.say(ROOM, what, ref=ref)

    def impostor(self):
        """What nobody can do."""
        liar, victim = FACES
        client = self.clients[liar]
        client.publish(TOPIC, {"type": "text", "content": "I owe 小明 a lot", "from": {"nickName": victim}})
        notice = client.expect(where=lambda m: m.topic.endswith("/notice"))
        say(f"  {paint('2', f'{liar} tries to speak as {victim}:')} refused ({notice.json['error']})")

    def tell_how_to_join(self):
        title(("Or join" if self.page else "Join") + " them from a terminal: paste this into another one")
        site = self.site
        mqtt = f'-h {HOST} -p {site.broker.tcp_port} -u "$uid" -P "$skey" -t {TOPIC}'
        say(f"""
  # log in, as a mini-program does: a code from wx.login, and who you are from wx.getUserInfo
  get() {{ sed "s/.*\\"$1\\":\\"\\([^\\"]*\\)\\".*/\\1/"; }}
  code=$(curl -s {site.standin.url}/standin/code -d '{{"person":"guest","nickName":"Guest"}}' | get code)
  info=$(curl -s {site.standin.url}/standin/userinfo -d '{{"person":"guest"}}')
  login=$(curl -s http://{HOST}:{site.login.port}/login -H "X-WX-Code: $code" \\
      -H "X-WX-Encrypted-Data: $(get encryptedData <<<"$info")" -H "X-WX-IV: $(get iv <<<"$info")")
  uid=$(get uid <<<"$login") skey=$(get skey <<<"$login")

  # listen
  mosquitto_sub -i "$uid-reads" {mqtt} &

  # speak
  mosquitto_pub -i "$uid-speaks" {mqtt} -q 1 -m '{{"type":"text","content":"hello"}}'
""")
        where = f"The page: {site.url}  " if self.page else ""
        say(paint("2", where + "What is said in the room shows up here. Ctrl-C ends the demo."))

    def listen_on(self):
        """Shows what anybody says until a signal comes, and greets who is new."""
        greeter = self.clients[GREETER]
        while True:
            for process in self.processes:
                process.check_alive()
            for message in greeter.take_all(TOPIC):
                self.show(message)
                self.greet(greeter, message.json)
            time.sleep(0.05)

    def greet(self, greeter, m2):
        who = m2["from"]["uid"]
        ours = [client.session.uid for client in self.clients.values()]
        if who in self.greeted or who in ours or m2["type"] == "recall":
            return
        self.greeted.add(who)
        greeter.say(ROOM, GREETING.format(name=m2["from"].get("nickName", "")))

    def stop(self):
        """Everything, whatever is found on the way. Gives what was wrong."""
        wrong = []
        for client in self.clients.values():
            client.close()
        for process in reversed(self.processes):
            try:
                process.stop()
            except AssertionError as failure:
                wrong.append(failure)
        return wrong


def printable(text):
    """Somebody else's words: no control characters, so nobody paints in this terminal but we."""
    return "".join(c if c.isprintable() else "?" for c in text)


def on_signal(number, _frame):
    # Once is enough: while tidying up nothing shall interrupt.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: None)
    raise SystemExit(0 if number == signal.SIGINT else 128 + number)


def main():
    parser = argparse.ArgumentParser(prog="demo")
    parser.add_argument("--once", action="store_true", help="end after the conversation")
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--mosquitto", type=Path, default=Path("/usr/sbin/mosquitto"))
    parser.add_argument("--page", type=Path, help="the folder of the built chat page; without it there is none")
    parser.add_argument("--no-browser", action="store_true", help="open none")
    args = parser.parse_args()
    signal.signal(signal.SIGINT, on_signal)
    signal.signal(signal.SIGTERM, on_signal)
    folder = Path(tempfile.mkdtemp(prefix="mosquitto-wechat-demo-"))
    demo = Demo(Settings(args.build.resolve(), args.mosquitto), folder, args.page and args.page.resolve())
    failures = []
    try:
        demo.start()
        demo.show_page(open_browser=not (args.once or args.no_browser))
        demo.talk()
        if not args.once:
            demo.tell_how_to_join()
            demo.listen_on()
    except AssertionError as failure:
        failures.append(failure)
    finally:
        failures += demo.stop()
        shutil.rmtree(folder, ignore_errors=True)
        say()
    if failures:
        say(paint("31", str(failures[0])))
        raise SystemExit(1)


if __name__ == "__main__":
    main()
