"""Random people join, leave, drop, are muted and speak; a simple model says what each of them must have seen.

The steps of a run follow from its seed alone. Each step is finished (fenced) before the next begins, so that the model
knows the order; order under load is the subject of test_plugin_history.py."""
import random
import time

import pytest
from changelog import BAN, MUTE, UNBAN, UNMUTE, ChangeLog
from harness import WIRES
from harness.wait import wait_until
from members import member

ROOMS = ["lobby", "hall", "大厅"]
PEOPLE = 6
STEPS = 120
HISTORY = 4


class Person:
    """A client and what the model expects of it. seen: per room, (content, from history) in order."""

    def __init__(self, name, wire, identity):
        self.name, self.wire, self.identity = name, wire, identity
        self.client, self.rooms = None, set()
        self.seen = {room: [] for room in ROOMS}
        self.muted, self.banned = set(), set()
        self.speaks = 0

    @property
    def uid(self):
        return self.identity.uid


class Model:
    def __init__(self, seed, broker, connect, keys, log):
        self.random = random.Random(seed)
        self.broker, self.connect_client, self.log = broker, connect, log
        self.people = [Person(f"p{i}", WIRES[i % len(WIRES)], member(keys, f"p{i}")) for i in range(PEOPLE)]
        self.history = {room: [] for room in ROOMS}
        self.count = 0

    def online(self):
        return [p for p in self.people if p.client]

    def fence(self):
        for person in self.online():
            person.client.fence()

    # Steps. Each has a precondition; who does not meet it does nothing.

    def come(self, person):
        if person.client is None:
            person.client = self.connect_client(person.identity, person.wire, on_broker=self.broker)
            person.rooms = set()

    def join(self, person):
        room = self.random.choice(ROOMS)
        if person.client is None:
            return
        code = person.client.subscribe(f"room/{room}", qos=self.random.randrange(2))[0]
        assert (code < 0x80) == (room not in person.banned), (person.name, room, code)
        if room not in person.rooms and code < 0x80:
            person.rooms.add(room)
            person.seen[room] += [(content, True) for content in self.history[room][-HISTORY:]]

    def leave(self, person):
        room = self.random.choice(ROOMS)
        if person.client is not None:
            person.client.unsubscribe(f"room/{room}")
            person.rooms.discard(room)

    def drop(self, person):
        if person.client is not None:
            self.settle(person)
            person.client.drop() if self.random.random() < 0.5 else person.client.disconnect()
            self.check(person)
            person.client, person.rooms = None, set()
            person.seen = {room: [] for room in ROOMS}

    def speak(self, person):
        if person.client is None:
            return
        room = self.random.choice(ROOMS)
        self.count += 1
        content = f"{person.name} says {self.count}"
        person.client.say(room, content, qos=self.random.randrange(2))
        person.client.fence()
        if room in person.muted or room in person.banned:
            return
        self.history[room].append(content)
        for other in self.online():
            if room in other.rooms:
                other.seen[room].append((content, False))

    def judge(self, person):
        """Mutes or bans somebody, or takes it back, and waits until it holds."""
        room = self.random.choice(ROOMS)
        kind, opposite, rooms = self.random.choice([(MUTE, UNMUTE, person.muted), (BAN, UNBAN, person.banned)])
        ends = int(time.time()) + 3600
        self.log.add(opposite if room in rooms else kind, person.uid, ends, room=room)
        rooms.symmetric_difference_update({room})
        if kind == BAN:
            person.rooms.discard(room)
        self.wait_applied()

    def wait_applied(self):
        """Nothing tells the person's own clients of every kind of entry, so the promised 0.3 s have to go by."""
        end = time.monotonic() + 0.35
        while time.monotonic() < end:
            self.fence()
            time.sleep(0.01)

    # Comparing.

    def settle(self, person):
        expected = sum(len(seen) for seen in person.seen.values())
        wait_until(lambda: len(self.saw_all(person)) >= expected, f"{person.name}'s messages", timeout=5)

    def saw_all(self, person):
        return [m for room in ROOMS for m in person.client.received(f"room/{room}")]

    def check(self, person):
        for room in ROOMS:
            got = [(m.json["content"], m.json.get("history", False)) for m in person.client.received(f"room/{room}")]
            assert got == person.seen[room], f"{person.name} in {room}"

    def run(self):
        steps = [self.come] * 3 + [self.join] * 5 + [self.leave] * 2 + [self.drop] + [self.speak] * 9 + [self.judge]
        for person in self.people:
            self.come(person)
        for _ in range(STEPS):
            self.random.choice(steps)(self.random.choice(self.people))
            self.fence()
        for person in self.online():
            self.settle(person)
            self.check(person)
        for room in ROOMS:
            self.check_number(room)

    def check_number(self, room):
        watcher = self.online()[0] if self.online() else None
        if watcher is None:
            return
        inside = sum(1 for person in self.online() if room in person.rooms)
        watcher.client.subscribe(f"room/{room}/online")
        if room in watcher.banned:
            return

        def told():
            numbers = [m.json["num"] for m in watcher.client.received(f"room/{room}/online")]
            return numbers and numbers[-1] == inside or (not numbers and inside == 0)

        wait_until(told, f"{inside} people in {room}", timeout=5)


@pytest.mark.alone
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_each_saw_is_what_the_model_says(start_broker, connect, keys, tmp_path, seed):
    log = ChangeLog(tmp_path / "sessions.db")
    broker = start_broker(options={"store": log.url, "history": HISTORY, "presence_grace": "1s"})
    Model(seed, broker, connect, keys, log).run()
