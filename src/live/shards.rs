//! [`Shards`]: a map that shares what did not change with the map it came from.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// With a thousand entries, a change copies some sixteen.
const COUNT: usize = 64;

/// An immutable map in shards. [`Shards::set`] on a copy touches one shard; the others stay shared.
pub struct Shards<K, V>(Box<[Arc<HashMap<K, V>>]>);

impl<K: Hash + Eq + Clone, V: Clone> Shards<K, V> {
    /// The value of `key`.
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0[shard(key)].get(key)
    }

    /// All values, in no order.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().flat_map(|shard| shard.values())
    }

    /// Sets what `key` has: `None` removes it.
    pub fn set(&mut self, key: K, value: Option<V>) {
        let shard = Arc::make_mut(&mut self.0[shard(&key)]);
        match value {
            Some(value) => shard.insert(key, value),
            None => shard.remove(&key),
        };
    }
}

impl<K, V> Default for Shards<K, V> {
    fn default() -> Self {
        Self((0..COUNT).map(|_| Arc::default()).collect())
    }
}

impl<K, V> Clone for Shards<K, V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Equal keys have equal hashes in their borrowed form too: that is what `Borrow` promises.
fn shard<Q: Hash + ?Sized>(key: &Q) -> usize {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish() as usize % COUNT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_copies_one_shard() {
        let mut first = Shards::default();
        for n in 0..1000 {
            first.set(format!("key{n}"), Some(n));
        }
        let mut second = first.clone();
        second.set("key7".into(), None);
        second.set("new".into(), Some(1));
        assert_eq!((first.get("key7"), first.get("new")), (Some(&7), None));
        assert_eq!((second.get("key7"), second.get("new")), (None, Some(&1)));
        let copied = first.0.iter().zip(&second.0).filter(|(a, b)| !Arc::ptr_eq(a, b)).count();
        assert!((1..=2).contains(&copied), "{copied}");
    }
}
