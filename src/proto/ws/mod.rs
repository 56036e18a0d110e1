//! WebSocket (RFC 6455), the server's side, sans-IO and without extensions.
//!
//! ```text
//! http1::Request ── handshake::check ──> Accept ── write_101 ──> bytes
//!        bytes ── Session::decode ──> Event::{Text, Binary, Close}
//!        bytes <── Session::{text, binary, close} ── ...
//! ```
//!
//! Pings are answered and closes are echoed by the [`Session`] itself. Who its connection belongs to, how long it
//! may be silent and what its messages mean is decided elsewhere.

pub mod close;
pub mod error;
pub mod frame;
pub mod handshake;
pub mod mask;
pub mod session;
pub mod utf8;

#[cfg(test)]
mod tests;

pub use close::Close;
pub use error::Error;
pub use frame::{Frame, Opcode};
pub use handshake::{Accept, Refusal};
pub use session::{Event, Limits, Session, State};
