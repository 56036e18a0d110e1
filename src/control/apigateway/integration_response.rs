//! Integration responses: which of the method's answers an answer of the back end becomes.

use serde_json::Value;

use super::integration::{self, mapping};
use super::method_response::{status_code, unknown_code};
use super::patch::{Op, Patch, unescaped};
use super::violations::Violations;
use super::{edit_method, find_method, find_resource, limits, read};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::control::members::{Members, strings};
use crate::model::Store;
use crate::model::rest::{IntegrationResponse, MethodResponse};

/// As AWS lists them.
const CONTENT_HANDLINGS: &[&str] = &["CONVERT_TO_TEXT", "CONVERT_TO_BINARY"];
/// Most characters of a selection pattern; ours.
const MAX_PATTERN: usize = 4_096;

/// PutIntegrationResponse
pub fn put(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let handling = input.text("contentHandling")?;
    let code = call.path("status_code");
    let mut found = Violations::default();
    found.status_code(code);
    if let Some(handling) = &handling {
        found.one_of("putIntegrationResponseInput.contentHandling", handling, CONTENT_HANDLINGS);
    }
    found.check()?;
    let response = IntegrationResponse {
        selection_pattern: input.text("selectionPattern")?,
        response_parameters: read::strings(&input, "responseParameters")?,
        response_templates: read::templates(&input, "responseTemplates")?,
        content_handling: handling.and_then(|text| read::content_handling(&text)),
    };
    check_pattern(&response)?;
    edit_method(store, call, |method| {
        let integration = method.integration.as_mut().ok_or_else(integration::unknown)?;
        if let Some(parameters) = &response.response_parameters {
            mapping::check_response(parameters, method.responses.get(code))?;
        }
        let answer = Answer::created(show(code, &response));
        integration.responses.insert(code.to_owned(), response);
        Ok(answer)
    })
}

/// GetIntegrationResponse
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let code = status_code(call)?;
    let integration = find_method(store, call)?.integration.as_ref().ok_or_else(integration::unknown)?;
    Ok(Answer::ok(show(code, integration.responses.get(code).ok_or_else(unknown_code)?)))
}

/// UpdateIntegrationResponse
pub fn update(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let code = call.path("status_code");
    let patches = Patch::read_and(call, |found| found.status_code(code))?;
    edit_method(store, call, |method| {
        let integration = method.integration.as_mut().ok_or_else(integration::unknown)?;
        let response = integration.responses.get_mut(code).ok_or_else(unknown_code)?;
        for patch in &patches {
            apply(response, patch, method.responses.get(code), context)?;
        }
        check_pattern(response)?;
        Ok(Answer::ok(show(code, response)))
    })
}

/// DeleteIntegrationResponse. AWS calls a missing method a missing integration here.
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let code = status_code(call)?;
    let (_, resource) = find_resource(store, call)?;
    let method = resource.methods.get(call.path("http_method"));
    method.and_then(|method| method.integration.as_ref()).ok_or_else(integration::unknown)?;
    edit_method(store, call, |method| {
        let integration = method.integration.as_mut().ok_or_else(integration::unknown)?;
        integration.responses.remove(code).ok_or_else(unknown_code)?;
        Ok(Answer::no_content())
    })
}

/// As answers show it.
pub fn show(code: &str, response: &IntegrationResponse) -> Value {
    Members::default()
        .with("statusCode", code)
        .maybe("selectionPattern", response.selection_pattern.as_deref())
        .maybe("responseParameters", response.response_parameters.as_ref().map(strings))
        .maybe("responseTemplates", response.response_templates.as_ref().map(integration::show_templates))
        .maybe("contentHandling", response.content_handling.map(|handling| handling.as_str()))
        .done()
}

/// A pattern can be long or wrong, and then the data plane would know it too late.
fn check_pattern(response: &IntegrationResponse) -> Result<(), Error> {
    let pattern = response.selection_pattern.as_deref().unwrap_or_default();
    match pattern.len() <= MAX_PATTERN {
        true => Ok(()),
        false => Err(bad_request(format!("A selection pattern can have at most {MAX_PATTERN} characters"))),
    }
}

fn apply(
    response: &mut IntegrationResponse,
    patch: &Patch,
    promised: Option<&MethodResponse>,
    context: &Context,
) -> Result<(), Error> {
    let more = |count| limits::check(limits::ENTRIES, count, &context.settings);
    let text = patch.text();
    match patch.segments()[..] {
        ["selectionPattern"] => {
            patch.must_be(&[Op::Add, Op::Remove, Op::Replace])?;
            // An empty one is one, and is shown.
            response.selection_pattern = patch.value.clone().filter(|_| patch.op != Op::Remove);
        }
        ["contentHandling"] => {
            patch.must_be(&[Op::Add, Op::Remove, Op::Replace])?;
            response.content_handling = patch.member().and_then(|text| read::content_handling(&text));
        }
        ["responseParameters", name] => {
            patch.must_be(&[Op::Add, Op::Remove, Op::Replace])?;
            let name = unescaped(name);
            let parameters = response.response_parameters.get_or_insert_default();
            if patch.op == Op::Remove {
                parameters.remove(&name);
            } else {
                mapping::check_response_entry(&name, text, promised)?;
                more(parameters.len())?;
                parameters.insert(name, text.to_owned());
            }
        }
        ["responseTemplates", content_type] => {
            patch.must_be(&[Op::Add, Op::Remove, Op::Replace])?;
            let content_type = unescaped(content_type);
            let templates = response.response_templates.get_or_insert_default();
            if patch.op == Op::Remove {
                templates.remove(&content_type);
            } else if read::is_content_type(&content_type) {
                more(templates.len())?;
                templates.insert(content_type, text.to_owned());
            } else {
                return Err(read::invalid_content_type(&content_type));
            }
        }
        _ => return Err(patch.unknown_path()),
    }
    response.response_parameters.take_if(|parameters| parameters.is_empty());
    response.response_templates.take_if(|templates| templates.is_empty());
    Ok(())
}
