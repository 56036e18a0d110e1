use std::time::Instant;

use super::*;

fn now() -> Now {
    Now { instant: Instant::now(), unix_ms: 1_795_501_200_123 }
}

fn later(now: Now, ms: u64) -> Now {
    Now { instant: now.instant + Duration::from_millis(ms), unix_ms: now.unix_ms + ms }
}

/// What `log` writes, without the end of its last line.
fn written(format: Format, log: impl FnOnce(&mut Logger)) -> String {
    let (mut logger, handle, chunks) = channel(Level::Info, format);
    log(&mut logger);
    logger.finish();
    drop(handle);
    let mut out = Vec::new();
    write_all(chunks, &mut out);
    let text = String::from_utf8(out).expect("the log is UTF-8");
    text.strip_suffix('\n').unwrap_or(&text).to_owned()
}

const REQUEST: RequestLine<'_> = RequestLine {
    method: "GET",
    path: "/pets/7",
    served: Served::Api { api: Some("abc123"), stage: Some("$default"), route: Some("GET /pets/{id}") },
    status: 200,
    duration_us: 1234,
    bytes: 17,
    error: None,
};

#[test]
fn requests() {
    let cases = [
        (
            REQUEST,
            "INFO  GET /pets/7 api=abc123 route=\"GET /pets/{id}\" stage=$default 200 1.234ms 17B",
            r#""INFO","method":"GET","path":"/pets/7","api":"abc123","route":"GET /pets/{id}","stage":"$default","status":200,"durationUs":1234,"bytes":17}"#,
        ),
        (
            RequestLine {
                served: Served::Api { api: None, stage: None, route: None },
                status: 502,
                duration_us: 12_000_005,
                error: Some("a \"cause\"\n"),
                ..REQUEST
            },
            "WARN  GET /pets/7 api=- 502 12000.005ms 17B error=\"a \"cause\"\\n\"",
            r#""WARN","method":"GET","path":"/pets/7","status":502,"durationUs":12000005,"bytes":17,"error":"a \"cause\"\n"}"#,
        ),
        (
            RequestLine {
                served: Served::Operation { service: "lambda", operation: "Invoke" },
                path: "/ü\u{1b}[2J\r\u{9b}\\",
                ..REQUEST
            },
            "INFO  GET /ü\\u{1b}[2J\\r\\u{9b}\\ lambda.Invoke 200 1.234ms 17B",
            r#""INFO","method":"GET","path":"/ü\u001b[2J\r\u009b\\","service":"lambda","operation":"Invoke","status":200,"durationUs":1234,"bytes":17}"#,
        ),
        (
            RequestLine {
                served: Served::Nobody,
                method: "",
                path: "",
                status: 400,
                duration_us: 0,
                ..REQUEST
            },
            "INFO    400 0.000ms 17B",
            r#""INFO","method":"","path":"","status":400,"durationUs":0,"bytes":17}"#,
        ),
    ];
    for (request, text, json) in cases {
        let got = written(Format::Text, |logger| logger.request(now(), &request));
        assert_eq!(got, format!("2026-11-24T06:20:00.123Z {text}"));
        let got = written(Format::Json, |logger| logger.request(now(), &request));
        assert_eq!(got, format!(r#"{{"time":"2026-11-24T06:20:00.123Z","level":{json}"#));
        let _: serde_json::Value = serde_json::from_str(&got).expect("JSON");
    }
}

#[test]
fn events_and_what_functions_print() {
    let log = |logger: &mut Logger| {
        logger.event(now(), Level::Error, "net", "no\nroom");
        logger.event(now(), Level::Debug, "net", "not of interest");
        logger.function_line(later(now(), 1000), "f", Some("id-1"), b"tab\tand \xff");
        logger.function_line(now(), "f", None, b"starting");
    };
    assert_eq!(
        written(Format::Text, log).lines().collect::<Vec<_>>(),
        [
            "2026-11-24T06:20:00.123Z ERROR net: no\\nroom",
            "2026-11-24T06:20:01.123Z INFO  function f id-1: tab\tand \u{fffd}",
            "2026-11-24T06:20:00.123Z INFO  function f: starting",
        ]
    );
    let json = written(Format::Json, log);
    let members = |line: &str| serde_json::from_str::<serde_json::Value>(line).expect("JSON");
    let lines: Vec<_> = json.lines().map(members).collect();
    assert_eq!(lines[0]["message"], "no\nroom");
    assert_eq!(lines[1]["message"], "tab\tand \u{fffd}");
    assert_eq!((&lines[1]["requestId"], &lines[2]["requestId"]), (&"id-1".into(), &serde_json::Value::Null));
}

#[test]
fn lines_wait_for_company_but_not_for_long() {
    let (mut logger, _handle, chunks) = channel(Level::Info, Format::Text);
    let start = now();
    assert_eq!(logger.flush_due(), None);
    logger.request(start, &REQUEST);
    logger.request(later(start, 5), &REQUEST);
    assert_eq!(logger.flush_due(), Some(start.instant + LINGER));
    logger.flush(later(start, 19));
    assert!(chunks.try_recv().is_err(), "not yet");
    logger.flush(later(start, 20));
    assert_eq!(chunks.try_recv().unwrap().iter().filter(|b| **b == b'\n').count(), 2);
    assert_eq!(logger.flush_due(), None);
    for _ in 0..CHUNK / 50 {
        logger.request(start, &REQUEST);
    }
    assert!(chunks.try_recv().unwrap().len() >= CHUNK, "a large chunk does not wait");
}

#[test]
fn nobody_waits_for_a_slow_reader_and_the_loss_is_told() {
    let (mut logger, handle, chunks) = channel(Level::Info, Format::Text);
    for _ in 0..QUEUE {
        handle.event(now(), Level::Warn, "jobs", "waits");
    }
    handle.event(now(), Level::Warn, "jobs", "is dropped");
    handle.event(now(), Level::Debug, "jobs", "is not of interest");
    logger.request(now(), &REQUEST);
    logger.request(now(), &REQUEST);
    logger.flush(later(now(), 60));
    assert_eq!(logger.dropped(), 3);
    assert_eq!(chunks.try_iter().count(), QUEUE);
    logger.request(now(), &REQUEST);
    logger.finish();
    let text = String::from_utf8(chunks.recv().unwrap()).unwrap();
    assert!(
        text.starts_with("2026-11-24T06:20:00.123Z WARN  log: 3 lines were dropped: nobody takes them\n")
    );
    assert_eq!(text.lines().count(), 2);
}

#[test]
fn off_is_off() {
    let (mut logger, _handle, chunks) = channel(Level::Off, Format::Text);
    logger.event(now(), Level::Error, "net", "broken");
    assert!(!logger.logs(Level::Error));
    logger.finish();
    assert!(chunks.try_recv().is_err());
}
