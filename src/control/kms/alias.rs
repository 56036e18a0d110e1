//! Aliases: other names of keys.

use serde_json::json;

use super::{alias_arn, find, key, limit, not_found, seconds};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::constraints::Constraints;
use crate::control::input::Input;
use crate::model::Store;
use crate::model::kms::Alias;

/// Ours, of all accounts and regions. AWS: 50 of a key.
const MAX_ALIASES: usize = 10_000;

/// CreateAlias
pub fn create(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let name = alias_name(&input)?;
    let target = input.text("TargetKeyId")?;
    let mut constraints = Constraints::default();
    constraints.required(target.as_ref(), "targetKeyId");
    constraints.end()?;
    let reserved = name.starts_with("alias/aws/");
    if !name.starts_with("alias/") || name.len() == "alias/".len() || reserved {
        let message = match reserved {
            true => "Aliases that begin with alias/aws/ are reserved",
            false => {
                "Alias must start with the prefix \"alias/\". Please see \
                      http://docs.aws.amazon.com/kms/latest/developerguide/programming-aliases.html"
            }
        };
        let code = if reserved { "NotAuthorizedException" } else { "ValidationException" };
        return Err(Error::new(400, code, message));
    }
    let owner = &call.owner;
    let (key_id, _) = find(store, owner, &target.unwrap_or_default())?;
    let key_id = key_id.to_owned();
    let place = (owner.clone(), name.clone());
    if store.kms.aliases.contains_key(&place) {
        let message = format!("An alias with the name {} already exists", alias_arn(owner, &name));
        return Err(Error::new(400, "AlreadyExistsException", message));
    }
    if store.kms.aliases.len() >= MAX_ALIASES {
        return Err(limit(format!("gatelet keeps at most {MAX_ALIASES} aliases: delete some")));
    }
    store.kms.aliases.insert(place, Alias { key_id, created_ms: call.now.unix_ms });
    Ok(Answer::empty(200))
}

/// ListAliases: all, or those of a key.
pub fn list(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let owner = &call.owner;
    let of_key = match input.text("KeyId")? {
        Some(key) => Some(find(store, owner, &key)?.0),
        None => None,
    };
    let first = (owner.clone(), String::new());
    let aliases = store.kms.aliases.range(first..).take_while(|((of, _), _)| of == owner);
    let aliases = aliases.filter(|(_, alias)| of_key.is_none_or(|key| key == alias.key_id));
    let aliases = aliases.map(|((_, name), alias)| {
        let shown = json!({
            "AliasName": name,
            "AliasArn": alias_arn(owner, name),
            "TargetKeyId": alias.key_id,
            "CreationDate": seconds(alias.created_ms),
            "LastUpdatedDate": seconds(alias.created_ms),
        });
        (name.as_str(), shown)
    });
    key::page(&input, "Aliases", aliases)
}

/// DeleteAlias
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let name = alias_name(&Input::of(call)?)?;
    let owner = &call.owner;
    match store.kms.aliases.remove(&(owner.clone(), name.clone())) {
        Some(_) => Ok(Answer::empty(200)),
        None => Err(not_found(format!("Alias {} is not found.", alias_arn(owner, &name)))),
    }
}

/// The required member `AliasName`.
fn alias_name(input: &Input) -> Result<String, Error> {
    let name = input.text("AliasName")?;
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b":/_-".contains(&b));
    let mut constraints = Constraints::default();
    constraints.required(name.as_ref(), "aliasName");
    constraints.length(name.as_deref(), "aliasName", 1, 256);
    constraints.pattern(name.as_deref(), "aliasName", plain, "^[a-zA-Z0-9:/_-]+$");
    constraints.end()?;
    Ok(name.expect("else the check above had failed"))
}
