//! IAM: roles with their policies, and managed policies. One file a resource.
//!
//! All of it is kept and returned, in AWS's shapes and with its errors; none of it is enforced. Documents have to be
//! JSON, and nothing more is asked of them. Answers carry them URL-encoded, as AWS's do.

mod attachment;
mod policy;
mod policy_version;
mod role;
mod role_policy;
mod unsupported;
mod user;

use std::collections::BTreeMap;

use serde_json::Value;

use super::answer::{Answer, Error};
use super::call::Call;
use super::constraints::Constraints;
use super::form::Form;
use super::operation::Operation;
use super::wire::xml::Xml;
use crate::proto::query;

pub use unsupported::UNSUPPORTED;

/// What is emulated.
pub const OPERATIONS: &[Operation] = &[
    Operation::action("AttachRolePolicy", attachment::attach),
    Operation::action("CreatePolicy", policy::create),
    Operation::action("CreatePolicyVersion", policy_version::create),
    Operation::action("CreateRole", role::create),
    Operation::action("DeletePolicy", policy::delete),
    Operation::action("DeletePolicyVersion", policy_version::delete),
    Operation::action("DeleteRole", role::delete),
    Operation::action("DeleteRolePermissionsBoundary", role::delete_boundary),
    Operation::action("DeleteRolePolicy", role_policy::delete),
    Operation::action("DetachRolePolicy", attachment::detach),
    Operation::action("GetPolicy", policy::get),
    Operation::action("GetPolicyVersion", policy_version::get),
    Operation::action("GetRole", role::get),
    Operation::action("GetRolePolicy", role_policy::get),
    Operation::action("GetUser", user::get),
    Operation::action("ListAttachedRolePolicies", attachment::list),
    Operation::action("ListInstanceProfilesForRole", role::list_instance_profiles),
    Operation::action("ListPolicies", policy::list),
    Operation::action("ListPolicyVersions", policy_version::list),
    Operation::action("ListRolePolicies", role_policy::list),
    Operation::action("ListRoles", role::list),
    Operation::action("ListRoleTags", role::list_tags),
    Operation::action("PutRolePermissionsBoundary", role::put_boundary),
    Operation::action("PutRolePolicy", role_policy::put),
    Operation::action("SetDefaultPolicyVersion", policy_version::set_default),
    Operation::action("TagRole", role::tag),
    Operation::action("UntagRole", role::untag),
    Operation::action("UpdateAssumeRolePolicy", role::update_trust),
    Operation::action("UpdateRole", role::update),
];

/// AWS: the most that a page may have, and ours where the caller says nothing: a client that doesn't page sees all.
const PAGE: usize = 1000;

/// AWS: tags of a role or policy.
const MAX_TAGS: usize = 50;

/// AWS: of a document as a parameter.
const MAX_DOCUMENT: usize = 131_072;

const NAME_PATTERN: &str = r"[\w+=,.@-]+";
const PATH_PATTERN: &str = r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)";

/// A required name of at most so many characters.
fn name<'a>(form: &Form<'a>, member: &str, at: &str, most: usize) -> Result<&'a str, Error> {
    let text = form.text(member);
    let mut constraints = Constraints::default();
    constraints.required(text, at);
    constraints.length(text, at, 1, most);
    constraints.pattern(text, at, is_name, NAME_PATTERN);
    constraints.end_as(INVALID)?;
    Ok(text.expect("else the check above had failed"))
}

/// A required ARN of a policy.
fn policy_arn<'a>(form: &Form<'a>) -> Result<&'a str, Error> {
    let text = form.text("PolicyArn");
    let mut constraints = Constraints::default();
    constraints.required(text, "policyArn");
    constraints.length(text, "policyArn", 20, 2048);
    constraints.end_as(INVALID)?;
    let arn = text.expect("else the check above had failed");
    if !arn.starts_with("arn:") || arn.split(':').count() < 6 {
        return Err(Error::new(400, "InvalidInput", format!("ARN {arn} is not valid.")));
    }
    Ok(arn)
}

/// `Path`, a slash where it isn't said.
fn path<'a>(form: &Form<'a>, member: &str) -> Result<&'a str, Error> {
    let text = form.text(member).unwrap_or("/");
    let at = if member == "Path" { "path" } else { "pathPrefix" };
    let mut constraints = Constraints::default();
    constraints.length(Some(text), at, 1, 512);
    constraints.pattern(Some(text), at, if member == "Path" { is_path } else { is_prefix }, PATH_PATTERN);
    constraints.end_as(INVALID)?;
    Ok(text)
}

/// A required document: a JSON object.
fn document(form: &Form<'_>, member: &str, at: &str) -> Result<String, Error> {
    let text = form.text(member);
    let mut constraints = Constraints::default();
    constraints.required(text, at);
    // The value itself would make the message as long as the document.
    let length = text.map_or(0, str::len);
    let rule = format!("have length less than or equal to {MAX_DOCUMENT}");
    constraints.check(length <= MAX_DOCUMENT, "…", at, &rule);
    constraints.end_as(INVALID)?;
    let text = text.unwrap_or_default();
    match serde_json::from_str(text) {
        Ok(Value::Object(_)) => Ok(text.to_owned()),
        Ok(_) | Err(_) => {
            Err(Error::new(400, "MalformedPolicyDocument", "This policy contains invalid Json"))
        }
    }
}

/// `Tags`, merged over `before`.
fn tags(form: &Form<'_>, before: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Error> {
    let mut tags = before.clone();
    let mut constraints = Constraints::default();
    for (key, value) in form.pairs("Tags") {
        constraints.length(Some(&key), "tags.key", 1, 128);
        constraints.length(Some(&value), "tags.value", 0, 256);
        tags.insert(key, value);
    }
    constraints.end_as(INVALID)?;
    if tags.len() > MAX_TAGS {
        return Err(limit(format!("The number of tags has reached the maximum limit of {MAX_TAGS}.")));
    }
    Ok(tags)
}

/// An element `Tags`, where there are tags.
fn show_tags(xml: &mut Xml, tags: &BTreeMap<String, String>) {
    if !tags.is_empty() {
        list_tags(xml, tags);
    }
}

fn list_tags(xml: &mut Xml, tags: &BTreeMap<String, String>) {
    xml.list("Tags", tags, |xml, (key, value)| {
        xml.text("Key", key);
        xml.text("Value", value);
    });
}

/// A document as answers carry it.
fn encoded(document: &str) -> String {
    let mut out = String::with_capacity(document.len() * 3 / 2);
    query::encode_query_component(&mut out, document);
    out
}

/// A page of `items`, each with its key, in the order of the keys.
fn page<'a, T>(
    call: &Call,
    name: &str,
    items: impl Iterator<Item = (&'a str, T)>,
    show: impl Fn(&mut Xml, T),
) -> Result<Answer, Error> {
    let form = Form::of(call);
    let most = form.text("MaxItems").map(|text| text.parse().unwrap_or(0));
    let mut constraints = Constraints::default();
    constraints.range(most, "maxItems", 1, 1000);
    constraints.end_as(INVALID)?;
    let most = most.and_then(|most| usize::try_from(most).ok()).unwrap_or(PAGE);
    let marker = form.text("Marker");
    let mut rest = items.skip_while(|(key, _)| marker.is_some_and(|marker| *key <= marker)).peekable();
    let (mut shown, mut last) = (Vec::new(), "");
    while shown.len() < most
        && let Some((key, item)) = rest.next()
    {
        shown.push(item);
        last = key;
    }
    let more = rest.peek().is_some();
    let mut xml = Xml::default();
    xml.list(name, shown, show);
    xml.text("IsTruncated", more);
    xml.maybe("Marker", more.then_some(last));
    Ok(xml.answer())
}

/// The code of IAM for a parameter that breaks a constraint.
const INVALID: &str = "ValidationError";

fn no_such(message: String) -> Error {
    Error::new(404, "NoSuchEntity", message)
}

fn exists(message: String) -> Error {
    Error::new(409, "EntityAlreadyExists", message)
}

fn delete_conflict(message: &str) -> Error {
    Error::new(409, "DeleteConflict", message)
}

fn limit(message: String) -> Error {
    Error::new(409, "LimitExceeded", message)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
}

fn is_path(text: &str) -> bool {
    is_prefix(text) && text.ends_with('/')
}

fn is_prefix(text: &str) -> bool {
    text.starts_with('/') && text.bytes().all(|b| b.is_ascii_graphic())
}
