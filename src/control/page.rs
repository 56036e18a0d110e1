//! Pages of lists: a size, and a token that names the last item of the page before.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::Context;
use super::answer::Error;
use super::call::Call;
use super::input::bad_request;
use crate::model::settings::Parity;

/// What API Gateway gives a client that doesn't say.
const DEFAULT_SIZE: usize = 25;
/// The most that API Gateway gives; ours by default, as LocalStack never pages: a client that doesn't page sees all.
const MAX_SIZE: usize = 500;

/// A page of items, and the token of the next one.
#[derive(Debug)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// What the caller sends to go on; `None`: there is no more.
    pub next: Option<String>,
}

/// A token that no answer has given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadToken;

impl<T> Page<T> {
    /// At most `most` of `items`, in the order of their keys, behind the one that `token` names.
    ///
    /// # Errors
    /// [`BadToken`].
    pub fn of<'k>(
        items: impl Iterator<Item = (&'k str, T)>,
        token: Option<&str>,
        most: usize,
    ) -> Result<Self, BadToken> {
        let after = match token {
            None => None,
            Some(token) => {
                let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| BadToken)?;
                Some(String::from_utf8(bytes).map_err(|_| BadToken)?)
            }
        };
        let mut rest =
            items.skip_while(|(key, _)| after.as_deref().is_some_and(|after| *key <= after)).peekable();
        let (mut page, mut last) = (Vec::new(), "");
        while page.len() < most
            && let Some((key, item)) = rest.next()
        {
            page.push(item);
            last = key;
        }
        let next = rest.peek().is_some().then(|| URL_SAFE_NO_PAD.encode(last));
        Ok(Self { items: page, next })
    }

    /// The same page of what `show` makes of each item.
    pub fn map<U>(self, show: impl Fn(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(show).collect(), next: self.next }
    }
}

/// How many items a call to API Gateway asks for by the parameter `name`, in either of its versions.
///
/// # Errors
/// It is no positive number.
pub fn api_gateway_size(context: &Context, call: &Call, name: &str) -> Result<usize, Error> {
    match call.query(name) {
        None => Ok(match context.settings.parity {
            Parity::Aws => DEFAULT_SIZE,
            Parity::LocalStack => MAX_SIZE,
        }),
        Some(text) => match text.parse::<usize>() {
            Ok(size) if size > 0 => Ok(size.min(MAX_SIZE)),
            Ok(_) | Err(_) => Err(bad_request(format!("{name} must be a positive integer"))),
        },
    }
}

impl Page<Value> {
    /// The members of an answer: the list, and the token where more follows.
    pub fn members(self, list: &str, token: &str) -> Value {
        let mut members = Map::new();
        members.insert(list.into(), self.items.into());
        members.extend(self.next.map(|next| (token.into(), next.into())));
        Value::Object(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other() {
        let all = ["a", "b", "c", "d", "e"];
        let (mut token, mut seen) = (None, Vec::new());
        for _ in 0..3 {
            let items = all.iter().map(|key| (*key, Value::from(*key)));
            let page = Page::of(items, token.as_deref(), 2).unwrap();
            seen.extend(page.items.iter().map(|item| item.as_str().unwrap_or_default().to_owned()));
            token = page.next;
        }
        assert_eq!((seen.join(""), token), ("abcde".into(), None));
        let nothing = std::iter::empty::<(&str, Value)>();
        assert_eq!(Page::of(nothing, Some("?"), 1).unwrap_err(), BadToken);
        let page = Page::of(std::iter::once(("k", Value::Null)), None, 1).unwrap();
        assert_eq!(page.members("Keys", "NextToken"), serde_json::json!({ "Keys": [null] }));
    }
}
