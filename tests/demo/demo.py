"""What ./demo shows: two people log in through WeChat's stand-in and talk over MQTT and WebSocket."""
import argparse
import shutil
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "integration"))

from harness import Broker, Client, Keys, LoginService, Settings, StandIn, Wire  # noqa: E402
from harness.ports import HOST, free_port, listens  # noqa: E402

ROOM = "lobby"
TOPIC = f"room/{ROOM}"
WEBSOCKET = Wire("websockets", 5)
PORTS = {"login": 8081, "standin": 8083, "mqtt": 1883, "ws": 9001}

TALK = [
    ("小明", "大家好！I have just come in through wx.login."),
    ("小红", "你好小明 👋 me too: no password, no registration."),
    ("小明", "Who says that it is you?"),
    ("小红", "The broker. It puts the name in front, from my session, and throws away what I claim to be."),
    ("小明", "And when the session is over?"),
    ("小红", "Then it tells me and drops me, within half a second. 再见！"),
]
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
    def __init__(self, settings, folder):
        self.settings, self.folder = settings, folder
        self.processes, self.clients = [], []
        self.ports = Ports()
        self.shown = set()

    def start(self):
        keys = Keys(self.settings, self.folder)
        title("Starting")
        self.standin = self.up(StandIn(self.settings, self.folder), port=self.ports["standin"])
        self.row("stand-in for WeChat", self.standin.url)
        self.login = LoginService(self.settings, self.folder, keys=keys, wechat_url=self.standin.url)
        self.broker = Broker(self.settings, self.folder, keys=keys,
                             options={"store": f"sqlite:{self.login.store}"})
        self.broker.tcp_port, self.broker.ws_port = self.ports["mqtt"], self.ports["ws"]
        self.login.config["mqtt_url"] = f"ws://{HOST}:{self.broker.ws_port}/mqtt"
        self.up(self.login, port=self.ports["login"], admin_port=free_port())
        self.row("login service", f"http://{HOST}:{self.login.port}")
        self.up(self.broker)
        self.row("Mosquitto " + ".".join(map(str, self.settings.broker_version)),
                 f"mqtt://{HOST}:{self.broker.tcp_port}  ws://{HOST}:{self.broker.ws_port}/mqtt")

    def up(self, process, **ports):
        for name, port in ports.items():
            setattr(process, name, port)
        self.processes.append(process)
        return process.start()

    @staticmethod
    def row(name, where):
        say(f"  {name:<22} {where}")

    def log_in(self, name):
        code = self.standin.code(name, nickName=name, avatarUrl="https://thirdwx.qlogo.cn/mmopen/demo/132")
        session = self.login.login(code, **self.standin.userinfo(name))
        client = Client(self.broker.ws_port, WEBSOCKET, client_id=session.uid, username=session.uid,
                        password=session.skey)
        self.clients.append(client)
        client.connect()
        client.subscribe(TOPIC, qos=1)
        say(f"  {paint.person(name)} wx.login → POST /login → MQTT over WebSocket as {session.uid}")
        return client

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
        people = {name: self.log_in(name) for name in dict.fromkeys(name for name, _ in TALK)}
        title(f"They talk in {TOPIC}")
        for i, (name, text) in enumerate(TALK):
            people[name].say(ROOM, text, ref=f"line {i}")
            for client in people.values():  # the sender hears it too
                self.show(client.expect(topic=TOPIC, where=lambda m, i=i: m.json.get("ref") == f"line {i}"))
            time.sleep(PAUSE_S)
        self.impostor(people)

    def impostor(self, people):
        """What nobody can do."""
        names = list(people)
        people[names[0]].publish(TOPIC, {"type": "text", "content": "I owe 小明 a lot", "from": {"nickName": names[1]}})
        notice = people[names[0]].expect(where=lambda m: m.topic.endswith("/notice"))
        say(f"  {paint('2', names[0] + ' tries to speak as ' + names[1] + ':')} {notice.json['error']}")

    def tell_how_to_join(self):
        title("Join them: paste this into another terminal")
        mqtt = f'-h {HOST} -p {self.broker.tcp_port} -u "$uid" -P "$skey" -t {TOPIC}'
        say(f"""
  # log in, as a mini-program does: a code from wx.login, and who you are from wx.getUserInfo
  get() {{ sed "s/.*\\"$1\\":\\"\\([^\\"]*\\)\\".*/\\1/"; }}
  code=$(curl -s {self.standin.url}/standin/code -d '{{"person":"guest","nickName":"Guest"}}' | get code)
  info=$(curl -s {self.standin.url}/standin/userinfo -d '{{"person":"guest"}}')
  login=$(curl -s http://{HOST}:{self.login.port}/login -H "X-WX-Code: $code" \\
      -H "X-WX-Encrypted-Data: $(get encryptedData <<<"$info")" -H "X-WX-IV: $(get iv <<<"$info")")
  uid=$(get uid <<<"$login") skey=$(get skey <<<"$login")

  # listen
  mosquitto_sub -i "$uid-reads" {mqtt} &

  # speak
  mosquitto_pub -i "$uid-speaks" {mqtt} -q 1 -m '{{"type":"text","content":"hello"}}'
""")
        say(paint("2", "What is said in the room shows up here. Ctrl-C ends the demo."))

    def listen_on(self):
        """Shows what anybody says until a signal comes."""
        while True:
            for process in self.processes:
                process.check_alive()
            for message in self.clients[-1].take_all(TOPIC):
                self.show(message)
            time.sleep(0.05)

    def stop(self):
        """Everything, whatever is found on the way. Gives what was wrong."""
        wrong = []
        for client in self.clients:
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
    args = parser.parse_args()
    signal.signal(signal.SIGINT, on_signal)
    signal.signal(signal.SIGTERM, on_signal)
    folder = Path(tempfile.mkdtemp(prefix="mosquitto-wechat-demo-"))
    demo = Demo(Settings(args.build.resolve(), args.mosquitto), folder)
    failures = []
    try:
        demo.start()
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
