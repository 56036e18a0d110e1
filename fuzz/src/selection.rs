//! Selection expressions: any expression takes any message, and what is found without a tree is what a tree has.

use gatelet::live::json_path::JsonPath;
use gatelet::live::selection::{Responded, Selection};

/// An expression, and after the first line's end a message.
pub fn selection(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some((expression, message)) = text.split_once('\n') else { return };
    let selection = Selection::parse(expression);
    let is_object = selection.of_message(message).is_some();
    let headers = |name: &str| vec![name.to_owned().into()];
    selection.of_response(message, Responded { status: 200, headers: &headers });

    let Ok(value) = serde_json::from_str::<serde_json::Value>(message) else { return };
    let path = expression.strip_prefix("${request.body").and_then(|rest| rest.strip_suffix('}'));
    let Some(path) = path.filter(|path| !path.contains('}')).and_then(JsonPath::parse) else { return };
    // A name that is there twice is found first by one, and last by the other.
    let message = value.to_string();
    let expected = path.text(&value);
    assert_eq!(path.find(&message).as_deref(), expected.as_deref());
    assert_eq!(is_object, value.is_object());
    if value.is_object() {
        assert_eq!(selection.of_message(&message).as_deref(), Some(&*expected.unwrap_or_default()));
    }
}
