"""The stored CloudFormation templates of ecs-crd's releases, under cfn-lint.

The unit tests hold the stored templates against what slipway writes (src/cli/ecs_crd_file_test.cc);
cfn-lint holds them against CloudFormation's own resource schemas.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

TEMPLATES = pathlib.Path(__file__).resolve().parents[1] / "vectors" / "ecs-crd"


def lint(file):
    program = pathlib.Path(sys.executable).with_name("cfn-lint")
    return subprocess.run([program, "--regions", "eu-west-3", "--", file],
                          capture_output=True, text=True, timeout=120, check=False)


class EcsCrdTemplates(unittest.TestCase):
    def test_nothing_is_said_about_them(self):
        files = sorted(TEMPLATES.glob("*.json"))
        self.assertGreaterEqual(len(files), 4)
        for file in files:
            with self.subTest(file.name):
                done = lint(file)
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_attributes_beside_the_properties_are_found(self):
        """The mistake of the tool this one follows; it shows that the linter looks."""
        template = json.loads((TEMPLATES / "example-blue.json").read_text())
        group = template["Resources"]["TargetGroupWeb8080"]
        group["TargetGroupAttributes"] = group["Properties"].pop("TargetGroupAttributes")
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "template.json"
            file.write_text(json.dumps(template))
            done = lint(file)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("TargetGroupAttributes", done.stdout)
