//! Small XML documents as trees of elements: what clients send to services that speak XML.
//!
//! Attributes, comments and processing instructions are passed by; namespaces are no part of a name. A document
//! type is refused, and with it entities of its own: nothing here grows.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

/// How deep elements may stand in each other. S3's deepest documents have less than ten levels.
pub const MAX_DEPTH: usize = 32;

/// How many elements a document may have: a CompleteMultipartUpload of 10,000 parts with two checksums each has
/// some 40,000.
pub const MAX_ELEMENTS: usize = 100_000;

/// An element.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Element {
    /// Its name, without a namespace's prefix.
    pub name: String,
    /// Its own text, references resolved; of an element with children that is mostly white space.
    pub text: String,
    /// What stands in it.
    pub children: Vec<Element>,
}

/// This is no document that we read: no well-formed XML, too deep, too large, or with a document type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl Element {
    /// The root of a document.
    pub fn parse(document: &[u8]) -> Result<Self, Malformed> {
        let document = std::str::from_utf8(document).map_err(|_| Malformed)?;
        if !document.chars().all(is_character) {
            return Err(Malformed);
        }
        let mut reader = Reader::from_str(document.trim_start_matches('\u{feff}'));
        let mut open: Vec<Self> = Vec::new();
        let mut root = None;
        let mut elements = 0;
        loop {
            match reader.read_event().map_err(|_| Malformed)? {
                Event::Start(start) => {
                    elements += 1;
                    if root.is_some() || open.len() >= MAX_DEPTH || elements > MAX_ELEMENTS {
                        return Err(Malformed);
                    }
                    open.push(Self::named(start.local_name().as_ref()));
                }
                Event::Empty(start) => {
                    elements += 1;
                    if root.is_some() || open.len() >= MAX_DEPTH || elements > MAX_ELEMENTS {
                        return Err(Malformed);
                    }
                    close(&mut open, &mut root, Self::named(start.local_name().as_ref()));
                }
                Event::End(_) => {
                    let element = open.pop().ok_or(Malformed)?;
                    close(&mut open, &mut root, element);
                }
                Event::Text(text) => match open.last_mut() {
                    Some(element) => element.text.push_str(&text.xml10_content()),
                    None if text.trim().is_empty() => {}
                    None => return Err(Malformed),
                },
                Event::CData(text) => {
                    open.last_mut().ok_or(Malformed)?.text.push_str(&text.xml10_content());
                }
                Event::GeneralRef(reference) => {
                    open.last_mut().ok_or(Malformed)?.text.push(resolved(&reference)?);
                }
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
                Event::DocType(_) => return Err(Malformed),
                Event::Eof => break,
            }
        }
        if open.is_empty() { root.ok_or(Malformed) } else { Err(Malformed) }
    }

    /// The first child of this name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All children of this name.
    pub fn children<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the first child of this name.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }

    fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }
}

/// An element has ended: it belongs to the one around it, or is the root.
fn close(open: &mut [Element], root: &mut Option<Element>, element: Element) {
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None => *root = Some(element),
    }
}

/// Whether XML has this character at all, bare or by number: XML 1.0 section 2.2.
pub fn is_character(character: char) -> bool {
    !matches!(character, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}')
}

/// What `&…;` stands for: XML's own five, and characters by number.
fn resolved(reference: &BytesRef<'_>) -> Result<char, Malformed> {
    if let Some(character) = reference.resolve_char_ref().map_err(|_| Malformed)? {
        return Some(character).filter(|&character| is_character(character)).ok_or(Malformed);
    }
    match &**reference {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(Malformed),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn documents() {
        for (document, expected) in [
            ("<a/>", "a"),
            ("<a></a>", "a"),
            ("<a>x</a>", "a=x"),
            ("\u{feff}<?xml version=\"1.0\"?>\n<!-- c --><a xmlns=\"http://x/\" b='c'>x</a>\n", "a=x"),
            ("<s:a xmlns:s='x'><s:b>1</s:b><s:b>2</s:b></s:a>", "a(b=1 b=2)"),
            ("<a>&lt;&amp;&gt;&quot;&apos;&#x41;&#66;</a>", "a=<&>\"'AB"),
            ("<a><![CDATA[<x>&amp;]]></a>", "a=<x>&amp;"),
            ("<a>x<!-- y -->z</a>", "a=xz"),
            ("", "-"),
            ("x", "-"),
            ("<a>", "-"),
            ("<a></b>", "-"),
            ("</a>", "-"),
            ("<a/><b/>", "-"),
            ("<a/>x", "-"),
            ("x<a/>", "-"),
            ("<a>&nbsp;</a>", "-"),
            ("<a>&#0;</a>", "-"),
            ("<a>&#1;</a>", "-"),
            ("<a>&#xFFFE;</a>", "-"),
            ("<a>\t\n&#9;&#13;&#x7f;\u{7f}</a>", "a=\t\n\t\r\u{7f}\u{7f}"),
            ("<a>\x01</a>", "-"),
            ("<a b=\"\x1f\"/>", "-"),
            ("<a><!-- \x0b --></a>", "-"),
            ("<a><![CDATA[\u{ffff}]]></a>", "-"),
            ("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "-"),
            ("{}", "-"),
        ] {
            let found = Element::parse(document.as_bytes()).map(|root| shown(&root));
            assert_eq!(found.as_deref().unwrap_or("-"), expected, "{document}");
        }
        assert_eq!(Element::parse(b"<a>\xff</a>"), Err(Malformed));
    }

    #[test]
    fn depth_and_size_have_an_end() {
        let nested = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
        assert!(Element::parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(Element::parse(nested(MAX_DEPTH + 1).as_bytes()), Err(Malformed));
        assert_eq!(Element::parse("<a>".repeat(1_000_000).as_bytes()), Err(Malformed));
        let wide = |count: usize| format!("<a>{}</a>", "<b/>".repeat(count));
        assert!(Element::parse(wide(MAX_ELEMENTS - 1).as_bytes()).is_ok());
        assert_eq!(Element::parse(wide(MAX_ELEMENTS).as_bytes()), Err(Malformed));
    }

    proptest! {
        #[test]
        fn texts_read_back(text in any::<String>()) {
            let document = format!("<a>{}</a>", text.chars().map(|c| format!("&#{};", c as u32)).collect::<String>());
            let read = Element::parse(document.as_bytes()).map(|root| root.text);
            prop_assert_eq!(read.ok(), text.chars().all(is_character).then_some(text));
        }

        #[test]
        fn nothing_panics(document in "(<|>|/|a|b|&|;|#|x|1|\"|'|=|!|\\[|\\]|-|\\?| |CDATA|amp){0,40}") {
            let _ = Element::parse(document.as_bytes());
        }
    }

    fn shown(element: &Element) -> String {
        let mut out = element.name.clone();
        if !element.text.is_empty() {
            out += &format!("={}", element.text);
        }
        if !element.children.is_empty() {
            out += &format!("({})", element.children.iter().map(shown).collect::<Vec<_>>().join(" "));
        }
        out
    }
}
