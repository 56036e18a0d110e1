//! [`Published`]: a snapshot that one writer replaces and that readers read without a lock.
//!
//! A [`Reader`] keeps the snapshot that it saw last, and a version number tells it by one atomic load whether a
//! newer one is there; only then does it take the lock to fetch it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The place where snapshots are published.
pub struct Published<T> {
    version: AtomicU64,
    current: Mutex<Arc<T>>,
}

impl<T> Published<T> {
    /// Publishes a first snapshot.
    pub fn new(first: T) -> Self {
        Self { version: AtomicU64::new(0), current: Mutex::new(Arc::new(first)) }
    }

    /// Replaces the snapshot. A reader that asks after this returned sees this one or a newer one.
    pub fn publish(&self, next: T) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(next);
        self.version.fetch_add(1, Ordering::Release);
    }

    /// The snapshot of this moment, under the lock: for those who ask seldom.
    pub fn latest(&self) -> Arc<T> {
        Arc::clone(&self.current.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One reader's view of a [`Published`].
pub struct Reader<T> {
    from: Arc<Published<T>>,
    version: u64,
    seen: Arc<T>,
}

impl<T> Reader<T> {
    /// A reader that has seen the snapshot of this moment.
    pub fn new(from: Arc<Published<T>>) -> Self {
        let version = from.version.load(Ordering::Acquire);
        let seen = from.latest();
        Self { from, version, seen }
    }

    /// The newest snapshot: one atomic load, and the lock only after a change.
    pub fn get(&mut self) -> &Arc<T> {
        self.refresh();
        &self.seen
    }

    /// Picks up a newer snapshot; whether there was one.
    pub fn refresh(&mut self) -> bool {
        let version = self.from.version.load(Ordering::Acquire);
        if version == self.version {
            return false;
        }
        // The snapshot may be newer still than `version`; then the next call fetches it once more, unharmed.
        self.version = version;
        self.seen = self.from.latest();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_sees_what_was_published_before_it_asked() {
        let published = Arc::new(Published::new(1));
        let mut reader = Reader::new(Arc::clone(&published));
        assert_eq!(**reader.get(), 1);
        published.publish(2);
        assert!(reader.refresh());
        assert!(!reader.refresh());
        assert_eq!(**reader.get(), 2);
        let kept = Arc::clone(reader.get());
        published.publish(3);
        assert_eq!((*kept, **reader.get()), (2, 3), "who keeps a snapshot keeps it");
    }

    #[test]
    fn readers_on_other_threads_never_go_back() {
        let published = Arc::new(Published::new(0u64));
        std::thread::scope(|scope| {
            for _ in 0..2 {
                let mut reader = Reader::new(Arc::clone(&published));
                scope.spawn(move || {
                    let mut last = 0;
                    while last < 1000 {
                        let seen = **reader.get();
                        assert!(seen >= last);
                        last = seen;
                    }
                });
            }
            (1..=1000).for_each(|n| published.publish(n));
        });
    }
}
