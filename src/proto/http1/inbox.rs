//! [`Inbox`]: what a connection has received and nobody has taken yet.
//!
//! ```text
//!   bytes: [ taken | received, not taken | initialized room ]
//!                  ^ start               ^ end
//! ```
//!
//! Taking from the front moves an offset, not the rest: sixteen requests that came in one read cost no copy of
//! what stands behind each. The buffer can be taken whole, by the request that is alone in it.

use super::Spares;

/// Received bytes, with room for more behind them.
#[derive(Debug, Default)]
pub struct Inbox {
    /// All initialized, so that reading into the room needs no zeroing each time.
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl Inbox {
    /// An empty inbox, which has no buffer until it needs one.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was received and not taken yet.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// The same, to be decoded in place.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.start..self.end]
    }

    /// How many bytes were received and not taken yet.
    pub fn len(&self) -> usize {
        self.end - self.start
    }

    /// Whether nothing is there to take.
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Room for at least `at_least` bytes, to read into; say with [`Inbox::filled`] how many came. Where nothing
    /// is received yet, a spare buffer gives the room.
    pub fn room(&mut self, at_least: usize, spares: &mut Spares) -> &mut [u8] {
        if self.is_empty() {
            (self.start, self.end) = (0, 0);
            if self.bytes.len() < at_least {
                let larger = spares.bytes();
                if larger.len() > self.bytes.len() {
                    self.bytes = larger;
                }
            }
        } else if self.bytes.len() - self.end < at_least && self.start >= self.len() {
            // Each byte moved was paid for by one taken.
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.bytes.len() - self.end < at_least {
            self.bytes.resize(self.end + at_least, 0);
        }
        &mut self.bytes[self.end..]
    }

    /// The first `count` bytes of the room were received.
    ///
    /// # Panics
    /// When the room had not so many.
    pub fn filled(&mut self, count: usize) {
        assert!(count <= self.bytes.len() - self.end, "what was received fitted into the room");
        self.end += count;
    }

    /// Puts received bytes behind those that are there: for what does not come straight from a socket.
    pub fn extend(&mut self, received: &[u8], spares: &mut Spares) {
        self.room(received.len(), spares)[..received.len()].copy_from_slice(received);
        self.filled(received.len());
    }

    /// The first `count` bytes are taken; they can be looked at until something else is done here.
    ///
    /// # Panics
    /// When there are not so many.
    pub fn take(&mut self, count: usize) -> &[u8] {
        assert!(count <= self.len(), "what is taken was received");
        self.start += count;
        &self.bytes[self.start - count..self.start]
    }

    /// Lends the buffer for another when nothing is in it, so that a silent connection holds no memory.
    pub fn rest(&mut self, spares: &mut Spares) {
        if self.is_empty() {
            spares.put_bytes(std::mem::take(self).bytes);
        }
    }

    /// How large the buffer is.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.bytes.len()
    }

    /// Gives the buffer and where in it the received bytes begin; all of them are taken.
    pub(super) fn give(&mut self) -> (Vec<u8>, usize) {
        let Self { bytes, start, .. } = std::mem::take(self);
        (bytes, start)
    }

    /// Exchanges the buffer with this one, to be called twice: what is there can be looked at meanwhile, from
    /// the returned position on.
    pub(super) fn lend(&mut self, to: &mut Vec<u8>) -> usize {
        std::mem::swap(&mut self.bytes, to);
        self.start
    }

    /// Only the first `len` bytes are kept.
    pub(super) fn truncate(&mut self, len: usize) {
        assert!(len <= self.len(), "what is kept was received");
        self.end = self.start + len;
    }
}
