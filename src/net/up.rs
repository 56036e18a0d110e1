//! [`Up`]: deploys the template of a folder once requests are answered, and follows its edits.
//!
//! The code of functions is followed by hot reload, without us; what is looked at here is the template alone.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use serde_json::{Value, json};

use super::read_clock;
use crate::base::Now;
use crate::control::Control;
use crate::control::cloudformation::local;
use crate::control::overview::overview;
use crate::control::perform::Errand;
use crate::model::stack::{Stack, Status};
use crate::model::{Owner, Store};

/// How often a template is looked at: at once for people, next to nothing for the machine.
const LOOK: Duration = Duration::from_millis(300);

/// How long a template must stay as it is before it is taken: editors write in several steps.
const SETTLED: Duration = Duration::from_millis(50);

/// A template's names, the first of them that is there.
const TEMPLATES: [&str; 3] = ["template.yaml", "template.yml", "template.json"];

/// What other tools' projects are known by, and how they are deployed.
const OTHERS: &[(&str, &str)] = &[
    ("serverless.yml", "serverless deploy --stage local"),
    ("serverless.ts", "serverless deploy --stage local"),
    ("cdk.json", "cdk deploy"),
    ("samconfig.toml", "sam deploy"),
];

/// CloudFormation's words for an update that changes nothing.
const NOTHING_TO_DO: &str = "No updates are to be performed.";

/// AWS: "A stack name can contain only alphanumeric characters and hyphens", 128 of them.
const MAX_NAME: usize = 128;

/// A template to deploy.
#[derive(Debug)]
pub struct Up {
    template: PathBuf,
    stack: String,
    owner: Owner,
    port: u16,
    once: bool,
}

/// The end: a deployment failed, and was to be the only one.
#[derive(Debug)]
pub struct Failed;

impl Up {
    /// The template at `at`, a folder or a file. `port` is where we listen.
    ///
    /// # Errors
    /// What is there instead.
    pub fn find(at: &Path, owner: Owner, port: u16, once: bool) -> Result<Self, String> {
        let shown = at.display();
        let place = std::path::absolute(at)
            .and_then(fs::canonicalize)
            .map_err(|error| format!("up {shown}: {error}"))?;
        if place.is_file() {
            let stack = stack_name(place.file_stem().unwrap_or_default().as_encoded_bytes());
            return Ok(Self { template: place, stack, owner, port, once });
        }
        if let Some(template) = TEMPLATES.iter().map(|name| place.join(name)).find(|path| path.is_file()) {
            let stack = stack_name(place.file_name().unwrap_or_default().as_encoded_bytes());
            return Ok(Self { template, stack, owner, port, once });
        }
        let other = OTHERS.iter().find(|(file, _)| place.join(file).exists());
        let advice = other.map_or(String::new(), |(file, command)| {
            format!("; for {file} run `gatelet`, and then `{command}` with AWS_ENDPOINT_URL=http://localhost:{port}")
        });
        Err(format!("up {shown}: there is no {} there{advice}", TEMPLATES.join(", ")))
    }

    /// Deploys, says what came of it, calls `ready` when it is deployed for the first time, and goes on with edits
    /// until `ended` hangs up.
    ///
    /// # Errors
    /// A deployment failed, and there is to be no other.
    pub fn run(&self, control: &Control, ready: impl FnOnce(), ended: &Receiver<()>) -> Result<(), Failed> {
        let (mut ready, mut seen, mut shown) = (Some(ready), None, String::new());
        loop {
            if let Some(text) = self.read(seen.as_ref(), ended) {
                match self.deploy(control, &text, ended) {
                    Ok(()) => {
                        let template = self.template.display();
                        say(&mut io::stdout(), &format!("deployed {template} as the stack {}\n", self.stack));
                        let next = self.overview(control);
                        if next != shown {
                            say(&mut io::stdout(), &next);
                            shown = next;
                        }
                        if let Some(ready) = ready.take() {
                            ready();
                        }
                    }
                    Err(why) => {
                        let again =
                            if self.once { "" } else { "gatelet: it is deployed again when it changes\n" };
                        let template = self.template.display();
                        say(&mut io::stderr(), &format!("gatelet: cannot deploy {template}: {why}\n{again}"));
                        if self.once {
                            return Err(Failed);
                        }
                    }
                }
                seen = Some(text);
            }
            if self.once || ended.recv_timeout(LOOK) != Err(RecvTimeoutError::Timeout) {
                return Ok(());
            }
        }
    }

    /// The template, if it is another than the one before and nobody is writing it.
    fn read(
        &self,
        before: Option<&Result<String, String>>,
        ended: &Receiver<()>,
    ) -> Option<Result<String, String>> {
        let read = || fs::read_to_string(&self.template).map_err(|error| error.to_string());
        let mut text = read();
        while Some(&text) != before {
            if before.is_none() {
                return Some(text);
            }
            if ended.recv_timeout(SETTLED) != Err(RecvTimeoutError::Timeout) {
                return None;
            }
            let again = read();
            if again == text {
                return Some(text);
            }
            text = again;
        }
        None
    }

    fn deploy(
        &self,
        control: &Control,
        text: &Result<String, String>,
        ended: &Receiver<()>,
    ) -> Result<(), String> {
        let text = text.as_ref().map_err(String::clone)?;
        let folder = self.template.parent().unwrap_or(Path::new("/"));
        let members = json!({
            "StackName": self.stack,
            "TemplateBody": local::template(text, folder).map_err(|error| error.message)?,
            "Capabilities": ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        });
        let now = read_clock();
        let status = self.ours(&control.store()).map(|stack| stack.status);
        let operation = match status.map(standing) {
            None => "CreateStack",
            Some(Standing::Whole) => "UpdateStack",
            Some(Standing::Failed) => {
                self.perform(control, now, "DeleteStack", json!({ "StackName": self.stack }))?;
                self.wait(control, ended);
                "CreateStack"
            }
        };
        match self.perform(control, now, operation, members) {
            Err(message) if message == NOTHING_TO_DO => return Ok(()),
            outcome => outcome?,
        }
        self.wait(control, ended);
        let store = control.store();
        match self.ours(&store) {
            Some(stack) if matches!(stack.status, Status::CreateComplete | Status::UpdateComplete) => Ok(()),
            Some(stack) => Err(failures(stack, now)),
            None => Err("its stack was deleted meanwhile".into()),
        }
    }

    /// Waits until nothing happens to the stack any more: custom resources take their time.
    fn wait(&self, control: &Control, ended: &Receiver<()>) {
        let busy = || self.ours(&control.store()).is_some_and(|stack| stack.status.is_busy());
        while busy() && ended.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {}
    }

    fn perform(
        &self,
        control: &Control,
        now: Now,
        operation: &'static str,
        members: Value,
    ) -> Result<(), String> {
        let Value::Object(members) = members else { return Ok(()) };
        let errand = Errand {
            owner: &self.owner,
            now,
            service: "cloudformation",
            operation,
            path: Vec::new(),
            query: Vec::new(),
            members,
        };
        control.perform(errand).map(drop).map_err(|error| error.message)
    }

    fn ours<'s>(&self, store: &'s Store) -> Option<&'s Stack> {
        let is_ours =
            |stack: &&Stack| stack.owner == self.owner && stack.name == self.stack && stack.exists();
        store.stacks.values().find(is_ours)
    }

    fn overview(&self, control: &Control) -> String {
        overview(&control.store(), &control.context().settings, self.port)
    }
}

/// What can be done with a stack.
enum Standing {
    /// It can be changed.
    Whole,
    /// It was never made, and is in the way.
    Failed,
}

fn standing(status: Status) -> Standing {
    match status {
        Status::ReviewInProgress
        | Status::CreateInProgress
        | Status::CreateFailed
        | Status::RollbackInProgress
        | Status::RollbackComplete
        | Status::RollbackFailed
        | Status::DeleteInProgress
        | Status::DeleteFailed
        | Status::DeleteComplete
        | Status::DeleteSkipped => Standing::Failed,
        Status::CreateComplete
        | Status::UpdateInProgress
        | Status::UpdateCleanup
        | Status::UpdateComplete
        | Status::UpdateFailed
        | Status::UpdateRollbackInProgress
        | Status::UpdateRollbackCleanup
        | Status::UpdateRollbackComplete
        | Status::UpdateRollbackFailed => Standing::Whole,
    }
}

/// What failed since `began`, a line each.
fn failures(stack: &Stack, began: Now) -> String {
    let failed = stack.events.iter().filter(|event| {
        matches!(event.status, Status::CreateFailed | Status::UpdateFailed | Status::DeleteFailed)
            && event.at_ms >= began.unix_ms
    });
    let lines = failed.map(|event| {
        let reason = event.reason.as_deref().unwrap_or("no reason is known");
        format!("\n  {} ({}): {reason}", event.logical, event.kind)
    });
    let lines: String = lines.collect();
    if lines.is_empty() {
        stack.reason.clone().unwrap_or_else(|| stack.status.as_str().into())
    } else {
        lines
    }
}

/// A name that CloudFormation takes, of a folder's or file's.
fn stack_name(name: &[u8]) -> String {
    let mut valid: String =
        name.iter().map(|byte| if byte.is_ascii_alphanumeric() { char::from(*byte) } else { '-' }).collect();
    if !valid.starts_with(|first: char| first.is_ascii_alphabetic()) {
        valid.insert_str(0, "up-");
    }
    valid.truncate(MAX_NAME);
    valid
}

/// Whoever reads it has nothing to do with whether we run.
fn say(out: &mut dyn Write, text: &str) {
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stacks_are_named_after_folders() {
        for (folder, expected) in [
            ("quickstart", "quickstart"),
            ("my app.v2", "my-app-v2"),
            ("2nd", "up-2nd"),
            ("", "up-"),
            ("\u{fc}x", "up---x"),
        ] {
            assert_eq!(stack_name(folder.as_bytes()), expected, "{folder}");
        }
        assert_eq!(stack_name(&[b'a'; 200]).len(), MAX_NAME);
    }

    #[test]
    fn what_is_no_project_is_said() {
        let folder = std::env::temp_dir().join(format!("up-{:016x}", fastrand::u64(..)));
        fs::create_dir(&folder).unwrap();
        let owner = Owner { account: "000000000000".into(), region: "us-east-1".into() };
        let find = |at: &Path| Up::find(at, owner.clone(), 4566, true);
        let why = find(&folder).unwrap_err();
        assert!(why.contains("there is no template.yaml, template.yml, template.json"), "{why}");
        assert!(find(&folder.join("nothing")).unwrap_err().contains("nothing: "));
        fs::write(folder.join("serverless.yml"), "").unwrap();
        assert!(
            find(&folder).unwrap_err().contains("`serverless deploy --stage local` with AWS_ENDPOINT_URL")
        );
        fs::write(folder.join("template.json"), "").unwrap();
        assert!(find(&folder).unwrap().template.ends_with("template.json"));
        fs::write(folder.join("template.yml"), "").unwrap();
        assert!(find(&folder).unwrap().template.ends_with("template.yml"));
        assert_eq!(find(&folder.join("template.json")).unwrap().stack, "template");
        fs::remove_dir_all(folder).unwrap();
    }
}
