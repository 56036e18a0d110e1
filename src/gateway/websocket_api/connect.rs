//! Handshakes: `$connect` decides, before the 101, whether there will be a connection.

use std::sync::Arc;

use super::answer::{self, Answered};
use super::authorize;
use super::disconnect::is_there;
use super::integrate::{Asked, ask};
use super::occasion::{Cause, Moment, Occasion, Sent};
use crate::base::{Key, Now};
use crate::gateway::access_log::Notes;
use crate::gateway::api_key::{self, Door};
use crate::gateway::connections::{Link, Place};
use crate::gateway::effect::{Answer, Client, Effect, Kind, Summary};
use crate::gateway::exchange::{self, Asker, Exchange, Next, RequestId, Step, Task};
use crate::gateway::fault::Fault;
use crate::gateway::throttle::Buckets;
use crate::gateway::{Engine, Peer};
use crate::live::keys::Key as ApiKey;
use crate::live::websocket::Access;
use crate::live::{Api, Live, Stage};
use crate::model::rest::ApiKeySource;
use crate::proto::http1::{Request, Response};
use crate::proto::ws::{self, handshake};

/// Somebody at the door of a WebSocket API.
pub(in super::super) struct Knock {
    pub(in super::super) peer: Peer,
    pub(in super::super) request: Request,
    pub(in super::super) id: RequestId,
    pub(in super::super) api: Arc<Api>,
    /// `None`: there is no such stage.
    pub(in super::super) stage: Option<Arc<Stage>>,
    /// The key of the mapping of the custom domain name that leads there.
    pub(in super::super) base_path: Option<Box<str>>,
    /// How the URL names the api, when it isn't by host.
    pub(in super::super) domain: Option<String>,
}

/// A handshake on its way through the authorizer and `$connect`.
pub(in super::super) struct Handshake {
    pub(in super::super) occasion: Occasion,
    pub(in super::super) client: Key<Client>,
    pub(in super::super) place: Key<Place>,
    request: Request,
    accept: ws::Accept,
}

/// The subprotocol, if the integration says one.
type Protocol = Option<Box<str>>;

impl Engine {
    /// A request at the door of a WebSocket API.
    pub(in super::super) fn knock(&mut self, now: Now, live: &Arc<Live>, knock: Knock) {
        let Knock { peer, request, id, api, stage, base_path, domain } = knock;
        let summary = |error| Summary {
            kind: Kind::Connect,
            api: Some(api.id.clone()),
            route: None,
            stage: stage.as_ref().map(|stage| Arc::clone(&stage.name)),
            began: now.instant,
            error,
        };
        let served = stage.as_ref().and_then(|stage| Some((stage, stage.websocket.as_ref()?)));
        let refusal = match (handshake::is_upgrade(&request), served, handshake::check(&request)) {
            (true, Some((stage, routes)), Ok(accept)) => Ok((stage, routes, accept)),
            (true, Some(_), Err(refusal)) => Err((refusal.response(), None)),
            (true, None, _) => Err((Fault::NotFound.refusal(), None)),
            (false, ..) => {
                let why = "only handshakes of WebSockets are for this api".to_owned();
                Err((Fault::Forbidden(why.clone()).refusal(), Some(why)))
            }
        };
        let (stage, routes, accept) = match refusal {
            Ok(wanted) => wanted,
            Err((response, error)) => {
                let summary = summary(error);
                return self.reply(peer.client, response, id, request, summary);
            }
        };
        let Some((place, connection)) = self.connections.take(&mut self.rng) else {
            let fault = Fault::Busy("as many connections as there may be are open");
            let summary = summary(fault.clone().reason());
            return self.reply(peer.client, fault.refusal(), id, request, summary);
        };
        self.see(live);
        let link = Arc::new(Link {
            id: connection,
            api: api.id.clone(),
            stage: Arc::clone(&stage.name),
            domain: domain.as_deref().unwrap_or(request.host()).into(),
            base_path,
            ip: peer.ip.to_canonical(),
            channel: peer.channel.clone(),
            user_agent: request.header("user-agent").map(Into::into),
            connected: now.unix_ms,
            authorizer: None,
            api_key: None,
        });
        let Some(route) = routes.connect() else {
            let cause = Cause::Connect(&request);
            let moment = Moment { api: &api, stage, link: &link, route: None, began: now, id: &id, cause };
            self.log_moment(now, &moment, &Sent { fault: None, length: 0 }, &Notes::default());
            let summary = super::summary(&link, Kind::Connect, None, now, None);
            return self.open(
                now,
                place,
                peer.client,
                link,
                Opening { accept, protocol: None, request, summary },
            );
        };
        let occasion = Occasion {
            live: Arc::clone(live),
            api: Arc::clone(&api),
            stage: Arc::clone(stage),
            route: Arc::clone(route),
            link,
            began: now,
            id,
            trace_id: exchange::trace_id(&request, now, &mut self.rng),
            notes: stage.access_log.as_ref().map(|_| Box::default()),
        };
        let handshake = Handshake { occasion, client: peer.client, place, request, accept };
        if !self.lets(now, handshake.occasion.route.throttle.as_ref()) {
            return self.finish_handshake(now, Task::Connect(handshake), Err(Fault::TooMany));
        }
        if self.exchanges.is_full() {
            let fault = Fault::Busy("as many exchanges as there may be are under way");
            return self.finish_handshake(now, Task::Connect(handshake), Err(fault));
        }
        let exchange = Exchange { task: Task::Connect(handshake), step: None };
        let key = self.exchanges.insert(exchange).expect("the table is not full");
        let Some(Task::Connect(handshake)) = self.exchanges.get_mut(key).map(|exchange| &mut exchange.task)
        else {
            return;
        };
        let asker = Asker { me: key, now, time: self.time.at(now), out: &mut self.effects };
        let next = handshake.begin(asker, &mut self.buckets);
        self.go_on(now, key, next, Self::finish_handshake);
    }

    /// Opens the connection, or says why it stays shut.
    pub(in super::super) fn finish_handshake(
        &mut self,
        now: Now,
        task: Task,
        outcome: Result<Protocol, Fault>,
    ) {
        let Task::Connect(Handshake { occasion, client, place, request, accept }) = task else { return };
        // Its stage may have gone meanwhile, and with it those who would close the connection again.
        let outcome = outcome.and_then(|protocol| match is_there(&self.live, &occasion.link) {
            true => Ok(protocol),
            false => Err(Fault::NotFound),
        });
        match outcome {
            Ok(protocol) => {
                let sent = Sent { fault: None, length: 0 };
                self.log_occasion(now, &occasion, Cause::Connect(&request), &sent);
                let summary = occasion.summary(Kind::Connect, None);
                let opening = Opening { accept, protocol, request, summary };
                self.open(now, place, client, occasion.link, opening);
            }
            Err(fault) => {
                self.connections.give_back(place);
                let response: Response = fault.refusal_of(occasion.link.id.as_str(), occasion.id.as_str());
                let sent = Sent { fault: Some(&fault), length: response.body.len() };
                self.log_occasion(now, &occasion, Cause::Connect(&request), &sent);
                let summary = occasion.summary(Kind::Connect, fault.reason());
                self.reply(client, response, occasion.id, request, summary);
            }
        }
    }

    fn open(&mut self, now: Now, place: Key<Place>, client: Key<Client>, link: Arc<Link>, opening: Opening) {
        let limits = self.live.settings.clone();
        self.connections.open(now, place, client, link, &limits.ws);
        let Opening { accept, protocol, request, summary } = opening;
        self.effects.push_back(Effect::Upgrade { to: client, accept, protocol, request, summary });
    }
}

/// What goes with a 101.
struct Opening {
    accept: ws::Accept,
    protocol: Protocol,
    request: Request,
    summary: Summary,
}

impl Handshake {
    /// The first step.
    fn begin(&mut self, asker: Asker<'_>, buckets: &mut Buckets) -> Result<Next<Protocol>, Fault> {
        if self.occasion.route.api_key == Some(ApiKeySource::Header) {
            let key = self.request.header("x-api-key");
            let key = admit(&self.occasion, key, asker.now, buckets)?;
            self.link().api_key = Some(key);
        }
        match &self.occasion.route.access {
            // Without an authorizer there is nobody to say a key.
            Access::Open if self.occasion.route.api_key == Some(ApiKeySource::Authorizer) => {
                admit(&self.occasion, None, asker.now, buckets)?;
                self.connect(asker)
            }
            Access::Open => self.connect(asker),
            Access::Closed(why) => Err(Fault::Integration(why.clone())),
            Access::Authorizer(authorizer) => {
                let Asker { me, time, out, .. } = asker;
                authorize::ask(&self.occasion, authorizer, &self.request, me, time, out)
            }
        }
    }

    /// The step after an answer.
    pub(in super::super) fn advance(
        &mut self,
        step: Step,
        answer: Answer,
        asker: Asker<'_>,
        buckets: &mut Buckets,
    ) -> Result<Next<Protocol>, Fault> {
        match (step, step.taken(answer).map(Answered::from)?) {
            (Step::Authorizing, Answered::Function(invoked)) => {
                let verdict = authorize::judge(&self.occasion, &invoked, asker.now)?;
                self.link().authorizer = Some(verdict.context);
                if self.occasion.route.api_key == Some(ApiKeySource::Authorizer) {
                    let key = verdict.key.as_deref().map(str::as_bytes);
                    let key = admit(&self.occasion, key, asker.now, buckets)?;
                    self.link().api_key = Some(key);
                }
                self.connect(asker)
            }
            (
                Step::Authorizing | Step::Discovering | Step::Invoking(_) | Step::Fetching | Step::Pushing,
                answered,
            ) => answer::verdict(&self.occasion, &answered).map(Next::Done),
        }
    }

    fn link(&mut self) -> &mut Link {
        Arc::get_mut(&mut self.occasion.link).expect("only its handshake knows a connection that is not open")
    }

    /// Asks `$connect`.
    fn connect(&self, asker: Asker<'_>) -> Result<Next<Protocol>, Fault> {
        let (occasion, cause) = (&self.occasion, Cause::Connect(&self.request));
        let missing = occasion.route.required.iter().filter(|source| occasion.value(cause, source).is_none());
        let missing: Vec<&str> = missing.map(|source| source.name()).collect();
        if !missing.is_empty() {
            return Err(Fault::BadRequest(format!(
                "Missing required request parameters: [{}]",
                missing.join(", ")
            )));
        }
        let Some(integration) = &occasion.route.integration else { return Ok(Next::Done(None)) };
        match ask(occasion, integration, cause, asker)? {
            Asked::Waits(step, deadline) => Ok(Next::Wait(step, deadline)),
            Asked::Answered(answered) => answer::verdict(occasion, &answered).map(Next::Done),
        }
    }
}

/// Whose key it is, if it opens the stage to new connections.
fn admit(
    occasion: &Occasion,
    key: Option<&[u8]>,
    now: Now,
    buckets: &mut Buckets,
) -> Result<Arc<ApiKey>, Fault> {
    let (api, stage, route) = (&occasion.api.id, &*occasion.stage.name, &*occasion.route.key);
    let door = Door { owner: &occasion.api.owner, api, stage, route };
    api_key::admit(&occasion.live, &door, key, now, buckets)
}
