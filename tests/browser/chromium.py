"""Headless Chromium over a pipe: the DevTools protocol with nothing but the standard library.

https://chromedevtools.github.io/devtools-protocol/ ; messages are JSON, each ended by a zero byte,
on the descriptors 3 (to the browser) and 4 (from it) with --remote-debugging-pipe.
"""

import base64
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time


class Chromium:
    """One browser. Messages that nobody asked for are kept in `events`."""

    NAMES = ("chromium", "chromium-browser", "google-chrome")

    @classmethod
    def program(cls):
        return next((path for path in map(shutil.which, cls.NAMES) if path), None)

    def __init__(self, patience=60):
        self.patience = patience
        self.profile = tempfile.mkdtemp(prefix="slipway-chromium-")
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()

        def descriptors():
            # Copies above 4 first, so that neither overwrites the other.
            a, b = os.dup(to_browser), os.dup(from_browser)
            a, b = (fd if fd > 4 else os.dup(fd) for fd in (a, b))
            os.dup2(a, 3)
            os.dup2(b, 4)

        # No sandbox: build machines are containers, often without the user namespaces it needs, and
        # the only pages are our own.
        self.process = subprocess.Popen(
            [self.program(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--no-first-run", "--disable-background-networking", "--disable-extensions",
             "--disable-sync", "--disable-component-update", "--hide-scrollbars",
             f"--user-data-dir={self.profile}", "--remote-debugging-pipe", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=descriptors, close_fds=False, start_new_session=True)
        os.close(to_browser)
        os.close(from_browser)
        self._bytes = b""
        self._id = 0
        self.events = []
        try:
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Network", "Log"):
                self.call(f"{domain}.enable")
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        os.close(self._out)
        os.close(self._in)
        shutil.rmtree(self.profile, ignore_errors=True)

    def _message(self, until):
        while b"\0" not in self._bytes:
            ready, _, _ = select.select([self._in], [], [], max(0, until - time.monotonic()))
            if not ready:
                raise TimeoutError("the browser does not answer")
            chunk = os.read(self._in, 1 << 16)
            if not chunk:
                raise RuntimeError("the browser has ended")
            self._bytes += chunk
        text, _, self._bytes = self._bytes.partition(b"\0")
        return json.loads(text)

    def call(self, method, **params):
        self._id += 1
        message = {"id": self._id, "method": method, "params": params}
        if hasattr(self, "session"):
            message["sessionId"] = self.session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + self.patience
        while True:
            answer = self._message(until)
            if answer.get("id") == self._id:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def open(self, url, width, height=900, dark=False, scripts=True):
        """Shows the page at this width and returns once it is drawn."""
        self.events.clear()
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.call("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.call("Page.navigate", url=url)
        until = time.monotonic() + self.patience
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self._message(until))

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                           awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"].get("text", "") + " " +
                               result["result"].get("description", ""))
        return result["result"].get("value")

    def screenshot(self, path, whole=True):
        picture = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture["data"]))

    def seen(self, method):
        return [event["params"] for event in self.events if event.get("method") == method]
