//! Makes a stack what its template says: resource by resource, in the order of what they need, each under the store's
//! lock for as long as its own operation takes. What fails is undone.
//!
//! ```text
//! evaluate ── make or change ── record, event ──┐ next resource          ┌─ failed: rollback
//!      └───────────────────────────────────────<┘── outputs ── cleanup ──┘
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::evaluate::Evaluator;
use super::events::Progress;
use super::graph::{self, Needs};
use super::plan::{self, Given, Resources, Seen};
use super::resources::run::{self, Maker};
use super::resources::{self, Type};
use super::setting::Setting;
use super::template::{Declared, Template, invalid};
use super::undo::Undo;
use crate::base::Now;
use crate::base::map::{map_of, set_of};
use crate::control::answer::Error;
use crate::control::{Control, guarded};
use crate::model::Owner;
use crate::model::stack::{Action, OnFailure, Output, Resource, Source, Status};

/// What is to be done to a stack, which is already marked as busy with it.
pub struct Work {
    /// Whose stack it is.
    pub owner: Owner,
    /// When it was asked for.
    pub now: Now,
    /// The stack's id.
    pub stack: String,
    /// The stack's name.
    pub name: String,
    /// What it is to be.
    pub template: Template,
    /// Of what.
    pub source: Source,
    /// Whether it is made, rather than changed.
    pub creates: bool,
    /// What becomes of it when something fails.
    pub on_failure: OnFailure,
}

/// Does it, and `then` with whether the stack is what it was to be. Where functions are to be waited for, that goes on
/// after this returns.
pub fn start(control: &Control, work: Work, then: impl FnOnce(&Control, bool) + Send + 'static) {
    let declared = work.template.resources.values().map(|declared| declared.kind.as_str());
    let waits = declared.chain(kinds(&there(control, &work.stack))).any(resources::is_asked);
    let all = move |control: &Control| {
        let succeeded = run(control, &work);
        then(control, succeeded);
    };
    if waits { control.functions.later(control, Box::new(all)) } else { all(control) }
}

/// What a stack has.
pub fn there(control: &Control, stack: &str) -> Resources {
    control.store().stacks.get(stack).map(|stack| stack.resources.clone()).unwrap_or_default()
}

/// The types of resources.
pub fn kinds(resources: &Resources) -> impl Iterator<Item = &str> {
    resources.values().map(|resource| resource.kind.as_str())
}

fn run(control: &Control, work: &Work) -> bool {
    let before = match control.store().stacks.get(&work.stack) {
        Some(stack) => stack.resources.clone(),
        None => return false,
    };
    let progress = Progress { control, stack: &work.stack, now: work.now };
    let whose = (&work.owner, work.now);
    let given = Given::new(control, whose, (&work.name, &work.stack), &work.template, &work.source);
    let mut deployment = Deployment {
        control,
        work,
        progress,
        given: &given,
        resources: before.clone(),
        before,
        undo: Undo::default(),
        made: Vec::new(),
        changed: Vec::new(),
        replaced: Vec::new(),
        imports: BTreeSet::new(),
    };
    // A mistake of ours must not leave a stack busy for ever.
    let outcome = guarded(|| Ok(deployment.advance()));
    match outcome.unwrap_or_else(|error| Err(Failure { logical: None, creating: false, error })) {
        Ok(outputs) => {
            deployment.finish(outputs);
            true
        }
        Err(failure) => {
            deployment.fail(failure);
            false
        }
    }
}

/// Why a deployment goes no further.
pub struct Failure {
    /// The resource that failed; `None`: something of the whole.
    pub logical: Option<String>,
    /// Whether it was to be made, rather than changed.
    pub creating: bool,
    /// Why it failed.
    pub error: Error,
}

/// A deployment under way.
pub struct Deployment<'a> {
    /// The control planes.
    pub control: &'a Control,
    /// What is to be done.
    pub work: &'a Work,
    /// Where it says how far it is.
    pub progress: Progress<'a>,
    given: &'a Given<'a>,
    /// What there was when it began.
    pub before: Resources,
    /// What there is now.
    pub resources: Resources,
    /// How it can be undone.
    pub undo: Undo,
    /// What was made, in order.
    pub made: Vec<Arc<Resource>>,
    /// What was changed in place, in order, as it was before.
    pub changed: Vec<Arc<Resource>>,
    /// In whose place another was made.
    replaced: Vec<Arc<Resource>>,
    imports: BTreeSet<String>,
}

impl Deployment<'_> {
    /// Makes and changes everything; the outputs of what came of it.
    fn advance(&mut self) -> Result<Vec<Output>, Failure> {
        let whole = |error| Failure { logical: None, creating: false, error };
        let given = self.given;
        let setting = Setting::new(&self.work.template, &given.parameters, &given.pseudo).map_err(whole)?;
        let needs = graph::needs(&setting).map_err(whole)?;
        for logical in graph::order(&needs).map_err(whole)? {
            if !self.progress.change(|_, _| ()) {
                return Err(whole(invalid("The stack is gone.")));
            }
            self.resource(&setting, &needs, &logical)?;
        }
        let seen = Seen { resources: &self.resources, fresh: &BTreeSet::new(), exports: &given.exports };
        let (outputs, imports) = plan::outputs(&setting, &seen).map_err(whole)?;
        self.imports.extend(imports);
        let taken = outputs
            .iter()
            .find_map(|output| output.export.as_ref().filter(|name| given.exports.contains_key(*name)));
        if let Some(name) = taken {
            let message = format!("Export with name {name} is already exported by another stack");
            return Err(whole(invalid(message)));
        }
        // What is no part of the template goes only when all else succeeded.
        self.resources.retain(|logical, _| needs.contains_key(logical));
        Ok(outputs)
    }

    fn resource(&mut self, setting: &Setting, needs: &Needs, logical: &str) -> Result<(), Failure> {
        let declared = &self.work.template.resources[logical];
        let before = self.resources.get(logical).cloned();
        let mut failed =
            Failure { logical: Some(logical.to_owned()), creating: before.is_none(), error: invalid("") };
        let seen = Seen { resources: &self.resources, fresh: &BTreeSet::new(), exports: &self.given.exports };
        let mut evaluator = Evaluator::new(setting, &seen);
        let evaluated = plan::properties(&mut evaluator, declared, &self.work.source, &self.given.fetch)
            .and_then(|properties| {
                Ok((plan::change(logical, declared, before.as_ref(), &properties)?, properties))
            });
        let imports = evaluator.imports;
        self.imports.extend(imports);
        let (change, properties) = match evaluated {
            Ok((Some(change), properties)) => (change, properties),
            Ok((None, _)) => return Ok(()),
            Err(error) => {
                self.record_failure(logical, declared, before.as_deref(), Map::new(), &error);
                failed.error = error;
                return Err(failed);
            }
        };
        failed.creating = change.action == Action::Add;
        let kind = resources::find(&declared.kind).expect("a template with unknown types is refused");
        let mut resource = Resource {
            logical: logical.to_owned(),
            kind: declared.kind.clone(),
            physical: before.as_ref().map(|before| before.physical.clone()).unwrap_or_default(),
            properties,
            attributes: before.as_ref().map(|before| before.attributes.clone()).unwrap_or_default(),
            depends: needs[logical].clone(),
            metadata: declared.metadata.clone(),
            retained: declared.retained,
            retained_when_replaced: declared.retained_when_replaced,
            status: if failed.creating { Status::CreateInProgress } else { Status::UpdateInProgress },
            reason: None,
            updated_ms: self.work.now.unix_ms,
        };
        self.progress.resource(&resource);
        match self.carry_out(kind, change.action, before.as_deref(), &resource) {
            Ok(made) => {
                if !made.secrets.is_empty() {
                    self.progress.change(|stack, _| stack.secrets.extend(made.secrets));
                }
                let renamed = before.as_ref().is_some_and(|before| before.physical != made.physical);
                resource.physical = made.physical;
                resource.attributes = made.attributes;
                resource.status =
                    if failed.creating { Status::CreateComplete } else { Status::UpdateComplete };
                self.progress.resource(&resource);
                let resource = Arc::new(resource);
                match (change.action, before) {
                    (Action::Replace, Some(before)) => {
                        self.replaced.push(before);
                        self.made.push(Arc::clone(&resource));
                    }
                    (Action::Modify, Some(before)) => {
                        // A custom resource under another id is another one, and the old one goes like any other.
                        if renamed {
                            self.replaced.push(Arc::clone(&before));
                        }
                        self.changed.push(before);
                    }
                    (_, _) => self.made.push(Arc::clone(&resource)),
                }
                self.resources.insert(logical.to_owned(), resource);
                Ok(())
            }
            Err(error) => {
                let properties = std::mem::take(&mut resource.properties);
                self.record_failure(logical, declared, before.as_deref(), properties, &error);
                failed.error = error;
                Err(failed)
            }
        }
    }

    /// Whoever works for the stack, and keeps nothing but in `undo`.
    pub fn maker<'u>(&'u self, undo: &'u mut Undo) -> Maker<'u> {
        let Work { owner, stack, now, .. } = self.work;
        Maker { control: self.control, owner, stack, now: *now, undo }
    }

    fn carry_out(
        &mut self,
        kind: &Type,
        action: Action,
        before: Option<&Resource>,
        resource: &Resource,
    ) -> Result<run::Made, Error> {
        let work = self.work;
        if let (Action::Replace, Some(naming), Some(before)) = (action, kind.naming, before)
            && let Some(name) = resource.properties.get(naming.property)
            && before.properties.get(naming.property) == Some(name)
            && kind.calls.is_some()
            && naming.property != "LayerName"
        {
            return Err(invalid(format!(
                "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename {} and \
                 update the stack again.",
                super::template::text_of(name)
            )));
        }
        let (control, undo) = (self.control, &mut self.undo);
        let mut maker = Maker { control, owner: &work.owner, stack: &work.stack, now: work.now, undo };
        match (action, before) {
            (Action::Modify, Some(before)) if before.properties == resource.properties => {
                let (physical, attributes) = (before.physical.clone(), before.attributes.clone());
                Ok(run::Made { physical, attributes, secrets: BTreeSet::new() })
            }
            (Action::Modify, Some(before)) => maker.update(kind, before, resource),
            (_, _) => {
                let name = run::name(control, kind.naming, &work.name, &resource.logical);
                maker.create(kind, resource, &name)
            }
        }
    }

    fn record_failure(
        &self,
        logical: &str,
        declared: &Declared,
        before: Option<&Resource>,
        properties: Map<String, Value>,
        error: &Error,
    ) {
        let status = if before.is_none() { Status::CreateFailed } else { Status::UpdateFailed };
        self.progress.resource(&Resource {
            logical: logical.to_owned(),
            kind: declared.kind.clone(),
            physical: before.map(|before| before.physical.clone()).unwrap_or_default(),
            properties,
            attributes: BTreeMap::new(),
            depends: BTreeSet::new(),
            metadata: declared.metadata.clone(),
            retained: declared.retained,
            retained_when_replaced: declared.retained_when_replaced,
            status,
            reason: Some(error.message.clone()),
            updated_ms: self.work.now.unix_ms,
        });
    }

    /// All was made: what is not needed any more goes.
    fn finish(mut self, outputs: Vec<Output>) {
        let gone: Vec<Arc<Resource>> = self
            .before
            .values()
            .filter(|resource| !self.resources.contains_key(&resource.logical))
            .cloned()
            .collect();
        if !self.work.creates {
            self.progress.stack(Status::UpdateCleanup, None);
            let mut former: Resources =
                map_of(gone.iter().map(|resource| (resource.logical.clone(), Arc::clone(resource))));
            former.extend(
                self.replaced.iter().map(|resource| (resource.logical.clone(), Arc::clone(resource))),
            );
            for logical in deletion_order(&former) {
                let replaced = self.resources.contains_key(&logical);
                self.clean(&former[&logical], replaced);
            }
        }
        let (resources, imports) = (std::mem::take(&mut self.resources), std::mem::take(&mut self.imports));
        let (work, status) =
            (self.work, if self.work.creates { Status::CreateComplete } else { Status::UpdateComplete });
        self.progress.change(|stack, stamp| {
            stack.resources = resources;
            stack.imports = imports;
            stack.outputs = outputs;
            stack.source = work.source.clone();
            super::events::set(stack, stamp, status, None);
        });
    }

    /// Deletes what left the stack, unless it is to stay, or is what a resource of the stack is too.
    fn clean(&self, resource: &Resource, replaced: bool) {
        let retained = if replaced { resource.retained_when_replaced } else { resource.retained };
        if retained {
            return self.progress.former(resource, Status::DeleteSkipped, None);
        }
        self.progress.former(resource, Status::DeleteInProgress, None);
        let Some(kind) = resources::find(&resource.kind) else { return };
        let mut undo = Undo::default();
        let mut maker = self.maker(&mut undo);
        let address = maker.address(kind, resource);
        let still =
            |other: &&Arc<Resource>| other.kind == resource.kind && other.physical == resource.physical;
        let shared = self.resources.values().filter(still).any(|other| maker.address(kind, other) == address);
        match if shared { Ok(()) } else { maker.delete(kind, resource) } {
            Ok(()) => self.progress.former(resource, Status::DeleteComplete, None),
            Err(error) => self.progress.former(resource, Status::DeleteFailed, Some(error.message)),
        }
    }
}

/// Resources in an order in which each goes before all that it needs.
pub fn deletion_order(resources: &Resources) -> Vec<String> {
    let there = |needed: &&String| resources.contains_key(*needed);
    let needs = resources
        .iter()
        .map(|(logical, resource)| (logical.clone(), set_of(resource.depends.iter().filter(there).cloned())));
    let needs: Needs = map_of(needs);
    // They were made in some order, so there is one; those of several templates may be at odds.
    let mut order = graph::order(&needs).unwrap_or_else(|_| resources.keys().cloned().collect());
    order.reverse();
    order
}
