//! What an operation says: an [`Answer`] or an [`Error`], without knowing how its protocol writes them.

use bytes::Bytes;
use serde_json::Value;

/// What an operation answers.
#[derive(Debug)]
pub struct Answer {
    /// 2xx
    pub status: u16,
    /// Headers besides content type and request id.
    pub headers: Vec<(&'static str, String)>,
    /// What it says.
    pub body: Body,
}

/// The body of an [`Answer`].
#[derive(Debug)]
pub enum Body {
    /// Nothing.
    Empty,
    /// The JSON protocols.
    Json(Value),
    /// What stands in the query protocol's `…Result` element: XML, escaped.
    Xml(String),
    /// Bytes as they are, of this content type.
    Raw(&'static str, Bytes),
}

impl Answer {
    /// 200 with members.
    pub fn ok(members: Value) -> Self {
        Self::json(200, members)
    }

    /// 201 with members.
    pub fn created(members: Value) -> Self {
        Self::json(201, members)
    }

    /// 204
    pub fn no_content() -> Self {
        Self::empty(204)
    }

    /// Members with a status.
    pub fn json(status: u16, members: Value) -> Self {
        Self { status, headers: Vec::new(), body: Body::Json(members) }
    }

    /// A status and nothing else.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Body::Empty }
    }

    /// 200 with the content of the query protocol's `…Result` element.
    pub fn xml(result: String) -> Self {
        Self { status: 200, headers: Vec::new(), body: Body::Xml(result) }
    }
}

/// Why an operation refuses. SDKs tell errors apart by `code`; people read `message`.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    /// 4xx: the caller's mistake; 5xx: ours.
    pub status: u16,
    /// `NotFoundException`
    pub code: &'static str,
    /// What is wrong, and where possible what to do.
    pub message: String,
    /// More members of the error's shape: `("resourceType", …)`.
    pub members: Vec<(&'static str, Value)>,
}

impl Error {
    /// An error without further members.
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), members: Vec::new() }
    }

    /// The same with one more member.
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.members.push((name, value.into()));
        self
    }

    /// An operation that AWS has and we don't. SDKs don't try a 501 again.
    pub fn not_supported(service: &str, operation: &str) -> Self {
        let message = format!("gatelet does not support the operation {operation} of {service} yet");
        Self::new(501, "NotImplementedException", message)
    }
}
