//! The shell: the only module that knows sockets, threads, processes, clocks and files.

pub(crate) mod disk;
pub(crate) mod jobs;
pub(crate) mod process;
pub(crate) mod signals;
