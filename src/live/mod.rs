//! What runs: the model, compiled. Immutable, shared, complete; a request is served by one [`Live`] from its
//! first to its last step.
//!
//! Apis and functions lie in shards, so that a change copies one shard and shares the rest.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::function::Version;
use crate::model::{Settings, Store};

/// A snapshot of everything that the data plane needs.
pub struct Live {
    /// What changes answers.
    pub settings: Arc<Settings>,
}

impl Live {
    /// A snapshot of an empty store.
    pub fn empty(_settings: Arc<Settings>) -> Self {
        unimplemented!()
    }
    /// The snapshot after this one: compiles what `store.changed` names, shares the rest.
    pub fn next(&self, _store: &Store) -> Self {
        unimplemented!()
    }
    /// The function version that a name and qualifier stand for now (`None` qualifier: `$LATEST`).
    pub fn function(&self, _name: &crate::model::arn::FunctionRef) -> Option<Arc<Version>> {
        unimplemented!()
    }
    /// Whether this version can still be invoked: workers of others are retired.
    pub fn is_current(&self, _version: &Version) -> bool {
        unimplemented!()
    }
}

/// Kept apart from [`Live`] so that a change copies one shard.
pub type Shard<K, V> = Arc<HashMap<K, V>>;
