//! WebSocket APIs: what becomes of handshakes, messages and ends.
//!
//! ```text
//! handshake ──> authorizer? ──> $connect? ──> Upgrade, or Reply with the refusal
//! message   ──> the route it selects ──> integration ──> Send, or nothing
//! end       ──> unregistered ──> $disconnect? ──> nothing
//! ```
//!
//! Messages of one connection run side by side, up to a number; what they come to is sent as it comes.

mod answer;
mod authorize;
mod connect;
mod disconnect;
mod integrate;
mod message;
mod occasion;

pub(super) use answer::as_text;
pub(super) use connect::{Handshake, Knock};
pub(super) use disconnect::Parting;
pub(super) use message::Dispatch;
pub(super) use occasion::{Cause, Occasion, summary};
