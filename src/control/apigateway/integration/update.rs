//! UpdateIntegration.

use super::super::patch::{Op, Patch, unescaped};
use super::super::{edit_method, find_method, limits, read};
use super::{check, kind, passthrough, set_connection_type, show, timeout_ms, unknown};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::bad_request;
use crate::model::Store;
use crate::model::rest::Integration;

/// UpdateIntegration
pub fn update(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let patches = Patch::read(call)?;
    find_method(store, call)?;
    edit_method(store, call, |method| {
        let mut integration = method.integration.take().ok_or_else(unknown)?;
        for patch in &patches {
            apply(&mut integration, patch, context)?;
        }
        check(&integration, method, context)?;
        let answer = Answer::ok(show(&integration));
        method.integration = Some(integration);
        Ok(answer)
    })
}

fn apply(integration: &mut Integration, patch: &Patch, context: &Context) -> Result<(), Error> {
    let more = |count| limits::check(limits::ENTRIES, count, &context.settings);
    let segments = patch.segments();
    match segments[..] {
        ["uri" | "httpMethod" | "credentials" | "connectionId" | "contentHandling"] => {
            patch.must_be(&[Op::Add, Op::Remove, Op::Replace])?;
        }
        ["type" | "timeoutInMillis" | "passthroughBehavior" | "connectionType" | "cacheNamespace"] => {
            patch.must_be(&[Op::Replace])?;
        }
        ["tlsConfig", "insecureSkipVerification"] => patch.must_be(&[Op::Replace])?,
        ["requestParameters" | "requestTemplates" | "cacheKeyParameters", _] => {
            patch.must_be(&[Op::Add, Op::Remove, Op::Replace])?;
        }
        _ => return Err(patch.unknown_path()),
    }
    let removes = patch.op == Op::Remove;
    match segments[..] {
        ["uri"] => integration.uri = patch.member(),
        ["httpMethod"] => integration.http_method = patch.member(),
        ["credentials"] => integration.credentials = patch.member(),
        ["connectionId"] => integration.connection_id = patch.member(),
        ["contentHandling"] => {
            let read = |text: String| read::content_handling(&text).ok_or_else(invalid_content_handling);
            integration.content_handling = patch.member().map(read).transpose()?;
        }
        ["type"] => integration.kind = kind(patch.text()).ok_or_else(invalid_kind)?,
        ["timeoutInMillis"] => integration.timeout_ms = timeout_ms(patch.text())?,
        ["passthroughBehavior"] => integration.passthrough = passthrough(patch.text())?,
        ["connectionType"] => set_connection_type(integration, patch.text())?,
        ["cacheNamespace"] => integration.cache_namespace = patch.text().to_owned(),
        ["tlsConfig", _] => integration.insecure_skip_verification = Some(patch.boolean()),
        ["cacheKeyParameters", name] => {
            let name = unescaped(name);
            integration.cache_key_parameters.retain(|known| *known != name);
            if !removes {
                more(integration.cache_key_parameters.len())?;
                integration.cache_key_parameters.push(name);
            }
        }
        [list, name] => {
            let name = unescaped(name);
            let map = match list {
                "requestParameters" => &mut integration.request_parameters,
                _ => &mut integration.request_templates,
            };
            if removes {
                map.remove(&name);
            } else {
                if list == "requestTemplates" && !read::is_content_type(&name) {
                    return Err(read::invalid_content_type(&name));
                }
                more(map.len())?;
                map.insert(name, patch.text().to_owned());
            }
        }
        _ => return Err(patch.unknown_path()),
    }
    Ok(())
}

fn invalid_content_handling() -> Error {
    bad_request("Invalid content handling specified. Valid options are CONVERT_TO_BINARY,CONVERT_TO_TEXT")
}

fn invalid_kind() -> Error {
    bad_request("Invalid integration type specified. Valid options are HTTP,MOCK,AWS_PROXY,HTTP_PROXY,AWS")
}
