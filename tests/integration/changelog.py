"""The login service's hand on the change log, for tests of the plugin alone."""
import sqlite3
import time

EXTEND, REVOKE, PROFILE, GRANT, UNGRANT, MUTE, UNMUTE, BAN, UNBAN = range(1, 10)


class ChangeLog:
    def __init__(self, path):
        self.path = path

    @property
    def url(self):
        return f"sqlite:{self.path}"

    def add(self, kind, who, until_s=None, nick="", avatar="", room=""):
        with sqlite3.connect(self.path, timeout=10) as db:
            db.execute("INSERT INTO changes(at_s, type, who, room, until_s, nick, avatar) VALUES(?, ?, ?, ?, ?, ?, ?)",
                       (int(time.time()), kind, who, room, until_s or int(time.time()) + 3600, nick, avatar))
        db.close()
