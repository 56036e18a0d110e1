//! How many descriptors this process may have: each connection takes one, and most systems give a process 1,024 unless
//! it asks for more, which it may.

use rustix::process::{Resource, getrlimit, setrlimit};

use super::MAX_CONNS;

/// Descriptors besides connections: files that are read, processes' pipes that are not adopted yet, the log.
const OTHERS: u64 = 1024;

/// Raises the soft limit as far as it helps and as the hard limit lets us. If that fails, there are as many as there
/// were: a full table of descriptors has its own answer.
pub fn raise() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = MAX_CONNS as u64 + OTHERS;
    let allowed = limit.maximum.map_or(wanted, |maximum| maximum.min(wanted));
    if limit.current.is_some_and(|current| current < allowed) {
        let _ = setrlimit(Resource::Nofile, rustix::process::Rlimit { current: Some(allowed), ..limit });
    }
}
