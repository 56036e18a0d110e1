//! ARNs: made and taken apart in one place.

use super::Owner;

/// `arn:aws:lambda:us-east-1:000000000000:function:name`
pub fn function(owner: &Owner, name: &str) -> String {
    format!("arn:aws:lambda:{}:{}:function:{name}", owner.region, owner.account)
}

/// A function as requests and integrations name it: by name, partial or full ARN, with or without a qualifier,
/// or as `arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionRef {
    /// Account and region: the ARN's, else the caller's.
    pub owner: Owner,
    /// The name alone.
    pub name: String,
    /// A version, an alias, or `$LATEST`; `None`: not said.
    pub qualifier: Option<String>,
}
