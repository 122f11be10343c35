#!/usr/bin/env python3
"""Runs the conformance tests and ends with `N passed, N failed`.

    .venv/bin/python tests/conformance/run.py build/slipway [-v] [PATTERN...]

PATTERN is a part of a test's name, with * as a wildcard. Exit status 1 when a test failed or none
was found.
"""

import argparse
import fnmatch
import os
import pathlib
import signal
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True


class Result(unittest.TextTestResult):
    """Counts what passed, and says how long each test took."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.passed = 0

    def startTest(self, test):
        self.began = time.monotonic()
        super().startTest(test)

    def addSuccess(self, test):
        self.passed += 1
        super().addSuccess(test)

    def stopTest(self, test):
        took = time.monotonic() - self.began
        if self.showAll and took > 5:
            self.stream.writeln(f"  {took:.0f} s: {test}")
        super().stopTest(test)


def all_tests(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from all_tests(item)
        else:
            yield item


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("binary", type=pathlib.Path, help="the slipway to test")
    parser.add_argument("-v", "--verbose", action="store_true", help="a line for each test")
    parser.add_argument("pattern", nargs="*", help="run only tests whose name contains it")
    arguments = parser.parse_intermixed_args()
    # A terminated run still stops its servers: exit handlers run on SystemExit only.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    if not arguments.binary.exists():
        parser.error(f"{arguments.binary} does not exist")
    os.environ["SLIPWAY"] = str(arguments.binary.resolve())  # read by harness.py

    found = list(all_tests(unittest.defaultTestLoader.discover(str(HERE))))
    if arguments.pattern:
        found = [test for test in found
                 if any(fnmatch.fnmatch(test.id(), f"*{pattern}*")
                        for pattern in arguments.pattern)]
    runner = unittest.TextTestRunner(resultclass=Result, verbosity=2 if arguments.verbose else 1)
    result = runner.run(unittest.TestSuite(found))
    # A test with subtests can fail more than once.
    failed = len({getattr(test, "test_case", test).id() for test, _ in
                  result.failures + result.errors})
    print(f"{result.passed} passed, {failed} failed"
          + (f", {len(result.skipped)} skipped" if result.skipped else ""), flush=True)
    return 0 if result.passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
