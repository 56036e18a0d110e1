//! [`Throttle`]: how many requests a route takes, compiled from what its stage says. Each route of a stage has a bucket
//! of tokens of its own; the buckets are with those who serve ("Throttle requests to your HTTP APIs" of the developer
//! guide).

use std::collections::BTreeMap;
use std::time::Duration;

use crate::base::map::map_of;
use crate::model::ApiId;
use crate::model::{api, rest};

/// AWS: tokens that an account gets in a second, and so a route for which only a burst is set. Where nothing is set,
/// nothing is limited here.
const ACCOUNT_RATE: f64 = 10_000.0;

/// AWS: how many tokens an account has at most, and so a route for which only a rate is set.
const ACCOUNT_BURST: i64 = 5000;

/// For a rate that is close to none: some hundred years, which no clock overflows at.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 24 * 3600);

/// See the module.
#[derive(Debug)]
pub struct Throttle {
    /// Which bucket: `{api}/{stage}/{route key}`, the same after each deployment.
    pub bucket: Box<str>,
    /// How it fills.
    pub pace: Pace,
}

/// How a bucket fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Not at all: nothing passes.
    Never,
    /// One token after another.
    Tokens {
        /// The time from one to the next.
        every: Duration,
        /// What a full bucket is ahead of one with a single token.
        ahead: Duration,
    },
}

/// What a stage says of its routes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Throttles {
    default: Option<Pace>,
    /// By route key. What is said of a route is all that counts for it.
    routes: BTreeMap<String, Option<Pace>>,
}

impl Pace {
    /// What a client said of it: the account's limit stands for what it didn't say. `None`: it said nothing.
    pub fn of(rate: Option<f64>, burst: Option<i64>) -> Option<Self> {
        (rate.is_some() || burst.is_some())
            .then(|| Self::new(rate.unwrap_or(ACCOUNT_RATE), burst.unwrap_or(ACCOUNT_BURST)))
    }

    /// So many tokens a second, and so many at most.
    pub fn new(rate: f64, burst: i64) -> Self {
        if rate <= 0.0 || burst <= 0 {
            return Self::Never;
        }
        let every = Duration::try_from_secs_f64(1.0 / rate).unwrap_or(LONGEST).min(LONGEST);
        let others = u32::try_from(burst - 1).unwrap_or(u32::MAX);
        Self::Tokens { every, ahead: every.checked_mul(others).unwrap_or(LONGEST).min(LONGEST) }
    }
}

impl Throttles {
    /// Of an HTTP or a WebSocket API: `routeSettings` and `defaultRouteSettings`.
    pub fn of(stage: &api::Stage) -> Self {
        let routes = stage.route_settings.iter().map(|(key, settings)| (key.clone(), pace(settings)));
        Self { default: pace(&stage.default_route_settings), routes: map_of(routes) }
    }

    /// Of a REST API: `methodSettings`.
    pub fn of_methods(stage: &rest::Stage) -> Self {
        let mut settings = stage.method_settings.iter();
        let routes = settings.clone().filter_map(|(key, setting)| {
            let (path, method) = key.rsplit_once('/')?;
            Some((method_key(&path.replace("~1", "/"), method), method_pace(setting)))
        });
        let all = settings.find(|(key, _)| *key == "*/*").and_then(|(_, setting)| method_pace(setting));
        Self { default: all, routes: map_of(routes) }
    }

    /// What is said of one route. `None`: it takes all that comes.
    pub fn route(&self, api: &ApiId, stage: &str, key: &str) -> Option<Throttle> {
        let pace = self.routes.get(key).copied().unwrap_or(self.default)?;
        Some(Throttle { bucket: format!("{api}/{stage}/{key}").into(), pace })
    }
}

/// `GET /pets`: the key of a method of the resource with this path, however many slashes begin it.
pub fn method_key(path: &str, method: &str) -> String {
    format!("{method} /{}", path.trim_start_matches('/'))
}

fn pace(settings: &api::RouteSettings) -> Option<Pace> {
    Pace::of(settings.throttling_rate_limit, settings.throttling_burst_limit)
}

/// Of a method something may have been said that is not of throttling: then it has the account's limits, which are
/// none here. -1 says that there is none.
fn method_pace(setting: &rest::MethodSetting) -> Option<Pace> {
    let rate = Some(setting.throttling_rate_limit).filter(|rate| *rate >= 0.0).unwrap_or(ACCOUNT_RATE);
    let burst = i64::from(setting.throttling_burst_limit);
    let burst = Some(burst).filter(|burst| *burst >= 0).unwrap_or(ACCOUNT_BURST);
    (rate < ACCOUNT_RATE || burst < ACCOUNT_BURST).then(|| Pace::new(rate, burst))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `rate burst`, as they come out for a pace; `-`: no limit.
    fn shown(pace: Option<Pace>) -> String {
        match pace {
            None => "-".to_owned(),
            Some(Pace::Never) => "never".to_owned(),
            Some(Pace::Tokens { every, ahead }) => {
                format!("{:.0} {}", 1.0 / every.as_secs_f64(), ahead.as_nanos() / every.as_nanos().max(1) + 1)
            }
        }
    }

    #[test]
    fn what_a_stage_says() {
        let settings = |rate, burst| api::RouteSettings {
            throttling_rate_limit: rate,
            throttling_burst_limit: burst,
            ..Default::default()
        };
        for (default, route, expected) in [
            (settings(None, None), None, "-"),
            (settings(Some(100.0), Some(50)), None, "100 50"),
            (settings(Some(100.0), None), None, "100 5000"),
            (settings(None, Some(7)), None, "10000 7"),
            (settings(Some(0.0), Some(0)), None, "never"),
            (settings(Some(0.0), None), None, "never"),
            (settings(None, Some(0)), None, "never"),
            (settings(Some(100.0), Some(50)), Some(settings(Some(2.0), Some(1))), "2 1"),
            // Nothing is inherited member by member.
            (settings(Some(100.0), Some(50)), Some(settings(Some(2.0), None)), "2 5000"),
            (settings(Some(100.0), Some(50)), Some(settings(None, None)), "-"),
        ] {
            let routes = route.iter().map(|settings| ("GET /x".to_owned(), pace(settings)));
            let throttles = Throttles { default: pace(&default), routes: routes.collect() };
            let found = throttles.route(&ApiId::new("abc"), "dev", "GET /x");
            assert!(found.iter().all(|throttle| &*throttle.bucket == "abc/dev/GET /x"));
            assert_eq!(shown(found.map(|throttle| throttle.pace)), expected, "{default:?} {route:?}");
        }
    }

    #[test]
    fn what_a_stage_says_of_methods() {
        let mut stage = rest::Stage::new("dev", "d", 0);
        for (key, rate, burst) in [
            ("*/*", 100.0, 50),
            ("~1pets~1{id}/GET", 2.0, 1),
            ("pets/POST", 3.0, 5000),
            ("~1/GET", 4.0, 4),
            ("~1free/GET", 10_000.0, 5000),
            ("~1open/GET", -1.0, -1),
            ("~1shut/GET", 0.0, 0),
            ("odd", 1.0, 1),
        ] {
            let setting = rest::MethodSetting {
                throttling_rate_limit: rate,
                throttling_burst_limit: burst,
                ..Default::default()
            };
            stage.method_settings.insert(key.to_owned(), setting);
        }
        let throttles = Throttles::of_methods(&stage);
        for (key, expected) in [
            ("GET /other", "100 50"),
            ("GET /pets/{id}", "2 1"),
            ("ANY /pets/{id}", "100 50"),
            ("POST /pets", "3 5000"),
            ("GET /", "4 4"),
            ("GET /free", "-"),
            ("GET /open", "-"),
            ("GET /shut", "never"),
        ] {
            let found = throttles.route(&ApiId::new("abc"), "dev", key);
            assert_eq!(shown(found.map(|throttle| throttle.pace)), expected, "{key}");
        }
    }
}
