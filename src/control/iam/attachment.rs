//! Managed policies of a role. Those of AWS exist by their names alone.

use super::{limit, no_such, page, path, policy, policy_arn, role};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::form::Form;
use crate::control::wire::xml::Xml;
use crate::model::Store;

/// AWS: 10, or 20 when asked for.
const MAX_ATTACHED: usize = 20;

/// AttachRolePolicy
pub fn attach(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let arn = policy_arn(&Form::of(call))?;
    let known = policy::is_of_aws(arn)
        || store.iam.policies.contains_key(&(call.owner.account.clone(), arn.to_owned()));
    let role = role::named_mut(store, call)?;
    if !known {
        return Err(no_such(format!("Policy {arn} does not exist or is not attachable.")));
    }
    let place = role.attached.binary_search_by(|other| key(other).cmp(key(arn)));
    let Err(place) = place else { return Ok(Xml::default().answer()) };
    if role.attached.len() >= MAX_ATTACHED {
        return Err(limit(format!("Cannot exceed quota for PoliciesPerRole: {MAX_ATTACHED}")));
    }
    role.attached.insert(place, arn.to_owned());
    Ok(Xml::default().answer())
}

/// DetachRolePolicy
pub fn detach(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let arn = policy_arn(&Form::of(call))?;
    let role = role::named_mut(store, call)?;
    match role.attached.iter().position(|other| other == arn) {
        Some(at) => drop(role.attached.remove(at)),
        None => return Err(no_such(format!("Policy {arn} was not found."))),
    }
    Ok(Xml::default().answer())
}

/// ListAttachedRolePolicies
pub fn list(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let prefix = path(&Form::of(call), "PathPrefix")?;
    let role = role::named(store, call)?;
    let policies = role.attached.iter().map(|arn| (key(arn), arn));
    let policies = policies.filter(|(key, _)| key.starts_with(prefix));
    page(call, "AttachedPolicies", policies, |xml, arn| {
        xml.text("PolicyName", arn.rsplit('/').next().unwrap_or_default());
        xml.text("PolicyArn", arn);
    })
}

/// Path and name: what stands behind `arn:aws:iam::…:policy`. Two accounts' policies of one name are told apart by
/// who owns the role.
fn key(arn: &str) -> &str {
    arn.find('/').map_or("", |at| &arn[at..])
}
