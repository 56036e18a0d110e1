//! `python3.*`: handlers, results, and every way to fail.

use serde_json::{Value, json};

use crate::worker::{Outcome, REQUEST_ID, TRACE_ID, Worker, assert_error};

fn start(handler: &str, files: &[(&str, &str)]) -> Worker {
    let mut worker = Worker::start("python3.12", handler, files);
    assert_eq!(worker.up(), Ok(()), "{}", worker.log());
    worker
}

#[test]
fn results() {
    for (code, expected) in [
        ("return {'got': event['n']}", r#"{"got": 1}"#),
        ("return [1, 2.5, None, True, 'x']", r#"[1, 2.5, null, true, "x"]"#),
        ("pass", "null"),
        ("return 'é😀'", "\"é😀\""),
        (
            "import decimal; return {'a': decimal.Decimal('1.10'), 'b': [decimal.Decimal(2)]}",
            r#"{"a": 1.10, "b": [2]}"#,
        ),
        ("return b'raw bytes'", "raw bytes"),
    ] {
        let mut worker =
            start("app.handler", &[("app.py", &format!("def handler(event, context):\n  {code}\n"))]);
        let answer = worker.call_raw("{\"n\":1}", None).unwrap();
        assert_eq!(answer, expected.as_bytes(), "{code}");
    }
    let mut worker =
        Worker::start("python3.11", "app.handler", &[("app.py", "def handler(e, c):\n  return 'é'\n")]);
    worker.up().unwrap();
    assert_eq!(worker.call_raw("{}", None).unwrap(), &b"\"\\u00e9\""[..], "older runtimes escape");
}

#[test]
fn modules() {
    let files: &[(&str, &str)] = &[
        (
            "app.py",
            "import helper\nclass Named:\n  pass\ndef handler(event, context):\n  return helper.text\n",
        ),
        ("helper.py", "text = 'helped'\n"),
        ("dir/deep.py", "from . import near\ndef handler(event, context):\n  return near.text\n"),
        ("dir/near.py", "text = 'near'\n"),
        ("pack/__init__.py", "def handler(event, context):\n  return 'package'\n"),
    ];
    for (handler, expected) in [
        ("app.handler", "helped"),
        ("dir/deep.handler", "near"),
        ("dir.deep.handler", "near"),
        ("pack.handler", "package"),
    ] {
        let mut worker = start(handler, files);
        assert_eq!(worker.call("{}"), Outcome::Answer(json!(expected)), "{handler}");
        assert!(!worker.code.path().join("__pycache__").exists(), "the folder is not littered");
    }
}

#[test]
fn errors_of_a_handler() {
    for (code, kind, message) in [
        ("raise Exception('Failed: x')", "Exception", "Failed: x"),
        ("raise KeyError('key')", "KeyError", "'key'"),
        (
            "return {1, 2}",
            "Runtime.MarshalError",
            "Unable to marshal response: Object of type set is not JSON serializable",
        ),
        (
            "return float('nan')",
            "Runtime.MarshalError",
            "Unable to marshal response: Out of range float values",
        ),
        ("return context", "Runtime.MarshalError", "Object of type LambdaContext is not JSON serializable"),
    ] {
        let mut worker =
            start("app.handler", &[("app.py", &format!("def handler(event, context):\n    {code}\n"))]);
        let outcome = worker.call("{}");
        assert_error(&outcome, kind, message);
        let Outcome::Error(error) = outcome else { unreachable!() };
        assert_eq!(error["requestId"], REQUEST_ID);
        let path = worker.code.path().join("app.py");
        let expected = match code.starts_with("raise") {
            true => json!([format!("  File \"{}\", line 2, in handler\n    {code}\n", path.display())]),
            false => json!([]),
        };
        assert_eq!(error["stackTrace"], expected);
        assert_eq!(worker.hear(), Some(gatelet::lambda::FromWorker::Ready), "it goes on");
        assert!(worker.log().contains(&format!("[ERROR] {kind}: ")));
    }
}

#[test]
fn ends_of_the_process() {
    for (code, exit) in
        [("sys.exit(3)", 3), ("sys.exit()", 0), ("os._exit(4)", 4), ("os.kill(os.getpid(), 9)", -1)]
    {
        let text = format!("import os, sys\ndef handler(event, context):\n  print('last words')\n  {code}\n");
        let mut worker = start("app.handler", &[("app.py", &text)]);
        assert_eq!(worker.call("{}"), Outcome::Exit(exit), "{code}");
        assert_eq!(worker.last_log(), "last words\n");
    }
}

#[test]
fn errors_of_the_start() {
    for (handler, code, kind, message) in [
        (
            "app.handler",
            "import nowhere",
            "Runtime.ImportModuleError",
            "Unable to import module 'app': No module named 'nowhere'",
        ),
        ("app.handler", "import nowhere", "Runtime.ImportModuleError", "pip install"),
        (
            "other.handler",
            "",
            "Runtime.ImportModuleError",
            "Unable to import module 'other': No module named 'other'",
        ),
        ("app.missing", "", "Runtime.HandlerNotFound", "Handler 'missing' missing on module 'app'"),
        (
            "app",
            "",
            "Runtime.MalformedHandlerName",
            "Bad handler 'app': not enough values to unpack (expected 2, got 1)",
        ),
        (
            "sys.exit",
            "",
            "Runtime.BuiltInModuleConflict",
            "Cannot use built-in module sys as a handler module",
        ),
        (
            "app.handler",
            "def handler(:",
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module 'app': invalid syntax (app.py, line 1)",
        ),
        ("app.handler", "raise ValueError('Runtime startup fails')", "ValueError", "Runtime startup fails"),
    ] {
        let mut worker = Worker::start("python3.12", handler, &[("app.py", code)]);
        let outcome = worker.up().expect_err("it cannot be loaded");
        assert_error(&outcome, kind, message);
        let Outcome::Error(error) = outcome else { unreachable!() };
        assert_eq!(error["requestId"], "");
        assert!(error["stackTrace"].is_array());
        if kind == "ValueError" {
            assert!(
                error["stackTrace"].as_array().unwrap().last().unwrap().as_str().unwrap().contains("app.py")
            );
        }
        assert_eq!(worker.hear(), None);
        assert_eq!(worker.exit_code(), 1);
    }
    let mut worker = Worker::start("python3.12", "app.handler", &[("app.py", "import sys; sys.exit(0)")]);
    assert_eq!(worker.up(), Err(Outcome::Exit(0)));
}

#[test]
fn the_context() {
    let code = "
import os
def handler(event, context):
    return {
        'left': context.get_remaining_time_in_millis(),
        'names': [context.function_name, context.function_version, context.invoked_function_arn,
            context.memory_limit_in_mb, context.aws_request_id, context.log_group_name],
        'stream': context.log_stream_name,
        'identity': context.identity.cognito_identity_id,
        'client': context.client_context and [context.client_context.custom, context.client_context.client.app_title],
        'trace': os.environ['_X_AMZN_TRACE_ID'],
        'environment': [os.environ.get(name) for name in ('AWS_REGION', 'AWS_EXECUTION_ENV', 'HOME')],
        'repr': repr(context)[:30],
    }
";
    let mut worker = start("app.handler", &[("app.py", code)]);
    let context = r#"{"custom":{"foo":"bar"},"client":{"app_title":"title"}}"#;
    let Outcome::Answer(mut answer) = worker.call_with("{}", Some(context)) else { panic!("an answer") };
    let left = answer["left"].take().as_i64().unwrap();
    assert!((20_000..=30_000).contains(&left), "{left}");
    assert_eq!(answer["stream"].take(), "2025/04/14/[$LATEST]0");
    assert_eq!(
        answer,
        json!({
            "left": null,
            "names": ["f", "7", "arn:aws:lambda:us-east-1:000000000000:function:f:live", "256", REQUEST_ID,
                "/aws/lambda/f"],
            "stream": null,
            "identity": null,
            "client": [{"foo": "bar"}, "title"],
            "trace": TRACE_ID,
            "environment": ["eu-west-1", "AWS_Lambda_python3.12", null],
            "repr": "LambdaContext([aws_request_id=",
        })
    );
    let Outcome::Answer(answer) = worker.call("{}") else { panic!("an answer") };
    assert_eq!(answer["client"], Value::Null);
}

#[test]
fn what_is_printed() {
    let code = "
import logging, sys
logging.basicConfig(level=logging.DEBUG)
logger = logging.getLogger('mine')
logger.setLevel(logging.INFO)
logger.warning('loading')
def handler(event, context):
    print('one')
    logger.info('two %s', 'é')
    logging.warning('root')
    logging.info('below the level')
    print('three', end='')
    sys.stderr.write('four\\n')
";
    let mut worker = start("app.handler", &[("app.py", code)]);
    worker.call("{}");
    let log = worker.last_log();
    let (loading, rest) = log.split_once('\n').unwrap();
    assert!(loading.starts_with("[WARNING]\t20") && loading.ends_with("Z\t\tloading"), "{log}");
    let (one, rest) = rest.split_once('\n').unwrap();
    assert_eq!(one, "one");
    let (two, rest) = rest.split_once('\n').unwrap();
    assert!(two.starts_with("[INFO]\t20") && two.ends_with(&format!("Z\t{REQUEST_ID}\ttwo é")), "{log}");
    assert!(rest.starts_with("[WARNING]\t20") && rest.contains("\troot\n"), "{log}");
    assert!(rest.contains("three") && rest.contains("four\n") && !rest.contains("below"), "{log}");
}

#[test]
fn json_logs() {
    let code = "
import logging
def handler(event, context):
    logging.debug('below')
    logging.info('one %d', 1, extra={'order': 7})
    try:
        1 / 0
    except ZeroDivisionError:
        logging.exception('two')
    raise KeyError('k')
";
    let variables = [("AWS_LAMBDA_LOG_FORMAT", "JSON"), ("AWS_LAMBDA_LOG_LEVEL", "INFO")];
    let mut worker = Worker::start_with("python3.12", "app.handler", &[("app.py", code)], &variables);
    worker.up().unwrap();
    worker.call("{}");
    let log = worker.last_log();
    let entries: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(entries.len(), 3, "{log}");
    let one = &entries[0];
    assert_eq!(
        [&one["level"], &one["message"], &one["logger"], &one["requestId"], &one["order"]],
        [&json!("INFO"), &json!("one 1"), &json!("root"), &json!(REQUEST_ID), &json!(7)]
    );
    assert_eq!(
        (&entries[1]["message"], &entries[1]["errorType"]),
        (&json!("two"), &json!("ZeroDivisionError"))
    );
    assert_eq!((&entries[2]["level"], &entries[2]["errorType"]), (&json!("ERROR"), &json!("KeyError")));
}

#[test]
fn large_events_and_answers() {
    let code = "
def handler(event, context):
    return 'x' * event['make'] if 'make' in event else len(event['text'])
";
    let mut worker = start("app.handler", &[("app.py", code)]);
    for length in [65_400, 65_536, 200_000, 6 << 20] {
        let event = json!({"text": "é".repeat(length / 2)}).to_string();
        assert_eq!(worker.call(&event), Outcome::Answer(json!(length / 2)));
    }
    for length in [65_536, 6_291_554] {
        let Outcome::Answer(Value::String(text)) = worker.call(&json!({"make": length}).to_string()) else {
            panic!("an answer")
        };
        assert_eq!(text.len(), length);
    }
    let outcome = worker.call(&json!({"make": 6_291_555}).to_string());
    assert_error(&outcome, "Function.ResponseSizeTooLarge", "(6291556 bytes)");
}

#[test]
fn the_process_lives_on_between_invocations() {
    let code = "
calls = 0
def handler(event, context):
    global calls
    calls += 1
    return calls
";
    let mut worker = start("app.handler", &[("app.py", code)]);
    for calls in 1..=3 {
        assert_eq!(worker.call("{}"), Outcome::Answer(json!(calls)));
    }
    assert_error(&worker.call("{no json"), "Runtime.UnmarshalError", "Unable to unmarshal input: ");
    worker.hear();
    worker.hang_up();
    assert_eq!(worker.exit_code(), 0, "it ends when nobody gives it work");
}
