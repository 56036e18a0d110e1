//! The front door: which service a request is for, and whose resources it is about.
//!
//! The signature's credential scope decides; without one, in this order, a host of S3 (`{bucket}.s3.localhost`), the
//! path, the host (`lambda.us-east-1.localhost`), `X-Amz-Target`, `Action`, and last a path that begins with a bucket's
//! name. Any credentials are accepted.

use super::answer::Error;
use super::call;
use super::operation::{Asked, Protocol, Service};
use super::s3::{self, address::Resource};
use super::{Done, SERVICES, wire};
use crate::model::arn::{DEFAULT_ACCOUNT, is_account, is_region};
use crate::model::{Owner, Settings};
use crate::proto::http1::Request;
use crate::proto::query;

/// Where a request has come to.
#[derive(Debug)]
pub enum Door {
    /// A service of ours.
    Service {
        /// The service.
        service: &'static Service,
        /// What is asked of it.
        asked: Asked,
        /// Whose resources it is about.
        owner: Owner,
        /// The query's parameters; for the query protocol the form's too.
        query: Vec<(String, String)>,
    },
    /// A service of AWS that is not emulated.
    Foreign {
        /// Its name, as the request says it.
        service: String,
        /// The operation's name, where the request says it.
        operation: Option<String>,
        /// How the client expects the refusal.
        protocol: Protocol,
    },
    /// No service at all.
    Nothing,
}

/// The region of those who don't name one.
const DEFAULT_REGION: &str = "us-east-1";

/// Labels of hosts, and names in credential scopes, that stand for services we don't emulate.
const FOREIGN_HOSTS: &[&str] = &[
    "acm",
    "cloudfront",
    "cognito-idp",
    "dynamodb",
    "ec2",
    "firehose",
    "kinesis",
    "monitoring",
    "route53",
    "scheduler",
    "secretsmanager",
    "ses",
    "sns",
    "sqs",
    "states",
];

/// `X-Amz-Target` up to the dot, and whose it is.
const TARGETS: &[(&str, &str)] = &[
    ("AWSEvents", "events"),
    ("AWSStepFunctions", "stepfunctions"),
    ("AmazonEC2ContainerRegistry_V20150921", "ecr"),
    ("AmazonSQS", "sqs"),
    ("AmazonSSM", "ssm"),
    ("CertificateManager", "acm"),
    ("CloudApiService", "cloudcontrolapi"),
    ("DynamoDB_20120810", "dynamodb"),
    ("Kinesis_20131202", "kinesis"),
    ("Logs_20140328", "logs"),
    ("TrentService", "kms"),
];

/// `Version` of the query protocol, and whose it is.
const VERSIONS: &[(&str, &str)] = &[
    ("2010-03-31", "sns"),
    ("2010-05-08", "iam"),
    ("2010-05-15", "cloudformation"),
    ("2010-08-01", "cloudwatch"),
    ("2011-06-15", "sts"),
    ("2012-11-05", "sqs"),
    ("2016-11-15", "ec2"),
];

/// What the client signed for; nothing of it is verified.
#[derive(Debug, Default, PartialEq)]
struct Scope {
    access_key: String,
    region: Option<String>,
    service: Option<String>,
}

/// Where `request` has come to. `is_bucket` says whether there is a bucket of this name: an unsigned path that begins
/// with one is S3's, if it is nobody else's.
pub fn door(request: &Request, is_bucket: impl Fn(&str) -> bool) -> Door {
    let mut query = request.query().map(call::parameters).unwrap_or_default();
    let scope = scope(request, &query);
    let target = text(request, "x-amz-target").and_then(|target| target.split_once('.'));
    // Only the query protocol has forms, and it always asks `/`: curl calls any body a form.
    if request.path() == "/" && is_form(request) {
        query.extend(std::str::from_utf8(request.body()).map(call::parameters).unwrap_or_default());
    }
    let action = parameter(&query, "Action").map(str::to_owned);
    let name = service_name(request, &scope, target, &query);
    let Some(name) = name.or_else(|| s3_by_path(request, is_bucket)) else { return Door::Nothing };
    let Some(service) = SERVICES.iter().find(|service| service.name == name) else {
        let protocol = match (target, &action) {
            (Some(_), _) => Protocol::Json11,
            (None, Some(_)) => Protocol::Query(""),
            (None, None) if matches!(name.as_str(), "s3" | "route53" | "cloudfront") => Protocol::RestXml,
            (None, None) => Protocol::RestJson,
        };
        let operation = target.map(|(_, operation)| operation.to_owned()).or(action);
        return Door::Foreign { service: name, operation, protocol };
    };
    let asked = match service.protocol {
        Protocol::RestJson => service.at_path(request.method(), request.path(), &query),
        Protocol::RestXml => s3::route::asked(service, request, &query),
        Protocol::Json11 => target.map_or(Asked::Unknown, |(_, operation)| service.at_action(operation)),
        Protocol::Query(_) => action.as_deref().map_or(Asked::Unknown, |action| service.at_action(action)),
    };
    Door::Service { service, asked, owner: owner(request, scope), query }
}

/// The answer where no service of ours can be asked.
pub fn refuse(door: &Door, request: &Request, request_id: &str, settings: &Settings) -> Done {
    let (protocol, error) = match door {
        Door::Foreign { service, operation, protocol } => {
            let asked = match operation {
                Some(operation) => operation.clone(),
                None => format!("{} {}", request.method(), request.path()),
            };
            let message =
                format!("gatelet does not emulate the service {service}, which was asked for {asked}");
            (*protocol, Error::new(501, "NotImplementedException", message))
        }
        Door::Nothing | Door::Service { .. } => (Protocol::RestJson, nothing_here(request, settings)),
    };
    refused(protocol, request_id, &error)
}

/// An error that no service of ours says.
pub fn refused(protocol: Protocol, request_id: &str, error: &Error) -> Done {
    Done::ours(wire::error(protocol, request_id, error), "-")
}

/// The refusal of a service that does not know what it was asked.
pub fn unknown_operation(service: &Service, request: &Request) -> Error {
    let (method, path) = (request.method(), request.path());
    let message = format!("{} has no operation at {method} {path}", service.name);
    match service.protocol {
        Protocol::RestJson => Error::new(404, "NotFoundException", message),
        Protocol::RestXml if s3::route::is_text(request) => {
            let message = "The specified method is not allowed against this resource.";
            Error::new(405, "MethodNotAllowed", message).with("Method", method)
        }
        Protocol::RestXml => Error::new(400, "InvalidURI", "Couldn't parse the specified URI."),
        Protocol::Json11 | Protocol::Query(_) => {
            Error::new(400, "InvalidAction", format!("{message} by this X-Amz-Target or Action"))
        }
    }
}

fn nothing_here(request: &Request, settings: &Settings) -> Error {
    let (method, path, host) = (request.method(), request.path(), &settings.public_host);
    let message = format!(
        "gatelet has nothing at {method} {path} on host {}. APIs are at http://{{apiId}}.execute-api.{host}/{{stage}}/{{path}}, \
         /restapis/{{apiId}}/{{stage}}/_user_request_/{{path}} and /_aws/execute-api/{{apiId}}/{{stage}}/{{path}}; \
         AWS operations are told by their signature, or by paths such as /v2/apis and /2015-03-31/functions; \
         health is at /_localstack/health",
        request.host()
    );
    Error::new(404, "NotFoundException", message)
}

fn service_name(
    request: &Request,
    scope: &Scope,
    target: Option<(&str, &str)>,
    parameters: &[(String, String)],
) -> Option<String> {
    match scope.service.as_deref() {
        // One signing name for both versions; and what is signed for an api's own sake, no api has claimed.
        Some("apigateway") if request.path().starts_with("/v2/") => return Some("apigatewayv2".into()),
        Some("execute-api") | None => {}
        Some(name) => return Some(name.to_owned()),
    }
    // The path of a virtual host is a key, whatever it looks like.
    match s3::address::host(request.host()) {
        s3::address::Host::Bucket(_) | s3::address::Host::Service => return Some("s3".into()),
        s3::address::Host::Other => {}
    }
    by_path(request)
        .or_else(|| host_labels(request.host()).0)
        .or_else(|| {
            let (prefix, _) = target?;
            Some(TARGETS.iter().find(|(known, _)| *known == prefix).map_or(prefix, |(_, name)| name))
        })
        .or_else(|| {
            let action = parameter(parameters, "Action")?;
            let version = parameter(parameters, "Version");
            let known = VERSIONS.iter().find(|(known, _)| version == Some(known)).map(|(_, name)| *name);
            known.or_else(|| by_action(action))
        })
        .map(str::to_owned)
}

fn by_path(request: &Request) -> Option<&'static str> {
    let path = request.path();
    if path.starts_with("/v2/") {
        return Some("apigatewayv2");
    }
    let known = SERVICES.iter().find(|service| match service.protocol {
        Protocol::RestJson => !matches!(service.at_path(request.method(), path, &[]), Asked::Unknown),
        // Any path is one of S3's.
        Protocol::RestXml | Protocol::Json11 | Protocol::Query(_) => false,
    });
    known.map(|service| service.name)
}

fn s3_by_path(request: &Request, is_bucket: impl Fn(&str) -> bool) -> Option<String> {
    match s3::address::resource(s3::address::Host::Other, request.path()) {
        Resource::Bucket(name) | Resource::Object(name, _) if is_bucket(name) => Some("s3".into()),
        Resource::Service | Resource::Bucket(_) | Resource::Object(..) => None,
    }
}

fn by_action(action: &str) -> Option<&'static str> {
    let knows = |service: &&Service| match service.protocol {
        Protocol::Query(_) => !matches!(service.at_action(action), Asked::Unknown),
        Protocol::RestJson | Protocol::Json11 | Protocol::RestXml => false,
    };
    SERVICES.iter().find(knows).map(|service| service.name)
}

/// The service and the region that a host names: `lambda.us-east-1.localhost.localstack.cloud`.
fn host_labels(host: &str) -> (Option<&'static str>, Option<&str>) {
    let mut labels = host.split('.');
    let first = labels.next().unwrap_or_default();
    let emulated = SERVICES.iter().map(|service| service.name);
    let name = emulated.chain(FOREIGN_HOSTS.iter().copied()).find(|name| name.eq_ignore_ascii_case(first));
    (name, labels.next().filter(|label| is_region(label)))
}

fn owner(request: &Request, scope: Scope) -> Owner {
    let account = if is_account(&scope.access_key) { scope.access_key } else { DEFAULT_ACCOUNT.into() };
    let region = scope
        .region
        .filter(|region| is_region(region))
        .or_else(|| host_labels(request.host()).1.map(str::to_owned))
        .unwrap_or_else(|| DEFAULT_REGION.into());
    Owner { account, region }
}

/// `Authorization: AWS4-HMAC-SHA256 Credential={key}/{date}/{region}/{service}/aws4_request, …`, or
/// `X-Amz-Credential` of a presigned URL; or what S3 alone still takes, signature version 2: `Authorization: AWS
/// {key}:{signature}`, or `AWSAccessKeyId` and `Signature` of a URL.
fn scope(request: &Request, query: &[(String, String)]) -> Scope {
    let header = text(request, "authorization")
        .filter(|value| value.starts_with("AWS4-"))
        .and_then(|value| value.split_once("Credential="))
        .map(|(_, rest)| rest.split([',', ' ']).next().unwrap_or_default());
    let Some(credential) = header.or_else(|| parameter(query, "X-Amz-Credential")) else {
        let header = text(request, "authorization").and_then(|value| value.strip_prefix("AWS "));
        let key = header.and_then(|value| value.rsplit_once(':')).map(|(key, _)| key);
        let url = parameter(query, "AWSAccessKeyId").filter(|_| parameter(query, "Signature").is_some());
        return key.or(url).map_or_else(Scope::default, |key| Scope {
            access_key: key.into(),
            region: None,
            service: Some("s3".into()),
        });
    };
    let credential = query::decode_path(credential);
    match *credential.split('/').collect::<Vec<_>>() {
        [key, _, region, service, "aws4_request"] => {
            Scope { access_key: key.into(), region: Some(region.into()), service: Some(service.into()) }
        }
        // SigV4A: the region is no part of the scope.
        [key, _, service, "aws4_request"] => {
            Scope { access_key: key.into(), region: None, service: Some(service.into()) }
        }
        [key, ..] => Scope { access_key: key.into(), ..Scope::default() },
        [] => Scope::default(),
    }
}

fn is_form(request: &Request) -> bool {
    text(request, "content-type").is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"))
}

fn parameter<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn text<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    std::str::from_utf8(request.header(name)?).ok()
}
