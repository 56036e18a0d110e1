//! Integrations.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::vpc_link::is_behind_one;
use super::{
    Members, conflict, edit_and_deploy, find, limits, new_id, page, parameters, service, strings, unknown,
    vpc_link, websocket,
};
use crate::base::Rng;
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::model::api::{Integration, IntegrationKind, PayloadFormat, Protocol};
use crate::model::arn::FunctionRef;
use crate::model::{Api, Owner, Settings, Store};

/// AWS: between 50 and 30,000 milliseconds, and the most where nothing is said.
pub const MAX_TIMEOUT_MS: u32 = 30_000;

/// Members that only WebSocket APIs have. (`passthroughBehavior` is one too, but Terraform sends it always, and
/// AWS takes it and forgets it.)
const WEBSOCKET_ONLY: &[&str] =
    &["contentHandlingStrategy", "requestTemplates", "templateSelectionExpression"];

/// `integrationMethod`
pub const METHODS: &[&str] = &["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// CreateIntegration
pub fn create(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    check_link(store, call, &input)?;
    edit_and_deploy(store, call, |api, rng| {
        let id = add(api, rng, &input, &context.settings)?;
        Ok(Answer::created(show(api, &api.integrations[&id])))
    })
}

/// Adds the integration that `input` describes; its id.
pub fn add(api: &mut Api, rng: &mut Rng, input: &Input, settings: &Settings) -> Result<String, Error> {
    let kind = kind(input, api.protocol)?.ok_or_else(|| bad_request("Integration type is required"))?;
    limits::check(limits::INTEGRATIONS, api.integrations.len(), settings)?;
    let id = new_id(rng, 7, &api.integrations);
    let mut integration = new(id.clone(), kind, api.protocol);
    apply(&mut integration, input, api)?;
    api.integrations.insert(id.clone(), integration);
    Ok(id)
}

/// GetIntegration
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let api = find(store, call)?;
    Ok(Answer::ok(show(api, named(api, call)?)))
}

/// GetIntegrations
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let api = find(store, call)?;
    page::of(context, call, api.integrations.iter().map(|(id, item)| (id.as_str(), item)), |item| {
        show(api, item)
    })
}

/// UpdateIntegration
pub fn update(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    check_link(store, call, &input)?;
    edit_and_deploy(store, call, |api, _| {
        let mut integration = named(api, call)?.clone();
        if let Some(kind) = kind(&input, api.protocol)? {
            integration.kind = kind;
        }
        apply(&mut integration, &input, api)?;
        let answer = Answer::ok(show(api, &integration));
        api.integrations.insert(integration.id.clone(), integration);
        Ok(answer)
    })
}

/// DeleteIntegration, unless a route has it as its target.
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    edit_and_deploy(store, call, |api, _| {
        let integration = named(api, call)?;
        if is_managed(api, integration) {
            return Err(bad_request("An integration that is managed by quick create cannot be deleted"));
        }
        let routes = api.routes.values().filter(|route| route.integration_id() == Some(&integration.id));
        let ids: Vec<&str> = routes.map(|route| route.id.as_str()).collect();
        if !ids.is_empty() {
            return Err(conflict(format!(
                "Cannot delete Integration because it is referenced by the following Routes with Ids: [{}]",
                ids.join(", ")
            )));
        }
        let id = integration.id.clone();
        api.integrations.remove(&id);
        Ok(Answer::no_content())
    })
}

/// An integration with AWS's defaults.
pub fn new(id: String, kind: IntegrationKind, protocol: Protocol) -> Integration {
    Integration {
        id,
        kind,
        subtype: None,
        uri: None,
        method: None,
        connection_type: "INTERNET".into(),
        connection_id: None,
        credentials_arn: None,
        description: None,
        payload: PayloadFormat::V1,
        request_parameters: BTreeMap::new(),
        response_parameters: BTreeMap::new(),
        timeout_ms: match protocol {
            Protocol::Http => MAX_TIMEOUT_MS,
            Protocol::WebSocket => websocket::integration::MAX_TIMEOUT_MS,
        },
        tls_server_name: None,
        content_handling: None,
        passthrough: Default::default(),
        template_selection_expression: None,
        request_templates: BTreeMap::new(),
        responses: BTreeMap::new(),
    }
}

/// Whether what an integration says fits together.
pub fn check(integration: &Integration, owner: &Owner) -> Result<(), Error> {
    let Some(uri) = integration.uri.as_deref() else {
        return Err(bad_request("Integration URI is required"));
    };
    match integration.kind {
        IntegrationKind::AwsProxy if !is_function(uri, owner) => {
            Err(bad_request("AWS_PROXY integrations must have the ARN of a Lambda function as their URI"))
        }
        IntegrationKind::HttpProxy if integration.connection_type == "VPC_LINK" && !is_behind_one(uri) => {
            Err(bad_request(
                "For VpcLink V2, integration uri should be a valid ELB listener ARN or a valid Cloud Map service ARN.",
            ))
        }
        IntegrationKind::HttpProxy if integration.connection_type != "VPC_LINK" && !is_http(uri) => {
            Err(bad_request(format!("Invalid HTTP endpoint specified for URI: {uri}")))
        }
        IntegrationKind::HttpProxy if integration.payload == PayloadFormat::V2 => {
            Err(bad_request("HTTP_PROXY integrations only support payload format version 1.0"))
        }
        IntegrationKind::AwsProxy
        | IntegrationKind::HttpProxy
        | IntegrationKind::Aws
        | IntegrationKind::Http
        | IntegrationKind::Mock => Ok(()),
    }
}

/// Whether the VPC link that it names is there, if its api is.
fn check_link(store: &Store, call: &Call, input: &Input) -> Result<(), Error> {
    match find(store, call)?.protocol {
        Protocol::Http => vpc_link::check(store, call, input),
        Protocol::WebSocket => Ok(()),
    }
}

fn named<'a>(api: &'a Api, call: &Call) -> Result<&'a Integration, Error> {
    let id = call.path("integrationId");
    api.integrations.get(id).ok_or_else(|| unknown("Integration", id))
}

fn is_managed(api: &Api, integration: &Integration) -> bool {
    api.quick_create.as_ref().is_some_and(|made| made.integration_id == integration.id)
}

fn kind(input: &Input, protocol: Protocol) -> Result<Option<IntegrationKind>, Error> {
    match protocol {
        Protocol::Http => http_kind(input),
        Protocol::WebSocket => websocket::integration::kind(input),
    }
}

fn http_kind(input: &Input) -> Result<Option<IntegrationKind>, Error> {
    Ok(match input.one_of("integrationType", &["AWS", "HTTP", "MOCK", "AWS_PROXY", "HTTP_PROXY"])? {
        None => None,
        Some("AWS_PROXY") => Some(IntegrationKind::AwsProxy),
        Some("HTTP_PROXY") => Some(IntegrationKind::HttpProxy),
        Some(_) => {
            return Err(bad_request(
                "Currently, an API with a protocol type of HTTP may only be associated with proxy integrations \
                 (AWS_PROXY, HTTP_PROXY)",
            ));
        }
    })
}

fn apply(integration: &mut Integration, input: &Input, api: &Api) -> Result<(), Error> {
    match api.protocol {
        Protocol::Http => apply_http(integration, input, &api.owner),
        Protocol::WebSocket => websocket::integration::apply(integration, input, &api.owner),
    }
}

/// Reads what the integrations of all apis have.
pub fn read_common(integration: &mut Integration, input: &Input, max_timeout_ms: u32) -> Result<(), Error> {
    let texts = [
        ("integrationUri", 1..=2048, &mut integration.uri),
        ("credentialsArn", 0..=2048, &mut integration.credentials_arn),
        ("description", 0..=1024, &mut integration.description),
    ];
    for (name, length, member) in texts {
        if let Some(text) = input.string(name, length)? {
            *member = Some(text);
        }
    }
    if let Some(timeout) = input.integer("timeoutInMillis", 50..=max_timeout_ms.into())? {
        integration.timeout_ms = timeout as u32;
    }
    Ok(())
}

fn apply_http(integration: &mut Integration, input: &Input, owner: &Owner) -> Result<(), Error> {
    refuse_what_is_not_there(input)?;
    service::read(integration, input)?;
    if integration.subtype.is_some() {
        return service::apply(integration, input);
    }
    read_common(integration, input, MAX_TIMEOUT_MS)?;
    vpc_link::apply(integration, input)?;
    if let Some(method) = input.one_of("integrationMethod", METHODS)? {
        integration.method = Some(method.into());
    }
    match input.one_of("payloadFormatVersion", &["1.0", "2.0"])? {
        Some("2.0") => integration.payload = PayloadFormat::V2,
        Some(_) => integration.payload = PayloadFormat::V1,
        None => {}
    }
    if let Some(tls) = input.object("tlsConfig")? {
        integration.tls_server_name = tls.string("serverNameToVerify", 1..=512)?;
    }
    if let Some(given) = input.map("requestParameters")? {
        parameters::merge_request(&mut integration.request_parameters, given)?;
    }
    if let Some(given) = input.maps("responseParameters")? {
        parameters::merge_response(&mut integration.response_parameters, given)?;
    }
    if integration.method.is_none() {
        let default = match integration.kind {
            IntegrationKind::AwsProxy | IntegrationKind::Aws | IntegrationKind::Mock => "POST",
            IntegrationKind::HttpProxy | IntegrationKind::Http => "ANY",
        };
        integration.method = Some(default.into());
    }
    check(integration, owner)
}

fn refuse_what_is_not_there(input: &Input) -> Result<(), Error> {
    if let Some(name) = WEBSOCKET_ONLY.iter().find(|name| input.has(name)) {
        return Err(bad_request(format!("{name} is not supported for an API with a protocol type of HTTP")));
    }
    Ok(())
}

/// WebSocket APIs' integrations go by VPC links of V1 alone, and there are none.
pub fn refuse_vpc_links(input: &Input) -> Result<(), Error> {
    let connection = input.string("connectionId", 1..=1024)?;
    match input.one_of("connectionType", &["INTERNET", "VPC_LINK"])? {
        Some("VPC_LINK") => Err(bad_request(format!(
            "Invalid VpcLink identifier specified {}",
            connection.unwrap_or_default()
        ))),
        Some(_) | None if connection.is_some() => {
            Err(bad_request("connectionId can only be set when connectionType is VPC_LINK"))
        }
        Some(_) | None => Ok(()),
    }
}

/// A Lambda function's ARN in either spelling; one with stage variables is known only when it is called.
pub fn is_function(uri: &str, owner: &Owner) -> bool {
    let lambda = uri.starts_with("arn:") && uri.contains(":lambda:");
    uri.starts_with("arn:") && FunctionRef::parse(uri, owner).is_some()
        || lambda && uri.contains("${stageVariables.")
}

/// `http://` or `https://` and something behind it: the rest may hold variables and is known only when called.
pub fn is_http(uri: &str) -> bool {
    let rest = uri.strip_prefix("http://").or_else(|| uri.strip_prefix("https://"));
    let has_host = rest.is_some_and(|rest| !rest.starts_with(['/', '?', '#', ':']) && !rest.is_empty());
    has_host && uri.bytes().all(|byte| byte.is_ascii_graphic())
}

/// An integration as answers show it.
pub fn show(api: &Api, integration: &Integration) -> Value {
    let responses = integration.response_parameters.iter();
    let responses: Map<_, _> = responses.map(|(status, map)| (status.clone(), strings(map))).collect();
    let requests = &integration.request_parameters;
    let tls = integration.tls_server_name.as_deref();
    let members = Members::default()
        .with("integrationId", integration.id.as_str())
        .with("integrationType", integration.kind.as_str())
        .maybe("integrationSubtype", integration.subtype.as_deref())
        .maybe("integrationUri", integration.uri.as_deref())
        .maybe("integrationMethod", integration.method.as_deref())
        .with("connectionType", integration.connection_type.as_str())
        .maybe("connectionId", integration.connection_id.as_deref())
        .maybe("credentialsArn", integration.credentials_arn.as_deref())
        .maybe("description", integration.description.as_deref())
        .with("payloadFormatVersion", integration.payload.as_str())
        .maybe("requestParameters", (!requests.is_empty()).then(|| strings(requests)))
        .maybe("responseParameters", (!responses.is_empty()).then_some(responses))
        .with("timeoutInMillis", integration.timeout_ms)
        .maybe("tlsConfig", tls.map(|name| Members::default().with("serverNameToVerify", name).done()))
        .maybe("apiGatewayManaged", is_managed(api, integration).then_some(true));
    match api.protocol {
        Protocol::Http => members.done(),
        Protocol::WebSocket => websocket::integration::show(members, integration).done(),
    }
}
