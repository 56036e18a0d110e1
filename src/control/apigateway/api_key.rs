//! API keys.

pub mod csv;
pub mod import;

use serde_json::{Value, json};

use super::patch::Patch;
use super::{conflict, limits, new_id, not_found, page};
use crate::base::{Rng, ids};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::apigatewayv2::tags;
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::control::members::{Members, strings};
use crate::model::usage::ApiKey;
use crate::model::{Owner, Store};

/// AWS: values of 20 to 128 characters.
const SHORTEST_VALUE: usize = 20;
const LONGEST_VALUE: usize = 128;
/// AWS: of values that it makes.
const NEW_VALUE: usize = 40;
/// AWS: characters.
const MAX_NAME: usize = 1024;
/// AWS: characters.
const MAX_DESCRIPTION: usize = 125_000;

/// CreateApiKey. An empty name or value is none.
pub fn create(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let value = input.text("value")?.filter(|value| !value.is_empty());
    let stage_keys = input.structures("stageKeys")?.into_iter().map(|key| {
        let part = |name| key.text(name).map(Option::unwrap_or_default);
        Ok(format!("{}/{}", part("restApiId")?, part("stageName")?))
    });
    let mut key = ApiKey {
        name: input.text("name")?.filter(|name| !name.is_empty()),
        description: input.text("description")?,
        customer_id: input.text("customerId")?,
        enabled: input.boolean("enabled")?.unwrap_or_default(),
        stage_keys: stage_keys.collect::<Result<_, Error>>()?,
        tags: tags::read(&input)?,
        ..new(store, call, value)
    };
    check(&key)?;
    if holder(store, &call.owner, &key.value).is_some() {
        return Err(conflict("API Key already exists"));
    }
    limits::check(limits::API_KEYS, own(store, &call.owner).count(), &context.settings)?;
    key.serial = store.serial();
    let answer = Answer::created(with_tags(members(&key, true), &key).done());
    put(store, key);
    Ok(answer)
}

/// GetApiKey: its value only for who asks for it.
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let key = find(store, &call.owner, call.path("api_Key"))?;
    let shown = members(key, call.query("includeValue") == Some("true"));
    Ok(Answer::ok(shown.with("tags", strings(&key.tags)).done()))
}

/// GetApiKeys: the newest first; those whose name begins so, and who are this customer's.
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let with_values = call.query("includeValues") == Some("true");
    let customer = call.query("customerId");
    let keys = own(store, &call.owner)
        .filter(|key| is_named(key, call.query("name")))
        .filter(|key| customer.is_none_or(|id| key.customer_id.as_deref() == Some(id)))
        .map(|key| (key.serial, key));
    newest_first(context, call, keys.collect(), |key| with_tags(members(key, with_values), key).done())
}

/// UpdateApiKey
pub fn update(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let patches = Patch::read(call)?;
    let mut key = find(store, &call.owner, call.path("api_Key"))?.clone();
    for patch in &patches {
        patch.must_replace(&["/description", "/enabled", "/name", "/customerId"])?;
        match patch.path.as_str() {
            "/description" => key.description = patch.member(),
            "/enabled" => key.enabled = patch.boolean(),
            "/name" => key.name = patch.member(),
            _ => key.customer_id = patch.member(),
        }
    }
    check(&key)?;
    key.updated = call.now.unix_seconds();
    let answer = Answer::ok(members(&key, false).with("tags", strings(&key.tags)).done());
    put(store, key);
    Ok(answer)
}

/// DeleteApiKey: no usage plan has it any longer.
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let id = find(store, &call.owner, call.path("api_Key"))?.id.clone();
    for plan in store.usage.plans.values_mut() {
        plan.keys.remove(&id);
    }
    if let Some(key) = store.usage.keys.remove(&id) {
        let name = (key.owner, key.value);
        store.usage.values.remove(&name);
        store.changed.api_keys.insert(name);
    }
    Ok(Answer::empty(202))
}

/// The caller's key of this id.
pub fn find<'a>(store: &'a Store, owner: &Owner, id: &str) -> Result<&'a ApiKey, Error> {
    let key = store.usage.keys.get(id).filter(|key| key.owner == *owner);
    key.ok_or_else(|| not_found("Invalid API Key identifier specified"))
}

/// Whether its name begins so; all do if nothing is asked.
pub fn is_named(key: &ApiKey, prefix: Option<&str>) -> bool {
    prefix.is_none_or(|prefix| key.name.as_deref().unwrap_or_default().starts_with(prefix))
}

/// A page of a list that begins with the newest, which has the greatest serial.
pub fn newest_first<T>(
    context: &Context,
    call: &Call,
    mut items: Vec<(u64, T)>,
    show: impl Fn(T) -> Value,
) -> Result<Answer, Error> {
    // No page of no items is refused here, unlike elsewhere.
    if call.query("limit") == Some("0") {
        return Ok(Answer::ok(json!({ "item": [] })));
    }
    items.sort_unstable_by(|(a, _), (b, _)| b.cmp(a));
    // Pages follow texts that grow.
    let keys: Vec<String> = items.iter().map(|(serial, _)| format!("{:020}", u64::MAX - serial)).collect();
    let items = keys.iter().map(String::as_str).zip(items.into_iter().map(|(_, item)| item));
    page::of(context, call, items, show)
}

/// A key of the caller's with this value, or a new one, as yet outside of the store.
fn new(store: &mut Store, call: &Call, value: Option<String>) -> ApiKey {
    let now = call.now.unix_seconds();
    let value = value.unwrap_or_else(|| new_value(&mut store.rng));
    ApiKey {
        id: new_id(&mut store.rng, 10, &store.usage.keys),
        owner: call.owner.clone(),
        value,
        name: None,
        description: None,
        customer_id: None,
        enabled: false,
        stage_keys: Vec::new(),
        tags: Default::default(),
        serial: 0,
        created: now,
        updated: now,
    }
}

/// Keys are no secrets here: whoever runs this can read them all.
fn new_value(rng: &mut Rng) -> String {
    ids::lower_alnum(rng, NEW_VALUE)
}

fn check(key: &ApiKey) -> Result<(), Error> {
    let length = |text: &Option<String>| text.as_deref().map_or(0, |text| text.chars().count());
    match key.value.chars().count() {
        ..SHORTEST_VALUE => {
            return Err(bad_request(format!("API Key value should be at least {SHORTEST_VALUE} characters")));
        }
        SHORTEST_VALUE..=LONGEST_VALUE => {}
        _ => {
            return Err(bad_request(format!(
                "API Key value exceeds maximum size of {LONGEST_VALUE} characters"
            )));
        }
    }
    if length(&key.name) > MAX_NAME {
        return Err(bad_request(format!("Invalid API Key name, can be at most {MAX_NAME} characters.")));
    }
    if length(&key.description) > MAX_DESCRIPTION {
        return Err(bad_request("Invalid API Key description specified."));
    }
    Ok(())
}

/// The id of the owner's key of this value.
fn holder<'a>(store: &'a Store, owner: &Owner, value: &str) -> Option<&'a String> {
    store.usage.values.get(&(owner.clone(), value.to_owned()))
}

fn own<'a>(store: &'a Store, owner: &Owner) -> impl Iterator<Item = &'a ApiKey> {
    store.usage.keys.values().filter(move |key| key.owner == *owner)
}

fn put(store: &mut Store, key: ApiKey) {
    let name = (key.owner.clone(), key.value.clone());
    store.changed.api_keys.insert(name.clone());
    store.usage.values.insert(name, key.id.clone());
    store.usage.keys.insert(key.id.clone(), key);
}

fn members(key: &ApiKey, with_value: bool) -> Members {
    Members::default()
        .with("id", key.id.as_str())
        .maybe("value", with_value.then_some(key.value.as_str()))
        .maybe("name", key.name.as_deref())
        .maybe("customerId", key.customer_id.as_deref())
        .maybe("description", key.description.as_deref())
        .with("enabled", key.enabled)
        .with("createdDate", key.created)
        .with("lastUpdatedDate", key.updated)
        .with("stageKeys", json!(key.stage_keys))
}

fn with_tags(members: Members, key: &ApiKey) -> Members {
    members.maybe("tags", (!key.tags.is_empty()).then(|| strings(&key.tags)))
}
