//! Lists of what stacks have: the stacks themselves, resources, events, exports.

use std::sync::Arc;

use super::change_sets::no_stack;
use super::template::invalid;
use super::{describe, page, stacks};
use crate::base::map::map_of;
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::form::Form;
use crate::control::wire::xml::Xml;
use crate::model::Store;
use crate::model::stack::{Resource, Stack};

/// AWS: a page of stacks, of resources, of events, of exports.
const PAGE: usize = 100;

/// ListStacks: deleted ones too.
pub fn stacks(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let form = Form::of(call);
    let wanted = form.list("StackStatusFilter");
    let own = store.stacks.values().filter(|stack| stack.owner == call.owner);
    let mut own: Vec<&Stack> = own
        .filter(|stack| wanted.is_empty() || wanted.iter().any(|status| status == stack.status.as_str()))
        .collect();
    own.sort_by_key(|stack| std::cmp::Reverse(stack.created_ms));
    let (some, next) = page::take(&form, &own, PAGE)?;
    let mut xml = Xml::default();
    xml.list("StackSummaries", some.iter().copied(), describe::summary);
    xml.maybe("NextToken", next.as_deref());
    Ok(xml.answer())
}

/// ListStackResources
pub fn resources(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let form = Form::of(call);
    let stack = stacks::described(store, call)?;
    let all: Vec<&Arc<Resource>> = stack.resources.values().collect();
    let (some, next) = page::take(&form, &all, PAGE)?;
    let mut xml = Xml::default();
    xml.list("StackResourceSummaries", some.iter().copied(), describe::resource_summary);
    xml.maybe("NextToken", next.as_deref());
    Ok(xml.answer())
}

/// DescribeStackResource
pub fn describe_resource(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let form = Form::of(call);
    let name = stacks::required(&form)?;
    let logical = form.said("LogicalResourceId").unwrap_or_default();
    let stack = stacks::find(store, &call.owner, name)
        .ok_or_else(|| invalid(format!("Stack '{name}' does not exist")))?;
    let resource = stack
        .resources
        .get(logical)
        .ok_or_else(|| invalid(format!("Resource {logical} does not exist for stack {name}")))?;
    let mut xml = Xml::default();
    xml.element("StackResourceDetail", |xml| {
        describe::resource(xml, stack, resource, "LastUpdatedTimestamp");
        xml.text("Metadata", resource.metadata.as_ref().map_or("{}".into(), |metadata| metadata.to_string()));
    });
    Ok(xml.answer())
}

/// DescribeStackResources
pub fn describe_resources(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let form = Form::of(call);
    let (logical, physical) = (form.said("LogicalResourceId"), form.said("PhysicalResourceId"));
    let stack = match (form.said("StackName"), physical) {
        (Some(_), _) => stacks::described(store, call)?,
        (None, Some(physical)) => {
            let mut own = store.stacks.values().filter(|stack| stack.owner == call.owner && stack.exists());
            own.find(|stack| stack.resources.values().any(|resource| resource.physical == physical))
                .ok_or_else(|| invalid(format!("Stack for {physical} does not exist")))?
        }
        (None, None) => return Err(invalid("StackName or PhysicalResourceId must be specified")),
    };
    let wanted = |resource: &&Arc<Resource>| {
        logical.is_none_or(|logical| logical == resource.logical)
            && physical.is_none_or(|physical| physical == resource.physical)
    };
    let mut xml = Xml::default();
    xml.list("StackResources", stack.resources.values().filter(wanted), |xml, resource| {
        describe::resource(xml, stack, resource, "Timestamp");
    });
    Ok(xml.answer())
}

/// DescribeStackEvents: the newest first.
pub fn events(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let form = Form::of(call);
    let name = stacks::required(&form)?;
    let stack = stacks::find(store, &call.owner, name).ok_or_else(|| no_stack(name))?;
    let newest_first: Vec<_> = stack.events.iter().rev().collect();
    let (some, next) = page::take(&form, &newest_first, PAGE)?;
    let mut xml = Xml::default();
    xml.list("StackEvents", some.iter().copied(), |xml, event| describe::event(xml, stack, event));
    xml.maybe("NextToken", next.as_deref());
    Ok(xml.answer())
}

/// ListExports
pub fn exports(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let form = Form::of(call);
    let own = store.stacks.values().filter(|stack| stack.owner == call.owner && stack.exists());
    let exports = own
        .flat_map(|stack| stack.outputs.iter().map(move |output| (stack, output)))
        .filter_map(|(stack, output)| Some((output.export.as_ref()?, (stack, output.value.as_str()))));
    let exports: Vec<_> = map_of(exports).into_iter().collect();
    let (some, next) = page::take(&form, &exports, PAGE)?;
    let mut xml = Xml::default();
    xml.list("Exports", some, |xml, (name, (stack, value))| {
        xml.text("ExportingStackId", &stack.id);
        xml.text("Name", name);
        xml.text("Value", value);
    });
    xml.maybe("NextToken", next.as_deref());
    Ok(xml.answer())
}

/// ListImports
pub fn imports(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let form = Form::of(call);
    let name = form.said("ExportName").ok_or_else(|| invalid("ExportName is a required parameter."))?;
    let own = store.stacks.values().filter(|stack| stack.owner == call.owner && stack.exists());
    let users: Vec<&String> =
        own.filter(|stack| stack.imports.contains(name)).map(|stack| &stack.name).collect();
    if users.is_empty() {
        return Err(invalid(format!("Export '{name}' is not imported by any stack.")));
    }
    let mut xml = Xml::default();
    xml.texts("Imports", users);
    Ok(xml.answer())
}
