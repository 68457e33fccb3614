"""The sample mini-program by itself: its models, pages and components, and what tsc says of them and of the library."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("script", ["check", "test"])
def test_sample__npm_run__passes(miniprogram, script):
    ran = subprocess.run(["npm", "run", "--silent", script], cwd=ROOT / "miniprogram", capture_output=True, text=True,
                         timeout=180, check=False)
    failed = [line for line in ran.stdout.splitlines() if line.lstrip().startswith("not ok")]
    assert ran.returncode == 0, "\n".join(failed) or ran.stdout[-3000:] + ran.stderr[-3000:]
