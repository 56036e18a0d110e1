//! IAM: roles and managed policies. They are kept, and nobody is refused anything by them.

use std::collections::BTreeMap;

/// What IAM keeps, by account: it knows no regions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Iam {
    /// By account and name.
    pub roles: BTreeMap<(String, String), Role>,
    /// Managed policies of customers, by account and ARN.
    pub policies: BTreeMap<(String, String), Policy>,
}

/// A role.
#[derive(Clone, Debug, PartialEq)]
pub struct Role {
    /// `RoleName`
    pub name: String,
    /// `Path`: from a slash to a slash.
    pub path: String,
    /// `RoleId`: `AROA…`
    pub id: String,
    /// `arn:aws:iam::000000000000:role/path/name`
    pub arn: String,
    /// Seconds since 1970.
    pub created_s: u64,
    /// `AssumeRolePolicyDocument`
    pub trust: String,
    /// `Description`
    pub description: Option<String>,
    /// `MaxSessionDuration`, in seconds.
    pub max_session_s: u32,
    /// `PermissionsBoundary`: a policy's ARN.
    pub boundary: Option<String>,
    /// Documents of the role's own policies, by name.
    pub inline: BTreeMap<String, String>,
    /// ARNs of managed policies, in the order of their names.
    pub attached: Vec<String>,
    /// `Tags`
    pub tags: BTreeMap<String, String>,
}

/// A managed policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// `PolicyName`
    pub name: String,
    /// `Path`
    pub path: String,
    /// `PolicyId`: `ANPA…`
    pub id: String,
    /// `arn:aws:iam::000000000000:policy/path/name`
    pub arn: String,
    /// `Description`
    pub description: Option<String>,
    /// Seconds since 1970.
    pub created_s: u64,
    /// When a version was made last.
    pub updated_s: u64,
    /// By number: `v1` is 1. At most five.
    pub versions: BTreeMap<u32, PolicyVersion>,
    /// The number of the default version.
    pub default: u32,
    /// The number of the next one.
    pub next: u32,
    /// `Tags`
    pub tags: BTreeMap<String, String>,
}

/// A version of a managed policy.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyVersion {
    /// The document.
    pub document: String,
    /// Seconds since 1970.
    pub created_s: u64,
}
