//! [`Table`]: a slab whose keys carry a generation, so that a key whose occupant is gone simply misses.
//!
//! One [`Key`] is 8 bytes and serves as slab index, mio token, timer entry and continuation alike. Nothing else
//! is needed to find what an event, an answer or a deadline belongs to, and nothing can find the wrong one.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use slab::Slab;

use super::ebb::Ebb;

/// The name of one occupant of a [`Table<T>`]; never used again for another one within 2^32 insertions.
pub struct Key<T> {
    index: u32,
    generation: u32,
    of: PhantomData<fn() -> T>,
}

impl<T> Key<T> {
    /// The key as one word: for tokens, wire ids and logs.
    pub fn to_bits(self) -> u64 {
        u64::from(self.generation) << 32 | u64::from(self.index)
    }

    /// The inverse of [`Key::to_bits`]. Any word makes a key; one that was never given out misses.
    pub fn from_bits(bits: u64) -> Self {
        Self { index: bits as u32, generation: (bits >> 32) as u32, of: PhantomData }
    }

    /// The same key under another name, for rooms that must not know the occupant's type.
    pub fn cast<U>(self) -> Key<U> {
        Key { index: self.index, generation: self.generation, of: PhantomData }
    }

    pub(crate) fn index(self) -> usize {
        self.index as usize
    }

    pub(crate) fn generation(self) -> u32 {
        self.generation
    }
}

/// Occupants by [`Key`], at most `limit` of them.
pub struct Table<T> {
    slots: Slab<(u32, T)>,
    born: u32,
    limit: usize,
    ebb: Ebb,
}

impl<T> Table<T> {
    /// An empty table for at most `limit` occupants.
    pub fn new(limit: usize) -> Self {
        Self { slots: Slab::new(), born: 0, limit: limit.min(u32::MAX as usize), ebb: Ebb::default() }
    }

    /// Inserts what `make` makes of its own key. `None`: the table is at its limit, and `make` was not called.
    pub fn insert_with(&mut self, make: impl FnOnce(Key<T>) -> T) -> Option<Key<T>> {
        if self.is_full() {
            return None;
        }
        self.born = self.born.wrapping_add(1);
        let entry = self.slots.vacant_entry();
        let key = Key { index: entry.key() as u32, generation: self.born, of: PhantomData };
        entry.insert((self.born, make(key)));
        self.ebb.rose(self.slots.len(), self.slots.capacity());
        Some(key)
    }

    /// Inserts `value`. `None`: the table is at its limit, and `value` is dropped.
    pub fn insert(&mut self, value: T) -> Option<Key<T>> {
        self.insert_with(|_| value)
    }

    /// The occupant; `None`: gone.
    pub fn get(&self, key: Key<T>) -> Option<&T> {
        match self.slots.get(key.index()) {
            Some((generation, value)) if *generation == key.generation => Some(value),
            _ => None,
        }
    }

    /// The occupant; `None`: gone.
    pub fn get_mut(&mut self, key: Key<T>) -> Option<&mut T> {
        match self.slots.get_mut(key.index()) {
            Some((generation, value)) if *generation == key.generation => Some(value),
            _ => None,
        }
    }

    /// Takes the occupant out. From now on its key misses.
    pub fn remove(&mut self, key: Key<T>) -> Option<T> {
        self.get(key)?;
        let (_, value) = self.slots.remove(key.index());
        if self.ebb.fell(self.slots.len(), self.slots.capacity()) {
            self.slots.shrink_to_fit();
        }
        Some(value)
    }

    /// All occupants, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (Key<T>, &T)> {
        self.slots.iter().map(|(index, (generation, value))| {
            (Key { index: index as u32, generation: *generation, of: PhantomData }, value)
        })
    }

    /// The keys of all occupants: for walks that remove as they go.
    pub fn keys(&self) -> Vec<Key<T>> {
        self.iter().map(|(key, _)| key).collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Whether the limit is reached.
    pub fn is_full(&self) -> bool {
        self.slots.len() >= self.limit
    }
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Key<T> {}
impl<T> PartialEq for Key<T> {
    fn eq(&self, other: &Self) -> bool {
        self.to_bits() == other.to_bits()
    }
}
impl<T> Eq for Key<T> {}
impl<T> Hash for Key<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.to_bits().hash(state);
    }
}
impl<T> fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}v{}", self.index, self.generation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_whose_occupant_is_gone_misses() {
        let mut table = Table::new(2);
        let first = table.insert("first").unwrap();
        assert_eq!(table.remove(first), Some("first"));
        let second = table.insert("second").unwrap();
        assert_eq!(first.index(), second.index(), "the slot is used again");
        assert_eq!(table.get(first), None);
        assert_eq!(table.get_mut(first), None);
        assert_eq!(table.remove(first), None);
        assert_eq!(table.get(second), Some(&"second"));
    }

    #[test]
    fn room_for_a_crowd_is_given_back() {
        let mut table = Table::new(10_000);
        let stays = table.insert(0).unwrap();
        let crowd: Vec<_> = (1..10_000).map(|n| table.insert(n).unwrap()).collect();
        let gone: Vec<_> = crowd.iter().map(|key| table.remove(*key)).collect();
        assert!(gone.into_iter().eq((1..10_000).map(Some)));
        assert!(table.slots.capacity() < 100, "{}", table.slots.capacity());
        assert_eq!(table.get(stays), Some(&0));
        let newcomer = table.insert(1).unwrap();
        assert!(crowd.iter().all(|key| table.get(*key).is_none()));
        assert_eq!(table.get(newcomer), Some(&1));
    }

    #[test]
    fn the_limit_holds_and_frees() {
        let mut table = Table::new(1);
        let only = table.insert(1).unwrap();
        assert!(table.is_full());
        assert_eq!(table.insert_with(|_| unreachable!("full")), None);
        table.remove(only);
        assert!(table.insert(2).is_some());
    }

    #[test]
    fn keys_survive_the_trip_through_a_word() {
        let mut table = Table::new(10);
        let key = table.insert_with(|key| key.to_bits()).unwrap();
        assert_eq!(table.get(Key::from_bits(key.to_bits())), Some(&key.to_bits()));
        assert_eq!(table.get(Key::from_bits(0)), None);
        assert_eq!(table.get(Key::from_bits(u64::MAX)), None);
    }
}
