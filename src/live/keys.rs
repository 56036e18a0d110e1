//! [`Keys`]: API keys and usage plans, compiled: who may enter a stage that asks for a key, and how fast.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::shards::Shards;
use super::throttle::{Pace, method_key};
use crate::base::map::map_of;
use crate::model::usage::{ApiKey, Meter, Quota, Usage, UsagePlan};
use crate::model::{ApiId, Owner, Store};

/// See the module.
#[derive(Clone, Default)]
pub struct Keys {
    /// By value. Owners are few.
    keys: Arc<BTreeMap<Owner, Shards<String, Arc<Key>>>>,
    /// By id.
    plans: Arc<HashMap<String, Arc<Plan>>>,
}

/// An API key that is enabled.
#[derive(Debug)]
pub struct Key {
    /// `id`
    pub id: Box<str>,
    /// `value`
    pub value: Box<str>,
    members: Box<[Member]>,
}

/// What a key is in a usage plan.
#[derive(Debug)]
struct Member {
    plan: Box<str>,
    /// `{plan}/{key}`: which bucket of tokens.
    bucket: Box<str>,
    meter: Arc<Meter>,
}

/// A usage plan.
struct Plan {
    stages: BTreeMap<ApiId, BTreeMap<String, Methods>>,
    pace: Option<Pace>,
    quota: Option<Quota>,
}

/// What is said of single methods, by `GET /pets`.
type Methods = BTreeMap<String, Option<Pace>>;

/// What a key that opens a stage may do there.
pub struct Pass<'l> {
    /// `quota`
    pub quota: Option<Quota>,
    /// What counts its uses.
    pub meter: &'l Meter,
    plan: &'l Plan,
    methods: &'l Methods,
    bucket: &'l str,
}

impl Keys {
    /// What comes after this: compiles what `store.changed` names, shares the rest.
    pub(super) fn next(&self, store: &Store) -> Self {
        let mut next = self.clone();
        if !store.changed.api_keys.is_empty() {
            let keys = Arc::make_mut(&mut next.keys);
            for (owner, value) in &store.changed.api_keys {
                let id = store.usage.values.get(&(owner.clone(), value.clone()));
                let key = id.and_then(|id| store.usage.keys.get(id)).filter(|key| key.enabled);
                let compiled = key.map(|key| Arc::new(Key::new(key, &store.usage)));
                keys.entry(owner.clone()).or_default().set(value.clone(), compiled);
            }
        }
        if !store.changed.usage_plans.is_empty() {
            let plans = Arc::make_mut(&mut next.plans);
            for id in &store.changed.usage_plans {
                match store.usage.plans.get(id) {
                    Some(plan) => plans.insert(id.clone(), Arc::new(Plan::new(plan))),
                    None => plans.remove(id),
                };
            }
        }
        next
    }

    /// The key of this value, if there is one that is enabled.
    pub fn find(&self, owner: &Owner, value: &str) -> Option<&Arc<Key>> {
        self.keys.get(owner)?.get(value)
    }

    /// What a key may do at a stage. `None`: it doesn't open it.
    pub fn pass<'l>(&'l self, key: &'l Key, api: &ApiId, stage: &str) -> Option<Pass<'l>> {
        key.members.iter().find_map(|member| {
            let plan = &**self.plans.get(&*member.plan)?;
            let methods = plan.stages.get(api)?.get(stage)?;
            Some(Pass { quota: plan.quota, meter: &member.meter, plan, methods, bucket: &member.bucket })
        })
    }
}

impl Pass<'_> {
    /// How fast a route, by its key, may be asked, and which bucket is asked. `None`: as fast as one likes.
    ///
    /// A bucket's name is made up only where something is said of the route itself.
    pub fn pace<T>(&self, place: (&ApiId, &str, &str), with: impl FnOnce(&str, Pace) -> T) -> Option<T> {
        let (api, stage, route) = place;
        match self.methods.get(route) {
            Some(pace) => pace.map(|pace| with(&format!("{}/{api}/{stage}/{route}", self.bucket), pace)),
            None => self.plan.pace.map(|pace| with(self.bucket, pace)),
        }
    }
}

impl Key {
    fn new(key: &ApiKey, usage: &Usage) -> Self {
        let members = usage.plans.values().filter_map(|plan| {
            let member = plan.keys.get(&key.id)?;
            Some(Member {
                plan: plan.id.as_str().into(),
                bucket: format!("{}/{}", plan.id, key.id).into(),
                meter: Arc::clone(&member.meter),
            })
        });
        Self { id: key.id.as_str().into(), value: key.value.as_str().into(), members: members.collect() }
    }
}

impl Plan {
    fn new(plan: &UsagePlan) -> Self {
        let mut stages = BTreeMap::<ApiId, BTreeMap<String, Methods>>::new();
        for stage in &plan.stages {
            let methods = stage.throttle.iter().filter_map(|(path, rate)| {
                let (path, method) = path.rsplit_once('/')?;
                Some((method_key(path, method), Pace::of(rate.rate, rate.burst)))
            });
            let of_api = stages.entry(stage.api.clone()).or_default();
            of_api.insert(stage.stage.clone(), map_of(methods));
        }
        let pace = plan.throttle.and_then(|rate| Pace::of(rate.rate, rate.burst));
        Self { stages, pace, quota: plan.quota }
    }
}
