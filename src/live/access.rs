//! Who may call the routes of an HTTP API: its authorizers, compiled with each deployment.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::api::Lambda;
use super::mapping::Source;
use super::uri::{self, Backend};
use crate::base::map::map_of;
use crate::model::Owner;
use crate::model::api::{self, AuthorizerKind, FunctionAuthorizer, JwtConfiguration, Snapshot};
use crate::model::arn::FunctionRef;

/// AWS: how long a Lambda authorizer may take.
const LAMBDA_TIMEOUT: Duration = Duration::from_secs(10);

/// Who may call a route.
#[derive(Clone, Debug)]
pub enum Access {
    /// Anybody.
    Open,
    /// Whoever has a token of this issuer, with one of these scopes (`authorizationScopes`) if there are any.
    Jwt(Arc<JwtAuthorizer>, Box<[Box<str>]>),
    /// Whom this function lets.
    Lambda(Arc<LambdaAuthorizer>),
    /// Whoever signs with credentials (`AWS_IAM`).
    Iam,
    /// Nobody: why, for the log.
    Closed(String),
}

/// An issuer whose tokens are good.
#[derive(Debug)]
pub struct JwtAuthorizer {
    /// `authorizerId`
    pub id: Box<str>,
    /// Where the token is: a header or a parameter of the query.
    pub source: Source,
    /// `iss` of good tokens.
    pub issuer: Arc<str>,
    /// Where the issuer says where its keys are: `{issuer}/.well-known/openid-configuration`
    pub discovery: Backend,
    /// `aud`, or else `client_id`, of good tokens is one of these.
    pub audience: Vec<String>,
}

/// A function that judges requests.
#[derive(Debug)]
pub struct LambdaAuthorizer {
    /// `authorizerId`
    pub id: Box<str>,
    /// The function, the payload format of its events, and how long it may take.
    pub lambda: Lambda,
    /// `identitySource`: each must be there and not empty, or the function is not asked.
    pub sources: Vec<Source>,
    /// `enableSimpleResponses`: it answers with `isAuthorized`, and else with a policy.
    pub simple_responses: bool,
    /// How long what it answers stands; zero: for this request alone.
    pub ttl: Duration,
}

/// The authorizers of a deployment, by id. `Err`: what is wrong with one.
pub(super) struct Authorizers<'a>(BTreeMap<&'a str, Result<Authorizer, String>>);

enum Authorizer {
    Jwt(Arc<JwtAuthorizer>),
    Lambda(Arc<LambdaAuthorizer>),
}

impl<'a> Authorizers<'a> {
    /// Compiles them for a stage.
    pub(super) fn new(snapshot: &'a Snapshot, variables: &BTreeMap<String, String>, owner: &Owner) -> Self {
        let compile = |authorizer: &api::Authorizer| match &authorizer.kind {
            AuthorizerKind::Jwt(jwt) => {
                JwtAuthorizer::new(authorizer, jwt).map(|jwt| Authorizer::Jwt(Arc::new(jwt)))
            }
            AuthorizerKind::Request(judge) => LambdaAuthorizer::new(authorizer, judge, variables, owner)
                .map(|lambda| Authorizer::Lambda(Arc::new(lambda))),
        };
        let authorizers = snapshot.authorizers.iter();
        Self(map_of(authorizers.map(|(id, authorizer)| (&**id, compile(authorizer)))))
    }

    /// Who may call this route.
    pub(super) fn access(&self, route: &api::Route) -> Access {
        let id = route.authorizer_id.as_deref().unwrap_or_default();
        match (&*route.authorization_type, self.0.get(id)) {
            ("NONE", _) => Access::Open,
            ("AWS_IAM", _) => Access::Iam,
            ("JWT", Some(Ok(Authorizer::Jwt(jwt)))) => {
                let scopes = route.authorization_scopes.iter().flatten();
                Access::Jwt(Arc::clone(jwt), scopes.map(|scope| scope.as_str().into()).collect())
            }
            ("CUSTOM", Some(Ok(Authorizer::Lambda(lambda)))) => Access::Lambda(Arc::clone(lambda)),
            ("JWT" | "CUSTOM", Some(Err(why))) => Access::Closed(format!("the authorizer {id}: {why}")),
            (kind, _) => Access::Closed(format!("there is no authorizer {id} of the type {kind}")),
        }
    }
}

impl JwtAuthorizer {
    fn new(authorizer: &api::Authorizer, jwt: &JwtConfiguration) -> Result<Self, String> {
        let [source] = &authorizer.identity_source[..] else {
            return Err("it has no identity source, or more than one".to_owned());
        };
        let discovery = discovery(&jwt.issuer)
            .ok_or_else(|| format!("the issuer {} is no URL that can be asked", jwt.issuer))?;
        Ok(Self {
            id: authorizer.id.as_str().into(),
            source: identity_source(source)?,
            issuer: jwt.issuer.as_str().into(),
            discovery,
            audience: jwt.audience.clone(),
        })
    }
}

impl LambdaAuthorizer {
    fn new(
        authorizer: &api::Authorizer,
        judge: &FunctionAuthorizer,
        variables: &BTreeMap<String, String>,
        owner: &Owner,
    ) -> Result<Self, String> {
        let uri = uri::fill_in(&judge.uri, variables)
            .map_err(|name| format!("the stage has no variable {name}, which its URI names"))?;
        let function =
            FunctionRef::parse(&uri, owner).ok_or_else(|| format!("its URI names no function: {uri}"))?;
        let assumes_role = judge.credentials_arn.is_some();
        let sources = authorizer.identity_source.iter().map(|source| identity_source(source));
        Ok(Self {
            id: authorizer.id.as_str().into(),
            lambda: Lambda { payload: judge.payload, ..Lambda::new(function, assumes_role, LAMBDA_TIMEOUT) },
            sources: sources.collect::<Result<_, _>>()?,
            simple_responses: judge.simple_responses,
            ttl: Duration::from_secs(judge.ttl_s.into()),
        })
    }
}

/// Where an issuer says where its keys are. `None`: it is no http or https URL.
pub fn discovery(issuer: &str) -> Option<Backend> {
    // OpenID Connect Discovery 1.0 section 4.1: "any terminating / MUST be removed".
    Backend::parse(&format!(
        "{}/.well-known/openid-configuration",
        issuer.strip_suffix('/').unwrap_or(issuer)
    ))
}

/// Where an identity source of an HTTP API looks.
///
/// # Errors
/// Nowhere.
pub fn identity_source(text: &str) -> Result<Source, String> {
    let malformed = || format!("{text} is no identity source");
    match Source::parse(text.strip_prefix('$').ok_or_else(malformed)?) {
        Ok(
            source @ (Source::RequestHeader(_)
            | Source::RequestQuery(_)
            | Source::Context(_)
            | Source::StageVariable(_)),
        ) if !text.ends_with('.') => Ok(source),
        Ok(_) | Err(_) => Err(malformed()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_sources() {
        for (text, expected) in [
            ("$request.header.Authorization", Some(Source::RequestHeader("Authorization".into()))),
            ("$request.querystring.a.b", Some(Source::RequestQuery("a.b".into()))),
            ("$context.routeKey", Some(Source::Context("routeKey".into()))),
            ("$stageVariables.x", Some(Source::StageVariable("x".into()))),
            ("$request.header.", None),
            ("$request.path", None),
            ("$request.body.a", None),
            ("route.request.header.a", None),
            ("${request.header.a}", None),
            ("", None),
        ] {
            assert_eq!(identity_source(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn discoveries() {
        for (issuer, expected) in [
            ("https://example.com", Some("true example.com 443 /.well-known/openid-configuration")),
            ("https://example.com/", Some("true example.com 443 /.well-known/openid-configuration")),
            (
                "http://localhost:8080/realms/x",
                Some("false localhost 8080 /realms/x/.well-known/openid-configuration"),
            ),
            ("example.com", None),
            ("ftp://example.com", None),
            ("", None),
        ] {
            let shown = discovery(issuer).map(|backend| {
                format!(
                    "{} {} {} {}",
                    backend.https,
                    backend.host,
                    backend.port,
                    backend.target_with(&[], "")
                )
            });
            assert_eq!(shown.as_deref(), expected, "{issuer}");
        }
    }
}
