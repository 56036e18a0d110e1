//! ARNs: made and taken apart in one place.

use super::Owner;

/// `arn:aws:lambda:us-east-1:000000000000:function:name`
pub fn function(owner: &Owner, name: &str) -> String {
    format!("arn:aws:lambda:{}:{}:function:{name}", owner.region, owner.account)
}

/// A log group, as `arn:aws:logs:us-east-1:000000000000:log-group:name[:*]` names it: whose it is, and its name.
pub fn log_group(arn: &str) -> Option<(Owner, &str)> {
    let mut parts = arn.splitn(7, ':');
    let mut part = || parts.next();
    let (word, partition, service) = (part()?, part()?, part()?);
    let (region, account, kind, name) = (part()?, part()?, part()?, part()?);
    let name = name.strip_suffix(":*").unwrap_or(name);
    let fits = (word, service, kind) == ("arn", "logs", "log-group")
        && is_partition(partition)
        && is_region(region)
        && is_account(account)
        && name.len() <= MAX_LENGTH
        && is_log_group(name);
    let owner = Owner { account: account.to_owned(), region: region.to_owned() };
    fits.then_some((owner, name))
}

/// `[\.\-_/#A-Za-z0-9]+`
pub fn is_log_group(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_/#".contains(&b))
}

/// A function as requests and integrations name it: by name, partial or full ARN, with or without a qualifier,
/// or as `arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionRef {
    /// Account and region: the ARN's, else the caller's.
    pub owner: Owner,
    /// The name alone.
    pub name: String,
    /// A version, an alias, or `$LATEST`; `None`: not said.
    pub qualifier: Option<String>,
}

impl FunctionRef {
    /// Reads any of the spellings, API Gateway's included. `default` is whose function it is where the text
    /// doesn't say. `None`: it is none of them.
    pub fn parse(text: &str, default: &Owner) -> Option<Self> {
        match Self::integration(text) {
            Some((region, function)) => Self::parse_name(
                function,
                &Owner { account: default.account.clone(), region: region.to_owned() },
            ),
            None => Self::parse_name(text, default),
        }
    }

    /// Reads what Lambda's own operations take: a name or an ARN. The grammar is the one that their error shows:
    /// `(arn:(aws…)?:lambda:)?(region:)?(account:)?(function:)?name(:qualifier)?`, each part taken when it can be.
    pub fn parse_name(text: &str, default: &Owner) -> Option<Self> {
        // A longer text than any that matches isn't worth splitting.
        if text.len() > MAX_LENGTH {
            return None;
        }
        let parts: Vec<&str> = text.split(':').collect();
        let arn = matches!(parts[..], ["arn", partition, "lambda", ..] if is_partition(partition));
        // In the order of a backtracking match: an optional part is there unless the rest then can't match.
        [arn.then_some(3), Some(0)].into_iter().flatten().find_map(|skip| {
            let rest = &parts[skip..];
            (0..8)
                .rev()
                .find_map(|taken| Self::tail(rest, [taken & 4 != 0, taken & 2 != 0, taken & 1 != 0], default))
        })
    }

    /// The ARN, with the qualifier where one was said.
    pub fn arn(&self) -> String {
        let mut arn = function(&self.owner, &self.name);
        if let Some(qualifier) = &self.qualifier {
            arn.push(':');
            arn.push_str(qualifier);
        }
        arn
    }

    /// `[region:][account:][function:]name[:qualifier]`, with exactly the optional parts that `taken` names.
    fn tail(parts: &[&str], taken: [bool; 3], default: &Owner) -> Option<Self> {
        let [has_region, has_account, has_word] = taken;
        let mut rest = parts.iter().copied();
        let region = if has_region { Some(rest.next().filter(|r| is_region(r))?) } else { None };
        let account = if has_account { Some(rest.next().filter(|a| is_account(a))?) } else { None };
        if has_word {
            rest.next().filter(|word| *word == "function")?;
        }
        let name = rest.next().filter(|name| is_name(name))?;
        let qualifier = match rest.next() {
            Some(qualifier) => Some(Some(qualifier).filter(|q| is_qualifier(q))?.to_owned()),
            None => None,
        };
        if rest.next().is_some() {
            return None;
        }
        let or = |said: Option<&str>, default: &str| said.unwrap_or(default).to_owned();
        let owner = Owner { account: or(account, &default.account), region: or(region, &default.region) };
        Some(Self { owner, name: name.to_owned(), qualifier })
    }

    /// Region and function of API Gateway's spelling.
    fn integration(text: &str) -> Option<(&str, &str)> {
        let (partition, rest) = text.strip_prefix("arn:")?.split_once(":apigateway:")?;
        let (region, rest) = rest.split_once(":lambda:path/2015-03-31/functions/")?;
        let function = rest.strip_suffix("/invocations")?;
        (is_partition(partition) && is_region(region)).then_some((region, function))
    }
}

/// A version of a layer, as functions name it: `arn:aws:lambda:us-east-1:000000000000:layer:name:1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerRef {
    /// Whose it is.
    pub owner: Owner,
    /// The layer's name.
    pub name: String,
    /// The version's number.
    pub version: u64,
}

impl LayerRef {
    /// Reads the ARN of a layer version.
    pub fn parse(text: &str) -> Option<Self> {
        let (layer, version) = text.rsplit_once(':')?;
        let (owner, name) = Self::layer_of(layer)?;
        let version = version.parse().ok().filter(|_| version.bytes().all(|b| b.is_ascii_digit()))?;
        Some(Self { owner, name, version })
    }

    /// Reads a layer's name or ARN; a name is one of `default`'s.
    pub fn parse_layer(text: &str, default: &Owner) -> Option<(Owner, String)> {
        match is_layer(text) {
            true => Some((default.clone(), text.to_owned())),
            false => Self::layer_of(text),
        }
    }

    /// The ARN.
    pub fn arn(&self) -> String {
        let Owner { account, region } = &self.owner;
        format!("arn:aws:lambda:{region}:{account}:layer:{}:{}", self.name, self.version)
    }

    fn layer_of(arn: &str) -> Option<(Owner, String)> {
        let mut parts = arn.splitn(7, ':');
        let mut part = || parts.next();
        let (word, partition, service) = (part()?, part()?, part()?);
        let (region, account, kind, name) = (part()?, part()?, part()?, part()?);
        let fits = (word, service, kind) == ("arn", "lambda", "layer")
            && is_partition(partition)
            && is_region(region)
            && is_account(account)
            && is_layer(name);
        let owner = Owner { account: account.to_owned(), region: region.to_owned() };
        fits.then(|| (owner, name.to_owned()))
    }
}

/// `[a-zA-Z0-9-_]+`
fn is_layer(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// The longest text that can name a function: Lambda's 170 is for names; a qualifier adds 128 and a colon. And the
/// longest name of a log group.
const MAX_LENGTH: usize = 512;

/// `(aws[a-zA-Z-]*)?`
fn is_partition(text: &str) -> bool {
    text.is_empty()
        || text
            .strip_prefix("aws")
            .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-'))
}

/// `(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}`
pub fn is_region(text: &str) -> bool {
    let text = text.strip_prefix("eusc-").unwrap_or(text);
    let mut parts = text.split('-');
    let lower = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    let country = parts.next().is_some_and(|part| part.len() == 2 && lower(part));
    let rest: Vec<&str> = parts.take(4).collect();
    let (kind, place, number) = match rest[..] {
        [place, number] => (None, place, number),
        [kind, place, number] => (Some(kind), place, number),
        _ => return false,
    };
    let kind = kind.is_none_or(|kind| {
        kind == "gov" || kind.strip_prefix("iso").is_some_and(|k| k.len() < 2 && (k.is_empty() || lower(k)))
    });
    country && kind && lower(place) && number.len() == 1 && number.as_bytes()[0].is_ascii_digit()
}

/// The account of those whose access key names none.
pub const DEFAULT_ACCOUNT: &str = "000000000000";

/// `\d{12}`
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// `[a-zA-Z0-9-_\.]+`: what names a function when one is looked for; one that is made may have no dot.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// `\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+`
fn is_qualifier(text: &str) -> bool {
    matches!(text, "$LATEST" | "$LATEST.PUBLISHED")
        || !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller() -> Owner {
        Owner { account: "000000000000".into(), region: "us-east-1".into() }
    }

    /// `account region name qualifier`, or `-`.
    fn shown(found: Option<FunctionRef>) -> String {
        found.map_or("-".into(), |f| {
            let qualifier = f.qualifier.unwrap_or_default();
            format!("{} {} {} {qualifier}", f.owner.account, f.owner.region, f.name).trim_end().to_owned()
        })
    }

    #[test]
    fn spellings() {
        for (text, expected) in [
            ("f", "000000000000 us-east-1 f"),
            ("f:1", "000000000000 us-east-1 f 1"),
            ("f:$LATEST", "000000000000 us-east-1 f $LATEST"),
            ("f:$LATES", "-"),
            ("function:f", "000000000000 us-east-1 f"),
            ("function:f:live", "000000000000 us-east-1 f live"),
            ("function:$LATEST", "000000000000 us-east-1 function $LATEST"),
            ("123456789012:function:f", "123456789012 us-east-1 f"),
            ("123456789012:function:f:2", "123456789012 us-east-1 f 2"),
            ("123456789012:f", "123456789012 us-east-1 f"),
            ("arn:aws:lambda:eu-west-1:123456789012:function:f", "123456789012 eu-west-1 f"),
            ("arn:aws:lambda:eu-west-1:123456789012:function:f:live", "123456789012 eu-west-1 f live"),
            ("arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:f", "123456789012 us-gov-west-1 f"),
            ("arn:aws:lambda:eu-west-1:123456789012:function", "123456789012 eu-west-1 function"),
            ("arn:aws:lambda:eu-west-1:123456789012:function:f:1:2", "-"),
            ("arn:aws:lambda::123456789012:function:f", "-"),
            ("arn:aws:lambda:eu-west-1::function:f", "-"),
            ("arn:aws:lambda:invalid-region:123456789012:function:f", "-"),
            ("arn:aws:ec2:eu-west-1:123456789012:instance:i-1", "-"),
            ("arn:aws:lambda:eu-west-1:123400000000@function:f", "-"),
            ("invalid:function:name", "-"),
            ("*", "-"),
            ("", "-"),
            (":", "-"),
            ("f!", "-"),
            (
                "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-2:123456789012:function:f:live/invocations",
                "123456789012 eu-west-2 f live",
            ),
            (
                "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/f/invocations",
                "000000000000 eu-west-1 f",
            ),
            ("arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/f", "-"),
            ("arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions//invocations", "-"),
        ] {
            assert_eq!(shown(FunctionRef::parse(text, &caller())), expected, "{text}");
        }
        assert!(FunctionRef::parse(&"a:".repeat(100_000), &caller()).is_none());
        let integration = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/f/invocations";
        assert!(
            FunctionRef::parse_name(integration, &caller()).is_none(),
            "Lambda itself doesn't know this one"
        );
    }

    #[test]
    fn log_groups() {
        let long = "x".repeat(513);
        for (arn, expected) in [
            ("arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/f", Some("/aws/lambda/f")),
            ("arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/f:*", Some("/aws/lambda/f")),
            ("arn:aws-us-gov:logs:us-gov-west-1:000000000000:log-group:a", Some("a")),
            ("arn:aws:logs:us-east-1:000000000000:log-group:", None),
            (&format!("arn:aws:logs:us-east-1:000000000000:log-group:{long}"), None),
            ("arn:aws:logs:us-east-1:000000000000:log-group:a:log-stream:b", None),
            ("arn:aws:logs::000000000000:log-group:a", None),
            ("arn:aws:logs:us-east-1::log-group:a", None),
            ("arn:aws:lambda:us-east-1:000000000000:function:f", None),
            ("/aws/lambda/f", None),
        ] {
            assert_eq!(log_group(arn).map(|(_, name)| name), expected, "{arn}");
        }
        let (owner, _) = log_group("arn:aws:logs:eu-west-1:123456789012:log-group:a").unwrap();
        assert_eq!(owner, Owner { account: "123456789012".into(), region: "eu-west-1".into() });
    }

    #[test]
    fn layers() {
        let arn = "arn:aws:lambda:eu-west-1:123456789012:layer:l-1_x";
        let owner = Owner { account: "123456789012".into(), region: "eu-west-1".into() };
        let named = LayerRef { owner: owner.clone(), name: "l-1_x".into(), version: 7 };
        assert_eq!(named.arn(), format!("{arn}:7"));
        assert_eq!(LayerRef::parse(&named.arn()), Some(named));
        assert_eq!(LayerRef::parse_layer(arn, &caller()), Some((owner, "l-1_x".into())));
        assert_eq!(LayerRef::parse_layer("l", &caller()), Some((caller(), "l".into())));
        for bad in [arn, "l:1", &format!("{arn}:x"), &format!("{arn}:+1"), &format!("{arn}:1:2"), "", ":"] {
            assert_eq!(LayerRef::parse(bad), None, "{bad}");
        }
        for bad in ["", "a b", "a:1", &format!("{arn}:1"), "arn:aws:lambda:x:123456789012:layer:l"] {
            assert_eq!(LayerRef::parse_layer(bad, &caller()), None, "{bad}");
        }
    }

    #[test]
    fn regions() {
        for good in ["us-east-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1", "eusc-de-east-1"] {
            assert!(is_region(good), "{good}");
        }
        for bad in [
            "",
            "us-east",
            "us-east-12",
            "us-east-x",
            "us--1",
            "u-east-1",
            "us-foo-east-1",
            "us-isoab-east-1",
        ] {
            assert!(!is_region(bad), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_printed_arn_is_read_back(name in "[a-zA-Z0-9_-]{1,64}", qualifier in proptest::option::of("[a-zA-Z0-9_-]{1,40}")) {
            let said = FunctionRef { owner: Owner { account: "123456789012".into(), region: "eu-west-3".into() }, name, qualifier };
            proptest::prop_assert_eq!(FunctionRef::parse(&said.arn(), &caller()), Some(said));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "(arn|aws|lambda|:|function|apigateway|us-east-1|path/|[$a-z0-9.])*") {
            FunctionRef::parse(&text, &caller());
        }
    }
}
