//! What runs: the model, compiled. Immutable, shared, complete; a request is served by one [`Live`] from its
//! first to its last step.
//!
//! Apis and functions lie in shards, so that a change copies one shard and shares the rest; of an api that
//! changed, the stages that did not are shared too.

pub mod access;
pub mod access_log;
pub mod api;
pub mod cors;
pub mod domain;
mod function;
pub mod function_url;
pub mod host;
pub mod json_path;
pub mod keys;
pub mod mapping;
pub mod matcher;
pub mod outside;
pub mod permission;
mod principal;
pub mod response_key;
pub mod rest;
mod scan;
pub mod schema;
pub mod selection;
pub mod service;
mod shards;
pub mod throttle;
pub mod uri;
pub mod websocket;

use std::collections::HashMap;
use std::sync::Arc;

pub use access::Access;
pub use api::{Api, Integration, Route, Stage};

use crate::model::function::Version;
use crate::model::iam::Session;
use crate::model::settings::Parity;
use crate::model::{ApiId, Owner, Settings, Store};
use crate::proto::http1::Request;
use domain::Domain;
use function::Function;
use function_url::FunctionUrl;
use host::Address;
use keys::Keys;
use outside::Outside;
use shards::Shards;

/// A snapshot of everything that the data plane needs.
pub struct Live {
    /// What changes answers.
    pub settings: Arc<Settings>,
    /// Where that is which is not here.
    pub outside: Arc<Outside>,
    /// Who may enter where a key is asked for.
    pub keys: Keys,
    apis: Shards<ApiId, AnyApi>,
    /// Few, and most often none: looking for one then costs nothing.
    domains: Arc<HashMap<String, Arc<Domain>>>,
    functions: Shards<(Owner, String), Arc<Function>>,
    /// By id, in lower case.
    urls: Shards<String, Arc<FunctionUrl>>,
    /// By token.
    sessions: Shards<String, Arc<Session>>,
}

/// An api of either version: one id has one of them.
#[derive(Clone)]
pub enum AnyApi {
    /// An HTTP or a WebSocket API.
    V2(Arc<Api>),
    /// A REST API.
    V1(Arc<rest::Api>),
}

/// What a URL leads to. Without a stage, or without a route, there is nothing to serve.
pub struct Found<'l, 'p> {
    /// The api.
    pub api: &'l Arc<Api>,
    /// The stage, if there is one.
    pub stage: Option<&'l Arc<Stage>>,
    /// The number of the route in the stage, if one matched.
    pub route: Option<usize>,
    /// The path behind the stage: empty, or from a slash on.
    pub path: &'p str,
}

impl Live {
    /// A snapshot of an empty store.
    pub fn empty(settings: Arc<Settings>) -> Self {
        Self {
            outside: Arc::new(Outside::new(&settings)),
            settings,
            keys: Keys::default(),
            apis: Shards::default(),
            domains: Arc::default(),
            functions: Shards::default(),
            urls: Shards::default(),
            sessions: Shards::default(),
        }
    }

    /// The snapshot after this one: compiles what `store.changed` names, shares the rest.
    pub fn next(&self, store: &Store) -> Self {
        let mut next = Self {
            settings: Arc::clone(&self.settings),
            outside: Arc::clone(&self.outside),
            keys: self.keys.next(store),
            apis: self.apis.clone(),
            domains: Arc::clone(&self.domains),
            functions: self.functions.clone(),
            urls: self.urls.clone(),
            sessions: self.sessions.clone(),
        };
        for id in store.changed.apis.iter().chain(&store.changed.rest_apis) {
            next.apis.set(id.clone(), self.compiled(store, id));
        }
        for name in &store.changed.domains {
            let domains = Arc::make_mut(&mut next.domains);
            match store.domains.get(name) {
                Some(domain) => domains.insert(name.clone(), Arc::new(Domain::new(domain))),
                None => domains.remove(name),
            };
        }
        for key in &store.changed.functions {
            for id in self.functions.get(key).into_iter().flat_map(|before| before.urls()) {
                next.urls.set(id.clone(), None);
            }
            let function = store.functions.get(key);
            for (qualifier, url) in function.iter().flat_map(|function| &function.urls) {
                let compiled = function.map(|function| FunctionUrl::new(function, qualifier.as_ref(), url));
                next.urls.set(url.id.clone(), compiled.map(Arc::new));
            }
            next.functions.set(key.clone(), function.map(|function| Arc::new(Function::new(function))));
        }
        for token in &store.changed.sessions {
            next.sessions.set(token.clone(), store.iam.sessions.get(token).cloned().map(Arc::new));
        }
        next
    }

    /// The api with this id, in any case. A VPC endpoint may stand behind it, as in the URLs of private apis.
    pub fn api(&self, id: &str) -> Option<&AnyApi> {
        let find = |id: &str| match id.bytes().any(|b| b.is_ascii_uppercase()) {
            true => self.apis.get(&*id.to_ascii_lowercase()),
            false => self.apis.get(id),
        };
        find(id).or_else(|| find(id.split_once("-vpce-")?.0))
    }

    /// The same, if it is an HTTP or a WebSocket API.
    pub fn v2(&self, id: &str) -> Option<&Arc<Api>> {
        self.api(id).and_then(AnyApi::v2)
    }

    /// The custom domain name that a request's `Host` is: itself, or with any label in place of its first.
    pub fn domain(&self, host: &str) -> Option<&Arc<Domain>> {
        if self.domains.is_empty() {
            return None;
        }
        let name = domain::spelled(host);
        self.domains.get(&name).or_else(|| {
            let (_, parent) = name.split_once('.')?;
            self.domains.get(&format!("*.{parent}"))
        })
    }

    /// Stage and route of a request to an HTTP API.
    pub fn find<'l, 'p>(&self, api: &'l Arc<Api>, address: &Address<'p>, method: &str) -> Found<'l, 'p> {
        let place = api.place(address.stage, address.path, self.settings.parity);
        let Some(place) = place.filter(|place| address.stage.is_open(place.stage.disabled)) else {
            return Found { api, stage: None, route: None, path: address.path };
        };
        let route = place.route(method);
        if route.is_none()
            && self.settings.parity == Parity::LocalStack
            && let Some(behind) = place.behind_label()
            && let Some(route) = behind.route(method)
        {
            return Found { api, stage: Some(behind.stage), route: Some(route), path: behind.path };
        }
        Found { api, stage: Some(place.stage), route, path: place.path }
    }

    /// The function's URL with this id, in any case.
    pub fn function_url(&self, id: &str) -> Option<&Arc<FunctionUrl>> {
        match id.bytes().any(|b| b.is_ascii_uppercase()) {
            true => self.urls.get(&*id.to_ascii_lowercase()),
            false => self.urls.get(id),
        }
    }

    /// The ports of WebSocket APIs' own, each with whose it is.
    pub fn ports(&self) -> impl Iterator<Item = (u16, &Arc<Api>)> {
        self.apis.values().filter_map(AnyApi::v2).filter_map(|api| Some((api.port?, api)))
    }

    /// The function version that a name and qualifier stand for now (`None` qualifier: `$LATEST`).
    pub fn function(&self, name: &crate::model::arn::FunctionRef) -> Option<Arc<Version>> {
        let function = self.functions.get(&(name.owner.clone(), name.name.clone()))?;
        function.version(name.qualifier.as_deref()).map(Arc::clone)
    }

    /// The function version that an integration names, now.
    pub fn function_of(&self, lambda: &api::Lambda) -> Option<&Arc<Version>> {
        self.functions.get(&lambda.function)?.version(lambda.qualifier.as_deref())
    }

    /// Whether the function's policy lets a route with this `execute-api` ARN invoke it.
    pub fn may_invoke(&self, lambda: &api::Lambda, arn: &str, account: &str) -> bool {
        self.functions.get(&lambda.function).is_some_and(|f| f.lets(&lambda.qualifier, arn, account))
    }

    /// Whether this version can still be invoked: workers of others are retired.
    pub fn is_current(&self, version: &Version) -> bool {
        let function = self.functions.get(&(version.owner.clone(), version.name.clone()));
        function.is_some_and(|function| function.has(version.serial))
    }

    /// What an id stands for in the store.
    fn compiled(&self, store: &Store, id: &ApiId) -> Option<AnyApi> {
        let before = self.apis.get(id);
        if let Some(api) = store.apis.get(id) {
            let before = before.and_then(AnyApi::v2).map(|api| &**api);
            return Some(AnyApi::V2(Arc::new(Api::new(api, before, self.settings.parity))));
        }
        let before = before.and_then(AnyApi::v1).map(|api| &**api);
        store.rest_apis.get(id).map(|api| AnyApi::V1(Arc::new(rest::Api::new(api, before))))
    }
}

impl AnyApi {
    fn v2(&self) -> Option<&Arc<Api>> {
        match self {
            Self::V2(api) => Some(api),
            Self::V1(_) => None,
        }
    }

    fn v1(&self) -> Option<&Arc<rest::Api>> {
        match self {
            Self::V1(api) => Some(api),
            Self::V2(_) => None,
        }
    }
}

/// Which api a request is for, by the custom domain name that its `Host` is ([`Live::domain`]), if it is one. `None`:
/// none. One to a VPC endpoint's own host (`vpce-{id}.execute-api…`) names it in a header (AWS: "Invoke a private API").
pub fn address<'a>(domain: Option<&'a Arc<Domain>>, request: &'a Request) -> Option<Address<'a>> {
    if let Some(domain) = domain {
        return domain.address(request.path(), || request.headers());
    }
    let address = host::address(request.host(), request.path())?;
    let named = address.api.starts_with("vpce-").then(|| request.header("x-apigw-api-id")).flatten();
    let api = named.and_then(|api| std::str::from_utf8(api).ok()).unwrap_or(address.api);
    Some(Address { api, ..address })
}
