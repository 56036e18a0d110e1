//! STS: who is asking.

use super::answer::{Answer, Error};
use super::call::Call;
use super::operation::Operation;
use super::{Context, wire};
use crate::model::Store;

/// What is emulated.
pub const OPERATIONS: &[Operation] =
    &[Operation::quick("GetCallerIdentity", "GetCallerIdentity", get_caller_identity)];

/// What AWS has besides.
pub const UNSUPPORTED: &[(&str, &str)] = &[
    ("AssumeRole", "AssumeRole"),
    ("AssumeRoleWithSAML", "AssumeRoleWithSAML"),
    ("AssumeRoleWithWebIdentity", "AssumeRoleWithWebIdentity"),
    ("AssumeRoot", "AssumeRoot"),
    ("DecodeAuthorizationMessage", "DecodeAuthorizationMessage"),
    ("GetAccessKeyInfo", "GetAccessKeyInfo"),
    ("GetDelegatedAccessToken", "GetDelegatedAccessToken"),
    ("GetFederationToken", "GetFederationToken"),
    ("GetSessionToken", "GetSessionToken"),
    ("GetWebIdentityToken", "GetWebIdentityToken"),
];

/// The root user of the account, as LocalStack answers without IAM.
const USER_ID: &str = "AKIAIOSFODNN7EXAMPLE";

fn get_caller_identity(_: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let account = wire::escaped(&call.owner.account);
    Ok(Answer::xml(format!(
        "<Arn>arn:aws:iam::{account}:root</Arn><UserId>{USER_ID}</UserId><Account>{account}</Account>"
    )))
}
