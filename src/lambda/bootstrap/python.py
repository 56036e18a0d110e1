"""The Python runtime of gatelet: loads a handler and calls it once per frame.

Events come on descriptor 3, answers go to descriptor 4 (see `frames.rs` for their shape), and what the function
prints goes to 1 and 2. What a function sees (context, errors, logging) is what the Python runtime of AWS Lambda
shows it. Modules that most functions do without are imported when they are needed: a start is to be quick.
"""

import importlib
import json
import os
import sys
import time

EVENTS = 3
ANSWERS = 4
READ = 64 * 1024
MAX_RESPONSE = 6291556
JSON_LOGS = os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
LOG_LEVEL = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
READY = b"\x02\x00\x00\x00n\x00"


class Fault(Exception):
    """What the runtime itself finds wrong, rather than the function."""

    def __init__(self, kind, message, trace=None):
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.trace = trace


class CognitoIdentity:
    __slots__ = ["cognito_identity_id", "cognito_identity_pool_id"]

    def __init__(self):
        self.cognito_identity_id = None
        self.cognito_identity_pool_id = None


class Client:
    __slots__ = ["installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"]

    def __init__(self, members):
        for name in self.__slots__:
            setattr(self, name, members.get(name))


class ClientContext:
    __slots__ = ["custom", "env", "client"]

    def __init__(self, members):
        self.custom = members.get("custom")
        self.env = members.get("env")
        client = members.get("client")
        self.client = None if client is None else Client(client)


class LambdaContext:
    log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
    log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
    function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
    memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
    function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")

    def __init__(self, request_id, deadline, arn, client_context):
        self.aws_request_id = request_id
        self.invoked_function_arn = arn
        self.client_context = client_context
        self.identity = CognitoIdentity()
        self.tenant_id = None
        # Members of the object itself, as on AWS: some print `vars(context)`.
        self.log_group_name = LambdaContext.log_group_name
        self.log_stream_name = LambdaContext.log_stream_name
        self.function_name = LambdaContext.function_name
        self.memory_limit_in_mb = LambdaContext.memory_limit_in_mb
        self.function_version = LambdaContext.function_version
        self._epoch_deadline_time_in_ms = deadline

    def get_remaining_time_in_millis(self):
        return max(0, self._epoch_deadline_time_in_ms - int(time.time() * 1000))

    def log(self, message):
        sys.stdout.write(str(message))

    def __repr__(self):
        return (
            f"LambdaContext([aws_request_id={self.aws_request_id},log_group_name={self.log_group_name},"
            f"log_stream_name={self.log_stream_name},function_name={self.function_name},"
            f"memory_limit_in_mb={self.memory_limit_in_mb},function_version={self.function_version},"
            f"invoked_function_arn={self.invoked_function_arn},client_context={self.client_context},"
            f"identity={self.identity},tenant_id={self.tenant_id}])"
        )


# ---------------------------------------------------------------------------------------------- what is said


def write_all(data):
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(ANSWERS, view) :]
        except BlockingIOError:
            time.sleep(0.001)


def say(kind, request_id, payload, after=b""):
    """Writes a frame, and behind it what follows at once. What was printed goes out before it."""
    sys.stdout.flush()
    sys.stderr.flush()
    if len(payload) > MAX_RESPONSE:
        message = f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE} bytes)."
        kind = b"e"
        payload = json.dumps({"errorMessage": message, "errorType": "Function.ResponseSizeTooLarge"}).encode()
    name = request_id.encode()
    length = 2 + len(name) + len(payload)
    write_all(b"%b%b%c%b%b%b" % (length.to_bytes(4, "little"), kind, len(name), name, payload, after))


def describe(error, request_id):
    """Lambda's error object for what an invocation or the start ended with."""
    if isinstance(error, Fault):
        message, kind, trace = error.message, error.kind, error.trace or []
    else:
        import traceback

        frames = traceback.extract_tb(error.__traceback__)
        while frames and frames[0].filename == __file__:
            del frames[0]
        message, kind, trace = str(error), type(error).__name__, traceback.format_list(frames)
    result = {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": trace}
    if JSON_LOGS:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        sys.stdout.write(json.dumps({"timestamp": now, "level": "ERROR", **result}) + "\n")
        return json.dumps(result, ensure_ascii=False).encode("utf-8", "replace")
    lines = [f"[ERROR] {kind}: {message}" if message else f"[ERROR] {kind}", "Traceback (most recent call last):"]
    lines += [line for element in trace for line in element.splitlines()]
    sys.stdout.write("\n".join(lines) + "\n")
    return json.dumps(result, ensure_ascii=False).encode("utf-8", "replace")


class Encoder(json.JSONEncoder):
    """JSON as AWS's runtime writes it: from 3.12 on not escaped to ASCII, decimals as numbers, no NaN."""

    def __init__(self):
        version = os.environ.get("AWS_EXECUTION_ENV", "").rpartition("python3.")[2]
        super().__init__(ensure_ascii=version.isdigit() and int(version) < 12, allow_nan=False)
        self.decimals = []

    def default(self, value):
        decimal = sys.modules.get("decimal")
        if decimal is not None and isinstance(value, decimal.Decimal):
            if value.is_nan():
                return float("nan")
            # The encoder knows no numbers but its own, so this one is put in afterwards.
            self.decimals.append(str(value))
            return f"\x00decimal {len(self.decimals) - 1}\x00"
        return super().default(value)

    def payload(self, value):
        text = self.encode(value)
        if self.decimals:
            decimals, self.decimals = self.decimals, []
            for number, digits in enumerate(decimals):
                text = text.replace(f'"\\u0000decimal {number}\\u0000"', digits, 1)
        return text.encode("utf-8", "surrogatepass")


# --------------------------------------------------------------------------------------------------- logging


class LoggingHook:
    """Gives the root logger Lambda's handler as soon as, and only if, somebody imports `logging`."""

    request_id = ""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name != "logging":
            return None
        sys.meta_path.remove(cls)
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                execute = spec.loader.exec_module

                def exec_module(module):
                    execute(module)
                    cls.set_up(module)

                spec.loader.exec_module = exec_module
                return spec
        return None

    @classmethod
    def set_up(cls, logging):
        class Handler(logging.Handler):
            def emit(self, record):
                sys.stdout.write(self.format(record))

        class JsonFormatter(logging.Formatter):
            usual = set(vars(logging.makeLogRecord({}))) | {"message", "aws_request_id"}

            def format(self, record):
                entry = {
                    "timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ"),
                    "level": record.levelname,
                    "message": record.getMessage(),
                    "logger": record.name,
                    "requestId": cls.request_id,
                }
                if record.exc_info and record.exc_info[0]:
                    import traceback

                    entry["errorType"] = record.exc_info[0].__name__
                    entry["errorMessage"] = str(record.exc_info[1])
                    entry["stackTrace"] = traceback.format_tb(record.exc_info[2])
                    entry["location"] = f"{record.pathname}:{record.funcName}:{record.lineno}"
                # What was given as `extra`.
                entry.update((name, value) for name, value in vars(record).items() if name not in self.usual)
                entry = {name: value for name, value in entry.items() if value is not None and value != ""}
                return json.dumps(entry, default=str) + "\n"

        def add_request_id(record):
            record.aws_request_id = cls.request_id
            return True

        text = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
        logging.Formatter.converter = time.gmtime
        handler = Handler()
        handler.setFormatter(JsonFormatter() if JSON_LOGS else logging.Formatter(text, "%Y-%m-%dT%H:%M:%S"))
        handler.addFilter(add_request_id)
        logging.getLogger().addHandler(handler)
        level = {"TRACE": "NOTSET", "FATAL": "CRITICAL"}.get(LOG_LEVEL, LOG_LEVEL)
        if level in ("NOTSET", "DEBUG", "INFO", "WARN", "ERROR", "CRITICAL"):
            logging.getLogger().setLevel(level)


# ------------------------------------------------------------------------------------------ loading a handler


def hint(error):
    """What a user can do about a package that is not there; AWS's runtime brings its SDK along, we do not."""
    name = (getattr(error, "name", None) or "").partition(".")[0]
    if not isinstance(error, ModuleNotFoundError) or not name:
        return ""
    if name in ("boto3", "botocore"):
        return (
            f". AWS's Python runtime contains '{name}'; gatelet runs {sys.executable}, which does not: "
            "install it there (pip install boto3), or with the function's code (pip install --target), or publish it "
            "as a layer"
        )
    return (
        f". If '{name}' is a package, install it with the function's code (pip install --target), for all functions "
        f"of this machine ({sys.executable} -m pip install {name}), or publish it as a layer"
    )


def load(handler):
    module_name, dot, function_name = handler.rpartition(".")
    if not dot:
        raise Fault(
            "Runtime.MalformedHandlerName",
            f"Bad handler '{handler}': not enough values to unpack (expected 2, got 1)",
        )
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault(
            "Runtime.BuiltInModuleConflict", f"Cannot use built-in module {module_name} as a handler module"
        )
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault(
            "Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}{hint(error)}"
        ) from error
    except SyntaxError as error:
        raise Fault(
            "Runtime.UserCodeSyntaxError",
            f"Syntax error in module '{module_name}': {error}",
            [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}'],
        ) from error
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise Fault(
            "Runtime.HandlerNotFound", f"Handler '{function_name}' missing on module '{module_name}'"
        ) from None


# ------------------------------------------------------------------------------------------- calling a handler


def read_frame():
    """The head and the event of the next frame; ends the process when nobody gives it work any more."""
    data = read_some()
    while len(data) < 8:
        data += read_some()
    head_end = 8 + int.from_bytes(data[:4], "little")
    end = head_end + int.from_bytes(data[4:8], "little")
    if len(data) < end:
        whole = bytearray(end)
        whole[: len(data)] = data
        rest = memoryview(whole)[len(data) :]
        while rest:
            more = read_some(len(rest))
            rest[: len(more)] = more
            rest = rest[len(more) :]
        data = whole
    return data[8:head_end].decode(), data[head_end:end].decode()


def read_some(most=READ):
    while True:
        try:
            data = os.read(EVENTS, min(most, 1 << 20))
        except BlockingIOError:
            time.sleep(0.001)
            continue
        if not data:
            sys.exit(0)
        return data


def client_context_of(text):
    if not text:
        return None
    try:
        return ClientContext(json.loads(text))
    except Exception as error:
        raise Fault(
            "Runtime.LambdaContextUnmarshalError", f"Unable to parse Client Context JSON: {error}"
        ) from error


def parse(event):
    try:
        return json.loads(event)
    except Exception as error:
        raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from error


class CustomResource:
    """A custom resource of CloudFormation says what came of it at `ResponseURL`. Helpers such as crhelper speak https
    there whatever it says; where that URL is gatelet's, they are led to it as it is."""

    # How CloudFormation's events begin.
    EVENT = '{"RequestType":"'
    place = None

    @classmethod
    def answer_here(cls, event):
        from http.client import HTTPConnection, HTTPSConnection
        from urllib.parse import urlsplit

        first, url = cls.place is None, urlsplit(json.loads(event).get("ResponseURL", ""))
        cls.place = (url.hostname, url.port) if url.scheme == "http" else ()
        if not first:
            return
        connect = HTTPSConnection.connect

        def led(self):
            here = (self.host, self.port) == cls.place
            return HTTPConnection.connect(self) if here else connect(self)

        HTTPSConnection.connect = led


def answer(handler, encoder, request_id, deadline, arn, client_context, event):
    try:
        if event.startswith(CustomResource.EVENT):
            CustomResource.answer_here(event)
        context = LambdaContext(request_id, int(deadline), arn, client_context_of(client_context))
        result = handler(parse(event), context)
        if isinstance(result, bytes):
            payload = result
        else:
            try:
                payload = encoder.payload(result)
            except Exception as error:
                encoder.decimals = []
                raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from error
    except Exception as error:
        return b"e", describe(error, request_id)
    return b"r", payload


def main():
    # `print` is to show up line by line, and hot-reloaded folders are not to be littered with caches.
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    sys.dont_write_bytecode = True
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    sys.meta_path.insert(0, LoggingHook)
    try:
        handler = load(os.environ["_HANDLER"])
    except Exception as error:
        say(b"i", "", describe(error, ""))
        sys.exit(1)
    encoder = Encoder()
    write_all(READY)
    while True:
        head, event = read_frame()
        request_id, deadline, arn, trace_id, client_context = head.split("\n", 4)
        LoggingHook.request_id = request_id
        if trace_id:
            os.environ["_X_AMZN_TRACE_ID"] = trace_id
        else:
            os.environ.pop("_X_AMZN_TRACE_ID", None)
        kind, payload = answer(handler, encoder, request_id, deadline, arn, client_context, event)
        say(kind, request_id, payload, READY)


main()
