//! What a stack's operation is about to change is kept first, and put back when the operation fails: exactly as it
//! was, which no operations in reverse could promise.
//!
//! What did not exist before is not kept: whoever made it deletes it.

use std::collections::BTreeMap;

use crate::control::Control;
use crate::model::arn::FunctionRef;
use crate::model::{Api, ApiId, Function, Owner};

/// What there was.
#[derive(Default)]
pub struct Undo {
    apis: BTreeMap<ApiId, Option<Api>>,
    functions: BTreeMap<(Owner, String), Option<Function>>,
}

impl Undo {
    /// Keeps what an operation with this path would change, unless it is kept already.
    pub fn keep(&mut self, control: &Control, owner: &Owner, service: &str, path: &[(&str, String)]) {
        let named =
            |name: &str| path.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
        match service {
            "apigatewayv2" => {
                if let Some(id) = named("apiId").map(ApiId::new) {
                    self.apis.entry(id).or_insert_with_key(|id| control.store().apis.get(id).cloned());
                }
            }
            "lambda" => {
                let function = named("FunctionName").and_then(|name| FunctionRef::parse_name(name, owner));
                if let Some(FunctionRef { owner, name, .. }) = function {
                    let entry = self.functions.entry((owner, name));
                    entry.or_insert_with_key(|key| control.store().functions.get(key).cloned());
                }
            }
            _ => {}
        }
    }

    /// Puts back what is still there.
    pub fn restore(self, control: &Control) {
        let mut store = control.store();
        for (id, api) in self.apis {
            if let (Some(api), true) = (api, store.apis.contains_key(&id)) {
                store.changed.apis.insert(id.clone());
                store.apis.insert(id, api);
            }
        }
        for (key, function) in self.functions {
            if let (Some(function), true) = (function, store.functions.contains_key(&key)) {
                store.changed.functions.insert(key.clone());
                store.functions.insert(key, function);
            }
        }
        control.commit(store);
    }
}
