//! One control plane asks another: the same row of the same table as a call from outside, without a socket.

use serde_json::{Map, Value};

use super::answer::{Answer, Body, Error};
use super::call::Call;
use super::operation::{Bound, Operation, Protocol, Run, Service};
use super::{Control, SERVICES, guarded};
use crate::base::Now;
use crate::model::{Owner, Store};
use crate::proto::http1::Request;

/// What is to be done, for whom.
#[derive(Debug)]
pub struct Errand<'a> {
    /// Whose resources it is about.
    pub owner: &'a Owner,
    /// When it is asked.
    pub now: Now,
    /// As SDKs name it: `apigatewayv2`.
    pub service: &'static str,
    /// As AWS names it: `CreateApi`.
    pub operation: &'static str,
    /// The parameters of the path, by the names that the operation's row gives them.
    pub path: Vec<(&'static str, String)>,
    /// The parameters of the query.
    pub query: Vec<(String, String)>,
    /// The members of the body: for the JSON protocols as they are, for the query protocol as a form. For REST-XML
    /// the one member `Body`, a document.
    pub members: Map<String, Value>,
}

impl<'a> Errand<'a> {
    /// An errand without parameters and members.
    pub fn new(owner: &'a Owner, now: Now, service: &'static str, operation: &'static str) -> Self {
        Self { owner, now, service, operation, path: Vec::new(), query: Vec::new(), members: Map::new() }
    }
}

impl Control {
    /// Does what an errand says, and publishes what it changed. Blocks as long as the operation takes; takes the
    /// store's lock itself, so the caller must not hold it. A panic is an error, as it is for calls from outside.
    ///
    /// # Errors
    /// What the operation answers a client; 501 where there is no such operation.
    pub fn perform(&self, errand: Errand) -> Result<Value, Error> {
        let (service, operation) = row(errand.service, errand.operation)?;
        let answer = guarded(|| {
            let call = self.call_of(service, operation, errand)?;
            match operation.run {
                Run::Slow(run) => run(self, &call),
                Run::Quick(run) => {
                    let mut store = self.store();
                    let answer = run(&mut store, &self.context, &call);
                    self.commit(store);
                    answer
                }
                // What invokes is answered by the reactor, and nobody here waits for it.
                Run::Invoke(_) => Err(Error::not_supported(service.name, operation.name)),
            }
        })?;
        Ok(members(answer))
    }

    /// Does what an errand says to a store of the caller's own, of which nothing is published. Only what runs at once
    /// can be asked for.
    ///
    /// # Errors
    /// As [`Control::perform`].
    pub fn perform_in(&self, store: &mut Store, errand: Errand) -> Result<Value, Error> {
        let (service, operation) = row(errand.service, errand.operation)?;
        let call = self.call_of(service, operation, errand)?;
        match operation.run {
            Run::Quick(run) => run(store, &self.context, &call).map(members),
            Run::Slow(_) | Run::Invoke(_) => Err(Error::not_supported(service.name, operation.name)),
        }
    }

    fn call_of(
        &self,
        service: &'static Service,
        operation: &'static Operation,
        errand: Errand,
    ) -> Result<Call, Error> {
        let Errand { owner, now, path, mut query, members, .. } = errand;
        let body = match service.protocol {
            Protocol::RestJson | Protocol::Json11 => Value::Object(members).to_string(),
            Protocol::Query(_) => {
                form(&mut query, "", &Value::Object(members));
                String::new()
            }
            // Documents come as they are.
            Protocol::RestXml => members.get("Body").and_then(Value::as_str).unwrap_or_default().to_owned(),
        };
        let head = format!("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n", body.len());
        let request = Request::of([head, body].concat().as_bytes()).map_err(|error| {
            Error::new(500, "InternalFailure", format!("an errand cannot be written: {error:?}"))
        })?;
        Ok(Call {
            owner: owner.clone(),
            service,
            operation,
            now,
            request_id: self.request_id(),
            path: bound(operation, path)?,
            query,
            request,
            received: None,
        })
    }
}

/// Whether there is such an operation.
pub fn exists(service: &str, operation: &str) -> bool {
    row(service, operation).is_ok()
}

fn row(service: &str, operation: &str) -> Result<(&'static Service, &'static Operation), Error> {
    let found = SERVICES.iter().find(|known| known.name == service).and_then(|service| {
        Some((service, service.operations.iter().find(|known| known.name == operation)?))
    });
    found.ok_or_else(|| Error::not_supported(service, operation))
}

/// The parameters of the operation's path, in its order.
fn bound(operation: &'static Operation, mut given: Vec<(&'static str, String)>) -> Result<Bound, Error> {
    let path = operation.at.split('?').next().unwrap_or_default();
    let names = path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    names
        .map(|name| name.trim_end_matches('+'))
        .map(|name| {
            let at = given.iter().position(|(known, _)| *known == name).ok_or_else(|| {
                Error::new(500, "InternalFailure", format!("{} was asked without its {name}", operation.name))
            })?;
            Ok((name, given.swap_remove(at).1))
        })
        .collect()
}

/// Members as the query protocol writes them: `Tags.member.1.Key=…`.
fn form(out: &mut Vec<(String, String)>, name: &str, value: &Value) {
    let below = |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}.{part}") };
    match value {
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) => out.push((name.to_owned(), value.to_string())),
        Value::String(text) => out.push((name.to_owned(), text.clone())),
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                form(out, &below(&format!("member.{}", n + 1)), item);
            }
        }
        Value::Object(members) => {
            for (member, value) in members {
                form(out, &below(member), value);
            }
        }
    }
}

/// What an operation answered, as members. Of XML, which we wrote ourselves, the elements without children.
fn members(answer: Answer) -> Value {
    match answer.body {
        Body::Json(members) => members,
        Body::Xml(text) => Value::Object(leaves(&text)),
        Body::Empty | Body::Raw(..) | Body::Object(..) => Value::Object(Map::new()),
    }
}

/// `<Role><Arn>a</Arn></Role>` → `{"Arn": "a"}`; of several of one name, the first.
fn leaves(xml: &str) -> Map<String, Value> {
    let mut found = Map::new();
    let mut rest = xml;
    while let Some((_, after)) = rest.split_once('<') {
        rest = after;
        let Some((name, inner)) = after.split_once('>') else { break };
        let Some((text, end)) = inner.split_once('<') else { break };
        if end
            .strip_prefix('/')
            .and_then(|end| end.strip_prefix(name))
            .is_some_and(|end| end.starts_with('>'))
        {
            found.entry(name).or_insert_with(|| unescaped(text).into());
        }
    }
    found
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#13;", "\r");
    text.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_become_a_form() {
        let mut out = Vec::new();
        form(
            &mut out,
            "",
            &json!({ "A": "x", "B": [{ "Key": "k", "Value": 1 }], "C": { "D": true }, "E": null }),
        );
        let text: Vec<String> = out.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(text.join("&"), "A=x&B.member.1.Key=k&B.member.1.Value=1&C.D=true");
    }

    #[test]
    fn leaves_of_xml() {
        for (xml, expected) in [
            ("<Role><Arn>a&amp;b</Arn><Path>/</Path></Role>", json!({ "Arn": "a&b", "Path": "/" })),
            ("<Text>a&#13;b&amp;#13;</Text>", json!({ "Text": "a\rb&#13;" })),
            ("<A><B>1</B><B>2</B><C/></A>", json!({ "B": "1" })),
            ("", json!({})),
            ("<A><", json!({})),
            ("<A>x", json!({})),
        ] {
            assert_eq!(Value::Object(leaves(xml)), expected, "{xml}");
        }
    }
}
