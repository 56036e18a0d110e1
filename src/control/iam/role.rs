//! Roles: made, shown, listed, changed, tagged, deleted.

use std::collections::BTreeMap;

use super::{INVALID, delete_conflict, document, encoded, exists, limit, name, no_such, page, path};
use crate::base::clock::iso8601;
use crate::base::ids;
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::constraints::Constraints;
use crate::control::form::Form;
use crate::control::wire::xml::Xml;
use crate::model::Store;
use crate::model::iam::Role;

/// Ours, of all accounts. AWS: 1000 of an account.
const MAX_ROLES: usize = 10_000;

/// AWS: of a role's name.
const MAX_NAME: usize = 64;

/// AWS: of a description.
const MAX_DESCRIPTION: usize = 1000;

/// CreateRole
pub fn create(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let form = Form::of(call);
    let name = role_name(&form)?;
    let path = path(&form, "Path")?;
    let (description, max_session_s) = settings(&form)?;
    let trust = document(&form, "AssumeRolePolicyDocument", "assumeRolePolicyDocument")?;
    let tags = super::tags(&form, &BTreeMap::new())?;
    let account = &call.owner.account;
    let key = (account.clone(), name.to_owned());
    if store.iam.roles.contains_key(&key) {
        return Err(exists(format!("Role with name {name} already exists.")));
    }
    if store.iam.roles.len() >= MAX_ROLES {
        return Err(limit(format!("Cannot exceed quota for RolesPerAccount: {MAX_ROLES}")));
    }
    let role = Role {
        name: name.to_owned(),
        path: path.to_owned(),
        id: format!("AROA{}", ids::upper_alnum(&mut store.rng, 17)),
        arn: format!("arn:aws:iam::{account}:role{path}{name}"),
        created_s: call.now.unix_seconds(),
        trust,
        description,
        max_session_s: max_session_s.unwrap_or(3600),
        boundary: form.text("PermissionsBoundary").map(str::to_owned),
        inline: BTreeMap::new(),
        attached: Vec::new(),
        tags,
    };
    let mut xml = Xml::default();
    xml.element("Role", |xml| show(xml, &role));
    store.iam.roles.insert(key, role);
    Ok(xml.answer())
}

/// GetRole
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let role = named(store, call)?;
    let mut xml = Xml::default();
    xml.element("Role", |xml| {
        show(xml, role);
        xml.element("RoleLastUsed", |_| ());
    });
    Ok(xml.answer())
}

/// ListRoles
pub fn list(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let form = Form::of(call);
    let prefix = path(&form, "PathPrefix")?;
    let account = &call.owner.account;
    let first = (account.clone(), String::new());
    let roles = store.iam.roles.range(first..).take_while(|((owner, _), _)| owner == account);
    let roles = roles.filter(|(_, role)| role.path.starts_with(prefix));
    page(call, "Roles", roles.map(|((_, name), role)| (name.as_str(), role)), show)
}

/// UpdateRole
pub fn update(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let (description, max_session_s) = settings(&Form::of(call))?;
    let role = named_mut(store, call)?;
    role.description = description.or(role.description.take());
    role.max_session_s = max_session_s.unwrap_or(role.max_session_s);
    Ok(Xml::default().answer())
}

/// UpdateAssumeRolePolicy
pub fn update_trust(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let trust = document(&Form::of(call), "PolicyDocument", "policyDocument")?;
    named_mut(store, call)?.trust = trust;
    Ok(Xml::default().answer())
}

/// DeleteRole
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let role = named(store, call)?;
    if !role.attached.is_empty() {
        return Err(delete_conflict("Cannot delete entity, must detach all policies first."));
    }
    if !role.inline.is_empty() {
        return Err(delete_conflict("Cannot delete entity, must delete policies first."));
    }
    let key = (call.owner.account.clone(), role.name.clone());
    store.iam.roles.remove(&key);
    Ok(Xml::default().answer())
}

/// PutRolePermissionsBoundary
pub fn put_boundary(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let boundary = Form::of(call).text("PermissionsBoundary").map(str::to_owned);
    let mut constraints = Constraints::default();
    constraints.required(boundary.as_ref(), "permissionsBoundary");
    constraints.end_as(INVALID)?;
    named_mut(store, call)?.boundary = boundary;
    Ok(Xml::default().answer())
}

/// DeleteRolePermissionsBoundary
pub fn delete_boundary(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    named_mut(store, call)?.boundary = None;
    Ok(Xml::default().answer())
}

/// TagRole
pub fn tag(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let role = named_mut(store, call)?;
    role.tags = super::tags(&Form::of(call), &role.tags)?;
    Ok(Xml::default().answer())
}

/// UntagRole
pub fn untag(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let role = named_mut(store, call)?;
    for key in Form::of(call).texts("TagKeys") {
        role.tags.remove(key);
    }
    Ok(Xml::default().answer())
}

/// ListRoleTags
pub fn list_tags(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let role = named(store, call)?;
    let mut xml = Xml::default();
    super::list_tags(&mut xml, &role.tags);
    xml.text("IsTruncated", false);
    Ok(xml.answer())
}

/// ListInstanceProfilesForRole: there are none, since there are no instances.
pub fn list_instance_profiles(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    named(store, call)?;
    let mut xml = Xml::default();
    xml.element("InstanceProfiles", |_| ());
    xml.text("IsTruncated", false);
    Ok(xml.answer())
}

/// The role that `RoleName` names.
pub fn named<'a>(store: &'a Store, call: &Call) -> Result<&'a Role, Error> {
    let name = role_name(&Form::of(call))?;
    store.iam.roles.get(&(call.owner.account.clone(), name.to_owned())).ok_or_else(|| missing(name))
}

/// The same, to be changed.
pub fn named_mut<'a>(store: &'a mut Store, call: &Call) -> Result<&'a mut Role, Error> {
    let name = role_name(&Form::of(call))?;
    store.iam.roles.get_mut(&(call.owner.account.clone(), name.to_owned())).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> Error {
    no_such(format!("The role with name {name} cannot be found."))
}

fn role_name<'a>(form: &Form<'a>) -> Result<&'a str, Error> {
    name(form, "RoleName", "roleName", MAX_NAME)
}

/// What both CreateRole and UpdateRole can say.
fn settings(form: &Form<'_>) -> Result<(Option<String>, Option<u32>), Error> {
    let description = form.text("Description");
    let seconds = form.text("MaxSessionDuration").map(|text| text.parse().unwrap_or(0));
    let mut constraints = Constraints::default();
    constraints.length(description, "description", 0, MAX_DESCRIPTION);
    constraints.range(seconds, "maxSessionDuration", 3600, 43_200);
    constraints.end_as(INVALID)?;
    Ok((description.map(str::to_owned), seconds.and_then(|seconds| u32::try_from(seconds).ok())))
}

fn show(xml: &mut Xml, role: &Role) {
    xml.text("Path", &role.path);
    xml.text("RoleName", &role.name);
    xml.text("RoleId", &role.id);
    xml.text("Arn", &role.arn);
    xml.text("CreateDate", iso8601(role.created_s));
    xml.text("AssumeRolePolicyDocument", encoded(&role.trust));
    xml.maybe("Description", role.description.as_ref());
    xml.text("MaxSessionDuration", role.max_session_s);
    if let Some(arn) = &role.boundary {
        xml.element("PermissionsBoundary", |xml| {
            xml.text("PermissionsBoundaryType", "Policy");
            xml.text("PermissionsBoundaryArn", arn);
        });
    }
    super::show_tags(xml, &role.tags);
}
