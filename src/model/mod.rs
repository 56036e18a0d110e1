//! What exists: apis, functions and what belongs to them, as plain data. The control plane changes it under one
//! lock; the data plane never sees it, only what `live/` compiled from it.

pub mod api;
pub mod arn;
pub mod bucket;
pub mod domain;
pub mod ecr;
pub mod events;
pub mod function;
pub mod iam;
pub mod invocation;
pub mod kms;
pub mod layer;
pub mod logs;
pub mod portal;
pub mod rest;
pub mod service;
pub mod settings;
pub mod ssm;
pub mod stack;
pub mod usage;
pub mod vpc_link;

use std::collections::{BTreeMap, BTreeSet};

use crate::base::{Rng, ids};

pub use api::{Api, ApiId};
pub use bucket::Bucket;
pub use domain::Domain;
pub use function::Function;
pub use rest::RestApi;
pub use settings::Settings;
pub use stack::Stack;

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
    /// V2 apis. Ids of apis are unique across versions, accounts and regions, since a URL names nothing else:
    /// [`Store::has_api`].
    pub apis: BTreeMap<ApiId, Api>,
    /// V1 apis.
    pub rest_apis: BTreeMap<ApiId, RestApi>,
    /// Custom domain names, in lower case.
    pub domains: BTreeMap<String, Domain>,
    /// `cloudwatchRoleArn` of the accounts that have one, which V1 has by region.
    pub log_roles: BTreeMap<Owner, String>,
    /// Functions by owner and name.
    pub functions: BTreeMap<(Owner, String), Function>,
    /// Buckets by name: unique across accounts and regions, since a URL names nothing else.
    pub buckets: BTreeMap<String, Bucket>,
    /// Whose each function's URL is, by its id: a URL names nothing else.
    pub function_urls: BTreeMap<String, (Owner, String)>,
    /// Roles and policies.
    pub iam: iam::Iam,
    /// Parameters of Systems Manager.
    pub parameters: ssm::Parameters,
    /// Repositories of container images.
    pub repositories: ecr::Repositories,
    /// Keys of KMS.
    pub kms: kms::Kms,
    /// Rules of EventBridge.
    pub rules: events::Rules,
    /// API keys and usage plans.
    pub usage: usage::Usage,
    /// VPC links of V2.
    pub vpc_links: vpc_link::VpcLinks,
    /// Portals of V2 and their products.
    pub portals: portal::Portals,
    /// Stacks by id (an ARN), deleted ones too for a while.
    pub stacks: BTreeMap<String, Stack>,
    /// Layers of functions.
    pub layers: layer::Layers,
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
    /// V2 apis made, changed or deleted.
    pub apis: BTreeSet<ApiId>,
    /// V1 apis made, changed or deleted.
    pub rest_apis: BTreeSet<ApiId>,
    /// Custom domain names made, changed or deleted.
    pub domains: BTreeSet<String>,
    /// API keys made, changed, deleted, put into a usage plan or taken out of one: by owner and value.
    pub api_keys: BTreeSet<(Owner, String)>,
    /// Usage plans made, changed or deleted, by id.
    pub usage_plans: BTreeSet<String>,
    /// Functions made, changed or deleted.
    pub functions: BTreeSet<(Owner, String)>,
    /// Tokens of sessions that began or ended.
    pub sessions: BTreeSet<String>,
}

impl Changed {
    /// Whether nothing changed: then there is nothing to publish.
    pub fn is_empty(&self) -> bool {
        self.apis.is_empty()
            && self.rest_apis.is_empty()
            && self.domains.is_empty()
            && self.api_keys.is_empty()
            && self.usage_plans.is_empty()
            && self.functions.is_empty()
            && self.sessions.is_empty()
    }
}

impl Store {
    /// An empty store that draws ids from `rng`.
    pub fn new(rng: Rng) -> Self {
        Self {
            apis: BTreeMap::new(),
            rest_apis: BTreeMap::new(),
            domains: BTreeMap::new(),
            log_roles: BTreeMap::new(),
            functions: BTreeMap::new(),
            buckets: BTreeMap::new(),
            function_urls: BTreeMap::new(),
            iam: iam::Iam::default(),
            parameters: BTreeMap::new(),
            repositories: BTreeMap::new(),
            kms: kms::Kms::default(),
            rules: BTreeMap::new(),
            usage: usage::Usage::default(),
            vpc_links: BTreeMap::new(),
            portals: portal::Portals::default(),
            stacks: BTreeMap::new(),
            layers: BTreeMap::new(),
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

    /// Whether an api, V1 or V2, has this id.
    pub fn has_api(&self, id: &str) -> bool {
        self.apis.contains_key(id) || self.rest_apis.contains_key(id)
    }

    /// Whether a custom domain name leads to the api, and to this stage of it if one is given.
    pub fn is_mapped(&self, api: &str, stage: Option<&str>) -> bool {
        self.domains.values().any(|domain| domain.leads_to(api, stage))
    }

    /// An api is about to go, or this stage of it: no usage plan has it any longer.
    pub fn leave_usage_plans(&mut self, api: &str, stage: Option<&str>) {
        for plan in self.usage.plans.values_mut().filter(|plan| plan.leads_to(api, stage)) {
            plan.stages
                .retain(|known| known.api.as_str() != api || stage.is_some_and(|stage| known.stage != stage));
            self.changed.usage_plans.insert(plan.id.clone());
        }
    }

    /// An id that no api has.
    pub fn new_api_id(&mut self) -> ApiId {
        loop {
            let id = ids::lower_alnum(&mut self.rng, 10);
            if !self.has_api(&id) {
                return ApiId::new(id);
            }
        }
    }

    /// A serial that no version ever had.
    pub fn serial(&mut self) -> u64 {
        let serial = self.next_serial;
        self.next_serial += 1;
        serial
    }
}
