//! [`Init`]: what became of the init hooks, as LocalStack tells it at `/_localstack/init`.
//!
//! It knows which scripts there are and how far each has come. Finding and running them is `net`'s.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value, json};

/// A stage of a run, which scripts may accompany.
/// <https://docs.localstack.cloud/references/init-hooks/>
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Before all others.
    Boot,
    /// While it starts.
    Start,
    /// Requests are answered: what runs now may make buckets and APIs.
    Ready,
    /// It was told to end.
    Shutdown,
}

impl Stage {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Boot, Self::Start, Self::Ready, Self::Shutdown];

    /// Its folder.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Boot => "boot.d",
            Self::Start => "start.d",
            Self::Ready => "ready.d",
            Self::Shutdown => "shutdown.d",
        }
    }

    /// As LocalStack's answers name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Boot => "BOOT",
            Self::Start => "START",
            Self::Ready => "READY",
            Self::Shutdown => "SHUTDOWN",
        }
    }
}

/// How far a script has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits for its turn.
    Unknown,
    /// It runs.
    Running,
    /// It ended with 0.
    Successful,
    /// It could not be started, or ended otherwise.
    Error,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Unknown => "UNKNOWN",
            Self::Running => "RUNNING",
            Self::Successful => "SUCCESSFUL",
            Self::Error => "ERROR",
        }
    }
}

/// The scripts of a run and how far they have come.
#[derive(Debug)]
pub struct Init {
    progress: Mutex<Progress>,
}

#[derive(Debug)]
struct Progress {
    scripts: Vec<(Stage, String, State)>,
    /// The stages that are over.
    over: Vec<Stage>,
}

impl Default for Init {
    /// Nothing is to be waited for.
    fn default() -> Self {
        let over = vec![Stage::Boot, Stage::Start, Stage::Ready];
        Self { progress: Mutex::new(Progress { scripts: Vec::new(), over }) }
    }
}

impl Init {
    /// The start is yet to come, with these scripts, by the numbers that they have in this list.
    pub fn expect(&self, scripts: impl IntoIterator<Item = (Stage, String)>) {
        let scripts = scripts.into_iter().map(|(stage, name)| (stage, name, State::Unknown));
        *self.lock() = Progress { scripts: scripts.collect(), over: Vec::new() };
    }

    /// A script has come so far.
    pub fn set(&self, number: usize, state: State) {
        if let Some(script) = self.lock().scripts.get_mut(number) {
            script.2 = state;
        }
    }

    /// A stage is over.
    pub fn complete(&self, stage: Stage) {
        self.lock().over.push(stage);
    }

    /// The answer to `GET /_localstack/init`.
    pub fn describe(&self) -> Value {
        let progress = self.lock();
        let completed: Map<_, _> = Stage::ALL
            .iter()
            .map(|stage| (stage.name().to_owned(), progress.over.contains(stage).into()))
            .collect();
        json!({ "completed": completed, "scripts": progress.scripts(|_| true) })
    }

    /// The answer to `GET /_localstack/init/{stage}`; `None`: there is no such stage.
    pub fn describe_stage(&self, name: &str) -> Option<Value> {
        let stage = Stage::ALL.into_iter().find(|stage| stage.name().eq_ignore_ascii_case(name))?;
        let progress = self.lock();
        let completed = progress.over.contains(&stage);
        Some(json!({ "completed": completed, "scripts": progress.scripts(|other| other == stage) }))
    }

    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress {
    fn scripts(&self, fits: impl Fn(Stage) -> bool) -> Vec<Value> {
        let fitting = self.scripts.iter().filter(|(stage, ..)| fits(*stage));
        let shape = |(stage, name, state): &(Stage, String, State)| json!({ "stage": stage.name(), "name": name, "state": state.name() });
        fitting.map(shape).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_follows_what_happens() {
        let init = Init::default();
        let over = json!({ "BOOT": true, "START": true, "READY": true, "SHUTDOWN": false });
        assert_eq!(init.describe(), json!({ "completed": over, "scripts": [] }));

        init.expect([(Stage::Ready, "a.sh".to_owned()), (Stage::Shutdown, "z.py".to_owned())]);
        let script =
            |stage: &str, name: &str, state: &str| json!({ "stage": stage, "name": name, "state": state });
        for stage in ["boot", "START", "Ready", "shutdown"] {
            assert_eq!(init.describe_stage(stage).unwrap()["completed"], false, "{stage}");
        }
        for (state, told) in
            [(State::Running, "RUNNING"), (State::Successful, "SUCCESSFUL"), (State::Error, "ERROR")]
        {
            init.set(0, state);
            assert_eq!(
                init.describe_stage("ready").unwrap()["scripts"],
                json!([script("READY", "a.sh", told)])
            );
        }
        init.complete(Stage::Ready);
        assert_eq!(
            init.describe(),
            json!({ "completed": { "BOOT": false, "START": false, "READY": true, "SHUTDOWN": false },
                    "scripts": [script("READY", "a.sh", "ERROR"), script("SHUTDOWN", "z.py", "UNKNOWN")] })
        );
        init.set(9, State::Error);
        assert_eq!(init.describe_stage("start"), Some(json!({ "completed": false, "scripts": [] })));
        assert_eq!(init.describe_stage("end"), None);
    }
}
