//! HTTP/1.1 (RFC 9110, RFC 9112), both sides, sans-IO.
//!
//! ```text
//! bytes ── Decoder ──> Request ── ... ── Response ── write ──> bytes      we serve
//! bytes <── client::write_request ── ... ── client::Decoder <── bytes     we ask
//! ```
//!
//! Bodies are buffered whole, as API Gateway does. A request that could be read in two ways is refused, never
//! guessed: that is how request smuggling ends.

pub mod body;
pub mod client;
pub mod inbox;
pub mod request;
pub mod response;
pub mod spares;

pub use inbox::Inbox;
pub use request::{Decoded, Decoder, Error, Limits, Phase, Request, Version};
pub use response::{BadHeader, Framing, Response};
pub use spares::Spares;
