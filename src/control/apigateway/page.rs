//! `limit` and `position`: lists, page by page.

use serde_json::Value;

use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::bad_request;
use crate::control::page::{Page, api_gateway_size};

/// The page that the call asks for, of items in the order of their keys. V1 calls the list `item`.
pub fn of<'a, T>(
    context: &Context,
    call: &Call,
    items: impl Iterator<Item = (&'a str, T)>,
    show: impl Fn(T) -> Value,
) -> Result<Answer, Error> {
    let most = api_gateway_size(context, call, "limit")?;
    let token = call.query("position").filter(|position| !position.is_empty());
    let page =
        Page::of(items, token, most).map_err(|_| bad_request("Invalid position parameter specified"))?;
    Ok(Answer::ok(page.map(show).members("item", "position")))
}
