"""Options and fixtures of the integration tests. See docs/development.md."""
import subprocess
from pathlib import Path

import pytest

from harness import WIRES, Broker, Client, Keys, LoginService, RawClient, Settings, StandIn, wait
from harness.miniprogram import MiniProgram

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = pytest.StashKey()


def pytest_addoption(parser):
    parser.addoption("--build", default="build", help="build folder (default: build)")
    parser.addoption("--mosquitto", default="/usr/sbin/mosquitto", help="the broker to test with")


def pytest_configure(config):
    config.addinivalue_line("markers", "broker: needs Mosquitto (set by itself)")
    config.addinivalue_line("markers", "root: needs to be root")
    config.addinivalue_line("markers", "alone: measures how long things take, so ./test runs it with nothing beside it")
    settings = Settings((ROOT / config.getoption("--build")).resolve(), Path(config.getoption("--mosquitto")))
    if settings.sanitizer:
        wait.patience_factor = 4.0
    config.stash[SETTINGS] = settings


def pytest_collection_modifyitems(items):
    for item in items:
        if {"broker", "start_broker", "connect", "raw"} & set(item.fixturenames):
            item.add_marker(pytest.mark.broker)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """A failing test shows what its processes said."""
    report = (yield).get_result()
    started = item.funcargs.get("started") if hasattr(item, "funcargs") else None
    if report.failed and started:
        report.sections += [(process.name, process.log()[-20_000:]) for process in started.processes]


class Started:
    """What a test started, to be stopped and judged in reverse order. Every judgement is passed, the first failure
    counts."""

    def __init__(self):
        self.processes, self.clients, self.secrets = [], [], []

    def process(self, process):
        self.processes.append(process)
        return process

    def end(self):
        failures = []
        for client in self.clients:
            client.close()
        for process in reversed(self.processes):
            try:
                process.stop()
            except AssertionError as failure:
                failures.append(failure)
        for process in self.processes:
            log = process.log()
            failures += [AssertionError(f"{process.name} logged a secret ({what})\n{log}")
                         for what, secret in self.secrets if secret and secret in log]
        if failures:
            raise failures[0]


@pytest.fixture(scope="session")
def settings(pytestconfig):
    return pytestconfig.stash[SETTINGS]


@pytest.fixture
def started():
    started = Started()
    yield started
    started.end()


@pytest.fixture
def secret(started):
    """secret(what, text): the text must be in no log of what this test started."""

    def remember(what, text):
        started.secrets.append((what, text))
        return text

    return remember


@pytest.fixture
def keys(settings, tmp_path):
    folder = tmp_path / "keys"
    folder.mkdir()
    return Keys(settings, folder)


@pytest.fixture
def standin(settings, tmp_path, started):
    return started.process(StandIn(settings, tmp_path)).start()


@pytest.fixture
def start_login(settings, tmp_path, started, keys, standin):
    """start_login(**config): a login service of one's own making. LoginService.refuses_to_start() wants it unstarted:
    start=False."""

    def make(start=True, env=None, **config):
        service = started.process(
            LoginService(settings, tmp_path, keys=keys, wechat_url=standin.url, config=config, env=env))
        return service.start() if start else service

    return make


@pytest.fixture
def login(start_login):
    """The login service, with the stand-in behind it."""
    return start_login()


@pytest.fixture
def start_broker(settings, tmp_path, started, keys):
    """start_broker(options={…}, lines=[…], …): a broker of one's own making, see Broker. start=False: not started."""

    def make(start=True, **arguments):
        arguments.setdefault("keys", keys)
        # Tests say more in a second than people do, and look at new messages; who is after rates or history asks for it.
        arguments["options"] = {"message_rate": 0, "history": 0, **arguments.get("options", {})}
        broker = started.process(Broker(settings, tmp_path, **arguments))
        return broker.start() if start else broker

    return make


@pytest.fixture
def broker(start_broker):
    """A broker with the plugin and nothing else in its configuration."""
    return start_broker()


@pytest.fixture(params=WIRES, ids=str)
def wire(request):
    """Each way to reach the broker: TCP and WebSocket, MQTT 3.1.1 and 5."""
    return request.param


@pytest.fixture
def sign_in(login, standin, secret):
    """sign_in(person, nickName=…, avatarUrl=…): logs somebody in through WeChat and gives the Session."""

    def make(person, **members):
        code = secret("login code", standin.code(person, **members))
        info = standin.userinfo(person) if members else {}
        session = login.login(code, **info)
        secret("skey", session.skey)
        secret("session_key", standin.person(person).session_key)
        secret("openid", standin.person(person).openid)
        return session

    return make


@pytest.fixture
def connect(request, started):
    """connect(session, wire, …): an MQTT client of that session, connected; see Client for more arguments. Without a
    session it says who it is by client_id, username, password; on_broker: another than the fixture's."""

    def make(session, wire, *, on_broker=None, **arguments):
        if session is not None:
            arguments = {"client_id": session.uid, "username": session.uid, "password": session.skey, **arguments}
        broker = on_broker or request.getfixturevalue("broker")
        client = Client(broker.port(wire.transport), wire, **arguments)
        started.clients.append(client)
        return client.connect()

    return make


@pytest.fixture(scope="session")
def miniprogram():
    """The mini-program's packages are there, and MQTT.js is built for it."""
    build = "set -e; . scripts/say.sh; . scripts/miniprogram.sh; build_miniprogram"
    made = subprocess.run(["bash", "-c", build], cwd=ROOT, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr


@pytest.fixture
def app(miniprogram, login, standin, broker):
    """app(person, options={}, port=, …): the client library in a bare realm, on that person's phone: a MiniProgram. port:
    another login service's; what else there is: miniprogram/test/phone.js."""
    running = []

    def make(person, options=None, port=None, **setup):
        options = {"baseUrl": f"http://127.0.0.1:{port or login.port}",
                   "mqttUrl": f"ws://127.0.0.1:{broker.port('websockets')}/mqtt", **(options or {})}
        running.append(MiniProgram(standin, person, options=options, **setup))
        return running[-1]

    yield make
    for one in running:
        one.stop()


@pytest.fixture
def raw(request, started):
    """raw(wire): a bare connection, nothing sent on it yet."""

    def make(wire, *, on_broker=None, **arguments):
        broker = on_broker or request.getfixturevalue("broker")
        client = RawClient(broker.port(wire.transport), wire, **arguments)
        started.clients.append(client)
        return client

    return make
