//! A role's own policies.

use super::{document, encoded, limit, name, no_such, page, role};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::form::Form;
use crate::control::wire::xml::Xml;
use crate::model::Store;

/// Ours. AWS limits their bytes instead, 10,240 together.
const MAX_POLICIES: usize = 500;

/// PutRolePolicy
pub fn put(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let form = Form::of(call);
    let policy = policy_name(&form)?;
    let document = document(&form, "PolicyDocument", "policyDocument")?;
    let role = role::named_mut(store, call)?;
    if role.inline.len() >= MAX_POLICIES && !role.inline.contains_key(policy) {
        return Err(limit(format!("gatelet keeps at most {MAX_POLICIES} policies of a role")));
    }
    role.inline.insert(policy.to_owned(), document);
    Ok(Xml::default().answer())
}

/// GetRolePolicy
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let policy = policy_name(&Form::of(call))?;
    let role = role::named(store, call)?;
    let document = role.inline.get(policy).ok_or_else(|| missing(policy))?;
    let mut xml = Xml::default();
    xml.text("RoleName", &role.name);
    xml.text("PolicyName", policy);
    xml.text("PolicyDocument", encoded(document));
    Ok(xml.answer())
}

/// ListRolePolicies
pub fn list(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let role = role::named(store, call)?;
    let names = role.inline.keys().map(|name| (name.as_str(), name));
    page(call, "PolicyNames", names, |xml, name| xml.push(name))
}

/// DeleteRolePolicy
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let policy = policy_name(&Form::of(call))?;
    let role = role::named_mut(store, call)?;
    role.inline.remove(policy).ok_or_else(|| missing(policy))?;
    Ok(Xml::default().answer())
}

fn policy_name<'a>(form: &Form<'a>) -> Result<&'a str, Error> {
    name(form, "PolicyName", "policyName", 128)
}

fn missing(policy: &str) -> Error {
    no_such(format!("The role policy with name {policy} cannot be found."))
}
