//! Stacks: made, changed, deleted, protected. How they are shown: [`super::describe`].

use std::collections::BTreeMap;

use super::plan::{self, Given};
use super::template::invalid;
use super::{delete, deploy, describe, events, prepare};
use crate::base::ids;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::form::Form;
use crate::control::wire::xml::Xml;
use crate::control::{Context, Control};
use crate::model::stack::{Execution, OnFailure, Source, Stack, Status};
use crate::model::{Owner, Store};

/// AWS: 2,000 stacks of an account in a region.
const MAX_STACKS: usize = 2000;

/// CreateStack. The answer comes when the stack is made, or is not; with custom resources, before.
pub fn create(control: &Control, call: &Call) -> Result<Answer, Error> {
    let form = Form::of(call);
    let name = name(&form)?;
    check_new(&control.store(), call, &name)?;
    let (template, source) = prepare::source(control, call, None)?;
    let on_failure = on_failure(&form)?;
    let given = Given::new(control, (&call.owner, call.now), (&name, ""), &template, &source);
    plan::plan(&template, &source, &given, &BTreeMap::new(), &[])?;
    let id = {
        let mut store = control.store();
        check_new(&store, call, &name)?;
        let id = enter(&mut store, call, &name)?;
        let stamp = stamp(&mut store, call, &id);
        let stack = store.stacks.get_mut(&id).expect("it was entered just now");
        stack.source = source.clone();
        stack.termination_protection = form.flag("EnableTerminationProtection");
        stack.disable_rollback = on_failure == OnFailure::Nothing;
        for set in stack.change_sets.values_mut() {
            set.execution = Execution::Obsolete;
        }
        events::set(stack, stamp, Status::CreateInProgress, Some("User Initiated".into()));
        id
    };
    let answer = id_answer(&id);
    let (owner, now) = (call.owner.clone(), call.now);
    let work = deploy::Work { owner, now, stack: id, name, template, source, creates: true, on_failure };
    deploy::start(control, work, |_, _| ());
    Ok(answer)
}

/// UpdateStack. The answer comes when the stack is changed, or is not; with custom resources, before.
pub fn update(control: &Control, call: &Call) -> Result<Answer, Error> {
    let form = Form::of(call);
    let (id, name, before, resources, outputs) = {
        let store = control.store();
        let stack = described(&store, call)?;
        prepare::check_update(stack)?;
        (
            stack.id.clone(),
            stack.name.clone(),
            stack.source.clone(),
            stack.resources.clone(),
            stack.outputs.clone(),
        )
    };
    let (template, source) = prepare::source(control, call, Some(&before))?;
    let given = Given::new(control, (&call.owner, call.now), (&name, &id), &template, &source);
    let plan = plan::plan(&template, &source, &given, &resources, &outputs)?;
    if plan.changes.is_empty() && !plan.outputs_differ && source.tags == before.tags {
        return Err(invalid("No updates are to be performed."));
    }
    let on_failure = if form.flag("DisableRollback") { OnFailure::Nothing } else { OnFailure::Rollback };
    begin_update(control, call, &id, on_failure)?;
    let answer = id_answer(&id);
    let (owner, now) = (call.owner.clone(), call.now);
    let work = deploy::Work { owner, now, stack: id, name, template, source, creates: false, on_failure };
    deploy::start(control, work, |_, _| ());
    Ok(answer)
}

/// DeleteStack. One that isn't there is as good as deleted.
pub fn delete(control: &Control, call: &Call) -> Result<Answer, Error> {
    let form = Form::of(call);
    let id = {
        let mut store = control.store();
        let Some(stack) = find(&store, &call.owner, required(&form)?).filter(|stack| stack.exists()) else {
            return Ok(Answer::xml(String::new()));
        };
        if stack.status.is_busy() && stack.status != Status::DeleteInProgress {
            let (id, status) = (&stack.id, stack.status.as_str());
            return Err(invalid(format!("Stack [{id}] cannot be deleted while in status {status}")));
        }
        if stack.termination_protection {
            return Err(invalid(format!(
                "Stack [{}] cannot be deleted while TerminationProtection is enabled",
                stack.name
            )));
        }
        if stack.status == Status::DeleteInProgress {
            return Ok(Answer::xml(String::new()));
        }
        let id = stack.id.clone();
        let exports: Vec<&String> =
            stack.outputs.iter().filter_map(|output| output.export.as_ref()).collect();
        let mut others = store
            .stacks
            .values()
            .filter(|other| other.owner == call.owner && other.exists() && other.id != id);
        let used = others.find_map(|other| {
            let name = exports.iter().find(|name| other.imports.contains(**name))?;
            Some(format!("Cannot delete export {name} as it is in use by {}.", other.name))
        });
        let at = stamp(&mut store, call, &id);
        let and_then = stamp(&mut store, call, &id);
        let stack = store.stacks.get_mut(&id).expect("found just before");
        events::set(stack, at, Status::DeleteInProgress, Some("User Initiated".into()));
        if let Some(why) = used {
            let then = events::Stamp { at_ms: and_then.at_ms + 1, ..and_then };
            events::set(stack, then, Status::DeleteFailed, Some(format!("Delete canceled. {why}")));
            return Ok(Answer::xml(String::new()));
        }
        id
    };
    delete::start(control, call.owner.clone(), call.now, id, form.list("RetainResources"));
    Ok(Answer::xml(String::new()))
}

/// UpdateTerminationProtection
pub fn protect(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let id = described(store, call)?.id.clone();
    let stack = store.stacks.get_mut(&id).expect("found just before");
    stack.termination_protection = Form::of(call).flag("EnableTerminationProtection");
    Ok(id_answer(&id))
}

/// What is to become of a stack that cannot be made.
///
/// # Errors
/// It says what isn't known.
pub fn on_failure(form: &Form) -> Result<OnFailure, Error> {
    let said = form.said("OnFailure").or_else(|| form.said("OnStackFailure"));
    match said {
        None if form.flag("DisableRollback") => Ok(OnFailure::Nothing),
        None | Some("ROLLBACK") => Ok(OnFailure::Rollback),
        Some("DELETE") => Ok(OnFailure::Delete),
        Some("DO_NOTHING") => Ok(OnFailure::Nothing),
        Some(_) => Err(invalid("OnFailure must be one of [DO_NOTHING, ROLLBACK, DELETE]")),
    }
}

/// Marks a stack as busy with an update.
///
/// # Errors
/// It may not be updated.
pub fn begin_update(control: &Control, call: &Call, id: &str, on_failure: OnFailure) -> Result<(), Error> {
    let mut store = control.store();
    let stack = store.stacks.get(id).ok_or_else(|| does_not_exist(id))?;
    prepare::check_update(stack)?;
    let stamp = stamp(&mut store, call, id);
    let stack = store.stacks.get_mut(id).expect("found just before");
    stack.updated_ms = Some(call.now.unix_ms);
    stack.disable_rollback = on_failure == OnFailure::Nothing;
    events::set(stack, stamp, Status::UpdateInProgress, Some("User Initiated".into()));
    Ok(())
}

/// The stack of this name or id: one that was deleted only by its id.
pub fn find<'s>(store: &'s Store, owner: &Owner, name: &str) -> Option<&'s Stack> {
    if name.starts_with("arn:") {
        return store.stacks.get(name).filter(|stack| stack.owner == *owner);
    }
    let prefix = format!("arn:aws:cloudformation:{}:{}:stack/{name}/", owner.region, owner.account);
    let same_name = store.stacks.range(prefix.clone()..).take_while(|(id, _)| id.starts_with(&prefix));
    same_name.map(|(_, stack)| stack).find(|stack| stack.exists())
}

/// The stack that a call names.
///
/// # Errors
/// There is none: `Stack with id X does not exist`, which tools look for.
pub fn described<'s>(store: &'s Store, call: &Call) -> Result<&'s Stack, Error> {
    let name = required(&Form::of(call))?.to_owned();
    find(store, &call.owner, &name).ok_or_else(|| does_not_exist(&name))
}

/// `Stack with id X does not exist`
pub fn does_not_exist(name: &str) -> Error {
    invalid(format!("Stack with id {name} does not exist"))
}

/// `StackName`
///
/// # Errors
/// It is missing.
pub fn required<'c>(form: &Form<'c>) -> Result<&'c str, Error> {
    form.said("StackName").ok_or_else(|| {
        invalid("1 validation error detected: Value null at 'stackName' failed to satisfy constraint: Member must not be null")
    })
}

/// `StackName` of a stack that is to be made.
///
/// # Errors
/// It is missing, or is no name.
pub fn name(form: &Form) -> Result<String, Error> {
    let name = required(form)?;
    let good = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let rule = match () {
        () if !good => {
            "Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"
        }
        () if name.len() > 128 => "Member must have length less than or equal to 128",
        () => return Ok(name.to_owned()),
    };
    Err(invalid(format!(
        "1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: {rule}"
    )))
}

/// The id of the stack of this name; one that is in review, or a new one with nothing in it.
///
/// # Errors
/// There are too many.
pub fn enter(store: &mut Store, call: &Call, name: &str) -> Result<String, Error> {
    if let Some(stack) = find(store, &call.owner, name) {
        return Ok(stack.id.clone());
    }
    let own = store.stacks.values().filter(|stack| stack.owner == call.owner && stack.exists()).count();
    if own >= MAX_STACKS {
        let message = format!("Limit for stack has been exceeded: {MAX_STACKS}");
        return Err(Error::new(400, "LimitExceededException", message));
    }
    let Owner { account, region } = &call.owner;
    let id = format!("arn:aws:cloudformation:{region}:{account}:stack/{name}/{}", ids::uuid(&mut store.rng));
    let stack = Stack {
        id: id.clone(),
        name: name.to_owned(),
        owner: call.owner.clone(),
        status: Status::ReviewInProgress,
        reason: None,
        created_ms: call.now.unix_ms,
        updated_ms: None,
        deleted_ms: None,
        source: Source::default(),
        outputs: Vec::new(),
        resources: BTreeMap::new(),
        imports: Default::default(),
        events: Default::default(),
        change_sets: BTreeMap::new(),
        change_set_id: None,
        termination_protection: false,
        disable_rollback: false,
        secrets: Default::default(),
    };
    store.stacks.insert(id.clone(), stack);
    Ok(id)
}

/// What the next event of a stack is told apart by.
pub fn stamp(store: &mut Store, call: &Call, id: &str) -> events::Stamp {
    let uuid = ids::uuid(&mut store.rng);
    let last = store.stacks.get(id).and_then(|stack| stack.events.back()).map_or(0, |last| last.at_ms + 1);
    events::Stamp { uuid, at_ms: call.now.unix_ms.max(last) }
}

/// An answer with a stack's id.
pub fn id_answer(id: &str) -> Answer {
    let mut xml = Xml::default();
    xml.text("StackId", id);
    xml.answer()
}

fn check_new(store: &Store, call: &Call, name: &str) -> Result<(), Error> {
    match find(store, &call.owner, name) {
        Some(stack) if stack.status != Status::ReviewInProgress => {
            Err(Error::new(400, "AlreadyExistsException", format!("Stack [{name}] already exists")))
        }
        Some(_) | None => Ok(()),
    }
}

/// DescribeStacks
pub fn describe_all(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let stacks: Vec<&Stack> = match Form::of(call).said("StackName") {
        Some(_) => vec![described(store, call)?],
        None => store.stacks.values().filter(|stack| stack.owner == call.owner && stack.exists()).collect(),
    };
    let mut xml = Xml::default();
    xml.list("Stacks", stacks, describe::stack);
    Ok(xml.answer())
}
