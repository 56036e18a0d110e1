//! The tag that decides an api's id, V1 and V2: LocalStack's convenience.

use super::answer::Error;
use super::input::bad_request;
use crate::model::{ApiId, Store};

/// The tag.
pub const TAG: &str = "_custom_id_";

/// The id that the tag's value asks for. It becomes a label of host names, so it must be able to.
///
/// # Errors
/// It is not, or another api has it. `name` is what the message calls it: `RestApiId`.
pub fn read(store: &Store, custom: &str, name: &str) -> Result<ApiId, Error> {
    if custom.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(bad_request(format!("The {name} '{custom}' cannot contain uppercase characters")));
    }
    let of_label = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    // RFC 1123 section 2.1; RFC 1035 section 2.3.4: a label has at most 63 octets.
    let is_label = (1..=63).contains(&custom.len())
        && custom.bytes().all(of_label)
        && !custom.starts_with('-')
        && !custom.ends_with('-');
    if !is_label {
        return Err(bad_request(format!(
            "The {name} '{custom}' must have 1 to 63 lower-case letters, digits and hyphens, and no hyphen at either end"
        )));
    }
    if store.has_api(custom) {
        return Err(Error::new(409, "ConflictException", format!("API with id '{custom}' already exists")));
    }
    Ok(ApiId::new(custom))
}
