//! A CloudFormation stack: what its template said, what was made of it, and what happened.
//! Fields and states: the CloudFormation API reference.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::Owner;

/// A stack with all that it owns.
#[derive(Clone, Debug, PartialEq)]
pub struct Stack {
    /// `StackId`: `arn:aws:cloudformation:{region}:{account}:stack/{name}/{uuid}`
    pub id: String,
    /// `StackName`
    pub name: String,
    /// Whose it is.
    pub owner: Owner,
    /// `StackStatus`
    pub status: Status,
    /// `StackStatusReason`
    pub reason: Option<String>,
    /// Milliseconds since 1970.
    pub created_ms: u64,
    /// Of the last update, or of the execution of the first change set.
    pub updated_ms: Option<u64>,
    /// Of the deletion.
    pub deleted_ms: Option<u64>,
    /// What it was made of; without a template while it is in review.
    pub source: Source,
    /// `Outputs`
    pub outputs: Vec<Output>,
    /// By logical id.
    pub resources: BTreeMap<String, Arc<Resource>>,
    /// Exports of other stacks that it uses.
    pub imports: BTreeSet<String>,
    /// Oldest first.
    pub events: VecDeque<Event>,
    /// By name.
    pub change_sets: BTreeMap<String, ChangeSet>,
    /// `ChangeSetId`: the change set that was executed last.
    pub change_set_id: Option<String>,
    /// `EnableTerminationProtection`
    pub termination_protection: bool,
    /// `DisableRollback`
    pub disable_rollback: bool,
    /// What custom resources said with `NoEcho`: no event shows it.
    pub secrets: BTreeSet<String>,
}

/// What a stack is made of: what CreateStack, UpdateStack or CreateChangeSet said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Source {
    /// The template as it was sent.
    pub template: Option<Arc<str>>,
    /// The template's `Description`.
    pub description: Option<String>,
    /// In order of the template.
    pub parameters: Vec<Parameter>,
    /// `Tags`
    pub tags: BTreeMap<String, String>,
    /// `Capabilities`: not asked for, but shown.
    pub capabilities: Vec<String>,
    /// `NotificationARNs`: shown only.
    pub notification_arns: Vec<String>,
    /// `RoleARN`: shown only.
    pub role_arn: Option<String>,
}

/// The value of a template's parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// `ParameterKey`
    pub key: String,
    /// `ParameterValue`
    pub value: String,
    /// `ResolvedValue`: of a parameter that names one of SSM.
    pub resolved: Option<String>,
    /// `NoEcho`: never shown.
    pub secret: bool,
}

/// An output.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// `OutputKey`
    pub key: String,
    /// `OutputValue`
    pub value: String,
    /// `Description`
    pub description: Option<String>,
    /// `ExportName`
    pub export: Option<String>,
}

/// A resource that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// `LogicalResourceId`
    pub logical: String,
    /// `ResourceType`
    pub kind: String,
    /// `PhysicalResourceId`: what `Ref` gives too.
    pub physical: String,
    /// `Properties`, evaluated.
    pub properties: Map<String, Value>,
    /// What `Fn::GetAtt` gives.
    pub attributes: BTreeMap<String, Value>,
    /// Logical ids of the resources that must be there as long as it is.
    pub depends: BTreeSet<String>,
    /// `Metadata` as the template has it.
    pub metadata: Option<Value>,
    /// `DeletionPolicy`: whether it stays when it is no longer in the stack.
    pub retained: bool,
    /// `UpdateReplacePolicy`: whether it stays when another takes its place.
    pub retained_when_replaced: bool,
    /// `ResourceStatus`
    pub status: Status,
    /// `ResourceStatusReason`
    pub reason: Option<String>,
    /// Milliseconds since 1970.
    pub updated_ms: u64,
}

/// An event of a stack.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// `EventId`
    pub id: String,
    /// Of the resource; the stack's name for the stack itself.
    pub logical: String,
    /// Of the resource; the stack's id for the stack itself.
    pub physical: String,
    /// `ResourceType`
    pub kind: String,
    /// `ResourceStatus`
    pub status: Status,
    /// `ResourceStatusReason`
    pub reason: Option<String>,
    /// `ResourceProperties`: JSON.
    pub properties: Option<String>,
    /// Milliseconds since 1970: no two events of a stack have the same.
    pub at_ms: u64,
}

/// A change set: what would change, and what to execute.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeSet {
    /// `ChangeSetId`: `arn:aws:cloudformation:{region}:{account}:changeSet/{name}/{uuid}`
    pub id: String,
    /// `ChangeSetName`
    pub name: String,
    /// `Description`
    pub description: Option<String>,
    /// Whether it makes the stack.
    pub creates: bool,
    /// What the stack would be made of.
    pub source: Source,
    /// What would change.
    pub changes: Vec<Change>,
    /// `StatusReason`: why it cannot be executed. `Status` is `FAILED` then, else `CREATE_COMPLETE`.
    pub failure: Option<String>,
    /// `ExecutionStatus`
    pub execution: Execution,
    /// What becomes of a stack that cannot be made.
    pub on_failure: OnFailure,
    /// Milliseconds since 1970.
    pub created_ms: u64,
}

/// What would happen to a resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What.
    pub action: Action,
    /// `LogicalResourceId`
    pub logical: String,
    /// `PhysicalResourceId` of what there is.
    pub physical: Option<String>,
    /// `ResourceType`
    pub kind: String,
    /// The properties that differ.
    pub properties: Vec<Difference>,
    /// Whether `Metadata`, `DeletionPolicy` or `UpdateReplacePolicy` differ.
    pub attributes_differ: bool,
}

/// A property that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Its name.
    pub property: String,
    /// Whether it can only change with a new resource.
    pub replaces: bool,
}

/// `Action`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It would be made.
    Add,
    /// It would change.
    Modify,
    /// Another would take its place.
    Replace,
    /// It would go.
    Remove,
}

/// `ExecutionStatus`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Execution {
    /// It failed, and can't be executed.
    Unavailable,
    /// It can be executed.
    Available,
    /// It is being executed.
    InProgress,
    /// It was executed.
    Complete,
    /// It was executed, and what it wanted did not work.
    Failed,
    /// The stack has changed since.
    Obsolete,
}

impl Execution {
    /// As the wire spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unavailable => "UNAVAILABLE",
            Self::Available => "AVAILABLE",
            Self::InProgress => "EXECUTE_IN_PROGRESS",
            Self::Complete => "EXECUTE_COMPLETE",
            Self::Failed => "EXECUTE_FAILED",
            Self::Obsolete => "OBSOLETE",
        }
    }
}

/// What becomes of a stack that cannot be made or changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// Everything goes back to what was before.
    #[default]
    Rollback,
    /// A new stack goes altogether.
    Delete,
    /// What was made stays.
    Nothing,
}

/// The status of a stack, or of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// There is no more than a change set.
    ReviewInProgress,
    /// It is being made.
    CreateInProgress,
    /// It was made.
    CreateComplete,
    /// It could not be made.
    CreateFailed,
    /// What was made goes.
    RollbackInProgress,
    /// Nothing is left of it.
    RollbackComplete,
    /// Some of it could not be deleted.
    RollbackFailed,
    /// It is being changed.
    UpdateInProgress,
    /// It was changed; what it does not need any more goes.
    UpdateCleanup,
    /// It was changed.
    UpdateComplete,
    /// It could not be changed.
    UpdateFailed,
    /// It goes back to what it was.
    UpdateRollbackInProgress,
    /// It is what it was; what was made meanwhile goes.
    UpdateRollbackCleanup,
    /// It is what it was.
    UpdateRollbackComplete,
    /// It could not go back.
    UpdateRollbackFailed,
    /// It is being deleted.
    DeleteInProgress,
    /// It was deleted.
    DeleteComplete,
    /// It could not be deleted.
    DeleteFailed,
    /// It left its stack, but stays.
    DeleteSkipped,
}

impl Status {
    /// As the wire spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReviewInProgress => "REVIEW_IN_PROGRESS",
            Self::CreateInProgress => "CREATE_IN_PROGRESS",
            Self::CreateComplete => "CREATE_COMPLETE",
            Self::CreateFailed => "CREATE_FAILED",
            Self::RollbackInProgress => "ROLLBACK_IN_PROGRESS",
            Self::RollbackComplete => "ROLLBACK_COMPLETE",
            Self::RollbackFailed => "ROLLBACK_FAILED",
            Self::UpdateInProgress => "UPDATE_IN_PROGRESS",
            Self::UpdateCleanup => "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
            Self::UpdateComplete => "UPDATE_COMPLETE",
            Self::UpdateFailed => "UPDATE_FAILED",
            Self::UpdateRollbackInProgress => "UPDATE_ROLLBACK_IN_PROGRESS",
            Self::UpdateRollbackCleanup => "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
            Self::UpdateRollbackComplete => "UPDATE_ROLLBACK_COMPLETE",
            Self::UpdateRollbackFailed => "UPDATE_ROLLBACK_FAILED",
            Self::DeleteInProgress => "DELETE_IN_PROGRESS",
            Self::DeleteComplete => "DELETE_COMPLETE",
            Self::DeleteFailed => "DELETE_FAILED",
            Self::DeleteSkipped => "DELETE_SKIPPED",
        }
    }

    /// Whether something is being done to the stack.
    pub fn is_busy(self) -> bool {
        self != Self::ReviewInProgress && self.as_str().ends_with("_IN_PROGRESS")
    }

    /// Whether a stack can be updated from here.
    pub fn can_update(self) -> bool {
        matches!(
            self,
            Self::CreateComplete | Self::UpdateComplete | Self::UpdateRollbackComplete | Self::UpdateFailed
        ) || self == Self::CreateFailed
    }
}

impl Stack {
    /// Whether it is there, and not only remembered.
    pub fn exists(&self) -> bool {
        self.status != Status::DeleteComplete
    }
}
