//! The integrations of HTTP APIs, asked: a function with an event, a back end with the client's request.

use std::sync::Arc;

use super::MAX_EVENT;
use super::effect::{Effect, Fetch, Origin};
use super::event;
use super::exchange::{Asker, Journey, Next, Step};
use super::fault::Fault;
use super::sent::Sent;
use crate::live::Live;
use crate::live::api::{Http, Lambda, Target};
use crate::live::uri::{self, Backend};
use crate::model::api::PayloadFormat;
use crate::model::function::Version;
use crate::model::settings::Parity;
use crate::proto::http1::Response;
use crate::proto::http1::client::write_request;

/// What AWS writes to access logs.
const NO_PERMISSION: &str = "The IAM role configured on the integration or API Gateway doesn't have permissions to \
    call the integration. Check the permissions and try again.";

/// Asks a function.
pub(super) fn invoke(journey: &Journey, lambda: &Lambda, asker: Asker<'_>) -> Result<Next<Response>, Fault> {
    let function = callee(&journey.live, lambda, &journey.api.owner.account, || arn(journey))?;
    let sent = Sent::new(journey, &lambda.mapping);
    let event = match lambda.payload {
        PayloadFormat::V1 => event::v1(journey, &sent, asker.time),
        PayloadFormat::V2 => event::v2(journey, &sent, asker.time),
    };
    if event.len() > MAX_EVENT {
        return Err(Fault::TooLarge);
    }
    asker.out.push_back(Effect::Invoke {
        function: function.clone(),
        arn: lambda.arn.clone(),
        event: event.into(),
        trace_id: journey.trace_id.clone(),
        then: asker.me,
    });
    Ok(Next::Wait(Step::Invoking(lambda.payload), asker.now.instant + lambda.timeout))
}

/// The function of an integration, if it is there and its own policy lets `arn`, of an api of this account, invoke it.
pub(super) fn callee<'l>(
    live: &'l Live,
    lambda: &Lambda,
    account: &str,
    arn: impl FnOnce() -> String,
) -> Result<&'l Arc<Version>, Fault> {
    let function = live.function_of(lambda);
    let function =
        function.ok_or_else(|| Fault::Integration(format!("there is no function {}", lambda.arn)))?;
    let is_asked = live.settings.parity == Parity::Aws && !lambda.assumes_role;
    if is_asked && !live.may_invoke(lambda, &arn(), account) {
        return Err(Fault::Integration(NO_PERMISSION.to_owned()));
    }
    Ok(function)
}

/// The `execute-api` ARN of the route.
fn arn(journey: &Journey) -> String {
    let (api, route) = (&journey.api, journey.route());
    let (region, account) = (&api.owner.region, &api.owner.account);
    let operation = match route.path.starts_with('/') {
        true => format!("{}{}", journey.request.method(), route.path),
        false => route.path.to_string(),
    };
    format!("arn:aws:execute-api:{region}:{account}:{}/{}/{operation}", api.id, journey.stage.name)
}

/// Asks a back end.
pub(super) fn fetch(journey: &Journey, http: &Http, asker: Asker<'_>) -> Result<Next<Response>, Fault> {
    let request = &journey.request;
    let method = http.method.as_deref().unwrap_or(request.method());
    let sent = Sent::new(journey, &http.mapping);
    let (backend, host) = reached(journey, http)?;
    let proto = journey.channel.scheme();
    let forwarded = format!("for={};host={};proto={proto}", forwarded_for(journey), journey.domain());
    let has_host = sent.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host"));
    let host = (!has_host).then_some(("Host", host.as_bytes()));
    let passed = sent.headers.iter().map(|(name, value)| (&**name, &**value));
    let added = [
        ("Forwarded", forwarded.as_bytes()),
        ("Via", b"HTTP/1.1 AmazonAPIGateway"),
        ("X-Amzn-Trace-Id", journey.trace_id.as_bytes()),
    ];
    let headers = host.into_iter().chain(passed).chain(added);
    let mut bytes = Vec::with_capacity(request.body().len() + 1024);
    write_request(&mut bytes, method, &target(journey, http, &sent), headers, request.body())
        .map_err(|_| Fault::Integration("the request can't be passed on to the back end".to_owned()))?;
    asker.out.push_back(Effect::Fetch {
        fetch: Fetch {
            origin: Origin::of(backend, http.tls_server_name.as_deref()),
            method: method.into(),
            bytes,
        },
        then: asker.me,
    });
    Ok(Next::Wait(Step::Fetching, asker.now.instant + http.timeout))
}

/// Where a back end is, and what `Host` says: its own, but behind a VPC link the client's.
fn reached<'a>(journey: &'a Journey, http: &'a Http) -> Result<(&'a Backend, &'a str), Fault> {
    match &http.target {
        Target::Public(backend) => Ok((backend, &backend.authority)),
        Target::Private(arn) => match journey.live.outside.behind(arn) {
            Some(backend) => Ok((backend, journey.request.host())),
            None => Err(Fault::not_configured(
                journey.live.settings.parity,
                format!(
                    "gatelet was not told where {arn} is, which is behind a VPC link: start it with --vpc-link \
                     {arn}=http://HOST:PORT, or set GATELET_VPC_LINKS"
                ),
            )),
        },
    }
}

/// Path and query of the request to a back end. The client's path is not appended to the integration's, but for
/// the `$default` route in front of a mere origin, and behind a VPC link, which gets all of it with the stage; the
/// client's query follows the integration's.
fn target(journey: &Journey, http: &Http, sent: &Sent<'_>) -> String {
    let (variables, path) = (&journey.route().variables, journey.path());
    let mut target = String::with_capacity(64 + journey.request.target().len());
    match (&sent.path, &http.target) {
        (Some(mapped), _) => uri::write_path(&mut target, mapped),
        (None, Target::Public(backend)) if backend.is_bare() && &*journey.route().path == "$default" => {
            uri::write_segments(&mut target, path);
        }
        (None, Target::Public(backend)) => backend.write_path(&mut target, variables, path),
        (None, Target::Private(_)) => {
            if !journey.stage.is_default() {
                target.push('/');
                target.push_str(&journey.stage.name);
            }
            uri::write_segments(&mut target, path);
        }
    }
    let has_query = match &http.target {
        Target::Public(backend) => backend.write_query(&mut target, variables, path),
        Target::Private(_) => false,
    };
    if !sent.query.is_empty() {
        target.push(if has_query { '&' } else { '?' });
        target.push_str(&sent.query);
    }
    target
}

/// An IPv6 address stands in brackets and quotes there (RFC 7239 section 6).
fn forwarded_for(journey: &Journey) -> String {
    match journey.ip {
        std::net::IpAddr::V4(ip) => ip.to_string(),
        std::net::IpAddr::V6(ip) => format!("\"[{ip}]\""),
    }
}
