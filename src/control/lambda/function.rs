//! Functions: made, shown, listed, changed, deleted.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::code::{self, Source};
use super::configuration::{self, Configuration};
use super::members::Members;
use super::named;
use super::page::Page;
use super::refusal::{self, Constraints};
use super::{shape, tag, version};
use crate::base::{Now, ids};
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::{Context, Control};
use crate::model::arn::{self, FunctionRef};
use crate::model::function::{Code, Function, LATEST, Version};
use crate::model::{Owner, Store};

/// Ours, of all accounts and regions: AWS limits the bytes of code instead, and a test suite that forgets to delete
/// shall be told.
const MAX_FUNCTIONS: usize = 10_000;

/// AWS: a page of functions.
const PAGE: usize = 50;

/// CreateFunction. Unpacks outside the lock.
pub fn create(control: &Control, call: &Call) -> Result<Answer, Error> {
    let mut members = Members::of(call)?;
    let mut code = members.take_object("Code")?;
    let mut constraints = Constraints::default();
    constraints.required(members.text("FunctionName")?, "functionName");
    constraints.required(members.text("Role")?, "role");
    constraints.required(code.as_ref(), "code");
    constraints.end()?;
    let named = named::new_name(members.text("FunctionName")?.unwrap_or_default(), &call.owner)?;
    let package = members.text("PackageType")?;
    let mut constraints = Constraints::default();
    constraints.one_of(package, "packageType", &["Image", "Zip"]);
    constraints.end()?;
    let configuration = Configuration::of(&members, &control.context().settings)?;
    let tags = members.text_map("Tags")?.unwrap_or_default();
    tag::check(&tags)?;
    let publish = members.flag("Publish")?;
    let source = Source::of(code.as_mut().expect("else the check above had failed"))?;
    if !configuration.can_run() {
        return Err(refusal::invalid(
            "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
        ));
    }
    {
        let store = control.store();
        check_new(&store, &named)?;
        configuration.layers(&store)?;
    }
    let code = source.prepare(control)?;

    let mut store = control.store();
    check_new(&store, &named)?;
    let layers = configuration.layers(&store)?;
    let mut latest = blank(&mut store, &named, code, call.now);
    configuration.apply(layers, &mut latest);
    let arn = latest.arn.clone();
    let key = (named.owner.clone(), named.name.clone());
    let function = Function {
        name: named.name.clone(),
        owner: named.owner.clone(),
        latest: Arc::new(latest),
        versions: BTreeMap::new(),
        next_version: 1,
        published: None,
        aliases: BTreeMap::new(),
        policies: BTreeMap::new(),
        tags,
        urls: BTreeMap::new(),
        reserved_concurrency: None,
    };
    let mut created = Arc::clone(&function.latest);
    store.functions.insert(key.clone(), function);
    store.changed.functions.insert(key);
    if publish {
        created = version::publish(&mut store, &named, None)?;
    }
    control.commit(store);
    // AWS answers with the new version, yet under the function's own ARN.
    Ok(Answer::created(shape::shown(&created, &arn)))
}

/// GetFunction
pub fn get(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let named = named::named(call)?;
    let function = named::function(store, &named)?;
    let version = version::found(function, &named)?;
    let mut answer = shape::object(json!({
        "Configuration": shape::shown(version, &named.arn()),
        "Code": { "RepositoryType": "S3", "Location": code::location(context, version) },
    }));
    if !function.tags.is_empty() {
        answer.insert("Tags".into(), json!(function.tags));
    }
    if let Some(reserved) = function.reserved_concurrency {
        answer.insert("Concurrency".into(), json!({ "ReservedConcurrentExecutions": reserved }));
    }
    Ok(Answer::ok(Value::Object(answer)))
}

/// GetFunctionConfiguration
pub fn get_configuration(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let named = named::named(call)?;
    let version = version::found(named::function(store, &named)?, &named)?;
    Ok(Answer::ok(shape::shown(version, &named.arn())))
}

/// ListFunctions
pub fn list(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let which = call.query("FunctionVersion");
    let mut constraints = Constraints::default();
    constraints.one_of(which, "functionVersion", &["ALL"]);
    constraints.end()?;
    let page = Page::of(call, PAGE)?;
    let functions = of_owner(store, &call.owner);
    let entries = functions.flat_map(|function| {
        let all = which.is_some();
        let versions = function.all_versions().take(if all { usize::MAX } else { 1 });
        versions.map(move |version| {
            let marker = format!("{}:{}", function.name, version.version);
            (marker, (version, if all { version::qualified_arn(version) } else { version.arn.clone() }))
        })
    });
    let (entries, next) = page.take(entries);
    let shown: Vec<Value> = entries.into_iter().map(|(version, arn)| shape::listed(version, &arn)).collect();
    Ok(page.answer("Functions", json!(shown), next))
}

/// UpdateFunctionCode. Unpacks outside the lock.
pub fn update_code(control: &Control, call: &Call) -> Result<Answer, Error> {
    let named = named::named_alone(call)?;
    let mut members = Members::of(call)?;
    let mut constraints = Constraints::default();
    let architectures = configuration::architectures(&members, &mut constraints)?;
    constraints.end()?;
    let (publish, dry_run) = (members.flag("Publish")?, members.flag("DryRun")?);
    let revision = members.text("RevisionId")?.map(str::to_owned);
    check_change(&control.store(), &named, revision.as_deref())?;
    if members.has("ImageUri") {
        return Err(refusal::invalid(
            "Please don't provide ImageUri when updating a function with packageType Zip.",
        ));
    }
    let source = Source::of(&mut members)?;
    let code = source.prepare(control)?;

    let mut store = control.store();
    check_change(&store, &named, revision.as_deref())?;
    let change = |latest: &mut Version| {
        latest.code = code;
        if let Some(architectures) = architectures {
            latest.architectures = architectures;
        }
    };
    if dry_run {
        let mut would_be = (*named::function(&store, &named)?.latest).clone();
        change(&mut would_be);
        return Ok(Answer::ok(shape::shown(&would_be, &would_be.arn)));
    }
    let mut updated = renew(&mut store, &named, call.now, change)?;
    if publish {
        updated = version::publish(&mut store, &named, None)?;
    }
    control.commit(store);
    Ok(Answer::ok(shape::shown(&updated, &updated.arn)))
}

/// UpdateFunctionConfiguration
pub fn update_configuration(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let named = named::named_alone(call)?;
    let members = Members::of(call)?;
    let configuration = Configuration::of(&members, &context.settings)?;
    check_change(store, &named, members.text("RevisionId")?)?;
    let layers = configuration.layers(store)?;
    let updated = renew(store, &named, call.now, |latest| configuration.apply(layers, latest))?;
    Ok(Answer::ok(shape::shown(&updated, &updated.arn)))
}

/// DeleteFunction: a version, or all.
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let mut named = named::named(call)?;
    let number = match named.qualifier.take() {
        None => None,
        Some(qualifier) if qualifier == LATEST => {
            return Err(refusal::invalid("$LATEST version cannot be deleted without deleting the function."));
        }
        Some(qualifier) if version::is_alias_name(&qualifier) => {
            return Err(refusal::invalid("Deletion of aliases is not currently supported."));
        }
        Some(qualifier) => Some(qualifier),
    };
    let function = named::function(store, &named)?;
    let Some(number) = number else {
        let key = (named.owner, named.name);
        if let Some(removed) = store.functions.remove(&key) {
            removed.urls.values().for_each(|url| drop(store.function_urls.remove(&url.id)));
        }
        store.changed.functions.insert(key);
        return Ok(Answer::no_content());
    };
    let uses = function
        .aliases
        .iter()
        .filter(|(_, alias)| alias.version == number || alias.weights.contains_key(&number));
    let uses: Vec<&str> = uses.map(|(name, _)| name.as_str()).collect();
    if !uses.is_empty() {
        return Err(refusal::conflict(format!(
            "Unable to delete version because the following aliases reference it: [{}]",
            uses.join(", ")
        )));
    }
    // A version that isn't there is as good as deleted.
    if let Some(number) = number.parse().ok().filter(|number: &u64| function.versions.contains_key(number)) {
        let function = named::function_mut(store, &named)?;
        function.versions.remove(&number);
        function.policies.remove(&Some(number.to_string()));
    }
    Ok(Answer::no_content())
}

/// The functions of an owner, by name.
pub fn of_owner<'a>(store: &'a Store, owner: &'a Owner) -> impl Iterator<Item = &'a Function> {
    let first = (owner.clone(), String::new());
    store.functions.range(first..).map(|(_, function)| function).take_while(move |f| f.owner == *owner)
}

/// Makes `$LATEST` anew with `change`: workers of the old one end.
fn renew(
    store: &mut Store,
    named: &FunctionRef,
    now: Now,
    change: impl FnOnce(&mut Version),
) -> Result<Arc<Version>, Error> {
    let mut latest = (*named::function(store, named)?.latest).clone();
    latest.serial = store.serial();
    latest.revision_id = ids::uuid(&mut store.rng);
    latest.modified_ms = now.unix_ms;
    change(&mut latest);
    let function = named::function_mut(store, named)?;
    function.latest = Arc::new(latest);
    Ok(Arc::clone(&function.latest))
}

fn check_new(store: &Store, named: &FunctionRef) -> Result<(), Error> {
    if store.functions.contains_key(&(named.owner.clone(), named.name.clone())) {
        return Err(refusal::conflict(format!("Function already exist: {}", named.name)));
    }
    if store.functions.len() >= MAX_FUNCTIONS {
        return Err(refusal::invalid(format!(
            "gatelet keeps at most {MAX_FUNCTIONS} functions: delete some"
        )));
    }
    Ok(())
}

fn check_change(store: &Store, named: &FunctionRef, revision: Option<&str>) -> Result<(), Error> {
    let function = named::function(store, named)?;
    version::check_revision(revision, &function.latest.revision_id)
}

/// `$LATEST` with Lambda's defaults.
fn blank(store: &mut Store, named: &FunctionRef, code: Arc<Code>, now: Now) -> Version {
    Version {
        serial: store.serial(),
        owner: named.owner.clone(),
        name: named.name.clone(),
        version: LATEST.into(),
        arn: arn::function(&named.owner, &named.name),
        runtime: String::new(),
        handler: String::new(),
        role: String::new(),
        description: String::new(),
        timeout_s: 3,
        memory_mb: 128,
        environment: None,
        code,
        layers: Vec::new(),
        architectures: vec!["x86_64".into()],
        ephemeral_mb: 512,
        tracing: "PassThrough".into(),
        modified_ms: now.unix_ms,
        revision_id: ids::uuid(&mut store.rng),
        concurrency: None,
        log_group: format!("/aws/lambda/{}", named.name).into(),
        stored: Map::new(),
    }
}
