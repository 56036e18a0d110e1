//! The body of an upload on its way to a file: out of its `aws-chunked` framing, within its limit.

use std::sync::Arc;

use super::refusal;
use crate::control::answer::Error;
use crate::control::files::{Files, Sink};
use crate::model::bucket::Content;
use crate::proto::aws_chunked::AwsChunked;
use crate::proto::http1::{Request, grammar};

/// AWS: "the largest object that can be uploaded in a single PUT is 5 GB", and so are parts and copies.
pub const MAX_SIZE: u64 = 5 * 1024 * 1024 * 1024;

/// A body that comes piece by piece. Dropped before its end, it leaves nothing.
pub struct Upload {
    /// Where it goes; none until its first byte comes.
    sink: Option<Box<dyn Sink>>,
    /// The framing inside of HTTP's, if there is one.
    framing: Option<AwsChunked>,
    /// How much must come, where the framing hides it.
    declared: Option<u64>,
    size: u64,
}

/// A body that has come.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// What it holds.
    pub content: Content,
    /// What stood behind its last chunk.
    pub trailers: Vec<(String, String)>,
}

impl Upload {
    /// The body of `request`, of which only the head has come.
    ///
    /// # Errors
    /// `EntityTooLarge`
    pub fn begin(request: &Request) -> Result<Self, Error> {
        let text = |name: &str| request.header(name).and_then(|value| std::str::from_utf8(value).ok());
        let length = |name: &str| text(name).and_then(|value| grammar::number(value.trim().as_bytes()));
        let is_framed = text("x-amz-content-sha256").is_some_and(|value| value.starts_with("STREAMING-"))
            || text("content-encoding").is_some_and(|codings| {
                codings.split(',').any(|coding| coding.trim().eq_ignore_ascii_case("aws-chunked"))
            });
        let declared = length("x-amz-decoded-content-length").filter(|_| is_framed);
        if declared.or_else(|| length("content-length")).is_some_and(|size| size > MAX_SIZE) {
            return Err(refusal::too_large(MAX_SIZE));
        }
        Ok(Self { sink: None, framing: is_framed.then(AwsChunked::new), declared, size: 0 })
    }

    /// More of it has come; the bytes are moved about.
    ///
    /// # Errors
    /// `EntityTooLarge`, `InvalidRequest` where the framing is broken, or `InternalError` of the disk.
    pub fn take(&mut self, files: &dyn Files, bytes: &mut [u8]) -> Result<(), Error> {
        let data = match &mut self.framing {
            Some(framing) => {
                let count = framing.decode(bytes).map_err(|malformed| {
                    refusal::invalid_request(format!("The aws-chunked body is malformed: {}", malformed.0))
                })?;
                &bytes[..count]
            }
            None => &*bytes,
        };
        if data.is_empty() {
            return Ok(());
        }
        self.size += data.len() as u64;
        if self.size > MAX_SIZE {
            return Err(refusal::too_large(MAX_SIZE));
        }
        let sink = match &mut self.sink {
            Some(sink) => sink,
            none => none.insert(files.new_object().map_err(|error| refusal::disk(&error))?),
        };
        sink.write(data).map_err(|error| refusal::disk(&error))
    }

    /// All of it has come.
    ///
    /// # Errors
    /// `IncompleteBody`
    pub fn end(self) -> Result<Received, Error> {
        let is_whole = self.framing.as_ref().is_none_or(AwsChunked::is_done)
            && self.declared.is_none_or(|declared| declared == self.size);
        if !is_whole {
            let message =
                "You did not provide the number of bytes specified by the Content-Length HTTP header";
            return Err(Error::new(400, "IncompleteBody", message));
        }
        let trailers = self.framing.as_ref().map(|framing| {
            framing.trailers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        });
        let files: Vec<_> = self.sink.into_iter().map(|sink| Arc::new(sink.keep())).collect();
        Ok(Received { content: Content::new(files), trailers: trailers.unwrap_or_default() })
    }
}
