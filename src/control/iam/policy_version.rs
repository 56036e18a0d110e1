//! The versions of managed policies.

use super::{INVALID, delete_conflict, document, encoded, limit, no_such, page, policy};
use crate::base::clock::iso8601;
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::constraints::Constraints;
use crate::control::form::Form;
use crate::control::wire::xml::Xml;
use crate::model::Store;
use crate::model::iam::{Policy, PolicyVersion};

/// AWS: of a policy.
const MAX_VERSIONS: usize = 5;

/// CreatePolicyVersion
pub fn create(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let form = Form::of(call);
    let document = document(&form, "PolicyDocument", "policyDocument")?;
    let created_s = call.now.unix_seconds();
    let policy = policy::named_mut(store, call)?;
    if policy.versions.len() >= MAX_VERSIONS {
        return Err(limit(format!(
            "A managed policy can have up to {MAX_VERSIONS} versions. Before you create a new version, you must \
             delete an existing version."
        )));
    }
    let number = policy.next;
    policy.next += 1;
    policy.updated_s = created_s;
    policy.versions.insert(number, PolicyVersion { document, created_s });
    if form.text("SetAsDefault") == Some("true") {
        policy.default = number;
    }
    let mut xml = Xml::default();
    xml.element("PolicyVersion", |xml| show(xml, policy, number));
    Ok(xml.answer())
}

/// GetPolicyVersion
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let number = number(&Form::of(call))?;
    let policy = policy::named(store, call)?;
    let version = policy.versions.get(&number).ok_or_else(|| missing(policy, number))?;
    let mut xml = Xml::default();
    xml.element("PolicyVersion", |xml| {
        xml.text("Document", encoded(&version.document));
        show(xml, policy, number);
    });
    Ok(xml.answer())
}

/// ListPolicyVersions
pub fn list(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let policy = policy::named(store, call)?;
    // There are so few of them that no second page is ever needed.
    let versions = policy.versions.keys().rev().map(|number| ("", *number));
    page(call, "Versions", versions, |xml, number| show(xml, policy, number))
}

/// DeletePolicyVersion
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let number = number(&Form::of(call))?;
    let policy = policy::named_mut(store, call)?;
    if policy.default == number {
        return Err(delete_conflict("Cannot delete the default version of a policy."));
    }
    match policy.versions.remove(&number) {
        Some(_) => Ok(Xml::default().answer()),
        None => Err(missing(policy, number)),
    }
}

/// SetDefaultPolicyVersion
pub fn set_default(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let number = number(&Form::of(call))?;
    let policy = policy::named_mut(store, call)?;
    if !policy.versions.contains_key(&number) {
        return Err(missing(policy, number));
    }
    policy.default = number;
    Ok(Xml::default().answer())
}

/// `VersionId`: `v1`
fn number(form: &Form<'_>) -> Result<u32, Error> {
    let text = form.text("VersionId");
    let number = text.and_then(|text| text.strip_prefix('v')?.parse().ok());
    let mut constraints = Constraints::default();
    constraints.required(text, "versionId");
    if let (Some(text), None) = (text, number) {
        constraints.check(false, text, "versionId", r"satisfy regular expression pattern: v[1-9][0-9]*");
    }
    constraints.end_as(INVALID)?;
    Ok(number.expect("else the check above had failed"))
}

fn missing(policy: &Policy, number: u32) -> Error {
    no_such(format!("Policy {} version v{number} does not exist or is not attachable.", policy.arn))
}

fn show(xml: &mut Xml, policy: &Policy, number: u32) {
    let Some(version) = policy.versions.get(&number) else { return };
    xml.text("VersionId", format_args!("v{number}"));
    xml.text("IsDefaultVersion", policy.default == number);
    xml.text("CreateDate", iso8601(version.created_s));
}
