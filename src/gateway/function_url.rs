//! Requests to functions' URLs ("Invoking Lambda function URLs" of Lambda's developer guide): the event is that of an
//! HTTP API's payload format 2.0, the errors are Lambda's own.

use std::sync::Arc;

use super::effect::{Answer, Kind};
use super::exchange::{self, Asker, Exchange, Identity, Journey, Next, RequestId, Step, Taken, Task};
use super::fault::Fault;
use super::signer::signer;
use super::{Engine, Peer, cors, http_api, nowhere};
use crate::base::Now;
use crate::live::Live;
use crate::live::cors::{Allowed, Cors};
use crate::live::function_url::FunctionUrl;
use crate::live::host::UrlAddress;
use crate::model::iam::Principal;
use crate::model::settings::Parity;
use crate::proto::http1::{Request, Response};
use crate::proto::query;

/// A request on its way to the function.
pub(super) struct UrlCall {
    pub(super) journey: Journey,
}

impl Engine {
    /// A request to a function's URL.
    pub(super) fn url_request(
        &mut self,
        now: Now,
        live: &Arc<Live>,
        peer: Peer,
        id: RequestId,
        request: Request,
    ) {
        let address = crate::live::host::function_url(request.host(), request.path());
        let found = address.and_then(|address| Some((address, live.function_url(address.id)?)));
        let Some((UrlAddress { path, by_host, .. }, url)) = found else {
            let summary = nowhere(Kind::Http, now);
            return self.reply_url(peer, told(&Fault::NotFound), id, request, summary);
        };
        let url = Arc::clone(url);
        let (behind_stage, stage) = (request.path().len() - path.len(), url.api.default_stage());
        let summary = || super::Summary { api: Some(url.api.id.clone()), ..nowhere(Kind::Http, now) };
        let cors = stage.and_then(|stage| stage.cors.as_ref());
        if let Some(cors) = cors.filter(|_| cors::is_preflight(&request)) {
            let mut preflight = Response::new(200);
            allow(cors, &request, &mut preflight);
            return self.reply_url(peer, preflight, id, request, summary());
        }
        let identity = match url.signed {
            false => Ok(Identity::Anonymous),
            true => principal(now, live, &url, &request).map(|who| Identity::Iam(Box::new(who))),
        };
        let identity = match identity {
            Ok(identity) => identity,
            Err(fault) => {
                let (response, summary) =
                    (told(&fault), super::Summary { error: fault.reason(), ..summary() });
                return self.reply_url(peer, response, id, request, summary);
            }
        };
        let Some(stage) = stage.map(Arc::clone) else { return };
        let domain =
            format!("{}.lambda-url.{}.{}", url.api.id, url.api.owner.region, live.settings.public_host);
        let journey = Journey {
            client: peer.client,
            ip: peer.ip.to_canonical(),
            channel: peer.channel,
            began: now,
            live: Arc::clone(live),
            api: Arc::clone(&url.api),
            stage,
            route: 0,
            behind_stage,
            mapped: false,
            domain: (!by_host).then_some(domain),
            id,
            trace_id: exchange::trace_id(&request, now, &mut self.rng),
            identity,
            notes: None,
            request,
        };
        let call = UrlCall { journey };
        if self.exchanges.is_full() {
            let fault = Fault::Busy("as many exchanges as there may be are under way");
            return self.finish_url(now, Task::Url(call), Err(fault));
        }
        let exchange = Exchange { task: Task::Url(call), step: None };
        let key = self.exchanges.insert(exchange).expect("the table is not full");
        let Some(Task::Url(call)) = self.exchanges.get(key).map(|exchange| &exchange.task) else { return };
        let asker = Asker { me: key, now, time: self.time.at(now), out: &mut self.effects };
        let next = call.journey.integrate(asker);
        self.go_on(now, key, next, Self::finish_url);
    }

    pub(super) fn finish_url(&mut self, _now: Now, task: Task, outcome: Result<Response, Fault>) {
        let Task::Url(UrlCall { journey }) = task else { return };
        let (mut response, error) = match outcome {
            Ok(response) => (response, None),
            Err(fault) => (told(&fault), fault.reason()),
        };
        if let Some(cors) = &journey.stage.cors {
            allow(cors, &journey.request, &mut response);
        }
        response.header("X-Amzn-Trace-Id", &journey.trace_id);
        let summary = journey.summary(error);
        response.header("x-amzn-RequestId", journey.id.as_str());
        let (to, request) = (journey.client, journey.request);
        self.effects.push_back(super::Effect::Reply { to, response, request, summary });
    }

    fn reply_url(
        &mut self,
        peer: Peer,
        mut response: Response,
        id: RequestId,
        request: Request,
        summary: super::Summary,
    ) {
        response.header("x-amzn-RequestId", id.as_str());
        self.effects.push_back(super::Effect::Reply { to: peer.client, response, request, summary });
    }
}

impl UrlCall {
    /// The step after the function's answer.
    pub(super) fn advance(&self, step: Step, answer: Answer) -> Result<Next<Response>, Fault> {
        match step.taken(answer)? {
            Taken::Invoked(_, invoked) => http_api::response_of_url(&self.journey, &invoked).map(Next::Done),
            Taken::Fetched(_) => {
                debug_assert!(false, "a function's URL leads to no back end");
                Err(Fault::Integration("an answer to something else".to_owned()))
            }
        }
    }
}

/// Says what a page may do, and to caches that another may not.
fn allow(cors: &Cors, request: &Request, response: &mut Response) {
    if cors::finish(cors, request, response) == Some(Allowed::Itself) {
        response.header("Vary", "Origin");
    }
}

/// What the client of a URL is told of a fault.
fn told(fault: &Fault) -> Response {
    match fault {
        Fault::NotFound | Fault::NotDeployed(_) => Response::json(404, &br#"{"Message":null}"#[..]),
        Fault::Unauthorized | Fault::Challenged(_) | Fault::Forbidden(_) | Fault::ApiKey(_) => {
            Response::json(403, &br#"{"Message":"Forbidden"}"#[..])
        }
        Fault::BadRequest(_) | Fault::Unresolved(_) | Fault::BadBody(_) | Fault::MediaType => {
            Response::json(400, &br#"{"Message":"Bad Request"}"#[..])
        }
        Fault::UriTooLong => Response::json(414, &br#"{"Message":"Request URI too long"}"#[..]),
        Fault::TooLarge => {
            Response::json(413, &br#"{"Message":"Request must be smaller than 6291456 bytes"}"#[..])
        }
        Fault::Throttled(_) | Fault::TooMany | Fault::Quota => {
            let mut response = Response::json(
                429,
                &br#"{"Reason":"ConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}"#[..],
            );
            response.header("x-amzn-ErrorType", "TooManyRequestsException");
            response
        }
        Fault::Authorizer(_)
        | Fault::Integration(_)
        | Fault::NotConfigured(_)
        | Fault::Answer(_)
        | Fault::Refused(_)
        | Fault::TimedOut
        | Fault::Unreachable(_)
        | Fault::Unconnected(_) => {
            Response::with_body(502, "application/json", &b"Internal Server Error"[..])
        }
        Fault::Busy(_) => Response::json(503, &br#"{"Message":"Service Unavailable"}"#[..]),
    }
}

/// Who signed a request to a URL that asks for it. Who follows LocalStack need only say so.
fn principal(now: Now, live: &Live, url: &FunctionUrl, request: &Request) -> Result<Principal, Fault> {
    let owner = &url.api.owner;
    match live.settings.parity {
        Parity::Aws => signer(live, request, (&owner.region, "lambda"), now),
        Parity::LocalStack => match access_key(request) {
            Some(key) => Ok(Principal::root(&owner.account, &key)),
            None => Err(Fault::Forbidden("the function's URL asks for signed requests (AWS_IAM)".to_owned())),
        },
    }
}

/// The access key of a signed request. Nothing of the signature is verified.
fn access_key(request: &Request) -> Option<String> {
    let header = request.header("authorization").and_then(|value| std::str::from_utf8(value).ok());
    let signed =
        header.filter(|value| value.starts_with("AWS4-")).and_then(|value| value.split_once("Credential="));
    let credential = match signed {
        Some((_, rest)) => rest.to_owned(),
        None => {
            let pairs = query::pairs(request.query().unwrap_or_default());
            pairs.into_iter().find(|(name, _)| name == "X-Amz-Credential")?.1.into_owned()
        }
    };
    let key = credential.split(['/', ',', ' ']).next().unwrap_or_default();
    (!key.is_empty()).then(|| key.to_owned())
}
