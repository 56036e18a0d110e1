//! Managed policies: made, shown, listed, deleted.

use std::collections::{BTreeMap, HashMap};

use super::{INVALID, delete_conflict, document, exists, limit, name, no_such, page, path, policy_arn};
use crate::base::clock::iso8601;
use crate::base::ids;
use crate::base::map::map_of;
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::constraints::Constraints;
use crate::control::form::Form;
use crate::control::wire::xml::Xml;
use crate::model::Store;
use crate::model::iam::{Iam, Policy, PolicyVersion};

/// Ours, of all accounts. AWS: 1500 of an account.
const MAX_POLICIES: usize = 10_000;

/// CreatePolicy
pub fn create(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let form = Form::of(call);
    let name = name(&form, "PolicyName", "policyName", 128)?;
    let path = path(&form, "Path")?;
    let description = form.text("Description");
    let mut constraints = Constraints::default();
    constraints.length(description, "description", 0, 1000);
    constraints.end_as(INVALID)?;
    let document = document(&form, "PolicyDocument", "policyDocument")?;
    let tags = super::tags(&form, &BTreeMap::new())?;
    let account = &call.owner.account;
    let arn = format!("arn:aws:iam::{account}:policy{path}{name}");
    let key = (account.clone(), arn);
    // One name, one policy: also where the paths differ.
    if of_account(&store.iam, account).any(|policy| policy.name == name) {
        return Err(exists(format!(
            "A policy called {name} already exists. Duplicate names are not allowed."
        )));
    }
    if store.iam.policies.len() >= MAX_POLICIES {
        return Err(limit(format!("Cannot exceed quota for PoliciesPerAccount: {MAX_POLICIES}")));
    }
    let created_s = call.now.unix_seconds();
    let policy = Policy {
        name: name.to_owned(),
        path: path.to_owned(),
        id: format!("ANPA{}", ids::upper_alnum(&mut store.rng, 17)),
        arn: key.1.clone(),
        description: description.map(str::to_owned),
        created_s,
        updated_s: created_s,
        versions: map_of([(1, PolicyVersion { document, created_s })]),
        default: 1,
        next: 2,
        tags,
    };
    let mut xml = Xml::default();
    xml.element("Policy", |xml| show(xml, &policy, 0));
    store.iam.policies.insert(key, policy);
    Ok(xml.answer())
}

/// GetPolicy
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let policy = named(store, call)?;
    let uses = uses(&store.iam, &call.owner.account).get(policy.arn.as_str()).copied().unwrap_or_default();
    let mut xml = Xml::default();
    xml.element("Policy", |xml| show(xml, policy, uses));
    Ok(xml.answer())
}

/// ListPolicies: those of the account; AWS's own are not listed, since they are not kept.
pub fn list(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let form = Form::of(call);
    let prefix = path(&form, "PathPrefix")?;
    let (scope, attached) = (form.text("Scope"), form.text("OnlyAttached") == Some("true"));
    let mut constraints = Constraints::default();
    constraints.one_of(scope, "scope", &["All", "AWS", "Local"]);
    constraints.end_as(INVALID)?;
    let uses = uses(&store.iam, &call.owner.account);
    let uses_of = |policy: &Policy| uses.get(policy.arn.as_str()).copied().unwrap_or_default();
    let policies = of_account(&store.iam, &call.owner.account).filter(|policy| {
        scope != Some("AWS") && policy.path.starts_with(prefix) && !(attached && uses_of(policy) == 0)
    });
    page(call, "Policies", policies.map(|policy| (policy.arn.as_str(), policy)), |xml, policy| {
        show(xml, policy, uses_of(policy));
    })
}

/// DeletePolicy
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let policy = named(store, call)?;
    if uses(&store.iam, &call.owner.account).contains_key(policy.arn.as_str()) {
        return Err(delete_conflict("Cannot delete a policy attached to entities."));
    }
    if policy.versions.len() > 1 {
        return Err(delete_conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's \
             versions. The default version is deleted with the policy.",
        ));
    }
    let key = (call.owner.account.clone(), policy.arn.clone());
    store.iam.policies.remove(&key);
    Ok(Xml::default().answer())
}

/// The policy that `PolicyArn` names.
pub fn named<'a>(store: &'a Store, call: &Call) -> Result<&'a Policy, Error> {
    let arn = policy_arn(&Form::of(call))?;
    store.iam.policies.get(&(call.owner.account.clone(), arn.to_owned())).ok_or_else(|| missing(arn))
}

/// The same, to be changed.
pub fn named_mut<'a>(store: &'a mut Store, call: &Call) -> Result<&'a mut Policy, Error> {
    let arn = policy_arn(&Form::of(call))?;
    store.iam.policies.get_mut(&(call.owner.account.clone(), arn.to_owned())).ok_or_else(|| missing(arn))
}

/// Whether this is a policy that AWS manages: `arn:aws:iam::aws:policy/service-role/…`.
pub fn is_of_aws(arn: &str) -> bool {
    let behind = arn.strip_prefix("arn:aws").and_then(|rest| rest.split_once(":iam::aws:policy/"));
    behind.is_some_and(|(partition, name)| !partition.contains(':') && !name.is_empty())
}

fn missing(arn: &str) -> Error {
    match is_of_aws(arn) {
        true => no_such(format!(
            "Policy {arn} was not found: gatelet lets roles have AWS's managed policies, and does not keep their \
             documents."
        )),
        false => no_such(format!("Policy {arn} was not found.")),
    }
}

fn of_account<'a>(iam: &'a Iam, account: &'a str) -> impl Iterator<Item = &'a Policy> {
    let first = (account.to_owned(), String::new());
    iam.policies.range(first..).take_while(move |((owner, _), _)| owner == account).map(|(_, policy)| policy)
}

/// How many roles of an account have each policy.
fn uses<'a>(iam: &'a Iam, account: &str) -> HashMap<&'a str, usize> {
    let mut uses = HashMap::new();
    let first = (account.to_owned(), String::new());
    let roles = iam.roles.range(first..).take_while(|((owner, _), _)| owner == account);
    for arn in roles.flat_map(|(_, role)| &role.attached) {
        *uses.entry(arn.as_str()).or_default() += 1;
    }
    uses
}

fn show(xml: &mut Xml, policy: &Policy, uses: usize) {
    xml.text("PolicyName", &policy.name);
    xml.text("PolicyId", &policy.id);
    xml.text("Arn", &policy.arn);
    xml.text("Path", &policy.path);
    xml.text("DefaultVersionId", format_args!("v{}", policy.default));
    xml.text("AttachmentCount", uses);
    xml.text("PermissionsBoundaryUsageCount", 0);
    xml.text("IsAttachable", true);
    xml.maybe("Description", policy.description.as_ref());
    xml.text("CreateDate", iso8601(policy.created_s));
    xml.text("UpdateDate", iso8601(policy.updated_s));
    super::show_tags(xml, &policy.tags);
}
