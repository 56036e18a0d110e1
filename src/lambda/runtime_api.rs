//! The Lambda Runtime API (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>): what a worker
//! asks over HTTP, as the pool's inputs, and the pool's deliveries as HTTP. It knows no connection; each worker
//! has a port of its own, so a request needs no name of its sender.
//!
//! ```text
//! GET  /2018-06-01/runtime/invocation/next            -> Ready       answered by `next` when an event is there
//! POST /2018-06-01/runtime/invocation/{id}/response   -> Response    answered by `accepted`
//! POST /2018-06-01/runtime/invocation/{id}/error      -> Error            or `invalid_request_id`
//! POST /2018-06-01/runtime/init/error                 -> InitError
//! ```

use bytes::Bytes;

use super::{Delivery, FromWorker, MAX_RESPONSE};
use crate::proto::http1::{Request, Response};

/// The largest body that is read. Well above what a function may answer, so that a larger answer gets Lambda's
/// error instead of a closed connection.
pub const MAX_BODY: usize = 4 * MAX_RESPONSE;

const PREFIX: &str = "/2018-06-01/";

/// What a worker says with this request. `Err`: it says nothing to us; this is the answer.
pub fn read(request: &Request) -> Result<FromWorker, Response> {
    let path = request.path();
    let parts = path.strip_prefix(PREFIX).map(|rest| rest.splitn(5, '/').collect::<Vec<_>>());
    let said = match (request.method(), parts.as_deref().unwrap_or_default()) {
        ("GET", ["ping"]) => return Err(Response::with_body(200, "text/plain", "pong")),
        ("GET", ["runtime", "invocation", "next"]) => FromWorker::Ready,
        ("POST", ["runtime", "init", "error"]) => FromWorker::InitError { error: error(request) },
        // A response in streaming mode was gathered whole, like any other chunked body.
        ("POST", ["runtime", "invocation", id, "response"]) => FromWorker::Response {
            request_id: String::from(*id),
            payload: Bytes::copy_from_slice(request.body()),
        },
        ("POST", ["runtime", "invocation", id, "error"]) => {
            FromWorker::Error { request_id: String::from(*id), error: error(request) }
        }
        (
            _,
            ["ping"]
            | ["runtime", "invocation", "next"]
            | ["runtime", "init", "error"]
            | ["runtime", "invocation", _, "response" | "error"],
        ) => return Err(Response::new(405)),
        // Among what is not there: `restore/next`, which only SnapStart has, and extensions.
        _ => return Err(Response::with_body(404, "text/plain; charset=utf-8", "404 page not found\n")),
    };
    Ok(said)
}

/// The answer to `next`.
pub fn next(delivery: &Delivery) -> Response {
    let mut response = Response::json(200, delivery.event.clone());
    response.header("Lambda-Runtime-Aws-Request-Id", &delivery.request_id);
    response.header("Lambda-Runtime-Deadline-Ms", &delivery.deadline_ms.to_string());
    for (name, value) in [
        ("Lambda-Runtime-Invoked-Function-Arn", Some(&delivery.arn)),
        ("Lambda-Runtime-Trace-Id", Some(&delivery.trace_id)),
        ("Lambda-Runtime-Client-Context", delivery.client_context.as_ref()),
    ] {
        if let Some(value) = value {
            // What cannot stand in a header cannot be told: a client context with control bytes, say.
            let _ = response.foreign_header(name, value.as_bytes());
        }
    }
    response
}

/// The answer to what a worker said in time and in order.
pub fn accepted() -> Response {
    Response::json(202, Bytes::from_static(b"{\"status\":\"OK\"}\n"))
}

/// The answer to a response or error of an invocation that the worker does not have.
pub fn invalid_request_id() -> Response {
    Response::json(
        400,
        Bytes::from_static(b"{\"errorMessage\":\"Invalid request ID\",\"errorType\":\"InvalidRequestID\"}\n"),
    )
}

/// The error object of a request; where the body is empty, the header alone says what went wrong.
fn error(request: &Request) -> Bytes {
    if !request.body().is_empty() {
        return Bytes::copy_from_slice(request.body());
    }
    let kind = request.header("Lambda-Runtime-Function-Error-Type").unwrap_or(b"Runtime.Unknown");
    serde_json::json!({ "errorType": String::from_utf8_lossy(kind) }).to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the request says, or the status of the answer that it gets at once.
    fn check(head: &str, body: &str, expected: Result<FromWorker, u16>) {
        let text = format!("{head} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        check_whole(&text, expected);
    }

    fn check_whole(text: &str, expected: Result<FromWorker, u16>) {
        let request = Request::of(text.as_bytes()).unwrap();
        assert_eq!(read(&request).map_err(|response| response.status), expected, "{text}");
    }

    #[test]
    fn requests() {
        let id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";
        let error = |body: &'static str| Bytes::from_static(body.as_bytes());
        check("GET /2018-06-01/runtime/invocation/next", "", Ok(FromWorker::Ready));
        check(
            &format!("POST /2018-06-01/runtime/invocation/{id}/response"),
            "[1]",
            Ok(FromWorker::Response { request_id: id.into(), payload: error("[1]") }),
        );
        check(
            &format!("POST /2018-06-01/runtime/invocation/{id}/error"),
            "{\"errorType\":\"x\"}",
            Ok(FromWorker::Error { request_id: id.into(), error: error("{\"errorType\":\"x\"}") }),
        );
        check("POST /2018-06-01/runtime/init/error", "{}", Ok(FromWorker::InitError { error: error("{}") }));
        check("GET /2018-06-01/ping", "", Err(200));
        check("POST /2018-06-01/runtime/invocation/next", "", Err(405));
        check("GET /2018-06-01/runtime/init/error", "", Err(405));
        for path in [
            "/",
            "/2018-06-01",
            "/2018-06-01/runtime/restore/next",
            "/2018-06-01/runtime/invocation/x/response/more",
            "/2020-01-01/extension/event/next",
            "/runtime/invocation/next",
        ] {
            check(&format!("GET {path}"), "", Err(404));
        }
    }

    #[test]
    fn the_header_stands_in_for_an_empty_error() {
        check_whole(
            "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\
             Lambda-Runtime-Function-Error-Type: Runtime.NoSuchHandler\r\n\r\n",
            Ok(FromWorker::InitError {
                error: Bytes::from_static(b"{\"errorType\":\"Runtime.NoSuchHandler\"}"),
            }),
        );
    }

    #[test]
    fn a_streamed_response_is_gathered() {
        check_whole(
            "POST /2018-06-01/runtime/invocation/x/response HTTP/1.1\r\nHost: x\r\n\
             Transfer-Encoding: chunked\r\nLambda-Runtime-Function-Response-Mode: streaming\r\n\r\n\
             2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
            Ok(FromWorker::Response { request_id: "x".into(), payload: Bytes::from_static(b"abc") }),
        );
    }

    #[test]
    fn deliveries() {
        let response = next(&Delivery {
            request_id: "id".into(),
            deadline_ms: 1234,
            arn: "arn:aws:lambda:us-east-1:000000000000:function:f".into(),
            trace_id: "Root=1-5759e988-bd862e3fe1be46a994272793".into(),
            client_context: None,
            event: Bytes::from_static(b"{}"),
        });
        assert_eq!((response.status, &response.body[..]), (200, &b"{}"[..]));
        for name in ["Aws-Request-Id", "Deadline-Ms", "Invoked-Function-Arn", "Trace-Id"] {
            assert!(response.has_header(&format!("Lambda-Runtime-{name}")), "{name}");
        }
        assert!(!response.has_header("Lambda-Runtime-Client-Context"));
    }
}
