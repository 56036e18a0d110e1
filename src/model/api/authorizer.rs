//! Authorizers: who may call a route of an HTTP API, or connect to a WebSocket API.

use super::PayloadFormat;

/// An authorizer.
#[derive(Clone, Debug, PartialEq)]
pub struct Authorizer {
    /// `authorizerId`
    pub id: String,
    /// `name`, 1 to 128 characters, unique in its api.
    pub name: String,
    /// `identitySource`: `$request.header.Authorization`, …; of WebSocket APIs `route.request.header.Auth`, ….
    pub identity_source: Vec<String>,
    /// `authorizerType`, and what only one of that type has.
    pub kind: AuthorizerKind,
}

/// `authorizerType`
#[derive(Clone, Debug, PartialEq)]
pub enum AuthorizerKind {
    /// `JWT`: a token of an issuer (HTTP APIs).
    Jwt(JwtConfiguration),
    /// `REQUEST`: a Lambda function.
    Request(FunctionAuthorizer),
}

/// `jwtConfiguration`
#[derive(Clone, Debug, PartialEq)]
pub struct JwtConfiguration {
    /// `issuer`: an http or https URL.
    pub issuer: String,
    /// `audience`: one of them must be the token's.
    pub audience: Vec<String>,
}

/// A function that judges.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionAuthorizer {
    /// `authorizerUri`
    pub uri: String,
    /// `authorizerCredentialsArn`
    pub credentials_arn: Option<String>,
    /// `authorizerPayloadFormatVersion` (HTTP APIs)
    pub payload: PayloadFormat,
    /// `enableSimpleResponses` (HTTP APIs)
    pub simple_responses: bool,
    /// `authorizerResultTtlInSeconds`, 0 to 3600 (HTTP APIs)
    pub ttl_s: u32,
}

impl AuthorizerKind {
    /// As the wire spells it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Jwt(_) => "JWT",
            Self::Request(_) => "REQUEST",
        }
    }
}
