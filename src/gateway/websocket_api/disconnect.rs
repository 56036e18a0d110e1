//! Ends: a connection is unregistered, then `$disconnect` is asked, once, whoever ended it.

use std::sync::Arc;

use super::answer::{self, Answered};
use super::integrate::{Asked, ask};
use super::occasion::{Cause, Moment, Occasion, Sent, summary};
use crate::base::{Key, Now};
use crate::gateway::Engine;
use crate::gateway::access_log::Notes;
use crate::gateway::connections::{Link, MOST, Place};
use crate::gateway::effect::{Answer, Client, Effect, Kind};
use crate::gateway::exchange::{self, Asker, Exchange, Next, RequestId, Step, Task};
use crate::gateway::fault::Fault;
use crate::live::Live;
use crate::proto::ws::close;

/// The end of a connection on its way through its integration.
pub(in super::super) struct Parting {
    pub(in super::super) occasion: Occasion,
    code: u16,
    reason: Box<str>,
}

impl Engine {
    /// A WebSocket has ended: by its client's close frame, by a fault of its client's, or without a word
    /// ([`close::ABNORMAL`]). Nothing happens if the engine has closed it.
    pub fn closed(&mut self, now: Now, client: Key<Client>, code: u16, reason: &str) {
        let Some((place, _)) = self.connections.of(client) else { return };
        let (code, reason) = match code {
            // Recorded on AWS, of clients that vanished too.
            close::NO_CODE | close::ABNORMAL => (close::NO_CODE, "Client-side close frame status not set"),
            code => (code, reason),
        };
        let live = Arc::clone(&self.live);
        self.unregister(now, place, &live, code, reason);
        self.part(now);
    }

    /// There is a new snapshot: closes the WebSockets whose api or stage it doesn't have.
    pub fn live_changed(&mut self, now: Now, live: &Arc<Live>) {
        let before = std::mem::replace(&mut self.live, Arc::clone(live));
        let all = self.connections.all();
        let gone = all.filter(|(_, connection)| !is_there(live, &connection.link)).map(|(key, _)| key);
        let gone: Vec<_> = gone.collect();
        for place in gone {
            self.close(now, place, &before, close::GOING_AWAY, "Going away");
        }
        self.part(now);
    }

    /// Closes a connection.
    pub(in super::super) fn shut(&mut self, now: Now, place: Key<Place>, code: u16, reason: &'static str) {
        let live = Arc::clone(&self.live);
        self.close(now, place, &live, code, reason);
        self.part(now);
    }

    /// Keeps the newest snapshot: for ends, which come with none.
    pub(in super::super) fn see(&mut self, live: &Arc<Live>) {
        if !Arc::ptr_eq(&self.live, live) {
            self.live = Arc::clone(live);
        }
    }

    /// Asks `$disconnect` for those that have ended, as many as there is room for.
    pub(in super::super) fn part(&mut self, now: Now) {
        while !self.exchanges.is_full()
            && let Some(parting) = self.ended.pop_front()
        {
            let exchange = Exchange { task: Task::Disconnect(parting), step: None };
            let key = self.exchanges.insert(exchange).expect("the table is not full");
            let Some(Task::Disconnect(parting)) = self.exchanges.get(key).map(|exchange| &exchange.task)
            else {
                return;
            };
            let asker = Asker { me: key, now, time: self.time.at(now), out: &mut self.effects };
            let next = parting.begin(asker);
            self.go_on(now, key, next, Self::finish_parting);
        }
    }

    /// It has ended for good.
    pub(in super::super) fn finish_parting(&mut self, now: Now, task: Task, outcome: Result<(), Fault>) {
        let Task::Disconnect(Parting { occasion, code, reason }) = task else { return };
        let sent = Sent { fault: outcome.as_ref().err(), length: 0 };
        self.log_occasion(now, &occasion, Cause::Disconnect(code, &reason), &sent);
        let error = outcome.err().and_then(Fault::reason);
        self.effects.push_back(Effect::Done { summary: occasion.summary(Kind::Disconnect, error) });
    }

    fn close(&mut self, now: Now, place: Key<Place>, live: &Arc<Live>, code: u16, reason: &'static str) {
        if let Some(to) = self.unregister(now, place, live, code, reason) {
            self.effects.push_back(Effect::Close { to, code, reason });
        }
    }

    /// Whose connection it was. `live` has the routes that were its; what they lead to is looked up in the newest.
    fn unregister(
        &mut self,
        now: Now,
        place: Key<Place>,
        live: &Arc<Live>,
        code: u16,
        reason: &str,
    ) -> Option<Key<Client>> {
        let connection = self.connections.close(place)?;
        let link = connection.link;
        let found = live.v2(link.api.as_str()).and_then(|api| Some((api, api.stage(&link.stage)?)));
        if let Some((api, stage)) = found
            && stage.access_log.is_some()
            && stage.websocket.as_ref().is_none_or(|routes| routes.disconnect().is_none())
        {
            let id = RequestId::new(&mut self.rng);
            let cause = Cause::Disconnect(code, reason);
            let moment = Moment { api, stage, link: &link, route: None, began: now, id: &id, cause };
            self.log_moment(now, &moment, &Sent { fault: None, length: 0 }, &Notes::default());
        }
        let found =
            found.and_then(|(api, stage)| Some((api, stage, stage.websocket.as_ref()?.disconnect()?)));
        match found {
            // So many ends at once that even those which wait for room are too many.
            Some((_, _, route)) if self.ended.len() >= MOST => {
                let error = Some("too many connections have ended: $disconnect is not asked".to_owned());
                let summary = summary(&link, Kind::Disconnect, Some(route), now, error);
                self.effects.push_back(Effect::Done { summary });
            }
            Some((api, stage, route)) => {
                let occasion = Occasion {
                    live: Arc::clone(&self.live),
                    api: Arc::clone(api),
                    stage: Arc::clone(stage),
                    route: Arc::clone(route),
                    link,
                    began: now,
                    id: RequestId::new(&mut self.rng),
                    trace_id: exchange::new_trace_id(now, &mut self.rng),
                    notes: stage.access_log.as_ref().map(|_| Box::default()),
                };
                self.ended.push_back(Parting { occasion, code, reason: reason.into() });
            }
            None => {
                let summary = summary(&link, Kind::Disconnect, None, now, None);
                self.effects.push_back(Effect::Done { summary });
            }
        }
        Some(connection.client)
    }
}

/// Whether a snapshot still has the api and the stage of a connection.
pub(super) fn is_there(live: &Live, link: &Link) -> bool {
    live.v2(link.api.as_str()).is_some_and(|api| api.stage(&link.stage).is_some())
}

impl Parting {
    fn begin(&self, asker: Asker<'_>) -> Result<Next<()>, Fault> {
        let occasion = &self.occasion;
        let Some(integration) = &occasion.route.integration else { return Ok(Next::Done(())) };
        match ask(occasion, integration, Cause::Disconnect(self.code, &self.reason), asker)? {
            Asked::Waits(step, deadline) => Ok(Next::Wait(step, deadline)),
            Asked::Answered(answered) => answer::parting(&answered).map(Next::Done),
        }
    }

    /// The step after an answer.
    pub(in super::super) fn advance(&self, step: Step, answer: Answer) -> Result<Next<()>, Fault> {
        answer::parting(&step.taken(answer).map(Answered::from)?).map(Next::Done)
    }
}
