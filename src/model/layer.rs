//! Layers: code that functions share, in versions that never change.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Owner;
use super::function::Code;

/// Layers by owner and name.
pub type Layers = BTreeMap<(Owner, String), Layer>;

/// A layer.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    /// By number. A function that has one keeps it, also when it is deleted here.
    pub versions: BTreeMap<u64, Arc<LayerVersion>>,
    /// The number that the next version gets; numbers are never used again.
    pub next: u64,
}

/// A version of a layer.
#[derive(Debug)]
pub struct LayerVersion {
    /// Whose it is.
    pub owner: Owner,
    /// `LayerName`
    pub name: String,
    /// `Version`
    pub number: u64,
    /// `Description`
    pub description: String,
    /// `LicenseInfo`
    pub license: Option<String>,
    /// `CompatibleRuntimes`
    pub runtimes: Vec<String>,
    /// `CompatibleArchitectures`
    pub architectures: Vec<String>,
    /// `CreatedDate`: milliseconds since 1970.
    pub created_ms: u64,
    /// What functions see in `/opt` on AWS.
    pub code: Arc<Code>,
}

impl LayerVersion {
    /// `LayerArn`
    pub fn layer_arn(&self) -> String {
        format!("arn:aws:lambda:{}:{}:layer:{}", self.owner.region, self.owner.account, self.name)
    }

    /// `LayerVersionArn`
    pub fn arn(&self) -> String {
        format!("{}:{}", self.layer_arn(), self.number)
    }
}
