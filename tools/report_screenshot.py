#!/usr/bin/env python3
"""Photographs the page of a simulated release for the manual.

    ./dev build && python3 tools/report_screenshot.py build/slipway

Writes docs/manual/report.png, 1280 pixels wide, from headless Chromium.
"""

import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "browser"))
sys.dont_write_bytecode = True

from chromium import Chromium  # noqa: E402

SCENARIO = "crash"
# As far as the table of items: what comes below is words.
END = "document.querySelector('#items').parentElement.getBoundingClientRect().bottom"


def main():
    slipway = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder) / "release.html"
        subprocess.run([slipway, "deploy", "-f", ROOT / "examples/shop/slipway.yml", "--tag", "v2",
                        "--sim", SCENARIO, "--quiet", "--report", page], capture_output=True)
        with Chromium() as browser:
            browser.open(page.as_uri(), 1280)
            height = int(browser.evaluate(END)) + 16
            browser.open(page.as_uri(), 1280, height)
            browser.screenshot(ROOT / "docs/manual/report.png", whole=False)


main()
