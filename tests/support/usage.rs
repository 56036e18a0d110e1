//! API keys and usage plans of a world:
//!
//! ```text
//! plan ID [rate=PER_SECOND/BURST] [quota=LIMIT/PERIOD]
//! opens PLAN API STAGE [/PATH/METHOD=PER_SECOND/BURST]...
//! key ID VALUE [disabled] PLAN...
//! keys of authorizer               the WebSocket API's: its authorizer says them
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use gatelet::model::ApiId;
use gatelet::model::api::KEY_OF_AUTHORIZER;
use gatelet::model::usage::{ApiKey, ApiStage, Member, Meter, PERIODS, Quota, Rate, UsagePlan};

use super::{World, owner};

/// Does what a line says, if it is about keys or plans.
pub fn line(world: &mut World, words: &[&str]) -> bool {
    let usage = &mut world.store.usage;
    match words {
        ["plan", id, more @ ..] => {
            let option = |name: &str| more.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
            let quota = option("quota").map(|text| {
                let (limit, period) = text.split_once('/').unwrap();
                let period = PERIODS.into_iter().find(|known| known.as_str() == period).unwrap();
                Quota { limit: limit.parse().unwrap(), offset: 0, period }
            });
            let plan = UsagePlan {
                id: (*id).to_owned(),
                owner: owner(),
                name: (*id).to_owned(),
                description: None,
                stages: Vec::new(),
                throttle: option("rate").map(rate),
                quota,
                product_code: None,
                tags: BTreeMap::new(),
                keys: BTreeMap::new(),
            };
            usage.plans.insert((*id).to_owned(), plan);
            world.store.changed.usage_plans.insert((*id).to_owned());
        }
        ["opens", plan, api, stage, methods @ ..] => {
            let methods = methods.iter().map(|word| word.rsplit_once('=').unwrap());
            let stage = ApiStage {
                api: ApiId::new(*api),
                stage: (*stage).to_owned(),
                throttle: methods.map(|(path, text)| (path.to_owned(), rate(text))).collect(),
            };
            usage.plans.get_mut(*plan).unwrap().stages.push(stage);
            world.store.changed.usage_plans.insert((*plan).to_owned());
        }
        ["key", id, value, more @ ..] => {
            let key = ApiKey {
                id: (*id).to_owned(),
                owner: owner(),
                value: (*value).to_owned(),
                name: None,
                description: None,
                customer_id: None,
                enabled: !more.contains(&"disabled"),
                stage_keys: Vec::new(),
                tags: BTreeMap::new(),
                serial: 0,
                created: 0,
                updated: 0,
            };
            for plan in more.iter().filter(|word| **word != "disabled") {
                let member = Member { serial: 0, meter: Arc::new(Meter::default()) };
                usage.plans.get_mut(*plan).unwrap().keys.insert((*id).to_owned(), member);
            }
            let name = (owner(), (*value).to_owned());
            usage.values.insert(name.clone(), (*id).to_owned());
            usage.keys.insert((*id).to_owned(), key);
            world.store.changed.api_keys.insert(name);
        }
        ["keys", "of", "authorizer"] => {
            world.api().api_key_selection_expression = KEY_OF_AUTHORIZER.into();
        }
        _ => return false,
    }
    true
}

fn rate(text: &str) -> Rate {
    let (rate, burst) = text.split_once('/').unwrap();
    Rate { rate: Some(rate.parse().unwrap()), burst: Some(burst.parse().unwrap()) }
}
