//! [`Verdicts`]: what Lambda authorizers answered, kept as long as their `authorizerResultTtlInSeconds` says.
//!
//! Bounded by weight, in two generations: what is asked for is in the young one, and when that is full it becomes
//! the old one, whose own is forgotten. So nothing is sorted, and what is asked for often stays.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

/// The bytes that all keys and verdicts of one reactor may weigh; ours. Some ten thousand of usual ones.
const MOST: usize = 16 * 1024 * 1024;

/// What an entry weighs besides its key and verdict.
const EACH: usize = 128;

/// See the module.
pub(super) struct Verdicts<V> {
    young: Generation<V>,
    old: Generation<V>,
    most: usize,
}

struct Generation<V> {
    entries: HashMap<Box<[u8]>, Entry<V>>,
    weight: usize,
}

struct Entry<V> {
    verdict: Arc<V>,
    until: Instant,
    weight: usize,
}

/// What a verdict is kept under: parts that can't be mistaken for others, since each says how long it is.
#[derive(Default)]
pub(super) struct VerdictKey(Vec<u8>);

impl VerdictKey {
    /// Appends a part.
    pub(super) fn push(&mut self, part: &[u8]) {
        self.0.extend_from_slice(&(part.len() as u64).to_le_bytes());
        self.0.extend_from_slice(part);
    }
}

impl<V> Default for Verdicts<V> {
    fn default() -> Self {
        Self::of_weight(MOST)
    }
}

impl<V> Verdicts<V> {
    fn of_weight(most: usize) -> Self {
        Self { young: Generation::new(), old: Generation::new(), most }
    }

    /// What is kept, if it is still good.
    pub(super) fn get(&mut self, key: &VerdictKey, now: Instant) -> Option<Arc<V>> {
        if let Some(entry) = self.young.entries.get(&key.0[..]) {
            return (now < entry.until).then(|| Arc::clone(&entry.verdict));
        }
        let (name, entry) = self.old.entries.remove_entry(&key.0[..])?;
        self.old.weight -= entry.weight;
        if now >= entry.until {
            return None;
        }
        let verdict = Arc::clone(&entry.verdict);
        self.put(name, entry);
        Some(verdict)
    }

    /// Keeps a verdict of this many bytes. One that is larger than all may be is not kept.
    pub(super) fn keep(&mut self, key: VerdictKey, verdict: Arc<V>, bytes: usize, until: Instant) {
        let weight = key.0.len() + bytes + EACH;
        if weight <= self.most / 2 {
            self.old.remove(&key.0);
            self.young.remove(&key.0);
            self.put(key.0.into(), Entry { verdict, until, weight });
        }
    }

    fn put(&mut self, key: Box<[u8]>, entry: Entry<V>) {
        if self.young.weight + entry.weight > self.most / 2 {
            self.old = std::mem::replace(&mut self.young, Generation::new());
        }
        self.young.weight += entry.weight;
        self.young.entries.insert(key, entry);
    }
}

impl<V> Generation<V> {
    fn new() -> Self {
        Self { entries: HashMap::new(), weight: 0 }
    }

    fn remove(&mut self, key: &[u8]) {
        if let Some(entry) = self.entries.remove(key) {
            self.weight -= entry.weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn key(parts: &[&str]) -> VerdictKey {
        let mut key = VerdictKey::default();
        parts.iter().for_each(|part| key.push(part.as_bytes()));
        key
    }

    #[test]
    fn verdicts_last_as_long_as_said() {
        let (mut verdicts, now) = (Verdicts::default(), Instant::now());
        let until = now + Duration::from_secs(5);
        verdicts.keep(key(&["a", "b"]), Arc::new(1), 1, until);
        assert_eq!(verdicts.get(&key(&["a", "b"]), now).as_deref(), Some(&1));
        assert_eq!(verdicts.get(&key(&["a", "b"]), until - Duration::from_nanos(1)).as_deref(), Some(&1));
        assert_eq!(verdicts.get(&key(&["a", "b"]), until), None);
        for other in [&["ab"][..], &["", "ab"], &["a"], &["a", "b", ""], &["b", "a"]] {
            assert_eq!(verdicts.get(&key(other), now), None, "{other:?}");
        }
        verdicts.keep(key(&["a", "b"]), Arc::new(2), 1, until);
        assert_eq!(verdicts.get(&key(&["a", "b"]), now).as_deref(), Some(&2), "the later one counts");
    }

    #[test]
    fn they_are_bounded_and_what_is_asked_for_stays() {
        let most = 100 * (EACH + 100);
        let (mut verdicts, now) = (Verdicts::of_weight(most), Instant::now());
        let until = now + Duration::from_secs(5);
        for n in 0..10_000_u32 {
            verdicts.keep(key(&[&n.to_string()]), Arc::new(n), 80, until);
            assert!(verdicts.get(&key(&["0"]), now).is_some(), "asked for each time, gone at {n}");
            let sum = |generation: &Generation<u32>| generation.entries.values().map(|e| e.weight).sum();
            for generation in [&verdicts.young, &verdicts.old] {
                let weight: usize = sum(generation);
                assert_eq!(generation.weight, weight);
                assert!(weight <= most / 2);
            }
        }
        assert!(verdicts.get(&key(&["9999"]), now).is_some());
        assert_eq!(verdicts.get(&key(&["5"]), now), None);
        verdicts.keep(key(&["large"]), Arc::new(0), most, until);
        assert_eq!(verdicts.get(&key(&["large"]), now), None);
    }
}
