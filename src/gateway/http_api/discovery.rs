//! The keys of an issuer, fetched: its configuration, then the key set that this names (OpenID Connect Discovery 1.0).
//! An exchange of its own, which no client waits for; who needs the keys begins again when it is done.

use std::sync::Arc;
use std::time::Duration;

use super::super::Engine;
use super::super::effect::{Answer, Effect, Fetch, Origin};
use super::super::exchange::{Asker, Exchange, Next, Step, Taken, Task};
use super::super::fault::{Challenge, Fault};
use crate::base::Now;
use crate::live::access::JwtAuthorizer;
use crate::live::uri::Backend;
use crate::proto::http1::client::{Reply, write_request};
use crate::proto::jwt::{self, KeySet};

/// AWS: 1,500 ms, for each of the two.
const TIMEOUT: Duration = Duration::from_millis(1500);

/// How long a request waits for keys: longer than both may take, so that it is told what went wrong.
pub(super) const PATIENCE: Duration = Duration::from_millis(3500);

/// See the module.
pub(in super::super) struct Discovery {
    authorizer: Arc<JwtAuthorizer>,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Configuration,
    Keys,
}

impl Engine {
    /// Fetches the keys that somebody waits for.
    pub(in super::super) fn discover(&mut self, now: Now) {
        while let Some(authorizer) = self.authorizers.issuers.wanted() {
            let task = Task::Keys(Discovery { authorizer, phase: Phase::Configuration });
            if self.exchanges.is_full() {
                let fault = Fault::Busy("as many exchanges as there may be are under way");
                self.finish_keys(now, task, Err(fault));
                continue;
            }
            let key = self.exchanges.insert(Exchange { task, step: None }).expect("the table is not full");
            let Some(Task::Keys(discovery)) = self.exchanges.get(key).map(|exchange| &exchange.task) else {
                return;
            };
            let asker = Asker { me: key, now, time: self.time.at(now), out: &mut self.effects };
            let next = discovery.begin(asker);
            self.go_on(now, key, next, Self::finish_keys);
        }
    }

    /// Tells those who wait that the keys are here, or why not.
    pub(in super::super) fn finish_keys(&mut self, now: Now, task: Task, outcome: Result<KeySet, Fault>) {
        let Task::Keys(Discovery { authorizer, .. }) = task else { return };
        let (keys, outcome) = match outcome {
            Ok(keys) => (Some(keys), Ok(())),
            Err(fault) => (None, Err(fault)),
        };
        for waiter in self.authorizers.issuers.fetched(now, &authorizer.issuer, keys) {
            let Some(exchange) = self.exchanges.get_mut(waiter) else { continue };
            let Exchange { task: Task::Http(journey), step } = exchange else { continue };
            step.take();
            let asker = Asker { me: waiter, now, time: self.time.at(now), out: &mut self.effects };
            let next = match &outcome {
                Ok(()) => journey.begin(asker, &mut self.authorizers),
                Err(fault) => Err(fault.clone()),
            };
            self.go_on(now, waiter, next, Self::finish_http);
        }
    }
}

impl Discovery {
    fn begin(&self, asker: Asker<'_>) -> Result<Next<KeySet>, Fault> {
        self.fetch(&self.authorizer.discovery, asker)
    }

    /// The step after an answer.
    pub(in super::super) fn advance(
        &mut self,
        step: Step,
        answer: Answer,
        asker: Asker<'_>,
    ) -> Result<Next<KeySet>, Fault> {
        let reply = match step.taken(answer) {
            Ok(Taken::Fetched(reply)) => reply,
            Ok(Taken::Invoked(..)) => return Err(self.failed("an answer to something else".to_owned())),
            Err(fault) => return Err(self.failed(fault.reason().unwrap_or_default())),
        };
        let body = body(&reply).map_err(|why| self.failed(why))?;
        match self.phase {
            Phase::Configuration => {
                let uri = jwt::jwks_uri(body)
                    .ok_or_else(|| self.failed("its configuration has no jwks_uri, or is none".to_owned()))?;
                self.phase = Phase::Keys;
                let keys = Backend::parse(&uri)
                    .ok_or_else(|| self.failed(format!("its jwks_uri is no URL: {uri}")))?;
                self.fetch(&keys, asker)
            }
            Phase::Keys => KeySet::parse(body).map(Next::Done).ok_or_else(|| {
                self.failed("what it has is no key set, or larger than 150,000 bytes".to_owned())
            }),
        }
    }

    /// Why its time is over.
    pub(in super::super) fn late(&self) -> Fault {
        self.failed("it did not answer within 1,500 ms".to_owned())
    }

    fn fetch(&self, from: &Backend, asker: Asker<'_>) -> Result<Next<KeySet>, Fault> {
        let headers = [("Host", from.authority.as_bytes()), ("Accept", b"application/json")];
        let mut bytes = Vec::with_capacity(256);
        write_request(&mut bytes, "GET", &from.target_with(&[], ""), headers.into_iter(), b"")
            .map_err(|_| self.failed("it can't be asked".to_owned()))?;
        let fetch = Fetch { origin: Origin::of(from, None), method: "GET".into(), bytes };
        asker.out.push_back(Effect::Fetch { fetch, then: asker.me });
        Ok(Next::Wait(Step::Fetching, asker.now.instant + TIMEOUT))
    }

    fn failed(&self, why: String) -> Fault {
        let why = format!("{}: {why}", self.authorizer.issuer);
        Fault::Challenged(match self.phase {
            Phase::Configuration => Challenge::Discovery(why),
            Phase::Keys => Challenge::Keys(why),
        })
    }
}

/// What a reply has, if it is one to build on.
fn body(reply: &Reply) -> Result<&[u8], String> {
    match reply.status() {
        200 => Ok(reply.body()),
        status => Err(format!("it answered with status {status}")),
    }
}
