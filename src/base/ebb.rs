//! [`Ebb`]: when a container that grew for a crowd gives its memory back.

/// So few cost nothing to keep room for.
const SMALL: usize = 1024;

/// Says when to shrink: once a quarter of the room is taken, and again at each half of that. Between two walks
/// through the room half of what was there has gone, so each removal pays for a bounded part of them.
#[derive(Debug, Default)]
pub struct Ebb {
    /// How many may be left the next time.
    at: usize,
}

impl Ebb {
    /// One was added: now so many take so much room.
    pub fn rose(&mut self, len: usize, room: usize) {
        if len > room / 2 {
            self.at = room / 4;
        }
    }

    /// One was removed: now so many take so much room. Whether to shrink.
    pub fn fell(&mut self, len: usize, room: usize) -> bool {
        let is_low = room > SMALL && len <= self.at;
        if is_low {
            self.at = len / 2;
        }
        is_low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shrinks_a_few_times_on_the_way_down() {
        let mut ebb = Ebb::default();
        let room = 16_384;
        (1..=10_000).for_each(|len| ebb.rose(len, room));
        let lows: Vec<usize> = (0..10_000).rev().filter(|len| ebb.fell(*len, room)).collect();
        assert_eq!(lows, [4096, 2048, 1024, 512, 256, 128, 64, 32, 16, 8, 4, 2, 1, 0]);
        assert!(!Ebb::default().fell(0, SMALL), "there is nothing to gain");
    }
}
