"""The real Mosquitto with the real plugin."""
import os
import re
import signal

from .ports import HOST, free_port, listens
from .process import Process

START_TRIES = 3
# What the broker says of a port that somebody else listens on: on TCP, and for WebSockets before 2.1.
TAKEN = re.compile(r"Address already in use|Unable to create websockets listener")


class Broker(Process):
    """One broker with a TCP and a WebSocket listener on the loopback interface.

    options      plugin_opt_*: name -> value; `keys` is given by the keys argument
    lines        more lines of mosquitto.conf
    first        lines that must stand before all others
    plugin       False: a bare broker
    anonymous    allow_anonymous; None: not said, for per_listener_settings
    persistent   the broker's own persistence, in the test's folder: for restarts
    """

    def __init__(self, settings, folder, *, keys=None, options=None, lines=(), first=(), plugin=True,
                 anonymous=False, persistent=False):
        self.settings, self.folder = settings, folder
        self.keys, self.options, self.lines = keys, dict(options or {}), list(lines)
        self.first = list(first)
        self.plugin, self.anonymous, self.persistent = plugin, anonymous, persistent
        self.tcp_port = self.ws_port = 0
        self.conf_path = folder / "mosquitto.conf"
        env = settings.preload() if plugin else {}
        # Leaks of the broker itself are not ours, and it was not built to be checked for them.
        env["ASAN_OPTIONS"] = "detect_leaks=0:" + os.environ.get("ASAN_OPTIONS", "")
        super().__init__("mosquitto", [settings.mosquitto, "-v", "-c", self.conf_path], folder, env)

    @property
    def version(self):
        return self.settings.broker_version

    def port(self, transport):
        return self.ws_port if transport == "websockets" else self.tcp_port

    def config_text(self):
        lines = self.first + ["log_dest stderr", "log_type all"]
        if self.anonymous is not None:
            lines.append(f"allow_anonymous {str(self.anonymous).lower()}")
        if os.geteuid() == 0:
            lines.append("user root")  # the folders of tests are closed to user mosquitto
        if self.persistent:
            lines += ["persistence true", f"persistence_location {self.folder}/", "autosave_interval 1"]
        if self.plugin:
            lines.append(f"plugin {self.settings.plugin}")
            options = {"keys": self.keys.signing, **self.options} if self.keys else self.options
            lines += [f"plugin_opt_{name} {value}" for name, value in options.items()]
        lines += self.lines
        lines += [f"listener {self.tcp_port} {HOST}", "protocol mqtt"]
        lines += [f"listener {self.ws_port} {HOST}", "protocol websockets"]
        return "\n".join(lines) + "\n"

    def launch(self):
        self.conf_path.write_text(self.config_text())
        return super().launch()

    def start(self):
        """Returns when both listeners answer. Ports stay the same over restarts; at first they may have to be found
        again when somebody else was quicker."""
        fresh = not self.tcp_port
        for attempt in range(START_TRIES):
            if fresh:
                self.tcp_port, self.ws_port = free_port(), free_port()
            began = len(self.log())
            self.launch()
            try:
                self.wait_until(lambda: listens(self.tcp_port) and listens(self.ws_port), "listeners")
                self.wait_for_log(r"mosquitto version \S+ running", after=began)  # from here on it handles signals
                return self
            except AssertionError:
                taken = fresh and not self.alive() and TAKEN.search(self.log(), began)
                if not taken or attempt == START_TRIES - 1:
                    raise
        raise AssertionError("not reached")

    def refuses_to_start(self):
        """Starts it with what must stop it. Gives what it said."""
        began = len(self.log())
        self.tcp_port, self.ws_port = free_port(), free_port()
        code = self.run()
        assert code > 0, f"mosquitto ended with {code}\n{self.log()}"
        return self.log()[began:]

    def restart(self):
        self.stop()
        return self.start()

    def reload(self):
        """SIGHUP; returns when the broker has taken it up."""
        before = len(self.log())
        self.signal(signal.SIGHUP)
        self.wait_for_log(r"Reloading config", after=before)

    def log_lines(self, pattern):
        """Lines of the log that a regular expression is found in."""
        return [line for line in self.log().splitlines() if re.search(pattern, line)]
