//! The headers of an event: the client's, and those that the gateway owns and says for itself.

use std::io::Write;

use super::super::exchange::Journey;
use super::super::json;
use crate::live::host;
use crate::proto::http1::Request;
use crate::proto::http1::fields::{connection_names, is_hop_by_hop};

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
    pub(super) fn write(self, out: &mut Vec<u8>, journey: &Journey) {
        out.push(b'"');
        match self {
            Self::ContentLength => json::number(out, journey.request.body().len() as u64),
            Self::Host => json::escaped(out, journey.domain()),
            Self::TraceId => json::escaped(out, &journey.trace_id),
            Self::ForwardedFor => {
                for (name, value) in journey.request.headers() {
                    if name.eq_ignore_ascii_case("x-forwarded-for") {
                        json::escaped_header(out, value);
                        out.extend_from_slice(b", ");
                    }
                }
                write!(out, "{}", journey.ip).expect("a buffer takes all");
            }
            Self::ForwardedPort => json::escaped(out, port(journey.request.host())),
            Self::ForwardedProto => out.extend_from_slice(b"http"),
        }
        out.push(b'"');
    }
}

/// A header of the client's.
type Header<'a> = (&'a str, &'a [u8]);

/// The client's headers that events have: not those of its connection, and not those that are our own.
pub(super) fn of_client(request: &Request) -> Vec<Header<'_>> {
    let connection = request.header("connection").unwrap_or_default();
    let is_passed = |name: &str| {
        !is_hop_by_hop(name)
            && !name.eq_ignore_ascii_case("expect")
            && !OWN.iter().any(|own| own.name().eq_ignore_ascii_case(name))
            && (connection.is_empty() || !connection_names(connection, name))
    };
    request.headers().filter(|(name, _)| is_passed(name)).collect()
}

/// Headers by name, the names in the order of their first, with all values of each in order. The number of
/// headers is limited where they are read, so that comparing all with all is little.
pub(super) fn by_name<'a>(
    headers: &[Header<'a>],
) -> impl Iterator<Item = (&'a str, impl Iterator<Item = &'a [u8]>)> {
    headers.iter().enumerate().filter_map(move |(n, &(name, _))| {
        if headers[..n].iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            return None;
        }
        let values = headers[n..].iter().filter(move |(other, _)| other.eq_ignore_ascii_case(name));
        Some((name, values.map(|(_, value)| *value)))
    })
}

fn port(host: &str) -> &str {
    match &host[host::without_port(host).len()..] {
        "" | ":" => "80",
        port => &port[1..],
    }
}
