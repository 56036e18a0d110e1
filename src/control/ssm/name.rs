//! How calls name parameters: by name or ARN, some of them with a version behind a colon.

use crate::control::answer::Error;
use crate::control::constraints::Constraints;
use crate::control::input::Input;
use crate::model::ssm::Parameter;
use crate::model::{Owner, Store};

/// AWS: of a name; ours counts it without the ARN around it.
const MAX_NAME: usize = 1011;

/// AWS: levels of a hierarchy.
const MAX_LEVELS: usize = 15;

/// What a call names.
#[derive(Debug, PartialEq)]
pub struct Named<'a> {
    /// The parameter's name.
    pub name: &'a str,
    /// `:3`, as it was said.
    pub selector: Option<&'a str>,
}

impl<'a> Named<'a> {
    /// Reads a name or an ARN with or without a selector.
    pub fn of(text: &'a str) -> Self {
        let name = match text.strip_prefix("arn:aws").and_then(|rest| rest.split_once(":parameter/")) {
            // The ARN of `/a/b` and that of `a` both have one slash behind `parameter`.
            Some((_, name)) if name.contains('/') => &text[text.len() - name.len() - 1..],
            Some((_, name)) => name,
            None => text,
        };
        match name.split_once(':') {
            Some((before, _)) => Self { name: before, selector: Some(&name[before.len()..]) },
            None => Self { name, selector: None },
        }
    }

    /// The number that the selector says; labels are not kept.
    pub fn version(&self) -> Option<Result<u64, &'a str>> {
        let selector = &self.selector?[1..];
        Some(selector.parse().map_err(|_| selector))
    }
}

/// `arn:aws:ssm:us-east-1:000000000000:parameter/name`
pub fn arn(parameter: &Parameter) -> String {
    let Owner { account, region } = &parameter.owner;
    let slash = if parameter.name.starts_with('/') { "" } else { "/" };
    format!("arn:aws:ssm:{region}:{account}:parameter{slash}{}", parameter.name)
}

/// The parameter of this name. The ARN of a name without levels is that of the same name behind a slash.
pub fn find<'a>(store: &'a Store, owner: &Owner, name: &str) -> Option<&'a Parameter> {
    store.parameters.get(&(owner.clone(), name.to_owned()))
}

/// The required member `Name`.
pub fn required(input: &Input) -> Result<String, Error> {
    let name = input.text("Name")?;
    let mut constraints = Constraints::default();
    constraints.required(name.as_ref(), "name");
    constraints.length(name.as_deref(), "name", 1, 2048);
    constraints.end()?;
    Ok(name.expect("else the check above had failed"))
}

/// Whether a parameter may be made with this name.
///
/// # Errors
/// It may not: what is wrong.
pub fn check_new(name: &str) -> Result<(), Error> {
    let invalid = |message: &str| Err(Error::new(400, "ValidationException", message));
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-/".contains(&b));
    if !plain || name.contains("//") || name.ends_with('/') {
        return invalid(
            "Parameter name: can't be empty or contain spaces or characters other than letters, numbers, and the \
             symbols . - _ and / (which separates levels)",
        );
    }
    if name.contains('/') && !name.starts_with('/') {
        return invalid("Parameter name must be a fully qualified name.");
    }
    let lower = name.trim_start_matches('/').to_ascii_lowercase();
    if lower.starts_with("aws") || lower.starts_with("ssm") {
        let prefix = &lower[..3];
        return invalid(&format!(
            "Parameter name: can't be prefixed with \"{prefix}\" (case-insensitive). If formed as a path, it can \
             consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers \
             and the following 3 symbols .-_"
        ));
    }
    if name.len() > MAX_NAME {
        return invalid(&format!("Parameter name: can't have more than {MAX_NAME} characters"));
    }
    if name.matches('/').count() > MAX_LEVELS {
        return Err(Error::new(
            400,
            "HierarchyLevelLimitExceededException",
            format!("The hierarchy depth must not exceed {MAX_LEVELS} levels."),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        for (text, name, selector) in [
            ("a", "a", None),
            ("/a/b", "/a/b", None),
            ("a:3", "a", Some(":3")),
            ("/a/b:live", "/a/b", Some(":live")),
            ("arn:aws:ssm:us-east-1:000000000000:parameter/a", "a", None),
            ("arn:aws:ssm:us-east-1:000000000000:parameter/a/b:1", "/a/b", Some(":1")),
            ("", "", None),
        ] {
            assert_eq!(Named::of(text), Named { name, selector }, "{text}");
        }
        assert_eq!(Named::of("a:3").version(), Some(Ok(3)));
        assert_eq!(Named::of("a:x").version(), Some(Err("x")));
        assert_eq!(Named::of("a").version(), None);
    }

    #[test]
    fn new_names() {
        for good in ["a", "/a", "/a/b.c-d_e", "/my/awsome"] {
            assert!(check_new(good).is_ok(), "{good}");
        }
        for bad in ["a b", "a/b", "/a//b", "/a/", "aws.x", "/ssm/x", "AWSx", "ä", &"/a".repeat(16)] {
            assert!(check_new(bad).is_err(), "{bad}");
        }
    }
}
