//! Lists in pages: `NextToken` is where the next one begins.

use super::template::invalid;
use crate::control::answer::Error;
use crate::control::form::Form;

/// A page of `items`, and the token of the next one.
///
/// # Errors
/// The token is none of ours.
pub fn take<'i, T>(form: &Form, items: &'i [T], size: usize) -> Result<(&'i [T], Option<String>), Error> {
    let from = match form.said("NextToken") {
        None => 0,
        Some(token) => token
            .parse()
            .ok()
            .filter(|from| *from <= items.len())
            .ok_or_else(|| invalid(format!("The provided NextToken {token} is not valid")))?,
    };
    let to = items.len().min(from + size);
    Ok((&items[from..to], (to < items.len()).then(|| to.to_string())))
}
