//! [`Hooks`]: the scripts that accompany a run, and what else is done before `Ready.` is said.
//!
//! ```text
//!  run ── thread: boot.d, start.d, ready.d, up ── "Ready." ───── SIGTERM ── thread: shutdown.d ── Message::HooksOver
//!     the reactor serves all the while: scripts call us
//! ```
//!
//! A script that fails is reported and stops nothing.
//! <https://docs.localstack.cloud/references/init-hooks/>

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use super::mailbox::{Mailbox, Message};
use super::process::script::{Print, Scripts};
use super::read_clock;
use super::up::Up;
use crate::control::Control;
use crate::control::init::{Stage, State};
use crate::log::{Handle, Level};

/// How long the scripts of `shutdown.d` may take in all: `docker stop` waits for 10 s.
pub const SHUTDOWN_WITHIN: Duration = Duration::from_secs(5);

/// More scripts than anybody writes; what is beyond them is not run.
const MOST_SCRIPTS: usize = 1000;

/// Folders in folders, at most.
const DEEPEST: usize = 16;

/// A script and its stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    stage: Stage,
    path: PathBuf,
}

/// What accompanies a run.
pub struct Plan {
    /// The scripts, from [`find`].
    pub scripts: Vec<Script>,
    /// What scripts see besides our own environment.
    pub environment: Vec<(String, String)>,
    /// What to deploy behind them.
    pub up: Option<Up>,
    /// What to say on stdout when the start is over.
    pub ready: String,
    /// Where what scripts print goes.
    pub log: Handle,
}

/// The scripts in `root`, in the order in which they run: by name, the files of a folder before its folders. What
/// lies in `boot.d`, `start.d` and `shutdown.d` belongs to those stages, all else to READY.
///
/// # Errors
/// When the folder cannot be read.
pub fn find(root: &Path) -> io::Result<Vec<Script>> {
    let root = std::path::absolute(root)?;
    fs::read_dir(&root)?;
    let mut found = Vec::new();
    for stage in Stage::ALL {
        match stage {
            Stage::Ready => walk(&root, stage, 0, &mut found),
            Stage::Boot | Stage::Start | Stage::Shutdown => {
                walk(&root.join(stage.folder()), stage, 1, &mut found);
            }
        }
    }
    Ok(found)
}

fn walk(folder: &Path, stage: Stage, depth: usize, found: &mut Vec<Script>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for entry in entries.flatten() {
        let path = entry.path();
        // A link to a folder is not followed, one to a file is: containers mount files so.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            let of_another = |other: &Stage| *other != stage && entry.file_name() == other.folder();
            if depth > 0 || !Stage::ALL.iter().any(of_another) {
                folders.push(path);
            }
        } else if path.extension().is_some_and(|extension| extension == "sh" || extension == "py")
            && path.is_file()
        {
            files.push(path);
        }
    }
    files.sort_unstable();
    folders.sort_unstable();
    let room = MOST_SCRIPTS.saturating_sub(found.len());
    found.extend(files.into_iter().take(room).map(|path| Script { stage, path }));
    if depth < DEEPEST {
        folders.iter().for_each(|folder| walk(folder, stage, depth + 1, found));
    }
}

/// The scripts of this run, and what is deployed.
pub struct Hooks {
    plan: Arc<Plan>,
    running: Scripts,
    /// Hangs up when we end.
    alive: Option<Sender<()>>,
}

impl Hooks {
    /// Nothing runs yet.
    pub fn new(plan: Plan) -> Self {
        Self { plan: Arc::new(plan), running: Scripts::default(), alive: None }
    }

    /// Runs what comes before `Ready.`, and says it. Does not wait.
    pub fn start(&mut self, control: &Arc<Control>, mailbox: &Mailbox) {
        let scripts = &self.plan.scripts;
        let waits = self.plan.up.is_some() || scripts.iter().any(|script| script.stage != Stage::Shutdown);
        if waits || !scripts.is_empty() {
            control.init.expect(scripts.iter().map(|script| (script.stage, file_name(&script.path))));
        }
        let (alive, ended) = mpsc::channel();
        self.alive = Some(alive);
        let start = Start {
            plan: Arc::clone(&self.plan),
            running: self.running.clone(),
            control: Arc::clone(control),
            mailbox: mailbox.clone(),
            ended,
        };
        if !waits {
            return start.run();
        }
        if let Err(error) = thread::Builder::new().name("start".into()).spawn(move || start.run()) {
            self.plan.report(Level::Error, &format!("no thread for scripts: {error}"));
            mailbox.send(Message::Failed);
        }
    }

    /// Runs what comes at the end, and then sends [`Message::HooksOver`]. Does not wait. `false`: there is nothing
    /// to run.
    pub fn shut_down(&self, control: &Arc<Control>, mailbox: &Mailbox) -> bool {
        if self.plan.scripts.iter().all(|script| script.stage != Stage::Shutdown) {
            return false;
        }
        let (plan, running) = (Arc::clone(&self.plan), self.running.clone());
        let (control, mailbox) = (Arc::clone(control), mailbox.clone());
        let work = move || {
            run(&plan, &running, &control, Stage::Shutdown);
            control.init.complete(Stage::Shutdown);
            mailbox.send(Message::HooksOver);
        };
        thread::Builder::new().name("hooks".into()).spawn(work).is_ok()
    }

    /// Ends what runs.
    pub fn end_all(&mut self) {
        self.alive = None;
        self.running.end_all();
    }
}

/// What is done before `Ready.` is said, and what follows edits afterwards.
struct Start {
    plan: Arc<Plan>,
    running: Scripts,
    control: Arc<Control>,
    mailbox: Mailbox,
    ended: Receiver<()>,
}

impl Start {
    fn run(self) {
        for stage in [Stage::Boot, Stage::Start] {
            run(&self.plan, &self.running, &self.control, stage);
            self.control.init.complete(stage);
        }
        run(&self.plan, &self.running, &self.control, Stage::Ready);
        let ready = || {
            self.control.init.complete(Stage::Ready);
            // Whoever reads this has nothing to do with whether we run.
            let _ = io::stdout().write_all(self.plan.ready.as_bytes());
        };
        match &self.plan.up {
            None => ready(),
            Some(up) => {
                if up.run(&self.control, ready, &self.ended).is_err() {
                    self.mailbox.send(Message::Failed);
                }
            }
        }
    }
}

/// Runs the scripts of a stage, one after the other.
fn run(plan: &Arc<Plan>, running: &Scripts, control: &Control, stage: Stage) {
    let scripts = plan.scripts.iter().enumerate().filter(|(_, script)| script.stage == stage);
    for (number, Script { path, .. }) in scripts {
        control.init.set(number, State::Running);
        let shown = path.display();
        plan.report(Level::Info, &format!("{} runs {shown}", stage.name()));
        let (printer, name) = (Arc::clone(plan), file_name(path));
        let print: Print = Box::new(move |text| printer.print(&name, text));
        let outcome = running.run(path, &plan.environment, print);
        control.init.set(number, if outcome.is_ok() { State::Successful } else { State::Error });
        if let Err(why) = outcome {
            plan.report(Level::Error, &format!("{shown} {why}"));
        }
    }
}

impl Plan {
    fn print(&self, name: &str, text: &[u8]) {
        let text = String::from_utf8_lossy(text);
        let lines = text.lines().map(|line| format!("{name}: {line}"));
        self.log.events(read_clock(), Level::Info, "init", lines);
    }

    fn report(&self, level: Level, text: &str) {
        self.log.event(read_clock(), level, "init", text);
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_found_in_the_order_in_which_they_run() {
        let root = std::env::temp_dir().join(format!("hooks-{:016x}", fastrand::u64(..)));
        for file in [
            "b.sh",
            "a.py",
            "notes.txt",
            "boot.d/z.sh",
            "ready.d/2.sh",
            "ready.d/10.sh",
            "ready.d/1/x.py",
            "ready.d/start.d/deep.sh",
            "start.d/s.py",
            "shutdown.d/bye.sh",
            "more/m.sh",
            "folder.sh/in.sh",
        ] {
            let path = root.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        std::os::unix::fs::symlink(root.join("more/m.sh"), root.join("c.sh")).unwrap();
        std::os::unix::fs::symlink(root.join("more"), root.join("loop")).unwrap();
        let found = find(&root).unwrap();
        let shown: Vec<_> = found
            .iter()
            .map(|script| {
                format!("{} {}", script.stage.name(), script.path.strip_prefix(&root).unwrap().display())
            })
            .collect();
        assert_eq!(
            shown,
            [
                "BOOT boot.d/z.sh",
                "START start.d/s.py",
                "READY a.py",
                "READY b.sh",
                "READY c.sh",
                "READY folder.sh/in.sh",
                "READY more/m.sh",
                "READY ready.d/10.sh",
                "READY ready.d/2.sh",
                "READY ready.d/1/x.py",
                "READY ready.d/start.d/deep.sh",
                "SHUTDOWN shutdown.d/bye.sh",
            ]
        );
        assert!(find(&root.join("nothing")).is_err());
        fs::remove_dir_all(root).unwrap();
    }
}
