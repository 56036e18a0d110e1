//! The settings that change what gatelet answers. `config` reads them; here they are values.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::service::Service;
use crate::base::map::map_of;

/// See the README's table of flags and variables.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `LOCALSTACK_HOST`: host and port that go into every returned URL.
    pub public_host: String,
    /// `API_ENDPOINT_STYLE`.
    pub endpoint_style: EndpointStyle,
    /// `--parity`.
    pub parity: Parity,
    /// `--runtime`: runtimes of the user's own, which functions may name besides Lambda's.
    pub runtimes: BTreeSet<String>,
    /// `EXTRA_CORS_ALLOWED_ORIGINS`: whose pages may ask the control plane, besides this machine's; `*`: any.
    pub allowed_origins: Vec<String>,
    /// What WebSocket connections may do.
    pub ws: WsSettings,
    /// The services of AWS that integrations call.
    pub services: ServiceSettings,
    /// `--credentials`: secrets by access key, of who may sign requests to routes that ask for it (`AWS_IAM`).
    pub credentials: BTreeMap<String, String>,
    /// `--vpc-link`: URLs of what is behind VPC links, by the ARN of a listener or of a Cloud Map service.
    pub vpc_links: BTreeMap<String, String>,
}

/// The access key and its secret that everybody uses with LocalStack.
pub const TEST: &str = "test";

impl Settings {
    /// The host of a port of its own that an api has: LocalStack's public name stands for this machine, and
    /// clients write this machine's.
    pub fn port_host(&self) -> &str {
        let name = match self.public_host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            Some(_) | None => &self.public_host,
        };
        if name == DEFAULT_PUBLIC_HOST { "localhost" } else { name }
    }
}

/// LocalStack's public name, which resolves to 127.0.0.1, as do all names below it.
pub const DEFAULT_PUBLIC_HOST: &str = "localhost.localstack.cloud";

/// What WebSocket connections may do, and for how long.
#[derive(Clone, Debug)]
pub struct WsSettings {
    /// `--ws-idle-ms`: a connection on which nothing happened this long is closed; `None`: never.
    pub idle: Option<Duration>,
    /// `--ws-lifetime-ms`: every connection is closed after this long; `None`: never.
    pub lifetime: Option<Duration>,
    /// `--ws-binary`
    pub binary: Binary,
}

/// Where the services of AWS are that integrations call, and how they are spoken to.
#[derive(Clone, Debug, Default)]
pub struct ServiceSettings {
    /// `AWS_ENDPOINT_URL_SQS` and its like: `http` or `https` URLs.
    pub endpoints: BTreeMap<Service, String>,
    /// `--sqs-protocol`
    pub sqs: SqsProtocol,
}

/// What is spoken to SQS, and so what its answers look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SqsProtocol {
    /// Forms, which are answered in XML.
    #[default]
    Query,
    /// JSON.
    Json,
}

/// What becomes of a binary message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    /// As on AWS: the connection is closed, 1003.
    Close,
    /// It is delivered, encoded in base64.
    Base64,
}

impl Default for WsSettings {
    /// AWS: idle for 10 minutes, 2 hours in all.
    fn default() -> Self {
        Self {
            idle: Some(Duration::from_secs(600)),
            lifetime: Some(Duration::from_secs(7200)),
            binary: Binary::Close,
        }
    }
}

/// How `apiEndpoint` of an HTTP API is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointStyle {
    /// `my-api.execute-api.localhost.localstack.cloud:4566`, as LocalStack's page shows it.
    Host,
    /// The same with `http://` before it.
    Url,
}

/// Whom to follow where AWS and LocalStack differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parity {
    /// AWS, with LocalStack's conveniences.
    LocalStack,
    /// AWS, to the letter.
    Aws,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_host: format!("{DEFAULT_PUBLIC_HOST}:4566"),
            endpoint_style: EndpointStyle::Host,
            parity: Parity::LocalStack,
            runtimes: BTreeSet::new(),
            allowed_origins: Vec::new(),
            ws: WsSettings::default(),
            services: ServiceSettings::default(),
            credentials: map_of([(TEST.to_owned(), TEST.to_owned())]),
            vpc_links: BTreeMap::new(),
        }
    }
}
