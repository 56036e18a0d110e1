//! HTTP/1.1 (RFC 9110, RFC 9112), both sides, sans-IO.
//!
//! ```text
//! bytes ── Decoder ──> Request ── ... ── Response ── write ──> bytes      we serve
//! bytes <── client::write_request ── ... ── client::Decoder <── bytes     we ask
//! ```
//!
//! Bodies are buffered whole, as API Gateway does, unless whoever asks takes them in pieces. A request that could be
//! read in two ways is refused, never guessed: that is how request smuggling ends.

pub mod body;
pub mod client;
pub mod decoder;
pub mod error;
pub mod fields;
pub mod grammar;
mod head;
pub mod inbox;
pub mod request;
pub mod response;
pub mod spares;

#[cfg(test)]
mod tests;

pub use decoder::{Decoded, Decoder, Limits, Phase, Reception};
pub use error::Error;
pub use inbox::Inbox;
pub use request::{Request, Version};
pub use response::{BadHeader, Framing, Response};
pub use spares::Spares;
