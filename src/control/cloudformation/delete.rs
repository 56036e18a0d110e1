//! Deletes a stack: its resources, each before what it needs.

use std::collections::BTreeSet;

use super::deploy::{deletion_order, kinds, there};
use super::events::{self, Progress};
use super::resources;
use super::resources::run::Maker;
use super::rollback::failed_to_delete;
use super::undo::Undo;
use crate::base::Now;
use crate::control::Control;
use crate::model::Owner;
use crate::model::stack::Status;

/// Ours: deleted stacks of an owner that are remembered. AWS remembers them for 90 days.
const MAX_DELETED: usize = 100;

/// Deletes the stack with this id, which is already marked as busy with it. Resources that are named in `kept` stay.
/// Where functions are to be waited for, that goes on after this returns.
pub fn start(control: &Control, owner: Owner, now: Now, id: String, kept: Vec<String>) {
    let waits = kinds(&there(control, &id)).any(resources::is_asked);
    let all = move |control: &Control| run(control, &owner, now, &id, &kept);
    if waits { control.functions.later(control, Box::new(all)) } else { all(control) }
}

fn run(control: &Control, owner: &Owner, now: Now, id: &str, kept: &[String]) {
    let Some(resources) = control.store().stacks.get(id).map(|stack| stack.resources.clone()) else { return };
    let progress = Progress { control, stack: id, now };
    let (mut stuck, mut needed) = (Vec::new(), BTreeSet::new());
    for logical in deletion_order(&resources) {
        let resource = &resources[&logical];
        if resource.retained || kept.contains(&logical) {
            progress.former(resource, Status::DeleteSkipped, None);
            continue;
        }
        if needed.contains(&logical) {
            needed.extend(resource.depends.iter().cloned());
            continue;
        }
        let mut going = (**resource).clone();
        going.status = Status::DeleteInProgress;
        progress.resource(&going);
        let mut undo = Undo::default();
        let mut maker = Maker { control, owner, stack: id, now, undo: &mut undo };
        let deleted = resources::find(&resource.kind).map_or(Ok(()), |kind| maker.delete(kind, resource));
        match deleted {
            Ok(()) => {
                progress.change(|stack, _| {
                    stack.resources.remove(&logical);
                });
                progress.former(resource, Status::DeleteComplete, None);
            }
            Err(error) => {
                going.status = Status::DeleteFailed;
                going.reason = Some(error.message);
                progress.resource(&going);
                needed.extend(resource.depends.iter().cloned());
                stuck.push(logical);
            }
        }
    }
    progress.change(|stack, stamp| {
        if !stuck.is_empty() {
            return events::set(stack, stamp, Status::DeleteFailed, Some(failed_to_delete(&stuck)));
        }
        stack.resources.clear();
        stack.change_sets.clear();
        stack.outputs.clear();
        stack.imports.clear();
        stack.deleted_ms = Some(now.unix_ms);
        events::set(stack, stamp, Status::DeleteComplete, None);
    });
    forget(control, owner);
}

/// Forgets those that were deleted long ago.
fn forget(control: &Control, owner: &Owner) {
    let mut store = control.store();
    let deleted = store.stacks.values().filter(|stack| stack.owner == *owner && !stack.exists());
    let mut deleted: Vec<(u64, String)> =
        deleted.map(|stack| (stack.deleted_ms.unwrap_or_default(), stack.id.clone())).collect();
    deleted.sort_unstable();
    for (_, id) in deleted.iter().rev().skip(MAX_DELETED) {
        store.stacks.remove(id);
    }
}
