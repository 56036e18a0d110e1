//! [`Scripts`]: programs of the user's that accompany a run. Each has a process group of its own, and whoever runs
//! one waits for it, on a thread that may.
//!
//! What a script leaves behind (a back end that it started) lives on, and ends with us. For that its leader is
//! never reaped: until we end, its id belongs to no other group.

use std::io::{self, PipeReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fs, thread};

use rustix::process::{WaitId, WaitIdOptions, waitid};

use super::guardian::Guardian;
use super::{Process, is_executable};

/// How long the last lines of a script that has ended may take. More come for as long as what it started prints.
const LAST_LINES: Duration = Duration::from_millis(250);

/// How much of what a script prints is taken at once.
const PIECE: usize = 16 * 1024;

/// The scripts that were started. Clones are handles of the same.
#[derive(Clone, Debug, Default)]
pub struct Scripts {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    over: bool,
    processes: Vec<Process>,
    guardian: Guardian,
}

/// Who takes what a script prints: whole lines, in pieces.
pub type Print = Box<dyn Fn(&[u8]) + Send>;

impl Scripts {
    /// Runs `script` to its end: a `.py` by `python3`, all else by itself. It sees our environment, and
    /// `environment` besides.
    ///
    /// # Errors
    /// Why it could not be started, or how it ended.
    pub fn run(&self, script: &Path, environment: &[(String, String)], print: Print) -> Result<(), String> {
        let failed = |error: io::Error| format!("cannot be started: {error}");
        let mut command = command(script)?;
        let (output, printed) = io::pipe().map_err(failed)?;
        command.stdin(Stdio::null()).stdout(printed.try_clone().map_err(failed)?).stderr(printed);
        command.envs(environment.iter().map(|(name, value)| (name, value))).process_group(0);
        let child = command.spawn().map_err(failed)?;
        // It holds our ends of the pipe.
        drop(command);
        let process = Process { child, reaped: false };
        let id = process.id().ok_or("has no id")?;
        {
            let mut shared = self.lock();
            shared.guardian.watch(process.child.id());
            if shared.over {
                process.kill_group();
            }
            shared.processes.push(process);
        }
        let printed = pass_on(output, print).map_err(failed)?;
        let ended = waitid(WaitId::Pid(id), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        let _ = printed.recv_timeout(LAST_LINES);
        let status = ended.map_err(|error| format!("cannot be waited for: {error}"))?;
        match status.map(|status| (status.exit_status(), status.terminating_signal())) {
            Some((Some(0), _)) => Ok(()),
            Some((Some(code), _)) => Err(format!("ended with exit code {code}")),
            Some((None, Some(signal))) => Err(format!("was ended by signal {signal}")),
            Some((None, None)) | None => Err("ended".into()),
        }
    }

    /// Kills them all and what they left. Those that are yet to come are killed at once.
    pub fn end_all(&self) {
        let mut shared = self.lock();
        shared.over = true;
        shared.processes.iter().for_each(Process::kill_group);
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn command(script: &Path) -> Result<std::process::Command, String> {
    if script.extension().is_some_and(|extension| extension == "py") {
        let mut python = std::process::Command::new("python3");
        python.arg(script).env("PYTHONUNBUFFERED", "1");
        return Ok(python);
    }
    match fs::metadata(script) {
        Ok(found) if is_executable(&found) => Ok(std::process::Command::new(script)),
        Ok(found) => Err(format!(
            "is not executable (its mode is {:o}): chmod +x {}",
            found.permissions().mode() & 0o777,
            script.display()
        )),
        Err(error) => Err(format!("cannot be started: {error}")),
    }
}

/// Passes on what comes, by whole lines, until nobody can write any more; then the receiver is told.
fn pass_on(mut output: PipeReader, print: Print) -> io::Result<Receiver<()>> {
    let (done, told) = mpsc::channel();
    thread::Builder::new().name("script".into()).spawn(move || {
        let (mut kept, mut piece) = (Vec::new(), [0; PIECE]);
        while let Ok(count @ 1..) = output.read(&mut piece) {
            kept.extend_from_slice(&piece[..count]);
            let whole = match memchr::memrchr(b'\n', &kept) {
                Some(end) => end + 1,
                None if kept.len() >= PIECE => kept.len(),
                None => continue,
            };
            print(&kept[..whole]);
            kept.drain(..whole);
        }
        if !kept.is_empty() {
            print(&kept);
        }
        let _ = done.send(());
    })?;
    Ok(told)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Instant;

    use super::*;

    fn folder() -> PathBuf {
        let folder = std::env::temp_dir().join(format!("scripts-{:016x}", fastrand::u64(..)));
        fs::create_dir(&folder).unwrap();
        folder
    }

    fn script(folder: &Path, name: &str, mode: u32, text: &str) -> PathBuf {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    #[test]
    fn scripts_run_to_their_end_and_are_heard() {
        let folder = folder();
        let environment = [("WHO".to_owned(), "world".to_owned())];
        for (name, mode, text, expected, printed) in [
            ("a.sh", 0o755, "#!/bin/sh\necho hello $WHO\necho there >&2\n", Ok(()), "hello world\nthere\n"),
            ("b.sh", 0o755, "#!/bin/sh\nprintf half\nexit 3\n", Err("ended with exit code 3"), "half"),
            ("c.sh", 0o755, "#!/bin/sh\nkill -9 $$\n", Err("was ended by signal 9"), ""),
            ("d.sh", 0o644, "#!/bin/sh\n", Err("is not executable"), ""),
            ("e.sh", 0o755, "#!/no/such/shell\n", Err("cannot be started"), ""),
            ("f.py", 0o644, "import os\nprint(os.environ['WHO'])\nraise SystemExit(1)", Err("1"), "world\n"),
            // What it leaves holds the pipe, and keeps nobody.
            ("g.sh", 0o755, "#!/bin/sh\nsleep 1000 &\necho left\n", Ok(()), "left\n"),
        ] {
            let scripts = Scripts::default();
            let (heard, said) = mpsc::channel();
            let path = script(&folder, name, mode, text);
            let print = move |text: &[u8]| heard.send(text.to_vec()).unwrap();
            let outcome = scripts.run(&path, &environment, Box::new(print));
            match expected {
                Ok(()) => assert_eq!(outcome, Ok(()), "{name}"),
                Err(part) => {
                    assert!(outcome.as_ref().is_err_and(|why| why.contains(part)), "{name}: {outcome:?}")
                }
            }
            scripts.end_all();
            let said: Vec<u8> = said.iter().flatten().collect();
            assert_eq!(String::from_utf8(said).unwrap(), printed, "{name}");
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn the_end_is_the_end_of_all() {
        let folder = folder();
        let path = script(&folder, "a.sh", 0o755, "#!/bin/sh\necho up\nsleep 1000\n");
        let scripts = Scripts::default();
        let (heard, said) = mpsc::channel();
        let (runner, sleeper) = (scripts.clone(), path.clone());
        let print = move |_: &[u8]| heard.send(()).unwrap();
        let running = thread::spawn(move || runner.run(&sleeper, &[], Box::new(print)));
        said.recv().unwrap();
        let since = Instant::now();
        scripts.end_all();
        assert_eq!(running.join().unwrap(), Err("was ended by signal 9".into()));
        assert_eq!(
            scripts.run(&path, &[], Box::new(|_| ())),
            Err("was ended by signal 9".into()),
            "too late"
        );
        assert!(since.elapsed() < Duration::from_secs(500));
        fs::remove_dir_all(folder).unwrap();
    }
}
