//! Tags of parameters.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::name::Named;
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::constraints::Constraints;
use crate::control::input::Input;
use crate::model::Store;
use crate::model::ssm::Parameter;

/// AWS: of a resource.
const MAX_TAGS: usize = 50;

/// AddTagsToResource
pub fn add(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let tags = of(&input)?;
    let parameter = resource(store, call, &input)?;
    if parameter.tags.len() + tags.keys().filter(|key| !parameter.tags.contains_key(*key)).count() > MAX_TAGS
    {
        return Err(too_many());
    }
    parameter.tags.extend(tags);
    Ok(Answer::ok(json!({})))
}

/// RemoveTagsFromResource
pub fn remove(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let keys = input.strings("TagKeys")?.unwrap_or_default();
    let parameter = resource(store, call, &input)?;
    for key in keys {
        parameter.tags.remove(&key);
    }
    Ok(Answer::ok(json!({})))
}

/// ListTagsForResource
pub fn list(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let parameter = resource(store, call, &Input::of(call)?)?;
    let tags: Vec<Value> =
        parameter.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    Ok(Answer::ok(json!({ "TagList": tags })))
}

/// The member `Tags`.
pub fn of(input: &Input) -> Result<BTreeMap<String, String>, Error> {
    let mut tags = BTreeMap::new();
    let mut constraints = Constraints::default();
    for tag in input.structures("Tags")? {
        let (key, value) = (tag.text("Key")?.unwrap_or_default(), tag.text("Value")?.unwrap_or_default());
        constraints.length(Some(&key), "tags.key", 1, 128);
        constraints.length(Some(&value), "tags.value", 0, 256);
        tags.insert(key, value);
    }
    constraints.end()?;
    if tags.len() > MAX_TAGS {
        return Err(too_many());
    }
    Ok(tags)
}

fn too_many() -> Error {
    let message = format!("The number of tags has reached the limit of {MAX_TAGS} for a resource.");
    Error::new(400, "TooManyTagsError", message)
}

/// The parameter that `ResourceType` and `ResourceId` name; nothing else can have tags here.
fn resource<'a>(store: &'a mut Store, call: &Call, input: &Input) -> Result<&'a mut Parameter, Error> {
    let (kind, id) = (input.text("ResourceType")?, input.text("ResourceId")?);
    let mut constraints = Constraints::default();
    constraints.required(kind.as_ref(), "resourceType");
    constraints.required(id.as_ref(), "resourceId");
    constraints.end()?;
    let id = id.unwrap_or_default();
    let Named { name, .. } = Named::of(&id);
    let found = match kind.as_deref() {
        Some("Parameter") => store.parameters.get_mut(&(call.owner.clone(), name.to_owned())),
        Some(_) | None => None,
    };
    found.ok_or_else(|| {
        let message = format!(
            "The resource ID \"{id}\" is not valid. Verify that the ID is correct, and that gatelet has it: of Systems \
             Manager, it has parameters only"
        );
        Error::new(400, "InvalidResourceId", message)
    })
}
