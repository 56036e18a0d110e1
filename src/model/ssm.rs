//! Parameters of Systems Manager.

use std::collections::{BTreeMap, VecDeque};

use super::Owner;

/// Parameters by owner and name.
pub type Parameters = BTreeMap<(Owner, String), Parameter>;

/// A parameter with its history.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// As it was given: with a slash in front, or without.
    pub name: String,
    /// Whose it is.
    pub owner: Owner,
    /// The versions that are kept, the latest one last; never empty.
    pub versions: VecDeque<Version>,
    /// `Tags`
    pub tags: BTreeMap<String, String>,
}

/// A version of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// `Version`: the first one is 1.
    pub number: u64,
    /// `Value`, in clear: nothing is encrypted.
    pub value: String,
    /// `Type`: `String`, `StringList` or `SecureString`.
    pub kind: &'static str,
    /// `Description`
    pub description: Option<String>,
    /// `KeyId` of a `SecureString`.
    pub key_id: Option<String>,
    /// `AllowedPattern`
    pub allowed_pattern: Option<String>,
    /// `Tier`
    pub tier: &'static str,
    /// `DataType`
    pub data_type: String,
    /// `LastModifiedDate`: milliseconds since 1970.
    pub modified_ms: u64,
}

impl Parameter {
    /// The latest version.
    pub fn latest(&self) -> &Version {
        self.versions.back().expect("a parameter has at least one version")
    }
}
