//! A model built by hand, for tests that drive the engine without sockets: one line, one thing that exists.
//!
//! ```text
//! parity aws                                  answer as AWS, not as LocalStack
//! function NAME                               a Lambda function
//! permission NAME SOURCE_ARN                  API Gateway may invoke it
//! api ID [disabled]                           what follows belongs to it
//! lambda ID URI [1.0] [timeout=MS] [role]     an integration
//! http ID URI [method=M] [timeout=MS]         an integration
//! map ID KEY VALUE                            one of an integration's requestParameters
//! map ID STATUS KEY VALUE                     one of its responseParameters
//! jwt ID ISSUER SOURCE AUDIENCE …             a JWT authorizer
//! judge ID URI FORMAT [simple] [ttl=S] [role] [SOURCE …]   a Lambda authorizer
//! credentials KEY SECRET                      of who may sign
//! route KEY -> INTEGRATION [auth=TYPE] [authorizer=ID] [scopes=SCOPE,…]
//! stage NAME [VARIABLE=VALUE …]
//! cors [origins=…] [methods=…] [headers=…] [exposed=…] [age=S] [credentials]   commas between
//! throttle STAGE RATE|- BURST|- [KEY]         a stage's settings: by default, or of a route
//! log NAME FORMAT                             a stage's access log
//! deploy NAME                                 freezes routes and integrations so far, for this stage
//! ```
//!
//! And for functions' own URLs:
//!
//! ```text
//! url NAME ID [signed] [origin=ORIGIN]        of a function that was named before
//! ```
//!
//! And for WebSocket APIs:
//!
//! ```text
//! binary base64 | idle MS | lifetime MS       settings
//! websocket ID [disabled] [EXPRESSION]        an api
//! aws ID URI | web ID URI | mock ID           integrations that are no proxies
//! template ID NAME TEXT                       one of an integration's requestTemplates
//! select ID EXPRESSION                        its templateSelectionExpression
//! passthrough ID never|no_templates
//! response ID KEY [NAME TEXT]                 an integration response, with a template
//! authorizer ID URI [SOURCE …]
//! model NAME SCHEMA
//! models KEY EXPRESSION SELECTED=MODEL …      a route's
//! route KEY -> INTEGRATION|- [auth=TYPE] [authorizer=ID] [replies] [needs=PARAMETER] [key]
//! ```
//!
//! And for REST APIs, whose integrations are copied into the methods that name them:
//!
//! ```text
//! rest ID [disabled] [binary=TYPE,…]          an api
//! lambda ID URI | http ID URI | aws ID URI | web ID URI | mock ID   [method=M] [timeout=MS] [role] [connection=TYPE]
//! map ID PLACE SOURCE                         one of an integration's requestParameters
//! template ID TYPE TEXT                       one of its requestTemplates
//! passthrough ID never|no_templates
//! content ID binary|text                      contentHandling
//! respond ID STATUS [PATTERN]                 an integration response
//! header ID STATUS NAME SOURCE                one of its responseParameters
//! body ID STATUS TYPE TEXT                    one of its responseTemplates
//! method VERB PATH -> ID|- [auth=TYPE] [key] [operation=NAME]
//! throttle STAGE RATE BURST PATH/VERB         one of its methodSettings, `*/*` for all; `~1` for slashes in PATH
//! canary STAGE PERCENT [VARIABLE=VALUE …]     deploys to a canary
//! ```

mod rest;
mod usage;
mod websocket;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use gatelet::base::Rng;
use gatelet::live::Live;
use gatelet::model::api::{
    AccessLog, Api, ApiId, Authorizer, AuthorizerKind, Cors, Deployment, FunctionAuthorizer, Integration,
    IntegrationKind, JwtConfiguration, Passthrough, PayloadFormat, Protocol, Route, RouteKey, RouteSettings,
    Stage,
};
use gatelet::model::function::{Code, Folder, Function, Policy, Unpacked, Url, Version};
use gatelet::model::service::SERVICES;
use gatelet::model::settings::{Binary, Parity};
use gatelet::model::{Owner, Settings, Store};

/// A store, and the settings that it is served under.
pub struct World {
    pub store: Store,
    pub settings: Settings,
    api: Option<ApiId>,
    /// The REST API that what follows belongs to, if it is one.
    rest: Option<rest::Draft>,
}

pub fn owner() -> Owner {
    Owner { account: "123456789012".into(), region: "us-east-1".into() }
}

impl World {
    pub fn new() -> Self {
        Self { store: Store::new(Rng::with_seed(1)), settings: Settings::default(), api: None, rest: None }
    }

    /// The world that these lines describe.
    pub fn of(text: &str) -> Self {
        let mut world = Self::new();
        text.lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .for_each(|line| world.line(line));
        world
    }

    pub fn live(&self) -> Arc<Live> {
        Arc::new(Live::empty(Arc::new(self.settings.clone())).next(&self.store))
    }

    /// What follows belongs to an api that is there.
    #[allow(dead_code, reason = "not every test changes a world")]
    pub fn continue_with(&mut self, id: &str) {
        self.api = Some(ApiId::new(id));
    }

    pub fn line(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let option = |name: &str| {
            words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
        };
        if usage::line(self, &words) || rest::line(self, &words, line) {
            return;
        }
        match words[..] {
            ["parity", "aws"] => self.settings.parity = Parity::Aws,
            ["link", arn, url] => {
                self.settings.vpc_links.insert(arn.into(), url.into());
            }
            ["endpoint", service, url] => {
                let service = SERVICES.into_iter().find(|known| known.name() == service).unwrap();
                self.settings.services.endpoints.insert(service, url.into());
            }
            ["binary", "base64"] => self.settings.ws.binary = Binary::Base64,
            ["idle", ms] => self.settings.ws.idle = Some(Duration::from_millis(ms.parse().unwrap())),
            ["lifetime", ms] => self.settings.ws.lifetime = Some(Duration::from_millis(ms.parse().unwrap())),
            ["websocket", ..]
            | ["template", ..]
            | ["select", ..]
            | ["passthrough", ..]
            | ["response", ..]
            | ["authorizer", ..]
            | ["model", ..]
            | ["models", ..] => websocket::line(self, line),
            ["jwt", id, issuer, source, ref audience @ ..] => {
                let authorizer = Authorizer {
                    id: id.to_owned(),
                    name: id.to_owned(),
                    identity_source: vec![source.to_owned()],
                    kind: AuthorizerKind::Jwt(JwtConfiguration {
                        issuer: issuer.to_owned(),
                        audience: audience.iter().map(|one| (*one).to_owned()).collect(),
                    }),
                };
                self.api().authorizers.insert(id.to_owned(), authorizer);
            }
            ["judge", id, uri, format, ref more @ ..] => {
                let sources = more.iter().filter(|word| word.starts_with('$'));
                let authorizer = Authorizer {
                    id: id.to_owned(),
                    name: id.to_owned(),
                    identity_source: sources.map(|source| (*source).to_owned()).collect(),
                    kind: AuthorizerKind::Request(FunctionAuthorizer {
                        uri: uri.to_owned(),
                        credentials_arn: more
                            .contains(&"role")
                            .then(|| "arn:aws:iam::123456789012:role/r".into()),
                        payload: if format == "1.0" { PayloadFormat::V1 } else { PayloadFormat::V2 },
                        simple_responses: more.contains(&"simple"),
                        ttl_s: option("ttl").map_or(0, |ttl| ttl.parse().unwrap()),
                    }),
                };
                self.api().authorizers.insert(id.to_owned(), authorizer);
            }
            ["credentials", key, secret] => {
                self.settings.credentials.insert(key.into(), secret.into());
            }
            ["function", name] => self.function(name),
            ["permission", name, source] => self.permission(name, source),
            ["url", name, id, ref more @ ..] => {
                self.url(name, id, more.contains(&"signed"), option("origin"))
            }
            ["api", id, ref more @ ..] => {
                let mut api = api(id);
                api.disable_execute_api_endpoint = more.contains(&"disabled");
                self.api = Some(api.id.clone());
                self.store.apis.insert(api.id.clone(), api);
            }
            ["mock", id] => {
                let integration = integration(id, "mock", "");
                self.api().integrations.insert(id.to_owned(), integration);
            }
            [kind @ ("lambda" | "http" | "aws" | "web"), id, uri, ref more @ ..] => {
                let mut integration = integration(id, kind, uri);
                if more.contains(&"1.0") {
                    integration.payload = PayloadFormat::V1;
                }
                integration.credentials_arn =
                    more.contains(&"role").then(|| "arn:aws:iam::123456789012:role/r".into());
                integration.method = option("method");
                integration.connection_type = option("connection").unwrap_or("INTERNET".into());
                integration.subtype = option("subtype");
                if let Some(timeout) = option("timeout") {
                    integration.timeout_ms = timeout.parse().unwrap();
                }
                self.api().integrations.insert(id.to_owned(), integration);
            }
            ["map", id, status, key, ..] if status.parse::<u16>().is_ok() => {
                let value = line[line.find(key).unwrap() + key.len()..].trim().to_owned();
                let responses = &mut self.api().integrations.get_mut(id).unwrap().response_parameters;
                responses.entry(status.to_owned()).or_default().insert(key.to_owned(), value);
            }
            ["map", id, key, ..] => {
                let value = line[line.find(key).unwrap() + key.len()..].trim().to_owned();
                let requests = &mut self.api().integrations.get_mut(id).unwrap().request_parameters;
                requests.insert(key.to_owned(), value);
            }
            ["route", ..] => {
                let (key, target) = line["route ".len()..].split_once(" -> ").unwrap();
                let target = target.split_whitespace().next().unwrap();
                let api = self.api();
                let id = format!("r{}", api.routes.len());
                let mut route = route(&id, key, target, option("auth"));
                match api.protocol {
                    Protocol::WebSocket => websocket::finish_route(&mut route, key, &words),
                    Protocol::Http => {
                        let scopes = option("scopes");
                        route.authorization_scopes =
                            scopes.map(|scopes| scopes.split(',').map(str::to_owned).collect());
                        route.authorizer_id = option("authorizer");
                    }
                }
                api.routes.insert(id, route);
            }
            ["stage", name, ref variables @ ..] => {
                let variables = variables.iter().map(|v| v.split_once('=').unwrap());
                let stage = stage(name, variables.map(|(n, v)| (n.into(), v.into())).collect());
                self.api().stages.insert(name.to_owned(), stage);
            }
            ["cors", ref more @ ..] => {
                let list = |name: &str| Some(option(name)?.split(',').map(str::to_owned).collect());
                self.api().cors = Some(Cors {
                    allow_credentials: more.contains(&"credentials").then_some(true),
                    allow_headers: list("headers"),
                    allow_methods: list("methods"),
                    allow_origins: list("origins"),
                    expose_headers: list("exposed"),
                    max_age: option("age").map(|age| age.parse().unwrap()),
                });
            }
            ["throttle", name, rate, burst, ref key @ ..] => {
                let stage = self.api().stages.get_mut(name).unwrap();
                let settings = RouteSettings {
                    throttling_rate_limit: rate.parse().ok(),
                    throttling_burst_limit: burst.parse().ok(),
                    ..RouteSettings::default()
                };
                match key {
                    [] => stage.default_route_settings = settings,
                    key => drop(stage.route_settings.insert(key.join(" "), settings)),
                }
            }
            ["log", name, ..] => {
                let format = &line[line.find(name).unwrap() + name.len() + 1..];
                self.api().stages.get_mut(name).unwrap().access_log = Some(access_log(format));
            }
            ["deploy", name] => {
                let api = self.api();
                let id = format!("d{}", api.deployments.len());
                let snapshot = api.snapshot();
                let deployment = Deployment {
                    id: id.clone(),
                    auto_deployed: false,
                    description: None,
                    created: 0,
                    snapshot: Arc::new(snapshot),
                };
                api.deployments.insert(id.clone(), deployment);
                api.stages.get_mut(name).unwrap().deployment_id = Some(id);
            }
            _ => panic!("what is this: {line}"),
        }
        self.store.changed.apis.extend(self.api.clone());
    }

    fn api(&mut self) -> &mut Api {
        self.store.apis.get_mut(self.api.as_ref().expect("an api comes first")).unwrap()
    }

    fn function(&mut self, name: &str) {
        let function = function(name, self.store.functions.len() as u64);
        self.store.changed.functions.insert((owner(), name.to_owned()));
        self.store.functions.insert((owner(), name.to_owned()), function);
    }

    fn url(&mut self, name: &str, id: &str, signed: bool, origin: Option<String>) {
        let cors = origin.map(|origin| Cors {
            allow_origins: Some(vec![origin]),
            allow_methods: Some(vec!["GET".into(), "PUT".into()]),
            max_age: Some(60),
            ..Cors::default()
        });
        let url = Url { id: id.to_owned(), signed, cors, created_ms: 0, modified_ms: 0 };
        self.store.functions.get_mut(&(owner(), name.to_owned())).unwrap().urls.insert(None, url);
    }

    fn permission(&mut self, name: &str, source: &str) {
        let statement = serde_json::json!({
            "Sid": "s", "Effect": "Allow", "Action": "lambda:InvokeFunction",
            "Principal": {"Service": "apigateway.amazonaws.com"},
            "Condition": {"ArnLike": {"AWS:SourceArn": source}},
        });
        let function = self.store.functions.get_mut(&(owner(), name.to_owned())).unwrap();
        let policy = Policy { statements: vec![("s".into(), statement)], ..Policy::default() };
        function.policies.insert(None, policy);
    }
}

fn api(id: &str) -> Api {
    Api {
        id: ApiId::new(id),
        owner: owner(),
        name: id.to_owned(),
        protocol: Protocol::Http,
        port: None,
        description: None,
        version: None,
        cors: None,
        disable_execute_api_endpoint: false,
        api_key_selection_expression: "$request.header.x-api-key".into(),
        route_selection_expression: "$request.method $request.path".into(),
        disable_schema_validation: None,
        ip_address_type: "ipv4".into(),
        tags: BTreeMap::new(),
        created: 0,
        quick_create: None,
        routes: BTreeMap::new(),
        integrations: BTreeMap::new(),
        authorizers: BTreeMap::new(),
        models: BTreeMap::new(),
        stages: BTreeMap::new(),
        deployments: BTreeMap::new(),
    }
}

fn integration(id: &str, kind: &str, uri: &str) -> Integration {
    Integration {
        id: id.to_owned(),
        kind: match kind {
            "lambda" => IntegrationKind::AwsProxy,
            "aws" => IntegrationKind::Aws,
            "web" => IntegrationKind::Http,
            "mock" => IntegrationKind::Mock,
            _ => IntegrationKind::HttpProxy,
        },
        subtype: None,
        uri: Some(uri.to_owned()),
        method: None,
        connection_type: "INTERNET".into(),
        connection_id: None,
        credentials_arn: None,
        description: None,
        payload: PayloadFormat::V2,
        request_parameters: BTreeMap::new(),
        response_parameters: BTreeMap::new(),
        timeout_ms: 30_000,
        tls_server_name: None,
        content_handling: None,
        passthrough: Passthrough::default(),
        template_selection_expression: None,
        request_templates: BTreeMap::new(),
        responses: BTreeMap::new(),
    }
}

fn route(id: &str, key: &str, integration: &str, authorization: Option<String>) -> Route {
    Route {
        id: id.to_owned(),
        key: match key.split_once(' ') {
            Some((method, path)) => RouteKey::Path { method: method.into(), path: path.into() },
            None => RouteKey::Default,
        },
        target: Some(format!("integrations/{integration}")),
        authorization_type: authorization.unwrap_or("NONE".into()),
        authorization_scopes: None,
        authorizer_id: None,
        operation_name: None,
        api_key_required: false,
        request_parameters: BTreeMap::new(),
        model_selection_expression: None,
        request_models: BTreeMap::new(),
        route_response_selection_expression: None,
        responses: BTreeMap::new(),
    }
}

fn stage(name: &str, variables: BTreeMap<String, String>) -> Stage {
    Stage {
        name: name.to_owned(),
        auto_deploy: None,
        deployment_id: None,
        description: None,
        variables,
        access_log: None,
        default_route_settings: RouteSettings::default(),
        route_settings: BTreeMap::new(),
        client_certificate_id: None,
        tags: BTreeMap::new(),
        created: 0,
        updated: 0,
        last_deployment_message: None,
        managed: false,
        authorizer_resets: 0,
    }
}

/// An access log of this format, into the group `g`.
pub fn access_log(format: &str) -> AccessLog {
    let arn = "arn:aws:logs:us-east-1:123456789012:log-group:g";
    AccessLog { destination_arn: Some(arn.to_owned()), format: Some(format.to_owned()) }
}

pub fn function(name: &str, serial: u64) -> Function {
    let version = Version {
        serial,
        owner: owner(),
        name: name.to_owned(),
        version: "$LATEST".into(),
        arn: format!("arn:aws:lambda:us-east-1:123456789012:function:{name}"),
        runtime: "nodejs22.x".into(),
        handler: "index.handler".into(),
        role: "arn:aws:iam::123456789012:role/r".into(),
        description: String::new(),
        timeout_s: 3,
        memory_mb: 128,
        environment: None,
        code: Arc::new(Code {
            folder: Folder::Unpacked(Unpacked::new(PathBuf::from("/nowhere"), mpsc::channel().0)),
            sha256: String::new(),
            size: 0,
        }),
        architectures: vec!["x86_64".into()],
        ephemeral_mb: 512,
        tracing: "PassThrough".into(),
        modified_ms: 0,
        revision_id: String::new(),
        concurrency: None,
        log_group: format!("/aws/lambda/{name}").into(),
        layers: Vec::new(),
        stored: serde_json::Map::new(),
    };
    Function {
        name: name.to_owned(),
        owner: owner(),
        latest: Arc::new(version),
        versions: BTreeMap::new(),
        next_version: 1,
        published: None,
        aliases: BTreeMap::new(),
        policies: BTreeMap::new(),
        tags: BTreeMap::new(),
        urls: BTreeMap::new(),
        reserved_concurrency: None,
    }
}
