//! The WebSockets that are open, and their ids.
//!
//! A place is taken before `$connect` is asked, because its event says the id already; nobody can find the
//! connection until it is open. An id is the key of the place and a salt, so that finding one is no search: what
//! it leads to must have the same salt.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, URL_SAFE};

use super::Channel;
use super::effect::Client;
use crate::base::{Ebb, Key, Now, Rng, Table, Timers};
use crate::live::keys::Key as ApiKey;
use crate::model::ApiId;
use crate::model::settings::WsSettings;

/// How many there may be: beyond what a process may have open anyway.
pub(super) const MOST: usize = 1 << 20;

/// How many messages of one connection may be under way.
pub const MOST_IN_FLIGHT: u16 = 64;

/// From here on down more are taken again: not with each that ends.
const FEW_IN_FLIGHT: u16 = MOST_IN_FLIGHT / 2;

/// As AWS's ids, but for the bits that the last character has too many: any will do.
const SPELLING: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// A place in the table.
pub(super) enum Place {
    /// For a connection whose handshake is under way.
    Taken,
    /// A connection's.
    Open(Connection),
}

/// A WebSocket that is open.
pub(super) struct Connection {
    pub(super) client: Key<Client>,
    pub(super) link: Arc<Link>,
    /// Milliseconds since 1970.
    pub(super) last_active: u64,
    /// When it will have been open long enough.
    ends: Option<Instant>,
    in_flight: u16,
    paused: bool,
}

/// What stays the same from a handshake to the end of its connection: what events say of it.
pub(super) struct Link {
    pub(super) id: ConnectionId,
    pub(super) api: ApiId,
    pub(super) stage: Arc<str>,
    pub(super) domain: Box<str>,
    /// The key of the mapping of the custom domain name that led there.
    pub(super) base_path: Option<Box<str>>,
    pub(super) ip: IpAddr,
    pub(super) channel: Channel,
    pub(super) user_agent: Option<Box<[u8]>>,
    /// Milliseconds since 1970.
    pub(super) connected: u64,
    /// What the authorizer said: a JSON object.
    pub(super) authorizer: Option<Box<str>>,
    /// The key that let it in, where `$connect` wants one.
    pub(super) api_key: Option<Arc<ApiKey>>,
}

/// The id of a connection, `PJqB0fHsqRcCHlw=`: eleven bytes in URL-safe base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ConnectionId([u8; 16]);

/// An id that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// See the module.
pub(super) struct Connections {
    table: Table<Place>,
    timers: Timers<Place>,
    /// By the index of a client: its connection.
    of_clients: Vec<Option<(Key<Client>, Key<Place>)>>,
    ebb: Ebb,
}

impl Connections {
    /// None.
    pub(super) fn new() -> Self {
        Self {
            table: Table::new(MOST),
            timers: Timers::default(),
            of_clients: Vec::new(),
            ebb: Ebb::default(),
        }
    }

    /// Takes a place for a connection that may come to be. `None`: there is none.
    pub(super) fn take(&mut self, rng: &mut Rng) -> Option<(Key<Place>, ConnectionId)> {
        let key = self.table.insert(Place::Taken)?;
        Some((key, ConnectionId::new(key, rng)))
    }

    /// Gives back a place that no connection came to have.
    pub(super) fn give_back(&mut self, key: Key<Place>) {
        let place = self.table.remove(key);
        debug_assert!(matches!(place, Some(Place::Taken)), "a handshake has its place to its end");
    }

    /// Opens a connection in its place. It is found from now on.
    pub(super) fn open(
        &mut self,
        now: Now,
        key: Key<Place>,
        client: Key<Client>,
        link: Arc<Link>,
        limits: &WsSettings,
    ) {
        let ends = limits.lifetime.and_then(|lifetime| now.instant.checked_add(lifetime));
        let last_active = now.unix_ms;
        let Some(place) = self.table.get_mut(key) else { return };
        *place = Place::Open(Connection { client, link, last_active, ends, in_flight: 0, paused: false });
        if self.of_clients.len() <= client.index() {
            self.of_clients.resize(client.index() + 1, None);
        }
        self.of_clients[client.index()] = Some((client, key));
        self.ebb.rose(self.table.len(), self.of_clients.len());
        self.touch(now, key, limits);
    }

    /// Something happened on a connection: it is not idle.
    pub(super) fn touch(&mut self, now: Now, key: Key<Place>, limits: &WsSettings) {
        let Some(Place::Open(connection)) = self.table.get_mut(key) else { return };
        connection.last_active = now.unix_ms;
        let idle = limits.idle.and_then(|idle| now.instant.checked_add(idle));
        if let Some(deadline) = idle.into_iter().chain(connection.ends).min() {
            self.timers.set(key, deadline);
        }
    }

    /// A client's connection.
    pub(super) fn of(&self, client: Key<Client>) -> Option<(Key<Place>, &Connection)> {
        let (who, key) = (*self.of_clients.get(client.index())?)?;
        if who != client { None } else { Some((key, self.get(key)?)) }
    }

    /// An open connection.
    pub(super) fn get(&self, key: Key<Place>) -> Option<&Connection> {
        match self.table.get(key)? {
            Place::Open(connection) => Some(connection),
            Place::Taken => None,
        }
    }

    /// The connection with this id. `None`: it is not open, or never was.
    pub(super) fn find(&self, id: &str) -> Result<Option<(Key<Place>, &Connection)>, Malformed> {
        let key = ConnectionId::key_of(id)?;
        let found = self.get(key).filter(|connection| connection.link.id.as_str() == id);
        Ok(found.map(|connection| (key, connection)))
    }

    /// All that are open.
    pub(super) fn all(&self) -> impl Iterator<Item = (Key<Place>, &Connection)> {
        self.table.iter().filter_map(|(key, place)| match place {
            Place::Open(connection) => Some((key, connection)),
            Place::Taken => None,
        })
    }

    /// Takes an open connection out: from now on nobody finds it.
    pub(super) fn close(&mut self, key: Key<Place>) -> Option<Connection> {
        self.get(key)?;
        self.timers.clear(key);
        match self.table.remove(key)? {
            Place::Open(connection) => {
                if let Some(entry) = self.of_clients.get_mut(connection.client.index()) {
                    entry.take_if(|(_, of_client)| *of_client == key);
                }
                if self.ebb.fell(self.table.len(), self.of_clients.len()) {
                    let used = self.of_clients.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
                    self.of_clients.truncate(used);
                    self.of_clients.shrink_to_fit();
                }
                Some(connection)
            }
            Place::Taken => None,
        }
    }

    /// One more message is under way. Whether more may come.
    pub(super) fn began(&mut self, key: Key<Place>) -> bool {
        let Some(Place::Open(connection)) = self.table.get_mut(key) else { return true };
        connection.in_flight = connection.in_flight.saturating_add(1);
        connection.paused |= connection.in_flight >= MOST_IN_FLIGHT;
        !connection.paused
    }

    /// One message is dealt with. Whether more may come, where none might.
    pub(super) fn ended(&mut self, key: Key<Place>) -> bool {
        let Some(Place::Open(connection)) = self.table.get_mut(key) else { return false };
        connection.in_flight = connection.in_flight.saturating_sub(1);
        let resumes = connection.paused && connection.in_flight <= FEW_IN_FLIGHT;
        connection.paused &= !resumes;
        resumes
    }

    /// A connection that was idle, or open, for too long.
    pub(super) fn expired(&mut self, now: Instant) -> Option<Key<Place>> {
        self.timers.expired(now)
    }

    /// When to call [`Connections::expired`].
    pub(super) fn next_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// How many there are, those in the making too.
    pub(super) fn len(&self) -> usize {
        self.table.len()
    }
}

impl ConnectionId {
    fn new(key: Key<Place>, rng: &mut Rng) -> Self {
        loop {
            let mut bytes = [0; 11];
            let salt = rng.u32(..) & 0x00ff_ffff;
            bytes[..8].copy_from_slice(&(key.to_bits() ^ spread(salt)).to_be_bytes());
            bytes[8..].copy_from_slice(&salt.to_be_bytes()[1..]);
            let mut id = [0; 16];
            URL_SAFE.encode_slice(bytes, &mut id).expect("eleven bytes take sixteen characters");
            // What begins so is a flag to `aws ... --connection-id $id`, so another salt is taken.
            if id[0] != b'-' {
                return Self(id);
            }
        }
    }

    /// Its spelling.
    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("base64 is ASCII")
    }

    /// Whose it would be.
    fn key_of(id: &str) -> Result<Key<Place>, Malformed> {
        let mut bytes = [0; 12];
        if id.len() != 16 || SPELLING.decode_slice(id, &mut bytes) != Ok(11) {
            return Err(Malformed);
        }
        let word = u64::from_be_bytes(bytes[..8].try_into().expect("eight bytes"));
        let salt = u32::from_be_bytes([0, bytes[8], bytes[9], bytes[10]]);
        Ok(Key::from_bits(word ^ spread(salt)))
    }
}

/// So that the ids of one place, and of one after the other, look nothing alike. The factor is that of
/// Fibonacci hashing.
fn spread(salt: u32) -> u64 {
    u64::from(salt | 1 << 24).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::net::Ipv4Addr;

    use super::*;

    fn link(id: ConnectionId) -> Arc<Link> {
        Arc::new(Link {
            id,
            api: ApiId::new("a"),
            stage: "s".into(),
            domain: "d".into(),
            base_path: None,
            ip: Ipv4Addr::LOCALHOST.into(),
            channel: Channel::Plain,
            user_agent: None,
            connected: 0,
            authorizer: None,
            api_key: None,
        })
    }

    #[test]
    fn ids() {
        let (mut connections, mut rng) = (Connections::new(), Rng::with_seed(3));
        let mut clients: Table<()> = Table::new(200);
        let now = Now { instant: Instant::now(), unix_ms: 5 };
        let mut seen = HashSet::new();
        for _ in 0..100 {
            let client = clients.insert(()).unwrap().cast();
            let (key, id) = connections.take(&mut rng).unwrap();
            assert!(!id.as_str().starts_with('-'));
            assert!(
                seen.insert(id.as_str().to_owned()) && id.as_str().len() == 16 && id.as_str().ends_with('=')
            );
            assert_eq!(connections.find(id.as_str()).map(|found| found.is_some()), Ok(false), "not open yet");
            connections.open(now, key, client, link(id), &WsSettings::default());
            assert_eq!(connections.find(id.as_str()).unwrap().unwrap().0, key);
            assert_eq!(connections.of(client).unwrap().0, key);
            if rng.bool() {
                assert!(connections.close(key).is_some() && connections.close(key).is_none());
                assert_eq!(connections.find(id.as_str()).map(|found| found.is_some()), Ok(false), "gone");
                assert!(connections.of(client).is_none());
            }
        }
        for (id, expected) in [
            ("AAAAAAAAAAAAAAA=", Ok(false)),
            ("_-AAAAAAAAAAAAB=", Ok(false)),
            ("AAAAAAAAAAAAAAAA", Err(Malformed)),
            ("AAAAAAAAAAAAAA==", Err(Malformed)),
            ("AAA/AAAAAAAAAAA=", Err(Malformed)),
            ("a2cbf3ea", Err(Malformed)),
            ("!!!", Err(Malformed)),
            ("", Err(Malformed)),
        ] {
            assert_eq!(connections.find(id).map(|found| found.is_some()), expected, "{id}");
        }
    }

    #[test]
    fn messages_under_way_are_bounded() {
        let (mut connections, mut rng) = (Connections::new(), Rng::with_seed(3));
        let client = Table::<()>::new(1).insert(()).unwrap().cast();
        let now = Now { instant: Instant::now(), unix_ms: 5 };
        let (key, id) = connections.take(&mut rng).unwrap();
        connections.open(now, key, client, link(id), &WsSettings::default());
        let more: Vec<_> = (0..MOST_IN_FLIGHT).map(|_| connections.began(key)).collect();
        assert_eq!(more.iter().filter(|more| !**more).count(), 1, "with the last one it is enough");
        let resumed: Vec<_> = (0..MOST_IN_FLIGHT).map(|_| connections.ended(key)).collect();
        assert_eq!(resumed.iter().position(|resumed| *resumed), Some(usize::from(FEW_IN_FLIGHT) - 1));
        assert_eq!(resumed.iter().filter(|resumed| **resumed).count(), 1, "once");
    }
}
