//! The data plane, sans-IO: requests and answers in, effects out.

pub mod effect;

use std::sync::Arc;
use std::time::Instant;

pub use effect::{Answer, Client, Effect};

use crate::base::{Key, Now, Rng};
use crate::live::Live;
use crate::proto::http1;

/// AWS: 10 MB, of a request and of a response.
pub const MAX_BODY: usize = 10 * 1024 * 1024;

/// A request on its way to its answer.
pub struct Exchange {}

/// Who is asking, from where: what the connection knows.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// The connection.
    pub client: Key<Client>,
    /// The client's address.
    pub ip: std::net::IpAddr,
}

/// The whole surface of the data plane.
pub struct Engine {}

impl Engine {
    /// An engine for at most `limit` exchanges at once.
    pub fn new(_limit: usize, _rng: Rng) -> Self {
        unimplemented!()
    }
    /// Whether host or path say that a request is for an api, existing or not. All else is the control plane's.
    pub fn owns(_live: &Live, _request: &http1::Request) -> bool {
        unimplemented!()
    }
    /// A request for an api, whole. Exactly one [`Effect::Reply`] follows, now or later, unless the client
    /// hangs up.
    pub fn request(&mut self, _now: Now, _live: &Arc<Live>, _peer: Peer, _request: http1::Request) {
        unimplemented!()
    }
    /// An answer to something that an exchange waits for. One that comes too late finds nobody.
    pub fn answer(&mut self, _now: Now, _to: Key<Exchange>, _answer: Answer) {
        unimplemented!()
    }
    /// The client is gone: what it waits for is forgotten.
    pub fn hung_up(&mut self, _now: Now, _client: Key<Client>) {
        unimplemented!()
    }
    /// Ends what has waited too long. Call when [`Engine::next_timeout`] has come.
    pub fn timeout(&mut self, _now: Now) {
        unimplemented!()
    }
    /// When to call [`Engine::timeout`].
    pub fn next_timeout(&self) -> Option<Instant> {
        unimplemented!()
    }
    /// The next thing to do; call until `None`.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        unimplemented!()
    }
    /// How many exchanges are under way.
    pub fn in_flight(&self) -> usize {
        unimplemented!()
    }
}
