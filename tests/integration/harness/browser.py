"""Debian's Chromium without a screen, and a window of the chat page in it for each person."""
import json
import shutil

from .wait import wait_until

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

ARGUMENTS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=zh-CN",
    # All windows are in front.
    "--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding",
    # A microphone that beeps, and a user who allows it.
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
]


class Chromium:
    """folder: for its own profile; nothing of anybody's is touched."""

    def __init__(self, folder):
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service

        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for argument in [*ARGUMENTS, f"--user-data-dir={folder}/profile"]:
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service(DRIVER), options=options)
        self.driver.set_script_timeout(120)
        self.spare = self.driver.current_window_handle

    def window(self):
        self.driver.switch_to.window(self.spare)
        self.driver.switch_to.new_window("window")
        return self.driver.current_window_handle

    def close_windows(self):
        for handle in self.driver.window_handles:
            if handle != self.spare:
                self.driver.switch_to.window(handle)
                self.driver.close()
        self.driver.switch_to.window(self.spare)

    def complaints(self):
        """What the browser wrote to its console as an error since it was asked last."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]

    def quit(self):
        self.driver.quit()


class Window:
    """The chat page of one person."""

    def __init__(self, chromium, site, size=(1280, 800), mobile=False):
        self.chromium, self.driver, self.site = chromium, chromium.driver, site
        self.handle = chromium.window()
        self.cdp("Page.enable")
        self.cdp("Page.setInterceptFileChooserDialog", enabled=True)  # files are chosen by send_picture()
        self.resize(*size, mobile=mobile)

    # Of any page.

    def front(self):
        if self.driver.current_window_handle != self.handle:
            self.driver.switch_to.window(self.handle)
        return self.driver

    def cdp(self, command, **arguments):
        return self.front().execute_cdp_cmd(command, arguments)

    def js(self, script, *arguments):
        """The value of an expression."""
        return self.front().execute_script(f"return ({script})", *arguments)

    def wait(self, script, *arguments, timeout=10):
        """The first true value of an expression."""
        return wait_until(lambda: self.js(script, *arguments), f"{script} {arguments or ''}\n{self}", timeout)

    def find(self, selector):
        return self.front().find_element("css selector", selector)

    def all(self, selector):
        return self.front().find_elements("css selector", selector)

    def click(self, selector):
        self.find(selector).click()

    def press(self, *keys):
        """Keys for whatever has the focus; a tuple of them at once."""
        from selenium.webdriver import ActionChains

        chain = ActionChains(self.front(), duration=0)
        for key in keys:
            *held, last = key if isinstance(key, tuple) else (key,)
            for each in held:
                chain.key_down(each)
            chain.send_keys(last)
            for each in held:
                chain.key_up(each)
        chain.perform()

    def resize(self, width, height, mobile=False):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
        self.cdp("Emulation.setTouchEmulationEnabled", enabled=mobile)

    def dark(self, on=True):
        value = "dark" if on else "light"
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": value}])

    def offline(self, on=True):
        self.network(offline=on)

    def network(self, offline=False, upload=-1):
        """upload: bytes a second; -1: as many as there may be."""
        self.cdp("Network.enable")
        self.cdp("Network.emulateNetworkConditions", offline=offline, latency=0, downloadThroughput=-1, uploadThroughput=upload)

    def screenshot(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self.front().save_screenshot(str(path))

    def unnamed(self):
        """Roles of what one can operate and a screen reader has no name for."""
        operable = {"button", "link", "textbox", "searchbox", "radio", "menuitem", "checkbox", "combobox"}
        nodes = self.cdp("Accessibility.getFullAXTree")["nodes"]
        return [node["role"]["value"] for node in nodes if not node.get("ignored")
                and node.get("role", {}).get("value") in operable and not node.get("name", {}).get("value")]

    # Of the chat page.

    def log_in(self, name):
        self.front().get(self.site.url)
        self.wait("document.activeElement.id === 'nickname'")
        self.find("#nickname").send_keys(name)
        self.click("#login-go")
        return self.wait_online()

    def reload(self):
        self.front().refresh()
        return self.wait_online()

    def wait_online(self):
        self.wait("document.querySelector('#me-state')?.dataset.state === 'online'")
        return self

    def say(self, text):
        from selenium.webdriver.common.keys import Keys

        self.find("#say").send_keys(text, Keys.ENTER)

    def send_picture(self, path):
        self.click("#pick")
        self.find("input[type=file]").send_keys(str(path))

    @property
    def texts(self):
        """What has been said, as it is shown."""
        return self.js("[...document.querySelectorAll('#log .words')].map((e) => e.textContent)")

    @property
    def uid(self):
        return self.session["uid"]

    @property
    def session(self):
        return self.js("JSON.parse(sessionStorage.getItem('mosquitto-wechat')).session")

    def wait_text(self, text, timeout=10):
        """Waits until it is there and sent; gives how many there are."""
        return self.wait("""[...document.querySelectorAll('#log .message[data-id]:not([data-id=""]) .words')]
            .filter((e) => e.textContent === arguments[0]).length""", text, timeout=timeout)

    def wait_shown(self, selector, text, timeout=10):
        self.wait("(document.querySelector(arguments[0])?.checkVisibility() && "
                  "document.querySelector(arguments[0]).textContent.includes(arguments[1]))", selector, text, timeout=timeout)

    def message(self, text):
        """The element of a text message."""
        return self.js("""[...document.querySelectorAll('#log .message')]
            .find((e) => e.querySelector('.words')?.textContent === arguments[0])""", text)

    def __repr__(self):
        seen = self.js("[location.href, document.querySelector('#log')?.innerText]")
        return json.dumps(seen, ensure_ascii=False)
