//! Our own endpoints: what LocalStack's clients, health checks and test suites ask (`/_localstack/…`), and ours
//! (`/_gatelet/…`).

use serde_json::{Value, json};

use super::answer::{Answer, Body};
use super::operation::Protocol;
use super::{Control, Done, SERVICES, Turn, functions, wire};
use crate::base::Now;
use crate::base::clock::iso8601;
use crate::live::Live;
use crate::proto::http1::Request;

/// Services that the data plane answers for: those of [`SERVICES`] are only the control planes.
const OF_DATA_PLANE: &[&str] = &["apigatewaymanagementapi", "execute-api"];

/// Services that clients look for in the health answer, and that are disabled as long as nobody emulates them.
const ASKED_FOR: &[&str] = &["apigateway", "cloudformation", "iam", "s3", "ssm"];

/// Answers a request to one of our own endpoints; `None`: it is none of them.
pub fn call(control: &Control, now: Now, request: &Request, request_id: &str) -> Option<Turn> {
    let path = request.path().strip_suffix('/').unwrap_or(request.path());
    let done = |answer| Turn::Done(self::done(request_id, answer));
    Some(match (request.method(), path) {
        ("GET" | "HEAD", "/_localstack/health") => done(health()),
        ("GET" | "HEAD", "/_localstack/info") => done(info(control, now)),
        ("GET" | "HEAD", "/_localstack/init") => done(Answer::ok(control.init.describe())),
        ("GET" | "HEAD", "/_gatelet/metrics") => Turn::Metrics,
        ("GET" | "HEAD", "/_gatelet/ca.pem") => done(ca(control, now)),
        ("PUT", path) => {
            let token = path.strip_prefix(functions::CALLBACKS)?.strip_prefix('/')?;
            Turn::Done(called_back(control, request, token, request_id))
        }
        ("GET" | "HEAD", path) => done(init_stage(control, path.strip_prefix("/_localstack/init/")?)),
        ("POST", "/_localstack/state/reset" | "/_gatelet/reset") => {
            reset(control);
            Turn::Reset(self::done(request_id, Answer::ok(json!({ "status": "OK" }))))
        }
        ("POST", "/_localstack/health") => act(control, request.body(), request_id),
        (_, _) => return None,
    })
}

fn done(request_id: &str, answer: Answer) -> Done {
    Done::ours(wire::answer(Protocol::RestJson, "-", request_id, answer), "-")
}

fn called_back(control: &Control, request: &Request, token: &str, request_id: &str) -> Done {
    match functions::called_back(control, token, request.body()) {
        Ok(answer) => done(request_id, answer),
        Err(error) => Done::ours(wire::error(Protocol::RestJson, request_id, &error), "-"),
    }
}

fn health() -> Answer {
    let emulated = SERVICES.iter().map(|service| &service.name).chain(OF_DATA_PLANE);
    let asked_for = ASKED_FOR.iter().map(|name| ((*name).to_owned(), json!("disabled")));
    // What is said last of a service holds.
    let services: serde_json::Map<_, _> =
        asked_for.chain(emulated.map(|name| ((*name).to_owned(), json!("available")))).collect();
    Answer::ok(json!({ "services": services, "edition": "gatelet", "version": env!("CARGO_PKG_VERSION") }))
}

/// What LocalStack's clients tell its health endpoint to do: `{"action": "restart"}` or `kill`. A restart leaves nothing
/// that was there before, and no more is to be seen of it from outside.
fn act(control: &Control, body: &[u8], request_id: &str) -> Turn {
    let asked = serde_json::from_slice::<Value>(body).unwrap_or_default();
    let said = |status, text: &'static str| {
        done(request_id, Answer { status, headers: Vec::new(), body: Body::Raw("text/plain", text.into()) })
    };
    match asked["action"].as_str() {
        Some("restart") => {
            reset(control);
            Turn::Reset(said(200, "ok"))
        }
        Some("kill") => Turn::End(said(200, "ok")),
        Some(_) | None => Turn::Done(said(400, "invalid request")),
    }
}

fn info(control: &Control, now: Now) -> Answer {
    let uptime = now.unix_ms.saturating_sub(control.started.unix_ms) / 1000;
    Answer::ok(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "edition": "gatelet",
        "is_license_activated": false,
        "session_id": control.session,
        "machine_id": "gatelet",
        "system": std::env::consts::OS,
        "is_docker": false,
        "server_time_utc": iso8601(now.unix_seconds()).trim_end_matches('Z'),
        "uptime": uptime,
    }))
}

/// The certificate to trust, so that https is as good as http.
fn ca(control: &Control, now: Now) -> Answer {
    match &control.authority {
        Some(authority) => Answer {
            status: 200,
            headers: Vec::new(),
            body: Body::Raw("application/x-pem-file", authority.get(now).pem().into()),
        },
        None => Answer {
            status: 404,
            headers: Vec::new(),
            body: Body::Raw(
                "text/plain",
                "no CA of ours: --tls-cert says whose certificate is shown\n".into(),
            ),
        },
    }
}

fn init_stage(control: &Control, name: &str) -> Answer {
    control.init.describe_stage(name).map_or_else(
        || Answer {
            status: 404,
            headers: Vec::new(),
            body: Body::Raw("text/plain", format!("no such stage {name}").into()),
        },
        Answer::ok,
    )
}

/// Empties everything. Ids that were given out before may come again.
fn reset(control: &Control) {
    let mut store = control.store();
    for port in store.apis.values().filter_map(|api| api.port) {
        control.context.ports.close(port);
    }
    store.clear();
    control.context.logs().clear();
    control.functions.forget();
    control.live.publish(Live::empty(control.context.settings.clone()));
}
