//! Snapshots: what a change shows, what it shares, and what functions' names stand for.

mod support;

use std::sync::Arc;

use gatelet::live::host::{self, StageForm};
use gatelet::live::rest::{NoStage, Verb};
use gatelet::live::{AnyApi, Found, Live};
use gatelet::model::arn::FunctionRef;
use gatelet::model::function::Alias;
use support::{World, owner};

const WORLD: &str = "
function f
api a
lambda i f
route GET /x -> i
stage prod
deploy prod
stage other
deploy other
api b
lambda i f
route GET /x -> i
stage prod
deploy prod
";

fn find<'l>(live: &'l Live, host: &'static str, path: &'static str) -> Option<Found<'l, 'static>> {
    let address = host::address(host, path)?;
    Some(live.find(live.v2(address.api)?, &address, "GET"))
}

fn is_served(live: &Live, host: &'static str, path: &'static str) -> bool {
    find(live, host, path).is_some_and(|found| found.route.is_some())
}

#[test]
fn a_change_shows_in_the_next_snapshot_alone_and_shares_the_rest() {
    let mut world = World::of(WORLD);
    let first = world.live();
    world.store.changed = Default::default();
    let (a, b) = ("a.execute-api.x", "b.execute-api.x");

    world.line("api b");
    let second = first.next(&world.store);
    assert!(is_served(&first, b, "/prod/x") && !is_served(&second, b, "/prod/x"));
    let api = |live: &Live, host| Arc::clone(find(live, host, "/prod/x").unwrap().api);
    assert!(Arc::ptr_eq(&api(&first, a), &api(&second, a)), "what did not change is shared");
    assert!(!Arc::ptr_eq(&api(&first, b), &api(&second, b)));

    world.store.apis.clear();
    let third = second.next(&world.store);
    assert!(is_served(&third, a, "/prod/x"), "only what is named as changed is looked at");
    assert!(find(&third, b, "/prod/x").is_none());
}

#[test]
fn a_stage_serves_its_deployment_with_its_own_variables() {
    let mut world = World::of(WORLD);
    let first = world.live();
    let host = "a.execute-api.x";
    // Live edits and a variable: the route is not there before it is deployed, the variable is at once.
    let id = world.store.apis.keys().next().unwrap().clone();
    let api = world.store.apis.get_mut(&id).unwrap();
    api.routes.clear();
    api.stages.get_mut("prod").unwrap().variables.insert("color".into(), "blue".into());
    let second = first.next(&world.store);
    assert!(is_served(&second, host, "/prod/x"));
    let stage = |live: &Live, path| Arc::clone(find(live, host, path).unwrap().stage.unwrap());
    assert_eq!(stage(&second, "/prod/x").variables["color"], "blue");
    assert!(stage(&first, "/prod/x").variables.is_empty());
    assert!(
        Arc::ptr_eq(&stage(&first, "/other/x"), &stage(&second, "/other/x")),
        "an unchanged stage is shared"
    );

    world.store.apis.get_mut(&id).unwrap().stages.get_mut("prod").unwrap().deployment_id = None;
    let third = second.next(&world.store);
    assert!(!is_served(&third, host, "/prod/x") && is_served(&third, host, "/other/x"));
}

#[test]
fn what_names_of_functions_stand_for() {
    let mut world = World::of("function f");
    let key = (owner(), "f".to_owned());
    let function = world.store.functions.get_mut(&key).unwrap();
    function.versions.insert(3, Arc::clone(&support::function("f", 30).latest));
    let alias = |version: &str| Alias {
        version: version.into(),
        description: String::new(),
        weights: Default::default(),
        revision_id: String::new(),
    };
    function.aliases.insert("live".into(), alias("3"));
    function.aliases.insert("newest".into(), alias("$LATEST"));
    function.aliases.insert("broken".into(), alias("9"));
    let first = world.live();
    let serial = |live: &Live, qualifier: Option<&str>| {
        let name = FunctionRef { owner: owner(), name: "f".into(), qualifier: qualifier.map(Into::into) };
        live.function(&name).map(|version| version.serial)
    };
    for (qualifier, expected) in [
        (None, Some(0)),
        (Some("$LATEST"), Some(0)),
        (Some("newest"), Some(0)),
        (Some("3"), Some(30)),
        (Some("live"), Some(30)),
        (Some("4"), None),
        (Some("broken"), None),
    ] {
        assert_eq!(serial(&first, qualifier), expected, "{qualifier:?}");
    }

    let (old, kept) = (Arc::clone(&world.store.functions[&key].latest), support::function("f", 30).latest);
    world.store.functions.get_mut(&key).unwrap().latest = support::function("f", 31).latest;
    let second = first.next(&world.store);
    assert_eq!(serial(&second, None), Some(31));
    assert!(first.is_current(&old) && !second.is_current(&old), "an update retires what ran before");
    assert!(second.is_current(&kept), "a published version stays");

    world.store.functions.clear();
    let third = second.next(&world.store);
    assert_eq!(serial(&third, None), None);
    assert!(!third.is_current(&kept));
}

#[test]
fn stages_of_rest_apis() {
    let rest = "
function f
rest r
lambda i f
method GET /x -> i
stage prod
deploy prod
stage other
deploy other
";
    let mut world = World::of(rest);
    let first = world.live();
    let api = |live: &Live| match live.api("R") {
        Some(AnyApi::V1(api)) => Some(Arc::clone(api)),
        Some(AnyApi::V2(_)) | None => None,
    };
    let stage = |live: &Live, name| {
        let api = api(live).unwrap();
        api.place(StageForm::Explicit(name), "/x").map(|(stage, _)| Arc::clone(stage))
    };
    let serves =
        |live: &Live, path| stage(live, "prod").unwrap().find(Verb::of("GET").unwrap(), path).is_some();
    assert!(serves(&first, "/x") && first.v2("r").is_none());

    // An edit is not served before it is deployed, a variable at once.
    world.store.changed = Default::default();
    ["rest r", "lambda i f", "method GET /y -> i"].iter().for_each(|line| world.line(line));
    let id = world.store.rest_apis.keys().next().unwrap().clone();
    let edited = world.store.rest_apis.get_mut(&id).unwrap();
    edited.stages.get_mut("prod").unwrap().variables.insert("color".into(), "blue".into());
    let second = first.next(&world.store);
    assert!(serves(&second, "/x") && !serves(&second, "/y"));
    assert_eq!(stage(&second, "prod").unwrap().variables["color"], "blue");
    assert!(stage(&first, "prod").unwrap().variables.is_empty());
    let (before, after) = (stage(&first, "other").unwrap(), stage(&second, "other").unwrap());
    assert!(Arc::ptr_eq(&before, &after), "an unchanged stage is shared");
    world.line("deploy prod");
    let third = second.next(&world.store);
    assert!(serves(&third, "/y") && !serves(&second, "/y"));

    // A stage must be said, and be there; what it serves may be missing.
    let place = |form, path| {
        api(&third).unwrap().place(form, path).map(|(stage, rest)| (stage.name.to_string(), rest))
    };
    assert_eq!(place(StageForm::Host, "/prod/x"), Ok(("prod".to_owned(), "/x")));
    assert_eq!(place(StageForm::Path, "//other"), Ok(("other".to_owned(), "")));
    assert_eq!(place(StageForm::Host, "/"), Err(NoStage::Unsaid));
    assert_eq!(place(StageForm::Host, "/x"), Err(NoStage::Unknown));
    world.store.rest_apis.get_mut(&id).unwrap().deployments.clear();
    let fourth = third.next(&world.store);
    assert!(!serves(&fourth, "/x"));

    // One id is one api's: a V2 api in its place is found there.
    world.store.rest_apis.clear();
    world.line("api r");
    let fifth = fourth.next(&world.store);
    assert!(api(&fifth).is_none() && fifth.v2("r").is_some());
    world.store.apis.clear();
    assert!(fifth.next(&world.store).api("r").is_none());
}
