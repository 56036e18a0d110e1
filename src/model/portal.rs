//! Portals of API Gateway V2, and the products that they show. They are kept, and nothing serves them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Owner;

/// All of them, by id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Portals {
    /// By `portalId`.
    pub portals: BTreeMap<String, Portal>,
    /// By `portalProductId`.
    pub products: BTreeMap<String, Product>,
}

/// A portal.
#[derive(Clone, Debug, PartialEq)]
pub struct Portal {
    /// `portalId`
    pub id: String,
    /// Whose it is.
    pub owner: Owner,
    /// What CreatePortal and UpdatePortal said, checked: `authorization`, `portalContent`, ….
    pub said: Map<String, Value>,
    /// `tags`
    pub tags: BTreeMap<String, String>,
    /// Seconds since 1970.
    pub modified: u64,
    /// `publishStatus`; `None`: it was never published.
    pub status: Option<Status>,
    /// When it was published last, in seconds since 1970, and what was said of that.
    pub published: Option<(u64, Option<String>)>,
    /// Whether there is a preview.
    pub previewed: bool,
}

/// `publishStatus`: what takes AWS some time is done at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// `PUBLISHED`
    Published,
    /// `DISABLED`
    Disabled,
}

/// A portal product: REST APIs' documentation.
#[derive(Clone, Debug, PartialEq)]
pub struct Product {
    /// `portalProductId`
    pub id: String,
    /// Whose it is.
    pub owner: Owner,
    /// What was said, checked: `displayName`, `description`, `displayOrder`.
    pub said: Map<String, Value>,
    /// `tags`
    pub tags: BTreeMap<String, String>,
    /// Seconds since 1970.
    pub modified: u64,
    /// `policyDocument` of its sharing policy.
    pub policy: Option<String>,
    /// By `productPageId`.
    pub pages: BTreeMap<String, Page>,
    /// By `productRestEndpointPageId`.
    pub endpoints: BTreeMap<String, Page>,
}

/// A page of a product, of either kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// What was said, checked.
    pub said: Map<String, Value>,
    /// Seconds since 1970.
    pub modified: u64,
}
