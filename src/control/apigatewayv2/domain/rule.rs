//! Routing rules of a domain: headers and paths that lead to stages of REST APIs.

use serde_json::{Value, json};

use super::{bad_request, conflict, edit, find, limits, new_id, not_found, target};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::apigatewayv2::Members;
use crate::control::call::Call;
use crate::control::input::Input;
use crate::control::page::{Page, api_gateway_size};
use crate::model::Store;
use crate::model::domain::{Domain, HeaderMatch, Rule};

/// AWS: 1 to 1,000,000, unique in a domain.
const PRIORITIES: std::ops::RangeInclusive<i64> = 1..=1_000_000;
/// AWS: conditions by headers of one rule.
const MAX_HEADER_CONDITIONS: usize = 2;
/// Alternatives of one condition; ours.
const MAX_ANY_OF: usize = 100;

/// CreateRoutingRule
pub fn create(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let domain = find(store, call)?;
    limits::check(limits::ROUTING_RULES, domain.rules.len(), &context.settings)?;
    let rule = read(store, call, domain, &input, String::new())?;
    edit(store, call, |domain, rng| {
        let id = new_id(rng, 6, &domain.rules);
        let rule = Rule { id: id.clone(), ..rule };
        let answer = Answer::created(show(domain, &rule));
        domain.rules.insert(id, rule);
        Ok(answer)
    })
}

/// GetRoutingRule
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let domain = find(store, call)?;
    Ok(Answer::ok(show(domain, rule(domain, call)?)))
}

/// ListRoutingRules
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let domain = find(store, call)?;
    let most = api_gateway_size(context, call, "maxResults")?;
    let rules = domain.rules.iter().map(|(id, rule)| (id.as_str(), rule));
    let page = Page::of(rules, call.query("nextToken"), most);
    let page = page.map_err(|_| bad_request("Invalid nextToken specified"))?;
    Ok(Answer::ok(page.map(|rule| show(domain, rule)).members("routingRules", "nextToken")))
}

/// PutRoutingRule: all of a rule that exists.
pub fn put(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let domain = find(store, call)?;
    let id = rule(domain, call)?.id.clone();
    let rule = read(store, call, domain, &input, id)?;
    edit(store, call, |domain, _| {
        let answer = Answer::ok(show(domain, &rule));
        domain.rules.insert(rule.id.clone(), rule);
        Ok(answer)
    })
}

/// DeleteRoutingRule
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    edit(store, call, |domain, _| {
        let id = rule(domain, call)?.id.clone();
        domain.rules.remove(&id);
        Ok(Answer::no_content())
    })
}

fn rule<'a>(domain: &'a Domain, call: &Call) -> Result<&'a Rule, Error> {
    let id = call.path("routingRuleId");
    domain.rules.get(id).ok_or_else(|| not_found(format!("Unable to find RoutingRule with ID {id}")))
}

fn read(store: &Store, call: &Call, domain: &Domain, input: &Input, id: String) -> Result<Rule, Error> {
    let priority =
        input.integer("priority", PRIORITIES)?.ok_or_else(|| bad_request("Priority is required"))?;
    let priority = u32::try_from(priority).expect("a million fits");
    if domain.rules.values().any(|other| other.priority == priority && other.id != id) {
        return Err(conflict(format!("A routing rule with priority {priority} exists for this domain name")));
    }
    let (mut base_paths, mut headers) = (None, Vec::new());
    for condition in input.structures("conditions")? {
        match (condition.object("matchBasePaths")?, condition.object("matchHeaders")?) {
            (Some(given), None) if base_paths.is_none() => base_paths = Some(paths(&given)?),
            (None, Some(given)) if headers.len() < MAX_HEADER_CONDITIONS => headers.push(matches(&given)?),
            _ => {
                return Err(bad_request(
                    "A routing rule has at most one matchBasePaths condition and two matchHeaders conditions",
                ));
            }
        }
    }
    let actions = input.structures("actions")?;
    let [action] = &actions[..] else { return Err(bad_request("A routing rule has exactly one action")) };
    let invoke = action.object("invokeApi")?.ok_or_else(|| bad_request("The action must be invokeApi"))?;
    let target = target(store, call, &invoke)?;
    if !store.rest_apis.contains_key(&*target.api) {
        return Err(bad_request("Routing rules are supported for REST APIs only"));
    }
    let strip_base_path = invoke.boolean("stripBasePath")?.unwrap_or(false);
    Ok(Rule { id, priority, base_paths, headers, target, strip_base_path })
}

fn paths(given: &Input) -> Result<Vec<String>, Error> {
    let paths = given.strings("anyOf")?.unwrap_or_default();
    let fits = |path: &String| {
        !path.is_empty() && path.len() <= 300 && !path.starts_with('/') && !path.ends_with('/')
    };
    if paths.is_empty() || paths.len() > MAX_ANY_OF || !paths.iter().all(fits) {
        return Err(bad_request(
            "matchBasePaths needs anyOf with base paths that neither begin nor end with a '/'",
        ));
    }
    Ok(paths)
}

fn matches(given: &Input) -> Result<Vec<HeaderMatch>, Error> {
    let mut matches = Vec::new();
    for header in given.structures("anyOf")? {
        let (Some(name), Some(glob)) = (header.text("header")?, header.text("valueGlob")?) else {
            return Err(bad_request("matchHeaders needs a header and a valueGlob"));
        };
        let inner = glob.strip_prefix('*').unwrap_or(&glob);
        if inner.strip_suffix('*').unwrap_or(inner).contains('*') {
            return Err(bad_request("A valueGlob has * only at its start and its end"));
        }
        matches.push(HeaderMatch { name, glob });
    }
    if matches.is_empty() || matches.len() > MAX_ANY_OF {
        return Err(bad_request("matchHeaders needs anyOf with at least one header"));
    }
    Ok(matches)
}

fn show(domain: &Domain, rule: &Rule) -> Value {
    let by_headers = rule.headers.iter().map(|any| {
        let any: Vec<_> =
            any.iter().map(|wanted| json!({ "header": wanted.name, "valueGlob": wanted.glob })).collect();
        json!({ "matchHeaders": { "anyOf": any } })
    });
    let by_paths = rule.base_paths.iter().map(|any| json!({ "matchBasePaths": { "anyOf": any } }));
    let conditions: Vec<Value> = by_headers.chain(by_paths).collect();
    let invoke = json!({
        "apiId": rule.target.api,
        "stage": rule.target.stage,
        "stripBasePath": rule.strip_base_path,
    });
    let (region, account) = (&domain.owner.region, &domain.owner.account);
    let arn = format!(
        "arn:aws:apigateway:{region}:{account}:/domainnames/{}/routingrules/{}",
        domain.name, rule.id
    );
    Members::default()
        .with("actions", json!([{ "invokeApi": invoke }]))
        .with("conditions", conditions)
        .with("priority", rule.priority)
        .with("routingRuleArn", arn)
        .with("routingRuleId", rule.id.as_str())
        .done()
}
