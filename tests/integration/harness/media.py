"""Uploads and downloads as clients do them, and as no client should."""
import hashlib
import http.client
import socket
from typing import NamedTuple

from .http import Answer
from .ports import HOST
from .wait import patience

MEDIA_URL = "https://chat.example.com/media/"
BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def part(data, *, name="file", filename="picture.jpg", kind="image/jpeg"):
    """One part without the boundaries around it. filename None: a field."""
    head = f'Content-Disposition: form-data; name="{name}"'
    if filename is not None:
        head += f'; filename="{filename}"\r\nContent-Type: {kind}'
    return head.encode() + b"\r\n\r\n" + data


def multipart(*parts, boundary=BOUNDARY):
    opening = f"--{boundary}\r\n".encode()
    return b"".join(opening + one + b"\r\n" for one in parts) + f"--{boundary}--\r\n".encode()


def request_head(headers, *, length=None, path="/media", method="POST"):
    """What stands before the body. length None: in chunks."""
    lines = [f"{method} {path} HTTP/1.1", "Host: test", *(f"{name}: {value}" for name, value in headers.items())]
    lines.append("Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def chunks(body, size):
    pieces = [body[at:at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


class File(NamedTuple):
    """What GET and HEAD answer."""

    status: int
    headers: http.client.HTTPMessage
    bytes: bytes


class Media:
    """The media of the service on this port: the login service, or what stands in front of it."""

    def __init__(self, port):
        self.port = port

    def post(self, session, body, *, headers=None, content_type=CONTENT_TYPE, timeout=30):
        """Any body. session None: nobody's."""
        sent = {**(session.headers if session else {}), "Content-Type": content_type, **(headers or {})}
        connection = http.client.HTTPConnection(HOST, self.port, timeout=patience(timeout))
        try:
            connection.request("POST", "/media", body=body, headers=sent)
            return read_answer(connection)
        finally:
            connection.close()

    def send(self, session, data, **about):
        """A file, as wx.uploadFile sends it. about: see part()."""
        return self.post(session, multipart(part(data, **about)))

    def store(self, session, data, **about):
        """The same; it must be taken. Gives the answer's JSON, whose plain facts are checked."""
        answer = self.send(session, data, **about)
        assert answer.status == 200, (answer.status, answer.text)
        assert answer.json["size"] == len(data)
        assert answer.json["sha256"] == hashlib.sha256(data).hexdigest()
        return answer.json

    def fetch(self, path, *, method="GET", headers=None, timeout=30):
        connection = http.client.HTTPConnection(HOST, self.port, timeout=patience(timeout))
        try:
            connection.request(method, path, headers=headers or {})
            answer = connection.getresponse()
            return File(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def open(self, timeout=30):
        """A bare connection."""
        return socket.create_connection((HOST, self.port), timeout=patience(timeout))


def read_answer(connection):
    answer = connection.getresponse()
    return Answer(answer.status, answer.headers, answer.read().decode())


def answer_on(sock):
    """The answer that comes on a bare connection."""
    answer = http.client.HTTPResponse(sock)
    answer.begin()
    return Answer(answer.status, answer.headers, answer.read().decode())


def path_of(stored):
    """The path of what was stored, for fetch()."""
    return "/media/" + stored["url"].rsplit("/", 1)[1]
