//! The integrations of HTTP APIs with services of AWS: what the request says, asked of the service in its own
//! protocol, signed ("Create AWS service integrations for HTTP APIs" of the developer guide).

mod argument;
mod request;

use super::effect::{Effect, Fetch, Origin};
use super::exchange::{Asker, Journey, Next, Step};
use super::fault::Fault;
use super::mapping::Sources;
use crate::base::{Now, clock};
use crate::live::service::{ServiceCall, Sourced};
use crate::live::uri::Backend;
use crate::model::arn::is_region;
use crate::model::settings::Parity;
use crate::proto::http1::Response;
use crate::proto::http1::client::{Reply, write_request};
use crate::proto::sigv4::{self, Credentials, Scope, Signed};

use argument::Argument;
use request::Unsigned;

/// Those that local services take, and that functions get here too.
const CREDENTIALS: Credentials<'_> = Credentials { key_id: "test", secret: "test" };

/// Asks a service.
pub(super) fn call(journey: &Journey, call: &ServiceCall, asker: Asker<'_>) -> Result<Next<Response>, Fault> {
    let backend = journey.live.outside.service(call.subtype.service);
    let backend = backend.ok_or_else(|| nowhere(call, journey.live.settings.parity))?;
    let sources = Sources::of_request(journey);
    let region = match &call.region {
        Some(sourced) => resolved("Region", sourced, &sources)?,
        None => journey.api.owner.region.clone(),
    };
    if !is_region(&region) {
        return Err(Fault::Unresolved(format!("Region is no region: {region:.40}")));
    }
    let mut arguments = Vec::with_capacity(call.arguments.len());
    for (parameter, sourced) in &call.arguments {
        let text = resolved(parameter.name, sourced, &sources)?;
        arguments.push(Argument::read(parameter, text).map_err(Fault::Unresolved)?);
    }
    let unsigned = Unsigned::new(call.subtype, journey.live.settings.services.sqs, arguments);
    let fetch = signed(unsigned, backend, (call.subtype.service.signing_name(), &region), asker.now)
        .ok_or_else(|| Fault::Unresolved("the request can't be passed on to the service".to_owned()))?;
    asker.out.push_back(Effect::Fetch { fetch, then: asker.me });
    Ok(Next::Wait(Step::Fetching, asker.now.instant + call.timeout))
}

/// What becomes of a service's refusal: it is passed on, but AWS says no more than that it failed.
pub(super) fn check(reply: &Reply, parity: Parity) -> Result<(), Fault> {
    match (parity, reply.status()) {
        (Parity::Aws, status @ 400..) => {
            let text = String::from_utf8_lossy(reply.body());
            Err(Fault::Answer(format!("the service refused with {status}: {text:.300}")))
        }
        (Parity::Aws | Parity::LocalStack, _) => Ok(()),
    }
}

/// Nobody said where the service is.
fn nowhere(call: &ServiceCall, parity: Parity) -> Fault {
    let service = call.subtype.service;
    let why = format!(
        "gatelet passes {} on to a service of yours, and was not told where that is: set {}, or start it with \
         --service-endpoint {}=http://HOST:PORT",
        call.subtype.name,
        service.variable(),
        service.name(),
    );
    Fault::not_configured(parity, why)
}

/// What a source gives. An empty text counts as none, as on AWS.
fn resolved(name: &str, sourced: &Sourced, sources: &Sources<'_>) -> Result<String, Fault> {
    sources.text(&sourced.value).filter(|text| !text.is_empty()).ok_or_else(|| {
        Fault::Unresolved(format!(
            "Unable to resolve property {name} from source {}. Please make sure that the request to API Gateway \
             contains all the necessary fields specified in request parameters.",
            sourced.source
        ))
    })
}

/// The request as it goes out. `None`: something in it can't be written in a head.
fn signed(unsigned: Unsigned, backend: &Backend, (service, region): (&str, &str), now: Now) -> Option<Fetch> {
    let Unsigned { method, path, query, content_type, operation, body } = unsigned;
    let base = backend.target_with(&[], "");
    let path = format!("{}{path}", base.trim_end_matches('/'));
    let time = clock::basic(now.unix_seconds());
    let mut headers = vec![("host", &*backend.authority), ("x-amz-date", &*time)];
    headers.extend(content_type.map(|kind| ("content-type", kind)));
    headers.extend(operation.as_deref().map(|operation| ("x-amz-target", operation)));
    headers.sort_unstable();
    let parts = Signed {
        method,
        path: &sigv4::canonical_path(&path),
        query: &sigv4::canonical_query(&query),
        headers: &headers,
        payload: &sigv4::hash(&body),
    };
    let scope = Scope { day: &time[..8], region, service };
    let authorization = sigv4::authorization(&parts, CREDENTIALS, &scope, &time);
    headers.push(("authorization", &authorization));
    let target = if query.is_empty() { path } else { format!("{path}?{query}") };
    let mut bytes = Vec::with_capacity(body.len() + 1024);
    let lines = headers.iter().map(|(name, value)| (*name, value.as_bytes()));
    write_request(&mut bytes, method, &target, lines, &body).ok()?;
    Some(Fetch { origin: Origin::of(backend, None), method: method.into(), bytes })
}
