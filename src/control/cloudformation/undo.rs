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
use crate::model::usage::{ApiKey, UsagePlan};
use crate::model::{Api, ApiId, Function, Owner, RestApi, Store};

/// What there was; `None`: nothing.
#[derive(Default)]
pub struct Undo {
    apis: BTreeMap<ApiId, Option<Api>>,
    rest_apis: BTreeMap<ApiId, Option<RestApi>>,
    api_keys: BTreeMap<String, Option<ApiKey>>,
    usage_plans: BTreeMap<String, Option<UsagePlan>>,
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
                let store = control.store();
                if let Some(id) = named("api_Key") {
                    let entry = self.api_keys.entry(id.to_owned());
                    entry.or_insert_with_key(|id| store.usage.keys.get(id).cloned());
                    self.keep_plans(&store, |plan| plan.keys.contains_key(id));
                }
                if let Some(id) = named("usageplanId") {
                    self.keep_plans(&store, |plan| plan.id == id);
                }
                if let Some(id) = named("restapi_id").map(ApiId::new) {
                    self.keep_plans(&store, |plan| plan.leads_to(id.as_str(), None));
                    self.rest_apis.entry(id).or_insert_with_key(|id| store.rest_apis.get(id).cloned());
                }
            }
            "apigatewayv2" => {
                if let Some(id) = named("apiId").map(ApiId::new) {
                    let store = control.store();
                    self.keep_plans(&store, |plan| plan.leads_to(id.as_str(), None));
                    self.apis.entry(id).or_insert_with_key(|id| store.apis.get(id).cloned());
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

    /// Keeps these usage plans: what leads out of a plan, a stage or a key, changes the plan when it goes.
    fn keep_plans(&mut self, store: &Store, is_kept: impl Fn(&UsagePlan) -> bool) {
        for plan in store.usage.plans.values().filter(|plan| is_kept(plan)) {
            self.usage_plans.entry(plan.id.clone()).or_insert_with(|| Some(plan.clone()));
        }
    }

    /// Puts back what is still there.
    pub fn restore(self, control: &Control) {
        let touches_keys = !self.api_keys.is_empty() || !self.usage_plans.is_empty();
        let mut store = control.store();
        let store_mut = &mut *store;
        store_mut.changed.apis.extend(put_back(&mut store_mut.apis, self.apis));
        store_mut.changed.rest_apis.extend(put_back(&mut store_mut.rest_apis, self.rest_apis));
        store_mut.changed.usage_plans.extend(put_back(&mut store_mut.usage.plans, self.usage_plans));
        put_back(&mut store_mut.usage.keys, self.api_keys);
        // What a key opens stands in its plans too.
        let keys = store_mut.usage.keys.values().map(|key| (key.owner.clone(), key.value.clone()));
        store_mut.changed.api_keys.extend(keys.filter(|_| touches_keys));
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
