"""What an upload and a download ask of the system, as strace sees it."""
import re
import shutil
import subprocess

import pytest
from harness.media import Media, path_of
from harness.samples import big_jpeg

pytest_plugins = ["media_fixtures"]

STRACE = shutil.which("strace")
CALLS = "fsync,fdatasync,rename,renameat,renameat2,sendfile"


def may_trace():
    """Containers often forbid it."""
    if not STRACE:
        return False
    done = subprocess.run([STRACE, "-D", "-qq", "-o", "/dev/null", "true"], capture_output=True, check=False, timeout=30)
    return done.returncode == 0 and not done.stderr


class Traced:
    """A login service and the calls of its threads: of each thread a list of lines, with the paths of the files."""

    def __init__(self, service, folder):
        self.service, self.folder = service, folder
        folder.mkdir()
        service.args = [STRACE, "-D", "-ff", "-qq", "-y", "-e", f"trace={CALLS}", "-o", str(folder / "thread"),
                        *service.args]
        service.start()

    def threads(self):
        return [path.read_text().splitlines() for path in self.folder.iterdir()]


@pytest.fixture
def traced(settings, start_media, tmp_path):
    if settings.sanitizer:
        pytest.skip("a sanitizer does not stand being traced")
    if not may_trace():
        pytest.skip("strace is not there, or may not trace")
    return Traced(start_media(start=False), tmp_path / "calls")


def test_file_is_on_the_disk_before_it_has_its_name(traced, enter, folder):
    stored = Media(traced.service.port).store(enter(traced.service, "alice"), big_jpeg(300_000))
    name = stored["url"].rsplit("/", 1)[1]
    [calls] = [calls for calls in traced.threads() if any(name in call for call in calls)]
    renamed = next(n for n, call in enumerate(calls) if name in call)
    draft = re.match(r'renameat2?\(\d+<[^>]*/incoming>, "(\w+)", .* = 0$', calls[renamed])[1]
    synced = re.compile(rf"f(data)?sync\(\d+<{re.escape(str(folder.path))}/incoming/{draft}>\) += 0")
    assert any(synced.match(call) for call in calls[:renamed]), calls
    named = re.compile(rf"fsync\(\d+<{re.escape(str(folder.path))}>\) += 0")
    assert any(named.match(call) for call in calls[renamed + 1:]), calls  # and so is the name, before the answer


def test_file_goes_out_without_a_copy(traced, enter, folder):
    media = Media(traced.service.port)
    path = path_of(media.store(enter(traced.service, "alice"), big_jpeg(300_000)))
    assert media.fetch(path).bytes == big_jpeg(300_000)
    name = re.escape(path.rsplit("/", 1)[1])
    sent = re.compile(rf"sendfile\(\d+<[^>]*>, \d+<[^>]*/{name}>, .*\) += (\d+)$")

    def bytes_sent():
        return sum(int(match[1]) for calls in traced.threads() for call in calls if (match := sent.match(call)))

    traced.service.wait_until(lambda: bytes_sent() == 300_000, "the whole file to go out so")
