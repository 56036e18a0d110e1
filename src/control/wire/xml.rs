//! XML as answers have it: elements in order, their text escaped.

use std::fmt::Display;

use super::escaped;
use crate::base::clock::iso8601_millis;
use crate::control::answer::Answer;

/// What stands in a `…Result` element of the query protocol, or in a document's root.
#[derive(Debug, Default)]
pub struct Xml(String);

impl Xml {
    /// An element with a text.
    pub fn text(&mut self, name: &str, text: impl Display) {
        self.element(name, |xml| xml.push(text));
    }

    /// A text by itself: what an item of a list of texts is.
    pub fn push(&mut self, text: impl Display) {
        self.0.push_str(&escaped(&text.to_string()));
    }

    /// XML as it is.
    pub fn raw(&mut self, xml: &str) {
        self.0.push_str(xml);
    }

    /// An element with a time: `2020-04-08T19:05:45.000Z`.
    pub fn time(&mut self, name: &str, unix_ms: u64) {
        self.text(name, time(unix_ms));
    }

    /// The same as [`Xml::text`], where there is a text.
    pub fn maybe(&mut self, name: &str, text: Option<impl Display>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// An element with elements in it.
    pub fn element(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.0.extend(["<", name, ">"]);
        content(self);
        self.0.extend(["</", name, ">"]);
    }

    /// A list: an element with a `member` for each item.
    pub fn list<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut each: impl FnMut(&mut Self, T),
    ) {
        self.element(name, |xml| {
            for item in items {
                xml.element("member", |xml| each(xml, item));
            }
        });
    }

    /// A list of texts.
    pub fn texts(&mut self, name: &str, items: impl IntoIterator<Item = impl Display>) {
        self.list(name, items, |xml, text| xml.push(text));
    }

    /// 200 with all that was written.
    pub fn answer(self) -> Answer {
        Answer::xml(self.0)
    }
}

/// `2020-04-08T19:05:45.000Z`
pub fn time(unix_ms: u64) -> String {
    iso8601_millis(unix_ms).replace("+0000", "Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements() {
        let mut xml = Xml::default();
        xml.text("A", "1<2 & 3");
        xml.maybe("B", None::<&str>);
        xml.element("C", |xml| xml.maybe("D", Some(7)));
        xml.list("E", [("k", "v")], |xml, (key, value)| {
            xml.text("Key", key);
            xml.text("Value", value);
        });
        xml.list("F", ["x", "\"y\""], |xml, text| xml.push(text));
        assert_eq!(
            xml.0,
            "<A>1&lt;2 &amp; 3</A><C><D>7</D></C><E><member><Key>k</Key><Value>v</Value></member></E>\
             <F><member>x</member><member>&quot;y&quot;</member></F>"
        );
    }
}
