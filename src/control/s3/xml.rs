//! Answers in S3's XML.

use std::fmt::Display;

use crate::control::answer::Answer;
use crate::control::wire;

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html>
const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// A document that is being written.
pub struct Xml(String);

impl Xml {
    /// 200 with the document whose root has this name and this content.
    pub fn answer(root: &str, content: impl FnOnce(&mut Self)) -> Answer {
        Answer::xml(Self::document(root, content))
    }

    /// The root with its namespace and its content.
    pub fn document(root: &str, content: impl FnOnce(&mut Self)) -> String {
        let mut xml = Self(format!("<{root} xmlns=\"{NAMESPACE}\">"));
        content(&mut xml);
        xml.0 += &format!("</{root}>");
        xml.0
    }

    /// A text.
    pub fn content(&mut self, text: &str) {
        self.0 += &wire::escaped(text);
    }

    /// XML as it is.
    pub fn raw(&mut self, xml: &str) {
        self.0 += xml;
    }

    /// An element that holds a text.
    pub fn text(&mut self, name: &str, text: &str) {
        self.element(name, |xml| xml.content(text));
    }

    /// The same, if there is a text.
    pub fn some_text(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// An element that holds a number or a truth.
    pub fn value(&mut self, name: &str, value: impl Display) {
        self.element(name, |xml| xml.0 += &value.to_string());
    }

    /// An element that holds others.
    pub fn element(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.0.push('<');
        self.0 += name;
        self.0.push('>');
        content(self);
        self.0 += "</";
        self.0 += name;
        self.0.push('>');
    }
}

/// `2026-11-01T06:53:19.724Z`: times in S3's documents.
pub fn time(unix_ms: u64) -> String {
    let seconds = crate::base::clock::iso8601(unix_ms / 1000);
    format!("{}.{:03}Z", seconds.trim_end_matches('Z'), unix_ms % 1000)
}
