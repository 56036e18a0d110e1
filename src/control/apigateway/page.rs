//! `limit` and `position`: lists, page by page.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::bad_request;
use crate::control::members::Members;
use crate::model::settings::Parity;

/// What AWS gives a client that doesn't say.
const DEFAULT_LIMIT: usize = 25;
/// The most that AWS gives; ours by default, as LocalStack never pages: a client that doesn't page sees all.
const MAX_LIMIT: usize = 500;

/// The page that the call asks for, of items in the order of their keys. V1 calls the list `item`.
pub fn of<'a, T>(
    context: &Context,
    call: &Call,
    items: impl Iterator<Item = (&'a str, T)>,
    show: impl Fn(T) -> Value,
) -> Result<Answer, Error> {
    let (limit, after) = asked(context, call)?;
    let mut rest =
        items.skip_while(|(key, _)| after.as_deref().is_some_and(|after| *key <= after)).peekable();
    let mut page = Vec::new();
    let mut last = "";
    while page.len() < limit {
        let Some((key, item)) = rest.next() else { break };
        page.push(show(item));
        last = key;
    }
    let position = rest.peek().is_some().then(|| URL_SAFE_NO_PAD.encode(last));
    Ok(Answer::ok(Members::default().with("item", page).maybe("position", position).done()))
}

/// How many, and after which key.
fn asked(context: &Context, call: &Call) -> Result<(usize, Option<String>), Error> {
    let limit = match call.query("limit") {
        None => match context.settings.parity {
            Parity::Aws => DEFAULT_LIMIT,
            Parity::LocalStack => MAX_LIMIT,
        },
        Some(text) => match text.parse::<usize>() {
            Ok(limit) if limit > 0 => limit.min(MAX_LIMIT),
            Ok(_) | Err(_) => return Err(bad_request("limit must be a positive integer")),
        },
    };
    let key = |position: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(position).ok()?;
        String::from_utf8(bytes).ok()
    };
    match call.query("position").filter(|position| !position.is_empty()) {
        None => Ok((limit, None)),
        Some(position) => match key(position) {
            Some(after) => Ok((limit, Some(after))),
            None => Err(bad_request("Invalid position parameter specified")),
        },
    }
}
