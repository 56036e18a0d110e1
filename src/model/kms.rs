//! Keys of KMS, as far as they are named: there is no key material, and nothing is encrypted.

use std::collections::BTreeMap;

use super::Owner;

/// What KMS keeps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kms {
    /// By owner and `KeyId`.
    pub keys: BTreeMap<(Owner, String), Key>,
    /// `KeyId` by owner and `AliasName` (`alias/…`).
    pub aliases: BTreeMap<(Owner, String), Alias>,
}

/// A key's metadata.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// `CreationDate`: milliseconds since 1970.
    pub created_ms: u64,
    /// `Description`
    pub description: String,
    /// `KeyUsage`
    pub usage: &'static str,
    /// `KeySpec`
    pub spec: &'static str,
    /// `MultiRegion`
    pub multi_region: bool,
    /// The key's policy, as it was given.
    pub policy: Option<String>,
    /// `DeletionDate` of a key that is to be deleted: milliseconds since 1970.
    pub deletion_ms: Option<u64>,
    /// `Tags`
    pub tags: BTreeMap<String, String>,
}

/// A name of a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Alias {
    /// `TargetKeyId`
    pub key_id: String,
    /// `CreationDate`: milliseconds since 1970.
    pub created_ms: u64,
}
