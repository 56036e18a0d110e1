//! [`Guardian`]: a small shell that outlives us, by as long as it takes to end our workers.
//!
//! However we end (a second signal, SIGKILL, a crash), the system closes the pipe that the guardian reads, and
//! what it was told of last is what it kills. Nothing else sees to that: a worker in an endless loop would go on
//! forever, and a function's own children know nothing of our channel.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use mio::unix::pipe::Sender;

/// Reads `+ GROUP` and `- GROUP`, one a line.
const SCRIPT: &str = r#"
live=
while read -r change group; do
  case $change in
    +) live="$live $group" ;;
    -) rest=
       for other in $live; do [ "$other" = "$group" ] || rest="$rest $other"; done
       live=$rest ;;
  esac
done
for group in $live; do kill -9 "-$group"; done
"#;

/// Starts with the first worker. Where there is no shell there is no guardian, and nothing else changes.
#[derive(Debug, Default)]
pub(super) struct Guardian {
    shell: Option<Shell>,
    tried: bool,
}

#[derive(Debug)]
struct Shell {
    /// Ends by itself when `to` is closed.
    _process: Child,
    to: Sender,
}

impl Guardian {
    /// A group is alive.
    pub(super) fn watch(&mut self, group: u32) {
        if !self.tried {
            self.tried = true;
            self.shell = Shell::start();
        }
        self.say('+', group);
    }

    /// A group is gone, and its number free for others.
    pub(super) fn forget(&mut self, group: u32) {
        self.say('-', group);
    }

    fn say(&mut self, change: char, group: u32) {
        if let Some(shell) = &mut self.shell {
            // A line is far smaller than PIPE_BUF, so it is written whole or, should nobody read, not at all.
            let _ = shell.to.write_all(format!("{change} {group}\n").as_bytes());
        }
    }
}

impl Shell {
    fn start() -> Option<Self> {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", SCRIPT]).env_clear().current_dir("/").process_group(0);
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut process = shell.spawn().ok()?;
        let to = Sender::from(process.stdin.take()?);
        to.set_nonblocking(true).ok()?;
        Some(Self { _process: process, to })
    }
}
