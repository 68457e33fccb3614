"""The file of rooms' messages at the broker's start."""
import sqlite3
import time

import pytest


@pytest.fixture
def path(tmp_path):
    return tmp_path / "history.db"


def options(path, **more):
    return {"history": 50, "history_store": f"sqlite:{path}", **more}


def keep(path, room, count):
    with sqlite3.connect(path) as db:
        db.executemany("INSERT INTO messages(room, id, time_ms, uid, m2) VALUES(?, ?, ?, '', ?)",
                       [(room, n, n, b'{"type":"text","content":"hi"}') for n in range(1, count + 1)])
    db.close()


def test_file_is_made_when_missing_and_loaded_when_there(start_broker, path):
    broker = start_broker(options=options(path))
    broker.wait_for_log(r"wechat: history\.loaded messages=0 took_ms=\d+")
    assert path.stat().st_mode & 0o777 == 0o660
    keep(path, "lobby", 30)
    broker.restart()
    broker.wait_for_log(r"wechat: history\.loaded messages=30 took_ms=\d+")


def test_no_history_no_file(start_broker, path):
    start_broker(options=options(path, history=0))
    assert not path.exists()


@pytest.mark.parametrize("what", ["text", "sessions", "other"])
def test_file_that_is_no_history_stops_the_broker(start_broker, path, what):
    if what == "text":
        path.write_text("no database at all, " * 100)
    else:
        with sqlite3.connect(path) as db:
            db.execute("CREATE TABLE notes(text)")
            if what == "sessions":
                db.execute(f"PRAGMA application_id = {0x6d777353}")
        db.close()
    before = path.read_bytes()
    log = start_broker(options=options(path), start=False).refuses_to_start()
    line = next(line for line in log.splitlines() if "history.refused" in line)
    assert "option=plugin_opt_history_store" in line and str(path) in line
    assert {"text": "not a database of messages", "sessions": "holds sessions", "other": "another program"}[what] in line
    assert path.read_bytes() == before


def test_sixty_megabytes_are_loaded_in_seconds(start_broker, path):
    broker = start_broker(options=options(path))
    broker.stop()
    with sqlite3.connect(path) as db:
        db.executemany("INSERT INTO messages(room, id, time_ms, uid, m2) VALUES(?, ?, 1, '', ?)",
                       ((f"r{n % 500}", n, b"x" * 300) for n in range(1, 200001)))
    db.close()
    began = time.monotonic()
    broker.start()
    broker.wait_for_log(r"wechat: history\.loaded messages=1\d{5} took")
    assert time.monotonic() - began < 10
