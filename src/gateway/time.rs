//! The time as events spell it, which changes once a second.

use crate::base::{Now, clock};

/// See the module.
#[derive(Default)]
pub(super) struct Time {
    second: Option<u64>,
    text: String,
}

impl Time {
    /// How `now` is spelled.
    pub(super) fn at(&mut self, now: Now) -> &str {
        let second = now.unix_seconds();
        if self.second != Some(second) {
            self.second = Some(second);
            self.text.clear();
            clock::clf(&mut self.text, second);
        }
        &self.text
    }
}
