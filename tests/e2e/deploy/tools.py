"""Deploy tools as their users run them, against one gatelet: the Serverless Framework and the AWS CDK, from the packages
that `npm ci` puts beside this file."""

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import aws

HERE = Path(__file__).parent
PROJECTS = HERE / "projects"
# Copies of projects: below this folder, so that node finds the tools' modules.
WORK = HERE / ".work"
PROGRAMS = HERE / "node_modules/.bin"
REPOSITORY = HERE.parent.parent.parent
_numbers = itertools.count()


class Project:
    """A copy of a project, which a test may change."""

    def __init__(self, gatelet, name):
        self.gatelet = gatelet
        self.folder = WORK / f"{os.getpid()}-{next(_numbers)}" / name
        shutil.copytree(PROJECTS / name, self.folder)

    def remove_files(self):
        shutil.rmtree(self.folder.parent)

    def environment(self, **more):
        return {
            "PATH": f"{PROGRAMS}:{os.path.dirname(sys.executable)}:{os.environ['PATH']}",
            "HOME": self.gatelet.folder.name, "TMPDIR": self.gatelet.folder.name, "CI": "1", "NO_COLOR": "1",
            "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", **more,
        }

    def run(self, arguments, environment, check=True, timeout=240):
        """What it said, on stdout and stderr together."""
        done = subprocess.run(
            arguments, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=timeout,
        )
        said = f"$ {' '.join(map(str, arguments))}\n{done.stdout}"
        print(said)
        if check:
            assert done.returncode == 0, said
        else:
            assert done.returncode != 0, said
        return done.stdout

    def serverless(self, *arguments, check=True, stage="local"):
        # What the plugin reads; the framework's own polls are made quick, and nothing is sent elsewhere.
        return self.run(
            ["serverless", *arguments, "--stage", stage],
            self.environment(
                AWS_ENDPOINT_URL=f"http://localhost:{self.gatelet.port}", SLS_AWS_MONITORING_FREQUENCY="300",
                SLS_TELEMETRY_DISABLED="1", SLS_NOTIFICATIONS_MODE="off", SLS_GEO_LOCATION="us",
            ),
            check=check,
        )

    def cdk(self, *arguments, check=True, **environment):
        # An address instead of a name: then the SDK puts the bucket into the path.
        return self.run(
            ["cdk", *arguments],
            self.environment(
                AWS_ENDPOINT_URL=self.gatelet.url, AWS_ENDPOINT_URL_S3=self.gatelet.url, AWS_REGION="us-east-1",
                CDK_DISABLE_CLI_TELEMETRY="1", **environment,
            ),
            check=check,
        )

    def edit(self, file, before, after):
        path = self.folder / file
        text = path.read_text()
        assert before in text, f"{before} is not in {file}"
        path.write_text(text.replace(before, after))


class Deployed:
    """What a deployment made: found as a user would, by the services' own lists."""

    def __init__(self, gatelet):
        self.gatelet = gatelet
        self.world = aws.World(gatelet)

    def client(self, service):
        return self.world.client(service)

    def stack(self, name):
        return self.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]

    def outputs(self, name):
        return {output["OutputKey"]: output["OutputValue"] for output in self.stack(name).get("Outputs", [])}

    def rest_api(self, name):
        return one(api for api in self.client("apigateway").get_rest_apis()["items"] if api["name"] == name)["id"]

    def api(self, name):
        return one(api for api in self.client("apigatewayv2").get_apis()["Items"] if api["Name"] == name)

    def call(self, url, method="POST", body=None, headers=None):
        """Calls a URL as pasted, but for its name, which need not resolve."""
        host, path = re.fullmatch(r"https?://([^/]+)(/.*)?", url).groups()
        kind = {"Content-Type": "application/json"} if body is not None else {}
        return self.gatelet.request(method, path or "/", {"Host": host, **kind, **(headers or {})}, body)

    def everything(self):
        """All that there is, by kind: empty where nothing is."""
        names = {
            "stacks": [stack["StackName"] for stack in self.client("cloudformation").describe_stacks()["Stacks"]],
            "functions": [f["FunctionName"] for f in self.client("lambda").list_functions()["Functions"]],
            "rest apis": [api["name"] for api in self.client("apigateway").get_rest_apis()["items"]],
            "apis": [api["Name"] for api in self.client("apigatewayv2").get_apis()["Items"]],
            "buckets": [bucket["Name"] for bucket in self.client("s3").list_buckets()["Buckets"]],
            "roles": [role["RoleName"] for role in self.client("iam").list_roles()["Roles"]],
            "log groups": [g["logGroupName"] for g in self.client("logs").describe_log_groups()["logGroups"]],
            "rules": [rule["Name"] for rule in self.client("events").list_rules()["Rules"]],
        }
        return {kind: found for kind, found in names.items() if found}


def one(items):
    """The only one."""
    items = list(items)
    assert len(items) == 1, items
    return items[0]


def url_forms(port, api, stage, path, region="us-east-1"):
    """Every way to spell the URL of an API's stage, or, with no stage, of `$default` without its name."""
    below = f"/{stage}{path}" if stage else path
    hosts = [f"{api}.execute-api.localhost.localstack.cloud:{port}", f"{api}.execute-api.localhost:{port}",
             f"{api}.execute-api.{region}.localhost.localstack.cloud:{port}",
             f"{api}.execute-api.{region}.amazonaws.com", f"{api.upper()}.execute-api.localhost:{port}"]
    forms = [f"http://{host}{below}" for host in hosts]
    if stage:
        forms.append(f"http://localhost:{port}/restapis/{api}/{stage}/_user_request_{path}")
        forms.append(f"http://localhost:{port}/_aws/execute-api/{api}/{stage}{path}")
    return forms


def result(said):
    """The JSON that `serverless invoke` printed, among what plugins say."""
    start = re.search(r"^[{\[]", said, re.M)
    assert start, said
    return json.JSONDecoder().raw_decode(said[start.start():])[0]
