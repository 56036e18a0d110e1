//! The opening handshake (RFC 6455 section 4): a request that is checked, and the 101 that answers it.
//!
//! Extensions are declined, which is always allowed: their list must be well-formed all the same.

use base64::Engine as _;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{GeneralPurposeConfig, STANDARD};
use sha1::{Digest, Sha1};

use crate::proto::http1::grammar::{is_token, is_token_byte, is_value, members, trim};
use crate::proto::http1::{BadHeader, Request, Response, Version};

/// What is appended to a key before it is hashed (RFC 6455 section 1.3).
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The one version that is spoken: RFC 6455's.
const VERSION: &str = "13";

/// A key is base64 of 16 bytes. Bits beyond them are ignored (RFC 4648 section 3.5), since nobody reads the key.
const KEY: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// A handshake without fault, to be answered with 101 if the application wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accept {
    accept: String,
}

/// Why a handshake cannot be answered with 101.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Something is missing, wrong, or there twice.
    Malformed(&'static str),
    /// It asks for a version of the protocol that is not spoken.
    Version,
}

/// Whether a request asks for a WebSocket, however badly; [`check`] says whether it can be had.
pub fn is_upgrade(request: &Request) -> bool {
    has_member(request, "upgrade", b"websocket")
        || request.headers().any(|(name, _)| {
            ["sec-websocket-key", "sec-websocket-version"].iter().any(|ours| name.eq_ignore_ascii_case(ours))
        })
}

/// Checks a handshake (RFC 6455 section 4.2.1). That there is one `Host` is known of every request of HTTP/1.1;
/// `Origin` is the application's to judge.
pub fn check(request: &Request) -> Result<Accept, Refusal> {
    let malformed = |why| Err(Refusal::Malformed(why));
    if request.method() != "GET" {
        return malformed("a handshake's method is GET");
    }
    if request.version() != Version::Http11 {
        return malformed("a handshake is of HTTP/1.1");
    }
    if !has_member(request, "upgrade", b"websocket") {
        return malformed("Upgrade must name websocket");
    }
    if !has_member(request, "connection", b"upgrade") {
        return malformed("Connection must name Upgrade");
    }
    match only(request, "sec-websocket-version") {
        Ok(version) if version == VERSION.as_bytes() => {}
        Ok(_) => return Err(Refusal::Version),
        Err(Count::None) => return malformed("Sec-WebSocket-Version is missing"),
        Err(Count::Many) => return malformed("more than one Sec-WebSocket-Version"),
    }
    let key = match only(request, "sec-websocket-key") {
        Ok(key) => key,
        Err(Count::None) => return malformed("Sec-WebSocket-Key is missing"),
        Err(Count::Many) => return malformed("more than one Sec-WebSocket-Key"),
    };
    if !is_key(key) {
        return malformed("Sec-WebSocket-Key must be 16 bytes in base64");
    }
    check_protocols(request)?;
    if !lines(request, "sec-websocket-extensions").all(are_extensions) {
        return malformed("Sec-WebSocket-Extensions is malformed");
    }
    Ok(Accept { accept: accept_of(key) })
}

/// The subprotocols that a client offers, the one it likes best first. What is no UTF-8 is no token either.
pub fn offered(request: &Request) -> impl Iterator<Item = &str> {
    let offered = lines(request, "sec-websocket-protocol").flat_map(members);
    offered.filter_map(|protocol| std::str::from_utf8(protocol).ok()).filter(|protocol| !protocol.is_empty())
}

impl Accept {
    /// Appends the 101, its headers spelled as API Gateway spells them. `protocol` is the application's choice,
    /// whether the client offered it or not.
    ///
    /// # Errors
    /// The protocol cannot be the value of a header; nothing was written.
    pub fn write_101(&self, out: &mut Vec<u8>, protocol: Option<&str>, date: &str) -> Result<(), BadHeader> {
        if protocol.is_some_and(|protocol| !is_value(protocol.as_bytes())) {
            return Err(BadHeader);
        }
        out.extend_from_slice(b"HTTP/1.1 101 Switching Protocols\r\nDate: ");
        out.extend_from_slice(date.as_bytes());
        out.extend_from_slice(b"\r\nConnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: ");
        out.extend_from_slice(self.accept.as_bytes());
        if let Some(protocol) = protocol {
            out.extend_from_slice(b"\r\nsec-websocket-protocol: ");
            out.extend_from_slice(protocol.as_bytes());
        }
        out.extend_from_slice(b"\r\n\r\n");
        Ok(())
    }
}

impl Refusal {
    /// What the client is told.
    pub fn status(self) -> u16 {
        self.told().0
    }

    /// The answer to it. A 426 says what would be understood (RFC 6455 section 4.4, RFC 9110 section 15.5.22).
    pub fn response(self) -> Response {
        let (status, message) = self.told();
        let mut response = Response::json(status, format!("{{\"message\":\"{message}\"}}"));
        match self {
            Self::Malformed(_) => {}
            Self::Version => {
                response.header("Connection", "upgrade");
                response.header("Upgrade", "websocket");
                response.header("Sec-WebSocket-Version", VERSION);
            }
        }
        response
    }

    /// Status and message: the one place that maps refusals to them. Messages are free of what JSON escapes.
    fn told(self) -> (u16, &'static str) {
        match self {
            Self::Malformed(why) => (400, why),
            Self::Version => (426, "only version 13 of the WebSocket protocol is spoken here"),
        }
    }
}

/// How many there are, where one was wanted.
enum Count {
    None,
    Many,
}

fn only<'a>(request: &'a Request, name: &'a str) -> Result<&'a [u8], Count> {
    let mut lines = lines(request, name);
    match (lines.next(), lines.next()) {
        (Some(value), None) => Ok(value),
        (None, _) => Err(Count::None),
        (Some(_), Some(_)) => Err(Count::Many),
    }
}

fn lines<'a>(request: &'a Request, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    request.headers().filter(move |(sent, _)| sent.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn has_member(request: &Request, name: &str, wanted: &[u8]) -> bool {
    lines(request, name).flat_map(members).any(|member| member.eq_ignore_ascii_case(wanted))
}

fn is_key(key: &[u8]) -> bool {
    // 24 characters may stand for 18 bytes; the decoder wants room for them.
    let mut nonce = [0; 18];
    key.len() == 24 && KEY.decode_slice(key, &mut nonce).is_ok_and(|length| length == 16)
}

fn accept_of(key: &[u8]) -> String {
    STANDARD.encode(Sha1::new().chain_update(key).chain_update(GUID).finalize())
}

/// `1#token`, "each of which MUST be unique" (RFC 6455 section 4.1).
fn check_protocols(request: &Request) -> Result<(), Refusal> {
    for line in lines(request, "sec-websocket-protocol") {
        let mut protocols = members(line).filter(|protocol| !protocol.is_empty()).peekable();
        if protocols.peek().is_none() || !protocols.all(is_token) {
            return Err(Refusal::Malformed("Sec-WebSocket-Protocol is malformed"));
        }
    }
    let mut all: Vec<_> = offered(request).collect();
    all.sort_unstable();
    if all.is_sorted_by(|one, next| one < next) {
        Ok(())
    } else {
        Err(Refusal::Malformed("Sec-WebSocket-Protocol names one twice"))
    }
}

/// Whether this is a list of extensions (RFC 6455 section 9.1):
/// `1#( token *( ";" token [ "=" ( token | quoted-string ) ] ) )`.
fn are_extensions(line: &[u8]) -> bool {
    let mut rest = trim(line);
    let mut any = false;
    loop {
        // Empty members are ignored (RFC 9110 section 5.6.1).
        if let [b',', behind @ ..] = rest {
            rest = trim(behind);
            continue;
        }
        if rest.is_empty() {
            return any;
        }
        let Some(behind) = after_extension(rest) else { return false };
        any = true;
        match behind {
            [] | [b',', ..] => rest = behind,
            _ => return false,
        }
    }
}

fn after_extension(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = trim(after_token(bytes)?);
    while let [b';', behind @ ..] = rest {
        rest = trim(after_token(trim(behind))?);
        if let [b'=', behind @ ..] = rest {
            rest = match trim(behind) {
                [b'"', quoted @ ..] => after_quoted(quoted)?,
                token => after_token(token)?,
            };
            rest = trim(rest);
        }
    }
    Some(rest)
}

fn after_token(bytes: &[u8]) -> Option<&[u8]> {
    let length = bytes.iter().take_while(|&&byte| is_token_byte(byte)).count();
    (length > 0).then(|| &bytes[length..])
}

/// "the value after quoted-string unescaping MUST conform to the 'token' ABNF" (RFC 6455 section 9.1).
fn after_quoted(mut bytes: &[u8]) -> Option<&[u8]> {
    let mut length = 0;
    loop {
        (length, bytes) = match bytes {
            [b'"', rest @ ..] => return (length > 0).then_some(rest),
            [b'\\', byte, rest @ ..] | [byte, rest @ ..] if is_token_byte(*byte) => (length + 1, rest),
            _ => return None,
        };
    }
}
