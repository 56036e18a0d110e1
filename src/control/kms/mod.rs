//! KMS: that keys and their aliases exist. There is no key material: what would encrypt or decrypt is not supported.

mod alias;
mod key;
mod unsupported;

use super::answer::Error;
use super::operation::Operation;
use crate::model::kms::Key;
use crate::model::{Owner, Store};

pub use unsupported::UNSUPPORTED;

/// What is emulated.
pub const OPERATIONS: &[Operation] = &[
    Operation::action("CreateAlias", alias::create),
    Operation::action("CreateKey", key::create),
    Operation::action("DeleteAlias", alias::delete),
    Operation::action("DescribeKey", key::describe),
    Operation::action("ListAliases", alias::list),
    Operation::action("ListKeys", key::list),
    Operation::action("ScheduleKeyDeletion", key::schedule_deletion),
];

fn key_arn(owner: &Owner, id: &str) -> String {
    format!("arn:aws:kms:{}:{}:key/{id}", owner.region, owner.account)
}

fn alias_arn(owner: &Owner, name: &str) -> String {
    format!("arn:aws:kms:{}:{}:{name}", owner.region, owner.account)
}

/// The key that an id, an alias or the ARN of either names, with its id.
fn find<'a>(store: &'a Store, owner: &Owner, text: &str) -> Result<(&'a str, &'a Key), Error> {
    // Behind an ARN's five colons stands `key/{id}` or `alias/{name}`.
    let bare = match text.starts_with("arn:") {
        true => text.splitn(6, ':').nth(5).unwrap_or_default(),
        false => text,
    };
    let id = match bare.starts_with("alias/") {
        true => match store.kms.aliases.get(&(owner.clone(), bare.to_owned())) {
            Some(alias) => alias.key_id.as_str(),
            None => return Err(not_found(format!("Alias {} is not found.", alias_arn(owner, bare)))),
        },
        false => bare.strip_prefix("key/").unwrap_or(bare),
    };
    match store.kms.keys.get_key_value(&(owner.clone(), id.to_owned())) {
        Some(((_, id), key)) => Ok((id, key)),
        None => Err(not_found(format!("Key '{}' does not exist", key_arn(owner, id)))),
    }
}

fn not_found(message: String) -> Error {
    Error::new(400, "NotFoundException", message)
}

fn limit(message: String) -> Error {
    Error::new(400, "LimitExceededException", message)
}

/// A time as the JSON protocol writes it: seconds since 1970, with milliseconds behind the point.
fn seconds(unix_ms: u64) -> f64 {
    unix_ms as f64 / 1000.0
}
