//! [`Timers`]: one deadline per key, lazily ordered.
//!
//! Most deadlines are moved later again and again (every byte of a connection does) and never reached. So the
//! heap is touched only when a deadline moves earlier than what the heap knows; one that moved later is found
//! out when the heap's older entry comes up, and goes back in. Setting later and clearing are O(1). What is left
//! over in the heap of keys that are gone is swept out before it outnumbers the rest.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

use super::ebb::Ebb;
use super::table::Key;

/// So many entries are not worth sweeping.
const FEW: usize = 64;

/// A deadline for each of some keys.
pub struct Timers<T> {
    slots: Vec<Slot>,
    heap: BinaryHeap<Reverse<(Instant, u64)>>,
    /// How many slots have a deadline.
    live: usize,
    ebb: Ebb,
    of: std::marker::PhantomData<fn() -> T>,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    generation: u32,
    deadline: Option<Instant>,
    /// The earliest entry that the heap holds for this slot's key.
    queued: Option<Instant>,
}

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            heap: BinaryHeap::new(),
            live: 0,
            ebb: Ebb::default(),
            of: std::marker::PhantomData,
        }
    }
}

impl<T> Timers<T> {
    /// Sets the key's one deadline, in place of the one it had.
    pub fn set(&mut self, key: Key<T>, deadline: Instant) {
        if key.index() >= self.slots.len() {
            self.slots.resize(key.index() + 1, Slot::default());
        }
        let slot = &mut self.slots[key.index()];
        self.live -= usize::from(slot.deadline.is_some());
        if slot.generation != key.generation() {
            *slot = Slot { generation: key.generation(), deadline: None, queued: None };
        }
        slot.deadline = Some(deadline);
        self.live += 1;
        let is_queued = slot.queued.is_some_and(|queued| queued <= deadline);
        if !is_queued {
            slot.queued = Some(deadline);
            self.heap.push(Reverse((deadline, key.to_bits())));
        }
        self.ebb.rose(self.live, self.slots.len());
        if self.heap.len() > 2 * self.live + FEW {
            self.sweep();
        }
    }

    /// Forgets the key's deadline, if it has one.
    pub fn clear(&mut self, key: Key<T>) {
        if let Some(slot) = self.slots.get_mut(key.index())
            && slot.generation == key.generation()
            && slot.deadline.take().is_some()
        {
            self.live -= 1;
            if self.ebb.fell(self.live, self.slots.len()) {
                self.shrink();
            }
        }
    }

    /// A key whose deadline has come; it has no deadline any more. Call until `None`.
    pub fn expired(&mut self, now: Instant) -> Option<Key<T>> {
        while let Some(&Reverse((at, bits))) = self.heap.peek() {
            if at > now {
                return None;
            }
            self.heap.pop();
            let key = Key::from_bits(bits);
            let Some(slot) = self.slots.get_mut(key.index()) else { continue };
            if slot.generation != key.generation() || slot.queued != Some(at) {
                continue;
            }
            slot.queued = None;
            match slot.deadline {
                None => {}
                Some(deadline) if deadline <= now => {
                    slot.deadline = None;
                    self.live -= 1;
                    return Some(key);
                }
                Some(later) => {
                    slot.queued = Some(later);
                    self.heap.push(Reverse((later, bits)));
                }
            }
        }
        None
    }

    /// When to ask [`Timers::expired`] next: never later than the earliest deadline, at times earlier.
    pub fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// Takes out of the heap what stands for no deadline any more.
    fn sweep(&mut self) {
        let slots = &mut self.slots;
        self.heap.retain(|&Reverse((at, bits))| {
            let key = Key::<T>::from_bits(bits);
            let Some(slot) = slots.get_mut(key.index()) else { return false };
            if slot.generation != key.generation() || slot.queued != Some(at) {
                return false;
            }
            if slot.deadline.is_none() {
                slot.queued = None;
            }
            slot.deadline.is_some()
        });
    }

    /// Gives back the room behind the last deadline.
    fn shrink(&mut self) {
        let used = self.slots.iter().rposition(|slot| slot.deadline.is_some()).map_or(0, |last| last + 1);
        self.slots.truncate(used);
        self.slots.shrink_to_fit();
        self.sweep();
        self.heap.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::base::Table;

    #[test]
    fn fires_once_at_the_last_deadline_set() {
        let (mut table, mut timers) = (Table::new(9), Timers::default());
        let zero = Instant::now();
        let at = |ms| zero + Duration::from_millis(ms);
        let key = table.insert(()).unwrap();
        timers.set(key, at(10));
        timers.set(key, at(30));
        assert_eq!(timers.expired(at(20)), None, "moved later");
        assert_eq!(timers.expired(at(30)), Some(key));
        assert_eq!(timers.expired(at(99)), None, "once");
        timers.set(key, at(50));
        timers.set(key, at(40));
        assert_eq!(timers.expired(at(40)), Some(key), "moved earlier");
        assert_eq!(timers.expired(at(99)), None, "the entry left in the heap is stale");
    }

    #[test]
    fn neither_cleared_nor_replaced_keys_fire() {
        let (mut table, mut timers) = (Table::new(9), Timers::default());
        let now = Instant::now();
        let first = table.insert(1).unwrap();
        timers.set(first, now);
        timers.clear(first);
        assert_eq!(timers.expired(now), None);
        timers.set(first, now);
        table.remove(first);
        let second = table.insert(2).unwrap();
        timers.set(second, now + Duration::from_secs(1));
        assert_eq!(timers.expired(now), None, "the slot belongs to another now");
        assert_eq!(timers.expired(now + Duration::from_secs(1)), Some(second));
        assert_eq!(timers.next(), None);
    }

    #[test]
    fn those_that_are_gone_leave_nothing() {
        let (mut table, mut timers) = (Table::new(10_000), Timers::default());
        let later = Instant::now() + Duration::from_secs(30);
        let stays = table.insert(()).unwrap();
        timers.set(stays, later);
        for _ in 0..100_000 {
            let key = table.insert(()).unwrap();
            timers.set(key, later);
            timers.clear(key);
            table.remove(key);
        }
        assert!(timers.heap.len() <= 2 + FEW, "{} deadlines", timers.heap.len());
        let crowd: Vec<_> = (1..10_000).map(|_| table.insert(()).unwrap()).collect();
        crowd.iter().for_each(|key| timers.set(*key, later));
        crowd.iter().for_each(|key| timers.clear(*key));
        assert!(timers.slots.capacity() + timers.heap.capacity() < 200);
        assert_eq!(timers.expired(later), Some(stays));
        assert_eq!(timers.expired(later), None);
    }

    proptest::proptest! {
        /// Against the plain model: a map of deadlines, searched whole.
        #[test]
        fn agrees_with_a_plain_map(steps in proptest::collection::vec((0u8..4, 0usize..5, 0u64..50), 0..200)) {
            let (mut table, mut timers) = (Table::new(5), Timers::default());
            let keys: Vec<_> = (0..5).map(|n| table.insert(n).unwrap()).collect();
            let mut model = std::collections::HashMap::new();
            let (zero, mut now) = (Instant::now(), 0u64);
            for (what, which, ms) in steps {
                match what {
                    0 | 1 => {
                        model.insert(which, now + ms);
                        timers.set(keys[which], zero + Duration::from_millis(now + ms));
                    }
                    2 => {
                        model.remove(&which);
                        timers.clear(keys[which]);
                    }
                    _ => {
                        now += ms;
                        let at = zero + Duration::from_millis(now);
                        while let Some(key) = timers.expired(at) {
                            let which = keys.iter().position(|k| *k == key).unwrap();
                            let due = model.remove(&which).expect("only what was set fires");
                            proptest::prop_assert!(due <= now);
                        }
                        proptest::prop_assert!(model.values().all(|due| *due > now));
                    }
                }
            }
        }
    }
}
