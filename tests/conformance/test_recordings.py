"""models/ and tests/vectors/ are what the pinned botocore gives."""

import subprocess
import sys
import unittest

from harness import ROOT, TestCase, environment


class Recordings(TestCase):
    def test_nothing_is_out_of_date(self):
        for tool in ("extract_models", "record_config_files", "record_endpoints", "record_sigv4",
                     "record_wire"):
            with self.subTest(tool=tool):
                checked = subprocess.run(
                    [sys.executable, "-B", ROOT / "tools" / f"{tool}.py", "--check"],
                    env=environment(), capture_output=True, text=True, timeout=50, check=False)
                self.assertEqual((checked.returncode, checked.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
