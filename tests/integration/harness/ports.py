"""Free ports on the loopback interface."""
import socket

HOST = "127.0.0.1"


def free_port():
    """A port that nobody listens on. Somebody else may take it before we do; who starts a server tries again then."""
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((HOST, 0))
        return s.getsockname()[1]


def listens(port):
    try:
        socket.create_connection((HOST, port), timeout=1).close()
        return True
    except OSError:
        return False
