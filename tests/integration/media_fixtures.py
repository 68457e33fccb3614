"""Fixtures of the tests of media."""
import pytest
from harness.media import MEDIA_URL, Media


class Folder:
    """The media store's folder, looked at from outside."""

    def __init__(self, path):
        self.path = path

    def files(self):
        return sorted(entry.name for entry in self.path.iterdir() if entry.is_file())

    def incoming(self):
        return sorted(entry.name for entry in (self.path / "incoming").iterdir())

    def is_empty(self):
        return not self.files() and not self.incoming()


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "media")


@pytest.fixture
def start_media(start_login, folder):
    """start_media(**config): a login service that takes media."""

    def make(**config):
        return start_login(**{"media_store": folder.path, "media_url": MEDIA_URL, **config})

    return make


@pytest.fixture
def service(start_media):
    return start_media()


@pytest.fixture
def media(service):
    return Media(service.port)


@pytest.fixture
def enter(standin, secret):
    """enter(service, person): a Session."""

    def make(service, person):
        session = service.login(standin.code(person))
        secret("skey", session.skey)
        return session

    return make


@pytest.fixture
def alice(service, enter):
    return enter(service, "alice")
