//! Method responses: what a client may expect of a method.

use serde_json::{Map, Value, json};

use super::patch::{Op, Patch, unescaped};
use super::violations::Violations;
use super::{edit_method, find_method, limits, not_found, read};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::Input;
use crate::control::members::{Members, strings};
use crate::model::Store;
use crate::model::rest::{Method, MethodResponse};

/// PutMethodResponse
pub fn put(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let code = status_code(call)?;
    let input = Input::of(call)?;
    find_method(store, call)?;
    let response = MethodResponse {
        response_parameters: read::booleans(&input, "responseParameters")?,
        response_models: read::strings(&input, "responseModels")?,
    };
    response.response_parameters.iter().flatten().try_for_each(|(name, _)| check_parameter(name))?;
    edit_method(store, call, |method| {
        let answer = Answer::created(show(code, &response));
        method.responses.insert(code.to_owned(), response);
        Ok(answer)
    })
}

/// GetMethodResponse
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let code = status_code(call)?;
    let response = find_method(store, call)?.responses.get(code).ok_or_else(unknown_code)?;
    Ok(Answer::ok(show(code, response)))
}

/// UpdateMethodResponse, which AWS answers as if it had made something.
pub fn update(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let code = call.path("status_code");
    let patches = Patch::read_and(call, |found| found.status_code(code))?;
    edit_method(store, call, |method| {
        let response = named(method, code)?;
        for patch in &patches {
            apply(response, patch, context)?;
        }
        Ok(Answer::created(show(code, response)))
    })
}

/// DeleteMethodResponse
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let code = status_code(call)?;
    edit_method(store, call, |method| {
        method.responses.remove(code).ok_or_else(unknown_code)?;
        Ok(Answer::no_content())
    })
}

/// The status code that the call's path names, if it is one.
///
/// # Errors
/// It has not three digits.
pub fn status_code(call: &Call) -> Result<&str, Error> {
    let code = call.path("status_code");
    let mut found = Violations::default();
    found.status_code(code);
    found.check()?;
    Ok(code)
}

/// The refusal of a status code without a response.
pub fn unknown_code() -> Error {
    not_found("Invalid Response status code specified")
}

/// As answers show it.
pub fn show(code: &str, response: &MethodResponse) -> Value {
    let parameters = response.response_parameters.as_ref().map(|parameters| {
        parameters.iter().map(|(name, required)| (name.clone(), json!(required))).collect::<Map<_, _>>()
    });
    Members::default()
        .with("statusCode", code)
        .maybe("responseParameters", parameters)
        .maybe("responseModels", response.response_models.as_ref().map(strings))
        .done()
}

fn named<'a>(method: &'a mut Method, code: &str) -> Result<&'a mut MethodResponse, Error> {
    method.responses.get_mut(code).ok_or_else(unknown_code)
}

/// `method.response.header.x`
fn check_parameter(name: &str) -> Result<(), Error> {
    match name.strip_prefix("method.response.header.").is_some_and(|rest| !rest.is_empty()) {
        true => Ok(()),
        false => Err(read::invalid_mapping(name)),
    }
}

fn apply(response: &mut MethodResponse, patch: &Patch, context: &Context) -> Result<(), Error> {
    let more = |count| limits::check(limits::ENTRIES, count, &context.settings);
    let (list, name) = match patch.segments()[..] {
        [list @ ("responseParameters" | "responseModels"), name] => (list, unescaped(name)),
        _ => return Err(patch.unknown_path()),
    };
    patch.must_be(&[Op::Add, Op::Remove, Op::Replace])?;
    let no_parameter = || not_found("Invalid parameter name specified");
    let no_model = || not_found("Content-Type specified was not found");
    match (list, patch.op) {
        ("responseParameters", Op::Remove) => {
            take(&mut response.response_parameters, &name).ok_or_else(no_parameter)?;
        }
        ("responseParameters", Op::Replace) => {
            let known = response.response_parameters.as_mut().and_then(|known| known.get_mut(&name));
            *known.ok_or_else(no_parameter)? = patch.boolean();
        }
        ("responseParameters", _) => {
            check_parameter(&name)?;
            let parameters = response.response_parameters.get_or_insert_default();
            more(parameters.len())?;
            parameters.insert(name, patch.boolean());
        }
        (_, Op::Remove) => {
            take(&mut response.response_models, &name).ok_or_else(no_model)?;
        }
        (_, Op::Replace) => {
            let known = response.response_models.as_mut().and_then(|known| known.get_mut(&name));
            patch.text().clone_into(known.ok_or_else(no_model)?);
        }
        (_, _) => {
            let models = response.response_models.get_or_insert_default();
            more(models.len())?;
            models.insert(name, patch.text().to_owned());
        }
    }
    Ok(())
}

/// Takes an entry away, and the map with its last one.
fn take<T>(map: &mut Option<std::collections::BTreeMap<String, T>>, name: &str) -> Option<T> {
    let entry = map.as_mut()?.remove(name);
    if map.as_ref().is_some_and(|map| map.is_empty()) {
        *map = None;
    }
    entry
}
