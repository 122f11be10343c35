#!/usr/bin/env python3
"""Looks at reports in headless Chromium: a page must be readable, whole, quiet and self-contained.

    python3 tests/browser/run.py build/slipway

Exit status 77 where there is no Chromium, as ctest's SKIP_RETURN_CODE wants it.
"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
SHOP = HERE.parent.parent / "examples" / "shop" / "slipway.yml"
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

from chromium import Chromium  # noqa: E402

WIDTHS = (1280, 400)
MEASURE = (HERE / "measure.js").read_text()
OPEN_ALL = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"


def many_services(count):
    services = "".join(f"  service-{i:02}: {{containers: [app]}}\n" for i in range(count))
    return f"slipway: 1\napplication: many\ncluster: prod\nservices:\n{services}"


class Reports(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="slipway-report-")
        cls.browser = Chromium()

    @classmethod
    def tearDownClass(cls):
        cls.browser.__exit__()
        cls.folder.cleanup()

    def report(self, name, *arguments, status=0):
        page = pathlib.Path(self.folder.name) / f"{name}.html"
        run = subprocess.run([program, *arguments, "--report", page], capture_output=True, text=True,
                             timeout=120)
        self.assertEqual(run.returncode, status, run.stderr)
        return page

    def deploy(self, scenario, status=0, file=SHOP):
        return self.report(scenario, "deploy", "-f", file, "--tag", "v2", "--sim", scenario, "--quiet",
                           status=status)

    def assert_quiet(self, page):
        requests = [seen["request"]["url"] for seen in self.browser.seen("Network.requestWillBeSent")]
        self.assertEqual([url for url in requests if not url.startswith("data:")], [page.as_uri()])
        self.assertEqual(self.browser.seen("Runtime.consoleAPICalled"), [])
        self.assertEqual(self.browser.seen("Runtime.exceptionThrown"), [])
        self.assertEqual([seen["entry"]["text"] for seen in self.browser.seen("Log.entryAdded")], [])

    def assert_reads_well(self, page):
        for width in WIDTHS:
            for dark in (False, True):
                with self.subTest(page=page.name, width=width, dark=dark):
                    self.browser.open(page.as_uri(), width, dark=dark)
                    self.assertEqual(self.browser.evaluate(MEASURE), [])
                    # What is folded away has to fit as well.
                    self.browser.evaluate(OPEN_ALL)
                    self.assertEqual(self.browser.evaluate(MEASURE), [])
                    self.assert_quiet(page)

    def texts(self, selector):
        return self.browser.evaluate(
            f"[...document.querySelectorAll({selector!r})].map((one) => one.textContent.trim())")

    # ---- Pages ----

    def test_a_release_that_succeeded(self):
        page = self.deploy("shop")
        self.assert_reads_well(page)
        self.assertEqual(self.texts(".badge"), ["✔ succeeded"])
        self.assertEqual(self.texts("h1"), ["deploy shop on cluster prod (simulated)"])
        self.assertEqual(self.texts(".lane h3"), ["task shop-migrate", "service web", "service api",
                                                  "service worker", "task shop-cleanup", "API calls"])

    def test_a_release_whose_image_is_missing(self):
        page = self.deploy("image-missing", status=6)
        self.assert_reads_well(page)
        self.assertEqual(self.texts(".badge"), ["↩ rolled back by the circuit breaker"])
        self.assertIn("CannotPullContainerError", self.texts(".failure")[0])

    def test_a_migration_that_failed(self):
        page = self.deploy("migration-fails", status=5)
        self.assert_reads_well(page)
        self.assertIn("shop-migrate", self.texts(".failure")[0])

    def test_traffic_that_was_taken_back(self):
        page = self.report("canary", "history", HERE / "canary.jsonl")
        self.assert_reads_well(page)
        self.assertEqual(page.read_text(), (HERE / "canary.html").read_text())
        self.assertEqual(self.texts(".weight ~ text"), ["10%", "50%", "0%"])

    def test_fifty_services(self):
        file = pathlib.Path(self.folder.name) / "many.yml"
        file.write_text(many_services(50))
        page = self.deploy("slow", file=file)
        self.assertLess(page.stat().st_size, 1_000_000)
        self.assert_reads_well(page)
        self.assertEqual(len(self.texts(".lane h3")), 51)

    # ---- How it behaves ----

    def test_needs_no_scripts(self):
        page = self.deploy("shop")
        self.browser.open(page.as_uri(), 1280, scripts=False)
        self.assertEqual(self.browser.evaluate("document.scripts.length"), 0)
        self.assertEqual(self.browser.evaluate(MEASURE), [])

    def test_lets_nothing_in_its_texts_run(self):
        page = pathlib.Path(self.folder.name) / "evil.html"
        text = (HERE / "canary.html").read_text()
        page.write_text(text.replace("</main>", "<script>document.title = 'ran'</script>"
                                     "<img src='https://example.invalid/x.png' alt=''/></main>"))
        self.browser.open(page.as_uri(), 1280)
        self.assertNotEqual(self.browser.evaluate("document.title"), "ran")
        refused = [seen["entry"]["text"] for seen in self.browser.seen("Log.entryAdded")]
        self.assertTrue(any("Content Security Policy" in text for text in refused), refused)

    def test_is_a_table_for_those_who_cannot_see_it(self):
        page = self.report("canary", "history", HERE / "canary.jsonl")
        self.browser.open(page.as_uri(), 1280)
        tree = self.browser.call("Accessibility.getFullAXTree")["nodes"]
        roles = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in tree
                 if not node.get("ignored")]
        drawings = [name for role, name in roles if role == "image"]
        self.assertIn("Share of traffic of the new side: from 1m15s 0%, from 2m22s 10%, from 7m25s 50%, "
                      "from 10m27s 0%.", drawings)
        self.assertTrue(all(drawings), drawings)
        self.assertGreater(sum(role in ("table", "grid") for role, _ in roles), 1)
        self.browser.open(page.as_uri(), 400)
        cells = self.browser.evaluate("document.querySelectorAll('table.cards [role=cell]').length")
        self.assertGreater(cells, 10)

    def test_prints_on_paper(self):
        page = self.report("canary", "history", HERE / "canary.jsonl")
        self.browser.open(page.as_uri(), 1280)
        paper = self.browser.call("Page.printToPDF", printBackground=False)["data"]
        self.assertGreater(len(paper), 10_000)

    # ---- Whether all this would be seen ----

    def test_the_measuring_sees_what_is_wrong(self):
        cases = {
            "table{font-size:9px !important}": " is 9 px",
            "main{width:1500px;max-width:none !important}": "the page is ",
            ".axis text{transform:translateX(-70px)}": "leaves its drawing",
            ".chart text{letter-spacing:60px}": "lie on each other",
            ".soft{color:#bbb}": "has a contrast of",
            ".lane h3{width:8px}": " px wide",
        }
        page = pathlib.Path(self.folder.name) / "wrong.html"
        text = (HERE / "canary.html").read_text()
        for style, wanted in cases.items():
            with self.subTest(style):
                page.write_text(text.replace("</style>", style + "</style>"))
                self.browser.open(page.as_uri(), 1280)
                found = self.browser.evaluate(MEASURE)
                self.assertTrue(any(wanted in sentence for sentence in found), found)


if __name__ == "__main__":
    if Chromium.program() is None:
        print("there is no Chromium here", file=sys.stderr)
        sys.exit(77)
    program = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main(verbosity=2)
