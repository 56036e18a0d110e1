//! [`ServiceCall`]: an integration with a service of AWS, compiled: what it takes, and where each comes from.

use std::collections::BTreeMap;
use std::time::Duration;

use super::mapping::{Mapping, Template};
use crate::model::api;
use crate::model::service::{Parameter, REGION, Subtype};

/// See the module.
#[derive(Debug)]
pub struct ServiceCall {
    /// `integrationSubtype`
    pub subtype: &'static Subtype,
    /// `Region`; `None`: where the api is.
    pub region: Option<Sourced>,
    /// `requestParameters`, in the subtype's order.
    pub arguments: Vec<(&'static Parameter, Sourced)>,
    /// `responseParameters`
    pub mapping: Mapping,
    /// `timeoutInMillis`
    pub timeout: Duration,
}

/// Where an argument comes from.
#[derive(Debug)]
pub struct Sourced {
    /// As it was written: what a client is told that sends nothing there.
    pub source: Box<str>,
    /// The same, parsed.
    pub value: Template,
}

impl ServiceCall {
    /// Compiles an integration with this subtype. `Err`: what is none after all.
    pub fn compile(integration: &api::Integration, subtype: &str) -> Result<Self, String> {
        let subtype =
            Subtype::named(subtype).ok_or_else(|| format!("there is no integration subtype {subtype}"))?;
        let given = &integration.request_parameters;
        let sourced = |name: &str| given.get(name).map(|source| Sourced::parse(source)).transpose();
        let mut arguments = Vec::with_capacity(given.len());
        for parameter in subtype.parameters {
            if let Some(value) = sourced(parameter.name)? {
                arguments.push((parameter, value));
            }
        }
        Ok(Self {
            subtype,
            region: sourced(REGION)?,
            arguments,
            mapping: Mapping::parse(&BTreeMap::new(), &integration.response_parameters)?,
            timeout: Duration::from_millis(integration.timeout_ms.into()),
        })
    }
}

impl Sourced {
    fn parse(source: &str) -> Result<Self, String> {
        Ok(Self { source: source.into(), value: Template::parse(source)? })
    }
}
