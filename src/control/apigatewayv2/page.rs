//! `maxResults` and `nextToken`: lists, page by page.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::{Answer, Call, Error, Members};
use crate::control::Context;
use crate::control::input::bad_request;
use crate::model::settings::Parity;

/// What AWS gives a client that doesn't say.
const DEFAULT_RESULTS: usize = 25;
/// The most that AWS gives; ours by default, as LocalStack never pages: a client that doesn't page sees all.
const MAX_RESULTS: usize = 500;

/// The page that the call asks for, of items in the order of their keys.
pub fn of<'a, T>(
    context: &Context,
    call: &Call,
    items: impl Iterator<Item = (&'a str, T)>,
    show: impl Fn(T) -> Value,
) -> Result<Answer, Error> {
    let (results, after) = asked(context, call)?;
    let mut rest =
        items.skip_while(|(key, _)| after.as_deref().is_some_and(|after| *key <= after)).peekable();
    let mut page = Vec::new();
    let mut last = "";
    while page.len() < results {
        let Some((key, item)) = rest.next() else { break };
        page.push(show(item));
        last = key;
    }
    let token = rest.peek().is_some().then(|| URL_SAFE_NO_PAD.encode(last));
    Ok(Answer::ok(Members::default().with("items", page).maybe("nextToken", token).done()))
}

/// How many, and after which key.
fn asked(context: &Context, call: &Call) -> Result<(usize, Option<String>), Error> {
    let results = match call.query("maxResults") {
        None => match context.settings.parity {
            Parity::Aws => DEFAULT_RESULTS,
            Parity::LocalStack => MAX_RESULTS,
        },
        Some(text) => match text.parse::<usize>() {
            Ok(results) if results > 0 => results.min(MAX_RESULTS),
            Ok(_) | Err(_) => return Err(bad_request("maxResults must be a positive integer")),
        },
    };
    let key = |token: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        String::from_utf8(bytes).ok()
    };
    match call.query("nextToken") {
        None => Ok((results, None)),
        Some(token) => match key(token) {
            Some(after) => Ok((results, Some(after))),
            None => Err(bad_request("Invalid nextToken specified")),
        },
    }
}
