"""Functions really run: Node.js, Python, anything with a `bootstrap`; what they see, and how they end."""

import base64
import json
import os
import re
import time

import pytest

import aws
import harness

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def failed(world, name, payload=None):
    """The error object of an invocation that must fail."""
    error, response = world.invoke(name, payload)
    assert response["StatusCode"] == 200 and response["FunctionError"] == "Unhandled", response
    return error


def alive(process):
    try:
        with open(f"/proc/{process}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


# ---- Node.js --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("handler, files", {
    "async": ("index.handler", {"index.js": "exports.handler = async (e) => ({ got: e })"}),
    "promise": ("index.handler", {"index.js": "exports.handler = (e) => Promise.resolve({ got: e })"}),
    "callback": ("index.handler", {"index.js": "exports.handler = (e, c, cb) => cb(null, { got: e })"}),
    "late callback": ("index.handler", {
        "index.js": "exports.handler = (e, c, cb) => { setTimeout(() => cb(null, { got: e }), 20) }"}),
    "succeed": ("index.handler", {"index.js": "exports.handler = (e, c) => c.succeed({ got: e })"}),
    "late succeed": ("index.handler", {
        "index.js": "exports.handler = (e, c) => { setTimeout(() => c.succeed({ got: e }), 20) }"}),
    "done": ("index.handler", {"index.js": "exports.handler = (e, c) => c.done(null, { got: e })"}),
    "no waiting for the loop": ("index.handler", {
        "index.js": "exports.handler = (e, c, cb) => { c.callbackWaitsForEmptyEventLoop = false;"
                    "setTimeout(() => {}, 60000); cb(null, { got: e }) }"}),
    "module.exports": ("index.handler", {"index.js": "module.exports = { handler: async (e) => ({ got: e }) }"}),
    "mjs": ("index.handler", {"index.mjs": "export const handler = async (e) => ({ got: e })"}),
    "cjs": ("index.handler", {"index.cjs": "exports.handler = async (e) => ({ got: e })"}),
    "type module": ("index.handler", {"index.js": "export const handler = async (e) => ({ got: e })",
                                      "package.json": '{"type": "module"}'}),
    "top-level await": ("index.handler", {
        "index.mjs": "const got = await Promise.resolve('got'); export const handler = async (e) => ({ [got]: e })"}),
    "folder": ("src/app.run", {"src/app.js": "exports.run = async (e) => ({ got: e })"}),
    "nested export": ("index.a.b", {"index.js": "exports.a = { b: async (e) => ({ got: e }) }"}),
    "requires": ("index.handler", {"index.js": "const { f } = require('./lib/f'); exports.handler = async (e) => f(e)",
                                   "lib/f.js": "exports.f = (e) => ({ got: e })"}),
    "imports": ("index.handler", {"index.mjs": "import { f } from './f.mjs'; export const handler = async (e) => f(e)",
                                  "f.mjs": "export const f = (e) => ({ got: e })"}),
    "node_modules": ("index.handler", {"index.js": "exports.handler = async (e) => require('dep')(e)",
                                       "node_modules/dep/index.js": "module.exports = (e) => ({ got: e })"}),
}.values())
def test_node_styles(world, handler, files):
    name = aws.unique("node")
    world.function(files, handler=handler, name=name)
    event = {"a": [1, None, "é\u2028😀"], "b": 1.5}
    for _ in range(2):
        payload, response = world.invoke(name, event)
        assert payload == {"got": event} and "FunctionError" not in response


@pytest.mark.parametrize("body, expected", {
    "nothing": ("async () => {}", b"null"),
    "null": ("async () => null", b"null"),
    "text": ("async () => 'text'", b'"text"'),
    "number": ("async () => 4.5", b"4.5"),
    "array": ("async () => [1, 'a', null]", b'[1,"a",null]'),
    "date": ("async () => new Date(0)", b'"1970-01-01T00:00:00.000Z"'),
    "undefined member": ("async () => ({ a: undefined, b: 1 })", b'{"b":1}'),
    "toJSON": ("async () => ({ toJSON: () => 7 })", b"7"),
}.values())
def test_node_results(world, body, expected):
    name = aws.unique("node")
    world.function(f"exports.handler = {body}", name=name)
    assert world.functions.invoke(FunctionName=name)["Payload"].read() == expected


class Fails:
    """Errors that a Node.js function can end with: source, type, message."""

    TABLE = {
        "throw": ("exports.handler = async () => { throw new TypeError('no') }", "TypeError", "no"),
        "throw in sync": ("exports.handler = () => { throw new Error('no') }", "Error", "no"),
        "reject": ("exports.handler = () => Promise.reject(new RangeError('no'))", "RangeError", "no"),
        "callback error": ("exports.handler = (e, c, cb) => cb(new Error('no'))", "Error", "no"),
        "callback text": ("exports.handler = (e, c, cb) => cb('no')", None, "no"),
        "fail": ("exports.handler = (e, c) => c.fail(new Error('no'))", "Error", "no"),
        "done": ("exports.handler = (e, c) => c.done(new Error('no'))", "Error", "no"),
        "custom": ("class Mine extends Error { constructor(m) { super(m); this.name = 'Mine' } }"
                   "exports.handler = async () => { throw new Mine('no') }", "Mine", "no"),
        "thrown text": ("exports.handler = async () => { throw 'no' }", None, "no"),
        "uncaught later": ("exports.handler = () => new Promise(() => setTimeout(() => { throw new Error('no') }, 10))",
                           "Runtime.UnhandledPromiseRejection|Error|Runtime.ExitError", "no|exit"),
        "unhandled rejection": ("exports.handler = () => new Promise(() => { setTimeout(() => Promise.reject(new Error('no')), 10) })",
                                "Runtime.UnhandledPromiseRejection", "no"),
        "circular": ("exports.handler = async () => { const a = {}; a.a = a; return a }", ".*", "(?s).*"),
        "BigInt": ("exports.handler = async () => ({ a: 1n })", ".*", "(?s).*"),
    }


@pytest.mark.parametrize("kind", Fails.TABLE)
def test_node_errors(world, kind):
    source, error_type, message = Fails.TABLE[kind]
    name = aws.unique("node")
    world.function(source + "\n", name=name)
    for _ in range(2):
        error = failed(world, name)
        assert error_type is None or re.fullmatch(error_type, error["errorType"]), error
        assert re.search(message, error["errorMessage"]), error
    if kind == "throw":
        assert sorted(error) == ["errorMessage", "errorType", "trace"]
        assert error["trace"][0] == "TypeError: no" and any("index.js" in line for line in error["trace"])


@pytest.mark.parametrize("files, handler, error_type, message", [
    ({"other.js": ""}, "index.handler", "Runtime.ImportModuleError", "Error: Cannot find module 'index'"),
    ({"index.js": "exports.other = 1"}, "index.handler", "Runtime.HandlerNotFound", "index.handler is undefined or not exported"),
    ({"index.js": "require('nosuch')"}, "index.handler", "Runtime.ImportModuleError", "Error: Cannot find module 'nosuch'"),
    ({"index.js": "exports.handler = ("}, "index.handler", "Runtime.UserCodeSyntaxError", "SyntaxError: "),
    ({"index.js": "throw new Error('at start')"}, "index.handler", "Error", "at start"),
    ({"index.js": ""}, "index", "Runtime.MalformedHandlerName", "Bad handler"),
])
def test_node_cannot_start(world, files, handler, error_type, message):
    name = aws.unique("node")
    world.function(files, handler=handler, name=name)
    for _ in range(2):
        error = failed(world, name)
        assert error["errorType"] == error_type and message in error["errorMessage"], error


def test_node_context(world):
    name = aws.unique("node")
    world.function("""exports.handler = async (event, context) => ({
        ...Object.fromEntries(Object.entries(context).filter(([, v]) => typeof v !== 'function')),
        left: context.getRemainingTimeInMillis(),
        methods: ['done', 'fail', 'succeed', 'getRemainingTimeInMillis'].filter(n => typeof context[n] === 'function'),
    })""", name=name, Timeout=7, MemorySize=256)
    context, response = world.invoke(name)
    assert 5000 < context["left"] <= 7000
    assert context["functionName"] == name and context["functionVersion"] == "$LATEST"
    assert context["memoryLimitInMB"] == "256"
    assert context["invokedFunctionArn"] == f"arn:aws:lambda:us-east-1:000000000000:function:{name}"
    assert context["logGroupName"] == f"/aws/lambda/{name}"
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", context["logStreamName"])
    assert context["awsRequestId"] == response["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"]
    assert UUID.fullmatch(context["awsRequestId"])
    assert context["methods"] == ["done", "fail", "succeed", "getRemainingTimeInMillis"]
    assert context["callbackWaitsForEmptyEventLoop"] is True


def test_node_console_goes_to_the_log(world):
    name = aws.unique("node")
    world.function("""exports.handler = async () => {
        console.log('plain %s', 'text'); console.info('info'); console.warn('warned'); console.error('wrong');
        console.debug('debugged'); console.log({ an: 'object' });
        process.stdout.write('raw out\\n'); process.stderr.write('raw err\\n'); }""", name=name)
    _, response = world.invoke(name, LogType="Tail")
    tail = base64.b64decode(response["LogResult"]).decode()
    request = response["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"]
    stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    assert tail.startswith(f"START RequestId: {request} Version: $LATEST\n"), tail
    assert re.search(rf"^{stamp}\t{request}\tINFO\tplain text$", tail, re.M), tail
    assert re.search(rf"^{stamp}\t{request}\tINFO\tinfo$", tail, re.M)
    assert re.search(rf"^{stamp}\t{request}\tWARN\twarned$", tail, re.M)
    assert re.search(rf"^{stamp}\t{request}\tERROR\twrong$", tail, re.M)
    assert "raw out\n" in tail and "raw err\n" in tail
    assert f"END RequestId: {request}\n" in tail
    assert re.search(rf"^REPORT RequestId: {request}\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\t"
                     r"Memory Size: 128 MB\tMax Memory Used: \d+ MB", tail, re.M), tail


def test_the_log_tail_is_the_last_4_kb(world):
    name = aws.unique("node")
    world.function("exports.handler = async () => { for (let n = 0; n < 1000; n++) console.log('line ' + n) }", name=name)
    _, response = world.invoke(name, LogType="Tail")
    tail = base64.b64decode(response["LogResult"])
    assert len(tail) <= 4096 and b"line 999" in tail and b"line 100\n" not in tail


def test_functions_log_to_stderr_with_the_request_id():
    with harness.Gatelet() as gatelet:
        world = aws.World(gatelet)
        world.function("exports.handler = async () => { console.log('find me') }", name="logs")
        _, response = world.invoke("logs")
        request = response["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"]
        harness.wait_until(lambda: "find me" in gatelet.stderr(), "the line")
        line = next(line for line in gatelet.stderr().splitlines() if "find me" in line)
        assert request in line and "logs" in line


# ---- Python ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("handler, files", {
    "plain": ("index.handler", {"index.py": "def handler(event, context):\n    return {'got': event}\n"}),
    "folder with a slash": ("src/app.run", {"src/app.py": "def run(event, context):\n    return {'got': event}\n"}),
    "package with a dot": ("src.app.run", {"src/__init__.py": "", "src/app.py": "def run(e, c):\n    return {'got': e}\n"}),
    "imports": ("index.handler", {"index.py": "from lib import f\ndef handler(e, c):\n    return f(e)\n",
                                  "lib.py": "def f(e):\n    return {'got': e}\n"}),
    "class": ("index.handler", {"index.py": "class H:\n    def __call__(self, e, c):\n        return {'got': e}\nhandler = H()\n"}),
}.values())
def test_python_styles(world, handler, files):
    name = aws.unique("python")
    world.function(files, "python3.12", handler=handler, name=name)
    event = {"a": [1, None, "é😀"], "b": 1.5}
    for _ in range(2):
        payload, response = world.invoke(name, event)
        assert payload == {"got": event} and "FunctionError" not in response


@pytest.mark.parametrize("files, handler, error_type, message", [
    ({"index.py": "def handler(e, c):\n    raise ValueError('no')\n"}, "index.handler", "ValueError", "no"),
    ({"index.py": "def handler(e, c):\n    return {1, 2}\n"}, "index.handler", "Runtime.MarshalError",
     "Unable to marshal response: Object of type set is not JSON serializable"),
    ({"index.py": "raise Exception('at start')\n"}, "index.handler", "Exception", "at start"),
    ({"other.py": ""}, "index.handler", "Runtime.ImportModuleError", "Unable to import module 'index': No module named 'index'"),
    ({"index.py": "import nosuch\n"}, "index.handler", "Runtime.ImportModuleError",
     "Unable to import module 'index': No module named 'nosuch'"),
    ({"index.py": "x = 1\n"}, "index.handler", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'index'"),
    ({"index.py": "def handler(:\n"}, "index.handler", "Runtime.UserCodeSyntaxError", "Syntax error in module 'index'"),
])
def test_python_errors(world, files, handler, error_type, message):
    name = aws.unique("python")
    world.function(files, "python3.12", handler=handler, name=name)
    for _ in range(2):
        error = failed(world, name)
        assert error["errorType"] == error_type and error["errorMessage"].startswith(message), error


def test_python_error_object(world):
    name = aws.unique("python")
    world.function("def handler(e, c):\n    raise KeyError('no')\n", "python3.12", name=name)
    error, response = world.invoke(name)
    assert sorted(error) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert error["requestId"] == response["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"]
    assert any("raise KeyError('no')" in line for line in error["stackTrace"])
    assert not any("bootstrap" in line or "python.py" in line for line in error["stackTrace"])


def test_python_context_and_log(world):
    name = aws.unique("python")
    world.function("""
import logging, sys
def handler(event, context):
    print("printed")
    sys.stderr.write("complained\\n")
    logging.getLogger().warning("logged")
    return {"left": context.get_remaining_time_in_millis(), "name": context.function_name, "arn": context.invoked_function_arn,
            "id": context.aws_request_id, "version": context.function_version, "memory": context.memory_limit_in_mb,
            "group": context.log_group_name, "stream": context.log_stream_name}
""", "python3.12", name=name, Timeout=7)
    context, response = world.invoke(name, LogType="Tail")
    assert 5000 < context["left"] <= 7000
    assert (context["name"], context["version"], context["memory"]) == (name, "$LATEST", "128")
    assert context["arn"] == f"arn:aws:lambda:us-east-1:000000000000:function:{name}"
    assert context["id"] == response["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"]
    tail = base64.b64decode(response["LogResult"]).decode()
    for line in ["printed\n", "complained\n", "logged"]:
        assert line in tail, tail


# ---- provided -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rust(world, rust_bootstrap):
    return world.function({"bootstrap": rust_bootstrap}, "provided.al2023", modes={"bootstrap": 0o100755},
                          name="rust", Timeout=2)


def test_rust(world, rust):
    before = time.time() * 1000
    payload, response = world.invoke("rust", {"é": [1, 2]})
    assert payload["event"] == {"é": [1, 2]} and payload["arn"] == rust
    assert before < payload["deadline"] - 2000 + 100 < before + 5000
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}.*", payload["trace"])
    assert world.invoke("rust")[0]["pid"] == payload["pid"]
    assert world.invoke("rust", {"do": "chunked"})[0]["event"] == {"do": "chunked"}


def test_rust_ends_badly(world, rust):
    assert failed(world, "rust", {"do": "error"}) == {
        "errorMessage": "rust says no", "errorType": "Rust.No", "stackTrace": []}
    error = failed(world, "rust", {"do": "exit"})
    assert error["errorType"] == "Runtime.ExitError"
    assert re.fullmatch(r"RequestId: \S{36} Error: Runtime exited with error: exit status 7", error["errorMessage"])
    error = failed(world, "rust", {"do": "hang"})
    assert error["errorType"] == "Sandbox.Timedout"
    assert re.fullmatch(r"RequestId: \S{36} Error: Task timed out after 2\.00 seconds", error["errorMessage"])
    assert world.invoke("rust", {"still": "there"})[0]["event"] == {"still": "there"}


def test_rust_prints(world, rust):
    _, response = world.invoke("rust", {"do": "print"}, LogType="Tail")
    tail = base64.b64decode(response["LogResult"]).decode()
    assert "printed by rust\n" in tail and "complained by rust\n" in tail


def test_rust_init_error(world, rust_bootstrap):
    name = aws.unique("rust")
    world.function({"bootstrap": rust_bootstrap}, "provided.al2023", modes={"bootstrap": 0o100755}, name=name,
                   Environment={"Variables": {"FAIL_INIT": "1"}})
    for _ in range(2):
        assert failed(world, name) == {"errorMessage": "init went wrong", "errorType": "Init.Broken"}


SHELL = """#!/bin/sh
base="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
  event=$(curl -sS -D "$TMPDIR/head.$$" "$base/next") || exit 1
  id=$(sed -n 's/^[Ll]ambda-[Rr]untime-[Aa]ws-[Rr]equest-[Ii]d: *\\([^[:space:]]*\\).*/\\1/p' "$TMPDIR/head.$$")
  curl -sS -o /dev/null -d "{\\"shell\\": $event, \\"handler\\": \\"$_HANDLER\\"}" "$base/$id/response"
done
"""


def test_a_shell_script(world):
    name = aws.unique("shell")
    world.function(SHELL.replace("$TMPDIR", "${TMPDIR:-/tmp}"), "provided.al2", handler="any.thing", name=name)
    for n in range(3):
        assert world.invoke(name, {"n": n})[0] == {"shell": {"n": n}, "handler": "any.thing"}


def test_no_bootstrap(world):
    name = aws.unique("provided")
    world.function({"other": "x"}, "provided.al2023", name=name)
    error = failed(world, name)
    assert error["errorType"] in ("Runtime.InvalidEntrypoint", "Runtime.ExitError")
    assert "bootstrap" in error["errorMessage"] or "entrypoint" in error["errorMessage"]


def test_a_bootstrap_that_is_no_program(world):
    name = aws.unique("provided")
    world.function({"bootstrap": b"\x7fELF nonsense"}, "provided.al2023", modes={"bootstrap": 0o100755}, name=name)
    assert failed(world, name)["errorType"] in ("Runtime.InvalidEntrypoint", "Runtime.ExitError")


def test_a_runtime_that_is_not_here(world):
    name = aws.unique("java")
    world.function({"x.class": "x"}, "java21", name=name)
    error = failed(world, name)
    assert "java21" in error["errorMessage"] and "--runtime java21=" in error["errorMessage"], error


def test_a_runtime_of_the_users_own(tmp_path):
    program = tmp_path / "ruby-bootstrap"
    program.write_text(aws.SPEAKER)
    program.chmod(0o755)
    with harness.Gatelet(["--runtime", f"ruby3.3={program}"]) as gatelet:
        world = aws.World(gatelet)
        world.function({"x.rb": "x"}, "ruby3.3", name="own")
        assert world.invoke("own", {"headers": aws.raw_header({"own": 1})})[0] == {"own": 1}


# ---- what a function sees -------------------------------------------------------------------------------------

ENVIRONMENT = {
    "nodejs20.x": "exports.handler = async () => ({ env: process.env, cwd: process.cwd() })",
    "python3.12": "import os\ndef handler(e, c):\n    return {'env': dict(os.environ), 'cwd': os.getcwd()}\n",
}


@pytest.mark.parametrize("runtime", ENVIRONMENT)
def test_environment(world, gatelet, runtime):
    name = aws.unique("env")
    world.function(ENVIRONMENT[runtime], runtime, name=name, MemorySize=192,
                   Environment={"Variables": {"MINE": "é =x", "NODE_OPTIONS": "", "PYTHONUNBUFFERED": "1"}})
    seen, _ = world.invoke(name)
    env = seen["env"]
    for key, value in {
        "_HANDLER": "index.handler", "AWS_LAMBDA_FUNCTION_NAME": name, "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "192", "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime}", "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SESSION_TOKEN": "test", "TZ": ":UTC", "MINE": "é =x", "AWS_ENDPOINT_URL": gatelet.url,
        "LAMBDA_TASK_ROOT": seen["cwd"],
    }.items():
        assert env.get(key) == value, key
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", env["AWS_LAMBDA_LOG_STREAM_NAME"])
    assert "LAMBDA_RUNTIME_DIR" in env and "PATH" in env
    for secret in ["HOST_SECRET", "HOME", "GATEWAY_LISTEN", "LS_LOG", "USER", "SSH_AUTH_SOCK"]:
        assert secret not in env, secret


def test_functions_reach_us(world):
    """The SDK's way: by AWS_ENDPOINT_URL and the credentials that a function has."""
    name = aws.unique("calls")
    world.function("""exports.handler = async () => {
        const answer = await fetch(process.env.AWS_ENDPOINT_URL + '/_localstack/health'); return answer.status }""", name=name)
    assert world.invoke(name)[0] == 200


def test_no_descriptors_are_inherited(world):
    name = aws.unique("fds")
    world.function("""import os
def handler(e, c):
    found = {}
    for fd in os.listdir("/proc/self/fd"):
        try:
            found[fd] = os.readlink(f"/proc/self/fd/{fd}")
        except OSError:
            pass
    return found
""", "python3.12", name=name)
    found, _ = world.invoke(name)
    # The standard three, the two of the channel, and perhaps what is open while listing.
    assert set(found) <= {"0", "1", "2", "3", "4", "5"}, found


# ---- workers --------------------------------------------------------------------------------------------------

COUNTER = "let n = 0; exports.handler = async (e) => { if (e.wait) await new Promise(r => setTimeout(r, e.wait)); return [process.pid, ++n] }"


def test_warm_workers_are_reused(world):
    name = aws.unique("warm")
    world.function(COUNTER, name=name)
    seen = [world.invoke(name)[0] for _ in range(5)]
    assert len({pid for pid, _ in seen}) == 1 and [n for _, n in seen] == [1, 2, 3, 4, 5]


def test_more_workers_under_load_and_the_newest_first(world):
    name = aws.unique("load")
    world.function(COUNTER, name=name)
    seen = harness.together(lambda _: world.invoke(name, {"wait": 800})[0], range(4))
    assert len({pid for pid, _ in seen}) == 4
    calm = {world.invoke(name)[0][0] for _ in range(5)}
    assert len(calm) == 1 and calm <= {pid for pid, _ in seen}


WAYS_TO_END = {
    "exit": ("process.exit(3)", "Runtime.ExitError", r"RequestId: \S{36} Error: Runtime exited with error: exit status 3"),
    "exit 0": ("process.exit(0)", "Runtime.ExitError", r"RequestId: \S{36} Error: Runtime exited without providing a reason"),
    "killed": ("process.kill(process.pid, 'SIGKILL'); await new Promise(() => setTimeout(() => {}, 5000))",
               "Runtime.ExitError", r"RequestId: \S{36} Error: Runtime exited with error: signal: killed"),
    "abort": ("process.abort()", "Runtime.ExitError", r"RequestId: \S{36} Error: Runtime exited with error: signal: aborted.*"),
    "timeout": ("await new Promise(r => setTimeout(r, 60000))", "Sandbox.Timedout",
                r"RequestId: \S{36} Error: Task timed out after 1\.00 seconds"),
    "busy loop": ("for (;;) {}", "Sandbox.Timedout", r"RequestId: \S{36} Error: Task timed out after 1\.00 seconds"),
    "child keeps on": ("require('child_process').spawn('sleep', ['60'], { stdio: 'inherit' }); for (;;) {}",
                       "Sandbox.Timedout", r"RequestId: \S{36} Error: Task timed out after 1\.00 seconds"),
    "too large": ("return 'x'.repeat(6300000)", "Function.ResponseSizeTooLarge",
                  r"Response payload size exceeded maximum allowed payload size \(6291556 bytes\)\."),
}


@pytest.mark.parametrize("kind", WAYS_TO_END)
def test_an_end_affects_its_own_invocation_only(world, kind):
    body, error_type, message = WAYS_TO_END[kind]
    name = aws.unique("ends")
    world.function(f"exports.handler = async (event) => {{ if (!event.bad) return process.pid; {body} }}", name=name, Timeout=1)
    first, _ = world.invoke(name)
    error = failed(world, name, {"bad": True})
    assert error["errorType"] == error_type and re.fullmatch(message, error["errorMessage"]), error
    after, response = world.invoke(name)
    assert "FunctionError" not in response
    if kind != "too large":
        assert after != first
        harness.wait_until(lambda: not alive(first), "the worker is gone", 5)


def test_the_whole_process_group_ends(world):
    name = aws.unique("group")
    world.function("""const { spawn } = require('child_process');
        exports.handler = async (e) => { const child = spawn('sleep', ['300']); console.log('child ' + child.pid);
            await new Promise(r => setTimeout(r, 60000)) }""", name=name, Timeout=1)
    _, response = world.invoke(name, LogType="Tail")
    child = int(re.search(r"child (\d+)", base64.b64decode(response["LogResult"]).decode())[1])
    harness.wait_until(lambda: not alive(child), "the child is gone", 5)


def test_a_memory_hungry_function(world):
    name = aws.unique("hungry")
    world.function("exports.handler = async (e) => { if (!e.bad) return 'fine'; const all = [];"
                   "for (let n = 0; n < 120; n++) { all.push(Buffer.alloc(16 << 20, 1)); await new Promise(r => setTimeout(r, 10)) }"
                   "return 'got it all' }", name=name, MemorySize=128, Timeout=20)
    assert world.invoke(name)[0] == "fine"
    error = failed(world, name, {"bad": True})
    assert error["errorType"] == "Runtime.ExitError", error
    assert error["errorMessage"].endswith("Error: Runtime exited with error: signal: killed"), error
    assert world.invoke(name)[0] == "fine"


def test_the_children_of_a_function_count_as_its_memory(world):
    name = aws.unique("hungrychild")
    world.function("""const { spawn } = require('child_process');
        const hungry = "const all = []; setInterval(() => all.push(Buffer.alloc(16 << 20, 1)), 10)";
        exports.handler = async () => { spawn('node', ['-e', hungry]); await new Promise(r => setTimeout(r, 15000)); return 'got it all' }""",
                   name=name, MemorySize=128, Timeout=20)
    assert failed(world, name)["errorType"] == "Runtime.ExitError"


def test_the_heap_of_node_is_as_large_as_the_function_may_be(world):
    name = aws.unique("heap")
    world.function("exports.handler = async () => Math.round(require('v8').getHeapStatistics().heap_size_limit / 1048576)",
                   name=name, MemorySize=512)
    assert 400 < world.invoke(name)[0] < 640


def test_reports_say_what_memory_was_used(world):
    name = aws.unique("report")
    world.function("exports.handler = async (e) => { const all = Buffer.alloc(e.mb << 20, 1); await new Promise(r => setTimeout(r, 500)); return all.length }",
                   name=name, MemorySize=1024)

    def used(mb):
        _, response = world.invoke(name, {"mb": mb}, LogType="Tail")
        return int(re.search(r"Max Memory Used: (\d+) MB", base64.b64decode(response["LogResult"]).decode())[1])

    small, large = used(0), used(300)
    assert 20 <= small < 200 and 300 <= large - small + 20 < 400, (small, large)


def test_a_worker_that_never_asks(world):
    name = aws.unique("silent")
    world.function("#!/bin/sh\nexec sleep 60\n", "provided.al2023", name=name, Timeout=1)
    began = time.monotonic()
    error = failed(world, name)
    assert error["errorType"] in ("Sandbox.Timedout", "Runtime.ExitError", "Sandbox.Timeout"), error
    assert time.monotonic() - began < 15


def test_output_floods_are_bounded(world, gatelet):
    name = aws.unique("flood")
    world.function("exports.handler = async () => { const line = 'x'.repeat(1000); "
                   "for (let n = 0; n < 20000; n++) process.stdout.write(line + '\\n'); return 'done' }", name=name, Timeout=20)
    before = gatelet.resident_bytes()
    payload, response = world.invoke(name, LogType="Tail")
    assert payload == "done" and len(base64.b64decode(response["LogResult"])) <= 4096
    assert gatelet.resident_bytes() - before < 30_000_000


def test_one_endless_line(world):
    name = aws.unique("line")
    world.function("exports.handler = async () => { process.stdout.write('x'.repeat(5000000)); return 'done' }", name=name)
    assert world.invoke(name)[0] == "done"


def test_idle_workers_end():
    with harness.Gatelet(["--lambda-keepalive-ms", "300"]) as gatelet:
        world = aws.World(gatelet)
        world.function(COUNTER, name="idle")
        world.invoke("idle")
        assert len(gatelet.children()) == 1
        harness.wait_until(lambda: not gatelet.children(), "the worker ends", 5)
        assert world.invoke("idle")[0][1] == 1


def test_the_global_limit_queues():
    with harness.Gatelet(["--max-workers", "2"]) as gatelet:
        world = aws.World(gatelet)
        for name in ["one", "two", "three"]:
            world.function(COUNTER, name=name)
        names = ["one", "two", "three"] * 4
        seen = harness.together(lambda name: world.invoke(name, {"wait": 50})[0], names)
        assert len(seen) == 12 and all(n >= 1 for _, n in seen)
        assert len(gatelet.children()) <= 2


def test_updated_and_deleted_functions_end_their_workers(world, gatelet):
    name = aws.unique("ends")
    world.function(COUNTER, name=name)
    first = world.invoke(name)[0][0]
    world.functions.update_function_configuration(FunctionName=name, Timeout=5)
    harness.wait_until(lambda: not alive(first), "the old worker ends", 5)
    second = world.invoke(name)[0][0]
    world.functions.delete_function(FunctionName=name)
    harness.wait_until(lambda: not alive(second), "the worker ends", 5)


def test_an_update_lets_invocations_finish(world):
    name = aws.unique("busy")
    world.function("exports.handler = async () => { await new Promise(r => setTimeout(r, 800)); return 'old' }", name=name)
    world.invoke(name)

    def work(what):
        if what == "invoke":
            return world.invoke(name)[0]
        time.sleep(0.3)
        world.functions.update_function_code(
            FunctionName=name, ZipFile=aws.zipped({"index.js": "exports.handler = async () => 'new'"}))

    assert harness.together(work, ["invoke", "update"])[0] == "old"
    assert world.invoke(name)[0] == "new"


def test_a_thousand_at_once_and_none_lost(world):
    name = aws.unique("thousand")
    arn = world.function("exports.handler = async (e) => ({ statusCode: 200, body: e.queryStringParameters.n })", name=name)
    api = world.http_api()
    api.route("GET /", api.function_integration(arn))
    wires = [world.gatelet.wire() for _ in range(1000)]
    try:
        for n, wire in enumerate(wires):
            wire.send(f"GET /?n={n} HTTP/1.1\r\nHost: {api.host}\r\n\r\n".encode())
        for n, wire in enumerate(wires):
            answer = wire.answer()
            assert (answer.status, answer.text) == (200, str(n))
    finally:
        for wire in wires:
            wire.sock.close()


def test_clients_that_hang_up_waste_no_worker(world):
    name = aws.unique("gone")
    arn = world.function("exports.handler = async () => { await new Promise(r => setTimeout(r, 200)); return 'x' }", name=name)
    api = world.http_api()
    api.route("GET /", api.function_integration(arn))
    for _ in range(20):
        with world.gatelet.wire() as wire:
            wire.send(f"GET / HTTP/1.1\r\nHost: {api.host}\r\n\r\n".encode())
    assert api.call("GET", "/").status == 200


# ---- hot reload -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("runtime, file, source", [
    ("nodejs20.x", "index.js", "exports.handler = async () => require('./part.js')"),
    ("nodejs20.x", "index.mjs", "export const handler = async () => '{0}'"),
    ("python3.12", "index.py", "def handler(e, c):\n    return '{0}'\n"),
])
def test_hot_reload(world, tmp_path, runtime, file, source):
    name = aws.unique("hot")

    def write(word):
        (tmp_path / "part.js").write_text(f"module.exports = '{word}'")
        (tmp_path / file).write_text(source.replace("{0}", word))

    write("one")
    made = world.functions.create_function(
        FunctionName=name, Runtime=runtime, Role=aws.ROLE, Handler="index.handler",
        Code={"S3Bucket": "hot-reload", "S3Key": str(tmp_path)})
    assert made["CodeSize"] == 0 or made["CodeSha256"]
    assert [world.invoke(name)[0] for _ in range(3)] == ["one"] * 3
    for word in ["two", "three"]:
        write(word)
        harness.wait_until(lambda: world.invoke(name)[0] == word, "the edit is picked up", 2)
    # Reading changes nothing: the worker stays.
    (tmp_path / "data").mkdir()
    assert os.path.exists(tmp_path / file)
    world.functions.delete_function(FunctionName=name)
    assert (tmp_path / file).exists()


def test_hot_reload_of_a_folder_that_is_not_there(world, tmp_path):
    status, code, message = aws.refused(
        world.functions.create_function, FunctionName=aws.unique("hot"), Runtime="nodejs20.x", Role=aws.ROLE,
        Handler="index.handler", Code={"S3Bucket": "hot-reload", "S3Key": str(tmp_path / "nosuch")})
    assert (status, code) == (400, "InvalidParameterValueException") and str(tmp_path / "nosuch") in message


def test_hot_reload_survives_a_folder_that_goes_and_comes(world, tmp_path):
    name = aws.unique("hot")
    (tmp_path / "code").mkdir()
    (tmp_path / "code/index.js").write_text("exports.handler = async () => 'first'")
    world.functions.create_function(
        FunctionName=name, Runtime="nodejs20.x", Role=aws.ROLE, Handler="index.handler",
        Code={"S3Bucket": "hot-reload", "S3Key": str(tmp_path / "code")})
    assert world.invoke(name)[0] == "first"
    (tmp_path / "code").rename(tmp_path / "away")
    assert failed(world, name)["errorMessage"]
    (tmp_path / "code").mkdir()
    (tmp_path / "code/index.js").write_text("exports.handler = async () => 'again'")
    harness.wait_until(lambda: world.invoke(name)[0] == "again", "it is there", 3)
