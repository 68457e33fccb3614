"""The sample mini-program: its models, pages and components by themselves, what tsc says of them and of the library; and the
whole of it for two people, against the real service and broker behind nginx."""
import json
import subprocess
from pathlib import Path

import pytest

from harness import Site
from harness.login import ADMIN_TOKEN

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "tests" / "demo" / "pictures" / "autumn.jpg"


@pytest.mark.parametrize("script", ["check", "test"])
def test_sample__npm_run__passes(miniprogram, script):
    ran = subprocess.run(["npm", "run", "--silent", script], cwd=ROOT / "miniprogram", capture_output=True, text=True,
                         timeout=180, check=False)
    failed = [line for line in ran.stdout.splitlines() if line.lstrip().startswith("not ok")]
    assert ran.returncode == 0, "\n".join(failed) or ran.stdout[-3000:] + ran.stderr[-3000:]


@pytest.mark.broker
def test_sample__two_people__chat(miniprogram, settings, tmp_path, started):
    site = Site(settings, tmp_path, page=None, options={"message_rate": 0})
    for process in site.processes:
        started.process(process).start()
    setup = {"standin": site.standin.url, "origin": f"http://{site.origin}", "picture": str(PICTURE),
             "admin": f"http://127.0.0.1:{site.login.admin_port}", "token": ADMIN_TOKEN}
    ran = subprocess.run(["node", ROOT / "miniprogram/test/pages/whole.js", json.dumps(setup)], capture_output=True,
                         text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
