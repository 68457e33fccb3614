"""Free ports on the loopback interface."""
import socket

HOST = "127.0.0.1"


given = set()


def free_port():
    """A port that nobody listens on and that this run has not handed out before. Somebody else may take it before we do;
    who starts a server tries again then."""
    while True:
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind((HOST, 0))
            port = s.getsockname()[1]
        if port not in given:
            given.add(port)
            return port


def listens(port):
    try:
        socket.create_connection((HOST, port), timeout=1).close()
        return True
    except OSError:
        return False
