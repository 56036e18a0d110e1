//! The Management API of WebSocket APIs (`apigatewaymanagementapi`, version 2018-11-29): back ends push to
//! connections, look at them, close them. Signatures are not checked.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::connections::{Connection, Malformed, Place};
use super::effect::{Answer, Client, Effect, Full, Kind, Summary};
use super::exchange::{Exchange, Next, RequestId, Step, Task};
use super::fault::Fault;
use super::json;
use super::websocket_api::as_text;
use super::{Engine, Peer};
use crate::base::{Key, Now, clock};
use crate::live::{Api, Stage};
use crate::proto::http1::{Request, Response};
use crate::proto::query;
use crate::proto::ws::close;

/// AWS: 128 KB, of what is pushed.
const MOST_PAYLOAD: usize = 128 * 1024;

/// Far longer than finding out whether there is room takes.
const PUSH_TIMEOUT: Duration = Duration::from_secs(30);

/// A call.
pub(super) struct Call {
    pub(super) peer: Peer,
    pub(super) request: Request,
    pub(super) id: RequestId,
    /// The connection's id, as sent.
    pub(super) connection: String,
    pub(super) scope: Scope,
}

/// What of the URL says whose connection it is.
pub(super) enum Scope {
    /// Nothing: any will do.
    All,
    /// The api.
    Api(Arc<Api>),
    /// The stage of an api.
    Stage(Arc<Api>, Arc<Stage>),
    /// A stage that is not there, or none where one must be.
    Nowhere(Arc<Api>),
}

/// A message on its way to a connection.
pub(super) struct Push {
    pub(super) client: Key<Client>,
    place: Key<Place>,
    request: Request,
    id: RequestId,
    summary: Summary,
}

/// What a caller is told who does not get what they want.
enum Refusal {
    /// No such connection, now.
    Gone,
    /// No such id, ever.
    BadId(String),
    /// No such stage.
    Forbidden,
    /// No such operation.
    NoOperation,
    TooLarge,
    /// The client does not read what it was sent.
    Full,
    /// Ours.
    Busy,
}

impl Engine {
    /// A call of the Management API.
    pub(super) fn manage(&mut self, now: Now, call: Call) {
        let Call { peer, request, id, connection, scope } = call;
        let mut summary = Summary {
            kind: Kind::Management,
            api: scope.api().map(|api| api.id.clone()),
            route: None,
            stage: scope.stage().map(|stage| Arc::clone(&stage.name)),
            began: now.instant,
            error: None,
        };
        let connection = decoded(&connection);
        let response = match self.managed(&scope, &request, &connection) {
            Err(refusal) => refusal.response(),
            Ok(Wanted::Look(response)) => response,
            Ok(Wanted::Close(place)) => {
                self.shut(now, place, close::NORMAL, "Connection Closed Normally");
                Response::new(204)
            }
            Ok(Wanted::Push(..)) if self.exchanges.is_full() => {
                summary.error = Some("as many exchanges as there may be are under way".to_owned());
                Refusal::Busy.response()
            }
            Ok(Wanted::Push(place, to)) => {
                let text = as_text(Bytes::copy_from_slice(request.body()));
                let push = Push { client: peer.client, place, request, id, summary };
                let exchange = Exchange { task: Task::Push(push), step: None };
                let key = self.exchanges.insert(exchange).expect("the table is not full");
                self.effects.push_back(Effect::Push { to, text, then: key });
                let next = Ok(Next::Wait(Step::Pushing, now.instant + PUSH_TIMEOUT));
                return self.go_on(now, key, next, Self::finish_push);
            }
        };
        self.reply_managed(peer.client, response, id, request, summary);
    }

    /// Says whether a message was taken.
    pub(super) fn finish_push(&mut self, now: Now, task: Task, outcome: Result<Result<(), Full>, Fault>) {
        let Task::Push(Push { client, place, request, id, mut summary }) = task else { return };
        let response = match outcome {
            Ok(Ok(())) => {
                let settings = Arc::clone(&self.live.settings);
                self.connections.touch(now, place, &settings.ws);
                Response::new(200)
            }
            Ok(Err(Full)) => Refusal::Full.response(),
            Err(fault) => {
                summary.error = fault.reason();
                Refusal::Busy.response()
            }
        };
        self.reply_managed(client, response, id, request, summary);
    }

    fn reply_managed(
        &mut self,
        to: Key<Client>,
        mut response: Response,
        id: RequestId,
        request: Request,
        summary: Summary,
    ) {
        response.header("x-amzn-RequestId", id.as_str());
        self.reply(to, response, id, request, summary);
    }

    /// What a call wants of which connection.
    fn managed(&self, scope: &Scope, request: &Request, id: &str) -> Result<Wanted, Refusal> {
        if matches!(scope, Scope::Nowhere(_)) {
            return Err(Refusal::Forbidden);
        }
        if !matches!(request.method(), "GET" | "POST" | "DELETE") {
            return Err(Refusal::NoOperation);
        }
        let found = self.connections.find(id).map_err(|Malformed| Refusal::BadId(id.to_owned()))?;
        let (place, connection) =
            found.filter(|(_, connection)| scope.has(connection)).ok_or(Refusal::Gone)?;
        match request.method() {
            "GET" => Ok(Wanted::Look(look(connection))),
            "DELETE" => Ok(Wanted::Close(place)),
            _ if request.body().len() > MOST_PAYLOAD => Err(Refusal::TooLarge),
            _ => Ok(Wanted::Push(place, connection.client)),
        }
    }
}

impl Push {
    /// Whether there was room.
    pub(super) fn advance(step: Step, answer: Answer) -> Result<Next<Result<(), Full>>, Fault> {
        match (step, answer) {
            (Step::Pushing, Answer::Pushed(outcome)) => Ok(Next::Done(outcome)),
            (step, answer) => step.taken(answer).map(|_| Next::Done(Ok(()))),
        }
    }
}

enum Wanted {
    Look(Response),
    Close(Key<Place>),
    Push(Key<Place>, Key<Client>),
}

impl Scope {
    fn api(&self) -> Option<&Arc<Api>> {
        match self {
            Self::All => None,
            Self::Api(api) | Self::Stage(api, _) | Self::Nowhere(api) => Some(api),
        }
    }

    fn stage(&self) -> Option<&Arc<Stage>> {
        match self {
            Self::Stage(_, stage) => Some(stage),
            Self::All | Self::Api(_) | Self::Nowhere(_) => None,
        }
    }

    fn has(&self, connection: &Connection) -> bool {
        let link = &connection.link;
        self.api().is_none_or(|api| api.id == link.api)
            && self.stage().is_none_or(|stage| stage.name == link.stage)
    }
}

impl Refusal {
    fn response(&self) -> Response {
        let (status, kind, message) = match self {
            // The SDKs make do without a body here, and AWS sends none.
            Self::Gone => {
                let mut response = Response::new(410);
                response.header("x-amzn-ErrorType", "GoneException");
                return response;
            }
            Self::BadId(id) => (400, "BadRequestException", format!("Invalid connectionId: {id}")),
            Self::Forbidden => (403, "ForbiddenException", "Forbidden".to_owned()),
            Self::NoOperation => {
                (403, "MissingAuthenticationTokenException", "Missing Authentication Token".to_owned())
            }
            Self::TooLarge => {
                (413, "PayloadTooLargeException", "The payload is larger than 128 KB".to_owned())
            }
            Self::Full => {
                (429, "LimitExceededException", "The client does not read what was sent before".to_owned())
            }
            Self::Busy => (429, "LimitExceededException", "Too Many Requests".to_owned()),
        };
        let mut body = b"{\"message\":".to_vec();
        json::string(&mut body, &message);
        body.push(b'}');
        let mut response = Response::json(status, body);
        response.header("x-amzn-ErrorType", kind);
        response
    }
}

/// What GetConnection says.
fn look(connection: &Connection) -> Response {
    let link = &connection.link;
    let mut body = b"{\"connectedAt\":\"".to_vec();
    body.extend_from_slice(timestamp(link.connected).as_bytes());
    body.extend_from_slice(b"\",\"identity\":{\"sourceIp\":");
    json::string(&mut body, &link.ip.to_string());
    if let Some(user_agent) = &link.user_agent {
        body.extend_from_slice(b",\"userAgent\":\"");
        json::escaped_header(&mut body, user_agent);
        body.push(b'"');
    }
    body.extend_from_slice(b"},\"lastActiveAt\":\"");
    body.extend_from_slice(timestamp(connection.last_active).as_bytes());
    body.extend_from_slice(b"\"}");
    Response::json(200, body)
}

/// `2024-02-19T07:11:42.541Z`
fn timestamp(unix_ms: u64) -> String {
    let seconds = clock::iso8601(unix_ms / 1000);
    format!("{}.{:03}Z", seconds.trim_end_matches('Z'), unix_ms % 1000)
}

/// An id as clients escape it, some of them twice.
fn decoded(id: &str) -> String {
    let once = query::decode_path(id);
    query::decode_path(&once).into_owned()
}
