//! Custom domain names as V1 shows them: the same that V2 has, and those of kind EDGE besides.

pub mod mapping;
pub mod update;

use serde_json::Value;

use super::rest_api::endpoint;
use super::violations::Violations;
use super::{conflict, page};
use crate::control::answer::{Answer, Error};
use crate::control::apigatewayv2::domain::mutual::{self, Change};
use crate::control::apigatewayv2::domain::{self as shared, HOSTED_ZONE};
use crate::control::apigatewayv2::tags;
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::control::members::{Members, strings};
use crate::control::{Context, Control};
use crate::model::Store;
use crate::model::domain::{Domain, Routing};
use crate::model::rest::EndpointKind;

/// AWS: where the names of CloudFront are kept.
const DISTRIBUTION_ZONE: &str = "Z2FDTNDATAQYW2";

/// As AWS lists them.
const SECURITY_POLICIES: &[&str] = &[
    "TLS_1_0",
    "TLS_1_2",
    "SecurityPolicy_TLS13_1_3_2025_09",
    "SecurityPolicy_TLS13_1_3_FIPS_2025_09",
    "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_FIPS_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_FIPS_PFS_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_Ext2_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_Ext2_FIPS_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_2021_06",
    "SecurityPolicy_TLS13_2025_EDGE",
    "SecurityPolicy_TLS12_PFS_2025_EDGE",
    "SecurityPolicy_TLS12_2018_EDGE",
];
const ACCESS_MODES: &[&str] = &["BASIC", "STRICT"];

/// How V1 spells routing modes.
const ROUTINGS: &[(&str, Routing)] = &[
    ("BASE_PATH_MAPPING_ONLY", Routing::Mappings),
    ("ROUTING_RULE_ONLY", Routing::Rules),
    ("ROUTING_RULE_THEN_BASE_PATH_MAPPING", Routing::Both),
];

/// CreateDomainName
pub fn create(control: &Control, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let mutual = mutual::read(control, call, &input, None)?;
    let mut store = control.store();
    let outcome = make(&mut store, control.context(), call, &input, mutual);
    control.commit(store);
    outcome
}

fn make(
    store: &mut Store,
    context: &Context,
    call: &Call,
    input: &Input,
    mutual: Change,
) -> Result<Answer, Error> {
    front(input)?;
    let name = input.text("domainName")?.filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| bad_request("No Domain Name specified"))?;
    let name = shared::spelled(&name, &context.settings)?;
    if store.domains.contains_key(&name) {
        return Err(conflict(format!("Domain name with ID {name} already exists")));
    }
    shared::check_room(store, call, &context.settings)?;
    let given = input.object("endpointConfiguration")?;
    let endpoint = given.as_ref().map(endpoint::read).transpose()?.unwrap_or_default();
    check_kind(endpoint.kind)?;
    if input.has("policy") {
        return Err(private());
    }
    let mut domain = shared::fresh(name, endpoint.kind, call, &mut store.rng);
    let configuration = &mut domain.configuration;
    configuration.endpoint = endpoint;
    let (arn, name) = match configuration.is_edge() {
        true => ("certificateArn", "certificateName"),
        false => ("regionalCertificateArn", "regionalCertificateName"),
    };
    configuration.certificate_arn = input.string(arn, 0..=2048)?;
    configuration.certificate_name = input.string(name, 0..=2048)?;
    configuration.ownership_certificate_arn =
        input.string("ownershipVerificationCertificateArn", 0..=2048)?;
    configuration.access_mode = input.text("endpointAccessMode")?;
    if let Some(policy) = input.text("securityPolicy")? {
        configuration.security_policy = policy;
    }
    if let Some(mode) = input.text("routingMode")? {
        domain.routing = routing(&mode).unwrap_or(domain.routing);
    }
    domain.tags = tags::read(input)?;
    mutual.apply(&mut domain);
    let answer = Answer::created(show(&domain));
    shared::put(store, domain);
    Ok(answer)
}

/// GetDomainName
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    Ok(Answer::ok(show(find(store, call)?)))
}

/// GetDomainNames
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let own = store.domains.values().filter(|domain| domain.owner == call.owner);
    page::of(context, call, own.map(|domain| (domain.name.as_str(), domain)), show)
}

/// DeleteDomainName, with its mappings and rules.
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let name = find(store, call)?.name.clone();
    shared::remove(store, name);
    Ok(Answer::empty(202))
}

/// The domain that the call's path names.
fn find<'a>(store: &'a Store, call: &Call) -> Result<&'a Domain, Error> {
    shared::named(store, call, call.path("domain_name"))
}

/// What the front end checks before anything else.
fn front(input: &Input) -> Result<(), Error> {
    let mut found = Violations::default();
    let routings: Vec<&str> = ROUTINGS.iter().map(|(name, _)| *name).collect();
    for (member, among) in [
        ("securityPolicy", SECURITY_POLICIES),
        ("endpointAccessMode", ACCESS_MODES),
        ("routingMode", &routings),
    ] {
        if let Some(value) = input.text(member)? {
            found.one_of(&format!("createDomainNameInput.{member}"), &value, among);
        }
    }
    if let Some(given) = input.object("endpointConfiguration")? {
        endpoint::front(&given, "createDomainNameInput", &mut found)?;
    }
    found.check()
}

fn routing(mode: &str) -> Option<Routing> {
    ROUTINGS.iter().find(|(name, _)| *name == mode).map(|(_, routing)| *routing)
}

/// # Errors
/// A private one is reached by endpoints of VPCs alone, of which there are none here.
fn check_kind(kind: EndpointKind) -> Result<(), Error> {
    match kind {
        EndpointKind::Edge | EndpointKind::Regional => Ok(()),
        EndpointKind::Private => Err(private()),
    }
}

fn private() -> Error {
    bad_request("gatelet does not support private custom domain names yet")
}

/// A domain as answers show it.
fn show(domain: &Domain) -> Value {
    let configuration = &domain.configuration;
    let (arn, name) = (configuration.certificate_arn.as_deref(), configuration.certificate_name.as_deref());
    let uploaded = (arn.is_some() || name.is_some()).then_some(configuration.uploaded);
    let members = Members::default()
        .with("domainName", domain.name.as_str())
        .with("domainNameArn", domain.arn())
        .maybe("certificateUploadDate", uploaded);
    let members = if configuration.is_edge() {
        members
            .maybe("certificateArn", arn)
            .maybe("certificateName", name)
            .with("distributionDomainName", format!("{}.cloudfront.net", configuration.id.replace("d-", "d")))
            .with("distributionHostedZoneId", DISTRIBUTION_ZONE)
    } else {
        members
            .maybe("regionalCertificateArn", arn)
            .maybe("regionalCertificateName", name)
            .with("regionalDomainName", domain.regional_name())
            .with("regionalHostedZoneId", HOSTED_ZONE)
    };
    let mode = ROUTINGS.iter().find(|(_, routing)| *routing == domain.routing).map(|(name, _)| *name);
    members
        .with("domainNameStatus", "AVAILABLE")
        .maybe("endpointAccessMode", configuration.access_mode.as_deref())
        .with("endpointConfiguration", endpoint::show(&configuration.endpoint))
        .maybe("mutualTlsAuthentication", domain.mutual_tls.as_ref().map(mutual::show))
        .maybe("ownershipVerificationCertificateArn", configuration.ownership_certificate_arn.as_deref())
        .maybe("routingMode", mode)
        .with("securityPolicy", configuration.security_policy.as_str())
        .with("tags", strings(&domain.tags))
        .done()
}
