"""What the sample mini-program's pages look like: their markup by WeChat's own compiler, their data by their own code,
drawn by Chromium, on phones from narrow to wide, by day and by night. Pictures of them land in the build folder."""
import os
import platform
import subprocess
from pathlib import Path

import pytest

from harness.browser import CHROMIUM, DRIVER, Chromium

ROOT = Path(__file__).resolve().parents[2]
DRAWN = ROOT / "miniprogram" / "test" / "drawn"
PICTURE = ROOT / "tests" / "demo" / "pictures" / "autumn.jpg"
SIZES = [(320, 568), (390, 844), (768, 1024)]
LOOK = (DRAWN / "look.js").read_text()

pytest.importorskip("selenium")
pytestmark = [pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="Chromium is not installed"),
              pytest.mark.skipif(platform.machine() != "x86_64", reason="WeChat has its compilers for x86-64 only")]


@pytest.fixture(scope="module")
def pages(miniprogram, tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn")
    ran = subprocess.run(["node", DRAWN / "draw.js", folder, PICTURE], capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = sorted(folder.glob("*.html"))
    assert len(found) > 10
    return found


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    browser = Chromium(tmp_path_factory.mktemp("chromium"))
    yield browser.driver
    browser.quit()


def show(driver, url, size=SIZES[0], dark=False):
    width, height = size
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                           {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": True})
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    driver.get(url)
    return driver.execute_script("return " + LOOK.strip().partition("*/\n")[2])


@pytest.mark.parametrize("dark", [False, True], ids=["day", "night"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]} wide")
def test_every_page__looked_at__nothing_wrong(pages, driver, settings, size, dark):
    shots = settings.build / "screenshots"
    shots.mkdir(parents=True, exist_ok=True)
    wrong = {}
    for page in pages:
        wrong[page.stem] = show(driver, page.as_uri(), size, dark)
        driver.save_screenshot(os.fspath(shots / f"sample-{page.stem}-{size[0]}{'-dark' if dark else ''}.png"))
    assert [f"{name}: {line}" for name, lines in wrong.items() for line in lines] == []


MISTAKES = {
    "beside the screen": "<div style='position: absolute; left: 300px; width: 40px'>x</div>",
    "cut off": "<div style='width: 40px; overflow: hidden; white-space: nowrap'>too long for it</div>",
    "contrast of": "<div style='background: #ededed; color: #bbbbbb'>pale</div>",
    "to tap on": "<span data-taps style='font-size: 10px; line-height: 1'>x</span>",
    "not drawn": "<own-face></own-face>",
    "says": "<div>undefined″</div>",
    "wider than the screen": "<div style='width: 400px; height: 1px'></div>",
}


@pytest.mark.parametrize("words", MISTAKES)
def test_looking__a_mistake__is_found(driver, tmp_path, words):
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><meta name='viewport' content='width=device-width, minimum-scale=1'><body style='margin: 0'><page>"
                    f"<own-part><template shadowrootmode='open'>{MISTAKES[words]}</template></own-part></page>")
    found = show(driver, page.as_uri())
    assert any(words in line for line in found), found
