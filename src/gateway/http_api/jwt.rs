//! JWT authorizers ("Control access to HTTP APIs with JWT authorizers" of the developer guide): a token is verified
//! with its issuer's keys, which are here or have to be waited for.

use std::sync::Arc;

use super::super::exchange::{Asker, Identity, Journey, Next, Step};
use super::super::fault::{Challenge, Fault};
use super::super::mapping::Sources;
use super::discovery::PATIENCE;
use super::issuers::{Found, Issuers};
use crate::live::access::JwtAuthorizer;
use crate::proto::jwt::{self, Token};

/// What a token that was verified says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Claims {
    /// By name, each as text.
    pub(in super::super) claims: Vec<(Box<str>, String)>,
    /// All scopes of the token; `None`: the route asks for none.
    pub(in super::super) scopes: Option<Vec<String>>,
}

/// Whose token came with the request, if it is good and has one of these scopes, or any if there are none.
pub(super) fn ask(
    journey: &Journey,
    authorizer: &Arc<JwtAuthorizer>,
    scopes: &[Box<str>],
    asker: &Asker<'_>,
    issuers: &mut Issuers,
) -> Result<Next<Identity>, Fault> {
    let text = Sources::of_request(journey).source(&authorizer.source).filter(|text| !text.is_empty());
    let text = text.ok_or(Fault::Challenged(Challenge::Missing))?;
    let token = Token::parse(bare(&text)).map_err(invalid)?;
    let wrong = match issuers.key(asker.now, authorizer, token.kid(), asker.me) {
        Found::Key(key) => token.verify(key),
        found @ (Found::None | Found::Waits | Found::Busy) => {
            return without(&found, jwt::Error::UnknownKey, asker);
        }
    };
    if let Err(wrong) = wrong {
        return without(&issuers.newer(asker.now, authorizer, asker.me), wrong, asker);
    }
    token.check(&authorizer.issuer, &authorizer.audience, asker.now).map_err(invalid)?;
    let granted = token.scopes();
    if !scopes.is_empty() && !scopes.iter().any(|scope| granted.contains(&&**scope)) {
        return Err(Fault::Forbidden(format!("the token has none of the scopes {}", scopes.join(" "))));
    }
    let granted = || granted.iter().map(|scope| (*scope).to_owned()).collect();
    Ok(Next::Done(Identity::Jwt(Box::new(Claims {
        claims: token.claims().map(|(name, text)| (name.into(), text)).collect(),
        scopes: (!scopes.is_empty()).then(granted),
    }))))
}

/// What becomes of a token that no key is found for.
fn without(found: &Found<'_>, wrong: jwt::Error, asker: &Asker<'_>) -> Result<Next<Identity>, Fault> {
    match found {
        Found::Key(_) | Found::None => Err(invalid(wrong)),
        Found::Waits => Ok(Next::Wait(Step::Discovering, asker.now.instant + PATIENCE)),
        Found::Busy => Err(Fault::Busy("too many requests wait for the keys of issuers")),
    }
}

fn invalid(error: jwt::Error) -> Fault {
    Fault::Challenged(Challenge::Token(error))
}

/// AWS takes a token with the scheme before it and without.
fn bare(text: &str) -> &str {
    const SCHEME: &str = "bearer ";
    match text.get(..SCHEME.len()) {
        Some(scheme) if scheme.eq_ignore_ascii_case(SCHEME) => text[SCHEME.len()..].trim(),
        Some(_) | None => text.trim(),
    }
}

impl Claims {
    /// A claim.
    pub(in super::super) fn claim(&self, name: &str) -> Option<&str> {
        self.claims.iter().find(|(known, _)| **known == *name).map(|(_, text)| &**text)
    }
}
