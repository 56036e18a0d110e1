//! IAM: roles and managed policies, and the sessions that STS gave to those who assumed a role. They are kept, and
//! nobody is refused anything by policies.

use std::collections::BTreeMap;

/// What IAM keeps, by account: it knows no regions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Iam {
    /// By account and name.
    pub roles: BTreeMap<(String, String), Role>,
    /// Managed policies of customers, by account and ARN.
    pub policies: BTreeMap<(String, String), Policy>,
    /// Temporary credentials by session token, since the access keys of an account may be the same.
    pub sessions: BTreeMap<String, Session>,
}

/// Temporary credentials of who assumed a role.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// `SecretAccessKey`
    pub secret: String,
    /// When they end: seconds since 1970.
    pub expires_s: u64,
    /// Who has them.
    pub principal: Principal,
}

/// Who signs requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// `AccessKeyId`
    pub access_key: String,
    /// Twelve digits.
    pub account: String,
    /// `UserId` of GetCallerIdentity: `AROA…:session` of who assumed a role.
    pub user_id: String,
    /// `Arn` of GetCallerIdentity.
    pub arn: String,
}

impl Principal {
    /// The root user of an account, who has no id but that of the access key.
    pub fn root(account: &str, access_key: &str) -> Self {
        Self {
            access_key: access_key.to_owned(),
            account: account.to_owned(),
            user_id: access_key.to_owned(),
            arn: format!("arn:aws:iam::{account}:root"),
        }
    }
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
