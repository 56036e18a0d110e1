//! The service from outside: forms in, XML out, and what there is in the store afterwards.

mod change_sets;
mod recorded;
mod resources;
mod sam;
mod stacks;
mod templates;

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};

use crate::base::{Now, Published, Rng};
use crate::control::files::memory::Memory;
use crate::control::ports::fake::Fake;
use crate::control::{Control, Turn};
use crate::live::Live;
use crate::model::Settings;
use crate::proto::http1::{Framing, Request};
use crate::proto::query;

/// Control planes, and whoever asks them.
pub struct Bench {
    pub control: Control,
    live: Arc<Published<Live>>,
    now: std::cell::Cell<u64>,
}

impl Bench {
    pub fn new() -> Self {
        let settings = Arc::new(Settings::default());
        let live = Arc::new(Published::new(Live::empty(Arc::clone(&settings))));
        let (files, ports) = (Arc::new(Memory::default()), Arc::new(Fake::default()));
        files.make_folder("/project");
        let now = Now { instant: Instant::now(), unix_ms: 1_586_372_745_000 };
        let control = Control::new(settings, Arc::clone(&live), files, ports, Rng::with_seed(1), now);
        Self { control, live, now: std::cell::Cell::new(now.unix_ms) }
    }

    /// Status and body of the answer to an action. Each is asked a second after the one before.
    pub fn ask(&self, action: &str, members: &[(&str, &str)]) -> (u16, String) {
        let mut form = format!("Action={action}&Version=2010-05-15");
        for (name, value) in members {
            form.push('&');
            query::encode_query_component(&mut form, name);
            form.push('=');
            query::encode_query_component(&mut form, value);
        }
        let request = format!(
            "POST / HTTP/1.1\r\nHost: localhost:4566\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n\r\n{form}",
            form.len()
        );
        self.send(&request)
    }

    /// The answer to a request of another service.
    pub fn get(&self, path: &str) -> Value {
        let (status, body) = self.send(&format!("GET {path} HTTP/1.1\r\nHost: localhost:4566\r\n\r\n"));
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).expect("JSON")
    }

    fn send(&self, request: &str) -> (u16, String) {
        let request = Request::of(request.as_bytes()).expect("a whole request");
        self.now.set(self.now.get() + 1000);
        let now = Now { instant: Instant::now(), unix_ms: self.now.get() };
        let response = match self.control.call(now, request) {
            Turn::Done(done) => done.response,
            Turn::Later(later) => later.run(&self.control).response,
            _ => panic!("no answer of the control plane's own"),
        };
        let mut out = Vec::new();
        response.write(&mut out, Framing { head_only: false, http10: false, keep_alive: true, date: "" });
        let text = String::from_utf8(out).expect("text");
        (response.status, text.split_once("\r\n\r\n").expect("a head").1.to_owned())
    }

    /// The answer to an action that must succeed.
    #[track_caller]
    pub fn ok(&self, action: &str, members: &[(&str, &str)]) -> String {
        let (status, body) = self.ask(action, members);
        assert_eq!(status, 200, "{action} {members:?}: {body}");
        body
    }

    /// The refusal of an action: `Code: message`.
    #[track_caller]
    pub fn refused(&self, action: &str, members: &[(&str, &str)]) -> String {
        let (status, body) = self.ask(action, members);
        assert!(status >= 400, "{action} {members:?}: {body}");
        format!("{}: {}", one(&body, "Code"), one(&body, "Message"))
    }

    /// CreateStack, UpdateStack: the stack's status then.
    #[track_caller]
    pub fn deploy(&self, action: &str, name: &str, template: &Value) -> String {
        self.ok(action, &[("StackName", name), ("TemplateBody", &template.to_string())]);
        self.status(name)
    }

    /// `StackStatus`
    #[track_caller]
    pub fn status(&self, name: &str) -> String {
        one(&self.ok("DescribeStacks", &[("StackName", name)]), "StackStatus")
    }

    /// The outputs, as `key=value`, by key.
    pub fn outputs(&self, name: &str) -> Vec<String> {
        let body = self.ok("DescribeStacks", &[("StackName", name)]);
        let (keys, values) = (all(&body, "OutputKey"), all(&body, "OutputValue"));
        keys.into_iter().zip(values).map(|(key, value)| format!("{key}={value}")).collect()
    }

    /// The events, oldest first: `logical STATUS reason`.
    pub fn events(&self, name: &str) -> Vec<String> {
        let body = self.ok("DescribeStackEvents", &[("StackName", name)]);
        let mut events: Vec<String> = members(&body)
            .into_iter()
            .map(|event| {
                let reason = all(&event, "ResourceStatusReason").pop().unwrap_or_default();
                format!("{} {} {reason}", one(&event, "LogicalResourceId"), one(&event, "ResourceStatus"))
                    .trim()
                    .to_owned()
            })
            .collect();
        events.reverse();
        events
    }

    /// The physical id of a resource.
    #[track_caller]
    pub fn physical(&self, stack: &str, logical: &str) -> String {
        let body = self.ok("DescribeStackResource", &[("StackName", stack), ("LogicalResourceId", logical)]);
        one(&body, "PhysicalResourceId")
    }

    /// Everything that is in the store and no stack, to compare.
    pub fn dump(&self) -> String {
        let store = self.control.store();
        let functions: Vec<String> =
            store.functions.values().map(|function| format!("{function:#?}")).collect();
        let buckets: Vec<&String> = store.buckets.keys().collect();
        let functions = functions.join("\n");
        let (groups, parameters) = (&store.repositories, &store.parameters);
        format!(
            "{:#?}\n{functions}\n{:#?}\n{buckets:?}\n{:#?}\n{groups:#?}\n{parameters:#?}\n{:#?}\n{:#?}",
            store.apis, store.rest_apis, store.iam, store.rules, store.usage
        )
    }
}

/// The texts of all elements of this name that have no children.
pub fn all(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(&open)
        .skip(1)
        .filter_map(|rest| rest.split_once(&close))
        .map(|(text, _)| unescaped(text))
        .collect()
}

/// The text of the first of them.
#[track_caller]
pub fn one(xml: &str, name: &str) -> String {
    all(xml, name).into_iter().next().unwrap_or_else(|| panic!("no {name} in {xml}"))
}

/// The members of a list of structures that have no lists in them.
pub fn members(xml: &str) -> Vec<String> {
    xml.split("<member>")
        .skip(1)
        .map(|rest| rest.split("</member>").next().unwrap_or_default().to_owned())
        .collect()
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// An HTTP API with one route to one function.
pub fn http_api() -> Value {
    json!({
        "Resources": {
            "Function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "FunctionName": "hello",
                    "Runtime": "nodejs22.x",
                    "Handler": "index.handler",
                    "Role": "arn:aws:iam::000000000000:role/r",
                    "Timeout": "6",
                    "Code": { "ZipFile": "exports.handler = async () => 'hi'" },
                },
            },
            "Api": { "Type": "AWS::ApiGatewayV2::Api", "Properties": { "Name": "a", "ProtocolType": "HTTP" } },
            "Stage": {
                "Type": "AWS::ApiGatewayV2::Stage",
                "Properties": { "ApiId": { "Ref": "Api" }, "StageName": "$default", "AutoDeploy": "true" },
            },
            "Integration": {
                "Type": "AWS::ApiGatewayV2::Integration",
                "Properties": {
                    "ApiId": { "Ref": "Api" },
                    "IntegrationType": "AWS_PROXY",
                    "IntegrationUri": { "Fn::GetAtt": ["Function", "Arn"] },
                    "PayloadFormatVersion": "2.0",
                    "TimeoutInMillis": "30000",
                },
            },
            "Route": {
                "Type": "AWS::ApiGatewayV2::Route",
                "Properties": {
                    "ApiId": { "Ref": "Api" },
                    "RouteKey": "GET /hi",
                    "Target": { "Fn::Join": ["/", ["integrations", { "Ref": "Integration" }]] },
                },
            },
            "Permission": {
                "Type": "AWS::Lambda::Permission",
                "Properties": {
                    "FunctionName": { "Fn::GetAtt": ["Function", "Arn"] },
                    "Action": "lambda:InvokeFunction",
                    "Principal": "apigateway.amazonaws.com",
                    "SourceArn": { "Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*" },
                },
            },
        },
        "Outputs": {
            "Arn": { "Value": { "Fn::GetAtt": ["Function", "Arn"] } },
            "Url": { "Value": { "Fn::Sub": "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/x" } },
        },
    })
}
