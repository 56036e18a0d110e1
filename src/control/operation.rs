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
    /// What AWS has besides, so that the refusal can name it: `("ImportApi", "PUT /v2/apis")`.
    pub unsupported: &'static [(&'static str, &'static str)],
}

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
    /// A segment in braces is a parameter; `{name+}` takes all that is left.
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
    /// What `method` and the raw `path` name.
    pub fn at_path(&self, method: &str, path: &str) -> Asked {
        let mut best: Option<(usize, Asked)> = None;
        let emulated = self.operations.iter().map(|row| (row.at, Some(row), row.name));
        let unsupported = self.unsupported.iter().map(|&(name, at)| (at, None, name));
        for (at, row, name) in emulated.chain(unsupported) {
            let Some(bound) = bind(at, method, path) else { continue };
            // A literal segment says more than a parameter: the row with fewer parameters is meant.
            if best.as_ref().is_none_or(|&(parameters, _)| bound.len() < parameters) {
                let parameters = bound.len();
                let asked = match row {
                    Some(row) => Asked::Operation(row, bound),
                    None => Asked::Unsupported(name),
                };
                best = Some((parameters, asked));
            }
        }
        best.map_or(Asked::Unknown, |(_, asked)| asked)
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

/// The parameters of `path` where it fits the row `at`.
fn bind(at: &'static str, method: &str, path: &str) -> Option<Bound> {
    let (row_method, pattern) = at.split_once(' ')?;
    if row_method != method {
        return None;
    }
    let mut bound = Bound::new();
    let mut rest = path;
    for segment in pattern.split('/').skip(1) {
        rest = rest.strip_prefix('/')?;
        let parameter = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
        if let Some(name) = parameter.and_then(|name| name.strip_suffix('+')) {
            bound.push((name, query::decode_path(rest).into_owned()));
            return (!rest.is_empty()).then_some(bound);
        }
        let end = rest.find('/').unwrap_or(rest.len());
        let (text, after) = rest.split_at(end);
        match parameter {
            Some(_) if text.is_empty() => return None,
            Some(name) => bound.push((name, query::decode_path(text).into_owned())),
            None if text == segment => {}
            None => return None,
        }
        rest = after;
    }
    // AWS's own paths differ in whether they end with a slash; clients copy both.
    matches!(rest, "" | "/").then_some(bound)
}
