//! Which function a call names, and finding it.

use super::refusal::{self, Constraints};
use crate::control::answer::Error;
use crate::control::call::Call;
use crate::model::arn::FunctionRef;
use crate::model::function::Function;
use crate::model::{Owner, Store};

/// How Lambda shows what names a function that is looked for.
const LOOKUP_PATTERN: &str = r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?";

/// How it shows what names a function that is made.
const NEW_PATTERN: &str = r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?";

const QUALIFIER_PATTERN: &str = r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+";

/// AWS: of a name or ARN that a function is made by.
const MAX_NEW_REFERENCE: usize = 140;

/// AWS: of a function's name.
const MAX_NAME: usize = 64;

/// AWS: of a qualifier.
const MAX_QUALIFIER: usize = 128;

/// The function that the path's `FunctionName` names, with the qualifier of the path or of the query.
///
/// # Errors
/// It is no name, or one of another region, or the two qualifiers differ.
pub fn named(call: &Call) -> Result<FunctionRef, Error> {
    named_with(call, call.query("Qualifier"))
}

/// The same for operations whose query has no `Qualifier`.
pub fn named_alone(call: &Call) -> Result<FunctionRef, Error> {
    named_with(call, None)
}

/// The function that `text` names, which is to be made.
///
/// # Errors
/// As [`named`]; a name is stricter here.
pub fn new_name(text: &str, owner: &Owner) -> Result<FunctionRef, Error> {
    let mut constraints = Constraints::default();
    constraints.length(Some(text), "functionName", 1, MAX_NEW_REFERENCE);
    let found = FunctionRef::parse_name(text, owner)
        .filter(|found| !found.name.contains('.') && found.qualifier.as_deref() != Some("$LATEST.PUBLISHED"));
    let rule = format!("satisfy regular expression pattern: {NEW_PATTERN}");
    constraints.check(found.is_some(), text, "functionName", &rule);
    constraints.end()?;
    let found = found.expect("else the check above had failed");
    if found.name.len() > MAX_NAME {
        return Err(refusal::invalid(format!(
            "1 validation error detected: Value '{}' at 'functionName' failed to satisfy constraint: Member must \
             have length less than or equal to {MAX_NAME}",
            found.name
        )));
    }
    same_region(&found, owner)?;
    Ok(found)
}

/// The function.
///
/// # Errors
/// There is none, said with the qualifier where one was given.
pub fn function<'a>(store: &'a Store, named: &FunctionRef) -> Result<&'a Function, Error> {
    let key = (named.owner.clone(), named.name.clone());
    store.functions.get(&key).ok_or_else(|| refusal::no_function(&named.arn()))
}

/// The function, to be changed: noted in [`Store::changed`].
///
/// # Errors
/// As [`function`].
pub fn function_mut<'a>(store: &'a mut Store, named: &FunctionRef) -> Result<&'a mut Function, Error> {
    let key = (named.owner.clone(), named.name.clone());
    let function = store.functions.get_mut(&key).ok_or_else(|| refusal::no_function(&named.arn()))?;
    store.changed.functions.insert(key);
    Ok(function)
}

fn named_with(call: &Call, qualifier: Option<&str>) -> Result<FunctionRef, Error> {
    let text = call.path("FunctionName");
    let mut constraints = Constraints::default();
    constraints.length(qualifier, "qualifier", 1, MAX_QUALIFIER);
    constraints.pattern(qualifier, "qualifier", is_qualifier, QUALIFIER_PATTERN);
    let found = FunctionRef::parse_name(text, &call.owner);
    let rule = format!("satisfy regular expression pattern: {LOOKUP_PATTERN}");
    constraints.check(found.is_some(), text, "functionName", &rule);
    constraints.end()?;
    let mut found = found.expect("else the check above had failed");
    same_region(&found, &call.owner)?;
    match (&found.qualifier, qualifier) {
        (Some(derived), Some(said)) if derived != said => Err(refusal::invalid(
            "The derived qualifier from the function name does not match the specified qualifier.",
        )),
        (None, Some(said)) => {
            found.qualifier = Some(said.to_owned());
            Ok(found)
        }
        (Some(_) | None, _) => Ok(found),
    }
}

fn is_qualifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'$'))
        || text == "$LATEST.PUBLISHED"
}

fn same_region(found: &FunctionRef, caller: &Owner) -> Result<(), Error> {
    if found.owner.region == caller.region {
        return Ok(());
    }
    Err(refusal::not_found(format!(
        "Functions from '{}' are not reachable in this region ('{}')",
        found.owner.region, caller.region
    )))
}
