//! Lambda's control plane.

use super::operation::Operation;
use super::{Done, Invocation};
use crate::base::Now;
use crate::model::invocation::{Invoked, Refused};

/// What is emulated.
pub const OPERATIONS: &[Operation] = &[];

/// Paths that carry code, and so may have large bodies.
pub const UPLOADS: &[&str] = &["/2015-03-31/functions", "/2018-10-31/layers"];

/// What AWS has besides.
pub const UNSUPPORTED: &[(&str, &str)] = &[];

impl Invocation {
    /// The answer once it ended.
    pub fn response(&self, _outcome: Result<Invoked, Refused>, _now: Now) -> Done {
        unimplemented!()
    }
    /// The answer to `InvocationType=Event`: 202.
    pub fn accepted(&self, _now: Now) -> Done {
        unimplemented!()
    }
}
