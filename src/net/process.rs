//! Worker processes: started in a process group of their own, and ended and reaped without waiting.
//!
//! A worker sees the environment that its command names and nothing of ours. For [`Channel::Frames`] a shell
//! moves stdin and stdout to descriptors 3 and 4 before the program starts, so that what a function prints can
//! never get between frames.
//!
//! No worker outlives us, however we end: see [`guardian`]. A group is always killed before its leader is reaped: until then the leader's id, even of a process that has
//! ended, belongs to nobody else.

mod guardian;
pub mod memory;
pub mod script;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};

use mio::unix::pipe::{Receiver, Sender};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

use crate::lambda::Exit;
use crate::lambda::environment::{Channel, Command};
use guardian::Guardian;

/// A process that was just started, its pipes non-blocking.
#[derive(Debug)]
pub struct Started {
    /// To be kept in [`Children`].
    pub child: Process,
    /// To the worker and from it, for [`Channel::Frames`].
    pub frames: Option<(Sender, Receiver)>,
    /// What it prints, on stdout or stderr.
    pub output: Receiver,
}

/// Starts `command`. Blocks for as long as the system takes to do so.
///
/// # Errors
/// A text for the user: what is missing and what to do.
pub fn start(command: &Command) -> Result<Started, String> {
    let program = find(command)?;
    if !command.folder.is_dir() {
        return Err(format!("the code folder {} is gone", command.folder.display()));
    }
    spawn(command, &program).map_err(|error| format!("cannot start {}: {error}", program.display()))
}

/// The leader of a worker's process group. Dropping it kills the group, so that a worker whose start nobody hears
/// of any more does not live on.
#[derive(Debug)]
pub struct Process {
    child: Child,
    reaped: bool,
}

/// The worker processes that live or wait to be reaped, by the worker's key.
///
/// Dropping it kills them all.
#[derive(Debug, Default)]
pub struct Children {
    by_key: BTreeMap<u64, Process>,
    guardian: Guardian,
}

impl Children {
    /// Keeps `child`, to be found by `key`.
    pub fn insert(&mut self, key: u64, child: Process) {
        self.guardian.watch(child.child.id());
        let before = self.by_key.insert(key, child);
        debug_assert!(before.is_none(), "a key names one worker");
    }

    /// Kills the worker's whole group, if it still lives. [`Children::reap`] will tell when it is gone.
    pub fn kill(&mut self, key: u64) {
        if let Some(child) = self.by_key.get(&key) {
            child.kill_group();
        }
    }

    /// The process id of a worker's leader.
    pub fn id(&self, key: u64) -> Option<u32> {
        self.by_key.get(&key).map(|child| child.child.id())
    }

    /// Kills all groups.
    pub fn kill_all(&mut self) {
        self.by_key.values().for_each(Process::kill_group);
    }

    /// Reaps those that ended, without waiting, and ends what they left of their groups. Call on SIGCHLD, once
    /// for any number of them.
    pub fn reap(&mut self) -> Vec<(u64, Exit)> {
        let mut ended = Vec::new();
        self.by_key.retain(|key, child| {
            let Some(exit) = child.reap() else { return true };
            self.guardian.forget(child.child.id());
            ended.push((*key, exit));
            false
        });
        ended
    }
}

impl Process {
    fn id(&self) -> Option<Pid> {
        Pid::from_raw(self.child.id().cast_signed())
    }

    fn kill_group(&self) {
        if let Some(group) = self.id()
            && !self.reaped
        {
            // It may have ended by itself.
            let _ = rustix::process::kill_process_group(group, Signal::KILL);
        }
    }

    /// If the leader ended: ends what it left of its group, then reaps it.
    fn reap(&mut self) -> Option<Exit> {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        if let Some(id) = self.id()
            && matches!(rustix::process::waitid(WaitId::Pid(id), look), Ok(None))
        {
            return None;
        }
        self.kill_group();
        self.reaped = true;
        Some(match self.child.try_wait() {
            Ok(Some(status)) => exit(status),
            // Somebody else has reaped it.
            Ok(None) | Err(_) => Exit::Closed,
        })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill_group();
    }
}

/// Moves the channel out of the way of what is printed, which goes to stderr, and becomes the program.
const MOVE_CHANNEL: &str = r#"exec 3<&0 4>&1 1>&2 0</dev/null; exec "$@""#;

fn spawn(command: &Command, program: &Path) -> io::Result<Started> {
    let (output, printed) = io::pipe()?;
    let mut process = match command.channel {
        Channel::Frames => {
            let mut shell = std::process::Command::new("/bin/sh");
            shell.args(["-c", MOVE_CHANNEL, "sh"]).arg(program);
            shell.stdin(Stdio::piped()).stdout(Stdio::piped());
            shell
        }
        Channel::RuntimeApi => {
            let mut process = std::process::Command::new(program);
            process.stdin(Stdio::null()).stdout(printed.try_clone()?);
            process
        }
    };
    process.args(&command.arguments).env_clear().envs(&command.environment).current_dir(&command.folder);
    process.stderr(printed).process_group(0);
    let mut child = Process { child: process.spawn()?, reaped: false };
    let (to, from) = (child.child.stdin.take(), child.child.stdout.take());
    let frames = to.map(Sender::from).zip(from.map(Receiver::from));
    let output = Receiver::from(OwnedFd::from(output));
    if let Some((to, from)) = &frames {
        to.set_nonblocking(true)?;
        from.set_nonblocking(true)?;
    }
    output.set_nonblocking(true)?;
    Ok(Started { child, frames, output })
}

/// The program's path: as given if it names a folder, or where else it may be; else by the command's `PATH`.
fn find(command: &Command) -> Result<PathBuf, String> {
    // What comes first is named where there is none of them.
    let places = || std::iter::once(&command.program).chain(&command.alternatives);
    let program = places().find(|place| place.exists()).unwrap_or(&command.program);
    if program.components().count() > 1 {
        return match fs::metadata(program) {
            Ok(found) if is_executable(&found) => Ok(program.clone()),
            Ok(_) => Err(format!(
                "{} is no executable file: set its executable bit (chmod +x) before it is zipped",
                program.display()
            )),
            Err(error) => Err(format!("{} cannot be run: {error}", program.display())),
        };
    }
    let path = command.environment.get("PATH").map_or("", String::as_str);
    let mut places =
        path.split(':').filter(|folder| !folder.is_empty()).map(|folder| Path::new(folder).join(program));
    places.find(|place| fs::metadata(place).is_ok_and(|found| is_executable(&found))).ok_or_else(|| {
        let name = program.display();
        format!(
            "the program {name} is not on this machine's PATH ({path}): install it, \
             or name another one by gatelet --runtime NAME=PROGRAM"
        )
    })
}

fn is_executable(file: &fs::Metadata) -> bool {
    file.is_file() && file.permissions().mode() & 0o111 != 0
}

fn exit(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, Some(signal)) => Exit::Signal(signal),
        (None, None) => Exit::Closed,
    }
}

#[cfg(test)]
mod tests;
