//! Published versions, and what qualifiers stand for.

use std::sync::Arc;

use serde_json::{Value, json};

use super::members::Members;
use super::named;
use super::page::Page;
use super::refusal::{self, Constraints};
use super::shape;
use crate::base::ids;
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::model::Store;
use crate::model::arn::FunctionRef;
use crate::model::function::{Function, LATEST, Version};

/// AWS: a page of versions.
const PAGE: usize = 50;

/// PublishVersion
pub fn publish_version(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let named = named::named_alone(call)?;
    let members = Members::of(call)?;
    let description = members.text("Description")?;
    let mut constraints = Constraints::default();
    constraints.length(description, "description", 0, 256);
    constraints.end()?;
    let latest = &named::function(store, &named)?.latest;
    check_revision(members.text("RevisionId")?, &latest.revision_id)?;
    // Code that may change at any time has no hash to compare with.
    let has_hash = latest.code.hot_folder().is_none();
    if let Some(said) =
        members.text("CodeSha256")?.filter(|said| has_hash && !said.is_empty() && *said != latest.code.sha256)
    {
        return Err(refusal::invalid(format!(
            "CodeSHA256 ({said}) is different from current CodeSHA256 in $LATEST ({}). Please try again with the \
             CodeSHA256 in $LATEST.",
            latest.code.sha256
        )));
    }
    let published = publish(store, &named, description)?;
    Ok(Answer::created(shape::shown(&published, &published.arn)))
}

/// ListVersionsByFunction
pub fn list(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let named = named::named_alone(call)?;
    let page = Page::of(call, PAGE)?;
    let function = named::function(store, &named)?;
    let (versions, next) =
        page.take(function.all_versions().map(|version| (version.version.clone(), version)));
    let shown: Vec<Value> =
        versions.into_iter().map(|version| shape::listed(version, &qualified_arn(version))).collect();
    Ok(page.answer("Versions", json!(shown), next))
}

/// Publishes `$LATEST`, unless it is what was published last: then that is the answer.
///
/// # Errors
/// There is no such function.
pub fn publish(
    store: &mut Store,
    named: &FunctionRef,
    description: Option<&str>,
) -> Result<Arc<Version>, Error> {
    let function = named::function(store, named)?;
    if let Some((number, of)) = &function.published
        && let Some(version) = function.versions.get(number)
        && of.same_as(&function.latest)
    {
        return Ok(Arc::clone(version));
    }
    let serial = store.serial();
    let (own, latest) = (ids::uuid(&mut store.rng), ids::uuid(&mut store.rng));
    let function = named::function_mut(store, named)?;
    let number = function.next_version;
    function.next_version += 1;
    let mut version = (*function.latest).clone();
    version.serial = serial;
    version.version = number.to_string();
    version.arn = format!("{}:{number}", version.arn);
    version.revision_id = own;
    if let Some(description) = description {
        version.description = description.into();
    }
    let version = Arc::new(version);
    touch(function, latest);
    function.published = Some((number, Arc::clone(&function.latest)));
    function.versions.insert(number, Arc::clone(&version));
    Ok(version)
}

/// Gives `$LATEST` a new revision. Its workers stay.
pub fn touch(function: &mut Function, revision_id: String) {
    let mut latest = (*function.latest).clone();
    latest.revision_id = revision_id;
    function.latest = Arc::new(latest);
}

/// The version that is asked for.
///
/// # Errors
/// There is none of this qualifier.
pub fn found<'a>(function: &'a Function, named: &FunctionRef) -> Result<&'a Arc<Version>, Error> {
    function.version(named.qualifier.as_deref()).ok_or_else(|| refusal::no_function(&named.arn()))
}

/// A version's ARN, with its number or `$LATEST`.
pub fn qualified_arn(version: &Version) -> String {
    if version.version == LATEST { format!("{}:{LATEST}", version.arn) } else { version.arn.clone() }
}

/// Whether a qualifier can only be an alias's: neither a number nor with the `$` of `$LATEST`.
pub fn is_alias_name(qualifier: &str) -> bool {
    !qualifier.contains('$') && !qualifier.bytes().all(|b| b.is_ascii_digit())
}

/// That a call which names a revision names the latest.
///
/// # Errors
/// It doesn't.
pub fn check_revision(said: Option<&str>, latest: &str) -> Result<(), Error> {
    match said {
        Some(said) if said != latest => Err(refusal::stale_revision("GetFunction/GetAlias")),
        Some(_) | None => Ok(()),
    }
}
