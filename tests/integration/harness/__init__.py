"""What the integration tests drive: a real broker, the real login service, the stand-in for WeChat, and MQTT clients.

Each thing a test starts has ports and a folder of its own, is watched while the test waits for it, and is asked at
the end whether it stopped as it should and kept its secrets. docs/development.md shows how to write a test with it.
"""
from .broker import Broker
from .client import Client, Message, Refused
from .http import Answer, Http
from .keys import Keys, forge
from .login import LoginService, Session
from .nginx import Nginx
from .process import Process
from .raw import RawClient
from .settings import Settings
from .site import Site
from .standin import Person, StandIn
from .wait import wait_until
from .wire import WIRES, Wire

__all__ = [
    "WIRES", "Answer", "Broker", "Client", "Http", "Keys", "LoginService", "Message", "Nginx", "Person", "Process",
    "RawClient", "Refused", "Session", "Settings", "Site", "StandIn", "Wire", "forge", "wait_until",
]
