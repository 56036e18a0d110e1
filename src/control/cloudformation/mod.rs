//! CloudFormation: stacks of resources, made of templates.
//!
//! ```text
//! template (sam) ── resources::check ── parameter ── setting ── graph ── plan: what would change
//!                                                                    └── deploy: resource by resource ── events
//! ```
//!
//! A resource type is a row of a table ([`resources`]) that says which operations of the other control planes make,
//! change and delete it; `deploy` performs them as a client would. All that takes time runs on the jobs thread and
//! answers when it is over; what it has come to can be asked meanwhile.

mod change_sets;
mod delete;
mod deploy;
mod describe;
mod dynamic;
pub mod evaluate;
mod events;
pub mod graph;
mod lists;
pub mod local;
mod page;
pub mod parameter;
pub mod plan;
mod prepare;
pub mod resources;
mod rollback;
pub mod sam;
pub mod setting;
pub mod short_tags;
mod stacks;
pub mod syntax;
pub mod template;
mod templates;
pub mod undo;
mod unsupported;

use super::operation::Operation;

pub use unsupported::UNSUPPORTED;

/// What is emulated.
pub const OPERATIONS: &[Operation] = &[
    Operation::slow("CreateChangeSet", "CreateChangeSet", change_sets::create),
    Operation::slow("CreateStack", "CreateStack", stacks::create),
    Operation::quick("DeleteChangeSet", "DeleteChangeSet", change_sets::delete),
    Operation::slow("DeleteStack", "DeleteStack", stacks::delete),
    Operation::quick("DescribeChangeSet", "DescribeChangeSet", change_sets::describe),
    Operation::quick("DescribeStackEvents", "DescribeStackEvents", lists::events),
    Operation::quick("DescribeStackResource", "DescribeStackResource", lists::describe_resource),
    Operation::quick("DescribeStackResources", "DescribeStackResources", lists::describe_resources),
    Operation::quick("DescribeStacks", "DescribeStacks", stacks::describe_all),
    Operation::slow("ExecuteChangeSet", "ExecuteChangeSet", change_sets::execute),
    Operation::quick("GetTemplate", "GetTemplate", templates::get),
    Operation::slow("GetTemplateSummary", "GetTemplateSummary", templates::summary),
    Operation::quick("ListChangeSets", "ListChangeSets", change_sets::list),
    Operation::quick("ListExports", "ListExports", lists::exports),
    Operation::quick("ListImports", "ListImports", lists::imports),
    Operation::quick("ListStackResources", "ListStackResources", lists::resources),
    Operation::quick("ListStacks", "ListStacks", lists::stacks),
    Operation::slow("UpdateStack", "UpdateStack", stacks::update),
    Operation::quick("UpdateTerminationProtection", "UpdateTerminationProtection", stacks::protect),
    Operation::slow("ValidateTemplate", "ValidateTemplate", templates::validate),
];

#[cfg(test)]
mod tests;
