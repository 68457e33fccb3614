"""A plain HTTP client: one connection per call, nothing followed, nothing decoded behind one's back."""
import http.client
import json as jsonlib
import socket
from dataclasses import dataclass

from .ports import HOST
from .wait import patience

MARK = "F2C224D4-2BCE-4C64-AF9F-A6D872000D1A"  # wafer's sign of an answer about the session


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def json(self):
        return jsonlib.loads(self.text)

    @property
    def error(self):
        """The code of an error answer, whose shape is checked on the way; None for any other answer."""
        if self.status < 400:
            return None
        body = self.json
        assert body.get(MARK) == 1 and set(body) == {MARK, "error", "message"}, body
        assert isinstance(body["message"], str) and body["message"], body
        return body["error"]


class Http:
    def __init__(self, port):
        self.port = port

    def call(self, method, path, *, headers=None, json=None, body=None, timeout=15):
        """json: a value to send as application/json; body: bytes or text to send as they are."""
        headers = dict(headers or {})
        if json is not None:
            body = jsonlib.dumps(json, ensure_ascii=False).encode()
            headers.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection(HOST, self.port, timeout=patience(timeout))
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read().decode())
        finally:
            connection.close()

    def raw(self, sent, *, close=False, timeout=15):
        """Sends bytes as they are and gives all that comes back until the other side closes. close: half-close."""
        with socket.create_connection((HOST, self.port), timeout=patience(timeout)) as s:
            got = b""
            try:
                s.sendall(sent)
                if close:
                    s.shutdown(socket.SHUT_WR)
                while part := s.recv(65536):
                    got += part
            except TimeoutError:
                raise
            except OSError:
                pass  # closed on us before all was said or heard: what came before counts
            return got
