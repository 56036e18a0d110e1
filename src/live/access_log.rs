//! A stage's access log: where its lines go, and how they look, parsed once.
//!
//! ```text
//! $context.identity.sourceIp - "$context.httpMethod $context.routeKey" $context.status $context.requestId
//! ```
//!
//! CLF, JSON, XML and CSV are what the text around the variables makes of them: "substitution is textual". A variable
//! that has no value is a hyphen.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html>

use std::sync::Arc;

use crate::model::api::{self, ApiId};
use crate::model::{Owner, arn};

/// A stage's access log.
#[derive(Debug, PartialEq)]
pub struct AccessLog {
    /// The log group; `None`: the destination is none (REST APIs may name a Firehose stream).
    pub group: Option<(Owner, Box<str>)>,
    /// The log stream: `{apiId}/{stage}`. AWS has one of an opaque name for each of its machines.
    pub stream: Arc<str>,
    /// How a line looks.
    pub format: Format,
    /// What it was compiled from.
    settings: api::AccessLog,
}

/// What a line is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Format(pub Vec<Part>);

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// As it stands.
    Text(Box<str>),
    /// A variable's value.
    Variable(Variable),
}

/// A variable, without `$context.`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variable {
    /// What became of the request.
    Outcome(Outcome),
    /// What was known before: by its name.
    Request(Box<str>),
}

/// What became of a request, and of what its integration was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// `status`: what the client got.
    Status,
    /// `responseLength`: bytes of its body.
    ResponseLength,
    /// `responseLatency`: milliseconds from the request to the response.
    ResponseLatency,
    /// `dataProcessed`: bytes of both bodies.
    DataProcessed,
    /// `error.message`
    ErrorMessage,
    /// `error.messageString`: the same, in quotes.
    ErrorMessageString,
    /// `error.responseType`
    ErrorResponseType,
    /// `integration.error`
    IntegrationError,
    /// `integration.integrationStatus`: of the call of Lambda, or of the back end.
    ServiceStatus,
    /// `integration.status`: what the function or the back end returned.
    ReturnedStatus,
    /// `integration.latency`: milliseconds.
    IntegrationLatency,
    /// `integration.requestId`
    IntegrationRequestId,
    /// `authorizer.error`
    AuthorizerError,
    /// `awsEndpointRequestId2`: the back end's `x-amz-id-2`.
    SecondRequestId,
}

/// By name. `integrationStatus` is [conflicting] in AWS's guide, which calls it the function's in one place.
const OUTCOMES: [(&str, Outcome); 18] = [
    ("status", Outcome::Status),
    ("responseLength", Outcome::ResponseLength),
    ("responseLatency", Outcome::ResponseLatency),
    ("dataProcessed", Outcome::DataProcessed),
    ("error.message", Outcome::ErrorMessage),
    ("error.messageString", Outcome::ErrorMessageString),
    ("error.responseType", Outcome::ErrorResponseType),
    ("authorizer.error", Outcome::AuthorizerError),
    ("integration.error", Outcome::IntegrationError),
    ("integrationErrorMessage", Outcome::IntegrationError),
    ("integration.integrationStatus", Outcome::ServiceStatus),
    ("integrationStatus", Outcome::ServiceStatus),
    ("integration.status", Outcome::ReturnedStatus),
    ("integration.latency", Outcome::IntegrationLatency),
    ("integrationLatency", Outcome::IntegrationLatency),
    ("integration.requestId", Outcome::IntegrationRequestId),
    ("awsEndpointRequestId", Outcome::IntegrationRequestId),
    ("awsEndpointRequestId2", Outcome::SecondRequestId),
];

/// What else HTTP APIs have, but for `authorizer.…`.
const OF_HTTP: [&str; 31] = [
    "accountId",
    "apiId",
    "customDomain.basePathMatched",
    "domainName",
    "domainPrefix",
    "extendedRequestId",
    "httpMethod",
    "identity.accountId",
    "identity.caller",
    "identity.clientCert.clientCertPem",
    "identity.clientCert.issuerDN",
    "identity.clientCert.serialNumber",
    "identity.clientCert.subjectDN",
    "identity.clientCert.validity.notAfter",
    "identity.clientCert.validity.notBefore",
    "identity.cognitoAuthenticationProvider",
    "identity.cognitoAuthenticationType",
    "identity.cognitoIdentityId",
    "identity.cognitoIdentityPoolId",
    "identity.principalOrgId",
    "identity.sourceIp",
    "identity.user",
    "identity.userAgent",
    "identity.userArn",
    "path",
    "protocol",
    "requestId",
    "requestTime",
    "requestTimeEpoch",
    "routeKey",
    "stage",
];

impl AccessLog {
    /// What a stage of an api says of its log, compiled. `None`: it says too little to log anything.
    pub fn new(api: &ApiId, stage: &str, settings: Option<&api::AccessLog>) -> Option<Arc<Self>> {
        let settings = settings?;
        let (destination, format) = (settings.destination_arn.as_deref()?, settings.format.as_deref()?);
        Some(Arc::new(Self {
            group: arn::log_group(destination).map(|(owner, name)| (owner, name.into())),
            stream: format!("{api}/{stage}").into(),
            format: Format::parse(format),
            settings: settings.clone(),
        }))
    }

    /// Whether `known` is what these settings would be compiled to.
    pub fn is_of(known: Option<&Self>, settings: Option<&api::AccessLog>) -> bool {
        match (known, settings) {
            (Some(known), Some(settings)) => known.settings == *settings,
            (None, Some(settings)) => settings.destination_arn.is_none() || settings.format.is_none(),
            (None, None) => true,
            (Some(_), None) => false,
        }
    }
}

impl Format {
    /// Parses a format: any text is one.
    pub fn parse(text: &str) -> Self {
        let (mut parts, mut rest, mut plain) = (Vec::new(), text, String::new());
        while let Some(at) = rest.find('$') {
            let (before, after) = rest.split_at(at);
            plain.push_str(before);
            match variable(after) {
                Some((name, length)) => {
                    if !plain.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut plain).into()));
                    }
                    parts.push(Part::Variable(Variable::of(name)));
                    rest = &after[length..];
                }
                None => {
                    plain.push('$');
                    rest = &after[1..];
                }
            }
        }
        plain.push_str(rest);
        // A line's end is the log's own.
        plain.truncate(plain.trim_end_matches(['\r', '\n']).len());
        if !plain.is_empty() {
            parts.push(Part::Text(plain.into()));
        }
        Self(parts)
    }

    /// Whether it has a variable of this name.
    pub fn has(&self, name: &str) -> bool {
        self.variables().any(|variable| *variable == Variable::of(name))
    }

    /// Its variables that HTTP APIs don't have.
    pub fn unknown_of_http(&self) -> impl Iterator<Item = &str> {
        self.variables().filter_map(|variable| match variable {
            Variable::Request(name) if !is_of_http(name) => Some(&**name),
            Variable::Request(_) | Variable::Outcome(_) => None,
        })
    }

    fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.0.iter().filter_map(|part| match part {
            Part::Variable(variable) => Some(variable),
            Part::Text(_) => None,
        })
    }
}

impl Variable {
    fn of(name: &str) -> Self {
        let outcome = OUTCOMES.iter().find(|(known, _)| *known == name);
        outcome.map_or_else(|| Self::Request(name.into()), |(_, outcome)| Self::Outcome(*outcome))
    }
}

fn is_of_http(name: &str) -> bool {
    OF_HTTP.contains(&name) || name.strip_prefix("authorizer.").is_some_and(|key| !key.is_empty())
}

/// The name of the variable that `text` begins with, and how long all of it is: `$context.name` or `${context.name}`.
fn variable(text: &str) -> Option<(&str, usize)> {
    const BRACED: &str = "${context.";
    const PLAIN: &str = "$context.";
    if let Some(rest) = text.strip_prefix(BRACED) {
        let end = name_end(rest);
        return (end > 0 && rest[end..].starts_with('}'))
            .then(|| (&rest[..end], BRACED.len() + end + "}".len()));
    }
    let rest = text.strip_prefix(PLAIN)?;
    let end = name_end(rest);
    (end > 0).then(|| (&rest[..end], PLAIN.len() + end))
}

/// Where a name ends: parts with dots between. What an authorizer says may have other names (`cognito:username`,
/// `x-key`), in whose parts a colon or a hyphen stands between.
fn name_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let mut end = 0;
    loop {
        let between = match bytes.get(end) {
            Some(b'.') => end > 0,
            Some(b':' | b'-') => text.starts_with("authorizer."),
            byte if is_word(byte) => {
                end += 1;
                continue;
            }
            _ => false,
        };
        if !(between && is_word(bytes.get(end + 1))) {
            return end;
        }
        end += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Variables in angle brackets, as they are called.
    fn shown(format: &Format) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.to_string(),
            Part::Variable(Variable::Request(name)) => format!("<{name}>"),
            Part::Variable(Variable::Outcome(outcome)) => format!("<{outcome:?}>"),
        };
        format.0.iter().map(part).collect()
    }

    #[test]
    fn formats() {
        for (text, expected) in [
            ("", ""),
            (
                "plain $ text $5 $context $context. ${context.}",
                "plain $ text $5 $context $context. ${context.}",
            ),
            ("$context.requestId", "<requestId>"),
            ("${context.requestId}s", "<requestId>s"),
            ("${context.requestId", "${context.requestId"),
            ("${context.a b}", "${context.a b}"),
            ("$$context.requestId$", "$<requestId>$"),
            ("$context.requestId.", "<requestId>."),
            ("$context..requestId", "$context..requestId"),
            ("$context.stage-$context.path", "<stage>-<path>"),
            ("$context.stage:$context.path", "<stage>:<path>"),
            ("$context.stage$context.path", "<stage><path>"),
            ("$context.requestId λ", "<requestId> λ"),
            ("$context.requestIdλ", "<requestId>λ"),
            ("$context.nothing.known", "<nothing.known>"),
            ("$context.authorizer.claims.cognito:username,", "<authorizer.claims.cognito:username>,"),
            ("$context.authorizer.x-key: $context.authorizer.y-", "<authorizer.x-key>: <authorizer.y>-"),
            ("$input.body $stageVariables.x", "$input.body $stageVariables.x"),
            ("$context.status\n", "<Status>"),
            ("$context.status\r\n", "<Status>"),
            ("\n", ""),
            // The console's own.
            (
                r#"$context.identity.sourceIp - - [$context.requestTime] "$context.httpMethod $context.routeKey $context.protocol" $context.status $context.responseLength $context.requestId"#,
                r#"<identity.sourceIp> - - [<requestTime>] "<httpMethod> <routeKey> <protocol>" <Status> <ResponseLength> <requestId>"#,
            ),
            (
                r#"{ "requestId":"$context.requestId", "ip": "$context.identity.sourceIp", "status":"$context.status" }"#,
                r#"{ "requestId":"<requestId>", "ip": "<identity.sourceIp>", "status":"<Status>" }"#,
            ),
            (
                r#"<request id="$context.requestId"> <ip>$context.identity.sourceIp</ip> </request>"#,
                r#"<request id="<requestId>"> <ip><identity.sourceIp></ip> </request>"#,
            ),
            (
                "$context.identity.sourceIp,$context.requestTime,$context.status",
                "<identity.sourceIp>,<requestTime>,<Status>",
            ),
        ] {
            assert_eq!(shown(&Format::parse(text)), expected, "{text}");
        }
    }

    #[test]
    fn every_variable_is_read_as_one() {
        let names = OUTCOMES.iter().map(|(name, _)| *name).chain(OF_HTTP);
        for name in names.chain(["authorizer.principalId", "authorizer.error", "authorizer.claims.sub"]) {
            for text in [format!("$context.{name}"), format!("${{context.{name}}}")] {
                let format = Format::parse(&text);
                assert_eq!(format.0, [Part::Variable(Variable::of(name))], "{text}");
                assert_eq!(format.unknown_of_http().count(), 0, "{text}");
            }
        }
        let format = Format::parse("$context.requestId $context.connectionId $context.authorizer.");
        assert!(format.has("requestId") && !format.has("extendedRequestId"));
        assert_eq!(format.unknown_of_http().collect::<Vec<_>>(), ["connectionId", "authorizer"]);
    }

    #[test]
    fn what_is_compiled() {
        let settings = |arn: Option<&str>, format: Option<&str>| api::AccessLog {
            destination_arn: arn.map(str::to_owned),
            format: format.map(str::to_owned),
        };
        let id = ApiId::new("a");
        let of = |settings: &api::AccessLog| AccessLog::new(&id, "s", Some(settings));
        let group = Some("arn:aws:logs:us-east-1:000000000000:log-group:g:*");
        let whole = settings(group, Some("x"));
        let log = of(&whole).unwrap();
        assert_eq!((log.group.as_ref().unwrap().1.as_ref(), &*log.stream), ("g", "a/s"));
        assert!(AccessLog::is_of(Some(&log), Some(&whole)));
        for other in [settings(group, Some("y")), settings(group, None), settings(None, None)] {
            assert!(!AccessLog::is_of(Some(&log), Some(&other)));
            assert!(AccessLog::is_of(of(&other).as_deref(), Some(&other)));
        }
        assert!(!AccessLog::is_of(Some(&log), None) && AccessLog::is_of(None, None));
        let stream = settings(
            Some("arn:aws:firehose:us-east-1:000000000000:deliverystream/amazon-apigateway-x"),
            Some("x"),
        );
        assert_eq!(of(&stream).unwrap().group, None);
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost(text in "(\\$context\\.|\\$\\{context\\.|\\}|[a-z.:$λ -]|status|authorizer\\.)*") {
            let format = Format::parse(&text);
            let part = |part: &Part| match part {
                Part::Text(text) => text.to_string(),
                Part::Variable(Variable::Request(name)) => name.to_string(),
                Part::Variable(Variable::Outcome(Outcome::Status)) => "status".to_owned(),
                Part::Variable(Variable::Outcome(other)) => format!("{other:?}"),
            };
            let back: String = format.0.iter().map(part).collect();
            // All but the marks of those that were read.
            let kept = |text: &str| text.replace("$context.", "").replace("${context.", "").replace('}', "");
            proptest::prop_assert_eq!(kept(&back), kept(&text));
        }
    }
}
