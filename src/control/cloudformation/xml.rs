//! Answers as XML: elements with text, lists of `<member>`, structures within.

use std::fmt::Write;

use crate::base::clock::iso8601_millis;
use crate::control::wire::escaped;

/// XML that is being written.
#[derive(Default)]
pub struct Xml(String);

impl Xml {
    /// `<name>text</name>`
    pub fn text(&mut self, name: &str, text: &str) {
        // A bare carriage return would come out as a line feed.
        let _ = write!(self.0, "<{name}>{}</{name}>", escaped(text).replace('\r', "&#xD;"));
    }

    /// The same where there is something.
    pub fn maybe(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// `<name>true</name>`
    pub fn flag(&mut self, name: &str, flag: bool) {
        self.text(name, if flag { "true" } else { "false" });
    }

    /// `<name>2020-04-08T19:05:45.000Z</name>`
    pub fn time(&mut self, name: &str, unix_ms: u64) {
        self.text(name, &time(unix_ms));
    }

    /// `<name>…</name>`
    pub fn within(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        let _ = write!(self.0, "<{name}>");
        write(self);
        let _ = write!(self.0, "</{name}>");
    }

    /// `<name><member>…</member>…</name>`
    pub fn list<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        self.within(name, |xml| {
            items.into_iter().for_each(|item| xml.within("member", |xml| write(xml, item)))
        });
    }

    /// `<name><member>text</member>…</name>`
    pub fn texts<'t>(&mut self, name: &str, items: impl IntoIterator<Item = &'t String>) {
        self.within(name, |xml| items.into_iter().for_each(|item| xml.text("member", item)));
    }

    /// What was written.
    pub fn done(self) -> String {
        self.0
    }
}

/// `2020-04-08T19:05:45.000Z`
pub fn time(unix_ms: u64) -> String {
    iso8601_millis(unix_ms).replace("+0000", "Z")
}
