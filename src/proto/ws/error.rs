//! Why a connection fails, and what its peer is told.

use super::close;

/// What the peer did wrong. The session has told it so in a close frame, and decodes nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// It does not speak RFC 6455.
    Protocol(&'static str),
    /// Text, or the reason of a close, is not UTF-8.
    NotUtf8,
    /// A frame exceeds the limit.
    FrameTooLarge,
    /// A message exceeds the limit.
    MessageTooLarge,
}

impl Error {
    /// The code of the close frame (RFC 6455 section 7.4.1).
    pub fn close_code(self) -> u16 {
        self.told().0
    }

    /// The reason in the close frame.
    pub fn reason(self) -> &'static str {
        self.told().1
    }

    /// Code and reason: the one place that maps errors to them.
    fn told(self) -> (u16, &'static str) {
        match self {
            Self::Protocol(why) => (close::PROTOCOL_ERROR, why),
            Self::NotUtf8 => (close::INVALID_PAYLOAD, "not UTF-8"),
            Self::FrameTooLarge => (close::TOO_LARGE, "the frame is too large"),
            Self::MessageTooLarge => (close::TOO_LARGE, "the message is too large"),
        }
    }
}
