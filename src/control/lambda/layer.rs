//! Layers: published, shown, listed, deleted; and those that a function asks for.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::code::{self, Source};
use super::members::Members;
use super::page::Page;
use super::refusal::{self, Constraints};
use crate::base::clock::iso8601_millis;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::{Context, Control};
use crate::model::arn::LayerRef;
use crate::model::layer::LayerVersion;
use crate::model::{Owner, Store};

/// Ours, of all accounts and regions, with all their versions. AWS limits the bytes of code instead.
const MAX_LAYERS: usize = 10_000;

/// AWS: of a function.
const MAX_OF_FUNCTION: usize = 5;

/// AWS: a page.
const PAGE: usize = 50;

const NAME_PATTERN: &str =
    r"(arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+";

const VERSION_PATTERN: &str = r"arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+";

/// PublishLayerVersion. Unpacks outside the lock.
pub fn publish(control: &Control, call: &Call) -> Result<Answer, Error> {
    let mut members = Members::of(call)?;
    let mut content = members.take_object("Content")?;
    let (description, license) = (members.text("Description")?, members.text("LicenseInfo")?);
    let runtimes = members.texts("CompatibleRuntimes")?.unwrap_or_default();
    let architectures = members.texts("CompatibleArchitectures")?.unwrap_or_default();
    let mut constraints = Constraints::default();
    constraints.required(content.as_ref(), "content");
    constraints.length(description, "description", 0, 256);
    constraints.length(license, "licenseInfo", 0, 512);
    let few = format!("[{}]", runtimes.join(", "));
    constraints.check(
        runtimes.len() <= 15,
        few,
        "compatibleRuntimes",
        "have length less than or equal to 15",
    );
    constraints.end()?;
    let (owner, name) = named(call)?;
    let source = Source::of(content.as_mut().expect("else the check above had failed"))?;
    check_room(&control.store())?;
    let code = source.prepare(control)?;

    let mut store = control.store();
    check_room(&store)?;
    let layer = store.layers.entry((owner.clone(), name.clone())).or_default();
    layer.next += 1;
    let number = layer.next;
    let version = LayerVersion {
        owner,
        name,
        number,
        description: description.unwrap_or_default().to_owned(),
        license: license.map(str::to_owned),
        runtimes,
        architectures,
        created_ms: call.now.unix_ms,
        code,
    };
    let answer = whole(control.context(), &version);
    layer.versions.insert(number, Arc::new(version));
    control.commit(store);
    Ok(Answer::created(answer))
}

/// GetLayerVersion
pub fn get(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let version = version(store, &asked(call)?).ok_or_else(missing)?;
    Ok(Answer::ok(whole(context, version)))
}

/// DeleteLayerVersion: one that isn't there is as good as deleted.
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let LayerRef { owner, name, version } = asked(call)?;
    // The layer stays, so that its numbers are never used again.
    if let Some(layer) = store.layers.get_mut(&(owner, name)) {
        layer.versions.remove(&version);
    }
    Ok(Answer::no_content())
}

/// ListLayers, each with its latest version; and GetLayerVersionByArn, which its query alone tells apart.
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    if call.query("find") == Some("LayerVersion") {
        let arn = call.query("Arn").unwrap_or_default();
        let named = LayerRef::parse(arn);
        let mut constraints = Constraints::default();
        let rule = format!("satisfy regular expression pattern: {VERSION_PATTERN}");
        constraints.check(named.is_some(), arn, "arn", &rule);
        constraints.end()?;
        let version = named.and_then(|named| version(store, &named)).ok_or_else(missing)?;
        return Ok(Answer::ok(whole(context, version)));
    }
    let page = Page::of(call, PAGE)?;
    let first = (call.owner.clone(), String::new());
    let layers = store.layers.range(first..).take_while(|((owner, _), _)| *owner == call.owner);
    let layers = layers.filter_map(|((_, name), layer)| {
        let latest = layer.versions.values().rev().find(|version| fits(version, call))?;
        Some((name.clone(), latest))
    });
    let (layers, next) = page.take(layers);
    let shown = layers.iter().map(|latest| {
        json!({
            "LayerName": latest.name,
            "LayerArn": latest.layer_arn(),
            "LatestMatchingVersion": Value::Object(brief(latest)),
        })
    });
    Ok(page.answer("Layers", shown.collect(), next))
}

/// ListLayerVersions, the latest first.
pub fn list_versions(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let page = Page::of(call, PAGE)?;
    let layer = store.layers.get(&named(call)?);
    let versions = layer.into_iter().flat_map(|layer| layer.versions.values().rev());
    let versions = versions.filter(|version| fits(version, call));
    let (versions, next) = page.take(versions.map(|version| (version.number.to_string(), version)));
    let shown = versions.into_iter().map(|version| Value::Object(brief(version)));
    Ok(page.answer("LayerVersions", shown.collect(), next))
}

/// What a function's `Layers` names, read.
///
/// # Errors
/// One of them is no ARN of a layer version, or there are too many.
pub fn references(arns: &[String], constraints: &mut Constraints) -> Vec<LayerRef> {
    let named: Vec<LayerRef> = arns.iter().filter_map(|arn| LayerRef::parse(arn)).collect();
    let rule = format!(
        "satisfy constraint: [Member must have length less than or equal to 2048, Member must have length greater \
         than or equal to 1, Member must satisfy regular expression pattern: {VERSION_PATTERN}, Member must not be \
         null]"
    );
    constraints.check(named.len() == arns.len(), format_args!("[{}]", arns.join(", ")), "layers", &rule);
    named
}

/// The layer versions of these names, in their order.
///
/// # Errors
/// There is no such version, or they can't be together.
pub fn resolve(store: &Store, named: &[LayerRef]) -> Result<Vec<Arc<LayerVersion>>, Error> {
    if named.len() > MAX_OF_FUNCTION {
        return Err(refusal::invalid(format!("Cannot reference more than {MAX_OF_FUNCTION} layers.")));
    }
    for (n, one) in named.iter().enumerate() {
        let same = |other: &&LayerRef| (&one.owner, &one.name) == (&other.owner, &other.name);
        if let Some(other) = named[..n].iter().find(same) {
            return Err(refusal::invalid(format!(
                "Two different versions of the same layer are not allowed to be referenced in the same function. {} \
                 and {} are versions of the same layer",
                other.arn(),
                one.arn()
            )));
        }
    }
    let found = named.iter().map(|one| {
        version(store, one).map(Arc::clone).ok_or_else(|| {
            refusal::invalid(format!(
                "Layer version {} does not exist. gatelet has the layers that were published to it: publish what it \
                 holds (PublishLayerVersion), or put it into the function's package",
                one.arn()
            ))
        })
    });
    found.collect()
}

/// Gives a kept zip back: what `Content.Location` points to.
pub fn download(control: &Control, call: &Call) -> Result<Answer, Error> {
    let owner = Owner { account: call.path("Account").into(), region: call.path("Region").into() };
    let name = call.path("LayerName").to_owned();
    let wanted = LayerRef { owner, name, version: number(call)? };
    let code = {
        let store = control.store();
        Arc::clone(&version(&store, &wanted).ok_or_else(missing)?.code)
    };
    code::package_of(control, &code)
}

fn version<'a>(store: &'a Store, named: &LayerRef) -> Option<&'a Arc<LayerVersion>> {
    store.layers.get(&(named.owner.clone(), named.name.clone()))?.versions.get(&named.version)
}

/// Whether a version is for the runtime and the architecture that a list asks for.
fn fits(version: &LayerVersion, call: &Call) -> bool {
    let has =
        |all: &[String], wanted: Option<&str>| wanted.is_none_or(|one| all.iter().any(|has| has == one));
    has(&version.runtimes, call.query("CompatibleRuntime"))
        && has(&version.architectures, call.query("CompatibleArchitecture"))
}

/// The layer that the path names, by name or ARN.
fn named(call: &Call) -> Result<(Owner, String), Error> {
    let text = call.path("LayerName");
    let mut constraints = Constraints::default();
    constraints.length(Some(text), "layerName", 1, 140);
    let found = LayerRef::parse_layer(text, &call.owner);
    let rule = format!("satisfy regular expression pattern: {NAME_PATTERN}");
    constraints.check(found.is_some(), text, "layerName", &rule);
    constraints.end()?;
    Ok(found.expect("else the check above had failed"))
}

fn asked(call: &Call) -> Result<LayerRef, Error> {
    let (owner, name) = named(call)?;
    Ok(LayerRef { owner, name, version: number(call)? })
}

fn number(call: &Call) -> Result<u64, Error> {
    let text = call.path("VersionNumber");
    text.parse().map_err(|_| refusal::invalid(format!("{text} is not the number of a layer version")))
}

fn missing() -> Error {
    refusal::not_found("The resource you requested does not exist.")
}

fn check_room(store: &Store) -> Result<(), Error> {
    if store.layers.values().map(|layer| 1 + layer.versions.len()).sum::<usize>() >= MAX_LAYERS {
        return Err(refusal::invalid(format!(
            "gatelet keeps at most {MAX_LAYERS} layers and versions of them: delete some"
        )));
    }
    Ok(())
}

/// As lists show it.
fn brief(version: &LayerVersion) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert("LayerVersionArn".into(), version.arn().into());
    members.insert("Version".into(), version.number.into());
    members.insert("Description".into(), version.description.as_str().into());
    members.insert("CreatedDate".into(), iso8601_millis(version.created_ms).into());
    if !version.runtimes.is_empty() {
        members.insert("CompatibleRuntimes".into(), json!(version.runtimes));
    }
    if !version.architectures.is_empty() {
        members.insert("CompatibleArchitectures".into(), json!(version.architectures));
    }
    if let Some(license) = &version.license {
        members.insert("LicenseInfo".into(), license.as_str().into());
    }
    members
}

fn whole(context: &Context, version: &LayerVersion) -> Value {
    let mut members = brief(version);
    members.insert("LayerArn".into(), version.layer_arn().into());
    members.insert(
        "Content".into(),
        json!({
            "Location": code::location_of_layer(context, version),
            "CodeSha256": version.code.sha256,
            "CodeSize": version.code.size,
        }),
    );
    Value::Object(members)
}
