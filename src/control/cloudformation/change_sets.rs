//! Change sets: made, shown, executed, deleted.

use super::plan::{self, Given, Resources};
use super::template::{Template, invalid};
use super::{deploy, describe, events, page, prepare, stacks};
use crate::base::ids;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::form::Form;
use crate::control::wire::xml::Xml;
use crate::control::{Context, Control};
use crate::model::stack::{Action, ChangeSet, Execution, OnFailure, Output, Source, Stack, Status};
use crate::model::{Owner, Store};

/// Why a change set that changes nothing cannot be executed: tools look for these words.
const NO_CHANGES: &str =
    "The submitted information didn't contain changes. Submit different information to create a change set.";

/// Ours: change sets of a stack.
const MAX_CHANGE_SETS: usize = 100;

/// AWS: a page of changes. Ours is a stack's largest.
const PAGE: usize = 1000;

/// CreateChangeSet. What is wrong with a template is said at once, and nothing is made then.
pub fn create(control: &Control, call: &Call) -> Result<Answer, Error> {
    let form = Form::of(call);
    let set_name = change_set_name(&form)?;
    let creates = match form.said("ChangeSetType") {
        Some("CREATE") => true,
        Some("UPDATE") | None => false,
        Some(other) => {
            return Err(invalid(format!("gatelet does not support change sets of the type {other} yet")));
        }
    };
    let there = there(&control.store(), call, &form, creates, &set_name)?.map(Now::of);
    let before = there.as_ref().filter(|_| !creates);
    let (template, source) = prepare::source(control, call, before.map(|stack| &stack.source))?;
    let (id, name) = match &there {
        Some(stack) => (stack.id.clone(), stack.name.clone()),
        None => (String::new(), stacks::name(&form)?),
    };
    let given = Given::new(control, (&call.owner, call.now), (&name, &id), &template, &source);
    let (none, no_outputs) = Default::default();
    let (resources, outputs) =
        before.map_or((&none, &no_outputs), |stack| (&stack.resources, &stack.outputs));
    let plan = plan::plan(&template, &source, &given, resources, outputs)?;
    let changes = creates
        || !plan.changes.is_empty()
        || plan.outputs_differ
        || before.is_some_and(|stack| stack.source.tags != source.tags);

    let mut store = control.store();
    self::there(&store, call, &form, creates, &set_name)?;
    let id = if creates { stacks::enter(&mut store, call, &name)? } else { id };
    let Owner { account, region } = &call.owner;
    let set_id = format!(
        "arn:aws:cloudformation:{region}:{account}:changeSet/{set_name}/{}",
        ids::uuid(&mut store.rng)
    );
    let stamp = stacks::stamp(&mut store, call, &id);
    let stack = store.stacks.get_mut(&id).ok_or_else(|| stacks::does_not_exist(&name))?;
    if creates && stack.events.is_empty() {
        events::set(stack, stamp, Status::ReviewInProgress, Some("User Initiated".into()));
    }
    let set = ChangeSet {
        id: set_id.clone(),
        name: set_name.clone(),
        description: form.said("Description").map(str::to_owned),
        creates,
        source,
        changes: plan.changes,
        failure: (!changes).then(|| NO_CHANGES.into()),
        execution: if changes { Execution::Available } else { Execution::Unavailable },
        on_failure: stacks::on_failure(&form)?,
        created_ms: call.now.unix_ms,
    };
    stack.change_sets.insert(set_name, set);
    let mut xml = Xml::default();
    xml.text("Id", &set_id);
    xml.text("StackId", &id);
    Ok(xml.answer())
}

/// ExecuteChangeSet. The answer comes when the stack is what it was to be, or is not; with custom resources, before.
pub fn execute(control: &Control, call: &Call) -> Result<Answer, Error> {
    let form = Form::of(call);
    let (id, name, set) = {
        let mut store = control.store();
        let (stack, set) = found(&store, call, &form)?;
        let (id, name, set) = (stack.id.clone(), stack.name.clone(), set.clone());
        if set.execution != Execution::Available {
            let status = match set.failure {
                Some(_) => "FAILED",
                None => set.execution.as_str(),
            };
            let message =
                format!("ChangeSet [{}] cannot be executed in its current status of [{status}]", set.id);
            return Err(Error::new(400, "InvalidChangeSetStatus", message));
        }
        begin(&mut store, call, &id, &set, on_failure(&form, &set))?;
        (id, name, set)
    };
    let template = Template::parse(set.source.template.as_deref().unwrap_or_default())?;
    let (owner, now, on_failure) = (call.owner.clone(), call.now, on_failure(&form, &set));
    let ChangeSet { name: set_name, source, creates, .. } = set;
    let stack = id.clone();
    let work = deploy::Work { owner, now, stack, name, template, source, creates, on_failure };
    deploy::start(control, work, move |control, succeeded| {
        if let Some(stack) = control.store().stacks.get_mut(&id)
            && let Some(set) = stack.change_sets.get_mut(&set_name)
        {
            set.execution = if succeeded { Execution::Complete } else { Execution::Failed };
        }
    });
    Ok(Answer::xml(String::new()))
}

/// DescribeChangeSet
pub fn describe(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let form = Form::of(call);
    let (stack, set) = found(store, call, &form)?;
    let (changes, next) = page::take(&form, &set.changes, PAGE)?;
    let mut xml = Xml::default();
    describe::change_set_head(&mut xml, stack, set);
    xml.maybe("Description", set.description.as_deref());
    if !set.source.parameters.is_empty() {
        xml.list("Parameters", &set.source.parameters, describe::parameter);
    }
    xml.texts("NotificationARNs", &set.source.notification_arns);
    xml.element("RollbackConfiguration", |_| ());
    xml.texts("Capabilities", &set.source.capabilities);
    if !set.source.tags.is_empty() {
        xml.list("Tags", &set.source.tags, describe::tag);
    }
    xml.list("Changes", changes, describe::change);
    xml.text("IncludeNestedStacks", false);
    xml.maybe("NextToken", next.as_deref());
    Ok(xml.answer())
}

/// ListChangeSets: those that were not executed.
pub fn list(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let form = Form::of(call);
    let name = stacks::required(&form)?;
    let stack = stacks::find(store, &call.owner, name).ok_or_else(|| no_stack(name))?;
    let open = |set: &&ChangeSet| matches!(set.execution, Execution::Available | Execution::Unavailable);
    let mut xml = Xml::default();
    xml.list("Summaries", stack.change_sets.values().filter(open), |xml, set| {
        describe::change_set_head(xml, stack, set);
        xml.maybe("Description", set.description.as_deref());
        xml.text("IncludeNestedStacks", false);
    });
    Ok(xml.answer())
}

/// DeleteChangeSet. One that isn't there is as good as deleted.
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let form = Form::of(call);
    let (id, name) = match found(store, call, &form) {
        Ok((stack, set)) => (stack.id.clone(), set.name.clone()),
        Err(error) if error.code == "ChangeSetNotFound" => return Ok(Answer::xml(String::new())),
        Err(error) => return Err(error),
    };
    if let Some(stack) = store.stacks.get_mut(&id) {
        if stack.change_sets.get(&name).is_some_and(|set| set.execution == Execution::InProgress) {
            let message = format!("ChangeSet [{name}] cannot be deleted while it is executed");
            return Err(Error::new(400, "InvalidChangeSetStatus", message));
        }
        stack.change_sets.remove(&name);
    }
    Ok(Answer::xml(String::new()))
}

/// The change set that a call names, and its stack.
///
/// # Errors
/// There is none.
pub fn found<'s>(store: &'s Store, call: &Call, form: &Form) -> Result<(&'s Stack, &'s ChangeSet), Error> {
    let name = form.said("ChangeSetName").ok_or_else(|| invalid("ChangeSetName is a required parameter."))?;
    let missing = || Error::new(404, "ChangeSetNotFound", format!("ChangeSet [{name}] does not exist"));
    if name.starts_with("arn:") {
        let mut own = store.stacks.values().filter(|stack| stack.owner == call.owner);
        let set = own.find_map(|stack| Some((stack, stack.change_sets.values().find(|set| set.id == name)?)));
        return set.ok_or_else(missing);
    }
    let stack = form
        .text("StackName")
        .ok_or_else(|| invalid("StackName must be specified if ChangeSetName is not specified as an ARN."))?;
    let stack = stacks::find(store, &call.owner, stack).ok_or_else(|| no_stack(stack))?;
    Ok((stack, stack.change_sets.get(name).ok_or_else(missing)?))
}

/// `Stack [X] does not exist`
pub fn no_stack(name: &str) -> Error {
    invalid(format!("Stack [{name}] does not exist"))
}

fn on_failure(form: &Form, set: &ChangeSet) -> OnFailure {
    if form.flag("DisableRollback") { OnFailure::Nothing } else { set.on_failure }
}

/// Marks a stack as busy with a change set: before anything else, since tools take the newest such event for the
/// beginning of their own operation.
fn begin(
    store: &mut Store,
    call: &Call,
    id: &str,
    set: &ChangeSet,
    on_failure: OnFailure,
) -> Result<(), Error> {
    let stack = store.stacks.get(id).ok_or_else(|| stacks::does_not_exist(id))?;
    if set.creates {
        if stack.status != Status::ReviewInProgress {
            let (id, status) = (&stack.id, stack.status.as_str());
            return Err(invalid(format!("Stack:{id} is in {status} state and can not be updated.")));
        }
    } else {
        prepare::check_update(stack)?;
    }
    let stamp = stacks::stamp(store, call, id);
    let stack = store.stacks.get_mut(id).expect("found just before");
    stack.change_sets.retain(|name, other| *name == set.name || other.execution == Execution::InProgress);
    if let Some(set) = stack.change_sets.get_mut(&set.name) {
        set.execution = Execution::InProgress;
    }
    stack.change_set_id = Some(set.id.clone());
    stack.updated_ms = Some(call.now.unix_ms);
    stack.disable_rollback = on_failure == OnFailure::Nothing;
    if set.creates {
        stack.source = set.source.clone();
    }
    let status = if set.creates { Status::CreateInProgress } else { Status::UpdateInProgress };
    events::set(stack, stamp, status, Some("User Initiated".into()));
    Ok(())
}

/// What a change set compares with: a stack as it is now.
struct Now {
    id: String,
    name: String,
    source: Source,
    resources: Resources,
    outputs: Vec<Output>,
}

impl Now {
    fn of(stack: &Stack) -> Self {
        Self {
            id: stack.id.clone(),
            name: stack.name.clone(),
            source: stack.source.clone(),
            resources: stack.resources.clone(),
            outputs: stack.outputs.clone(),
        }
    }
}

/// The stack that a change set is for, where there is one.
fn there<'s>(
    store: &'s Store,
    call: &Call,
    form: &Form,
    creates: bool,
    set_name: &str,
) -> Result<Option<&'s Stack>, Error> {
    let name = stacks::required(form)?;
    let stack = stacks::find(store, &call.owner, name);
    let known = stack.and_then(|stack| stack.change_sets.get(set_name));
    if let Some(known) = known
        && matches!(known.execution, Execution::Available | Execution::Unavailable | Execution::InProgress)
    {
        let message = format!("ChangeSet {} already exists", known.id);
        return Err(Error::new(400, "AlreadyExistsException", message));
    }
    match stack {
        Some(stack) if creates && stack.status != Status::ReviewInProgress => Err(invalid(format!(
            "Stack [{name}] already exists and cannot be created again with the changeSet [{set_name}]."
        ))),
        Some(stack) if stack.change_sets.len() >= MAX_CHANGE_SETS => {
            let message = format!("Limit for change sets of a stack has been exceeded: {MAX_CHANGE_SETS}");
            Err(Error::new(400, "LimitExceededException", message))
        }
        Some(stack) => {
            if !creates {
                prepare::check_update(stack)?;
            }
            Ok(Some(stack))
        }
        None if creates && !name.starts_with("arn:") => Ok(None),
        None => Err(no_stack(name)),
    }
}

fn change_set_name(form: &Form) -> Result<String, Error> {
    let name = form.said("ChangeSetName").unwrap_or_default();
    let good = name.len() <= 128
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if good {
        return Ok(name.to_owned());
    }
    Err(invalid(format!(
        "1 validation error detected: Value '{name}' at 'changeSetName' failed to satisfy constraint: Member must \
         satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
    )))
}

/// How `Action` and `Replacement` are written.
pub fn action(action: Action) -> (&'static str, Option<&'static str>) {
    match action {
        Action::Add => ("Add", None),
        Action::Modify => ("Modify", Some("False")),
        Action::Replace => ("Modify", Some("True")),
        Action::Remove => ("Remove", None),
    }
}
