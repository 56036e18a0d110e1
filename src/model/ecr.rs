//! Repositories of container images. There are no images.

use std::collections::BTreeMap;

use super::Owner;

/// Repositories by owner and name.
pub type Repositories = BTreeMap<(Owner, String), Repository>;

/// A repository.
#[derive(Clone, Debug, PartialEq)]
pub struct Repository {
    /// `repositoryName`
    pub name: String,
    /// `createdAt`: seconds since 1970.
    pub created_s: u64,
    /// `imageTagMutability`
    pub mutability: &'static str,
    /// `imageScanningConfiguration.scanOnPush`
    pub scan_on_push: bool,
    /// `encryptionConfiguration`
    pub encryption: serde_json::Value,
    /// `tags`
    pub tags: BTreeMap<String, String>,
}
