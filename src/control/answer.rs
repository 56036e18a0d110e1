//! What an operation says: an [`Answer`] or an [`Error`], without knowing how its protocol writes them.

use std::io;

use bytes::Bytes;
use serde_json::Value;

use super::files::Files;
use crate::model::bucket::Content;

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
    /// XML, escaped: of the query protocol what stands in the `…Result` element, of REST-XML the root.
    Xml(String),
    /// Bytes as they are, of this content type.
    Raw(&'static str, Bytes),
    /// What lies in files, with all the headers that describe it.
    Object(Vec<(String, String)>, Download),
}

/// Content that is read from its files while it is sent.
#[derive(Clone, Debug, Default)]
pub struct Download {
    content: Content,
    /// Which of its files comes next, and from where on.
    file: usize,
    at: u64,
    left: u64,
}

impl Download {
    /// `length` bytes of `content` from `from` on.
    pub fn new(content: Content, from: u64, length: u64) -> Self {
        let mut download = Self { content, file: 0, at: from, left: length };
        while let Some(file) = download.content.files().get(download.file)
            && download.at >= file.size()
        {
            download.at -= file.size();
            download.file += 1;
        }
        download
    }

    /// How many bytes are left.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// Reads on, at most as much as there is room; at least one byte while there are any left.
    ///
    /// # Errors
    /// When the disk fails, or has less than it should.
    pub fn read(&mut self, files: &dyn Files, into: &mut [u8]) -> io::Result<usize> {
        let ended = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let file = self.content.files().get(self.file).ok_or_else(ended)?;
        let most = (file.size() - self.at).min(self.left).min(into.len() as u64);
        let count = files.read_object(file, self.at, &mut into[..most as usize])?;
        if count == 0 {
            return Err(ended());
        }
        (self.at, self.left) = (self.at + count as u64, self.left - count as u64);
        if self.at == file.size() {
            (self.file, self.at) = (self.file + 1, 0);
        }
        Ok(count)
    }
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
