//! UpdateMethod.

use super::super::patch::{Op, Patch, unescaped};
use super::super::{edit_method, find, find_method, limits};
use super::{authorization, check_authorizer, check_model, check_parameter, check_validator, show};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::model::rest::Method;
use crate::model::{RestApi, Store};

/// UpdateMethod
pub fn update(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let patches = Patch::read(call)?;
    let mut method = find_method(store, call)?.clone();
    let api = find(store, call)?;
    for patch in &patches {
        apply(&mut method, patch, api, context)?;
    }
    check_authorizer(method.authorization)?;
    edit_method(store, call, |place| {
        *place = method;
        Ok(Answer::ok(show(place)))
    })
}

fn apply(method: &mut Method, patch: &Patch, api: &RestApi, context: &Context) -> Result<(), Error> {
    let more = |count| limits::check(limits::ENTRIES, count, &context.settings);
    match patch.segments()[..] {
        ["authorizationType"] => {
            patch.must_be(&[Op::Replace])?;
            method.authorization = authorization(patch.text())?;
        }
        // Without an authorization type that has one, AWS ignores it.
        ["authorizerId"] => patch.must_be(&[Op::Replace])?,
        ["apiKeyRequired"] => {
            patch.must_be(&[Op::Replace])?;
            method.api_key_required = patch.boolean();
        }
        ["operationName"] => {
            patch.must_be(&[Op::Replace])?;
            method.operation_name = patch.member();
        }
        ["requestValidatorId"] => {
            patch.must_be(&[Op::Replace])?;
            check_validator(patch.text())?;
            method.request_validator_id = None;
        }
        ["authorizationScopes"] => {
            patch.must_be(&[Op::Add, Op::Remove])?;
            method.authorization_scopes.retain(|scope| scope != patch.text());
            if patch.op == Op::Add {
                more(method.authorization_scopes.len())?;
                method.authorization_scopes.push(patch.text().to_owned());
            }
        }
        ["requestParameters", name] => {
            patch.must_be(&[Op::Add, Op::Remove, Op::Replace])?;
            let name = unescaped(name);
            if patch.op == Op::Remove {
                method.request_parameters.remove(&name);
            } else {
                more(method.request_parameters.len())?;
                check_parameter(&name)?;
                method.request_parameters.insert(name, patch.boolean());
            }
        }
        ["requestModels", content_type] => {
            patch.must_be(&[Op::Add, Op::Remove, Op::Replace])?;
            let content_type = unescaped(content_type);
            if patch.op == Op::Remove {
                method.request_models.remove(&content_type);
            } else {
                more(method.request_models.len())?;
                check_model(&content_type, patch.text(), api)?;
                method.request_models.insert(content_type, patch.text().to_owned());
            }
        }
        _ => return Err(patch.unknown_path()),
    }
    Ok(())
}
