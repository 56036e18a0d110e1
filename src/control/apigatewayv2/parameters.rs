//! `requestParameters` and `responseParameters`: checked here, so that what is stored can take effect.
//!
//! The grammar is that of the developer guide's page on parameter mapping: a key says what changes, a value where
//! the new content comes from.

use std::collections::BTreeMap;

use crate::control::answer::Error;
use crate::control::input::bad_request;

type Mapping = BTreeMap<String, String>;

/// AWS: values of 1 to 512 characters.
const MAX_VALUE: usize = 512;
/// Most mappings of one integration; ours.
const MAX_MAPPINGS: usize = 300;

/// Headers that a mapping must not touch; a final `*` stands for any rest. ("Reserved headers" of the guide.)
const RESERVED_HEADERS: &[&str] = &[
    "access-control-*",
    "apigw-*",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-location",
    "forwarded",
    "keep-alive",
    "origin",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailers",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-amz-*",
    "x-amzn-*",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
];

/// Where the content of a request's mapping may come from: a name, and whether something must follow it.
const REQUEST_SOURCES: &[(&str, Rest)] = &[
    ("request.header.", Rest::Name),
    ("request.querystring.", Rest::Name),
    ("request.path.", Rest::Name),
    ("request.path", Rest::None),
    ("request.body", Rest::JsonPath),
    ("context.", Rest::Name),
    ("stageVariables.", Rest::Name),
];

/// The same for a response's mapping.
const RESPONSE_SOURCES: &[(&str, Rest)] = &[
    ("response.header.", Rest::Name),
    ("response.body", Rest::JsonPath),
    ("context.", Rest::Name),
    ("stageVariables.", Rest::Name),
];

#[derive(Clone, Copy)]
enum Rest {
    None,
    Name,
    JsonPath,
}

/// Adds what is given; an empty value takes its key away.
pub fn merge_request(mapping: &mut Mapping, given: Mapping) -> Result<(), Error> {
    for (key, value) in given {
        match key.as_str() {
            "overwrite:path" => {}
            key => check_key(key, &["header", "querystring"])?,
        }
        merge(mapping, key, value, REQUEST_SOURCES)?;
    }
    check_count(mapping.len())
}

/// Adds what is given to the parameters of a call of a service; an empty value takes its key away.
pub fn merge_arguments(mapping: &mut Mapping, given: Mapping) -> Result<(), Error> {
    for (key, value) in given {
        if check_value(&value, REQUEST_SOURCES).is_err() {
            // AWS's own words (issue 17348 of Terraform's provider).
            return Err(bad_request(format!(
                "Invalid selection expression specified: Validation Result: warnings : [], errors : \
                 [Invalid source: {value} specified for destination: {key}]"
            )));
        }
        merge(mapping, key, value, REQUEST_SOURCES)?;
    }
    check_count(mapping.len())
}

/// Adds what is given, by status; an empty map takes its status away.
pub fn merge_response(
    mappings: &mut BTreeMap<String, Mapping>,
    given: BTreeMap<String, Mapping>,
) -> Result<(), Error> {
    for (status, given) in given {
        if status.len() != 3 || !status.parse().is_ok_and(|status: u16| (200..600).contains(&status)) {
            return Err(invalid(format!("Invalid status code specified: {status}")));
        }
        if given.is_empty() {
            mappings.remove(&status);
            continue;
        }
        let mapping = mappings.entry(status).or_default();
        for (key, value) in given {
            match key.as_str() {
                "overwrite:statuscode" => {}
                key => check_key(key, &["header"])?,
            }
            merge(mapping, key, value, RESPONSE_SOURCES)?;
        }
        check_count(mapping.len())?;
    }
    mappings.retain(|_, mapping| !mapping.is_empty());
    check_count(mappings.len())
}

fn merge(mapping: &mut Mapping, key: String, value: String, sources: &[(&str, Rest)]) -> Result<(), Error> {
    if value.is_empty() {
        mapping.remove(&key);
        return Ok(());
    }
    if value.chars().count() > MAX_VALUE {
        return Err(bad_request(format!(
            "The value of the mapping {key} must have at most {MAX_VALUE} characters"
        )));
    }
    if !key.starts_with("remove:") {
        check_value(&value, sources)?;
    }
    mapping.insert(key, value);
    Ok(())
}

/// `append:header.name`
fn check_key(key: &str, places: &[&str]) -> Result<(), Error> {
    let malformed = || invalid(format!("Invalid mapping expression specified: {key}"));
    let (action, target) = key.split_once(':').ok_or_else(malformed)?;
    let (place, name) = target.split_once('.').ok_or_else(malformed)?;
    // RFC 9110 section 5.6.2: what a header's name may consist of; a query's may be anything that can be written.
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let is_name = match place {
        "header" => name.bytes().all(is_token),
        _ => name.bytes().all(|byte| byte.is_ascii_graphic()),
    };
    if !matches!(action, "append" | "overwrite" | "remove")
        || !places.contains(&place)
        || name.is_empty()
        || !is_name
    {
        return Err(malformed());
    }
    let lower = name.to_ascii_lowercase();
    let is_reserved = |pattern: &&str| match pattern.strip_suffix('*') {
        Some(prefix) => lower.starts_with(prefix),
        None => lower == **pattern,
    };
    if place == "header" && RESERVED_HEADERS.iter().any(is_reserved) {
        return Err(invalid(format!("Operations on header {name} are restricted")));
    }
    Ok(())
}

/// A source, or text with sources in `${…}`.
fn check_value(value: &str, sources: &[(&str, Rest)]) -> Result<(), Error> {
    if let Some(source) = value.strip_prefix('$').filter(|rest| !rest.starts_with('{')) {
        return check_source(source, sources);
    }
    let mut rest = value;
    while let Some((_, after)) = rest.split_once("${") {
        let Some((source, after)) = after.split_once('}') else {
            return Err(invalid(format!("Invalid mapping expression specified: {value}")));
        };
        check_source(source, sources)?;
        rest = after;
    }
    Ok(())
}

fn check_source(source: &str, sources: &[(&str, Rest)]) -> Result<(), Error> {
    let fits = |(name, rest): &(&str, Rest)| {
        source.strip_prefix(name).is_some_and(|found| match rest {
            Rest::None => found.is_empty(),
            Rest::Name => !found.is_empty() && found.bytes().all(|byte| byte.is_ascii_graphic()),
            // No recursive descent, no filters.
            Rest::JsonPath => {
                found.is_empty()
                    || found.starts_with(['.', '[']) && !found.contains("..") && !found.contains("?(")
            }
        })
    };
    if sources.iter().any(fits) {
        return Ok(());
    }
    Err(invalid(format!("Invalid mapping expression parameter specified: ${source}")))
}

fn check_count(count: usize) -> Result<(), Error> {
    if count > MAX_MAPPINGS {
        return Err(bad_request(format!("An integration has at most {MAX_MAPPINGS} mappings")));
    }
    Ok(())
}

/// As AWS wraps what its validation finds.
pub(super) fn invalid(why: String) -> Error {
    bad_request(format!(
        "Invalid mapping expression specified: Validation Result: warnings : [], errors : [{why}]"
    ))
}
