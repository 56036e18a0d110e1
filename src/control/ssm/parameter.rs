//! Parameters: put, got, deleted.

use std::collections::{BTreeMap, VecDeque};

use serde_json::json;

use super::name::{self, Named};
use super::{not_found, shown, tag};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::constraints::Constraints;
use crate::control::input::Input;
use crate::model::ssm::{Parameter, Version};
use crate::model::{Owner, Store};

/// Ours, of all accounts and regions. AWS: 10,000 of an account and region.
const MAX_PARAMETERS: usize = 10_000;

/// AWS: of a parameter; older ones go.
const MAX_VERSIONS: usize = 100;

/// AWS: bytes of a value, by tier.
const MAX_VALUE: usize = 4096;
const MAX_ADVANCED_VALUE: usize = 8192;

/// AWS: names in one call.
const MAX_NAMES: usize = 10;

/// The key of a `SecureString` that names none.
const DEFAULT_KEY: &str = "alias/aws/ssm";

/// PutParameter
pub fn put(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let said = name::required(&input)?;
    let Named { name, .. } = Named::of(&said);
    let value = input.text("Value")?;
    let (kind, tier) = (input.text("Type")?, input.text("Tier")?);
    let description = input.text("Description")?;
    let mut constraints = Constraints::default();
    constraints.required(value.as_ref(), "value");
    constraints.one_of(kind.as_deref(), "type", TYPES);
    constraints.one_of(tier.as_deref(), "tier", TIERS);
    constraints.length(description.as_deref(), "description", 0, 1024);
    constraints.end()?;
    let value = value.unwrap_or_default();
    let overwrite = input.boolean("Overwrite")?.unwrap_or_default();
    let tags = tag::of(&input)?;
    let before = name::find(store, &call.owner, name);
    if before.is_some() && !overwrite {
        return Err(Error::new(
            400,
            "ParameterAlreadyExists",
            "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
        ));
    }
    let last = before.map(Parameter::latest);
    let Some(kind) = of(TYPES, kind.as_deref()).or(last.map(|version| version.kind)) else {
        return Err(invalid("A parameter type is required when you create a parameter."));
    };
    if before.is_none() {
        name::check_new(name)?;
        if store.parameters.len() >= MAX_PARAMETERS {
            let message = format!("gatelet keeps at most {MAX_PARAMETERS} parameters: delete some");
            return Err(Error::new(400, "ParameterLimitExceeded", message));
        }
    } else if !tags.is_empty() {
        return Err(invalid(
            "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please \
             remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or \
             RemoveTagsFromResource.",
        ));
    }
    let tier = match of(TIERS, tier.as_deref()) {
        Some("Intelligent-Tiering") if value.len() > MAX_VALUE => "Advanced",
        Some(tier) if tier != "Intelligent-Tiering" => tier,
        Some(_) | None => last.map_or("Standard", |version| version.tier),
    };
    let most = if tier == "Advanced" { MAX_ADVANCED_VALUE } else { MAX_VALUE };
    if value.is_empty() || value.len() > most {
        return Err(invalid(&format!(
            "{tier} tier parameters support a maximum parameter value of {most} characters."
        )));
    }
    let key_id = (kind == "SecureString")
        .then(|| input.text("KeyId").map(|key| key.unwrap_or_else(|| DEFAULT_KEY.to_owned())))
        .transpose()?;
    let number = last.map_or(1, |version| version.number + 1);
    let version = Version {
        number,
        value,
        kind,
        description: description.or_else(|| last?.description.clone()),
        key_id,
        allowed_pattern: input.text("AllowedPattern")?,
        tier,
        data_type: input.text("DataType")?.unwrap_or_else(|| "text".into()),
        modified_ms: call.now.unix_ms,
    };
    let owner = call.owner.clone();
    let parameter = store.parameters.entry((owner.clone(), name.to_owned())).or_insert_with(|| Parameter {
        name: name.to_owned(),
        owner,
        versions: VecDeque::new(),
        tags: BTreeMap::new(),
    });
    parameter.tags.extend(tags);
    parameter.versions.push_back(version);
    if parameter.versions.len() > MAX_VERSIONS {
        parameter.versions.pop_front();
    }
    Ok(Answer::ok(json!({ "Version": number, "Tier": tier })))
}

/// GetParameter
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let said = name::required(&input)?;
    let decrypt = input.boolean("WithDecryption")?.unwrap_or_default();
    let named = Named::of(&said);
    let (parameter, version) = found(store, &call.owner, &named)?;
    Ok(Answer::ok(json!({ "Parameter": shown(parameter, version, decrypt, named.selector) })))
}

/// GetParameters
pub fn get_many(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let names = names(&input)?;
    let decrypt = input.boolean("WithDecryption")?.unwrap_or_default();
    let (mut parameters, mut invalid) = (Vec::new(), Vec::new());
    for said in &names {
        let named = Named::of(said);
        match found(store, &call.owner, &named) {
            Ok((parameter, version)) => {
                parameters.push(shown(parameter, version, decrypt, named.selector));
            }
            Err(_) => invalid.push(said),
        }
    }
    Ok(Answer::ok(json!({ "Parameters": parameters, "InvalidParameters": invalid })))
}

/// DeleteParameter
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let said = name::required(&Input::of(call)?)?;
    let Named { name, .. } = Named::of(&said);
    match store.parameters.remove(&(call.owner.clone(), name.to_owned())) {
        Some(_) => Ok(Answer::ok(json!({}))),
        None => Err(not_found(name)),
    }
}

/// DeleteParameters
pub fn delete_many(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let names = names(&Input::of(call)?)?;
    let (deleted, invalid): (Vec<_>, Vec<_>) = names.into_iter().partition(|said| {
        let Named { name, .. } = Named::of(said);
        store.parameters.remove(&(call.owner.clone(), name.to_owned())).is_some()
    });
    Ok(Answer::ok(json!({ "DeletedParameters": deleted, "InvalidParameters": invalid })))
}

/// The parameter, and the version of it, that are named.
pub fn found<'a>(
    store: &'a Store,
    owner: &Owner,
    named: &Named<'_>,
) -> Result<(&'a Parameter, &'a Version), Error> {
    let parameter = name::find(store, owner, named.name).ok_or_else(|| not_found(named.name))?;
    let version = match named.version() {
        None => Some(parameter.latest()),
        Some(Ok(number)) => parameter.versions.iter().find(|version| version.number == number),
        Some(Err(_)) => None,
    };
    let missing = || {
        let wanted = named.selector.unwrap_or_default().trim_start_matches(':');
        let message = format!(
            "Systems Manager could not find version {wanted} of {}. Verify the version and try again.",
            named.name
        );
        Error::new(400, "ParameterVersionNotFound", message)
    };
    Ok((parameter, version.ok_or_else(missing)?))
}

const TYPES: &[&str] = &["SecureString", "StringList", "String"];
const TIERS: &[&str] = &["Advanced", "Intelligent-Tiering", "Standard"];

/// A word of ours that is the same as the caller's.
fn of(words: &'static [&'static str], said: Option<&str>) -> Option<&'static str> {
    words.iter().copied().find(|word| said == Some(*word))
}

/// `Names`
fn names(input: &Input) -> Result<Vec<String>, Error> {
    let names = input.strings("Names")?;
    let mut constraints = Constraints::default();
    constraints.required(names.as_ref(), "names");
    let names = names.unwrap_or_default();
    let rule = format!("have length less than or equal to {MAX_NAMES}");
    constraints.check(names.len() <= MAX_NAMES, format_args!("[{}]", names.join(", ")), "names", &rule);
    constraints.end()?;
    Ok(names)
}

fn invalid(message: &str) -> Error {
    Error::new(400, "ValidationException", message)
}
