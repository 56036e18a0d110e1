//! Our bootstraps as processes: node and python3 load functions and speak frames, as the reactor would have it.

mod node;
mod python;
mod worker;
