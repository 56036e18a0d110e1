//! [`Sent`]: the request as its integration sees it: the client's, without what concerns its connection, and with
//! the integration's mappings applied.

use std::borrow::Cow;

use super::exchange::Journey;
use super::mapping::Sources;
use crate::live::mapping::{Action, Change, Mapping, Place};
use crate::proto::http1::fields::{connection_names, is_hop_by_hop};
use crate::proto::query;

/// A header's name and value.
pub(super) type Header<'a> = (Cow<'a, str>, Cow<'a, [u8]>);

/// See the module.
pub(super) struct Sent<'a> {
    /// Neither those of the connection nor `Content-Length` and `X-Amzn-Trace-Id`, which are the gateway's. `Host`
    /// only where a mapping sets it.
    pub(super) headers: Vec<Header<'a>>,
    /// As it goes on the wire, without `?`; empty: there is none.
    pub(super) query: Cow<'a, str>,
    /// What replaces the path of an HTTP back end's URI.
    pub(super) path: Option<String>,
}

impl<'a> Sent<'a> {
    /// The request of an exchange, under a mapping.
    pub(super) fn new(journey: &'a Journey, mapping: &Mapping) -> Self {
        let request = &journey.request;
        let connection = request.header("connection").unwrap_or_default();
        let is_passed = |name: &str| {
            const OWN: [&str; 4] = ["host", "content-length", "expect", "x-amzn-trace-id"];
            !is_hop_by_hop(name)
                && !OWN.iter().any(|own| own.eq_ignore_ascii_case(name))
                && (connection.is_empty() || !connection_names(connection, name))
        };
        let headers = request.headers().filter(|(name, _)| is_passed(name));
        let mut sent = Self {
            headers: headers.map(|(name, value)| (name.into(), value.into())).collect(),
            query: request.query().unwrap_or_default().into(),
            path: None,
        };
        if mapping.request.is_empty() && mapping.path.is_none() {
            return sent;
        }
        let sources = Sources::of_request(journey);
        sent.path = mapping.path.as_ref().and_then(|template| sources.text(template));
        for change in &mapping.request {
            match change.place {
                Place::Header => change_header(&mut sent.headers, change, &sources),
                Place::Query => sent.change_query(change, &sources),
            }
        }
        sent
    }

    /// Changes one parameter, and leaves the spelling of the others alone.
    fn change_query(&mut self, change: &Change, sources: &Sources<'_>) {
        let name_of =
            |pair: &str| query::decode_component(pair.split('=').next().unwrap_or_default()).into_owned();
        let others = |query: &str| {
            let pairs = query.split('&').filter(|pair| !pair.is_empty() && name_of(pair) != *change.name);
            pairs.collect::<Vec<_>>().join("&")
        };
        let (mut changed, value) = match &change.action {
            Action::Append(value) => (self.query.to_string(), sources.text(value)),
            Action::Overwrite(value) => match sources.text(value) {
                Some(value) => (others(&self.query), Some(value)),
                None => return,
            },
            Action::Remove => (others(&self.query), None),
        };
        if let Some(value) = value {
            if !changed.is_empty() {
                changed.push('&');
            }
            query::encode_query_component(&mut changed, &change.name);
            changed.push('=');
            query::encode_query_component(&mut changed, &value);
        }
        self.query = changed.into();
    }
}

/// Changes one header. A value whose source is missing changes nothing.
pub(super) fn change_header(headers: &mut Vec<Header<'_>>, change: &Change, sources: &Sources<'_>) {
    let value = match &change.action {
        Action::Append(value) | Action::Overwrite(value) => match sources.text(value) {
            Some(value) => Some(value),
            None => return,
        },
        Action::Remove => None,
    };
    if !matches!(change.action, Action::Append(_)) {
        headers.retain(|(name, _)| !name.eq_ignore_ascii_case(&change.name));
    }
    if let Some(value) = value {
        headers.push((change.name.to_string().into(), value.into_bytes().into()));
    }
}
