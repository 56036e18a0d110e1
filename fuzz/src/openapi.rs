//! Definitions of HTTP APIs, JSON and YAML: whatever is read makes an api or is refused, without end or overflow; and an
//! api that is exported, in either form, is read as the same again.

use std::collections::BTreeSet;

use gatelet::base::Rng;
use gatelet::control::apigatewayv2::openapi::{Import, about, export};
use gatelet::control::openapi::base_path::Mode;
use gatelet::control::openapi::{Document, Findings, Version};
use gatelet::control::yaml;
use gatelet::model::api::Protocol;
use gatelet::model::{Api, ApiId, Owner, Settings};

/// A definition is imported with each treatment of its base path, exported, and imported again.
pub fn openapi(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for mode in [Mode::Ignore, Mode::Prepend, Mode::Split] {
        let Some(api) = imported(text, mode) else { continue };
        let exported = export::document(&api, None, &Settings::default()).expect("no stage is asked for");
        for text in [exported.to_json(), yaml::write(&exported)] {
            let copy =
                imported(&text, Mode::Ignore).unwrap_or_else(|| panic!("it is not read again: {text}"));
            assert_eq!(keys(&copy), keys(&api));
            assert_eq!(copy.cors, api.cors);
            assert_eq!(copy.authorizers.len(), api.authorizers.len());
        }
    }
}

fn imported(text: &str, mode: Mode) -> Option<Api> {
    let owner = Owner { account: "000000000000".into(), region: "us-east-1".into() };
    let document = Document::read(text, &owner).ok()?;
    if document.version() != Ok(Version::OpenApi3) {
        return None;
    }
    let mut findings = Findings::default();
    about::members(&document, &mut findings);
    let mut api = api(owner);
    let (rng, settings) = (&mut Rng::with_seed(1), &Settings::default());
    let prefix = mode.prefix(&document);
    Import { document: &document, api: &mut api, rng, settings, findings: &mut findings, prefix }
        .run()
        .ok()?;
    Some(api)
}

fn keys(api: &Api) -> BTreeSet<String> {
    api.routes.values().map(|route| route.key.to_string()).collect()
}

/// An api with nothing in it.
fn api(owner: Owner) -> Api {
    Api {
        id: ApiId::new("fuzz"),
        owner,
        name: "fuzz".into(),
        protocol: Protocol::Http,
        port: None,
        description: None,
        version: None,
        cors: None,
        disable_execute_api_endpoint: false,
        api_key_selection_expression: String::new(),
        route_selection_expression: String::new(),
        disable_schema_validation: None,
        ip_address_type: String::new(),
        tags: Default::default(),
        created: 0,
        quick_create: None,
        routes: Default::default(),
        integrations: Default::default(),
        authorizers: Default::default(),
        models: Default::default(),
        stages: Default::default(),
        deployments: Default::default(),
    }
}
