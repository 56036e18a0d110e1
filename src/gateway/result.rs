//! A function's result, read as far as it is needed: one pass that finds where each member lies, and no tree.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A name and its text.
pub(super) type Named<'a> = (Cow<'a, str>, Cow<'a, str>);

/// A name and its texts.
pub(super) type NamedList<'a> = (Cow<'a, str>, Vec<Cow<'a, str>>);

/// An object's members, in order, unread.
pub(super) struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

/// A list's items, unread.
pub(super) struct Items<'a>(Vec<&'a RawValue>);

/// A member, read as far as telling its kind takes.
pub(super) enum Field<'a> {
    Null,
    /// A string's text; a number or a boolean as it is spelled, since AWS takes these for strings too.
    Scalar(Cow<'a, str>),
    Object(Fields<'a>),
    List(Items<'a>),
}

impl<'a> Fields<'a> {
    /// Reads an object. `None`: it is none, or no JSON.
    pub(super) fn parse(payload: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(payload).ok()
    }

    /// A member by name; of several the last.
    pub(super) fn get(&self, name: &str) -> Option<Field<'a>> {
        self.0.iter().rev().find(|(known, _)| known == name).and_then(|(_, raw)| Field::of(raw))
    }

    /// The members' names.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| &**name)
    }

    /// A member as it is spelled; of several the last.
    pub(super) fn raw(&self, name: &str) -> Option<&'a str> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, raw)| raw.get())
    }

    /// A member by a header's name, in any case; of several the first.
    pub(super) fn header(&self, name: &str) -> Option<Field<'a>> {
        let named = self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        named.and_then(|(_, raw)| Field::of(raw))
    }

    /// All members that are not null, which must be scalars. `what` is what they are called.
    pub(super) fn scalars(&self, what: &str) -> Result<Vec<Named<'a>>, String> {
        let mut all = Vec::with_capacity(self.0.len());
        for (name, raw) in &self.0 {
            match Field::of(raw) {
                Some(Field::Scalar(value)) => all.push((name.clone(), value)),
                Some(Field::Null) => {}
                Some(Field::Object(_) | Field::List(_)) | None => {
                    return Err(format!("{name:?} in {what} is no string"));
                }
            }
        }
        Ok(all)
    }

    /// All members that are not null, which must be lists of scalars. `what` is what they are called.
    pub(super) fn lists(&self, what: &str) -> Result<Vec<NamedList<'a>>, String> {
        let mut all = Vec::with_capacity(self.0.len());
        for (name, raw) in &self.0 {
            match Field::of(raw) {
                Some(Field::List(items)) => {
                    let values =
                        items.scalars().ok_or_else(|| format!("{name:?} in {what} is no list of strings"))?;
                    all.push((name.clone(), values));
                }
                Some(Field::Null) => {}
                Some(Field::Scalar(_) | Field::Object(_)) | None => {
                    return Err(format!("{name:?} in {what} is no list"));
                }
            }
        }
        Ok(all)
    }
}

impl<'a> Items<'a> {
    /// The items, which must be scalars.
    pub(super) fn scalars(&self) -> Option<Vec<Cow<'a, str>>> {
        let scalar = |raw: &&'a RawValue| match Field::of(raw)? {
            Field::Scalar(text) => Some(text),
            Field::Null | Field::Object(_) | Field::List(_) => None,
        };
        self.0.iter().map(scalar).collect()
    }
}

impl<'a> Field<'a> {
    /// `None`: it is no JSON after all (an escape that stands for no character).
    fn of(raw: &'a RawValue) -> Option<Self> {
        let text = raw.get();
        match text.as_bytes().first()? {
            b'{' => serde_json::from_str(text).ok().map(Self::Object),
            b'[' => serde_json::from_str(text).ok().map(|items| Self::List(Items(items))),
            b'"' => string(text.as_bytes()).map(Self::Scalar),
            b'n' => Some(Self::Null),
            _ => Some(Self::Scalar(Cow::Borrowed(text))),
        }
    }
}

/// A JSON string's text, borrowed where it has no escapes.
pub(super) fn string(json: &[u8]) -> Option<Cow<'_, str>> {
    #[derive(serde::Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
    serde_json::from_slice::<Text<'_>>(json).ok().map(|text| text.0)
}

/// The bytes of a text out of this payload: shared with it where the text is part of it.
pub(super) fn bytes(payload: &Bytes, text: Cow<'_, str>) -> Bytes {
    match text {
        // `slice_ref` finds no place for nothing.
        Cow::Borrowed("") => Bytes::new(),
        Cow::Borrowed(text) => payload.slice_ref(text.as_bytes()),
        Cow::Owned(text) => text.into(),
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                #[derive(serde::Deserialize)]
                struct Name<'a>(#[serde(borrow)] Cow<'a, str>);
                let mut fields = Vec::new();
                while let Some((Name(name), value)) = map.next_entry()? {
                    fields.push((name, value));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Object)
    }
}
