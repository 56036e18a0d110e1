//! `maxResults` and `nextToken`: lists, page by page.

use serde_json::Value;

use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::bad_request;
use crate::control::page::{Page, api_gateway_size};

/// The page that the call asks for, of items in the order of their keys.
pub fn of<'a, T>(
    context: &Context,
    call: &Call,
    items: impl Iterator<Item = (&'a str, T)>,
    show: impl Fn(T) -> Value,
) -> Result<Answer, Error> {
    let most = api_gateway_size(context, call, "maxResults")?;
    let token = call.query("nextToken");
    let page = Page::of(items, token, most).map_err(|_| bad_request("Invalid nextToken specified"))?;
    Ok(Answer::ok(page.map(show).members("items", "nextToken")))
}
