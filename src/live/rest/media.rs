//! [`MediaTypes`]: `binaryMediaTypes`, the content types whose bodies are bytes and no text.

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MediaTypes(Vec<Pattern>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Pattern {
    /// `*/*`: AWS's documents name this one; `image/*` is what people write too.
    All,
    /// `image/*`, without the star.
    Family(Box<str>),
    /// `image/png`
    One(Box<str>),
}

impl MediaTypes {
    /// Reads the types. Case does not matter.
    pub fn new<'a>(types: impl IntoIterator<Item = &'a String>) -> Self {
        let pattern = |text: &String| match text.trim().to_ascii_lowercase() {
            text if text == "*/*" || text == "*" => Pattern::All,
            text => match text.strip_suffix('*') {
                Some(family) if family.ends_with('/') => Pattern::Family(family.into()),
                Some(_) | None => Pattern::One(text.into()),
            },
        };
        Self(types.into_iter().map(pattern).collect())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a `Content-Type` is one of them; parameters do not matter. One that is missing is `*/*`'s only.
    pub fn covers(&self, content_type: Option<&[u8]>) -> bool {
        let essence = content_type.map_or(&b""[..], essence);
        self.0.iter().any(|pattern| match pattern {
            Pattern::All => true,
            Pattern::Family(family) => {
                essence.get(..family.len()).is_some_and(|start| start.eq_ignore_ascii_case(family.as_bytes()))
            }
            Pattern::One(one) => essence.eq_ignore_ascii_case(one.as_bytes()),
        })
    }

    /// Whether what a client accepts first is one of them: only that counts, as the developer guide says ("Content
    /// type conversions in API Gateway").
    pub fn covers_accepted(&self, accept: Option<&[u8]>) -> bool {
        let first = accept.and_then(|accept| accept.split(|byte| *byte == b',').next());
        !self.is_empty() && self.covers(first)
    }
}

/// The type of a content type, without parameters.
pub(super) fn essence(content_type: &[u8]) -> &[u8] {
    let end = content_type.iter().position(|byte| *byte == b';').unwrap_or(content_type.len());
    content_type[..end].trim_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_are_binary() {
        for (types, content_type, expected) in [
            (&["image/png"][..], Some("image/png"), true),
            (&["image/png"], Some("IMAGE/PNG; q=1"), true),
            (&["Image/Png"], Some("image/png"), true),
            (&["image/png"], Some("image/jpeg"), false),
            (&["image/png"], None, false),
            (&["image/*"], Some("image/jpeg"), true),
            (&["image/*"], Some("imagery/x"), false),
            (&["*/*"], Some("text/plain"), true),
            (&["*/*"], None, true),
            (&["multipart/form-data"], Some("multipart/form-data; boundary=x"), true),
            (&[], Some("image/png"), false),
        ] {
            let types: Vec<_> = types.iter().map(|text| (*text).to_owned()).collect();
            let types = MediaTypes::new(&types);
            assert_eq!(types.covers(content_type.map(str::as_bytes)), expected, "{types:?} {content_type:?}");
        }
    }

    #[test]
    fn only_what_is_accepted_first_counts() {
        let types = MediaTypes::new(&["image/png".to_owned()]);
        for (accept, expected) in [
            (Some("image/png"), true),
            (Some("image/png;q=0.5, text/html"), true),
            (Some("text/html, image/png"), false),
            (Some("*/*"), false),
            (None, false),
        ] {
            assert_eq!(types.covers_accepted(accept.map(str::as_bytes)), expected, "{accept:?}");
        }
        assert!(MediaTypes::new(&["*/*".to_owned()]).covers_accepted(None));
        assert!(!MediaTypes::default().covers_accepted(Some(b"*/*")));
    }
}
