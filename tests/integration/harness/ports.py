"""Free ports on the loopback interface."""
import random
import socket

HOST = "127.0.0.1"
# Below the ports that the kernel gives to outgoing connections, which come and go all the time.
LOWEST, HIGHEST = 10_000, 32_000


def free_port():
    """A port that nobody listens on. Somebody else may take it before we do: very unlikely, so many are there."""
    while True:
        port = random.randint(LOWEST, HIGHEST)
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
