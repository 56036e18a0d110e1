//! VPC links, and what an integration says of one.

use serde_json::Value;

use super::{Members, limits, new_id, page, strings, tags, unknown};
use crate::base::clock::iso8601;
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::model::api::{Integration, IntegrationKind};
use crate::model::vpc_link::VpcLink;
use crate::model::{Owner, Store};

/// Most subnets and security groups of one; ours.
const MAX_IDS: usize = 100;

/// CreateVpcLink: it is there at once, though the first answer says otherwise, as AWS's does.
pub fn create(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let name = input.string("name", 1..=128)?.ok_or_else(|| input.missing("name"))?;
    let subnet_ids = ids(&input, "subnetIds")?.ok_or_else(|| input.missing("subnetIds"))?;
    let link = VpcLink {
        id: new_id(&mut store.rng, 6, &store.vpc_links),
        owner: call.owner.clone(),
        name,
        subnet_ids,
        security_group_ids: ids(&input, "securityGroupIds")?.unwrap_or_default(),
        tags: tags::read(&input)?,
        created: call.now.unix_seconds(),
    };
    let existing = store.vpc_links.values().filter(|other| other.owner == call.owner).count();
    limits::check(limits::VPC_LINKS, existing, &context.settings)?;
    let answer = Answer::created(show(&link, "PENDING", "VPC link is provisioning ENIs"));
    store.vpc_links.insert(link.id.clone(), link);
    Ok(answer)
}

/// GetVpcLink
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    Ok(Answer::ok(show_available(named(store, &call.owner, call.path("vpcLinkId"))?)))
}

/// GetVpcLinks
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let links = store.vpc_links.iter().filter(|(_, link)| link.owner == call.owner);
    page::of(context, call, links.map(|(id, link)| (id.as_str(), link)), show_available)
}

/// UpdateVpcLink: only its name can change.
pub fn update(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let mut link = named(store, &call.owner, call.path("vpcLinkId"))?.clone();
    if let Some(name) = input.string("name", 1..=128)? {
        link.name = name;
    }
    let answer = Answer::ok(show_available(&link));
    store.vpc_links.insert(link.id.clone(), link);
    Ok(answer)
}

/// DeleteVpcLink, unless an integration goes by it.
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let id = named(store, &call.owner, call.path("vpcLinkId"))?.id.clone();
    let integrations = store.apis.values().flat_map(|api| api.integrations.values());
    let users: Vec<&str> = integrations
        .filter(|integration| integration.connection_id.as_ref() == Some(&id))
        .map(|integration| integration.id.as_str())
        .collect();
    if !users.is_empty() {
        return Err(bad_request(format!(
            "Cannot delete VpcLink because it is referenced by the following Integrations with Ids: [{}]",
            users.join(", ")
        )));
    }
    store.vpc_links.remove(&id);
    Ok(Answer { status: 202, ..Answer::ok(Value::Object(Default::default())) })
}

/// Whether the VPC link that an integration is to go by is there.
pub fn check(store: &Store, call: &Call, input: &Input) -> Result<(), Error> {
    match input.string("connectionId", 1..=1024)? {
        // A stage variable names one only when it is called.
        Some(id) if !id.contains("${stageVariables.") => match named(store, &call.owner, &id) {
            Ok(_) => Ok(()),
            Err(_) => Err(bad_request(format!("Invalid VpcLink identifier specified {id}"))),
        },
        Some(_) | None => Ok(()),
    }
}

/// Reads what an integration of an HTTP API says of how it goes.
pub fn apply(integration: &mut Integration, input: &Input) -> Result<(), Error> {
    if let Some(kind) = input.one_of("connectionType", &["INTERNET", "VPC_LINK"])? {
        integration.connection_type = kind.into();
        if kind == "INTERNET" {
            integration.connection_id = None;
        }
    }
    if let Some(id) = input.string("connectionId", 1..=1024)? {
        integration.connection_id = Some(id);
    }
    match (&*integration.connection_type, &integration.connection_id) {
        ("VPC_LINK", None) => Err(bad_request("connectionId is required when connectionType is VPC_LINK")),
        ("VPC_LINK", Some(_)) if integration.kind != IntegrationKind::HttpProxy => {
            Err(bad_request("connectionType VPC_LINK is only supported for HTTP_PROXY integrations"))
        }
        ("VPC_LINK", Some(_)) => Ok(()),
        (_, Some(_)) => Err(bad_request("connectionId can only be set when connectionType is VPC_LINK")),
        (_, None) => Ok(()),
    }
}

/// Whether a private integration's URI can be behind a VPC link: a listener's ARN, or that of a Cloud Map service,
/// perhaps with a query.
pub fn is_behind_one(uri: &str) -> bool {
    let is_listener = uri.contains(":elasticloadbalancing:") && uri.contains(":listener/");
    let is_service = uri.contains(":servicediscovery:") && uri.contains(":service/");
    uri.contains("${stageVariables.") || uri.starts_with("arn:") && (is_listener || is_service)
}

fn named<'a>(store: &'a Store, owner: &Owner, id: &str) -> Result<&'a VpcLink, Error> {
    let link = store.vpc_links.get(id).filter(|link| link.owner == *owner);
    link.ok_or_else(|| unknown("VpcLink", id))
}

/// Identifiers of EC2, of which nothing is known here.
fn ids(input: &Input, name: &str) -> Result<Option<Vec<String>>, Error> {
    let ids = input.strings(name)?;
    match ids {
        Some(ids) if ids.len() > MAX_IDS || ids.iter().any(|id| !(1..=128).contains(&id.len())) => {
            Err(bad_request(format!("{name} must be at most {MAX_IDS} identifiers")))
        }
        ids => Ok(ids),
    }
}

fn show_available(link: &VpcLink) -> Value {
    show(link, "AVAILABLE", "VPC link is ready to route traffic")
}

fn show(link: &VpcLink, status: &str, message: &str) -> Value {
    Members::default()
        .with("vpcLinkId", link.id.as_str())
        .with("name", link.name.as_str())
        .with("subnetIds", link.subnet_ids.clone())
        .with("securityGroupIds", link.security_group_ids.clone())
        .with("tags", strings(&link.tags))
        .with("createdDate", iso8601(link.created))
        .with("vpcLinkStatus", status)
        .with("vpcLinkStatusMessage", message)
        .with("vpcLinkVersion", "V2")
        .done()
}
