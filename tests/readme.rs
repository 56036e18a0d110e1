//! What the README says of CloudFormation's resource types is what there is. (What it shows to run is run by
//! `tests/e2e/test_readme.py`.)

use std::collections::BTreeSet;

use gatelet::control::cloudformation::resources::{self, Type};
use gatelet::control::perform;

const README: &str = include_str!("../README.md");

#[test]
fn the_readme_lists_every_resource_type_where_it_belongs() {
    let types = |belongs: &dyn Fn(&Type) -> bool| -> BTreeSet<String> {
        resources::all().filter(|kind| belongs(kind)).map(|kind| kind.name.to_owned()).collect()
    };
    let kept = types(&|kind| kind.calls.is_none() && kind.deeds.is_none() && !kind.is_asked);
    let refused = types(&|kind| !is_made(kind));
    let made = types(&|kind| kind.calls.is_some() && is_made(kind));
    assert_eq!(listed("in the stack alone"), kept);
    assert_eq!(listed("refused when it is their turn"), refused);
    let listed_as_made: BTreeSet<String> = ["These types have effect", "with operations of their services"]
        .into_iter()
        .flat_map(listed)
        .collect();
    assert_eq!(listed_as_made, made);
}

/// Whether the operation that makes it is there.
fn is_made(kind: &Type) -> bool {
    kind.calls.is_none_or(|calls| {
        let mut always = calls.create.iter().take(1);
        always.all(|step| perform::exists(step.family.unwrap_or(calls.family).service, step.operation))
    })
}

/// The types of the paragraph or list that begins with `said`: `` `AWS::S3::Bucket` ``, or several of one service,
/// `` `AWS::Lambda::` Alias, Function ``.
fn listed(said: &str) -> BTreeSet<String> {
    let (_, rest) = README.split_once(said).unwrap_or_else(|| panic!("the README does not say: {said}"));
    // To the end of the paragraph, or of the list that follows a colon; another item says something else.
    let end = rest.find("\n\n").map_or(rest.len(), |at| {
        if rest[..at].ends_with(':') { at + 2 + rest[at + 2..].find("\n\n").unwrap_or(0) } else { at }
    });
    let mut text = &rest[..end];
    if let Some(item) = text.find("\n- ").filter(|_| !text.contains(":\n\n")) {
        text = &text[..item];
    }
    let mut types = BTreeSet::new();
    let mut quoted = text.split('`');
    quoted.next();
    while let (Some(name), Some(behind)) = (quoted.next(), quoted.next()) {
        let Some(prefix) = name.strip_prefix("AWS::") else { continue };
        if !prefix.ends_with("::") {
            types.insert(name.to_owned());
            continue;
        }
        let words = behind.split("\n-").next().and_then(|words| words.split(['(', '.', ';']).next());
        types.extend(
            words
                .unwrap_or_default()
                .split(',')
                .map(str::trim)
                .filter(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric()))
                .map(|word| format!("{name}{word}")),
        );
    }
    types
}
