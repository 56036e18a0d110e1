//! Quick create: an api with a `target` comes with a route, an integration and a stage that serves them.

use super::{deployment, integration, new_id, route, stage};
use crate::base::{Now, Rng};
use crate::control::answer::Error;
use crate::control::input::{Input, bad_request};
use crate::model::Api;
use crate::model::api::{Integration, IntegrationKind, PayloadFormat, QuickCreate, RouteKey};

/// The members of CreateApi and UpdateApi that are about it.
const MEMBERS: &[&str] = &["target", "routeKey", "credentialsArn"];

/// Makes what a `target` asks for; the api is new.
pub fn create(api: &mut Api, rng: &mut Rng, now: Now, input: &Input) -> Result<(), Error> {
    let Some(target) = input.string("target", 1..=2048)? else {
        return match MEMBERS.iter().find(|name| input.has(name)) {
            Some(name) => Err(bad_request(format!("{name} can only be set together with target"))),
            None => Ok(()),
        };
    };
    let key = match input.text("routeKey")? {
        Some(text) => route::parse_key(&text)?,
        None => RouteKey::Default,
    };
    let mut integration =
        integration::new(new_id(rng, 7, &api.integrations), IntegrationKind::HttpProxy, api.protocol);
    aim(&mut integration, target);
    integration.credentials_arn = input.text("credentialsArn")?;
    integration::check(&integration, &api.owner)?;
    let mut route = route::new(new_id(rng, 7, &api.routes), key);
    route.target = Some(format!("integrations/{}", integration.id));
    let mut stage = stage::new("$default".into(), api.protocol, now.unix_seconds(), rng);
    stage.auto_deploy = Some(true);
    stage.managed = true;
    api.quick_create =
        Some(QuickCreate { route_id: route.id.clone(), integration_id: integration.id.clone() });
    api.integrations.insert(integration.id.clone(), integration);
    route::put(api, route)?;
    api.stages.insert(stage.name.clone(), stage);
    deployment::auto_deploy(api, rng, now);
    Ok(())
}

/// Changes what CreateApi made, in place.
pub fn update(api: &mut Api, input: &Input) -> Result<(), Error> {
    let Some(name) = MEMBERS.iter().find(|name| input.has(name)) else { return Ok(()) };
    let not_there = || bad_request(format!("{name} can only be updated for an API made by quick create"));
    let made = api.quick_create.clone().ok_or_else(not_there)?;
    let mut integration = api.integrations.get(&made.integration_id).ok_or_else(not_there)?.clone();
    if let Some(target) = input.string("target", 1..=2048)? {
        aim(&mut integration, target);
    }
    if let Some(credentials) = input.text("credentialsArn")? {
        integration.credentials_arn = Some(credentials);
    }
    integration::check(&integration, &api.owner)?;
    if let Some(text) = input.text("routeKey")? {
        let mut route = api.routes.get(&made.route_id).ok_or_else(not_there)?.clone();
        route.key = route::parse_key(&text)?;
        route::put(api, route)?;
    }
    api.integrations.insert(integration.id.clone(), integration);
    Ok(())
}

/// A URL becomes an HTTP integration, an ARN one with a function.
fn aim(integration: &mut Integration, target: String) {
    let (kind, method, payload) = if target.starts_with("arn:") {
        (IntegrationKind::AwsProxy, "POST", PayloadFormat::V2)
    } else {
        (IntegrationKind::HttpProxy, "ANY", PayloadFormat::V1)
    };
    integration.kind = kind;
    integration.method = Some(method.into());
    integration.payload = payload;
    integration.uri = Some(target);
}
