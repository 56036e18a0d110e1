//! Where that is which apis need and gatelet does not have: services of AWS by the SDKs' own variables and a flag, and
//! what is behind VPC links by another.
//!
//! People set `AWS_ENDPOINT_URL` to find gatelet itself, which has none of these services: there it says nothing.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::{Setting, one_of};
use crate::config::Draft;
use crate::live::uri::Backend;
use crate::model::service::{SERVICES, Service};
use crate::model::settings::{DEFAULT_PUBLIC_HOST, ServiceSettings, SqsProtocol};

/// What was said of them so far.
#[derive(Default)]
pub(in crate::config) struct Services {
    everywhere: Option<String>,
    endpoints: BTreeMap<Service, String>,
    sqs: SqsProtocol,
}

/// The row of one service's variable.
macro_rules! endpoint {
    ($service:ident) => {
        Setting {
            flag: "",
            value: "URL",
            variables: &[Service::$service.variable()],
            default: "AWS_ENDPOINT_URL",
            what: "The same for this service alone",
            set: |draft, value| at(draft, Service::$service, value),
        }
    };
}

/// In the order of `--help`.
pub(super) const SETTINGS: &[Setting] = &[
    Setting {
        flag: "",
        value: "URL",
        variables: &["AWS_ENDPOINT_URL"],
        default: "none",
        what: "Where the services of AWS are that integrations of HTTP APIs call. gatelet's own address says nothing",
        set: |draft, value| url(value).map(|url| draft.services.everywhere = Some(url)),
    },
    endpoint!(AppConfig),
    endpoint!(EventBridge),
    endpoint!(Kinesis),
    endpoint!(StepFunctions),
    endpoint!(Sqs),
    Setting {
        flag: "service-endpoint",
        value: "SERVICE=URL",
        variables: &["GATELET_SERVICE_ENDPOINTS"],
        default: "the variables above",
        what: "The same for appconfig, eventbridge, kinesis, sfn or sqs, such as sqs=http://localhost:9324. The flag \
               may be repeated; the variable takes a comma list",
        set: |draft, value| {
            for pair in value.split(',') {
                let (name, url) =
                    pair.split_once('=').ok_or("give SERVICE=URL, such as sqs=http://localhost:9324")?;
                let services = SERVICES.map(|service| (service.name(), service));
                at(draft, one_of(name.trim(), &services)?, url.trim())?;
            }
            Ok(())
        },
    },
    Setting {
        flag: "sqs-protocol",
        value: "query|json",
        variables: &["GATELET_SQS_PROTOCOL"],
        default: "query",
        what: "What integrations speak to SQS, and so whether its answers are XML or JSON",
        set: |draft, value| {
            let protocols = [("query", SqsProtocol::Query), ("json", SqsProtocol::Json)];
            one_of(value, &protocols).map(|protocol| draft.services.sqs = protocol)
        },
    },
    Setting {
        flag: "vpc-link",
        value: "ARN=URL",
        variables: &["GATELET_VPC_LINKS"],
        default: "none",
        what: "Where that is which HTTP APIs reach by a VPC link: the ARN of a listener or of a Cloud Map service, and \
               its address, such as http://localhost:8080. The flag may be repeated; the variable takes a comma list",
        set: |draft, value| {
            const RIGHT: &str = "give ARN=URL, such as arn:aws:elasticloadbalancing:us-east-1:000000000000:\
                                 listener/app/a/1/2=http://localhost:8080";
            for pair in value.split(',') {
                let (arn, address) = pair.split_once('=').ok_or(RIGHT)?;
                let (arn, address) = (arn.trim(), url(address.trim())?);
                if !arn.starts_with("arn:")
                    || !Backend::parse(&address).is_some_and(|backend| backend.is_bare())
                {
                    return Err(RIGHT.into());
                }
                draft.vpc_links.insert(arn.into(), address);
            }
            Ok(())
        },
    },
];

impl Services {
    /// What was said, of a program that listens there and is known by this name.
    ///
    /// # Errors
    /// A service is said to be gatelet.
    pub(in crate::config) fn settle(
        self,
        listen: &[SocketAddr],
        public_host: &str,
    ) -> Result<ServiceSettings, String> {
        let is_us = |url: &str| is_us(url, listen, public_host);
        if let Some((service, url)) = self.endpoints.iter().find(|(_, url)| is_us(url)) {
            let name = service.name();
            return Err(format!("{}={url}: that is gatelet itself, which has no {name}", service.variable()));
        }
        let mut endpoints = self.endpoints;
        if let Some(url) = self.everywhere.filter(|url| !is_us(url)) {
            for service in SERVICES {
                endpoints.entry(service).or_insert_with(|| url.clone());
            }
        }
        Ok(ServiceSettings { endpoints, sqs: self.sqs })
    }
}

fn at(draft: &mut Draft, service: Service, value: &str) -> Result<(), String> {
    draft.services.endpoints.insert(service, url(value)?);
    Ok(())
}

/// A URL of `http` or `https`, without a query.
fn url(value: &str) -> Result<String, String> {
    match Backend::parse(value).filter(|_| !value.contains(['?', '#', '{'])) {
        Some(_) => Ok(value.into()),
        None => Err("give a URL, such as http://localhost:9324".into()),
    }
}

/// Whether a URL leads to this program: a name of this machine, and a port that we listen on.
fn is_us(url: &str, listen: &[SocketAddr], public_host: &str) -> bool {
    let Some(backend) = Backend::parse(url) else { return false };
    let public = public_host.split(':').next().unwrap_or_default();
    let is_named = |name: &str| {
        let host = backend.host.strip_suffix(name);
        host.is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    let is_here = match backend.host.parse::<std::net::IpAddr>() {
        Ok(ip) => ip.is_loopback() || ip.is_unspecified() || listen.iter().any(|address| address.ip() == ip),
        Err(_) => ["localhost", DEFAULT_PUBLIC_HOST, public].into_iter().any(is_named),
    };
    is_here && listen.iter().any(|address| address.port() == backend.port)
}
