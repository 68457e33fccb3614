"""Free ports on the loopback interface."""
import itertools
import os
import random
import socket

HOST = "127.0.0.1"
# Below the ports that the kernel gives to outgoing connections, which come and go all the time.
LOWEST, HIGHEST = 10_000, 32_000


def own_ports():
    """Each port once before any comes again: two servers of a test never get the same one. pytest's workers, which run
    side by side, share none; somebody else's processes are met by chance only, so everybody starts elsewhere."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1))
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    ports = range(LOWEST + worker, HIGHEST, workers)
    return itertools.cycle(random.sample(ports, len(ports)))


OWN = own_ports()


def free_port():
    """A port that nobody listens on, and that this process has not been given before. A process of somebody else may
    take it before we do: very unlikely, so many are there."""
    for port in OWN:
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind((HOST, port))
                return port
            except OSError:
                continue  # taken


def listens(port):
    try:
        socket.create_connection((HOST, port), timeout=1).close()
        return True
    except OSError:
        return False
