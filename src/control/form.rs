//! [`Form`]: the members of a call of the query protocol: `RoleName=r`, `Tags.member.1.Key=k`.
//!
//! An empty list arrives as a name without a value (`Tags=`).

use crate::base::map::map_of;
use std::collections::BTreeMap;
use std::ops::Bound;

use super::call::Call;

/// The members of a call, or of a structure in it, by name.
#[derive(Debug, Default)]
pub struct Form<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Form<'a> {
    /// Those of the call.
    pub fn of(call: &'a Call) -> Self {
        let mut members = BTreeMap::new();
        for (name, value) in &call.query {
            members.entry(name.as_str()).or_insert(value.as_str());
        }
        Self(members)
    }

    /// A text; an empty one is a text too.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).copied()
    }

    /// A text that is not empty: what clients leave out, some send as nothing.
    pub fn said(&self, name: &str) -> Option<&'a str> {
        self.text(name).filter(|text| !text.is_empty())
    }

    /// Whether a boolean is said to be true.
    pub fn flag(&self, name: &str) -> bool {
        self.text(name) == Some("true")
    }

    /// The same list as owned texts.
    pub fn list(&self, name: &str) -> Vec<String> {
        self.texts(name).into_iter().map(str::to_owned).collect()
    }

    /// A list of texts, in the order of their numbers.
    pub fn texts(&self, name: &str) -> Vec<&'a str> {
        self.members(name).into_iter().filter_map(|form| form.text("")).collect()
    }

    /// A list of structures, in the order of their numbers.
    pub fn members(&self, name: &str) -> Vec<Form<'a>> {
        let prefix = format!("{name}.member.");
        let mut members: BTreeMap<u32, Form<'a>> = BTreeMap::new();
        for (key, value) in self.0.range::<str, _>((Bound::Included(prefix.as_str()), Bound::Unbounded)) {
            let Some(rest) = key.strip_prefix(&prefix) else { break };
            let (number, inner) = rest.split_once('.').unwrap_or((rest, ""));
            if let Ok(number) = number.parse() {
                members.entry(number).or_default().0.insert(inner, value);
            }
        }
        members.into_values().collect()
    }

    /// A list of `Key` and `Value`, as tags are.
    pub fn pairs(&self, name: &str) -> BTreeMap<String, String> {
        let pair = |form: Form<'_>| Some((form.text("Key")?.to_owned(), form.text("Value")?.to_owned()));
        map_of(self.members(name).into_iter().filter_map(pair))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_by_their_numbers() {
        let form = Form(BTreeMap::from([
            ("Name", "n"),
            ("Empty", ""),
            ("L.member.10", "c"),
            ("L.member.2", "b"),
            ("L.member.1", "a"),
            ("L.member.x", "-"),
            ("LL.member.1", "-"),
            ("Tags.member.1.Key", "k"),
            ("Tags.member.1.Value", "v"),
            ("Tags.member.2.Key", "without a value"),
            ("S.member.1.T.member.1", "deep"),
        ]));
        assert_eq!((form.text("Name"), form.text("Empty"), form.text("No")), (Some("n"), Some(""), None));
        assert_eq!(form.texts("L"), ["a", "b", "c"]);
        assert!(form.texts("Empty").is_empty());
        assert_eq!(form.pairs("Tags"), BTreeMap::from([("k".into(), "v".into())]));
        assert_eq!(form.members("S")[0].texts("T"), ["deep"]);
    }
}
