//! The keys of issuers: kept for a while, fetched when somebody needs one that is not here, once for all who do.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::exchange::Exchange;
use crate::base::{Key, Now};
use crate::live::access::JwtAuthorizer;
use crate::proto::jwt::{self, KeySet};

/// AWS: keys are cached for up to two hours.
const KEPT: Duration = Duration::from_secs(2 * 60 * 60);

/// How soon after the keys were fetched they are asked for again because a token names one that is not among them, or
/// is not signed by it: ours, so that no client can make gatelet ask an issuer more often.
const REFETCH: Duration = Duration::from_secs(1);

/// Issuers whose keys are kept; ours. With as many keys as may be they take some 20 MB.
const MOST_ISSUERS: usize = 128;

/// Requests that wait for the keys of one issuer; ours. They are all verified in one turn: 10 ms of RS256, 0.4 s of ES384.
const MOST_WAITING: usize = 512;

/// See the module.
#[derive(Default)]
pub(in super::super) struct Issuers {
    /// By `issuer`.
    known: HashMap<Arc<str>, Issuer>,
    /// Whose keys have to be fetched.
    wanted: Vec<Arc<JwtAuthorizer>>,
}

/// What is known of an issuer.
#[derive(Default)]
struct Issuer {
    held: Option<Held>,
    /// Who waits for its keys, which are being fetched then.
    waiting: Vec<Key<Exchange>>,
}

struct Held {
    keys: KeySet,
    /// When they were fetched.
    since: Instant,
    /// When that was last tried.
    tried: Instant,
}

/// What came of looking for a key.
pub(super) enum Found<'k> {
    /// This one.
    Key(&'k jwt::Key),
    /// The issuer has none, as far as is known and may be asked.
    None,
    /// Who asks is told when the issuer's keys are here, or can't be had.
    Waits,
    /// Too many wait.
    Busy,
}

impl Held {
    /// Whether nothing is to be fetched for a key of this name.
    fn settles(&self, kid: &str, now: Instant) -> bool {
        let is_fresh = now.saturating_duration_since(self.since) < KEPT;
        is_fresh && (self.keys.get(kid).is_some() || self.was_just_tried(now))
    }

    fn was_just_tried(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.tried) < REFETCH
    }
}

impl Issuers {
    /// The key of this name of an authorizer's issuer, for an exchange.
    pub(super) fn key(
        &mut self,
        now: Now,
        authorizer: &Arc<JwtAuthorizer>,
        kid: &str,
        me: Key<Exchange>,
    ) -> Found<'_> {
        match self.held(authorizer).is_some_and(|held| held.settles(kid, now.instant)) {
            true => self.held(authorizer).and_then(|held| held.keys.get(kid)).map_or(Found::None, Found::Key),
            false => self.wait(authorizer, me),
        }
    }

    /// The key of an authorizer's issuer did not fit: whether another may have taken its name. An issuer that was
    /// started anew often has new keys under old names.
    pub(super) fn newer(
        &mut self,
        now: Now,
        authorizer: &Arc<JwtAuthorizer>,
        me: Key<Exchange>,
    ) -> Found<'_> {
        match self.held(authorizer).is_some_and(|held| held.was_just_tried(now.instant)) {
            true => Found::None,
            false => self.wait(authorizer, me),
        }
    }

    fn held(&self, authorizer: &JwtAuthorizer) -> Option<&Held> {
        self.known.get(&authorizer.issuer)?.held.as_ref()
    }

    fn wait(&mut self, authorizer: &Arc<JwtAuthorizer>, me: Key<Exchange>) -> Found<'static> {
        if !self.known.contains_key(&authorizer.issuer) && !self.make_room() {
            return Found::Busy;
        }
        let issuer = self.known.entry(Arc::clone(&authorizer.issuer)).or_default();
        if issuer.waiting.len() >= MOST_WAITING {
            return Found::Busy;
        }
        if issuer.waiting.is_empty() {
            self.wanted.push(Arc::clone(authorizer));
        }
        issuer.waiting.push(me);
        Found::Waits
    }

    /// An authorizer whose issuer's keys have to be fetched. [`Issuers::fetched`] must follow.
    pub(super) fn wanted(&mut self) -> Option<Arc<JwtAuthorizer>> {
        self.wanted.pop()
    }

    /// The keys of an issuer are here, or can't be had (`None`). Who waited for them.
    pub(super) fn fetched(
        &mut self,
        now: Now,
        issuer: &Arc<str>,
        keys: Option<KeySet>,
    ) -> Vec<Key<Exchange>> {
        let Some(known) = self.known.get_mut(issuer) else { return Vec::new() };
        let waiting = std::mem::take(&mut known.waiting);
        match (keys, &mut known.held) {
            (Some(keys), held) => *held = Some(Held { keys, since: now.instant, tried: now.instant }),
            (None, Some(held)) => held.tried = now.instant,
            (None, None) => {
                self.known.remove(issuer);
            }
        }
        waiting
    }

    /// Forgets an issuer for another, if there has to be room and can be: the one whose keys are oldest.
    fn make_room(&mut self) -> bool {
        if self.known.len() < MOST_ISSUERS {
            return true;
        }
        let idle = self.known.iter().filter(|(_, issuer)| issuer.waiting.is_empty());
        let oldest = idle.min_by_key(|(_, issuer)| issuer.held.as_ref().map(|held| held.since));
        match oldest.map(|(name, _)| Arc::clone(name)) {
            Some(name) => self.known.remove(&name).is_some(),
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Table;
    use crate::live::access::discovery;
    use crate::live::mapping::Source;

    const KEYS: &[u8] = include_bytes!("../../../tests/jwt/jwks.json");

    struct Bench {
        issuers: Issuers,
        exchanges: Table<()>,
        now: Now,
    }

    impl Bench {
        fn new() -> Self {
            let now = Now { instant: Instant::now(), unix_ms: 0 };
            Self { issuers: Issuers::default(), exchanges: Table::new(10_000), now }
        }

        fn ask(&mut self, issuer: &str, kid: &str) -> String {
            let me = self.exchanges.insert(()).unwrap().cast();
            let found = self.issuers.key(self.now, &authorizer(issuer), kid, me);
            let found = match found {
                Found::Key(_) => "key",
                Found::None => "unknown",
                Found::Waits => "waits",
                Found::Busy => "busy",
            };
            let wanted = std::iter::from_fn(|| self.issuers.wanted()).count();
            if wanted > 0 { format!("{found}, {wanted} fetched") } else { found.to_owned() }
        }

        fn fetched(&mut self, issuer: &str, keys: Option<KeySet>) -> usize {
            self.issuers.fetched(self.now, &issuer.into(), keys).len()
        }

        fn later(&mut self, time: Duration) {
            self.now.instant += time;
        }
    }

    fn authorizer(issuer: &str) -> Arc<JwtAuthorizer> {
        Arc::new(JwtAuthorizer {
            id: "a".into(),
            source: Source::RequestHeader("Authorization".into()),
            issuer: issuer.into(),
            discovery: discovery(issuer).unwrap(),
            audience: Vec::new(),
        })
    }

    #[test]
    fn keys_are_fetched_once_for_all_and_kept() {
        let mut bench = Bench::new();
        assert_eq!(bench.ask("http://a", "rsa"), "waits, 1 fetched");
        assert_eq!(bench.ask("http://a", "nobody"), "waits");
        assert_eq!(bench.ask("http://b", "rsa"), "waits, 1 fetched");
        assert_eq!(bench.fetched("http://a", KeySet::parse(KEYS)), 2);
        assert_eq!(bench.ask("http://a", "rsa"), "key");
        assert_eq!(bench.ask("http://a", "nobody"), "unknown");
        assert_eq!(bench.ask("http://b", "rsa"), "waits", "another issuer");
        bench.later(KEPT - Duration::from_secs(1));
        assert_eq!(bench.ask("http://a", "rsa"), "key");
        bench.later(Duration::from_secs(1));
        assert_eq!(bench.ask("http://a", "rsa"), "waits, 1 fetched");
    }

    #[test]
    fn a_key_that_is_new_is_fetched_but_not_too_often() {
        let mut bench = Bench::new();
        bench.ask("http://a", "rsa");
        bench.fetched("http://a", KeySet::parse(br#"{"keys":[]}"#));
        assert_eq!(bench.ask("http://a", "rsa"), "unknown");
        bench.later(REFETCH);
        assert_eq!(bench.ask("http://a", "rsa"), "waits, 1 fetched");
        // In vain: what is here stays, and the issuer has its peace.
        assert_eq!(bench.fetched("http://a", None), 1);
        assert_eq!(bench.ask("http://a", "rsa"), "unknown");
        bench.later(REFETCH);
        assert_eq!(bench.ask("http://a", "rsa"), "waits, 1 fetched");
        bench.fetched("http://a", KeySet::parse(KEYS));
        assert_eq!(bench.ask("http://a", "rsa"), "key");
    }

    #[test]
    fn what_failed_is_tried_again() {
        let mut bench = Bench::new();
        bench.ask("http://a", "rsa");
        assert_eq!(bench.fetched("http://a", None), 1);
        assert!(bench.issuers.known.is_empty());
        assert_eq!(bench.ask("http://a", "rsa"), "waits, 1 fetched");
        assert_eq!(bench.fetched("http://nobody", None), 0);
    }

    #[test]
    fn everything_is_bounded() {
        let mut bench = Bench::new();
        for _ in 0..MOST_WAITING {
            assert!(bench.ask("http://a", "rsa").starts_with("waits"));
        }
        assert_eq!(bench.ask("http://a", "rsa"), "busy");
        for n in 1..MOST_ISSUERS {
            assert_eq!(bench.ask(&format!("http://{n}"), "rsa"), "waits, 1 fetched");
        }
        assert_eq!(bench.ask("http://more", "rsa"), "busy", "all are being fetched");
        bench.fetched("http://2", KeySet::parse(KEYS));
        bench.later(REFETCH);
        bench.fetched("http://1", KeySet::parse(KEYS));
        assert_eq!(bench.ask("http://more", "rsa"), "waits, 1 fetched");
        assert_eq!(bench.issuers.known.len(), MOST_ISSUERS);
        assert_eq!(bench.ask("http://1", "rsa"), "key");
        assert_eq!(bench.ask("http://2", "rsa"), "waits, 1 fetched", "the oldest made room");
    }
}
