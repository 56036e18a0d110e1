//! What a worker process is and sees: its program, arguments and environment, as data.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::model::function::Version;

/// The machine's side of a worker's environment.
#[derive(Clone, Debug)]
pub struct Host {
    /// Where functions reach us: `AWS_ENDPOINT_URL`.
    pub endpoint_url: String,
    /// `PATH` of our own environment; nothing else of it is passed on.
    pub path: String,
    /// Bootstraps for runtimes named by `--runtime NAME=PROGRAM`.
    pub runtimes: BTreeMap<String, PathBuf>,
    /// The folder where our own bootstraps were written: `node.mjs`, `python.py`.
    pub bootstraps: PathBuf,
}

/// How a worker talks with us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Frames over stdin and stdout, which the command moves to descriptors 3 and 4: our own bootstraps.
    Frames,
    /// The Lambda Runtime API over loopback TCP, on a port of the worker's own.
    RuntimeApi,
}

/// A process to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// How it talks.
    pub channel: Channel,
    /// A path, or a name to look up in `PATH`.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Its whole environment.
    pub environment: BTreeMap<String, String>,
    /// Its working directory.
    pub folder: PathBuf,
}

/// Which channel workers of this function use. `Err`: the runtime is unknown here; the text says what to do.
pub fn channel(_function: &Version, _host: &Host) -> Result<Channel, String> {
    unimplemented!()
}

/// The process that runs `function`; `runtime_api` is the worker's own port, for that channel.
pub fn command(
    _function: &Version,
    _host: &Host,
    _runtime_api: Option<SocketAddr>,
) -> Result<Command, String> {
    unimplemented!()
}
