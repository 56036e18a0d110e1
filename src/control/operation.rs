//! [`Operation`]: one row of the table of what is emulated, and how a call finds its row.
//!
//! Operations are data. A service module exports its rows as `OPERATIONS`; [`super::SERVICES`] lists the services.

use super::answer::{Answer, Error};
use super::call::Call;
use super::{Checked, Context, Control};
use crate::model::Store;
use crate::proto::query;

/// A service: its names, how it speaks, and what it can do.
#[derive(Debug)]
pub struct Service {
    /// As SDKs and LocalStack name it: `apigatewayv2`.
    pub name: &'static str,
    /// How calls and answers are written.
    pub protocol: Protocol,
    /// What is emulated.
    pub operations: &'static [Operation],
    /// What AWS has besides, so that the refusal can name it: `("ListPortals", "GET /v2/portals")`.
    pub unsupported: &'static [(&'static str, &'static str)],
}

/// [`Service::unsupported`] of a protocol where the operation's name is all that a call says.
macro_rules! actions {
    ($($name:literal),* $(,)?) => { &[$(($name, $name)),*] };
}
pub(super) use actions;

/// An AWS wire protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Method and path name the operation, members are JSON, errors have `message`.
    RestJson,
    /// `X-Amz-Target` names the operation, all is JSON 1.1.
    Json11,
    /// `Action` names the operation, members are form parameters, answers are XML of this namespace.
    Query(&'static str),
    /// Method and path name the operation, answers are XML.
    RestXml,
}

/// One AWS operation.
#[derive(Debug)]
pub struct Operation {
    /// As AWS names it: `CreateApi`.
    pub name: &'static str,
    /// How a call names it: `POST /v2/apis/{apiId}/routes` for the REST protocols, else the action's name.
    /// A segment in braces is a parameter; `{name+}` takes all that is left; `?name=value` must be in the query.
    pub at: &'static str,
    /// What it does.
    pub run: Run,
}

/// What an operation does. Whatever answers with an error must leave the store as it was: first check, then change.
#[derive(Debug)]
pub enum Run {
    /// On the reactor, under the store's lock; what it named in [`Store::changed`] is published before the answer.
    Quick(fn(&mut Store, &Context, &Call) -> Result<Answer, Error>),
    /// On the jobs thread; it takes the lock itself ([`Control::store`]), briefly, and publishes what it changed
    /// by [`Control::commit`].
    Slow(fn(&Control, &Call) -> Result<Answer, Error>),
    /// On the reactor: finds what is to be invoked, and how.
    Invoke(fn(&Store, &Context, &Call) -> Result<Checked, Error>),
}

impl Operation {
    /// A row that runs at once.
    pub const fn quick(
        name: &'static str,
        at: &'static str,
        run: fn(&mut Store, &Context, &Call) -> Result<Answer, Error>,
    ) -> Self {
        Self { name, at, run: Run::Quick(run) }
    }

    /// A row that runs at once, of a protocol where the operation's name is all that a call says.
    pub const fn action(
        name: &'static str,
        run: fn(&mut Store, &Context, &Call) -> Result<Answer, Error>,
    ) -> Self {
        Self::quick(name, name, run)
    }

    /// A row that may take its time.
    pub const fn slow(
        name: &'static str,
        at: &'static str,
        run: fn(&Control, &Call) -> Result<Answer, Error>,
    ) -> Self {
        Self { name, at, run: Run::Slow(run) }
    }

    /// A row that invokes a function.
    pub const fn invoke(
        name: &'static str,
        at: &'static str,
        run: fn(&Store, &Context, &Call) -> Result<Checked, Error>,
    ) -> Self {
        Self { name, at, run: Run::Invoke(run) }
    }
}

/// The parameters of a path, decoded, by the names that the row gives them.
pub type Bound = Vec<(&'static str, String)>;

/// What a call asks of a service.
#[derive(Debug)]
pub enum Asked {
    /// Something that is emulated.
    Operation(&'static Operation, Bound),
    /// Something that AWS has and we don't.
    Unsupported(&'static str),
    /// Nothing that this service is known to have.
    Unknown,
}

impl Service {
    /// What `method` and the raw `path` name; a row may ask for a parameter of the query too.
    pub fn at_path(&self, method: &str, path: &str, query: &[(String, String)]) -> Asked {
        let Some(path) = path.strip_prefix('/') else { return Asked::Unknown };
        // AWS's own paths differ in whether they end with a slash; clients copy both.
        let path = path.strip_suffix('/').unwrap_or(path);
        let emulated = self.operations.iter().map(|row| (row.at, Some(row), row.name));
        let unsupported = self.unsupported.iter().map(|&(name, at)| (at, None, name));
        let fitting = emulated.chain(unsupported).filter_map(|(at, row, name)| {
            let pattern = at.strip_prefix(method)?.strip_prefix(" /")?;
            let (pattern, wanted) =
                pattern.split_once('?').map_or((pattern, None), |(path, asks)| (path, Some(asks)));
            let parameters = fit(pattern, path)?;
            let is_met = |asks: &str| {
                query
                    .iter()
                    .any(|(name, value)| asks.split_once('=') == Some((name.as_str(), value.as_str())))
            };
            wanted.is_none_or(is_met).then_some(((parameters, wanted.is_none()), pattern, row, name))
        });
        // A literal segment says more than a parameter: the row with fewer parameters is meant, and one that asks for
        // something in the query before one that doesn't.
        match fitting.min_by_key(|(rank, ..)| *rank) {
            Some((_, pattern, Some(row), _)) => Asked::Operation(row, bind(pattern, path)),
            Some((_, _, None, name)) => Asked::Unsupported(name),
            None => Asked::Unknown,
        }
    }

    /// What the action `name` names.
    pub fn at_action(&self, name: &str) -> Asked {
        if let Some(row) = self.operations.iter().find(|row| row.at == name) {
            return Asked::Operation(row, Bound::new());
        }
        match self.unsupported.iter().find(|&&(known, _)| known == name) {
            Some(&(known, _)) => Asked::Unsupported(known),
            None => Asked::Unknown,
        }
    }
}

/// How many parameters `pattern` has, where `path` fits it. It runs for each row of a table on each call, so it
/// stops at the first difference and keeps nothing.
fn fit(pattern: &str, path: &str) -> Option<usize> {
    let (mut pattern, mut path, mut parameters) = (pattern, path, 0);
    loop {
        let (segment, pattern_rest) = cut(pattern);
        let (text, path_rest) = cut(path);
        match parameter(segment) {
            Some(_) if text.is_empty() => return None,
            Some(name) if name.ends_with('+') => return Some(parameters + 1),
            Some(_) => parameters += 1,
            None if segment == text => {}
            None => return None,
        }
        match (pattern_rest, path_rest) {
            (Some(pattern_rest), Some(path_rest)) => (pattern, path) = (pattern_rest, path_rest),
            (None, None) => return Some(parameters),
            (Some(_), None) | (None, Some(_)) => return None,
        }
    }
}

/// The parameters of a path that fits.
fn bind(pattern: &'static str, path: &str) -> Bound {
    let segments = pattern.split('/').zip(path.splitn(pattern.split('/').count(), '/'));
    segments
        .filter_map(|(segment, text)| {
            let name = parameter(segment)?.trim_end_matches('+');
            Some((name, query::decode_path(text).into_owned()))
        })
        .collect()
}

/// The first segment, and what follows its slash.
fn cut(text: &str) -> (&str, Option<&str>) {
    match text.bytes().position(|byte| byte == b'/') {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

/// `name` of `{name}`
fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}
