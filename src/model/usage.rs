//! API keys, and the usage plans that say what may be done with them: which stages a key opens, how fast, and how often.
//! Fields and defaults: the `apigateway` API reference. They are for REST APIs and for WebSocket APIs alike.

mod meter;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{ApiId, Owner};

pub use meter::{DAYS, Meter};

/// All of them.
#[derive(Debug, Default)]
pub struct Usage {
    /// API keys by `id`.
    pub keys: BTreeMap<String, ApiKey>,
    /// Their ids by owner and `value`, which no two keys of an owner share.
    pub values: BTreeMap<(Owner, String), String>,
    /// Usage plans by `id`.
    pub plans: BTreeMap<String, UsagePlan>,
}

/// An API key.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiKey {
    /// `id`
    pub id: String,
    /// Whose it is.
    pub owner: Owner,
    /// `value`: what clients send. It never changes.
    pub value: String,
    /// `name`
    pub name: Option<String>,
    /// `description`
    pub description: Option<String>,
    /// `customerId`
    pub customer_id: Option<String>,
    /// `enabled`: one that is not opens nothing.
    pub enabled: bool,
    /// `stageKeys`, `{api}/{stage}`: what keys opened before there were usage plans. Stored and returned.
    pub stage_keys: Vec<String>,
    /// `tags`
    pub tags: BTreeMap<String, String>,
    /// Later ones have greater ones: lists begin with the newest.
    pub serial: u64,
    /// Seconds since 1970.
    pub created: u64,
    /// Seconds since 1970.
    pub updated: u64,
}

/// A usage plan.
#[derive(Clone, Debug, PartialEq)]
pub struct UsagePlan {
    /// `id`
    pub id: String,
    /// Whose it is.
    pub owner: Owner,
    /// `name`
    pub name: String,
    /// `description`
    pub description: Option<String>,
    /// `apiStages`, in the order in which they were added.
    pub stages: Vec<ApiStage>,
    /// `throttle`: how fast each key may go; `None`: as fast as it likes.
    pub throttle: Option<Rate>,
    /// `quota`: how often each key may be used; `None`: as often as it likes.
    pub quota: Option<Quota>,
    /// `productCode`
    pub product_code: Option<String>,
    /// `tags`
    pub tags: BTreeMap<String, String>,
    /// Its keys, by `id`.
    pub keys: BTreeMap<String, Member>,
}

/// A stage of an api that the keys of a plan open.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiStage {
    /// `apiId`
    pub api: ApiId,
    /// `stage`
    pub stage: String,
    /// `throttle` of single methods, by `{resource path}/{method}`: `/pets/GET`.
    pub throttle: BTreeMap<String, Rate>,
}

/// `throttle`
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rate {
    /// `rateLimit`: requests a second.
    pub rate: Option<f64>,
    /// `burstLimit`: requests at once.
    pub burst: Option<i64>,
}

/// `quota`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// `limit`: requests in a period.
    pub limit: i64,
    /// `offset`: the day on which a period starts, after Sunday or after the first of a month.
    pub offset: i64,
    /// `period`
    pub period: Period,
}

/// `period`. Days are those of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// `DAY`
    Day,
    /// `WEEK`
    Week,
    /// `MONTH`
    Month,
}

/// All of them.
pub const PERIODS: [Period; 3] = [Period::Day, Period::Week, Period::Month];

/// A key in a plan.
#[derive(Clone, Debug)]
pub struct Member {
    /// Later ones have greater ones: lists begin with the newest.
    pub serial: u64,
    /// How often it was used, which whoever serves counts.
    pub meter: Arc<Meter>,
}

/// How often a key was used says nothing of what was configured.
impl PartialEq for Member {
    fn eq(&self, other: &Self) -> bool {
        self.serial == other.serial
    }
}

impl Period {
    /// As the wire spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "DAY",
            Self::Week => "WEEK",
            Self::Month => "MONTH",
        }
    }
}

impl UsagePlan {
    /// Where a stage stands in `apiStages`.
    pub fn position(&self, api: &str, stage: &str) -> Option<usize> {
        self.stages.iter().position(|known| known.api.as_str() == api && known.stage == stage)
    }

    /// Whether a stage of the api is in it, and this one if one is given.
    pub fn leads_to(&self, api: &str, stage: Option<&str>) -> bool {
        self.stages
            .iter()
            .any(|known| known.api.as_str() == api && stage.is_none_or(|stage| known.stage == stage))
    }
}
