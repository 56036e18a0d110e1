//! Conditions and ranges of requests (RFC 9110 sections 13 and 14), as S3 has them.

use super::refusal;
use crate::base::clock::parse_http_date;
use crate::control::answer::Error;
use crate::model::bucket::Object;
use crate::proto::http1::grammar;

/// The conditions of a request on an object, as sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Conditions<'a> {
    /// `If-Match`
    pub matches: Option<&'a str>,
    /// `If-None-Match`
    pub matches_not: Option<&'a str>,
    /// `If-Modified-Since`
    pub modified_since: Option<&'a str>,
    /// `If-Unmodified-Since`
    pub unmodified_since: Option<&'a str>,
}

/// What a reader is to get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The object.
    Serve,
    /// 304
    NotModified,
}

/// The part of an object that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// All of it.
    Whole,
    /// So many bytes from there on, at least one.
    Part(u64, u64),
    /// Something that it has not.
    Unsatisfiable,
}

impl Conditions<'_> {
    /// Whether an object may be read.
    ///
    /// # Errors
    /// `PreconditionFailed`
    pub fn verdict(self, object: &Object) -> Result<Verdict, Error> {
        // HTTP's dates have no fractions.
        let modified = object.modified_ms / 1000;
        let later = |date: Option<&str>| date.and_then(parse_http_date).map(|date| modified > date);
        match self.matches {
            Some(tags) if !names(tags, &object.etag) => return Err(refusal::precondition("If-Match")),
            // AWS: "If-Match condition evaluates to true, and; If-Unmodified-Since condition evaluates to false;
            // then, S3 returns 200 OK".
            Some(_) => {}
            None if later(self.unmodified_since) == Some(true) => {
                return Err(refusal::precondition("If-Unmodified-Since"));
            }
            None => {}
        }
        let same = match self.matches_not {
            Some(tags) => names(tags, &object.etag),
            None => later(self.modified_since) == Some(false),
        };
        Ok(if same { Verdict::NotModified } else { Verdict::Serve })
    }

    /// Whether an object may be copied: what would be "not modified" fails.
    ///
    /// # Errors
    /// `PreconditionFailed`
    pub fn check_source(self, object: &Object) -> Result<(), Error> {
        match self.verdict(object)? {
            Verdict::Serve => Ok(()),
            Verdict::NotModified if self.matches_not.is_some() => {
                Err(refusal::precondition("x-amz-copy-source-If-None-Match"))
            }
            Verdict::NotModified => Err(refusal::precondition("x-amz-copy-source-If-Modified-Since")),
        }
    }

    /// Whether an object may be written where `before` stands now.
    ///
    /// # Errors
    /// `PreconditionFailed`, `NoSuchKey` where one is to be replaced that is not there.
    pub fn check_write(self, before: Option<&Object>, key: &str) -> Result<(), Error> {
        match (self.matches, before) {
            (Some(_), None) => return Err(refusal::no_key(key)),
            (Some(tags), Some(object)) if !names(tags, &object.etag) => {
                return Err(refusal::precondition("If-Match"));
            }
            (Some(_), Some(_)) | (None, _) => {}
        }
        match (self.matches_not, before) {
            (Some("*"), Some(_)) => Err(refusal::precondition("If-None-Match")),
            (Some("*") | None, _) => Ok(()),
            (Some(_), _) => Err(refusal::not_yet("an If-None-Match other than * of what is written")),
        }
    }
}

/// The range that `header` asks for of so many bytes. What is no single range of bytes counts as none, as RFC 9110
/// section 14.2 has it.
pub fn range(header: Option<&str>, size: u64) -> Range {
    let Some((first, last)) = header.and_then(|header| header.trim().strip_prefix("bytes=")?.split_once('-'))
    else {
        return Range::Whole;
    };
    let number = |text: &str| match text.trim() {
        "" => Some(None),
        digits => grammar::number(digits.as_bytes()).map(Some),
    };
    let (Some(first), Some(last)) = (number(first), number(last)) else { return Range::Whole };
    match (first, last) {
        (None, None) => Range::Whole,
        (Some(first), Some(last)) if first > last => Range::Whole,
        (Some(first), _) if first >= size => Range::Unsatisfiable,
        (Some(first), last) => {
            let end = last.map_or(size, |last| size.min(last.saturating_add(1)));
            Range::Part(first, end - first)
        }
        (None, Some(count)) => match count.min(size) {
            0 => Range::Unsatisfiable,
            count => Range::Part(size - count, count),
        },
    }
}

/// Whether a list of entity tags has this one, or all.
fn names(tags: &str, etag: &str) -> bool {
    tags.split(',')
        .map(|tag| tag.trim().trim_start_matches("W/").trim_matches('"'))
        .any(|tag| tag == "*" || tag == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        for (header, size, expected) in [
            ("bytes=0-4", 10, Range::Part(0, 5)),
            ("bytes=5-", 10, Range::Part(5, 5)),
            ("bytes=-3", 10, Range::Part(7, 3)),
            ("bytes=-30", 10, Range::Part(0, 10)),
            ("bytes=9-99", 10, Range::Part(9, 1)),
            ("bytes=0-18446744073709551615", 10, Range::Part(0, 10)),
            ("bytes=10-", 10, Range::Unsatisfiable),
            ("bytes=0-0", 0, Range::Unsatisfiable),
            ("bytes=-0", 10, Range::Unsatisfiable),
            ("bytes=-1", 0, Range::Unsatisfiable),
            ("bytes=4-2", 10, Range::Whole),
            ("bytes=0-1,4-5", 10, Range::Whole),
            ("bytes=-", 10, Range::Whole),
            ("bytes=a-b", 10, Range::Whole),
            ("bytes=+1-2", 10, Range::Whole),
            ("bytes=0-99999999999999999999", 10, Range::Whole),
            ("items=0-1", 10, Range::Whole),
        ] {
            assert_eq!(range(Some(header), size), expected, "{header} of {size}");
        }
        assert_eq!(range(None, 10), Range::Whole);
    }

    #[test]
    fn conditions() {
        let object = Object {
            content: Default::default(),
            etag: "abc".into(),
            modified_ms: 784_111_777_500,
            metadata: Default::default(),
            checksum: None,
        };
        let (then, before) = ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:36 GMT");
        for (headers, expected) in [
            (["", "", "", ""], "serve"),
            (["\"abc\"", "", "", ""], "serve"),
            (["abc", "", "", before], "serve"),
            (["\"x\", \"abc\"", "", "", ""], "serve"),
            (["*", "", "", ""], "serve"),
            (["\"x\"", "", "", ""], "If-Match"),
            (["", "\"abc\"", "", ""], "not modified"),
            (["", "W/\"abc\"", "", ""], "not modified"),
            (["", "*", "", ""], "not modified"),
            (["", "\"x\"", then, ""], "serve"),
            (["", "", then, ""], "not modified"),
            (["", "", before, ""], "serve"),
            (["", "", "yesterday", ""], "serve"),
            (["", "", "", then], "serve"),
            (["", "", "", before], "If-Unmodified-Since"),
        ] {
            let [matches, matches_not, modified_since, unmodified_since] =
                headers.map(|header| Some(header).filter(|header| !header.is_empty()));
            let conditions = Conditions { matches, matches_not, modified_since, unmodified_since };
            let found = match conditions.verdict(&object) {
                Ok(Verdict::Serve) => "serve".to_owned(),
                Ok(Verdict::NotModified) => "not modified".to_owned(),
                Err(error) => error.members[0].1.as_str().unwrap().to_owned(),
            };
            assert_eq!(found, expected, "{headers:?}");
        }
    }
}
