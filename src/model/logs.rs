//! [`Logs`]: log groups, their streams and events; what functions print among them.
//!
//! A group keeps its events in one line, in the order in which they came: the oldest are at hand when room must be
//! made, and a reader goes on by an event's number, however many were dropped meanwhile. It stands behind a lock of
//! its own, apart from the [`Store`](super::Store): a function prints at any time, and readers take an
//! [`extract`](Group::after) at a time.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::Owner;

/// Ours: bytes of one group, with [`EVENT`] for each event. The oldest go first.
pub const MAX_GROUP_BYTES: usize = 16 * 1024 * 1024;

/// Ours: bytes of all groups. The oldest of the largest go first.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;

/// AWS: bytes of an event.
pub const MAX_EVENT: usize = 1024 * 1024;

/// What an event is counted as besides its text: about what it takes.
pub const EVENT: usize = 96;

/// Ours: streams of a group. Each worker has its own, so the oldest of them go first.
pub const MAX_STREAMS: usize = 2000;

/// Ours: groups of all accounts and regions. AWS: 1,000,000 of an account and region.
pub const MAX_GROUPS: usize = 10_000;

/// Room is made for so many bytes at once, so that looking for it is rare.
const ROOM: usize = MAX_BYTES / 8;

/// All log groups.
#[derive(Debug, Default)]
pub struct Logs {
    groups: BTreeMap<Owner, BTreeMap<String, Group>>,
    count: usize,
    bytes: usize,
    dropped: u64,
    /// The last line that was printed: its space is used again.
    line: String,
}

/// A log group.
#[derive(Debug, Default)]
pub struct Group {
    /// `creationTime`: milliseconds since 1970.
    pub created_ms: u64,
    /// `retentionInDays`: kept and returned; events go when there is no room.
    pub retention_days: Option<u32>,
    /// `kmsKeyId`
    pub kms_key: Option<String>,
    /// `logGroupClass`
    pub class: &'static str,
    /// `tags`
    pub tags: BTreeMap<String, String>,
    streams: BTreeMap<Arc<str>, Stream>,
    events: VecDeque<Event>,
    /// How many events were there before those that are: the number of the first one.
    before: u64,
    bytes: usize,
}

/// A log stream.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stream {
    /// `creationTime`: milliseconds since 1970.
    pub created_ms: u64,
    /// The time of its first event,
    pub first_ms: Option<u64>,
    /// and of its last one,
    pub last_ms: Option<u64>,
    /// and when that came.
    pub last_ingested_ms: Option<u64>,
    /// How many of its events there are.
    pub events: usize,
    /// Bytes of their texts.
    pub bytes: usize,
    /// Somebody made it by name: it stays when its last event goes.
    pub lasting: bool,
}

/// An event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Whose it is.
    pub stream: Arc<str>,
    /// When it was: milliseconds since 1970.
    pub time_ms: u64,
    /// When it came.
    pub ingested_ms: u64,
    /// The text.
    pub message: Arc<str>,
}

/// As many groups as there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany;

impl Logs {
    /// A group.
    pub fn group(&self, owner: &Owner, name: &str) -> Option<&Group> {
        self.groups.get(owner)?.get(name)
    }

    /// A group, to change what is said of it.
    pub fn group_mut(&mut self, owner: &Owner, name: &str) -> Option<&mut Group> {
        self.groups.get_mut(owner)?.get_mut(name)
    }

    /// An owner's groups by name, from `first` on.
    pub fn groups<'a>(&'a self, owner: &Owner, first: &str) -> impl Iterator<Item = (&'a str, &'a Group)> {
        let groups = self.groups.get(owner).map(|groups| groups.range(first.to_owned()..));
        groups.into_iter().flatten().map(|(name, group)| (name.as_str(), group))
    }

    /// Adds a group, in place of one that has this name.
    ///
    /// # Errors
    /// [`TooMany`]
    pub fn add_group(&mut self, owner: &Owner, name: &str, group: Group) -> Result<(), TooMany> {
        self.remove_group(owner, name);
        if self.count >= MAX_GROUPS {
            return Err(TooMany);
        }
        self.count += 1;
        self.bytes += group.bytes;
        self.groups.entry(owner.clone()).or_default().insert(name.to_owned(), group);
        Ok(())
    }

    /// Removes a group with all that is in it. Whether there was one.
    pub fn remove_group(&mut self, owner: &Owner, name: &str) -> bool {
        let Some(groups) = self.groups.get_mut(owner) else { return false };
        let Some(group) = groups.remove(name) else { return false };
        if groups.is_empty() {
            self.groups.remove(owner);
        }
        self.count -= 1;
        self.bytes -= group.bytes;
        true
    }

    /// Removes a stream with its events. Whether there was one.
    pub fn remove_stream(&mut self, owner: &Owner, name: &str, stream: &str) -> bool {
        let Some(group) = self.group_mut(owner, name) else { return false };
        let before = group.bytes;
        let removed = group.remove_stream(stream);
        let freed = before - group.bytes;
        self.bytes -= freed;
        removed
    }

    /// A function printed a line. Makes the group and the stream if need be, and room. `true`: the first event of
    /// the group was dropped, which somebody should know.
    pub fn print(&mut self, owner: &Owner, name: &str, stream: &Arc<str>, time_ms: u64, text: &[u8]) -> bool {
        if !self.ensure_group(owner, name, time_ms) {
            return false;
        }
        // Lambda's lines keep their ends, and clients count on it.
        self.line.clear();
        self.line.push_str(&String::from_utf8_lossy(text));
        self.line.push('\n');
        let message = self.line.as_str().into();
        let event = Event { stream: Arc::clone(stream), time_ms, ingested_ms: time_ms, message };
        self.append(owner, name, event)
    }

    /// Makes a group that is not there, for an event. `false`: there may be no more, and the event counts as dropped.
    pub fn ensure_group(&mut self, owner: &Owner, name: &str, now_ms: u64) -> bool {
        if self.group(owner, name).is_some() || self.add_group(owner, name, Group::new(now_ms)).is_ok() {
            return true;
        }
        self.dropped += 1;
        false
    }

    /// Appends an event to a group that is there, and makes room. The stream is made if need be. As [`Logs::print`].
    pub fn append(&mut self, owner: &Owner, name: &str, event: Event) -> bool {
        let Some(group) = self.groups.get_mut(owner).and_then(|groups| groups.get_mut(name)) else {
            return false;
        };
        let (bytes, first) = (group.bytes, group.before == 0);
        group.append(event);
        let mut dropped = 0;
        while group.bytes > MAX_GROUP_BYTES || group.streams.len() > MAX_STREAMS {
            if !group.drop_oldest() {
                break;
            }
            dropped += 1;
        }
        self.bytes = self.bytes + group.bytes - bytes;
        self.dropped += dropped;
        if self.bytes > MAX_BYTES {
            self.make_room();
        }
        first && dropped > 0
    }

    /// How many events were dropped to make room.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Empties everything.
    pub fn clear(&mut self) {
        *self = Self { dropped: self.dropped, ..Self::default() };
    }

    /// Halves the largest groups until there is room again.
    fn make_room(&mut self) {
        let Self { groups, bytes, dropped, .. } = self;
        while *bytes > MAX_BYTES - ROOM {
            let mut largest: Vec<&mut Group> = groups.values_mut().flat_map(BTreeMap::values_mut).collect();
            largest.sort_unstable_by_key(|group| std::cmp::Reverse(group.bytes));
            for group in largest {
                let (before, half) = (group.bytes, group.bytes / 2);
                while group.bytes > half && group.drop_oldest() {
                    *dropped += 1;
                }
                *bytes -= before - group.bytes;
                if *bytes <= MAX_BYTES - ROOM {
                    return;
                }
            }
        }
    }
}

impl Group {
    /// A group with nothing in it.
    pub fn new(created_ms: u64) -> Self {
        Self { created_ms, class: "STANDARD", ..Self::default() }
    }

    /// Its streams by name.
    pub fn streams(&self) -> impl ExactSizeIterator<Item = (&Arc<str>, &Stream)> {
        self.streams.iter()
    }

    /// A stream.
    pub fn stream(&self, name: &str) -> Option<&Stream> {
        self.streams.get(name)
    }

    /// Adds an empty stream.
    pub fn add_stream(&mut self, name: &str, created_ms: u64) {
        self.streams.insert(name.into(), Stream { created_ms, lasting: true, ..Stream::default() });
    }

    /// `storedBytes`
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Up to `most` events from number `from` on, each with its number.
    pub fn after(&self, from: u64, most: usize) -> Vec<(u64, Event)> {
        let skipped = usize::try_from(from.saturating_sub(self.before)).unwrap_or(usize::MAX);
        if skipped >= self.events.len() {
            return Vec::new();
        }
        let end = skipped.saturating_add(most).min(self.events.len());
        let events = self.events.range(skipped..end);
        (self.before + skipped as u64..).zip(events.cloned()).collect()
    }

    /// Up to `most` events before number `end`, each with its number, the last one first.
    pub fn before(&self, end: u64, most: usize) -> Vec<(u64, Event)> {
        let end = usize::try_from(end.saturating_sub(self.before)).unwrap_or(usize::MAX);
        let end = end.min(self.events.len());
        let events = self.events.range(end.saturating_sub(most)..end).rev();
        let numbers = (0..self.before + end as u64).rev();
        numbers.zip(events.cloned()).collect()
    }

    /// The number of the next event.
    pub fn next(&self) -> u64 {
        self.before + self.events.len() as u64
    }

    fn append(&mut self, event: Event) {
        let stream = match self.streams.get_mut(&event.stream) {
            Some(stream) => stream,
            None => {
                let new = Stream { created_ms: event.ingested_ms, ..Stream::default() };
                self.streams.entry(Arc::clone(&event.stream)).or_insert(new)
            }
        };
        stream.first_ms.get_or_insert(event.time_ms);
        stream.last_ms = stream.last_ms.max(Some(event.time_ms));
        stream.last_ingested_ms = Some(event.ingested_ms);
        stream.events += 1;
        stream.bytes += event.message.len();
        self.bytes += event.message.len() + EVENT;
        self.events.push_back(event);
    }

    /// Drops the oldest event, and its stream if it was the last one of it. `false`: there is none.
    fn drop_oldest(&mut self) -> bool {
        let Some(event) = self.events.pop_front() else { return false };
        self.before += 1;
        self.bytes -= event.message.len() + EVENT;
        if let Some(stream) = self.streams.get_mut(&event.stream) {
            stream.events -= 1;
            stream.bytes -= event.message.len();
            if stream.events == 0 && !stream.lasting {
                self.streams.remove(&event.stream);
            }
        }
        true
    }

    /// Numbers change; a reader that goes on by one may miss events or see some twice, as it would on AWS.
    fn remove_stream(&mut self, name: &str) -> bool {
        let Some(removed) = self.streams.remove(name) else { return false };
        if removed.events > 0 {
            self.events.retain(|event| *event.stream != *name);
            self.before += removed.events as u64;
            self.bytes -= removed.bytes + removed.events * EVENT;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner() -> Owner {
        Owner { account: "000000000000".into(), region: "us-east-1".into() }
    }

    /// What is counted is what is there.
    fn check(logs: &Logs) {
        let all = || logs.groups.values().flat_map(BTreeMap::values);
        assert_eq!(logs.count, all().count());
        assert_eq!(logs.bytes, all().map(|group| group.bytes).sum::<usize>());
        assert!(logs.bytes <= MAX_BYTES);
        for group in all() {
            let cost: usize = group.events.iter().map(|event| event.message.len() + EVENT).sum();
            assert_eq!(group.bytes, cost);
            assert!(group.bytes <= MAX_GROUP_BYTES && group.streams.len() <= MAX_STREAMS);
            assert_eq!(group.events.len(), group.streams.values().map(|stream| stream.events).sum::<usize>());
        }
    }

    fn texts(events: Vec<(u64, Event)>) -> String {
        let shown: Vec<String> =
            events.iter().map(|(n, event)| format!("{n}{}", event.message.trim_end())).collect();
        shown.join(" ")
    }

    #[test]
    fn events_are_read_by_their_numbers() {
        let (mut logs, stream) = (Logs::default(), Arc::from("s"));
        for text in ["a", "b", "c", "d"] {
            assert!(!logs.print(&owner(), "g", &stream, 1, text.as_bytes()));
        }
        let group = logs.group_mut(&owner(), "g").unwrap();
        assert!(group.drop_oldest());
        for (from, most, expected) in
            [(0, 9, "1b 2c 3d"), (1, 1, "1b"), (2, 9, "2c 3d"), (4, 9, ""), (u64::MAX, 1, ""), (3, 0, "")]
        {
            assert_eq!(texts(group.after(from, most)), expected, "{from} {most}");
        }
        for (end, most, expected) in
            [(9, 9, "3d 2c 1b"), (u64::MAX, 1, "3d"), (3, 9, "2c 1b"), (1, 9, ""), (0, 9, ""), (3, 1, "2c")]
        {
            assert_eq!(texts(group.before(end, most)), expected, "{end} {most}");
        }
        assert_eq!(group.next(), 4);
    }

    #[test]
    fn a_full_group_drops_its_oldest() {
        let (mut logs, text) = (Logs::default(), vec![b'x'; 256 * 1024]);
        let mut told = 0;
        for n in 0..200 {
            let stream = Arc::from(format!("s{}", n / 10));
            told += usize::from(logs.print(&owner(), "g", &stream, n, &text));
        }
        check(&logs);
        assert_eq!(told, 1, "that it is full is told once");
        let group = logs.group(&owner(), "g").unwrap();
        assert_eq!(logs.dropped() as usize + group.events.len(), 200);
        assert!(group.stream("s0").is_none() && group.stream("s19").is_some());
    }

    #[test]
    fn many_streams_drop_the_oldest() {
        let mut logs = Logs::default();
        for n in 0..MAX_STREAMS as u64 + 10 {
            logs.print(&owner(), "g", &Arc::from(format!("s{n}")), n, b"x");
        }
        check(&logs);
        assert!(logs.group(&owner(), "g").unwrap().stream("s9").is_none());
    }

    #[test]
    fn when_all_is_full_the_largest_groups_give() {
        let (mut logs, text, stream) = (Logs::default(), vec![b'x'; 256 * 1024], Arc::from("s"));
        logs.print(&owner(), "small", &stream, 0, b"kept");
        for n in 0..600 {
            logs.print(&owner(), &format!("g{}", n % 6), &stream, n, &text);
        }
        check(&logs);
        assert_eq!(texts(logs.group(&owner(), "small").unwrap().after(0, 9)), "0kept");
    }

    #[test]
    fn what_is_removed_is_gone() {
        let mut logs = Logs::default();
        for (group, stream) in [("g", "a"), ("g", "b"), ("g", "a"), ("h", "a")] {
            logs.print(&owner(), group, &Arc::from(stream), 0, stream.as_bytes());
        }
        assert!(logs.remove_stream(&owner(), "g", "a") && !logs.remove_stream(&owner(), "g", "a"));
        check(&logs);
        assert_eq!(texts(logs.group(&owner(), "g").unwrap().after(0, 9)), "2b");
        assert!(logs.remove_group(&owner(), "h") && !logs.remove_group(&owner(), "h"));
        check(&logs);
        assert_eq!(logs.groups(&owner(), "").map(|(name, _)| name).collect::<Vec<_>>(), ["g"]);
        logs.clear();
        check(&logs);
    }

    #[test]
    fn text_that_is_none_is_kept_as_well_as_can_be() {
        let mut logs = Logs::default();
        logs.print(&owner(), "g", &Arc::from("s"), 0, b"a\xffb");
        assert_eq!(texts(logs.group(&owner(), "g").unwrap().after(0, 1)), "0a\u{fffd}b");
    }
}
