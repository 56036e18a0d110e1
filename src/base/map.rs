//! Maps and sets, made without sorting first.

use std::collections::{BTreeMap, BTreeSet};

/// A map of these pairs; of those with the same key, of the last.
///
/// What `collect` makes of pairs it sorts and then stacks: faster where they are very many, and six kilobytes of code for
/// each kind of map. These have a few members each, and there are many kinds.
pub fn map_of<K: Ord, V>(pairs: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    pairs.into_iter().for_each(|(key, value)| {
        map.insert(key, value);
    });
    map
}

/// The same, of pairs that may be none: up to the first that is not.
///
/// # Errors
/// That one's.
pub fn try_map_of<K: Ord, V, E>(
    pairs: impl IntoIterator<Item = Result<(K, V), E>>,
) -> Result<BTreeMap<K, V>, E> {
    let mut map = BTreeMap::new();
    pairs.into_iter().try_for_each(|pair| {
        let (key, value) = pair?;
        map.insert(key, value);
        Ok(())
    })?;
    Ok(map)
}

/// A set of these, for the same reason.
pub fn set_of<T: Ord>(members: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    members.into_iter().for_each(|member| {
        set.insert(member);
    });
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_a_key_counts() {
        let pairs = [("b", 1), ("a", 2), ("b", 3)];
        assert_eq!(map_of(pairs), BTreeMap::from([("a", 2), ("b", 3)]));
        assert_eq!(set_of(["b", "a", "b"]), BTreeSet::from(["a", "b"]));
        assert_eq!(try_map_of(pairs.map(Ok::<_, ()>)), Ok(BTreeMap::from([("a", 2), ("b", 3)])));
        assert_eq!(try_map_of([Ok(("a", 1)), Err("no"), Err("never seen")]), Err("no"));
    }
}
