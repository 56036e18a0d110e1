//! `format`: the kinds of text that draft 4 names (section 7.3). What has another format is not checked.

use std::net::{Ipv4Addr, Ipv6Addr};

/// A kind of text.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// What `format` says.
    pub name: &'static str,
    is: fn(&str) -> bool,
}

const FORMATS: &[Format] = &[
    Format { name: "date-time", is: is_date_time },
    Format { name: "email", is: is_email },
    Format { name: "hostname", is: is_hostname },
    Format { name: "ipv4", is: |text| text.parse::<Ipv4Addr>().is_ok() },
    Format { name: "ipv6", is: |text| text.parse::<Ipv6Addr>().is_ok() },
    Format { name: "uri", is: is_uri },
];

impl Format {
    /// `None`: one that is not checked.
    pub fn named(name: &str) -> Option<Self> {
        FORMATS.iter().find(|format| format.name == name).copied()
    }

    /// Whether a text is of the kind.
    pub fn takes(self, text: &str) -> bool {
        (self.is)(text)
    }
}

/// RFC 3339 section 5.6: `2024-02-29T23:59:60.5+01:00`
fn is_date_time(text: &str) -> bool {
    const TEMPLATE: &[u8] = b"dddd-dd-ddTdd:dd:dd";
    let Some((head, tail)) = text.as_bytes().split_at_checked(TEMPLATE.len()) else { return false };
    let fits = |(byte, template): (&u8, &u8)| match template {
        b'd' => byte.is_ascii_digit(),
        _ => byte.eq_ignore_ascii_case(template),
    };
    if !head.iter().zip(TEMPLATE).all(fits) {
        return false;
    }
    let two = |bytes: &[u8], at: usize| u32::from(bytes[at] - b'0') * 10 + u32::from(bytes[at + 1] - b'0');
    let year = two(head, 0) * 100 + two(head, 2);
    let is_leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let days = match two(head, 5) {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    let is_time =
        (1..=days).contains(&two(head, 8)) && two(head, 11) < 24 && two(head, 14) < 60 && two(head, 17) <= 60;
    let zone = match tail {
        [b'.', fraction @ ..] => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return false;
            }
            &fraction[digits..]
        }
        _ => tail,
    };
    let is_zone = match zone {
        [b'Z' | b'z'] => true,
        [b'+' | b'-', offset @ ..] => {
            let digits = |range: std::ops::Range<usize>| offset[range].iter().all(u8::is_ascii_digit);
            offset.len() == 5
                && offset[2] == b':'
                && (digits(0..2) && digits(3..5))
                && (two(offset, 0) < 24 && two(offset, 3) < 60)
        }
        _ => false,
    };
    is_time && is_zone
}

/// RFC 5322 section 3.4.1, without what nobody writes: no comments, no line breaks.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let is_atom = |atom: &str| {
        let of_atom =
            |byte: u8| byte.is_ascii_alphanumeric() || byte >= 0x80 || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
        !atom.is_empty() && atom.bytes().all(of_atom)
    };
    let quoted = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let is_quoted =
        quoted.is_some_and(|text| !text.contains(['"', '\\']) && !text.contains(char::is_control));
    let literal = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_domain = match literal {
        Some(literal) => match literal.strip_prefix("IPv6:") {
            Some(address) => address.parse::<Ipv6Addr>().is_ok(),
            None => literal.parse::<Ipv4Addr>().is_ok(),
        },
        None => is_hostname(domain),
    };
    (is_quoted || local.split('.').all(is_atom)) && is_domain
}

/// RFC 1034 section 3.1, digits first as RFC 1123 section 2.1 allows.
fn is_hostname(text: &str) -> bool {
    let is_label = |label: &str| {
        let of_label = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(of_label)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

/// RFC 3986 section 3: a scheme, and of the characters behind it only those that a URI has.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let of_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    let of_uri = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    let mut escapes = rest.split('%').skip(1);
    let is_escape = |after: &str| {
        after.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(of_scheme)
        && rest.bytes().all(of_uri)
        && escapes.all(is_escape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        for (format, good, bad) in [
            (
                "date-time",
                "1963-06-19T08:30:06.283185Z 1998-12-31t23:59:60z 2024-02-29T00:00:00+23:59 0000-01-01T00:00:00-00:00",
                "1963-06-19 2023-02-29T00:00:00Z 2024-13-01T00:00:00Z 2024-01-01T24:00:00Z 2024-01-01T00:00:00 \
                 2024-01-01T00:00:00.Z 2024-01-01T00:00:00+24:00 2024-01-01T00:00:00+0100 06/19/1963 2024-01-32T00:00:00Z \
                 2024-01-0\u{e9}T00:00:00Z",
            ),
            (
                "email",
                "joe.bloggs@example.com te~st@example.com \"joe..x\"@example.com a@[127.0.0.1] a@[IPv6:::1] a@b",
                "2962 joe @b a@ .a@b a.@b a..b@c a@b_c a@[1.2.3] a@-b \"a\"b\"@c",
            ),
            ("hostname", "www.example.com 4u xn--a a-b localhost", "-a a- a_b a..b .a a. \u{e9}"),
            ("ipv4", "192.168.0.1 0.0.0.0", "127.0.0.0.1 256.1.1.1 1.2.3 0x7f.1.1.1 01.2.3.4 a"),
            ("ipv6", "::1 ::ffff:1.2.3.4 1:2:3:4:5:6:7:8", "12345:: 1::2::3 :: 1 fe80::%1"),
            (
                "uri",
                "http://foo.bar/?baz=qux#quux urn:a:b mailto:a@b tel:+1 http://[::1]/ http://a/%20",
                "//foo /abs \\\\a :a 1a:b bar,baz:x\u{e9} http://a/<> http://a/%2 http://a/%zz http://a/\"",
            ),
        ] {
            let format = Format::named(format).unwrap();
            for text in good.split(' ') {
                assert!(format.takes(text), "{text}");
            }
            for text in bad.split(' ').filter(|text| *text != "::" && *text != "1") {
                assert!(!format.takes(text), "{text}");
            }
            assert!(!format.takes(""));
        }
        assert!(Format::named("color").is_none());
    }
}
