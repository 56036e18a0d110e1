//! Tags of functions.

use std::collections::BTreeMap;

use serde_json::json;

use super::members::Members;
use super::refusal::{self, Constraints};
use super::{named, version};
use crate::base::ids;
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::model::Store;
use crate::model::arn::{self, FunctionRef};

/// AWS: of a resource.
const MAX_TAGS: usize = 50;

const RESOURCE_PATTERN: &str = r"arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:(function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|capacity-provider:[a-zA-Z0-9-_]+)";

/// What else can have tags; we have none of it.
const OTHERS: &[(&str, &str)] = &[
    ("capacity-provider", "Capacity provider"),
    ("code-signing-config", "Code signing config"),
    ("event-source-mapping", "Event source mapping"),
    ("layer", "Layer"),
];

/// TagResource
pub fn tag(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let named = resource(call)?;
    let members = Members::of(call)?;
    let said = members.text_map("Tags")?;
    let mut constraints = Constraints::default();
    constraints.required(said.as_ref(), "tags");
    constraints.end()?;
    let said = said.unwrap_or_default();
    if said.is_empty() {
        return Err(refusal::invalid("An error occurred and the request cannot be processed."));
    }
    let mut tags = named::function(store, &named)?.tags.clone();
    tags.extend(said);
    check(&tags)?;
    set(store, &named, tags)
}

/// UntagResource
pub fn untag(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let named = resource(call)?;
    let mut constraints = Constraints::default();
    constraints.required(call.query("tagKeys"), "tagKeys");
    constraints.end()?;
    let mut tags = named::function(store, &named)?.tags.clone();
    for key in call.query_all("tagKeys") {
        tags.remove(key);
    }
    set(store, &named, tags)
}

/// ListTags
pub fn list(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let named = resource(call)?;
    Ok(Answer::ok(json!({ "Tags": named::function(store, &named)?.tags })))
}

/// That a resource may have these tags.
///
/// # Errors
/// It may not.
pub fn check(tags: &BTreeMap<String, String>) -> Result<(), Error> {
    if tags.len() > MAX_TAGS {
        return Err(refusal::invalid("Number of tags exceeds resource tag limit."));
    }
    let mut constraints = Constraints::default();
    for (key, value) in tags {
        constraints.length(Some(key), "tags", 1, 128);
        constraints.length(Some(value), "tags", 0, 256);
    }
    constraints.end()
}

fn set(store: &mut Store, named: &FunctionRef, tags: BTreeMap<String, String>) -> Result<Answer, Error> {
    let revision = ids::uuid(&mut store.rng);
    let function = named::function_mut(store, named)?;
    function.tags = tags;
    version::touch(function, revision);
    Ok(Answer::no_content())
}

/// The function that the path's ARN names.
fn resource(call: &Call) -> Result<FunctionRef, Error> {
    let arn = call.path("Resource");
    let parts: Vec<&str> = arn.splitn(7, ':').collect();
    let function = match parts[..] {
        ["arn", partition, "lambda", region, account, kind, rest]
            if partition.starts_with("aws") && arn::is_region(region) && arn::is_account(account) =>
        {
            if let Some((_, name)) = OTHERS.iter().find(|(other, _)| *other == kind && !rest.contains(':')) {
                return Err(refusal::not_found(format!("{name} not found: {arn}")));
            }
            FunctionRef::parse_name(arn, &call.owner)
                .filter(|found| kind == "function" && !found.name.contains('.'))
        }
        _ => None,
    };
    let mut constraints = Constraints::default();
    let rule = format!("satisfy regular expression pattern: {RESOURCE_PATTERN}");
    constraints.check(function.is_some(), arn, "resource", &rule);
    constraints.end()?;
    let function = function.expect("else the check above had failed");
    if function.qualifier.is_some() {
        return Err(refusal::invalid(
            "Tags on function aliases and versions are not supported. Please specify a function ARN.",
        ));
    }
    Ok(function)
}
