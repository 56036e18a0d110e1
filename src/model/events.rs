//! Rules of EventBridge with their targets: kept and returned. No rule ever fires.

use std::collections::BTreeMap;

use super::Owner;

/// Rules by owner, bus and name.
pub type Rules = BTreeMap<(Owner, String, String), Rule>;

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// `ScheduleExpression`
    pub schedule: Option<String>,
    /// `EventPattern`, as JSON text.
    pub pattern: Option<String>,
    /// `State`
    pub state: &'static str,
    /// `Description`
    pub description: Option<String>,
    /// `RoleArn`
    pub role_arn: Option<String>,
    /// By `Id`, as they were given.
    pub targets: BTreeMap<String, serde_json::Value>,
    /// `Tags`
    pub tags: BTreeMap<String, String>,
}
