//! Lists in pages: `Marker` and `MaxItems`.

use serde_json::{Map, Value};

use super::refusal::Constraints;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;

/// AWS: the largest `MaxItems`.
const MAX_ITEMS: i64 = 10_000;

/// What part of a list is asked for.
pub struct Page {
    marker: Option<String>,
    items: usize,
}

impl Page {
    /// What a call asks for, at most `most` items.
    ///
    /// # Errors
    /// `MaxItems` is out of its range.
    pub fn of(call: &Call, most: usize) -> Result<Self, Error> {
        let said = call.query("MaxItems");
        let number = said.map(|text| text.parse().unwrap_or(0));
        let mut constraints = Constraints::default();
        constraints.range(number, "maxItems", 1, MAX_ITEMS);
        constraints.end()?;
        let items = number.and_then(|number| usize::try_from(number).ok()).unwrap_or(most).min(most);
        Ok(Self {
            marker: call.query("Marker").filter(|marker| !marker.is_empty()).map(str::to_owned),
            items,
        })
    }

    /// The items of the page, and the marker of the next one. `all` has each item with its own marker.
    ///
    /// A marker whose item is gone begins again: what was deleted meanwhile can't be told from what never was.
    pub fn take<T>(&self, all: impl Iterator<Item = (String, T)>) -> (Vec<T>, Option<String>) {
        let mut all: Vec<(String, T)> = all.collect();
        if let Some(marker) = &self.marker
            && let Some(at) = all.iter().position(|(own, _)| own == marker)
        {
            all.drain(..=at);
        }
        let next = if all.len() > self.items { Some(all[self.items - 1].0.clone()) } else { None };
        all.truncate(self.items);
        (all.into_iter().map(|(_, item)| item).collect(), next)
    }

    /// The answer: the list by its name, and `NextMarker` where more follows.
    pub fn answer(&self, name: &str, items: Value, next: Option<String>) -> Answer {
        let mut members = Map::new();
        members.insert(name.into(), items);
        members.extend(next.map(|next| ("NextMarker".into(), next.into())));
        Answer::ok(Value::Object(members))
    }
}
