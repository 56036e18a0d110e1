//! UpdateRestApi.

use super::super::patch::{Op, Patch, unescaped};
use super::super::{edit, find};
use super::endpoint::Draft;
use super::{add_media_type, api_key_source, compression_size, policy, show_with_tags};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::bad_request;
use crate::model::{RestApi, Store};

/// UpdateRestApi
pub fn update(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let patches = Patch::read(call)?;
    find(store, call)?;
    edit(store, call, |api, _| {
        let mut endpoint = Draft::of(&api.endpoint);
        for patch in &patches {
            apply(api, &mut endpoint, patch, context)?;
        }
        api.endpoint = endpoint.done()?;
        Ok(Answer::ok(show_with_tags(api)))
    })
}

fn apply(api: &mut RestApi, endpoint: &mut Draft, patch: &Patch, context: &Context) -> Result<(), Error> {
    match patch.segments()[..] {
        ["name"] => {
            patch.must_be(&[Op::Replace])?;
            if patch.text().is_empty() {
                return Err(bad_request("Name cannot be an empty string"));
            }
            api.name = patch.text().to_owned();
        }
        ["description"] => {
            patch.must_be(&[Op::Add, Op::Remove, Op::Replace])?;
            api.description = patch.member();
        }
        ["version"] => {
            patch.must_be(&[Op::Add, Op::Remove, Op::Replace])?;
            api.version = patch.member();
        }
        ["policy"] => {
            patch.must_be(&[Op::Add, Op::Remove, Op::Replace])?;
            api.policy = policy::read(&patch.member().unwrap_or_default())?;
        }
        ["apiKeySource"] => {
            patch.must_be(&[Op::Replace])?;
            api.api_key_source = api_key_source(patch.text())?;
        }
        ["minimumCompressionSize"] => {
            patch.must_be(&[Op::Replace])?;
            api.minimum_compression_size = patch.member().map(|size| compression_size(&size)).transpose()?;
        }
        ["disableExecuteApiEndpoint"] => {
            patch.must_be(&[Op::Replace])?;
            api.disable_execute_api_endpoint = patch.boolean();
        }
        ["endpointConfiguration", ..] => endpoint.apply(patch)?,
        ["binaryMediaTypes", media_type] => {
            patch_media_types(api, patch, &unescaped(media_type), context)?;
        }
        _ => return Err(patch.unknown_path()),
    }
    Ok(())
}

/// A type that is replaced goes, and the new one comes last.
fn patch_media_types(
    api: &mut RestApi,
    patch: &Patch,
    media_type: &str,
    context: &Context,
) -> Result<(), Error> {
    match patch.op {
        Op::Add => add_media_type(api, media_type, context),
        Op::Remove => {
            api.binary_media_types.retain(|known| known != media_type);
            Ok(())
        }
        Op::Replace => {
            api.binary_media_types.retain(|known| known != media_type);
            add_media_type(api, patch.text(), context)
        }
        Op::Copy | Op::Move | Op::Test => patch.must_be(&[Op::Add, Op::Remove, Op::Replace]),
    }
}
