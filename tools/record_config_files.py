#!/usr/bin/env python3
"""Records tests/vectors/config_files.json: how botocore reads ~/.aws/config and ~/.aws/credentials.

tests/vectors/README.md describes the file. Run it with the versions pinned in
tests/conformance/requirements.txt; `--check` compares and writes nothing.
"""

import argparse
import json
import pathlib
import sys
import tempfile

import botocore
from botocore.configloader import build_profile_map, raw_config_parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / "tests" / "vectors" / "config_files.json"

CONFIG = {
    "empty": "",
    "only comments": "# nothing here\n; nor here\n\n",
    "default": "[default]\nregion = eu-west-1\noutput=json\n",
    "no newline at the end": "[default]\nregion = eu-west-1",
    "windows line ends": "[default]\r\nregion = eu-west-1\r\n\r\n[profile a]\r\noutput = text\r\n",
    "several profiles": "[default]\nregion=us-east-1\n[profile prod]\nregion=eu-west-1\n"
                        "[profile staging]\nrole_arn = arn:aws:iam::123456789012:role/x\n"
                        "source_profile = prod\n",
    "profile default": "[profile default]\nregion = eu-west-1\n",
    "quoted names": "[profile \"my prod\"]\nregion = a\n[profile 'b c']\nregion = b\n",
    "more spaces in a header": "[profile    wide  ]\nregion = a\n",
    "a section that is no profile": "[preview]\ncloudsearch = true\n[prod]\nregion = eu-west-1\n",
    "a name with odd characters": "[profile a.b-c_d@e/f+1]\nregion = eu-west-1\n",
    "keys in capitals": "[default]\nRegion = eu-west-1\nROLE_ARN = r\n",
    "no spaces around =": "[default]\nregion=eu-west-1\n",
    "many spaces around =": "[default]\nregion   =\t  eu-west-1   \n",
    "= in a value": "[default]\nrole_arn = a=b==c\n",
    "colon as separator": "[default]\nregion: eu-west-1\nsso_start_url: https://x.awsapps.com/start\n",
    "colon in a value": "[default]\nsso_start_url = https://x.awsapps.com/start#/\n",
    "comments between": "[default]\n# one\nregion = eu-west-1\n  ; two, indented\noutput = json\n",
    "hash inside a word": "[default]\nexternal_id = a#b;c\n",
    "sso session": "[sso-session corp]\nsso_start_url = https://x.awsapps.com/start\n"
                   "sso_region = eu-west-1\nsso_registration_scopes = sso:account:access\n"
                   "[profile dev]\nsso_session = corp\nsso_account_id = 123456789012\n"
                   "sso_role_name = Developer\n",
    "services": "[profile dev]\nservices = local\n[services local]\necs =\n"
                "  endpoint_url = http://127.0.0.1:1\nelastic_load_balancing_v2 = \n"
                "    endpoint_url=http://127.0.0.1:2\n\n  other = x\n",
    "a block in a profile": "[profile dev]\ns3 =\n  max_concurrent_requests = 20\n"
                            "  addressing_style = path\nregion = eu-west-1\n",
    "comment in a block": "[default]\ns3 =\n  # fast\n  addressing_style = path\nregion = a\n",
    "blank line in a block": "[default]\ns3 =\n  a = 1\n\n  b = 2\n\nregion = eu-west-1\n",
    "everything indented": "[default]\n  region = eu-west-1\n  output = json\n"
                           "[profile a]\n  region = b\n",
    "indented header": "[default]\nregion = a\n[profile b]\n  region = c\n",
    "a value goes on": "[default]\nsso_registration_scopes = a,\n  b\nregion = eu-west-1\n",
    "credential process": "[profile p]\ncredential_process = \"/opt/my tools/get\" --for 'x y' # z\n",
    "key without value": "[default]\nregion =\noutput = json\n",
    "unicode": "[profile zürich]\nregion = eu-central-2\nexternal_id = ünïcödé\n",
    "empty section": "[profile a]\n[profile b]\nregion = x\n",
    "empty section at the end": "[profile b]\nregion = x\n[profile a]\n",
}

CREDENTIALS = {
    "default keys": "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n",
    "several": "[a]\naws_access_key_id=A\naws_secret_access_key=SA\n[b]\naws_access_key_id=B\n"
               "aws_secret_access_key=SB\naws_session_token=TB\n",
    "secret with / + =": "[a]\naws_access_key_id=A\naws_secret_access_key=ab/cd+ef==\n",
    "a name with spaces": "[my account]\naws_access_key_id=A\naws_secret_access_key=S\n",
    "profile prefix is part of the name": "[profile x]\naws_access_key_id=A\n",
}


def filled(section):
    """Without keys that have no value: for us, and for AWS, they are not set."""
    return {key: value for key, value in section.items() if value not in ("", {})}


def read(text):
    with tempfile.NamedTemporaryFile("w", suffix=".ini", newline="") as file:
        file.write(text)
        file.flush()
        return raw_config_parse(file.name)


def record():
    cases = []
    for name, text in CONFIG.items():
        parsed = build_profile_map(read(text))
        cases.append({"name": name, "kind": "config", "text": text} |
                     {key: {section: filled(values) for section, values in parsed[key].items()}
                      for key in ("profiles", "sso_sessions", "services")})
    for name, text in CREDENTIALS.items():
        cases.append({"name": name, "kind": "credentials", "text": text,
                      "profiles": {key: filled(values) for key, values in read(text).items()}})
    return cases


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="exit 1 if the file is out of date")
    arguments = parser.parse_args()
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in record())
    text = f'{{"source": "botocore {botocore.__version__}",\n"cases": [\n{lines}\n]}}\n'
    if not arguments.check:
        TARGET.write_text(text)
        return 0
    if TARGET.read_text() == text:
        return 0
    print(f"{TARGET.relative_to(ROOT)} is out of date: run tools/record_config_files.py",
          file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
