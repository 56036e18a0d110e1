//! Integrations with services of AWS: what `integrationSubtype` takes, checked when it is made ("Integration subtype
//! reference" of the developer guide).

use super::integration::MAX_TIMEOUT_MS;
use super::{integration, parameters, vpc_link};
use crate::control::answer::Error;
use crate::control::input::{Input, bad_request};
use crate::model::api::{Integration, IntegrationKind, PayloadFormat};
use crate::model::service::{REGION, SUBTYPES, Subtype};

/// Reads the member `integrationSubtype`.
pub fn read(integration: &mut Integration, input: &Input) -> Result<(), Error> {
    let Some(name) = input.string("integrationSubtype", 1..=128)? else { return Ok(()) };
    if Subtype::named(&name).is_none() {
        let known: Vec<_> = SUBTYPES.iter().map(|subtype| subtype.name).collect();
        return Err(bad_request(format!(
            "Invalid integrationSubtype specified: {name}. Must be one of [{}]",
            known.join(", ")
        )));
    }
    integration.subtype = Some(name);
    Ok(())
}

/// Reads what CreateIntegration and UpdateIntegration say of an integration that has a subtype.
pub fn apply(integration: &mut Integration, input: &Input) -> Result<(), Error> {
    if let Some(name) =
        ["integrationUri", "integrationMethod", "tlsConfig"].iter().find(|name| input.has(name))
    {
        return Err(bad_request(format!(
            "{name} is not supported for integrations with an integrationSubtype"
        )));
    }
    integration::read_common(integration, input, MAX_TIMEOUT_MS)?;
    vpc_link::apply(integration, input)?;
    if input.one_of("payloadFormatVersion", &["1.0", "2.0"])? == Some("2.0") {
        return Err(bad_request(
            "Integrations with an integrationSubtype only support payload format version 1.0",
        ));
    }
    integration.payload = PayloadFormat::V1;
    // What an update that gives a subtype to another integration leaves behind.
    (integration.uri, integration.method, integration.tls_server_name) = (None, None, None);
    if let Some(given) = input.map("requestParameters")? {
        parameters::merge_arguments(&mut integration.request_parameters, given)?;
    }
    if let Some(given) = input.maps("responseParameters")? {
        parameters::merge_response(&mut integration.response_parameters, given)?;
    }
    check(integration)
}

/// Whether what it says fits together.
fn check(integration: &Integration) -> Result<(), Error> {
    let subtype = integration.subtype.as_deref().and_then(Subtype::named);
    let subtype = subtype.ok_or_else(|| bad_request("Invalid integrationSubtype specified"))?;
    let name = subtype.name;
    if integration.kind != IntegrationKind::AwsProxy {
        return Err(bad_request("integrationSubtype can only be set for integrations of the type AWS_PROXY"));
    }
    let role = integration.credentials_arn.as_deref().unwrap_or_default();
    if !role.starts_with("arn:") {
        return Err(bad_request(format!("{name} requires the ARN of a role as its credentialsArn")));
    }
    let given = &integration.request_parameters;
    let unknown: Vec<&str> = given
        .keys()
        .map(String::as_str)
        .filter(|key| *key != REGION && subtype.parameter(key).is_none())
        .collect();
    if !unknown.is_empty() {
        return Err(bad_request(format!(
            "{name} does not take the request parameters [{}]",
            unknown.join(", ")
        )));
    }
    let missing: Vec<&str> = subtype
        .parameters
        .iter()
        .filter(|parameter| parameter.required && !given.contains_key(parameter.name))
        .map(|parameter| parameter.name)
        .collect();
    if !missing.is_empty() {
        return Err(bad_request(format!("{name} requires the request parameters [{}]", missing.join(", "))));
    }
    Ok(())
}
