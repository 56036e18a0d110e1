//! The headers of an event: the client's, and those that the gateway owns and says for itself.

use std::io::Write;
use std::net::IpAddr;

use super::super::Channel;
use super::super::json::{self, Members};
use super::super::sent::Header;
use crate::live::host;
use crate::proto::http1::Request;

/// What our own headers say of who asks.
#[derive(Clone, Copy)]
pub(in super::super) struct Caller<'a> {
    pub(in super::super) request: &'a Request,
    pub(in super::super) ip: IpAddr,
    pub(in super::super) channel: &'a Channel,
    pub(in super::super) trace_id: &'a str,
    pub(in super::super) domain: &'a str,
}

/// A header that the gateway says for itself, whatever the client sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Own {
    ContentLength,
    Host,
    TraceId,
    ForwardedFor,
    ForwardedPort,
    ForwardedProto,
}

/// In the order of the alphabet, as AWS has them.
pub(super) const OWN: [Own; 6] =
    [Own::ContentLength, Own::Host, Own::TraceId, Own::ForwardedFor, Own::ForwardedPort, Own::ForwardedProto];

impl Own {
    /// How format 1.0 spells it; 2.0 has it in lower case.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::ContentLength => "Content-Length",
            Self::Host => "Host",
            Self::TraceId => "X-Amzn-Trace-Id",
            Self::ForwardedFor => "X-Forwarded-For",
            Self::ForwardedPort => "X-Forwarded-Port",
            Self::ForwardedProto => "X-Forwarded-Proto",
        }
    }

    /// Writes its value, as a string.
    pub(super) fn write(self, out: &mut Vec<u8>, caller: Caller<'_>) {
        out.push(b'"');
        match self {
            Self::ContentLength => json::number(out, caller.request.body().len() as u64),
            Self::Host => json::escaped(out, caller.domain),
            Self::TraceId => json::escaped(out, caller.trace_id),
            Self::ForwardedFor => {
                for (name, value) in caller.request.headers() {
                    if name.eq_ignore_ascii_case("x-forwarded-for") {
                        json::escaped_header(out, value);
                        out.extend_from_slice(b", ");
                    }
                }
                write!(out, "{}", caller.ip).expect("a buffer takes all");
            }
            Self::ForwardedPort => json::escaped(out, port(caller.request.host(), caller.channel)),
            Self::ForwardedProto => out.extend_from_slice(caller.channel.scheme().as_bytes()),
        }
        out.push(b'"');
    }
}

/// Two members, as format 1.0 has them: the last value of each name, then all values of each. Names are spelled as
/// `spelled` says.
pub(super) fn write(
    out: &mut Vec<u8>,
    others: &[&Header<'_>],
    spelled: fn(&str) -> &str,
    own: &[Own],
    caller: Caller<'_>,
) {
    out.extend_from_slice(b"\"headers\":");
    let mut members = Members::open(out);
    for (name, values) in by_name(others) {
        members.name(out, spelled(name));
        write_value(out, values.last().unwrap_or_default());
    }
    for own in own {
        members.name(out, own.name());
        own.write(out, caller);
    }
    members.close(out);
    out.extend_from_slice(b",\"multiValueHeaders\":");
    let mut members = Members::open(out);
    for (name, values) in by_name(others) {
        members.name(out, spelled(name));
        json::list(out, values, write_value);
    }
    for own in own {
        members.name(out, own.name());
        out.push(b'[');
        own.write(out, caller);
        out.push(b']');
    }
    members.close(out);
}

fn write_value(out: &mut Vec<u8>, value: &[u8]) {
    out.push(b'"');
    json::escaped_header(out, value);
    out.push(b'"');
}

/// The headers that events have besides our own.
pub(super) fn others<'s, 'a>(headers: impl Iterator<Item = &'s Header<'a>>) -> Vec<&'s Header<'a>>
where
    'a: 's,
{
    let is_own = |name: &str| OWN.iter().any(|own| own.name().eq_ignore_ascii_case(name));
    headers.filter(|(name, _)| !is_own(name)).collect()
}

/// Headers by name, the names in the order of their first, with all values of each in order. The number of
/// headers is limited where they are read, so that comparing all with all is little.
pub(super) fn by_name<'s>(
    headers: &'s [&'s Header<'_>],
) -> impl Iterator<Item = (&'s str, impl Iterator<Item = &'s [u8]>)> {
    headers.iter().enumerate().filter_map(move |(n, (name, _))| {
        if headers[..n].iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            return None;
        }
        let values = headers[n..].iter().filter(move |(other, _)| other.eq_ignore_ascii_case(name));
        Some((&**name, values.map(|(_, value)| &**value)))
    })
}

fn port<'a>(host: &'a str, channel: &Channel) -> &'a str {
    match &host[host::without_port(host).len()..] {
        "" | ":" => channel.port(),
        port => &port[1..],
    }
}
