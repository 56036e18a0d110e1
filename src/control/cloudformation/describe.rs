//! How answers show stacks, resources, events and change sets.

use std::sync::Arc;

use super::change_sets::action;
use crate::control::wire::xml::Xml;
use crate::model::stack::{Change, ChangeSet, Event, Output, Parameter, Resource, Stack};

/// What is shown of a secret.
const SECRET: &str = "****";

/// A stack in DescribeStacks.
pub fn stack(xml: &mut Xml, stack: &Stack) {
    xml.text("StackId", &stack.id);
    xml.text("StackName", &stack.name);
    xml.maybe("ChangeSetId", stack.change_set_id.as_deref());
    xml.maybe("Description", stack.source.description.as_deref());
    if !stack.source.parameters.is_empty() {
        xml.list("Parameters", &stack.source.parameters, parameter);
    }
    xml.time("CreationTime", stack.created_ms);
    if let Some(updated) = stack.updated_ms {
        xml.time("LastUpdatedTime", updated);
    }
    if let Some(deleted) = stack.deleted_ms {
        xml.time("DeletionTime", deleted);
    }
    xml.element("RollbackConfiguration", |_| ());
    xml.text("StackStatus", stack.status.as_str());
    xml.maybe("StackStatusReason", stack.reason.as_deref());
    xml.text("DisableRollback", stack.disable_rollback);
    xml.texts("NotificationARNs", &stack.source.notification_arns);
    if !stack.source.capabilities.is_empty() {
        xml.texts("Capabilities", &stack.source.capabilities);
    }
    if !stack.outputs.is_empty() {
        xml.list("Outputs", &stack.outputs, output);
    }
    xml.maybe("RoleARN", stack.source.role_arn.as_deref());
    xml.list("Tags", &stack.source.tags, tag);
    xml.text("EnableTerminationProtection", stack.termination_protection);
    xml.element("DriftInformation", |xml| xml.text("StackDriftStatus", "NOT_CHECKED"));
}

/// A stack in ListStacks.
pub fn summary(xml: &mut Xml, stack: &Stack) {
    xml.text("StackId", &stack.id);
    xml.text("StackName", &stack.name);
    xml.maybe("TemplateDescription", stack.source.description.as_deref());
    xml.time("CreationTime", stack.created_ms);
    if let Some(updated) = stack.updated_ms {
        xml.time("LastUpdatedTime", updated);
    }
    if let Some(deleted) = stack.deleted_ms {
        xml.time("DeletionTime", deleted);
    }
    xml.text("StackStatus", stack.status.as_str());
    xml.maybe("StackStatusReason", stack.reason.as_deref());
    xml.element("DriftInformation", |xml| xml.text("StackDriftStatus", "NOT_CHECKED"));
}

/// A parameter's value.
pub fn parameter(xml: &mut Xml, parameter: &Parameter) {
    xml.text("ParameterKey", &parameter.key);
    xml.text("ParameterValue", if parameter.secret { SECRET } else { &parameter.value });
    xml.maybe("ResolvedValue", parameter.resolved.as_deref());
}

/// A tag.
pub fn tag(xml: &mut Xml, (key, value): (&String, &String)) {
    xml.text("Key", key);
    xml.text("Value", value);
}

fn output(xml: &mut Xml, output: &Output) {
    xml.text("OutputKey", &output.key);
    xml.text("OutputValue", &output.value);
    xml.maybe("Description", output.description.as_deref());
    xml.maybe("ExportName", output.export.as_deref());
}

/// A resource in ListStackResources.
pub fn resource_summary(xml: &mut Xml, resource: &Arc<Resource>) {
    xml.text("LogicalResourceId", &resource.logical);
    if !resource.physical.is_empty() {
        xml.text("PhysicalResourceId", &resource.physical);
    }
    xml.text("ResourceType", &resource.kind);
    xml.time("LastUpdatedTimestamp", resource.updated_ms);
    xml.text("ResourceStatus", resource.status.as_str());
    xml.maybe("ResourceStatusReason", resource.reason.as_deref());
    xml.element("DriftInformation", |xml| xml.text("StackResourceDriftStatus", "NOT_CHECKED"));
}

/// A resource in DescribeStackResources; `time` is what the member with its time is called.
pub fn resource(xml: &mut Xml, stack: &Stack, resource: &Resource, time: &str) {
    xml.text("StackName", &stack.name);
    xml.text("StackId", &stack.id);
    xml.text("LogicalResourceId", &resource.logical);
    if !resource.physical.is_empty() {
        xml.text("PhysicalResourceId", &resource.physical);
    }
    xml.text("ResourceType", &resource.kind);
    xml.time(time, resource.updated_ms);
    xml.text("ResourceStatus", resource.status.as_str());
    xml.maybe("ResourceStatusReason", resource.reason.as_deref());
    xml.element("DriftInformation", |xml| xml.text("StackResourceDriftStatus", "NOT_CHECKED"));
}

/// An event.
pub fn event(xml: &mut Xml, stack: &Stack, event: &Event) {
    xml.text("StackId", &stack.id);
    xml.text("EventId", &event.id);
    xml.text("StackName", &stack.name);
    xml.text("LogicalResourceId", &event.logical);
    xml.text("PhysicalResourceId", &event.physical);
    xml.text("ResourceType", &event.kind);
    xml.time("Timestamp", event.at_ms);
    xml.text("ResourceStatus", event.status.as_str());
    xml.maybe("ResourceStatusReason", event.reason.as_deref());
    xml.maybe("ResourceProperties", event.properties.as_deref());
}

/// What lists and descriptions of a change set begin with.
pub fn change_set_head(xml: &mut Xml, stack: &Stack, set: &ChangeSet) {
    xml.text("StackId", &stack.id);
    xml.text("StackName", &stack.name);
    xml.text("ChangeSetId", &set.id);
    xml.text("ChangeSetName", &set.name);
    xml.text("ExecutionStatus", set.execution.as_str());
    xml.text("Status", if set.failure.is_some() { "FAILED" } else { "CREATE_COMPLETE" });
    xml.maybe("StatusReason", set.failure.as_deref());
    xml.time("CreationTime", set.created_ms);
}

/// A change of a change set.
pub fn change(xml: &mut Xml, change: &Change) {
    let (action, replacement) = action(change.action);
    xml.text("Type", "Resource");
    xml.element("ResourceChange", |xml| {
        xml.text("Action", action);
        xml.text("LogicalResourceId", &change.logical);
        xml.maybe("PhysicalResourceId", change.physical.as_deref());
        xml.text("ResourceType", &change.kind);
        xml.maybe("Replacement", replacement);
        let scopes = [("Properties", !change.properties.is_empty()), ("Metadata", change.attributes_differ)];
        xml.element("Scope", |xml| {
            scopes.iter().filter(|(_, is)| *is).for_each(|(scope, _)| xml.text("member", scope));
        });
        xml.list("Details", &change.properties, |xml, difference| {
            xml.element("Target", |xml| {
                xml.text("Attribute", "Properties");
                xml.text("Name", &difference.property);
                xml.text("RequiresRecreation", if difference.replaces { "Always" } else { "Never" });
            });
            xml.text("Evaluation", "Static");
            xml.text("ChangeSource", "DirectModification");
        });
    });
}
