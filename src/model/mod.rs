//! What exists: apis, functions and what belongs to them, as plain data. The control plane changes it under one
//! lock; the data plane never sees it, only what `live/` compiled from it.

pub mod api;
pub mod arn;
pub mod bucket;
pub mod function;
pub mod invocation;
pub mod settings;

use std::collections::{BTreeMap, BTreeSet};

use crate::base::Rng;

pub use api::{Api, ApiId};
pub use bucket::Bucket;
pub use function::Function;
pub use settings::Settings;

/// Whose a resource is and where: accounts and regions see nothing of each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner {
    /// Twelve digits; `000000000000` unless the access key says otherwise.
    pub account: String,
    /// `us-east-1` unless the request's signature or host says otherwise.
    pub region: String,
}

/// Everything that exists.
pub struct Store {
    /// V2 apis. Their ids are unique across accounts and regions, since a URL names nothing else.
    pub apis: BTreeMap<ApiId, Api>,
    /// Functions by owner and name.
    pub functions: BTreeMap<(Owner, String), Function>,
    /// Buckets by name: unique across accounts and regions, since a URL names nothing else.
    pub buckets: BTreeMap<String, Bucket>,
    /// [`function::Version::serial`] of the next version.
    pub next_serial: u64,
    /// Where new ids come from.
    pub rng: Rng,
    /// What the next [`crate::live::Live`] must compile anew.
    pub changed: Changed,
}

/// What changed since the last snapshot was compiled.
#[derive(Debug, Default)]
pub struct Changed {
    /// Apis made, changed or deleted.
    pub apis: BTreeSet<ApiId>,
    /// Functions made, changed or deleted.
    pub functions: BTreeSet<(Owner, String)>,
}

impl Changed {
    /// Whether nothing changed: then there is nothing to publish.
    pub fn is_empty(&self) -> bool {
        self.apis.is_empty() && self.functions.is_empty()
    }
}

impl Store {
    /// An empty store that draws ids from `rng`.
    pub fn new(rng: Rng) -> Self {
        Self {
            apis: BTreeMap::new(),
            functions: BTreeMap::new(),
            buckets: BTreeMap::new(),
            next_serial: 1,
            rng,
            changed: Changed::default(),
        }
    }

    /// Empties the store. Serials go on: workers of what was there may still be ending.
    pub fn clear(&mut self) {
        let next_serial = self.next_serial;
        *self = Self { next_serial, ..Self::new(self.rng.fork()) };
    }

    /// A serial that no version ever had.
    pub fn serial(&mut self) -> u64 {
        let serial = self.next_serial;
        self.next_serial += 1;
        serial
    }
}
