//! [`Span`]: a part of a buffer, by position instead of by reference, so that it moves with the buffer's owner.

/// Bytes `start..end` of a buffer that the holder knows; at most 4 GiB in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// The span `start..end`.
    ///
    /// # Panics
    /// When `end` lies before `start` or beyond 4 GiB: buffers are bounded far below that.
    pub fn new(start: usize, end: usize) -> Self {
        assert!(start <= end && end <= u32::MAX as usize, "a span lies within a bounded buffer");
        Self { start: start as u32, end: end as u32 }
    }

    /// The span of `part`, which must be a subslice of `whole`.
    pub fn within(whole: &[u8], part: &[u8]) -> Self {
        let start = part.as_ptr() as usize - whole.as_ptr() as usize;
        debug_assert!(start + part.len() <= whole.len(), "the part lies in the whole");
        Self::new(start, start + part.len())
    }

    /// The bytes, of the buffer that the span was made for.
    pub fn of(self, buffer: &[u8]) -> &[u8] {
        &buffer[self.start as usize..self.end as usize]
    }

    /// Where it starts.
    pub fn start(self) -> usize {
        self.start as usize
    }

    /// Where it ends.
    pub fn end(self) -> usize {
        self.end as usize
    }

    /// How many bytes it covers.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether it covers none.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}
