//! One page of a listing: keys in their order, those with a common beginning rolled up. Pure.

use std::collections::BTreeMap;
use std::ops::Bound;

/// What is to be listed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// Only keys that begin so.
    pub prefix: &'a str,
    /// Keys that are the same up to its first occurrence behind the prefix are one; none if empty.
    pub delimiter: &'a str,
    /// Only what comes behind this key, or common prefix.
    pub after: &'a str,
    /// At most so many keys and common prefixes together.
    pub most: usize,
}

/// A page.
#[derive(Debug)]
pub struct Page<'a, T> {
    /// What it shows, in order.
    pub items: Vec<Item<'a, T>>,
    /// Whether there are more.
    pub is_truncated: bool,
}

/// What a page shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Item<'a, T> {
    /// A key and what it names.
    Key(&'a str, &'a T),
    /// What several keys, or one, begin with.
    Prefix(&'a str),
}

impl<'a, T> Item<'a, T> {
    /// The key or prefix: where the next page goes on.
    pub fn name(&self) -> &'a str {
        match self {
            Self::Key(name, _) | Self::Prefix(name) => name,
        }
    }
}

/// The page of `entries`. What is rolled up is leapt over: a page costs what it shows.
pub fn page<'a, T>(entries: &'a BTreeMap<String, T>, wanted: Wanted<'_>) -> Page<'a, T> {
    let mut page = Page { items: Vec::new(), is_truncated: false };
    let Wanted { prefix, delimiter, after, most } = wanted;
    let mut from = if after < prefix {
        Bound::Included(prefix.to_owned())
    } else if !delimiter.is_empty() && rolled_up(after, prefix, delimiter) == Some(after) {
        match behind(after) {
            Some(next) => Bound::Included(next),
            None => return page,
        }
    } else {
        Bound::Excluded(after.to_owned())
    };
    if most == 0 {
        return page;
    }
    loop {
        let next = entries.range::<str, _>((from.as_ref().map(String::as_str), Bound::Unbounded)).next();
        let Some((key, entry)) = next.filter(|(key, _)| key.starts_with(prefix)) else { return page };
        if page.items.len() == most {
            page.is_truncated = true;
            return page;
        }
        match rolled_up(key, prefix, delimiter) {
            Some(common) => {
                page.items.push(Item::Prefix(common));
                match behind(common) {
                    Some(next) => from = Bound::Included(next),
                    None => return page,
                }
            }
            None => {
                page.items.push(Item::Key(key, entry));
                from = Bound::Excluded(key.clone());
            }
        }
    }
}

/// What `key` is rolled up to, if it is.
fn rolled_up<'a>(key: &'a str, prefix: &str, delimiter: &str) -> Option<&'a str> {
    if delimiter.is_empty() {
        return None;
    }
    let at = key.strip_prefix(prefix)?.find(delimiter)?;
    Some(&key[..prefix.len() + at + delimiter.len()])
}

/// The first text behind all that begin with `prefix`; `None`: there is none.
fn behind(prefix: &str) -> Option<String> {
    let mut next = prefix.to_owned();
    while let Some(last) = next.pop() {
        // The order of UTF-8's bytes is that of the characters, which have a gap.
        let after = match last {
            '\u{d7ff}' => Some('\u{e000}'),
            last => char::from_u32(last as u32 + 1),
        };
        if let Some(after) = after {
            next.push(after);
            return Some(next);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pages() {
        let keys = ["a", "b/1", "b/2", "b/c/3", "b0", "c/", "d\u{10ffff}1", "d\u{10ffff}2", "e"];
        for (prefix, delimiter, after, most, expected) in [
            ("", "", "", 100, "a b/1 b/2 b/c/3 b0 c/ d\u{10ffff}1 d\u{10ffff}2 e"),
            ("", "/", "", 100, "a b/* b0 c/* d\u{10ffff}1 d\u{10ffff}2 e"),
            ("b/", "/", "", 100, "b/1 b/2 b/c/*"),
            ("b", "/", "", 100, "b/* b0"),
            ("b", "", "", 2, "b/1 b/2 …"),
            ("b", "", "b/2", 2, "b/c/3 b0"),
            ("", "/", "a", 1, "b/* …"),
            ("", "/", "b/", 1, "b0 …"),
            ("", "/", "b/1", 1, "b/* …"),
            ("", "\u{10ffff}", "c/", 100, "d\u{10ffff}* e"),
            ("", "c", "", 100, "a b/1 b/2 b/c* b0 c* d\u{10ffff}1 d\u{10ffff}2 e"),
            ("c/", "/", "", 100, "c/"),
            ("x", "", "", 100, ""),
            ("", "", "e", 100, ""),
            ("", "", "", 0, ""),
            ("b", "", "c", 100, ""),
        ] {
            let entries: BTreeMap<_, _> = keys.iter().map(|key| ((*key).to_owned(), ())).collect();
            let page = page(&entries, Wanted { prefix, delimiter, after, most });
            let mut shown = shown(&page);
            if page.is_truncated {
                shown.push("…".into());
            }
            assert_eq!(shown.join(" "), expected, "{prefix} {delimiter} {after} {most}");
        }
    }

    proptest! {
        #[test]
        fn pages_put_together_are_the_whole(
            keys in proptest::collection::btree_set("[ab/é\u{10ffff}]{0,5}", 0..30),
            prefix in "[ab/é]{0,2}",
            delimiter in "(|/|a|ab|\u{10ffff})",
            most in 1usize..5,
        ) {
            let entries: BTreeMap<_, _> = keys.iter().map(|key| (key.clone(), ())).collect();
            let whole = page(&entries, Wanted { prefix: &prefix, delimiter: &delimiter, after: "", most: 1000 });
            prop_assert!(!whole.is_truncated);
            // What a simpler program finds.
            let mut expected: Vec<String> = Vec::new();
            for key in keys.iter().filter(|key| !key.is_empty() && key.starts_with(&prefix)) {
                let item = match key[prefix.len()..].find(&delimiter).filter(|_| !delimiter.is_empty()) {
                    Some(at) => format!("{}*", &key[..prefix.len() + at + delimiter.len()]),
                    None => key.clone(),
                };
                if expected.last() != Some(&item) {
                    expected.push(item);
                }
            }
            prop_assert_eq!(shown(&whole), expected);
            let (mut found, mut after) = (Vec::new(), String::new());
            loop {
                let one = page(&entries, Wanted { prefix: &prefix, delimiter: &delimiter, after: &after, most });
                found.extend(shown(&one));
                prop_assert!(one.items.len() <= most);
                if !one.is_truncated {
                    break;
                }
                after = one.items.last().unwrap().name().to_owned();
            }
            prop_assert_eq!(found, shown(&whole));
        }
    }

    fn shown(page: &Page<'_, ()>) -> Vec<String> {
        let item = |item: &Item<'_, ()>| match item {
            Item::Key(key, ()) => (*key).to_owned(),
            Item::Prefix(prefix) => format!("{prefix}*"),
        };
        page.items.iter().map(item).collect()
    }
}
