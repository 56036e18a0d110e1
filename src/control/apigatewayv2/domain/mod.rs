//! Custom domain names: of both versions of APIs, which know the same ones.

pub mod mapping;
pub mod mutual;
pub mod rule;

use serde_json::{Value, json};

use super::{Members, bad_request, conflict, limits, new_id, not_found, page, strings, tags};
use crate::base::clock::iso8601;
use crate::base::{Rng, ids};
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::Input;
use crate::control::{Context, Control};
use crate::live::host;
use crate::model::domain::{Configuration, Domain, Routing, Target};
use crate::model::rest::{Endpoint, EndpointKind};
use crate::model::{Settings, Store};
use mutual::Change;

/// All that domains are selected by: it is fixed.
const SELECTION: &str = "$request.basepath";
/// Where AWS keeps names of apis in `us-east-1`.
pub const HOSTED_ZONE: &str = "Z1UJRXOUMOOFQ8";
const SECURITY_POLICIES: &[&str] = &["TLS_1_2", "TLS_1_0"];
const IP_ADDRESS_TYPES: &[&str] = &["ipv4", "dualstack"];
const ROUTINGS: &[&str] = &["API_MAPPING_ONLY", "ROUTING_RULE_ONLY", "ROUTING_RULE_THEN_API_MAPPING"];

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
    let name = input.string("domainName", 1..=512)?.ok_or_else(|| bad_request("Domain name is required"))?;
    let name = spelled(&name, &context.settings)?;
    if !input.has("domainNameConfigurations") {
        return Err(bad_request("Invalid input. Expected one domain name configuration"));
    }
    if store.domains.contains_key(&name) {
        return Err(bad_request("The domain name you provided already exists."));
    }
    check_room(store, call, &context.settings)?;
    let mut domain = fresh(name, EndpointKind::Regional, call, &mut store.rng);
    domain.tags = tags::read(input)?;
    apply(&mut domain, input, mutual)?;
    let answer = Answer::created(show(&domain));
    put(store, domain);
    Ok(answer)
}

/// GetDomainName
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    Ok(Answer::ok(show(find(store, call)?)))
}

/// GetDomainNames
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let own = store.domains.values().filter(|domain| domain.owner == call.owner);
    let own = own.filter(|domain| !domain.configuration.is_edge());
    page::of(context, call, own.map(|domain| (domain.name.as_str(), domain)), show)
}

/// UpdateDomainName
pub fn update(control: &Control, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let before = find(&control.store(), call)?.mutual_tls.as_ref().map(|mutual| mutual.uri.clone());
    let mutual = mutual::read(control, call, &input, before)?;
    let mut store = control.store();
    let outcome = edit(&mut store, call, |domain, _| {
        apply(domain, &input, mutual)?;
        Ok(Answer::ok(show(domain)))
    });
    control.commit(store);
    outcome
}

/// DeleteDomainName, with its mappings and rules.
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let name = find(store, call)?.name.clone();
    remove(store, name);
    Ok(Answer::no_content())
}

/// Removes a domain, which is there.
pub fn remove(store: &mut Store, name: String) {
    store.domains.remove(&name);
    store.changed.domains.insert(name);
}

/// # Errors
/// There are as many domains as there may be.
pub fn check_room(store: &Store, call: &Call, settings: &Settings) -> Result<(), Error> {
    let existing = store.domains.values().filter(|domain| domain.owner == call.owner).count();
    limits::check(limits::DOMAIN_NAMES, existing, settings)
}

/// A domain name with nothing but its name.
pub fn fresh(name: String, kind: EndpointKind, call: &Call, rng: &mut Rng) -> Domain {
    Domain {
        name,
        owner: call.owner.clone(),
        configuration: Configuration {
            id: format!("d-{}", ids::lower_alnum(rng, 10)),
            certificate_arn: None,
            certificate_name: None,
            ownership_certificate_arn: None,
            security_policy: SECURITY_POLICIES[0].into(),
            endpoint: Endpoint { kind, ..Endpoint::default() },
            access_mode: None,
            uploaded: call.now.unix_seconds(),
        },
        mutual_tls: None,
        routing: Routing::Mappings,
        tags: Default::default(),
        mappings: Default::default(),
        rules: Default::default(),
    }
}

/// The domain that the call's path names.
fn find<'a>(store: &'a Store, call: &Call) -> Result<&'a Domain, Error> {
    let domain = named(store, call, call.path("domainName"))?;
    if domain.configuration.is_edge() {
        return Err(bad_request(
            "Only REGIONAL domain names can be managed through the API Gateway V2 API. For EDGE domain names, please \
             use the API Gateway V1 API. Also note that only REST APIs can be attached to EDGE domain names.",
        ));
    }
    Ok(domain)
}

/// The caller's domain of this name.
pub fn named<'a>(store: &'a Store, call: &Call, name: &str) -> Result<&'a Domain, Error> {
    let domain = store.domains.get(&name.to_ascii_lowercase());
    domain
        .filter(|domain| domain.owner == call.owner)
        .ok_or_else(|| not_found("Invalid domain name identifier specified"))
}

/// Changes the domain that the call's path names.
fn edit(
    store: &mut Store,
    call: &Call,
    change: impl FnOnce(&mut Domain, &mut Rng) -> Result<Answer, Error>,
) -> Result<Answer, Error> {
    let mut domain = find(store, call)?.clone();
    let answer = change(&mut domain, &mut store.rng)?;
    put(store, domain);
    Ok(answer)
}

/// Puts a domain into its place.
pub fn put(store: &mut Store, domain: Domain) {
    store.changed.domains.insert(domain.name.clone());
    store.domains.insert(domain.name.clone(), domain);
}

/// The name: two labels at least, and none that we are reached by ourselves.
pub fn spelled(name: &str, settings: &Settings) -> Result<String, Error> {
    let name = name.to_ascii_lowercase();
    let labels = name.strip_prefix("*.").unwrap_or(&name);
    let is_label = |label: &str| {
        let fits =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
        (1..=63).contains(&label.len())
            && label.bytes().all(fits)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_address = labels.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    if name.len() > 253 || !labels.contains('.') || is_address || !labels.split('.').all(is_label) {
        return Err(bad_request("Invalid domain name specified"));
    }
    let own = host::without_port(&settings.public_host);
    if name == own || host::address(&name, "").is_some() || host::function_url(&name, "").is_some() {
        return Err(bad_request(format!("{name} is gatelet's own name: it cannot be a custom domain name")));
    }
    Ok(name)
}

/// What creating and updating have in common.
fn apply(domain: &mut Domain, input: &Input, mutual: Change) -> Result<(), Error> {
    if input.has("domainNameConfigurations") {
        let [given] = &input.structures("domainNameConfigurations")?[..] else {
            return Err(bad_request("Invalid input. Expected one domain name configuration"));
        };
        configure(&mut domain.configuration, given)?;
    }
    if let Some(mode) = input.one_of("routingMode", ROUTINGS)? {
        let all = [Routing::Mappings, Routing::Rules, Routing::Both];
        domain.routing = all.into_iter().find(|known| known.as_str() == mode).unwrap_or(domain.routing);
    }
    mutual.apply(domain);
    Ok(())
}

fn configure(configuration: &mut Configuration, given: &Input) -> Result<(), Error> {
    // "PRIVATE" and what is unknown are taken for REGIONAL.
    if given.text("endpointType")?.as_deref() == Some("EDGE") {
        return Err(bad_request("EDGE endpoint type is not supported for APIGatewayV2 domainName"));
    }
    let texts = [
        ("certificateArn", &mut configuration.certificate_arn),
        ("certificateName", &mut configuration.certificate_name),
        ("ownershipVerificationCertificateArn", &mut configuration.ownership_certificate_arn),
    ];
    for (member, into) in texts {
        if let Some(text) = given.string(member, 0..=2048)? {
            *into = Some(text).filter(|text| !text.is_empty());
        }
    }
    if let Some(policy) = given.one_of("securityPolicy", SECURITY_POLICIES)? {
        configuration.security_policy = policy.into();
    }
    if let Some(kind) = given.one_of("ipAddressType", IP_ADDRESS_TYPES)? {
        configuration.endpoint.ip_address_type = kind.into();
    }
    Ok(())
}

/// A domain as answers show it.
fn show(domain: &Domain) -> Value {
    let Configuration {
        id: _,
        certificate_arn,
        certificate_name,
        ownership_certificate_arn,
        security_policy,
        endpoint,
        access_mode: _,
        uploaded,
    } = &domain.configuration;
    let configuration = Members::default()
        .with("apiGatewayDomainName", domain.regional_name())
        .maybe("certificateArn", certificate_arn.as_deref())
        .maybe("certificateName", certificate_name.as_deref())
        .with("certificateUploadDate", iso8601(*uploaded))
        .with("domainNameStatus", "AVAILABLE")
        .with("endpointType", "REGIONAL")
        .with("hostedZoneId", HOSTED_ZONE)
        .with("ipAddressType", endpoint.ip_address_type.as_str())
        .maybe("ownershipVerificationCertificateArn", ownership_certificate_arn.as_deref())
        .with("securityPolicy", security_policy.as_str());
    Members::default()
        .with("apiMappingSelectionExpression", SELECTION)
        .with("domainName", domain.name.as_str())
        .with("domainNameArn", domain.arn())
        .with("domainNameConfigurations", json!([configuration.done()]))
        .maybe("mutualTlsAuthentication", domain.mutual_tls.as_ref().map(mutual::show))
        .with("routingMode", domain.routing.as_str())
        .with("tags", strings(&domain.tags))
        .done()
}

/// Where a mapping or a rule is to lead, if there is such a stage of such an api.
fn target(store: &Store, call: &Call, input: &Input) -> Result<Target, Error> {
    let api = input.text("apiId")?.ok_or_else(|| bad_request("API identifier is required"))?;
    let stage = input.text("stage")?.ok_or_else(|| bad_request("Stage is required"))?;
    let target = Target { api, stage: Some(stage) };
    check(store, call, &target)?;
    Ok(target)
}

/// # Errors
/// There is no such stage of such an api.
fn check(store: &Store, call: &Call, target: &Target) -> Result<(), Error> {
    let Target { api, stage } = target;
    let v2 = store.apis.get(&**api).filter(|api| api.owner == call.owner);
    let v1 = store.rest_apis.get(&**api).filter(|api| api.owner == call.owner);
    let has_stage = match (v2, v1) {
        (Some(api), _) => stage.as_ref().is_some_and(|stage| api.stages.contains_key(stage)),
        // One that has none is a REST API's: there it is a matter of the path.
        (None, Some(api)) => stage.as_ref().is_none_or(|stage| api.stages.contains_key(stage)),
        (None, None) => return Err(bad_request(format!("Invalid API identifier specified: {api}"))),
    };
    if !has_stage {
        return Err(bad_request("Invalid stage identifier specified"));
    }
    Ok(())
}
