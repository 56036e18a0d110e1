//! A deployment that fails: what was changed is put back as it was, what was made goes.

use std::mem;
use std::sync::Arc;

use super::deploy::{Deployment, Failure};
use super::events;
use super::resources::{self, Type};
use super::undo::Undo;
use crate::model::stack::{OnFailure, Resource, Status};

impl Deployment<'_> {
    /// Goes no further, and does what is to be done then.
    pub fn fail(self, failure: Failure) {
        let reason = match &failure.logical {
            Some(logical) if failure.creating => {
                format!("The following resource(s) failed to create: [{logical}]. ")
            }
            Some(logical) => format!("The following resource(s) failed to update: [{logical}]. "),
            None => failure.error.message.clone(),
        };
        match (self.work.on_failure, self.work.creates) {
            (OnFailure::Nothing, creates) => self.stay(reason, creates),
            (OnFailure::Rollback | OnFailure::Delete, true) => self.unmake(reason),
            (OnFailure::Rollback | OnFailure::Delete, false) => self.go_back(reason),
        }
    }

    /// What was made stays.
    fn stay(self, reason: String, creates: bool) {
        let status = if creates { Status::CreateFailed } else { Status::UpdateFailed };
        let resources = self.resources;
        self.progress.change(|stack, stamp| {
            stack.resources = resources;
            events::set(stack, stamp, status, Some(reason));
        });
    }

    /// A stack that could not be made: nothing is left of it.
    fn unmake(mut self, reason: String) {
        let deletes = self.work.on_failure == OnFailure::Delete;
        let (begin, end, failed) = match deletes {
            true => (Status::DeleteInProgress, Status::DeleteComplete, Status::DeleteFailed),
            false => (Status::RollbackInProgress, Status::RollbackComplete, Status::RollbackFailed),
        };
        self.progress.stack(begin, Some(format!("{reason}Rollback requested by user.")));
        let stuck = self.take_back();
        let now = self.work.now;
        self.progress.change(|stack, stamp| {
            stack.resources.retain(|logical, _| stuck.contains(logical));
            if stuck.is_empty() {
                stack.deleted_ms = deletes.then_some(now.unix_ms);
                events::set(stack, stamp, end, None);
            } else {
                events::set(stack, stamp, failed, Some(failed_to_delete(&stuck)));
            }
        });
    }

    /// A stack that could not be changed: it is what it was.
    fn go_back(mut self, reason: String) {
        self.progress.stack(Status::UpdateRollbackInProgress, Some(reason));
        for before in mem::take(&mut self.changed).iter().rev() {
            let mut resource = (**before).clone();
            resource.status = Status::UpdateInProgress;
            self.progress.resource(&resource);
            if let Some(again) = self.change_back(before) {
                resource.physical.clone_from(&again.physical);
                resource.attributes.clone_from(&again.attributes);
                self.before.insert(again.logical.clone(), again);
            }
            resource.status = Status::UpdateComplete;
            self.progress.resource(&resource);
        }
        self.progress.stack(Status::UpdateRollbackCleanup, None);
        let stuck = self.take_back();
        let before = mem::take(&mut self.before);
        self.progress.change(|stack, stamp| {
            stack.resources = before;
            if stuck.is_empty() {
                events::set(stack, stamp, Status::UpdateRollbackComplete, None);
            } else {
                let reason = failed_to_delete(&stuck);
                events::set(stack, stamp, Status::UpdateRollbackFailed, Some(reason));
            }
        });
    }

    /// Changes back what nobody kept as it was. What is another one then, as a custom resource may be, comes back.
    fn change_back(&mut self, before: &Resource) -> Option<Arc<Resource>> {
        let kept = |kind: &Type| kind.calls.is_none_or(|calls| Undo::keeps(calls.family.service));
        let kind = resources::find(&before.kind).filter(|kind| kind.is_asked || !kept(kind))?;
        let now = Arc::clone(self.resources.get(&before.logical)?);
        let mut undo = Undo::default();
        // It was so before, so it can be so again; if not, there is nothing to be done about it.
        let made = self.maker(&mut undo).update(kind, &now, before).ok()?;
        if !kind.is_asked {
            return None;
        }
        if now.physical != made.physical {
            self.made.push(now);
        }
        let (physical, attributes) = (made.physical, made.attributes);
        Some(Arc::new(Resource { physical, attributes, ..before.clone() }))
    }

    /// Puts back what was changed, and deletes what was made; the names of what could not be deleted. Even what is to
    /// be retained goes: it is new, and would be in the way of the next attempt.
    fn take_back(&mut self) -> Vec<String> {
        mem::take(&mut self.undo).restore(self.control);
        let mut stuck = Vec::new();
        for resource in mem::take(&mut self.made).iter().rev() {
            let Some(kind) = resources::find(&resource.kind) else { continue };
            self.progress.former(resource, Status::DeleteInProgress, None);
            let mut undo = Undo::default();
            match self.maker(&mut undo).delete(kind, resource) {
                Ok(()) => self.progress.former(resource, Status::DeleteComplete, None),
                Err(error) => {
                    self.progress.former(resource, Status::DeleteFailed, Some(error.message));
                    stuck.push(resource.logical.clone());
                }
            }
        }
        stuck
    }
}

/// AWS's words.
pub fn failed_to_delete(names: &[String]) -> String {
    format!("The following resource(s) failed to delete: [{}]. ", names.join(", "))
}
