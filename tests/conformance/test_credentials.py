"""Every way to credentials, walked by the AWS CLI and by slipway alike. The simulator hands them out
and checks each signature, so whoever gets through found the right ones."""

import datetime
import hashlib
import http.client
import json
import sys
import unittest

from harness import Simulator, TestCase, aws, client, scratch, slipway

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
SESSION = rf"^arn:aws:sts::{ACCOUNT}:assumed-role/deploy/"
KEYS = "aws_access_key_id = testing\naws_secret_access_key = testing\n"


class Chain(TestCase):
    seconds = 120

    @classmethod
    def setUpClass(cls):
        cls.simulator = Simulator("--check-signatures")
        cls.addClassCleanup(cls.simulator.stop)

    def setUp(self):
        super().setUp()
        self.home = scratch()
        (self.home / ".aws").mkdir()
        (self.home / "slipway.yml").write_text(
            "slipway: 1\napplication: standing\ncluster: machines\nservices:\n  standing: {}\n")

    def config(self, text):
        (self.home / ".aws" / "config").write_text(text)

    def both_get_through(self, arn, **env):
        """The CLI is whom we think; slipway's calls were accepted, with the same kind of key."""
        env = {"HOME": str(self.home), "access_key": None, **env}
        result = aws(self.simulator.url, "sts", "get-caller-identity", **env)
        self.assertEqual(result.status, 0, repr(result))
        self.assertRegex(result.json["Arn"], arn)

        before = len(self.calls())
        result = slipway(self.simulator.url, "status", cwd=self.home, **env)
        self.assertEqual(result.status, 0, repr(result))
        made = [call for call in self.calls()[before:] if call["operation"].startswith("ecs:")]
        self.assertTrue(made)
        for call in made:
            self.assertEqual(call["status"], 200, call)
            self.assertEqual(call["access_key"].startswith("ASIA"), "assumed-role" in arn, call)

    def calls(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.simulator.port, timeout=10)
        self.addCleanup(connection.close)
        connection.request("GET", "/_slipway/calls?records")
        return json.loads(connection.getresponse().read())["records"]

    def test_environment(self):
        self.both_get_through(":user/testing$", access_key="testing")

    def test_environment_with_a_session_token(self):
        issued = client("sts", self.simulator.url).assume_role(
            RoleArn=ROLE, RoleSessionName="by-hand")["Credentials"]
        self.both_get_through(SESSION + "by-hand$", access_key=issued["AccessKeyId"],
                              secret_key=issued["SecretAccessKey"],
                              AWS_SESSION_TOKEN=issued["SessionToken"])

    def test_shared_credentials_file(self):
        (self.home / ".aws" / "credentials").write_text(f"[default]\n{KEYS}")
        self.both_get_through(":user/testing$")

    def test_static_keys_in_the_config_file_of_another_profile(self):
        self.config(f"# ours\n[profile other]\nregion = eu-west-1\n{KEYS}")
        self.both_get_through(":user/testing$", AWS_PROFILE="other")

    def test_role_from_a_source_profile(self):
        self.config(f"[profile base]\n{KEYS}[profile deploy]\nrole_arn = {ROLE}\n"
                    "source_profile = base\nrole_session_name = chained\nduration_seconds = 900\n")
        self.both_get_through(SESSION + "chained$", AWS_PROFILE="deploy")

    def test_role_of_a_role(self):
        self.config(f"[profile base]\n{KEYS}[profile near]\nrole_arn = {ROLE}\n"
                    "source_profile = base\n[profile far]\nrole_session_name = two\n"
                    f"role_arn = arn:aws:iam::{ACCOUNT}:role/far\nsource_profile = near\n")
        self.both_get_through(rf"^arn:aws:sts::{ACCOUNT}:assumed-role/far/two$",
                              AWS_PROFILE="far")

    def test_role_with_the_environment_as_its_source(self):
        self.config(f"[profile deploy]\nrole_arn = {ROLE}\ncredential_source = Environment\n")
        # A profile named on the command line passes over the keys of the environment; one named by
        # AWS_PROFILE does not, so the role's own call is told apart by its key only for the CLI.
        env = {"HOME": str(self.home), "access_key": "testing"}
        result = aws(self.simulator.url, "sts", "get-caller-identity", "--profile", "deploy", **env)
        self.assertEqual(result.status, 0, repr(result))
        self.assertRegex(result.json["Arn"], SESSION)
        self.both_get_through(":user/testing$", access_key="testing", AWS_PROFILE="deploy")

    def test_web_identity(self):
        (self.home / "token").write_text("ci-token-42")
        self.both_get_through(
            SESSION + "ci$", AWS_WEB_IDENTITY_TOKEN_FILE=str(self.home / "token"),
            AWS_ROLE_ARN=ROLE, AWS_ROLE_SESSION_NAME="ci")

    def test_web_identity_in_a_profile(self):
        (self.home / "token").write_text("ci-token-42\n".strip())
        self.config(f"[profile ci]\nrole_arn = {ROLE}\nrole_session_name = ci\n"
                    f"web_identity_token_file = {self.home / 'token'}\n")
        self.both_get_through(SESSION + "ci$", AWS_PROFILE="ci")

    def test_process(self):
        script = self.home / "give keys.py"
        script.write_text("import json, sys\nassert sys.argv[1:] == ['a b', 'c\"d']\n"
                          "print(json.dumps({'Version': 1, 'AccessKeyId': 'testing', "
                          "'SecretAccessKey': 'testing'}))\n")
        self.config(f"[profile tool]\ncredential_process = {sys.executable} '{script}' \"a b\" "
                    "'c\"d'\n")
        self.both_get_through(":user/testing$", AWS_PROFILE="tool")

    def test_container(self):
        (self.home / "authorization").write_text("Bearer local")
        self.both_get_through(
            SESSION, AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{self.simulator.url}/v2/credentials/x",
            AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(self.home / "authorization"))

    def test_instance_metadata(self):
        self.both_get_through(SESSION, AWS_EC2_METADATA_DISABLED="false",
                              AWS_EC2_METADATA_SERVICE_ENDPOINT=self.simulator.url)

    def sso_cache(self, name, **members):
        folder = self.home / ".aws" / "sso" / "cache"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / (hashlib.sha1(name.encode()).hexdigest() + ".json")
        path.write_text(json.dumps({
            "startUrl": "https://example.awsapps.com/start", "region": "eu-west-1", **members}))
        return path

    def moment(self, minutes):
        now = datetime.datetime.now(datetime.timezone.utc)
        return (now + datetime.timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")

    SSO_PROFILE = ("[profile sso]\nsso_session = corp\n"
                   f"sso_account_id = {ACCOUNT}\nsso_role_name = deploy\n[sso-session corp]\n"
                   "sso_region = eu-west-1\nsso_start_url = https://example.awsapps.com/start\n"
                   "sso_registration_scopes = sso:account:access\n")

    def test_sso_session_with_a_valid_token(self):
        self.config(self.SSO_PROFILE)
        self.sso_cache("corp", accessToken="access-1", expiresAt=self.moment(60))
        self.both_get_through(SESSION, AWS_PROFILE="sso")

    def test_sso_session_with_a_token_to_refresh(self):
        self.config(self.SSO_PROFILE)
        client_facts = {"clientId": "id", "clientSecret": "secret",
                        "registrationExpiresAt": self.moment(10000)}
        old = dict(accessToken="old", expiresAt=self.moment(-5), refreshToken="refresh-1",
                   **client_facts)
        for walk in (
                lambda: self.assertEqual(aws(
                    self.simulator.url, "sts", "get-caller-identity", HOME=str(self.home),
                    access_key=None, AWS_PROFILE="sso").status, 0),
                lambda: self.assertEqual(slipway(
                    self.simulator.url, "status", cwd=self.home, HOME=str(self.home),
                    access_key=None, AWS_PROFILE="sso").status, 0)):
            cache = self.sso_cache("corp", **old)
            walk()
            kept = json.loads(cache.read_text())
            self.assertNotEqual(kept["accessToken"], "old")
            self.assertGreater(kept["expiresAt"], self.moment(0))
            self.assertEqual(kept["clientSecret"], "secret")
        # What one of the two wrote, the other reads.
        self.both_get_through(SESSION, AWS_PROFILE="sso")

    def test_sso_without_a_session(self):
        self.config("[profile sso]\nsso_start_url = https://example.awsapps.com/start\n"
                    f"sso_region = eu-west-1\nsso_account_id = {ACCOUNT}\n"
                    "sso_role_name = deploy\n")
        self.sso_cache("https://example.awsapps.com/start", accessToken="access-1",
                       expiresAt=self.moment(60))
        self.both_get_through(SESSION, AWS_PROFILE="sso")


if __name__ == "__main__":
    unittest.main()
