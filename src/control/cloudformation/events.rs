//! What happens to a stack, as it happens: its status, its resources' and the events that tools read.
//!
//! The control plane has no clock: events of one operation are a millisecond apart from when it was asked for, so that no two have
//! the same time, and later ones a later time.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use crate::base::{Now, ids};
use crate::control::Control;
use crate::control::wire::xml;
use crate::model::stack::{Event, Resource, Stack, Status};

/// What the type of a stack is called in events.
pub const STACK: &str = "AWS::CloudFormation::Stack";

/// AWS: "all returned values are masked with asterisks (*****)".
const MASK: &str = "*****";

/// Ours: events of a stack that are kept. An update of 500 resources that rolls back makes some 3,000.
const MAX_EVENTS: usize = 10_000;

/// The stack that is worked on.
pub struct Progress<'a> {
    /// The control planes.
    pub control: &'a Control,
    /// The stack's id.
    pub stack: &'a str,
    /// When the work was asked for.
    pub now: Now,
}

impl Progress<'_> {
    /// The stack gets a status.
    pub fn stack(&self, status: Status, reason: Option<String>) {
        self.change(|stack, event| set(stack, event, status, reason));
    }

    /// A resource of the stack gets a status.
    pub fn resource(&self, resource: &Resource) {
        self.change(|stack, event| {
            push(stack, event, resource, resource.status, resource.reason.clone());
            stack.resources.insert(resource.logical.clone(), Arc::new(resource.clone()));
        });
    }

    /// Something happens to a resource that is, or soon will be, no part of the stack.
    pub fn former(&self, resource: &Resource, status: Status, reason: Option<String>) {
        self.change(|stack, event| push(stack, event, resource, status, reason));
    }

    /// Changes the stack, if it is still there: everything may have been reset meanwhile.
    pub fn change(&self, change: impl FnOnce(&mut Stack, Stamp)) -> bool {
        let mut store = self.control.store();
        let uuid = ids::uuid(&mut store.rng);
        let Some(stack) = store.stacks.get_mut(self.stack) else { return false };
        let at_ms = self.now.unix_ms.max(stack.events.back().map_or(0, |last| last.at_ms + 1));
        change(stack, Stamp { uuid, at_ms });
        true
    }
}

/// What an event is told apart by.
pub struct Stamp {
    /// An id that no other has.
    pub uuid: String,
    /// When.
    pub at_ms: u64,
}

/// Gives a stack a status, and an event that says so.
pub fn set(stack: &mut Stack, stamp: Stamp, status: Status, reason: Option<String>) {
    stack.status = status;
    stack.reason.clone_from(&reason);
    let event = Event {
        id: stamp.uuid,
        logical: stack.name.clone(),
        physical: stack.id.clone(),
        kind: STACK.into(),
        status,
        reason,
        properties: None,
        at_ms: stamp.at_ms,
    };
    keep(stack, event);
}

fn push(stack: &mut Stack, stamp: Stamp, resource: &Resource, status: Status, reason: Option<String>) {
    let event = Event {
        id: format!("{}-{}-{}", resource.logical, status.as_str(), xml::time(stamp.at_ms)),
        logical: resource.logical.clone(),
        physical: resource.physical.clone(),
        kind: resource.kind.clone(),
        status,
        reason,
        properties: Some(shown(resource, &stack.secrets)),
        at_ms: stamp.at_ms,
    };
    keep(stack, event);
}

/// The properties as events show them.
fn shown(resource: &Resource, secrets: &BTreeSet<String>) -> String {
    let text = serde_json::to_string(&resource.properties).unwrap_or_default();
    secrets.iter().fold(text, |text, secret| {
        let quoted = Value::from(secret.as_str()).to_string();
        text.replace(&quoted[1..quoted.len() - 1], MASK)
    })
}

fn keep(stack: &mut Stack, event: Event) {
    if stack.events.len() >= MAX_EVENTS {
        stack.events.pop_front();
    }
    stack.events.push_back(event);
}
