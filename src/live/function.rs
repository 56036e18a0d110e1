//! A function, compiled: what each qualifier stands for, and who may invoke it.

use std::collections::HashMap;
use std::sync::Arc;

use super::permission::{self, Permission};
use crate::model;
use crate::model::function::Version;

/// See the module.
pub struct Function {
    latest: Arc<Version>,
    /// By number and by alias. An alias with weights stands for its main version.
    qualified: HashMap<String, Arc<Version>>,
    permissions: HashMap<Option<String>, Vec<Permission>>,
    /// The ids of its URLs.
    urls: Vec<String>,
}

impl Function {
    /// Compiles a function.
    pub fn new(function: &model::Function) -> Self {
        let mut qualified: HashMap<_, _> = function
            .versions
            .iter()
            .map(|(number, version)| (number.to_string(), Arc::clone(version)))
            .collect();
        qualified.insert("$LATEST".to_owned(), Arc::clone(&function.latest));
        for (name, alias) in &function.aliases {
            if let Some(version) = qualified.get(&alias.version) {
                qualified.insert(name.clone(), Arc::clone(version));
            }
        }
        let policies = function.policies.iter();
        Self {
            latest: Arc::clone(&function.latest),
            qualified,
            permissions: policies.map(|(q, policy)| (q.clone(), permission::permissions(policy))).collect(),
            urls: function.urls.values().map(|url| url.id.clone()).collect(),
        }
    }

    /// What a qualifier stands for; none: `$LATEST`.
    pub fn version(&self, qualifier: Option<&str>) -> Option<&Arc<Version>> {
        match qualifier {
            None => Some(&self.latest),
            Some(qualifier) => self.qualified.get(qualifier),
        }
    }

    /// Whether any qualifier stands for the version with this serial.
    pub fn has(&self, serial: u64) -> bool {
        self.qualified.values().any(|version| version.serial == serial)
    }

    /// The ids of its URLs.
    pub fn urls(&self) -> &[String] {
        &self.urls
    }

    /// Whether a call from this `execute-api` ARN may invoke it under this qualifier. Each has a policy of its own.
    pub fn lets(&self, qualifier: &Option<String>, arn: &str, account: &str) -> bool {
        self.permissions.get(qualifier).is_some_and(|all| all.iter().any(|p| p.covers(arn, account)))
    }
}
