//! Models: any schema is compiled or refused, any value fits or is complained of, in bounded time.

use gatelet::live::schema::Schema;
use serde_json::Value;

/// A schema, and after a line of `%%` a value; the schema can refer to itself as `other`.
pub fn schema(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (text, value) = text.split_once("\n%%\n").unwrap_or((text, "null"));
    let other = serde_json::from_str::<Value>(text).ok();
    let Ok(schema) = Schema::parse_among(text, |name| other.clone().filter(|_| name == "other")) else {
        return;
    };
    for value in [serde_json::from_str(value).unwrap_or_default(), Value::from(value)] {
        assert_eq!(schema.fits(&value), schema.complaint(&value).is_none());
    }
}
