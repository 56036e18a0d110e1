//! Aliases: names for versions.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::members::Members;
use super::page::Page;
use super::refusal::{self, Constraints};
use super::shape::object;
use super::{named, url, version};
use crate::base::ids;
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::model::Store;
use crate::model::arn::FunctionRef;
use crate::model::function::{Alias, Function, LATEST};

/// Ours: AWS has no limit of aliases, but a page of its list.
const MAX_ALIASES: usize = 10_000;

const NAME_PATTERN: &str = r"(?!^[0-9]+$)([a-zA-Z0-9-_]+)";
const VERSION_PATTERN: &str = r"(\$LATEST(\.PUBLISHED)?|[0-9]+)";

/// CreateAlias
pub fn create(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let named = named::named_alone(call)?;
    let members = Members::of(call)?;
    let (name, target) = (members.text("Name")?, members.text("FunctionVersion")?);
    let said = Said::of(&members)?;
    let mut constraints = Constraints::default();
    constraints.required(name, "name");
    constraints.required(target, "functionVersion");
    constraints.length(name, "name", 1, 128);
    constraints.pattern(name, "name", is_name, NAME_PATTERN);
    said.check(&mut constraints);
    constraints.end()?;
    let (name, target) = (name.unwrap_or_default(), target.unwrap_or_default());
    let version = FunctionRef { qualifier: Some(target.to_owned()), ..named.clone() };
    let function = named::function(store, &version)?;
    let weights = said.weights.unwrap_or_default();
    check_target(function, &named, target, &weights)?;
    let arn = alias_arn(&named, name);
    if function.aliases.contains_key(name) {
        return Err(refusal::conflict(format!("Alias already exists: {arn}")));
    }
    if function.aliases.len() >= MAX_ALIASES {
        return Err(refusal::invalid(format!("gatelet keeps at most {MAX_ALIASES} aliases of a function")));
    }
    let revision_id = ids::uuid(&mut store.rng);
    let description = said.description.unwrap_or_default();
    let alias = Alias { version: target.to_owned(), description, weights, revision_id };
    let answer = shown(&arn, name, &alias);
    named::function_mut(store, &named)?.aliases.insert(name.to_owned(), alias);
    Ok(Answer::created(answer))
}

/// GetAlias
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let (named, name) = (named::named_alone(call)?, call.path("Name"));
    let arn = alias_arn(&named, name);
    let alias = named::function(store, &named)?.aliases.get(name);
    let alias = alias.ok_or_else(|| refusal::not_found(format!("Cannot find alias arn: {arn}")))?;
    Ok(Answer::ok(shown(&arn, name, alias)))
}

/// ListAliases
pub fn list(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let named = named::named_alone(call)?;
    let target = call.query("FunctionVersion");
    let mut constraints = Constraints::default();
    constraints.pattern(target, "functionVersion", is_version, VERSION_PATTERN);
    constraints.end()?;
    let page = Page::of(call, MAX_ALIASES)?;
    let aliases = named::function(store, &named)?.aliases.iter();
    let wanted = aliases.filter(|(_, alias)| target.is_none_or(|target| alias.version == target));
    let (aliases, next) =
        page.take(wanted.map(|(name, alias)| (name.clone(), shown(&alias_arn(&named, name), name, alias))));
    Ok(page.answer("Aliases", json!(aliases), next))
}

/// UpdateAlias
pub fn update(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let (named, name) = (named::named_alone(call)?, call.path("Name"));
    let members = Members::of(call)?;
    let said = Said::of(&members)?;
    let mut constraints = Constraints::default();
    said.check(&mut constraints);
    constraints.end()?;
    let arn = alias_arn(&named, name);
    let function = named::function(store, &named)?;
    let alias = function.aliases.get(name);
    let alias = alias.ok_or_else(|| refusal::not_found(format!("Alias not found: {arn}")))?;
    version::check_revision(members.text("RevisionId")?, &alias.revision_id)?;
    let mut next = alias.clone();
    next.version = said.version.unwrap_or(next.version);
    next.weights = said.weights.unwrap_or(next.weights);
    next.description = said.description.unwrap_or(next.description);
    check_target(function, &named, &next.version, &next.weights)?;
    next.revision_id = ids::uuid(&mut store.rng);
    let answer = shown(&arn, name, &next);
    named::function_mut(store, &named)?.aliases.insert(name.to_owned(), next);
    Ok(Answer::ok(answer))
}

/// DeleteAlias. One that isn't there is as good as deleted.
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let (named, name) = (named::named_alone(call)?, call.path("Name"));
    if named::function(store, &named)?.aliases.contains_key(name) {
        let function = named::function_mut(store, &named)?;
        function.aliases.remove(name);
        function.policies.remove(&Some(name.to_owned()));
        url::remove(store, &named, Some(name))?;
    }
    Ok(Answer::no_content())
}

/// What a call says of an alias.
struct Said {
    version: Option<String>,
    description: Option<String>,
    weights: Option<BTreeMap<String, f64>>,
}

impl Said {
    fn of(members: &Members) -> Result<Self, Error> {
        let weights = match members.object("RoutingConfig")? {
            // An empty one takes the weights away.
            Some(routing) => Some(routing.number_map("AdditionalVersionWeights")?.unwrap_or_default()),
            None => None,
        };
        let owned = |name: &str| members.text(name).map(|text| text.map(str::to_owned));
        Ok(Self { version: owned("FunctionVersion")?, description: owned("Description")?, weights })
    }

    fn check(&self, constraints: &mut Constraints) {
        constraints.pattern(self.version.as_deref(), "functionVersion", is_version, VERSION_PATTERN);
        constraints.length(self.description.as_deref(), "description", 0, 256);
        let Some(weights) = &self.weights else { return };
        let pairs: Vec<String> =
            weights.iter().map(|(version, weight)| format!("{version}={weight:?}")).collect();
        let shown = format!("{{{}}}", pairs.join(", "));
        let at = "routingConfig.additionalVersionWeights";
        let digits = |text: &String| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let rule = "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member \
                    must have length greater than or equal to 1, Member must satisfy regular expression pattern: \
                    [0-9]+]";
        constraints.check_inner(weights.keys().all(digits), &shown, at, rule);
        let rule = "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member \
                    must have value greater than or equal to 0.0, Member must not be null]";
        constraints.check_inner(
            weights.values().all(|weight| (0.0..=1.0).contains(weight)),
            &shown,
            at,
            rule,
        );
    }
}

/// That an alias may point to `target`, and by `weights` to others.
fn check_target(
    function: &Function,
    named: &FunctionRef,
    target: &str,
    weights: &BTreeMap<String, f64>,
) -> Result<(), Error> {
    if weights.len() > 1 {
        return Err(refusal::invalid("Number of items in AdditionalVersionWeights cannot be greater than 1"));
    }
    for number in std::iter::once(target).chain(weights.keys().map(String::as_str)) {
        if function.numbered(number).is_none() {
            let version = FunctionRef { qualifier: Some(number.to_owned()), ..named.clone() };
            return Err(refusal::no_function(&version.arn()));
        }
    }
    if weights.contains_key(target) {
        return Err(refusal::invalid(format!(
            "Invalid function version {target}. Function version {target} is already included in routing \
             configuration."
        )));
    }
    if !weights.is_empty() && target == LATEST {
        return Err(refusal::invalid(
            "$LATEST is not supported for an alias pointing to more than 1 version",
        ));
    }
    Ok(())
}

fn shown(arn: &str, name: &str, alias: &Alias) -> Value {
    let mut shape: Map<String, Value> = object(json!({
        "AliasArn": arn,
        "Name": name,
        "FunctionVersion": alias.version,
        "Description": alias.description,
        "RevisionId": alias.revision_id,
    }));
    if !alias.weights.is_empty() {
        shape.insert("RoutingConfig".into(), json!({ "AdditionalVersionWeights": alias.weights }));
    }
    Value::Object(shape)
}

fn alias_arn(named: &FunctionRef, name: &str) -> String {
    FunctionRef { qualifier: Some(name.to_owned()), ..named.clone() }.arn()
}

pub(super) fn is_name(text: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    !text.is_empty() && plain && !text.bytes().all(|b| b.is_ascii_digit())
}

fn is_version(text: &str) -> bool {
    matches!(text, LATEST | "$LATEST.PUBLISHED")
        || !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
