"""The chat page in a real browser: the page as nginx serves it, the real service, broker and stand-in. One window is one
person."""
import base64
import subprocess
import time
from pathlib import Path

import pytest

from harness import Client, Site, Wire, wait_until
from harness.browser import CHROMIUM, DRIVER, Chromium, Window

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "tests" / "demo" / "pictures" / "autumn.jpg"
LOBBY = "room/lobby"
WEBSOCKET = Wire("websockets", 5)
NOT_AUTHORIZED = 0x87

pytest.importorskip("selenium")
pytestmark = [pytest.mark.broker, pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="Chromium is not installed")]


def build(what):
    script = f". scripts/say.sh; . scripts/miniprogram.sh; {what}"
    return subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def page_folder(settings):
    packages = build("build_miniprogram")
    if packages.returncode != 0:
        pytest.skip(f"npm's packages cannot be had: {packages.stdout[-500:]}{packages.stderr[-500:]}")
    folder = settings.build / "chat-page"
    page = build(f"build_chat_page '{folder}'")
    assert page.returncode == 0, page.stdout + page.stderr
    return folder


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    browser = Chromium(tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.quit()


@pytest.fixture
def options():
    """plugin_opt_* of the broker; a test has others by parametrize."""
    return {}


@pytest.fixture
def site(settings, tmp_path, started, page_folder, options):
    site = Site(settings, tmp_path, page=page_folder, options=options)
    for process in site.processes:
        started.process(process).start()
    return site


@pytest.fixture
def window(chromium, site, expected):
    """window(): an empty window. At the end none may have complained of anything that was not expected."""
    chromium.complaints()
    yield lambda **options: Window(chromium, site, **options)
    chromium.close_windows()
    complaints = [line for line in chromium.complaints() if not any(text in line for text in expected)]
    assert complaints == []


@pytest.fixture
def expected():
    """Texts of errors in the browser's console that belong to the test."""
    return []


@pytest.fixture
def person(window):
    """person(name): somebody who has logged in, in a window of their own."""
    return lambda name, **options: window(**options).log_in(name)


@pytest.fixture
def speaker(site, started):
    """speaker(**claims): an MQTT client without a browser, of role service if not said otherwise."""

    def make(wire=WEBSOCKET, uid="s" * 16, **claims):
        skey = site.keys.forge(site.keys.claims(sub=uid, **{"role": "service", **claims}))
        client = Client(site.broker.port(wire.transport), wire, client_id=uid, username=uid, password=skey)
        started.clients.append(client)
        return client.connect()

    return make


@pytest.fixture
def shots(settings):
    return settings.build / "screenshots"


def loaded(window, selector):
    """The bytes behind the src of an element, as this window gets them."""
    data = window.front().execute_async_script("""
        const done = arguments[1], reader = new FileReader()
        reader.onload = () => done(reader.result)
        fetch(document.querySelector(arguments[0]).src).then((r) => r.blob()).then((b) => reader.readAsDataURL(b))
        """, selector)
    return base64.b64decode(data.split(",")[1])


def test_types_of_the_page(page_folder):
    check = subprocess.run(["node_modules/.bin/tsc", "-p", "web"], cwd=ROOT / "miniprogram", capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stdout


def test_two_people_chat_by_keyboard(window, person, shots):
    from selenium.webdriver.common.keys import Keys

    alice = person("爱丽丝")
    bob = window()
    bob.front().get(bob.site.url)
    bob.wait("document.activeElement.id === 'nickname'")
    bob.press("小波", Keys.ENTER)  # nothing but keys from here on
    bob.wait_online()
    alice.say("你好，小波")
    assert bob.wait_text("你好，小波") == 1
    bob.js("document.querySelector('#say').focus()")
    bob.press("第一行", (Keys.SHIFT, Keys.ENTER), "第二行", Keys.ENTER)
    assert alice.wait_text("第一行\n第二行") == 1
    assert alice.texts == bob.texts == ["你好，小波", "第一行\n第二行"]
    # Own ones on the right, others' with name and face.
    sides = "[...document.querySelectorAll('#log .message')].map((e) => e.classList.contains('mine'))"
    assert alice.js(sides) == [True, False] and bob.js(sides) == [False, True]
    bubble = alice.js("[...document.querySelectorAll('#log .bubble')].map((e) => e.getBoundingClientRect().left)")
    assert bubble[0] > bubble[1]
    assert alice.js("document.querySelector('#log .message:not(.mine) .name').textContent") == "小波"
    alice.wait("[...document.querySelectorAll('.avatar img')].every((i) => i.naturalWidth === 200)")
    for each in (alice, bob):
        each.wait_shown("#room-online", "2 人在线")
        assert each.all("#log .row.time")
    # Round the page by Tab: everything that gets the focus is in sight.
    order = []
    bob.find("#logout").send_keys("")
    for _ in range(14):
        order.append(bob.js("document.activeElement.id || document.activeElement.className"))
        assert bob.js("document.activeElement.checkVisibility()"), order
        bob.press(Keys.TAB)
    assert [name for name in dict.fromkeys(order) if name in ("logout", "add-room-name", "log", "pick", "record", "say")] == \
        ["logout", "add-room-name", "log", "pick", "record", "say"]
    alice.screenshot(shots / "chat.png")


def test_picture_goes_from_one_to_the_other(person, shots):
    from selenium.webdriver.common.keys import Keys

    alice, bob = person("爱丽丝"), person("小波")
    alice.send_picture(PICTURE)
    image = "#log .picture img"
    for each in (alice, bob):
        each.wait(f"(i => i && i.complete && i.naturalWidth === 960 && i.naturalHeight === 640)(document.querySelector('{image}'))")
    assert bob.js(f"document.querySelector('{image}').src").startswith(bob.site.media_url)
    assert loaded(bob, image) == PICTURE.read_bytes()
    alice.wait("document.querySelector('#log .message').dataset.status === '' && !document.querySelector('#log progress')")
    # In full, by keyboard; Escape closes and gives the focus back.
    bob.js("document.querySelector('#log').focus()")
    bob.press(Keys.ARROW_UP, Keys.ENTER)
    bob.wait("document.querySelector('#viewer').open && document.querySelector('#viewer-image').naturalWidth === 960")
    bob.screenshot(shots / "picture.png")
    bob.press(Keys.ESCAPE)
    bob.wait("!document.querySelector('#viewer').open && document.activeElement.classList.contains('message')")


def spoken(window):
    """What a screen reader says of the message that has the focus: its name, and its description."""
    nodes = window.cdp("Accessibility.getFullAXTree")["nodes"]
    node, = [node for node in nodes if node.get("role", {}).get("value") == "article"
             and {"name": "focused", "value": {"type": "booleanOrUndefined", "value": True}} in node["properties"]]
    return node["name"]["value"], node.get("description", {}).get("value", "")


def test_every_kind_of_message_is_told_and_opens_by_keyboard(site, person, speaker, expected, tmp_path):
    from selenium.webdriver.common.keys import Keys

    expected.append("/media/")  # nobody has uploaded the video

    alice, service = person("爱丽丝"), speaker(name="小林")
    url = site.login.upload(site.login.login(site.standin.code("小林")), PICTURE)["url"]
    for said in ({"type": "text", "content": "今晚在哪儿见？"},
                 {"type": "file", "url": url, "name": "计划.jpg", "size": 2048},
                 {"type": "video", "url": url.replace(".jpg", ".mp4"), "width": 64, "height": 64, "duration": 3},
                 {"type": "voice", "url": url.replace(".jpg", ".mp3"), "duration": 4}):
        service.publish(LOBBY, said)
    alice.wait("document.querySelectorAll('#log .message[data-id]').length === 4")
    alice.cdp("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    alice.js("(HTMLMediaElement.prototype.play = function () { window.played = this.tagName; return Promise.reject() }) && 1")
    alice.js("document.querySelector('#log').focus()")

    def up_to(kind):
        alice.press(Keys.ARROW_UP)
        name, description = spoken(alice)
        assert name.startswith("小林，") and name.endswith(kind), name
        return description

    assert up_to("语音") == "播放语音，4 秒"
    alice.press(Keys.ENTER)
    alice.wait_shown("#toast", "这段语音不能播放")
    up_to("视频")
    alice.press(Keys.ENTER)
    alice.wait_shown("#toast", "这段视频不能播放")
    assert alice.js("window.played") == "VIDEO"
    assert up_to("文件") == "计划.jpg 2.0 KB"
    alice.press(Keys.ENTER)
    wait_until(lambda: (tmp_path / "计划.jpg").exists(), "the file")
    assert (tmp_path / "计划.jpg").read_bytes() == PICTURE.read_bytes()
    assert up_to("") == "今晚在哪儿见？"


def test_upload_tells_how_far_it_is_and_goes_on_by_itself(site, person, expected):
    expected += ["net::ERR_", "WebSocket"]
    alice, bob = person("爱丽丝"), person("小波")
    alice.network(upload=20_000)
    alice.send_picture(PICTURE)
    alice.wait("(p => p && p.value > 0 && p.value < 100)(document.querySelector('#log progress'))")
    assert alice.js("document.querySelector('#log progress').ariaLabel") == "正在上传"
    site.nginx.stop()
    alice.wait("document.querySelector('#log [data-status=failed]')")
    alice.network()
    site.nginx.start()
    alice.wait_online()
    bob.wait_online()
    bob.wait("document.querySelector('#log .picture img')?.naturalWidth === 960")
    assert alice.js("document.querySelectorAll('#log .message').length") == 1


def test_pasted_photo_is_scaled_down(person):
    alice, bob = person("爱丽丝"), person("小波")
    alice.front().execute_async_script("""
        const done = arguments[0], canvas = document.createElement('canvas'), side = 2400
        Object.assign(canvas, { width: side, height: side / 2 })
        const pen = canvas.getContext('2d'), noise = pen.createImageData(side, 600)
        for (let i = 0; i < noise.data.length; i += 4) noise.data.set([i % 251, (i * 7) % 253, (i * i) % 255, 255], i)
        pen.putImageData(noise, 0, 0)
        canvas.toBlob((blob) => {
          const clipboardData = new DataTransfer()
          clipboardData.items.add(new File([blob], 'photo.png', { type: 'image/png' }))
          document.querySelector('#say').dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
          done()
        }, 'image/png')""")
    bob.wait("document.querySelector('#log .picture img')?.naturalWidth === 2048")
    assert loaded(bob, "#log .picture img")[:3] == b"\xff\xd8\xff"


def test_what_is_no_picture_is_told(person, tmp_path):
    alice = person("爱丽丝")
    fake = tmp_path / "fake.jpg"
    fake.write_text("<script>alert(1)</script>")
    alice.send_picture(fake)
    alice.wait_shown("#toast", "不支持这种文件")
    assert alice.all("#log .message") == []


def test_voice_is_recorded_and_played(person):
    alice, bob = person("爱丽丝"), person("小波")
    alice.click("#record")
    alice.wait("document.querySelector('#recording').checkVisibility()")
    alice.click("#recording-cancel")
    alice.wait("document.querySelector('#recording').hidden && document.activeElement.id === 'say'")
    alice.click("#record")
    alice.wait("document.querySelector('#recording-time').textContent >= '0:02'")
    alice.click("#recording-send")
    bob.wait("document.querySelector('#log .voice')")
    bob.click("#log .voice")
    bob.wait("document.querySelector('#log .voice.playing')")
    sound = bob.js("document.querySelector('#log .message').row")
    wav = bob.front().execute_async_script("""
        const done = arguments[1]
        fetch(arguments[0]).then((r) => r.arrayBuffer()).then((b) => done([...new Uint8Array(b.slice(0, 44)), b.byteLength]))
        """, sound["src"])
    *head, size = wav
    assert bytes(head[:4]) == b"RIFF" and int.from_bytes(bytes(head[24:28]), "little") == 16000
    assert abs((size - 44) / 32000 - sound["seconds"]) <= 0.55, "shown in whole seconds, rounded from tenths"
    bob.wait("!document.querySelector('#log .voice.playing')")  # it came to its end
    alice.wait("document.querySelector('#log .message').dataset.status === ''")


def test_lost_network_is_caught_up(site, person, speaker, expected, shots):
    expected += ["net::ERR_", "WebSocket"]
    alice, service = person("爱丽丝"), speaker()
    alice.say("先说一句")
    alice.wait_text("先说一句")
    alice.offline()
    site.nginx.stop()
    alice.wait("document.querySelector('#me-state').dataset.state === 'offline'")
    alice.wait_shown("#banner", "网络已断开")
    for i in range(5):
        service.say("lobby", f"你不在的时候 {i}", **{"ext": {}})
    alice.say("断网时说的")
    alice.wait("document.querySelector('#log .spinner')")
    alice.screenshot(shots / "offline.png")
    site.nginx.start()
    alice.offline(False)
    alice.wait_online()
    assert alice.wait_text("断网时说的") == 1
    assert alice.texts == ["先说一句", *(f"你不在的时候 {i}" for i in range(5)), "断网时说的"]
    alice.wait("document.querySelector('#banner').hidden")
    assert [m.json["content"] for m in service.received(LOBBY)] == []  # it is in no room
    alice.say("又回来了")
    assert alice.wait_text("又回来了") == 1


def test_what_is_not_taken_is_given_back(site, person, expected):
    expected += ["net::ERR_", "WebSocket"]
    alice = person("爱丽丝")
    # Longer than the broker takes. The input itself would not take it from a keyboard.
    alice.js("(document.querySelector('#say').value = arguments[0]) && document.querySelector('#composer').requestSubmit()", "长" * 3000)
    alice.wait_shown("#toast", "内容太长")
    assert alice.js("document.querySelector('#say').value.length") == 3000 and alice.all("#log .message") == []
    alice.offline()
    site.nginx.stop()
    alice.wait("document.querySelector('#me-state').dataset.state === 'offline'")
    alice.front().execute_async_script("""
        const done = arguments[0], say = document.querySelector('#say')
        ;(async () => {
          for (let i = 0; i < 202; i++) {
            say.value = say.value && i ? say.value : `第 ${i} 句`
            document.querySelector('#composer').requestSubmit()
            await new Promise((go) => setTimeout(go))
          }
          done()
        })()""")
    alice.wait_shown("#toast", "还没发出的消息太多了")
    assert alice.js("document.querySelector('#say').value") == "第 200 句"
    site.nginx.start()
    alice.offline(False)
    alice.wait_online()


def test_session_that_ends_goes_on_by_itself(site, person):
    alice, bob = person("爱丽丝"), person("小波")
    alice.say("会话结束之前")
    bob.wait_text("会话结束之前")
    before = alice.session
    site.login.order("revoke", uid=before["uid"])
    alice.wait("(JSON.parse(sessionStorage.getItem('mosquitto-wechat')) || {session: arguments[0]}).session.id !== arguments[0].id",
               before)
    alice.wait_online()
    alice.say("会话结束之后")
    assert bob.wait_text("会话结束之后") == 1 and alice.wait_text("会话结束之后") == 1
    assert alice.texts == bob.texts == ["会话结束之前", "会话结束之后"]
    assert alice.session["uid"] == before["uid"]
    assert alice.js("document.querySelector('#login').hidden && document.querySelector('#toast').textContent") == ""


def test_banned_is_told(site, person, expected):
    expected.append("/login")
    alice = person("爱丽丝")
    site.login.order("ban", uid=alice.uid, seconds=600)
    alice.wait_shown("#hold", "封禁")


FILL = """(() => {
    for (let size = 1 << 20; size >= 1; size /= 2) {
        try { for (let i = 0; ; i++) sessionStorage.setItem(`fill ${size} ${i}`, 'x'.repeat(size)) } catch { /* not as many */ }
    }
    return sessionStorage.length
})()"""


@pytest.mark.parametrize("name", ["   ", "\u200b\u2060", "微信用户"])
def test_name_that_says_nothing_is_told(window, site, name):
    alice = window()
    alice.front().get(site.url)
    alice.wait("document.activeElement.id === 'nickname'")
    alice.find("#nickname").send_keys(name)
    alice.click("#login-go")
    alice.wait_shown("#login-error", "别人认得出的名字")
    assert alice.js("document.activeElement.id") == "nickname"
    alice.find("#nickname").clear()
    alice.find("#nickname").send_keys("\u200b爱丽丝")
    alice.click("#login-go")
    alice.wait_online()
    assert alice.session["userInfo"]["nickName"] == "爱丽丝"


def test_full_storage_hinders_nobody(window, person):
    bob = person("小波")
    alice = window()
    alice.front().get(alice.site.url)
    assert alice.js(FILL) > 0
    alice.log_in("爱丽丝")
    alice.say("没有地方存")
    assert bob.wait_text("没有地方存") == 1
    alice.js("location.hash = '#/tea'")
    alice.wait_shown("#room-title", "茶馆")
    alice.say("换个房间")
    assert alice.wait_text("换个房间") == 1


def test_recall_and_reload(person):
    from selenium.webdriver.common.keys import Keys

    alice, bob = person("爱丽丝"), person("小波")
    alice.say("这句留下")
    alice.say("这句撤回")
    bob.wait_text("这句撤回")
    alice.wait_text("这句撤回")
    # By keyboard: to the last message, its menu, to the right, and again.
    alice.js("document.querySelector('#log').focus()")
    alice.press(Keys.ARROW_UP, Keys.ENTER)
    assert alice.js("document.activeElement.textContent") == "复制"
    alice.press(Keys.ARROW_RIGHT, Keys.ENTER)
    alice.wait_shown("#log .recalled", "你撤回了一条消息")
    bob.wait_shown("#log .recalled", "“爱丽丝”撤回了一条消息")
    assert alice.js("document.activeElement.id") == "log"
    assert bob.texts == ["这句留下"]
    # Written again.
    alice.click("#log .again")
    assert alice.js("document.querySelector('#say').value") == "这句撤回"
    # By mouse, others' messages have no recall.
    from selenium.webdriver import ActionChains

    ActionChains(bob.front(), duration=0).context_click(bob.find("#log .bubble")).perform()
    assert bob.js("[...document.querySelectorAll('#menu button')].map((b) => b.textContent)") == ["复制"]
    uid = alice.uid
    alice.reload()
    alice.wait_text("这句留下")
    assert alice.uid == uid and alice.texts == ["这句留下"]
    alice.say("重新载入以后")
    assert bob.wait_text("重新载入以后") == 1
    assert alice.texts == bob.texts == ["这句留下", "重新载入以后"]


HOSTILE = [
    "<script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 1'>",
    "<svg onload=window.pwned=1>",
    "javascript:window.pwned=1",
    "{{constructor.constructor('window.pwned=1')()}}",
    "‮evil‬\u0000\u0007end",
]


def test_hostile_messages_are_text_or_nothing(site, person, speaker):
    alice, service = person("爱丽丝"), speaker(name="<b onclick=window.pwned=1>粗</b>", picture="https://elsewhere.example/a.png")
    elements = alice.js("document.querySelectorAll('script, iframe, object, embed, svg').length")
    for text in HOSTILE:
        service.say("lobby", text)
    # Bridges may send finished ones: these are broken, or lead elsewhere.
    real = {"id": "900", "time": int(time.time() * 1000), "room": "lobby", "from": {"uid": "x" * 16}, "type": "text", "content": "x"}
    for change in [{"from": None}, {"from": {"uid": 5}}, {"id": 7}, {"id": "1e9"}, {"time": "now"}, {"type": "html"},
                   {"type": "__proto__"}, {"content": {"a": 1}}, {"content": ["x"]},
                   {"type": "image", "url": "https://elsewhere.example/a.png"},
                   {"type": "image", "url": site.media_url + "../standin/code"},
                   {"type": "file", "url": "javascript:window.pwned=1", "name": "a"},
                   {"type": "video", "url": "data:text/html,x"}, {"type": "recall", "of": ["900"]}]:
        service.publish(LOBBY, {**real, **change})
    service.publish(LOBBY, b"\xff\xfe{")
    service.publish(LOBBY, "[1]")
    service.say("lobby", "长" * 2000)
    service.say("lobby", "到此为止")
    alice.wait_text("到此为止")
    shown = alice.texts
    for text in HOSTILE[:5]:
        assert shown.count(text) == 1, shown
    assert len(shown) <= len(HOSTILE) + 2, shown
    assert alice.js("window.pwned === undefined && !document.querySelector('#log :is(script, iframe, b, img[src=x], a)')")
    assert alice.js("document.querySelectorAll('#log .picture, #log video').length") == 0
    assert alice.js("document.querySelectorAll('script, iframe, object, embed, svg').length - "
                    "document.querySelectorAll('#log svg').length") <= elements
    assert alice.js("document.querySelector('#log .name').textContent") == "<b onclick=window.pwned=1>粗</b>"
    # The long one is folded, and unfolds.
    assert len(shown[-2]) < 600
    alice.click("#log .unfold")
    alice.wait("[...document.querySelectorAll('#log .words')].some((e) => e.textContent.length === 2000)")


def test_no_text_is_painted_over_others(person, speaker):
    """Accents can be stacked many lines high. Not each font has them: here a shadow is as big as they are."""
    alice, service = person("爱丽丝"), speaker(name="小林")
    for text in ("在它前面", "a" + "\u0301" * 60, "在它后面"):
        service.say("lobby", text)
    alice.wait_text("在它后面")
    words = "document.querySelectorAll('#log .words')[1]"
    alice.js(f"document.activeElement.blur() || ({words}.style.boxShadow = '0 0 0 300px black')")

    def neighbours():
        """What the two rows beside it look like, but for the pixels at the very edge."""
        rows = alice.js("""[...document.querySelectorAll('#log .message')].map((e) => {
            const { x, y, width, height } = e.getBoundingClientRect()
            return { x, y: y + 2, width, height: height - 4, scale: 1 } })""")
        return [alice.cdp("Page.captureScreenshot", clip=clip)["data"] for clip in (rows[0], rows[2])]

    covered = neighbours()
    alice.js(f"({words}.style.visibility = 'hidden')")
    assert neighbours() == covered


def test_a_name_turns_no_line_round(person, speaker):
    """A right-to-left override in it, and an end of any isolate that is put around it."""
    alice, bob = person("爱丽丝"), speaker(name="\u2069\u202e小\u2066林", uid="b" * 16)
    bob.say("lobby", "一二三 abc")
    line = "(document.querySelector('a.room[aria-current] .room-line').textContent)"
    assert alice.wait(f"{line}.includes('abc') && {line}") == "小林：一二三 abc"
    name, _ = alice.js("document.querySelector('#log .message').ariaLabel").split("，")
    assert name == "小林"
    bob.publish(LOBBY, {"type": "recall", "of": alice.js("document.querySelector('#log .message').dataset.id")})
    alice.wait("document.querySelector('#log .recalled')?.textContent === '“小林”撤回了一条消息'")
    alice.wait(f"{line} === '“小林”撤回了一条消息'")


def test_localhost_is_the_same_page(window, site):
    alice = window()
    alice.front().get(f"http://localhost:{site.nginx.port}/#/tea")
    assert alice.wait("document.activeElement.id === 'nickname' && location.href") == f"{site.url}#/tea"


def test_policy_of_the_page(site):
    page = site.nginx.call("GET", "/")
    policy = page.headers["Content-Security-Policy"]
    assert page.status == 200 and page.headers["Content-Type"] == "text/html; charset=utf-8"
    for rule in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'", "frame-ancestors 'none'",
                 "require-trusted-types-for 'script'"):
        assert rule in policy.split("; "), policy
    assert "unsafe" not in policy and "http:" not in policy
    assert site.nginx.call("GET", "/page/page.js").headers["Content-Security-Policy"] == policy
    for path in ("/page/../nginx.conf", "/page/%2e%2e/sessions.db", "/page", "/standin/person?name=alice", "/standin/behave", "/admin/x"):
        assert site.nginx.call("GET", path).status in (301, 400, 404), path


@pytest.mark.parametrize("options", [{"message_rate": 0}], ids=["no rates"])
def test_muted_is_told_and_sent_again(site, person, started, shots):
    alice, bob = person("爱丽丝"), person("小波")
    session = alice.session
    probe = Client(site.broker.ws_port, WEBSOCKET, client_id=f"{alice.uid}-probe", username=alice.uid, password=session["skey"])
    started.clients.append(probe)
    probe.connect()

    def order(what, reason, **members):
        site.login.order(what, uid=alice.uid, room="lobby", **members)
        wait_until(lambda: probe.publish(LOBBY, {"type": "custom", "data": {}, "transient": True}) == reason, what)

    order("mute", NOT_AUTHORIZED, seconds=600)
    alice.say("我被禁言了吗")
    alice.wait_shown("#log .why", "你已被禁言")
    alice.wait_shown("#hold", "后可以发言")
    alice.screenshot(shots / "muted.png")
    order("unmute", 0)
    alice.click("#log .failed")
    assert bob.wait_text("我被禁言了吗") == 1
    alice.wait("document.querySelector('#hold').hidden && !document.querySelector('#log .failed')")
    assert bob.texts == alice.texts == ["我被禁言了吗"]


@pytest.mark.parametrize("options", [{"message_rate": 1, "message_burst": 1}], ids=["one a second"])
def test_too_fast_is_told_and_all_arrives(person):
    alice, bob = person("爱丽丝"), person("小波")
    alice.js("""[...Array(5).keys()].forEach((i) => {
        document.querySelector('#say').value = `第 ${i} 句`
        document.querySelector('#composer').requestSubmit()
    })""")
    alice.wait_shown("#hold", "说得太快了")
    bob.wait_text("第 4 句", timeout=30)
    assert bob.texts == [f"第 {i} 句" for i in range(5)]
    alice.wait("document.querySelector('#hold').hidden")


def test_rooms_unread_and_new_messages(person, speaker):
    alice, service = person("爱丽丝"), speaker()
    for i in range(60):
        service.say("lobby", f"闲聊 {i}")
    alice.wait_text("闲聊 59")
    # Reading further up: nothing moves, and a button tells what is new.
    alice.js("document.querySelector('#log').scrollTop = 300")
    alice.wait("document.querySelector('#fresh').textContent === '回到最新'")
    top = alice.js("document.querySelector('#log').scrollTop")
    # Neither does it over a look into another room.
    alice.click("a.room[href='#/dev']")
    alice.wait_shown("#room-title", "小程序开发")
    alice.click("a.room[href='#/lobby']")
    alice.wait(f"document.querySelector('#log').scrollTop === {top}")
    service.say("lobby", "新的一句")
    alice.wait_shown("#fresh", "1 条新消息")
    assert alice.js("document.querySelector('#log').scrollTop") == top
    alice.click("#fresh")
    alice.wait("(l => l.scrollHeight - l.clientHeight - l.scrollTop < 2)(document.querySelector('#log'))")
    alice.wait("document.querySelector('#fresh').hidden")
    # Another room: a badge until one goes there.
    service.say("tea", "水开了")
    alice.wait("[...document.querySelectorAll('.room .badge')].map((b) => b.textContent).join() === ',1,,'")
    assert alice.js("document.title") == "(1) 聊天室"
    alice.click("a.room[href='#/tea']")
    alice.wait_text("水开了")
    alice.wait("document.title === '聊天室'")
    # What comes while the window is not looked at is marked when one is back.
    look = """Object.defineProperty(document, 'hidden', { value: arguments[0], configurable: true }) &&
        document.dispatchEvent(new Event('visibilitychange'))"""
    alice.js(look, True)
    service.say("tea", "茶好了")
    alice.wait("document.title === '(1) 聊天室'")
    alice.js(look, False)
    alice.wait_shown("#log .unread", "以下是新消息")
    alice.wait("document.title === '聊天室'")
    # A room of one's own choice, kept over a reload; and one that nobody may enter.
    alice.find("#add-room-name").send_keys("读书会\n")
    alice.wait_shown("#room-title", "读书会")
    alice.reload()
    assert "读书会" in alice.js("[...document.querySelectorAll('.room-name')].map((e) => e.textContent)")
    alice.find("#add-room-name").send_keys("~club\n")
    alice.wait_shown("#hold", "不能进入")


def test_history_comes_on_scrolling_up(person, speaker):
    service = speaker()
    for i in range(150):
        service.publish(LOBBY, {"type": "text", "content": f"早些时候 {i}"}, qos=0)
    service.say("lobby", "最后一句")
    alice = person("爱丽丝")
    alice.wait_text("最后一句")
    # The greeting brings 50, scrolling the rest.
    alice.wait("""(document.querySelector('#log').scrollTop = 0) ||
        [...document.querySelectorAll('#log .words')].some((e) => e.textContent === '早些时候 0')""", timeout=20)
    alice.click("#fresh")
    alice.wait_text("最后一句")
    texts = alice.texts
    assert texts == [f"早些时候 {i}" for i in range(151 - len(texts), 150)] + ["最后一句"]


def test_tools_of_the_demo_and_logout(site, person, chromium):
    alice = person("爱丽丝")
    alice.click("#demo summary")
    offline, *_ = [tool for tool in alice.all(".tool") if tool.text == "断开网络"]
    offline.click()
    alice.wait("document.querySelector('#me-state').dataset.state === 'offline'")
    alice.say("在隧道里")
    alice.wait("document.querySelector('#log .spinner')")
    offline.click()
    alice.wait_text("在隧道里")
    before = alice.session
    [tool for tool in alice.all(".tool") if tool.text == "结束我的会话"][0].click()
    alice.wait("(JSON.parse(sessionStorage.getItem('mosquitto-wechat')) || {session: arguments[0]}).session.id !== arguments[0].id",
               before)
    alice.say("新的会话")
    alice.wait_text("新的会话")
    known = set(chromium.driver.window_handles)
    [tool for tool in alice.all(".tool") if tool.text == "再来一个人"][0].click()
    opened = wait_until(lambda: set(chromium.driver.window_handles) - known, "another window")
    chromium.driver.switch_to.window(opened.pop())
    wait_until(lambda: chromium.driver.execute_script("return document.activeElement?.id === 'nickname'"), "its log-in box")
    session = alice.session
    alice.click("#logout")
    alice.wait("document.activeElement.id === 'nickname' && !sessionStorage.getItem('chat.person')")
    headers = {"X-WX-Id": session["id"], "X-WX-Skey": session["skey"]}
    assert site.login.call("GET", "/session", headers=headers).error == "ERR_INVALID_SESSION"


@pytest.mark.parametrize("width, height", [(320, 568), (360, 740), (1280, 800)])
def test_every_width_is_usable(window, shots, width, height):
    from selenium.webdriver.common.keys import Keys

    mobile = width < 720
    alice = window(size=(width, height), mobile=mobile)
    fits = "document.scrollingElement.scrollWidth <= innerWidth && document.querySelector('#log').scrollWidth <= innerWidth"

    def check(name):
        assert alice.js(fits), name
        assert alice.unnamed() == [], name
        for dark in (False, True):
            alice.dark(dark)
            alice.screenshot(shots / f"{name}-{width}{'-dark' if dark else ''}.png")

    alice.front().get(alice.site.url)
    alice.wait("document.activeElement.id === 'nickname'")
    check("login")
    alice.press("一个名字很长很长很长的人很长很长很长", Keys.ENTER)
    alice.wait_online()
    if mobile:
        check("rooms")
        alice.click("a.room[href='#/lobby']")
    alice.wait("document.querySelector('#say').checkVisibility()")
    heights = alice.js("['#say', '#pick', '#send'].map((id) => document.querySelector(id).offsetHeight)")
    assert heights == [40, 40, 40]
    check("empty")
    for text in ("你好", "a" * 300, "https://example.com/" + "long/" * 40, "多行\n" * 3 + "的话"):
        alice.js("(document.querySelector('#say').value = arguments[0]) && document.querySelector('#composer').requestSubmit()", text)
        alice.wait_text(text)
    alice.send_picture(PICTURE)
    alice.wait("document.querySelector('#log .picture img')?.naturalWidth")
    check("room")
    assert alice.js("document.querySelector('#log').getAttribute('role') + document.querySelector('#log').ariaLive") == "logpolite"
    if mobile:
        # A finger that rests on a picture opens its menu, and not the picture.
        x, y = alice.js("(r => [r.x + r.width / 2, r.y + r.height / 2])(document.querySelector('#log .picture').getBoundingClientRect())")
        alice.cdp("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
        alice.wait("document.querySelector('#menu').checkVisibility()")
        alice.cdp("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
        assert alice.js("[...document.querySelectorAll('#menu button')].map((b) => b.textContent)") == ["查看", "撤回"]
        assert not alice.js("document.querySelector('#viewer').open")
        alice.click("#menu button:last-child")
        alice.wait_shown("#log .recalled", "你撤回了一条消息")
        alice.click("#back")
        alice.wait("document.querySelector('#rooms').checkVisibility() && !document.querySelector('#log').checkVisibility()")


# Scrolls as fast as a finger flicks, 180 frames long, and looks at every frame.
FRAMES = 180
SCROLL = """
const [step, count, done] = arguments, log = document.querySelector('#log'), frames = []
let before = performance.now(), nodes = 0
requestAnimationFrame(function frame(now) {
  frames.push(now - before)
  before = now
  log.scrollTop += step
  nodes = Math.max(nodes, document.getElementsByTagName('*').length)
  if (frames.length < count) return requestAnimationFrame(frame)
  frames.sort((a, b) => a - b)
  done({ median: frames[count / 2], p95: frames[Math.floor(count * 0.95)], worst: frames[count - 1], nodes,
    first: log.querySelector('.words').textContent })
})
"""


def scroll(window, step):
    """What the frames were like, and `cpu`: how many ms of the page's own thread each took."""
    def busy():
        return next(m["value"] for m in window.cdp("Performance.getMetrics")["metrics"] if m["name"] == "TaskDuration")

    before = busy()
    found = window.front().execute_async_script(SCROLL, step, FRAMES)
    return {**found, "cpu": (busy() - before) * 1000 / FRAMES}


@pytest.mark.alone
def test_ten_thousand_messages_scroll_smoothly(person, speaker):
    alice, service = person("爱丽丝"), speaker(wire=Wire("tcp", 4))
    alice.cdp("Performance.enable", timeDomain="threadTicks")
    for i in range(10_000):
        service.publish(LOBBY, {"type": "text", "content": f"第 {i} 条消息，" + "有长有短。" * (i % 7)}, qos=0)
    service.say("lobby", "一万条以后")
    alice.wait_text("一万条以后", timeout=60)
    for step in (-400, 400):
        found = scroll(alice, step)
        print(found)
        assert found["nodes"] < 3000, found
        assert found["cpu"] < 8, found  # of the 16.7 that a frame has
        assert found["median"] < 34, found
    heap = alice.cdp("Runtime.getHeapUsage")["usedSize"]
    assert heap < 64 << 20, heap
