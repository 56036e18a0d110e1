//! [`Call`]: a request to a control plane, taken apart: who asks what of whom, when.

use serde_json::{Map, Value};

use super::operation::{Bound, Operation, Service};
use super::s3::upload::Received;
use crate::base::Now;
use crate::model::Owner;
use crate::proto::http1::Request;
use crate::proto::query;

/// A call of an operation that is emulated.
#[derive(Debug)]
pub struct Call {
    /// Whose resources it is about: account and region.
    pub owner: Owner,
    /// The service.
    pub service: &'static Service,
    /// The operation.
    pub operation: &'static Operation,
    /// When it came.
    pub now: Now,
    /// A UUID: `x-amzn-requestid` of the answer.
    pub request_id: String,
    /// The parameters of the path, decoded.
    pub path: Bound,
    /// The query's parameters in order, decoded; for the query protocol those of the form too.
    pub query: Vec<(String, String)>,
    /// The request itself, for headers and body.
    pub request: Request,
    /// The body, where it is none of the request's because it went to disk as it came.
    pub received: Option<Received>,
}

impl Call {
    /// A parameter of the path.
    ///
    /// # Panics
    /// When the operation's row has no such parameter.
    pub fn path(&self, name: &str) -> &str {
        let found = self.path.iter().find(|(bound, _)| *bound == name);
        &found.expect("an operation asks for the parameters of its own row").1
    }

    /// The first parameter of this name in the query.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All parameters of this name in the query.
    pub fn query_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first header of this name, where it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.request.header(name)?).ok()
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        self.request.body()
    }

    /// The body as a JSON object; an empty body is an empty one.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn json(&self) -> Result<Map<String, Value>, String> {
        if self.body().iter().all(u8::is_ascii_whitespace) {
            return Ok(Map::new());
        }
        // serde_json refuses more than 128 levels by itself.
        match serde_json::from_slice(self.body()) {
            Ok(Value::Object(members)) => Ok(members),
            Ok(_) => Err("the body is no JSON object".into()),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// The parameters of a query or a form, decoded, in order.
pub fn parameters(text: &str) -> Vec<(String, String)> {
    query::pairs(text).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}
