//! EventBridge: rules and their targets, kept and returned as they were given. **No rule ever fires**: there is no bus,
//! and no schedule runs. What would send events is not supported.

mod rule;
mod target;
mod unsupported;

use super::answer::{Answer, Error};
use super::call::Call;
use super::constraints::Constraints;
use super::input::Input;
use super::operation::Operation;
use super::page::Page;
use crate::model::Owner;

use serde_json::Value;

pub use unsupported::UNSUPPORTED;

/// What is emulated.
pub const OPERATIONS: &[Operation] = &[
    Operation::action("DeleteRule", rule::delete),
    Operation::action("DescribeRule", rule::describe),
    Operation::action("DisableRule", rule::disable),
    Operation::action("EnableRule", rule::enable),
    Operation::action("ListRules", rule::list),
    Operation::action("ListTargetsByRule", target::list),
    Operation::action("PutRule", rule::put),
    Operation::action("PutTargets", target::put),
    Operation::action("RemoveTargets", target::remove),
];

/// AWS: of a page.
const PAGE: i64 = 100;

/// The bus of those who name none.
const DEFAULT_BUS: &str = "default";

/// Where a rule is kept: its owner, bus and name.
type Place = (Owner, String, String);

/// The rule that a call names by `member` and `EventBusName`.
fn place(call: &Call, input: &Input, member: &str, at: &str) -> Result<Place, Error> {
    let name = input.text(member)?;
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b));
    let mut constraints = Constraints::default();
    constraints.required(name.as_ref(), at);
    constraints.length(name.as_deref(), at, 1, 64);
    constraints.pattern(name.as_deref(), at, plain, r"[\.\-_A-Za-z0-9]+");
    constraints.end()?;
    Ok((call.owner.clone(), bus(input)?, name.expect("else the check above had failed")))
}

/// `EventBusName`: a name, or the ARN of it.
fn bus(input: &Input) -> Result<String, Error> {
    let said = input.text("EventBusName")?;
    let mut constraints = Constraints::default();
    constraints.length(said.as_deref(), "eventBusName", 1, 1600);
    constraints.end()?;
    let said = said.unwrap_or_else(|| DEFAULT_BUS.to_owned());
    match said.strip_prefix("arn:").and_then(|rest| rest.split_once(":event-bus/")) {
        Some((_, name)) => Ok(name.to_owned()),
        None => Ok(said),
    }
}

/// A page by `Limit` and `NextToken`.
fn page<'a>(
    input: &Input,
    list: &str,
    items: impl Iterator<Item = (&'a str, Value)>,
) -> Result<Answer, Error> {
    let token = input.text("NextToken")?;
    let most = input.integer("Limit", i64::MIN..=i64::MAX)?;
    let mut constraints = Constraints::default();
    constraints.range(most, "limit", 1, PAGE);
    constraints.end()?;
    let most = usize::try_from(most.unwrap_or(PAGE)).unwrap_or_default();
    let page = Page::of(items, token.as_deref(), most).map_err(|_| invalid("The nextToken is not valid."))?;
    Ok(Answer::ok(page.members(list, "NextToken")))
}

fn not_found((_, bus, name): &Place) -> Error {
    let message = format!("Rule {name} does not exist on EventBus {bus}.");
    Error::new(400, "ResourceNotFoundException", message)
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(400, "ValidationException", message)
}

fn limit(message: String) -> Error {
    Error::new(400, "LimitExceededException", message)
}
