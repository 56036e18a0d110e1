//! Functions as control operations use them: one is invoked, and what it does is known when somebody calls back. The
//! custom resources of CloudFormation are made so. `net::functions` is the one that does it.

use std::time::Duration;

use bytes::Bytes;

use super::answer::{Answer, Error};
use super::{Control, Invocation};

/// Where functions call back: one segment more is the token of what they were asked.
pub const CALLBACKS: &str = "/_gatelet/custom-resources";

/// Work that goes on after the call that asked for it was answered.
pub type Later = Box<dyn FnOnce(&Control) + Send>;

/// Why nothing was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Not in time.
    Late,
    /// The function ended with an error: this.
    Failed(String),
    /// Everything ends, or was emptied.
    Over,
}

/// What an operation may ask of functions.
pub trait Functions: Send + Sync {
    /// Where what is called back under this token is heard: a URL that takes a PUT.
    fn url(&self, token: &str) -> String;

    /// Has a function invoked, and blocks until somebody calls back under `token`, but no longer than `patience`.
    ///
    /// # Errors
    /// Nobody did.
    fn ask(&self, token: &str, invocation: Invocation, patience: Duration) -> Result<Bytes, Silence>;

    /// Somebody called back. `false`: nobody waits for this token.
    fn hear(&self, token: &str, said: &[u8]) -> bool;

    /// Does what waits for functions, apart from whoever asked for it.
    fn later(&self, control: &Control, work: Later);

    /// Nobody waits any more: everything was emptied.
    fn forget(&self);
}

/// Where there are no functions to invoke.
#[derive(Debug)]
pub struct Nobody;

impl Functions for Nobody {
    fn url(&self, token: &str) -> String {
        format!("http://localhost{CALLBACKS}/{token}")
    }

    fn ask(&self, _: &str, _: Invocation, _: Duration) -> Result<Bytes, Silence> {
        Err(Silence::Failed("there is nothing here that runs functions".into()))
    }

    fn hear(&self, _: &str, _: &[u8]) -> bool {
        false
    }

    fn later(&self, control: &Control, work: Later) {
        work(control);
    }

    fn forget(&self) {}
}

/// `PUT /_gatelet/custom-resources/{token}`: 200, as S3 would answer on AWS.
///
/// # Errors
/// Nobody waits for it.
pub fn called_back(control: &Control, token: &str, said: &[u8]) -> Result<Answer, Error> {
    if control.functions.hear(token, said) {
        return Ok(Answer::empty(200));
    }
    Err(Error::new(403, "AccessDenied", "Nobody waits for this: it came too late, or was said before."))
}
