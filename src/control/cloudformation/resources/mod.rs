//! Resource types. A type is a row: how it is made, changed and deleted by operations of its service, what its
//! properties are called there, what `Ref` and `Fn::GetAtt` give, and what can only change with a new resource.
//!
//! [`run`] does what a row says. A type without operations is only kept: it exists, and answers for itself.

mod apigateway;
mod apigatewayv2;
mod asked;
mod custom;
mod document;
mod domain;
mod iam;
mod kept;
mod lambda;
pub mod members;
mod other;
mod patch;
pub mod pattern;
pub mod run;
mod work;

use serde_json::{Map, Value};

use super::sam;
use super::template::{Template, format_error, invalid};
use crate::control::answer::Error;

pub use members::Family;
pub use patch::Patch;

/// All types, by service.
const TYPES: &[&[Type]] = &[
    apigateway::TYPES,
    apigatewayv2::TYPES,
    asked::TYPES,
    custom::TYPES,
    domain::TYPES,
    iam::TYPES,
    kept::TYPES,
    lambda::TYPES,
    other::TYPES,
];

/// A resource type.
#[derive(Debug)]
pub struct Type {
    /// `AWS::ApiGatewayV2::Api`
    pub name: &'static str,
    /// The property that names it; a name is made where it is not given.
    pub naming: Option<Naming>,
    /// What `Ref` gives: a [`pattern`].
    pub physical: &'static str,
    /// What `Fn::GetAtt` gives: patterns by name.
    pub attributes: &'static [(&'static str, &'static str)],
    /// Which properties can only change with a new resource.
    pub replaces: Replaces,
    /// How it has tags.
    pub tags: Tags,
    /// The property that names an object of S3, and the one whose value is the document in it.
    pub fetches: Option<(&'static str, &'static str)>,
    /// Properties that would mean more than is emulated.
    pub unsupported: &'static [&'static str],
    /// Shapes properties in ways that no table says.
    pub prepare: Option<Prepare>,
    /// How it is made; `None`: it is only kept, but for its deeds.
    pub calls: Option<&'static Calls>,
    /// What is done for it besides.
    pub deeds: Option<&'static Deeds>,
    /// Whether a function of the user's makes, changes and deletes it, which takes as long as it takes.
    pub is_asked: bool,
}

/// Changes evaluated properties to what the operations understand.
///
/// # Errors
/// What is wrong with them.
pub type Prepare = fn(&mut Map<String, Value>) -> Result<(), Error>;

/// What is done for a resource, where no operations of its own do it.
#[derive(Debug)]
pub struct Deeds {
    /// When it is made, and when it changes.
    pub make: Deed,
    /// When it is deleted.
    pub delete: Deed,
}

/// Does what the properties say.
///
/// # Errors
/// Why it could not be done.
pub type Deed = fn(&mut run::Maker<'_>, &Map<String, Value>) -> Result<(), Error>;

/// The property that names a resource.
#[derive(Clone, Copy, Debug)]
pub struct Naming {
    /// `FunctionName`
    pub property: &'static str,
    /// Most characters of a name that is made.
    pub most: usize,
    /// Whether it may only have lower-case letters.
    pub lower: bool,
}

/// Which properties can only change with a new resource.
#[derive(Clone, Copy, Debug)]
pub enum Replaces {
    /// These.
    These(&'static [&'static str]),
    /// Any.
    Any,
}

/// How a type has tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tags {
    /// Not at all.
    No,
    /// `[{"Key": …, "Value": …}]`
    List,
    /// `{key: value}`
    Map,
}

/// How a resource is made, changed and deleted.
#[derive(Debug)]
pub struct Calls {
    /// What members are called, and of what type they are.
    pub family: &'static Family,
    /// What must find nothing before the resource is made, where making it would take over what is there.
    pub absent: Option<Step>,
    /// The first answer is the one that patterns see.
    pub create: &'static [Step],
    /// How it changes in place.
    pub update: Update,
    /// What isn't there any more is as good as deleted.
    pub delete: &'static [Step],
    /// How its tags change.
    pub tagging: Option<Tagging>,
}

/// How a resource changes in place.
#[derive(Debug)]
pub enum Update {
    /// By these; properties that are gone get these values, which are JSON.
    Steps(&'static [Step], &'static [(&'static str, &'static str)]),
    /// It is deleted and made again, under the same name.
    Again,
}

/// One operation.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// `CreateApi`
    pub operation: &'static str,
    /// What its members are called, where that differs from the other steps'.
    pub family: Option<&'static Family>,
    /// Whether, and how often.
    pub when: When,
    /// Parameters of the path: patterns.
    pub path: &'static [(&'static str, &'static str)],
    /// Parameters of the query: patterns.
    pub query: &'static [(&'static str, &'static str)],
    /// Which properties are members of the body.
    pub takes: Takes,
    /// More members: patterns.
    pub adds: &'static [(&'static str, &'static str)],
}

/// Whether a step is taken, and how often. Properties within properties are named as in `Integration.Uri`.
#[derive(Clone, Copy, Debug)]
pub enum When {
    /// Once.
    Always,
    /// Once, where the property is given.
    Given(&'static str),
    /// Once, where it is not.
    Lacking(&'static str),
    /// In an update: where the property is given, and is not what it was.
    Renewed(&'static str),
    /// In an update: where one of these differs.
    Changed(&'static [&'static str]),
    /// In an update: where the property was given, and is not what it was.
    Altered(&'static str),
    /// In an update: where the property is gone.
    Gone(&'static str),
    /// For each item of the list; in an update, for those that were not in it.
    Added(&'static str),
    /// In an update: for each item that is no longer in the list.
    Removed(&'static str),
    /// Once, where something else answers so.
    Is(&'static Check),
}

/// A question to another operation.
#[derive(Debug)]
pub struct Check {
    /// The property that must be given.
    pub given: &'static str,
    /// `GetStage`
    pub operation: &'static str,
    /// Parameters of its path: patterns.
    pub path: &'static [(&'static str, &'static str)],
    /// The member of its answer,
    pub member: &'static str,
    /// and what it must be: a pattern.
    pub is: &'static str,
}

/// Which properties are members of a step's body.
#[derive(Clone, Copy, Debug)]
pub enum Takes {
    /// None.
    Nothing,
    /// All but these.
    But(&'static [&'static str]),
    /// These.
    Only(&'static [&'static str]),
    /// The members of one, as they are.
    Whole(&'static str),
    /// The members of one, but these.
    Inside(&'static str, &'static [&'static str]),
    /// The members of the item, but these.
    Item(&'static [&'static str]),
    /// In an update: those that differ; of [`When::Changed`], among these.
    Changed,
    /// `patchOperations` for these, where they differ.
    Patches(&'static [(&'static str, Patch)]),
    /// `patchOperations` that take the item away.
    Undone(Patch),
    /// None: the body is this, a pattern.
    Raw(&'static str),
}

/// How tags of a resource that is there change.
#[derive(Clone, Copy, Debug)]
pub struct Tagging {
    /// `TagResource`
    pub tag: &'static str,
    /// `UntagResource`
    pub untag: &'static str,
    /// Parameters of the path: patterns.
    pub path: &'static [(&'static str, &'static str)],
    /// More members: patterns.
    pub adds: &'static [(&'static str, &'static str)],
    /// The member with the tags.
    pub member: &'static str,
    /// Where the keys are that go.
    pub keys: Keys,
}

/// Where the keys of tags are.
#[derive(Clone, Copy, Debug)]
pub enum Keys {
    /// Parameters of the query, of this name.
    Query(&'static str),
    /// A member: a list.
    Member(&'static str),
}

impl Type {
    /// A type with nothing but a name: rows say what it has besides.
    const fn new(name: &'static str, physical: &'static str) -> Self {
        Self {
            name,
            naming: None,
            physical,
            attributes: &[],
            replaces: Replaces::These(&[]),
            tags: Tags::No,
            fetches: None,
            unsupported: &[],
            prepare: None,
            calls: None,
            deeds: None,
            is_asked: false,
        }
    }

    /// Whether a new resource is needed when `property` differs.
    pub fn replaces(&self, property: &str) -> bool {
        match self.replaces {
            Replaces::Any => true,
            Replaces::These(properties) => properties.contains(&property),
        }
    }
}

impl Step {
    /// A step that is always taken and has no members.
    const fn new(operation: &'static str, path: &'static [(&'static str, &'static str)]) -> Self {
        Self {
            operation,
            family: None,
            when: When::Always,
            path,
            query: &[],
            takes: Takes::Nothing,
            adds: &[],
        }
    }

    const fn of(self, family: &'static Family) -> Self {
        Self { family: Some(family), ..self }
    }

    const fn when(self, when: When) -> Self {
        Self { when, ..self }
    }

    const fn takes(self, takes: Takes) -> Self {
        Self { takes, ..self }
    }

    const fn adds(self, adds: &'static [(&'static str, &'static str)]) -> Self {
        Self { adds, ..self }
    }

    const fn query(self, query: &'static [(&'static str, &'static str)]) -> Self {
        Self { query, ..self }
    }
}

/// All types.
pub fn all() -> impl Iterator<Item = &'static Type> {
    TYPES.iter().copied().flatten()
}

/// The type of this name.
pub fn find(name: &str) -> Option<&'static Type> {
    // What Serverless makes to give API Gateway a role for its logs: there is nothing to do.
    let name = if name == "Custom::ApiGatewayAccountRole" { "AWS::ApiGateway::Account" } else { name };
    let found = all().find(|known| known.name == name);
    found.or_else(|| asked::TYPES.first().filter(|_| asked::is_custom(name)))
}

/// Whether a resource of this type is made by a function of the user's.
pub fn is_asked(name: &str) -> bool {
    asked::is_custom(name) && find(name).is_some_and(|kind| kind.is_asked)
}

/// Whether all that a template declares can be made.
///
/// # Errors
/// It has types, transforms or properties that are not emulated.
pub fn check(template: &Template) -> Result<(), Error> {
    let mut unknown: Vec<&str> = template
        .resources
        .values()
        .map(|declared| declared.kind.as_str())
        .filter(|kind| find(kind).is_none())
        .collect();
    unknown.sort_unstable();
    unknown.dedup();
    // SAM's is applied already.
    if let Some(name) = template.transforms.iter().find(|name| *name != sam::TRANSFORM) {
        return Err(invalid(format!(
            "gatelet does not support the transform {name} yet: deploy a template in which it is already applied"
        )));
    }
    for kind in &unknown {
        if *kind == "AWS::CloudFormation::Stack" {
            return Err(invalid(format!("gatelet does not support nested stacks yet: {kind}")));
        }
    }
    if !unknown.is_empty() {
        return Err(format_error(format!("Unrecognized resource types: [{}]", unknown.join(", "))));
    }
    for (name, declared) in &template.resources {
        if is_asked(&declared.kind) && declared.properties.get("ServiceToken").is_none() {
            return Err(invalid(format!(
                "Missing required field: ServiceToken of the custom resource {name}"
            )));
        }
        let unsupported = find(&declared.kind).map(|kind| kind.unsupported).unwrap_or_default();
        if let Some(property) =
            unsupported.iter().find(|property| declared.properties.get(**property).is_some())
        {
            return Err(invalid(format!(
                "gatelet does not support the property {property} of {} yet (resource {name})",
                declared.kind
            )));
        }
    }
    Ok(())
}
