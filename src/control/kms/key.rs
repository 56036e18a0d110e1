//! Keys: made, described, listed, scheduled for deletion.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::{find, key_arn, limit, seconds};
use crate::base::ids;
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::constraints::Constraints;
use crate::control::input::Input;
use crate::control::page::Page;
use crate::model::kms::Key;
use crate::model::{Owner, Store};

/// Ours, of all accounts and regions. AWS: 100,000 of an account and region.
const MAX_KEYS: usize = 10_000;

/// AWS: of a page, and ours where the caller says nothing: a client that doesn't page sees all.
const PAGE: i64 = 1000;

/// AWS: of a policy, in bytes.
const MAX_POLICY: usize = 32_768;

const USAGES: &[&str] = &["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"];

const SPECS: &[&str] = &[
    "SYMMETRIC_DEFAULT",
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_SECG_P256K1",
    "HMAC_224",
    "HMAC_256",
    "HMAC_384",
    "HMAC_512",
    "SM2",
];

/// CreateKey
pub fn create(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let (description, policy) = (input.text("Description")?, input.text("Policy")?);
    let usage = input.text("KeyUsage")?;
    let spec = input.text("KeySpec")?.or(input.text("CustomerMasterKeySpec")?);
    let mut constraints = Constraints::default();
    constraints.length(description.as_deref(), "description", 0, 8192);
    constraints.one_of(usage.as_deref(), "keyUsage", USAGES);
    constraints.one_of(spec.as_deref(), "keySpec", SPECS);
    constraints.end()?;
    if policy.as_ref().is_some_and(|policy| policy.len() > MAX_POLICY) {
        return Err(limit(format!("The policy is longer than {MAX_POLICY} bytes")));
    }
    let mut tags = BTreeMap::new();
    for tag in input.structures("Tags")? {
        tags.insert(tag.text("TagKey")?.unwrap_or_default(), tag.text("TagValue")?.unwrap_or_default());
    }
    if store.kms.keys.len() >= MAX_KEYS {
        return Err(limit(format!("gatelet keeps at most {MAX_KEYS} keys: delete some")));
    }
    let multi_region = input.boolean("MultiRegion")?.unwrap_or_default();
    let id = match multi_region {
        true => format!("mrk-{}", ids::hex(&mut store.rng, 32)),
        false => ids::uuid(&mut store.rng),
    };
    let key = Key {
        created_ms: call.now.unix_ms,
        description: description.unwrap_or_default(),
        usage: of(USAGES, usage.as_deref()),
        spec: of(SPECS, spec.as_deref()),
        multi_region,
        policy,
        deletion_ms: None,
        tags,
    };
    let answer = json!({ "KeyMetadata": shown(&call.owner, &id, &key) });
    store.kms.keys.insert((call.owner.clone(), id), key);
    Ok(Answer::ok(answer))
}

/// DescribeKey
pub fn describe(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let named = key_id(&Input::of(call)?)?;
    let (id, key) = find(store, &call.owner, &named)?;
    Ok(Answer::ok(json!({ "KeyMetadata": shown(&call.owner, id, key) })))
}

/// ListKeys
pub fn list(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let owner = &call.owner;
    let first = (owner.clone(), String::new());
    let keys = store.kms.keys.range(first..).take_while(|((of, _), _)| of == owner);
    let keys = keys.map(|((_, id), _)| (id.as_str(), json!({ "KeyId": id, "KeyArn": key_arn(owner, id) })));
    page(&Input::of(call)?, "Keys", keys)
}

/// ScheduleKeyDeletion. A key whose day has come stays: nobody looks for it.
pub fn schedule_deletion(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let named = key_id(&input)?;
    let days = input.integer("PendingWindowInDays", i64::MIN..=i64::MAX)?;
    let mut constraints = Constraints::default();
    constraints.range(days, "pendingWindowInDays", 7, 30);
    constraints.end()?;
    let days = days.and_then(|days| u64::try_from(days).ok()).unwrap_or(30);
    let (id, key) = find(store, &call.owner, &named)?;
    let id = id.to_owned();
    let arn = key_arn(&call.owner, &id);
    if key.deletion_ms.is_some() {
        return Err(Error::new(400, "KMSInvalidStateException", format!("{arn} is pending deletion.")));
    }
    let window = Duration::from_secs(days * 24 * 60 * 60);
    let deletion_ms = call.now.unix_ms + window.as_millis() as u64;
    if let Some(key) = store.kms.keys.get_mut(&(call.owner.clone(), id)) {
        key.deletion_ms = Some(deletion_ms);
    }
    Ok(Answer::ok(json!({
        "KeyId": arn,
        "DeletionDate": seconds(deletion_ms),
        "KeyState": "PendingDeletion",
        "PendingWindowInDays": days,
    })))
}

/// The required member `KeyId`.
fn key_id(input: &Input) -> Result<String, Error> {
    let id = input.text("KeyId")?;
    let mut constraints = Constraints::default();
    constraints.required(id.as_ref(), "keyId");
    constraints.length(id.as_deref(), "keyId", 1, 2048);
    constraints.end()?;
    Ok(id.expect("else the check above had failed"))
}

/// A page by `Limit` and `Marker`.
pub fn page<'a>(
    input: &Input,
    list: &str,
    items: impl Iterator<Item = (&'a str, Value)>,
) -> Result<Answer, Error> {
    let marker = input.text("Marker")?;
    let most = input.integer("Limit", i64::MIN..=i64::MAX)?;
    let mut constraints = Constraints::default();
    constraints.range(most, "limit", 1, PAGE);
    constraints.end()?;
    let most = usize::try_from(most.unwrap_or(PAGE)).unwrap_or_default();
    let page = Page::of(items, marker.as_deref(), most)
        .map_err(|_| Error::new(400, "InvalidMarkerException", "The marker is not valid."))?;
    let more = page.next.is_some();
    let mut members = page.members(list, "NextMarker");
    members["Truncated"] = more.into();
    Ok(Answer::ok(members))
}

/// A word of ours that is the same as the caller's, else the first one.
fn of(words: &'static [&'static str], said: Option<&str>) -> &'static str {
    words.iter().copied().find(|word| said == Some(*word)).unwrap_or(words[0])
}

fn shown(owner: &Owner, id: &str, key: &Key) -> Value {
    let mut members = json!({
        "AWSAccountId": owner.account,
        "KeyId": id,
        "Arn": key_arn(owner, id),
        "CreationDate": seconds(key.created_ms),
        "Enabled": key.deletion_ms.is_none(),
        "Description": key.description,
        "KeyUsage": key.usage,
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": key.spec,
        "KeySpec": key.spec,
        "MultiRegion": key.multi_region,
    });
    if let Some(deletion_ms) = key.deletion_ms {
        members["KeyState"] = "PendingDeletion".into();
        members["DeletionDate"] = seconds(deletion_ms).into();
    }
    if key.spec == "SYMMETRIC_DEFAULT" {
        members["EncryptionAlgorithms"] = json!(["SYMMETRIC_DEFAULT"]);
    }
    members
}
