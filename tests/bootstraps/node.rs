//! `nodejs*`: every style of handler, and every way to fail.

use serde_json::{Value, json};

use crate::worker::{Outcome, REQUEST_ID, Scratch, TRACE_ID, Worker, assert_error};

fn start(handler: &str, files: &[(&str, &str)]) -> Worker {
    let mut worker = Worker::start("nodejs20.x", handler, files);
    assert_eq!(worker.up(), Ok(()), "{}", worker.log());
    worker
}

/// What `index.handler` makes of `{"n":1}`.
#[track_caller]
fn check(code: &str, expected: Value) {
    let mut worker = start("index.handler", &[("index.js", code)]);
    assert_eq!(worker.call("{\"n\":1}"), Outcome::Answer(expected), "{code}");
}

#[test]
fn styles_of_answering() {
    for (code, expected) in [
        ("exports.handler = async (event) => ({ got: event.n });", json!({"got": 1})),
        ("exports.handler = (event) => Promise.resolve(event.n);", json!(1)),
        ("exports.handler = (event) => ({ then: (done) => done('thenable') });", json!("thenable")),
        ("exports.handler = (event, context, callback) => callback(null, [event.n]);", json!([1])),
        (
            "exports.handler = (e, c, callback) => { setTimeout(callback, 5, null, 'later'); };",
            json!("later"),
        ),
        ("exports.handler = (event, context) => context.succeed(event);", json!({"n": 1})),
        ("exports.handler = (event, context) => context.done(null, 'done');", json!("done")),
        ("exports.handler = (event, context) => { setTimeout(context.succeed, 5, 2); };", json!(2)),
        ("exports.handler = async () => {};", json!(null)),
        ("exports.handler = async () => () => 1;", json!(null)),
        ("exports.handler = () => 'a value without a callback is not looked at';", json!(null)),
        ("exports.handler = async () => 'é😀\\u2028';", json!("é😀\u{2028}")),
        ("exports.handler = (e, c, callback) => { callback(null, 1); callback(null, 2); };", json!(1)),
        ("module.exports = { handler: async () => require('./other') };", json!("other")),
    ] {
        let mut worker =
            start("index.handler", &[("index.js", code), ("other.js", "module.exports = 'other'")]);
        assert_eq!(worker.call("{\"n\":1}"), Outcome::Answer(expected), "{code}");
    }
}

#[test]
fn kinds_of_modules() {
    let files: &[(&str, &str)] = &[
        ("common.js", "exports.handler = async () => __filename.split('/').pop();"),
        ("explicit.cjs", "exports.handler = async () => 'cjs';"),
        ("modern.mjs", "import fs from 'node:fs'; export const handler = async () => typeof fs.statSync;"),
        ("awaits.mjs", "const n = await Promise.resolve(3); export const handler = async () => n;"),
        ("esm/package.json", "{\"type\":\"module\"}"),
        ("esm/index.js", "import x from './x.js'; export const handler = async () => x;"),
        ("esm/x.js", "export default 'module';"),
        ("dir/deep.js", "exports.a = { b: { c: async () => 'deep' } };"),
        ("pack/index.js", "exports.handler = async () => 'folder';"),
        ("both.js", "exports.handler = async () => 'js first';"),
        ("both.mjs", "export const handler = async () => 'mjs';"),
    ];
    for (handler, expected) in [
        ("common.handler", "common.js"),
        ("explicit.handler", "cjs"),
        ("modern.handler", "function"),
        ("esm/index.handler", "module"),
        ("dir/deep.a.b.c", "deep"),
        ("pack/index.handler", "folder"),
        ("both.handler", "js first"),
    ] {
        assert_eq!(start(handler, files).call("{}"), Outcome::Answer(json!(expected)), "{handler}");
    }
    assert_eq!(start("awaits.handler", files).call("{}"), Outcome::Answer(json!(3)));
}

#[test]
fn errors_of_a_handler() {
    for (code, kind, message) in [
        ("exports.handler = async () => { throw new TypeError('thrown'); };", "TypeError", "thrown"),
        ("exports.handler = () => { throw new Error('at once'); };", "Error", "at once"),
        (
            "exports.handler = (e, c, callback) => callback(new RangeError('called back'));",
            "RangeError",
            "called",
        ),
        ("exports.handler = (e, c, callback) => callback('a string');", "string", "a string"),
        ("exports.handler = (e, c) => c.fail(new Error('failed'));", "Error", "failed"),
        ("exports.handler = (e, c) => c.fail();", "string", "handled"),
        ("exports.handler = async () => { throw 42; };", "number", "42"),
        (
            "class Mine extends Error { name = 'Mine' }; exports.handler = async () => { throw new Mine('x'); };",
            "Mine",
            "x",
        ),
        (
            "exports.handler = async () => { const a = {}; a.a = a; return a; };",
            "Error",
            "Unable to stringify",
        ),
        ("exports.handler = async () => 1n;", "Error", "Unable to stringify response body"),
        ("exports.handler = async () => new Promise(() => {});", "Runtime.NodeJsExit", "Promise"),
    ] {
        let mut worker = start("index.handler", &[("index.js", code)]);
        assert_error(&worker.call("{}"), kind, message);
        assert_eq!(worker.hear(), Some(gatelet::lambda::FromWorker::Ready), "it goes on: {code}");
        assert!(
            worker.log().contains(&format!("\t{REQUEST_ID}\tERROR\tInvoke Error \t{{\"errorType\":")),
            "{code}"
        );
    }
    let mut worker = start(
        "index.handler",
        &[("index.js", "exports.handler = async () => { throw new Error('a\\nb'); };")],
    );
    let Outcome::Error(error) = worker.call("{}") else { panic!("it throws") };
    assert_eq!(error["trace"][0], "Error: a");
    assert!(
        error["trace"].as_array().unwrap().iter().any(|line| line.as_str().unwrap().contains("index.js:1:"))
    );
}

#[test]
fn errors_that_end_the_worker() {
    for (code, expected, exit) in [
        (
            "Promise.reject(new Error('lost')); await new Promise((r) => setTimeout(r, 1000));",
            Some(("Runtime.UnhandledPromiseRejection", "Error: lost")),
            128,
        ),
        (
            "setTimeout(() => { throw new TypeError('stray'); }); await new Promise((r) => setTimeout(r, 1000));",
            Some(("TypeError", "stray")),
            129,
        ),
        ("process.exit(0);", None, 0),
        ("process.exit(3);", None, 3),
        ("process.kill(process.pid, 'SIGKILL'); await new Promise(() => {});", None, -1),
    ] {
        let code = format!("exports.handler = async () => {{ {code} }};");
        let mut worker = start("index.handler", &[("index.js", &code)]);
        match (worker.call("{}"), expected) {
            (error @ Outcome::Error(_), Some((kind, message))) => assert_error(&error, kind, message),
            (Outcome::Exit(_), None) => {}
            (other, _) => panic!("{other:?}: {code}"),
        }
        assert_eq!(worker.hear(), None, "it ends: {code}");
        assert_eq!(worker.exit_code(), exit, "{code}");
    }
}

#[test]
fn packages_of_the_machine_come_last() {
    let machine = Scratch::new(&[
        ("node_modules/common/index.js", "module.exports = 'machine common'"),
        ("node_modules/both/index.js", "module.exports = 'machine both'"),
        ("node_modules/@aws-sdk/x/package.json", r#"{"type":"module","exports":{"import":"./x.js"}}"#),
        ("node_modules/@aws-sdk/x/x.js", "export default 'machine module'"),
    ]);
    let path = machine.path().join("node_modules").to_string_lossy().into_owned();
    for (handler, expected) in [
        ("common.handler", json!(["machine common", "own both"])),
        ("modern.handler", json!(["machine common", "own both", "machine module"])),
        ("nested.handler", json!("machine module")),
    ] {
        let mut worker = Worker::start_with(
            "nodejs20.x",
            handler,
            &[
                ("node_modules/both/index.js", "module.exports = 'own both'"),
                (
                    "common.js",
                    "const all = [require('common'), require('both')]; exports.handler = async () => all;",
                ),
                (
                    "modern.mjs",
                    "import a from 'common'; import b from 'both'; import c from '@aws-sdk/x';
                     export const handler = async () => [a, b, c];",
                ),
                ("nested.mjs", "export { handler } from './inner.mjs';"),
                ("inner.mjs", "export const handler = async () => (await import('@aws-sdk/x')).default;"),
            ],
            &[("NODE_PATH", &path)],
        );
        assert_eq!(worker.up(), Ok(()), "{handler}: {}", worker.log());
        assert_eq!(worker.call("{}"), Outcome::Answer(expected), "{handler}");
        assert_eq!(worker.last_log(), "", "nothing is printed");
    }
}

#[test]
fn errors_of_the_start() {
    for (handler, code, kind, message) in [
        (
            "index.handler",
            "require('nowhere');",
            "Runtime.ImportModuleError",
            "Error: Cannot find module 'nowhere'\nRequire stack:\n- ",
        ),
        ("index.handler", "require('nowhere/lib/x');", "Runtime.ImportModuleError", "npm install nowhere)"),
        (
            "index.handler",
            "require('@aws-sdk/client-s3');",
            "Runtime.ImportModuleError",
            "AWS's Node.js runtime contains '@aws-sdk/client-s3'",
        ),
        ("other.handler", "", "Runtime.ImportModuleError", "Error: Cannot find module 'other'"),
        (
            "index.missing",
            "exports.handler = 1;",
            "Runtime.HandlerNotFound",
            "index.missing is undefined or not exported",
        ),
        (
            "index.handler",
            "exports.handler = 1;",
            "Runtime.HandlerNotFound",
            "index.handler is not a function",
        ),
        ("index", "", "Runtime.MalformedHandlerName", "Bad handler"),
        (
            "../index.handler",
            "",
            "Runtime.MalformedHandlerName",
            "'../index.handler' is not a valid handler name.",
        ),
        (
            "index.handler",
            "exports.handler = async () => {",
            "Runtime.UserCodeSyntaxError",
            "SyntaxError: Unexpected end",
        ),
        ("index.handler", "throw new RangeError('while loading');", "RangeError", "while loading"),
        ("index.handler", "throw null;", "object", ""),
        ("modern.handler", "", "Error", "Cannot find package 'nowhere'"),
        ("modern.handler", "", "Error", "npm install nowhere)"),
    ] {
        let mut worker = Worker::start(
            "nodejs20.x",
            handler,
            &[("index.js", code), ("modern.mjs", "import 'nowhere'; export const handler = 1;")],
        );
        let outcome = worker.up().expect_err("it cannot be loaded");
        if code == "throw null;" {
            // What has no members is described as well as it can be.
            assert!(matches!(outcome, Outcome::Error(_)));
            continue;
        }
        assert_error(&outcome, kind, message);
        let Outcome::Error(error) = outcome else { unreachable!() };
        assert!(error["trace"].is_array());
        assert_eq!(worker.hear(), None);
        assert!(worker.last_log().contains("\tundefined\tERROR\tUncaught Exception \t{\"errorType\":"));
    }
    let mut worker = Worker::start("nodejs20.x", "index.handler", &[("index.js", "process.exit(9)")]);
    assert_eq!(worker.up(), Err(Outcome::Exit(9)));
}

#[test]
fn the_context() {
    let code =
        "exports.handler = async (event, context) => ({ context, left: context.getRemainingTimeInMillis(),
        trace: process.env._X_AMZN_TRACE_ID, region: process.env.AWS_REGION, own: process.env.OWN,
        home: process.env.HOME, cwd: process.cwd() === __dirname });";
    let mut worker =
        Worker::start_with("nodejs20.x", "index.handler", &[("index.js", code)], &[("OWN", "x")]);
    worker.up().unwrap();
    let context = "{\n\"custom\":{\"foo\":\"bar\"}}";
    let Outcome::Answer(mut answer) = worker.call_with("{}", Some(context)) else { panic!("an answer") };
    let left = answer["left"].take().as_i64().unwrap();
    assert!((20_000..=30_000).contains(&left), "{left}");
    let stream = answer["context"]["logStreamName"].take();
    assert_eq!(stream, "2025/04/14/[$LATEST]0");
    assert_eq!(
        answer,
        json!({
            "context": {
                "callbackWaitsForEmptyEventLoop": true,
                "functionVersion": "7",
                "functionName": "f",
                "memoryLimitInMB": "256",
                "logGroupName": "/aws/lambda/f",
                "logStreamName": null,
                "clientContext": {"custom": {"foo": "bar"}},
                "invokedFunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:f:live",
                "awsRequestId": REQUEST_ID,
            },
            "left": null, "trace": TRACE_ID, "region": "eu-west-1", "own": "x", "cwd": true,
        })
    );
}

#[test]
fn a_callback_waits_for_the_event_loop_unless_told_not_to() {
    let waits = "exports.handler = (e, c, callback) => {
        setTimeout(() => console.log('late'), 100); callback(null, 'waited'); };";
    let mut worker = start("index.handler", &[("index.js", waits)]);
    assert_eq!(worker.call("{}"), Outcome::Answer(json!("waited")));
    assert!(worker.log().contains("late"));
    let code = "exports.handler = (e, c, callback) => { c.callbackWaitsForEmptyEventLoop = false;
        setTimeout(() => {}, 60000); callback(null, 'at once'); };";
    check(code, json!("at once"));
}

#[test]
fn the_process_lives_on_between_invocations() {
    let code = "let calls = 0, ticks = 0; setInterval(() => ticks++, 5);
        exports.handler = async () => ({ calls: ++calls, ticks });";
    let mut worker = start("index.handler", &[("index.js", code)]);
    for calls in 1..=3 {
        let Outcome::Answer(answer) = worker.call("{}") else { panic!("an answer") };
        assert_eq!(answer["calls"], calls);
        assert!(calls == 1 || answer["ticks"].as_i64().unwrap() > 2, "timers run in between: {answer}");
        std::thread::sleep(std::time::Duration::from_millis(60));
    }
}

#[test]
fn what_is_printed() {
    let code = "console.log('loading %d', 1); exports.handler = async () => {
        console.info('two\\nlines'); console.warn({ a: 1 }); console.error(new Error('shown'));
        console.debug('d'); console.trace('t'); process.stdout.write('bare'); process.stderr.write(' err\\n'); };";
    let mut worker = start("index.handler", &[("index.js", code)]);
    worker.call("{}");
    let log = worker.last_log();
    let lines: Vec<&str> = log.lines().collect();
    let (time, rest) = lines[0].split_once('\t').unwrap();
    assert!(time.len() == 24 && time.ends_with('Z'), "{time}");
    assert_eq!(rest, "undefined\tINFO\tloading 1");
    assert!(lines[1].ends_with(&format!("Z\t{REQUEST_ID}\tINFO\ttwo")) && lines[2] == "lines");
    assert!(lines[3].ends_with("\tWARN\t{ a: 1 }"), "{log}");
    assert!(lines[4].ends_with("\tERROR\tError: shown"), "{log}");
    assert!(
        log.contains("\tDEBUG\td\n") && log.contains("\tTRACE\tt\n") && log.ends_with("bare err\n"),
        "{log}"
    );
}

#[test]
fn json_logs() {
    let code = "exports.handler = async () => { console.debug('below'); console.info({ a: 1 });
        console.warn('two', 'words'); throw new TypeError('no'); };";
    let variables = [("AWS_LAMBDA_LOG_FORMAT", "JSON"), ("AWS_LAMBDA_LOG_LEVEL", "INFO")];
    let mut worker = Worker::start_with("nodejs20.x", "index.handler", &[("index.js", code)], &variables);
    worker.up().unwrap();
    worker.call("{}");
    let log = worker.last_log();
    let entries: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(entries.len(), 3, "{log}");
    assert_eq!((&entries[0]["level"], &entries[0]["message"]), (&json!("INFO"), &json!({"a": 1})));
    assert_eq!((&entries[1]["requestId"], &entries[1]["message"]), (&json!(REQUEST_ID), &json!("two words")));
    assert_eq!(entries[2]["message"]["errorType"], "TypeError");
}

#[test]
fn large_events_and_answers() {
    let code = "exports.handler = async (event) => event.make ? 'x'.repeat(event.make) : event.text.length;";
    let mut worker = start("index.handler", &[("index.js", code)]);
    for length in [65_400, 65_536, 200_000, 6 << 20] {
        let event = json!({"text": "é".repeat(length / 2)}).to_string();
        assert_eq!(worker.call(&event), Outcome::Answer(json!(length / 2)));
    }
    for length in [21_800, 21_850, 65_536, 100_000, 6_291_554] {
        let event = json!({"make": length}).to_string();
        let Outcome::Answer(Value::String(text)) = worker.call(&event) else { panic!("an answer") };
        assert_eq!(text.len(), length);
    }
    let outcome = worker.call(&json!({"make": 6_291_555}).to_string());
    assert_error(&outcome, "Function.ResponseSizeTooLarge", "(6291556 bytes)");
    assert_eq!(worker.hear(), Some(gatelet::lambda::FromWorker::Ready));
    assert_eq!(worker.call("{\"make\":1}"), Outcome::Answer(json!("x")));
}

#[test]
fn a_streamed_answer_is_gathered() {
    let code = "exports.handler = awslambda.streamifyResponse(async (event, stream) => {
        stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201 });
        stream.write('a'); stream.write(Buffer.from('b')); setTimeout(() => stream.end('c'), 10); });";
    let mut worker = start("index.handler", &[("index.js", code)]);
    let answer = worker.call_raw("{}", None).unwrap();
    assert_eq!(answer, &b"{\"statusCode\":201}\0\0\0\0\0\0\0\0abc"[..]);
    let code =
        "exports.handler = awslambda.streamifyResponse(async (event, stream) => { throw new Error('no'); });";
    let mut worker = start("index.handler", &[("index.js", code)]);
    assert_error(&worker.call("{}"), "Error", "no");
    let code =
        "exports.handler = awslambda.streamifyResponse(async (event, stream) => { stream.write('a'); });";
    let mut worker = start("index.handler", &[("index.js", code)]);
    assert_error(&worker.call("{}"), "Error", "Response stream is not finished.");
}

#[test]
fn a_wrapper_runs_the_runtime() {
    use std::os::unix::fs::PermissionsExt;
    let files = [("index.js", "exports.handler = async () => process.env.SET_BY_WRAPPER;"), ("wrap", "")];
    let wrapper = Scratch::new(&[("wrap", "#!/bin/sh\nSET_BY_WRAPPER=yes exec \"$@\"\n")]);
    let path = wrapper.path().join("wrap");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let variables = [("AWS_LAMBDA_EXEC_WRAPPER", path.to_str().unwrap())];
    let mut worker = Worker::start_with("nodejs20.x", "index.handler", &files, &variables);
    worker.up().unwrap();
    assert_eq!(worker.call("{}"), Outcome::Answer(json!("yes")));
}

#[test]
fn a_worker_ends_when_nobody_gives_it_work() {
    let mut worker = start(
        "index.handler",
        &[("index.js", "setInterval(() => {}, 1000); exports.handler = async () => 1;")],
    );
    worker.call("{}");
    worker.hang_up();
    assert_eq!(worker.exit_code(), 0);
}
