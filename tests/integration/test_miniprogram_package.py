"""What npm installs for the mini-program, and what WeChat's tools upload of it."""
import json
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "miniprogram"
MADE = {"node_modules", "miniprogram_npm"}  # by npm, and by the tools' "build npm"


def read(name):
    return json.loads((FOLDER / name).read_text())


def test_what_makes_mqtt_js_is_installed_without_packages_for_development():
    script = (FOLDER / "scripts" / "build-mqtt.mjs").read_text()
    imported = set(re.findall(r"from '([a-z][\w-]*)'", script))
    wanted = read("package.json")["dependencies"]
    lock = read("package-lock.json")["packages"]
    assert imported == {"esbuild"} and imported <= set(wanted)
    assert lock[""]["dependencies"] == wanted
    for name, package in lock.items():
        assert not (re.search(r"node_modules/(@esbuild/.*|esbuild|mqtt)$", name) and package.get("dev")), name
        assert "resolved" not in package, name  # no registry is named


def test_what_is_left_out_of_the_upload_exists():
    rules = read("project.config.json")["packOptions"]["ignore"]
    for kind, name in ((rule["type"], rule["value"]) for rule in rules):
        if kind == "suffix":
            assert any(FOLDER.glob(f"**/*{name}")), name
        else:
            assert name in MADE or (FOLDER / name).is_dir() == (kind == "folder") and (FOLDER / name).exists(), name
    assert MADE <= {rule["value"] for rule in rules}


def test_mqtt_js_extends_nothing_that_es5_cannot():
    """A class of a Map or the like throws "requires 'new'" once an older compiler has made a function of it."""
    made = FOLDER / "lib" / "mqtt.js"
    if not made.exists():
        pytest.skip("lib/mqtt.js is not made")
    assert set(re.findall(r"extends ([A-Z]\w{2,})\b", made.read_text())) == {"Error"}
