//! [`Limit`]: how much there may be of a resource. AWS's quotas hold under `--parity aws`; otherwise ours, which only
//! keep a client in a loop from filling the memory.

use crate::model::Settings;
use crate::model::settings::Parity;

/// A bounded resource.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// What it is, in the plural: `routes per API`.
    pub resource: &'static str,
    /// AWS's quota.
    pub aws: usize,
    /// Ours.
    pub ours: usize,
}

impl Limit {
    /// Whether one more than `existing` may be made.
    ///
    /// # Errors
    /// The limit is reached; the text says so.
    pub fn check(self, existing: usize, settings: &Settings) -> Result<(), String> {
        let most = match settings.parity {
            Parity::Aws => self.aws,
            Parity::LocalStack => self.ours,
        };
        match existing < most {
            true => Ok(()),
            false => Err(format!("Limit exceeded: at most {most} {}", self.resource)),
        }
    }
}
