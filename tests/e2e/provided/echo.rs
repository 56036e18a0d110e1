//! A `provided` function without dependencies, built by the test with `rustc`: the Lambda Runtime API spoken over
//! a plain TCP connection, as a runtime would that nobody adapted to gatelet.
//!
//! It answers `{"event": …, "runtime": "rust", "arn": …, "pid": …}`, or does what `"do"` in the event says:
//! `error`, `exit`, `hang`, `print`, `chunked`.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process;

fn main() {
    let host = env::var("AWS_LAMBDA_RUNTIME_API").expect("the Runtime API's address");
    let stream = TcpStream::connect(&host).expect("the Runtime API listens");
    stream.set_nodelay(true).expect("a socket option");
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    let mut writer = stream;

    if env::var("FAIL_INIT").is_ok() {
        let error = r#"{"errorMessage":"init went wrong","errorType":"Init.Broken"}"#;
        post(&mut writer, &host, "init/error", error, "lambda-runtime-function-error-type: Init.Broken\r\n");
        answer(&mut reader);
        process::exit(1);
    }
    loop {
        let next = format!("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: {host}\r\n\r\n");
        writer.write_all(next.as_bytes()).expect("the request is written");
        let (head, event) = answer(&mut reader);
        let id = header(&head, "lambda-runtime-aws-request-id");
        let arn = header(&head, "lambda-runtime-invoked-function-arn");
        let deadline = header(&head, "lambda-runtime-deadline-ms");
        let trace = header(&head, "lambda-runtime-trace-id");
        let does = |what: &str| event.contains(&format!("\"do\": \"{what}\""));

        if does("error") {
            let error = r#"{"errorMessage":"rust says no","errorType":"Rust.No","stackTrace":[]}"#;
            let more = "lambda-runtime-function-error-type: Rust.No\r\n";
            post(&mut writer, &host, &format!("invocation/{id}/error"), error, more);
        } else if does("exit") {
            process::exit(7);
        } else if does("hang") {
            loop {
                std::thread::sleep(std::time::Duration::from_secs(1));
            }
        } else {
            if does("print") {
                println!("printed by rust");
                eprintln!("complained by rust");
            }
            let body = format!(
                r#"{{"runtime":"rust","arn":"{arn}","deadline":{deadline},"trace":"{trace}","pid":{},"event":{event}}}"#,
                process::id()
            );
            let path = format!("invocation/{id}/response");
            if does("chunked") {
                chunked(&mut writer, &host, &path, &body);
            } else {
                post(&mut writer, &host, &path, &body, "");
            }
        }
        let (head, _) = answer(&mut reader);
        assert!(head.starts_with("HTTP/1.1 202"), "{head}");
    }
}

fn post(to: &mut TcpStream, host: &str, path: &str, body: &str, more: &str) {
    let length = body.len();
    let request = format!(
        "POST /2018-06-01/runtime/{path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {length}\r\n{more}\r\n{body}"
    );
    to.write_all(request.as_bytes()).expect("the answer is written");
}

fn chunked(to: &mut TcpStream, host: &str, path: &str, body: &str) {
    let head = format!(
        "POST /2018-06-01/runtime/{path} HTTP/1.1\r\nhost: {host}\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    to.write_all(head.as_bytes()).expect("the head is written");
    for piece in body.as_bytes().chunks(7) {
        to.write_all(format!("{:x}\r\n", piece.len()).as_bytes()).expect("a chunk's size is written");
        to.write_all(piece).expect("a chunk is written");
        to.write_all(b"\r\n").expect("a chunk's end is written");
    }
    to.write_all(b"0\r\n\r\n").expect("the end is written");
}

/// Head and body of an answer.
fn answer(from: &mut BufReader<TcpStream>) -> (String, String) {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if from.read_line(&mut head).expect("the answer is read") == 0 {
            process::exit(0);
        }
    }
    let length = header(&head, "content-length").parse().unwrap_or(0);
    let mut body = vec![0; length];
    from.read_exact(&mut body).expect("the body is read");
    (head, String::from_utf8(body).expect("JSON is UTF-8"))
}

fn header(head: &str, name: &str) -> String {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().to_owned())
        .unwrap_or_default()
}
