//! What a stack's operation is about to change is kept first, and put back when the operation fails: exactly as it
//! was, which no operations in reverse could promise.
//!
//! What did not exist before is not kept: whoever made it deletes it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::control::Control;
use crate::control::perform::Errand;
use crate::model::arn::FunctionRef;
use crate::model::events::Rule;
use crate::model::iam::{Policy, Role};
use crate::model::ssm::Parameter;
use crate::model::{Api, ApiId, Function, Owner, RestApi};

/// What there was; `None`: nothing.
#[derive(Default)]
pub struct Undo {
    apis: BTreeMap<ApiId, Option<Api>>,
    rest_apis: BTreeMap<ApiId, Option<RestApi>>,
    functions: BTreeMap<(Owner, String), Option<Function>>,
    roles: BTreeMap<(String, String), Option<Role>>,
    policies: BTreeMap<(String, String), Option<Policy>>,
    parameters: BTreeMap<(Owner, String), Option<Parameter>>,
    rules: BTreeMap<(Owner, String, String), Option<Rule>>,
}

impl Undo {
    /// Whether what a service has is kept as it was. What others have is changed back by their operations.
    pub fn keeps(service: &str) -> bool {
        matches!(service, "apigateway" | "apigatewayv2" | "events" | "iam" | "lambda" | "ssm")
    }

    /// Keeps what an errand would change, unless it is kept already.
    pub fn keep(&mut self, control: &Control, errand: &Errand) {
        let Errand { owner, service, .. } = errand;
        let named = |name: &str| {
            errand.path.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
        };
        let member = |name: &str| errand.members.get(name).and_then(Value::as_str).map(str::to_owned);
        match *service {
            "apigateway" => {
                if let Some(id) = named("restapi_id").map(ApiId::new) {
                    self.rest_apis
                        .entry(id)
                        .or_insert_with_key(|id| control.store().rest_apis.get(id).cloned());
                }
            }
            "apigatewayv2" => {
                if let Some(id) = named("apiId").map(ApiId::new) {
                    self.apis.entry(id).or_insert_with_key(|id| control.store().apis.get(id).cloned());
                }
            }
            "events" => {
                if let Some(name) = member("Rule").or_else(|| member("Name")) {
                    let bus = member("EventBusName").unwrap_or_else(|| "default".into());
                    let entry = self.rules.entry(((*owner).clone(), bus, name));
                    entry.or_insert_with_key(|key| control.store().rules.get(key).cloned());
                }
            }
            "iam" => {
                if let Some(name) = member("RoleName") {
                    let entry = self.roles.entry((owner.account.clone(), name));
                    entry.or_insert_with_key(|key| control.store().iam.roles.get(key).cloned());
                }
                if let Some(arn) = member("PolicyArn") {
                    let entry = self.policies.entry((owner.account.clone(), arn));
                    entry.or_insert_with_key(|key| control.store().iam.policies.get(key).cloned());
                }
            }
            "lambda" => {
                let function = named("FunctionName").and_then(|name| FunctionRef::parse_name(name, owner));
                if let Some(FunctionRef { owner, name, .. }) = function {
                    let entry = self.functions.entry((owner, name));
                    entry.or_insert_with_key(|key| control.store().functions.get(key).cloned());
                }
            }
            "ssm" => {
                if let Some(name) = member("Name").or_else(|| member("ResourceId")) {
                    let entry = self.parameters.entry(((*owner).clone(), name));
                    entry.or_insert_with_key(|key| control.store().parameters.get(key).cloned());
                }
            }
            _ => {}
        }
    }

    /// Puts back what is still there.
    pub fn restore(self, control: &Control) {
        let mut store = control.store();
        let store_mut = &mut *store;
        store_mut.changed.apis.extend(put_back(&mut store_mut.apis, self.apis));
        store_mut.changed.rest_apis.extend(put_back(&mut store_mut.rest_apis, self.rest_apis));
        store_mut.changed.functions.extend(put_back(&mut store_mut.functions, self.functions));
        put_back(&mut store_mut.iam.roles, self.roles);
        put_back(&mut store_mut.iam.policies, self.policies);
        put_back(&mut store_mut.parameters, self.parameters);
        put_back(&mut store_mut.rules, self.rules);
        control.commit(store);
    }
}

/// The keys of what was put back.
fn put_back<K: Ord + Clone, V>(there: &mut BTreeMap<K, V>, kept: BTreeMap<K, Option<V>>) -> Vec<K> {
    let mut keys = Vec::new();
    for (key, value) in kept {
        if let (Some(value), Some(there)) = (value, there.get_mut(&key)) {
            *there = value;
            keys.push(key);
        }
    }
    keys
}
