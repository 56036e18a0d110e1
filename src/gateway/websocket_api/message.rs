//! Messages: each goes to the route that it selects, and its reply to the client.

use std::sync::Arc;

use bytes::Bytes;

use super::answer::{self, Answered};
use super::integrate::{Asked, ask, mock};
use super::occasion::{Cause, Moment, Occasion, Sent, summary};
use crate::base::{Key, Now};
use crate::gateway::Engine;
use crate::gateway::access_log::Notes;
use crate::gateway::connections::{Link, Place};
use crate::gateway::effect::{Answer, Client, Effect, Flow, Kind, Message};
use crate::gateway::event::Body;
use crate::gateway::exchange::{self, Asker, Exchange, Next, RequestId, Step, Task};
use crate::gateway::fault::Fault;
use crate::live::websocket::{Route, Target};
use crate::live::{Api, Live, Stage};
use crate::model::settings::{Binary, Parity};
use crate::proto::ws::close;

/// A message on its way through its integration.
pub(in super::super) struct Dispatch {
    pub(in super::super) occasion: Occasion,
    place: Key<Place>,
    client: Key<Client>,
    message: Message,
    id: RequestId,
}

impl Engine {
    /// A message of a client whose handshake was answered with [`Effect::Upgrade`].
    pub fn message(&mut self, now: Now, live: &Arc<Live>, client: Key<Client>, message: Message) -> Flow {
        let Some((place, connection)) = self.connections.of(client) else { return Flow::On };
        let link = Arc::clone(&connection.link);
        self.see(live);
        self.connections.touch(now, place, &live.settings.ws);
        let found = live.v2(link.api.as_str()).and_then(|api| Some((api, api.stage(&link.stage)?)));
        let Some((api, stage)) = found else {
            self.live_changed(now, live);
            return Flow::On;
        };
        if matches!((&message, live.settings.ws.binary), (Message::Binary(_), Binary::Close)) {
            self.shut(now, place, close::UNSUPPORTED, "binary messages are not supported");
            return Flow::On;
        }
        let route = stage.websocket.as_ref().and_then(|routes| routes.of_message(text_of(&message)));
        let at_once = match route {
            None => Err(Fault::NotFound),
            Some(route) if !self.lets(now, route.throttle.as_ref()) => Err(Fault::TooMany),
            Some(route) => match without_asking(route, text_of(&message), live.settings.parity) {
                Some(outcome) => outcome,
                None if self.exchanges.is_full() => {
                    Err(Fault::Busy("as many exchanges as there may be are under way"))
                }
                None => return self.dispatch(now, (live, api, stage, route), (place, client, link), message),
            },
        };
        let route = route.map(|route| &**route);
        let logs = stage.access_log.is_some();
        let id = (logs || at_once.is_err()).then(|| RequestId::new(&mut self.rng));
        if let Some(id) = id.as_ref().filter(|_| logs) {
            let cause = Cause::Message(body_of(&message), RequestId::new(&mut self.rng));
            let moment = Moment { api, stage, link: &link, route, began: now, id, cause };
            self.log_moment(now, &moment, &sent(&at_once), &Notes::default());
        }
        self.finish_reply(client, &link, route, (now, id), at_once);
        Flow::On
    }

    /// A client sent something that is no message yet: a ping, a piece of one. It is not idle.
    pub fn stirred(&mut self, now: Now, live: &Live, client: Key<Client>) {
        if let Some((place, _)) = self.connections.of(client) {
            self.connections.touch(now, place, &live.settings.ws);
        }
    }

    /// Asks the integration.
    fn dispatch(
        &mut self,
        now: Now,
        (live, api, stage, route): (&Arc<Live>, &Arc<Api>, &Arc<Stage>, &Arc<Route>),
        (place, client, link): (Key<Place>, Key<Client>, Arc<Link>),
        message: Message,
    ) -> Flow {
        let occasion = Occasion {
            live: Arc::clone(live),
            api: Arc::clone(api),
            stage: Arc::clone(stage),
            route: Arc::clone(route),
            link,
            began: now,
            id: RequestId::new(&mut self.rng),
            trace_id: exchange::new_trace_id(now, &mut self.rng),
            notes: stage.access_log.as_ref().map(|_| Box::default()),
        };
        let id = RequestId::new(&mut self.rng);
        let dispatch = Dispatch { occasion, place, client, message, id };
        let exchange = Exchange { task: Task::Message(dispatch), step: None };
        let key = self.exchanges.insert(exchange).expect("the table is not full");
        let Some(Task::Message(dispatch)) = self.exchanges.get(key).map(|exchange| &exchange.task) else {
            return Flow::On;
        };
        let asker = Asker { me: key, now, time: self.time.at(now), out: &mut self.effects };
        let next = dispatch.begin(asker);
        let may_go_on = self.connections.began(place);
        self.go_on(now, key, next, Self::finish_message);
        if may_go_on { Flow::On } else { Flow::Pause }
    }

    /// Sends what a message came to.
    pub(in super::super) fn finish_message(
        &mut self,
        now: Now,
        task: Task,
        outcome: Result<Option<Bytes>, Fault>,
    ) {
        let Task::Message(Dispatch { occasion, place, client, message, id }) = task else { return };
        self.log_occasion(now, &occasion, Cause::Message(body_of(&message), id), &sent(&outcome));
        let of = (occasion.began, Some(occasion.id));
        self.finish_reply(client, &occasion.link, Some(&occasion.route), of, outcome);
        if self.connections.ended(place) {
            self.effects.push_back(Effect::Resume { to: client });
        }
    }

    fn finish_reply(
        &mut self,
        to: Key<Client>,
        link: &Link,
        route: Option<&Route>,
        (began, id): (Now, Option<RequestId>),
        outcome: Result<Option<Bytes>, Fault>,
    ) {
        let (text, error) = match outcome {
            Ok(text) => (text, None),
            Err(fault) => {
                let id = id.unwrap_or_else(|| RequestId::new(&mut self.rng));
                (Some(fault.frame(link.id.as_str(), id.as_str())), fault.reason())
            }
        };
        // Who has left meanwhile, and even come back, gets nothing of it.
        if let Some(text) = text
            && self.connections.of(to).is_some_and(|(_, connection)| connection.link.id == link.id)
        {
            self.effects.push_back(Effect::Send { to, text });
        }
        self.effects.push_back(Effect::Done { summary: summary(link, Kind::Message, route, began, error) });
    }
}

impl Dispatch {
    fn begin(&self, asker: Asker<'_>) -> Result<Next<Option<Bytes>>, Fault> {
        let occasion = &self.occasion;
        let body = body_of(&self.message);
        let Some(integration) = &occasion.route.integration else { return Ok(Next::Done(None)) };
        match ask(occasion, integration, Cause::Message(body, self.id), asker)? {
            Asked::Waits(step, deadline) => Ok(Next::Wait(step, deadline)),
            Asked::Answered(answered) => self.reply(&answered),
        }
    }

    /// The step after an answer.
    pub(in super::super) fn advance(&self, step: Step, answer: Answer) -> Result<Next<Option<Bytes>>, Fault> {
        self.reply(&step.taken(answer).map(Answered::from)?)
    }

    fn reply(&self, answered: &Answered) -> Result<Next<Option<Bytes>>, Fault> {
        let parity = self.occasion.live.settings.parity;
        answer::reply(&self.occasion.route, parity, text_of(&self.message), answered).map(Next::Done)
    }
}

/// What a message comes to where nobody has to be asked. `None`: somebody has to.
fn without_asking(route: &Route, text: &str, parity: Parity) -> Option<Result<Option<Bytes>, Fault>> {
    if let Some(Err(why)) = route.models.as_ref().map(|models| models.check(text)) {
        return Some(Err(Fault::BadBody(why)));
    }
    let Some(integration) = &route.integration else { return Some(Ok(None)) };
    match &integration.target {
        Target::Function(_) | Target::Backend(_) => None,
        Target::Broken(why) => Some(Err(Fault::Integration(why.clone()))),
        Target::Mock => Some(
            mock(integration, text, parity)
                .and_then(|answered| answer::reply(route, parity, text, &answered)),
        ),
    }
}

/// A message that is not text selects nothing.
fn text_of(message: &Message) -> &str {
    match message {
        Message::Text(text) => std::str::from_utf8(text).unwrap_or_default(),
        Message::Binary(_) => "",
    }
}

fn body_of(message: &Message) -> Body<'_> {
    match message {
        Message::Text(_) => Body::Text(text_of(message)),
        Message::Binary(bytes) => Body::Binary(bytes),
    }
}

/// What the client gets of this.
fn sent(outcome: &Result<Option<Bytes>, Fault>) -> Sent<'_> {
    match outcome {
        Ok(text) => Sent { fault: None, length: text.as_ref().map_or(0, Bytes::len) },
        Err(fault) => Sent { fault: Some(fault), length: 0 },
    }
}
