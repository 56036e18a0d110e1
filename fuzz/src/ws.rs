//! WebSocket, the server's side: against tungstenite, against a plainer reading of the handshake, and against itself
//! on bytes that arrive otherwise.

use std::io::{self, Cursor, Read, Write};

use gatelet::proto::http1::grammar::is_token;
use gatelet::proto::http1::{Inbox, Request, Spares};
use gatelet::proto::ws::frame::{self, Header};
use gatelet::proto::ws::{Error, Event, Frame, Limits, Opcode, Session, close, handshake, mask};
use tungstenite::protocol::{Role, WebSocketConfig, frame::coding::CloseCode};
use tungstenite::{Message, WebSocket};

use super::cut;

const LIMITS: Limits = Limits { frame: 200, message: 300 };

/// A header, and a payload behind it perhaps: what is read can be written, and is the same again.
pub fn frames(data: &[u8]) {
    let whole = Header::parse(data);
    // What is wrong, or right, is so however much more comes.
    let first = (0..=data.len()).map(|end| Header::parse(&data[..end])).find(|parsed| *parsed != Ok(None));
    assert_eq!(first.unwrap_or(Ok(None)), whole);
    let Ok(Some(header)) = whole else { return };
    assert!((6..=14).contains(&header.size) && header.size <= data.len());
    let payload = &data[header.size..];
    if payload.len() as u64 >= header.length {
        let (sent, _) = payload.split_at(header.length as usize);
        let mut plain = sent.to_vec();
        mask::apply(&mut plain, header.mask);
        let mut again = Vec::new();
        Frame { fin: header.fin, opcode: header.opcode, mask: Some(header.mask), payload: &plain }
            .write(&mut again);
        assert_eq!(again, data[..header.size + sent.len()]);
    }
}

/// What a client sends once the connection is open.
pub fn session(data: &[u8]) {
    let ours = serve(&[data]);
    for parts in [cut(data), data.chunks(1).collect()] {
        assert_eq!(serve(&parts), ours);
    }
    compare(&ours, &serve_by_tungstenite(data));
}

/// The header lines of a handshake.
pub fn handshake(data: &[u8]) {
    let bytes = [b"GET / HTTP/1.1\r\nHost: a\r\n", data, b"\r\n\r\n"].concat();
    let Ok(request) = Request::of(&bytes) else { return };
    let checked = handshake::check(&request);
    assert_eq!(checked.is_ok(), is_good(&request), "{checked:?}");
    match checked {
        Ok(accept) => {
            assert!(handshake::is_upgrade(&request));
            let mut out = Vec::new();
            accept
                .write_101(&mut out, handshake::offered(&request).next(), "today")
                .expect("a token can be written");
            assert!(out.starts_with(b"HTTP/1.1 101 ") && out.ends_with(b"\r\n\r\n"));
            let lines = 6 + usize::from(handshake::offered(&request).next().is_some());
            assert_eq!(out.iter().filter(|&&byte| byte == b'\n').count(), lines);
        }
        Err(refusal) => assert!(matches!(refusal.status(), 400 | 426)),
    }
}

/// What came of a session: what was said, and how it ended.
#[derive(Debug, PartialEq)]
struct Outcome {
    messages: Vec<String>,
    end: End,
    /// What the client was told by itself: pongs, and at last perhaps a close.
    told: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq)]
enum End {
    /// More could come.
    Open,
    Close(u16, String),
    Error(Error),
    /// tungstenite's.
    Refused(String),
}

fn serve(parts: &[&[u8]]) -> Outcome {
    let (mut session, mut inbox, mut spares) = (Session::new(), Inbox::new(), Spares::new());
    let mut outcome = Outcome { messages: Vec::new(), end: End::Open, told: Vec::new() };
    for part in parts {
        inbox.extend(part, &mut spares);
        loop {
            let event = session.decode(&mut inbox, &LIMITS, &mut outcome.told);
            assert!(outcome.end == End::Open || event == Ok(None), "{event:?} after the end");
            match event {
                Ok(Some(Event::Text(text))) => outcome.messages.push(format!("text {text}")),
                Ok(Some(Event::Binary(bytes))) => outcome.messages.push(format!("binary {bytes:?}")),
                Ok(Some(Event::Close(close))) => outcome.end = End::Close(close.code, close.reason),
                Ok(None) => break,
                Err(error) => outcome.end = End::Error(error),
            }
        }
        assert!(inbox.len() < 14 + 125, "only the beginning of a small frame is left lying");
    }
    assert_eq!(session.hung_up().is_some(), outcome.end == End::Open);
    outcome
}

/// Input that ends, and output that goes nowhere.
struct Bytes<'a>(Cursor<&'a [u8]>);

impl Read for Bytes<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl Write for Bytes<'_> {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        Ok(from.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn serve_by_tungstenite(data: &[u8]) -> Outcome {
    let config = WebSocketConfig::default()
        .max_frame_size(Some(LIMITS.frame))
        .max_message_size(Some(LIMITS.message))
        .read_buffer_size(256);
    let mut socket = WebSocket::from_raw_socket(Bytes(Cursor::new(data)), Role::Server, Some(config));
    let mut outcome = Outcome { messages: Vec::new(), end: End::Open, told: Vec::new() };
    loop {
        match socket.read() {
            Ok(Message::Text(text)) => outcome.messages.push(format!("text {}", text.as_str())),
            Ok(Message::Binary(bytes)) => outcome.messages.push(format!("binary {:?}", &bytes[..])),
            Ok(Message::Ping(payload)) => frame::push(&mut outcome.told, Opcode::Pong, &payload),
            Ok(Message::Pong(_) | Message::Frame(_)) => {}
            Ok(Message::Close(None)) => {
                outcome.end = End::Close(close::NO_CODE, String::new());
                return outcome;
            }
            Ok(Message::Close(Some(close))) => {
                let code = close.code.into();
                outcome.end = match (close.code, close.reason.as_str()) {
                    // What it says when the code must not be sent.
                    (CloseCode::Protocol, "Protocol violation") => End::Refused("close code".into()),
                    (_, reason) => End::Close(code, reason.to_owned()),
                };
                return outcome;
            }
            Err(tungstenite::Error::Protocol(
                tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
            )) => return outcome,
            Err(error) => {
                outcome.end = End::Refused(error.to_string());
                return outcome;
            }
        }
    }
}

/// We find a mistake as early as tungstenite or earlier, and are stricter about the shortest form of lengths.
fn compare(ours: &Outcome, theirs: &Outcome) {
    match (&ours.end, &theirs.end) {
        // It takes that, if not the frame is too long in truth, and reads on.
        (
            End::Error(Error::Protocol(
                "a length in more bytes than it needs" | "a control frame is too long",
            )),
            _,
        ) => {
            assert!(theirs.messages.starts_with(&ours.messages));
        }
        (End::Open, End::Open) | (End::Error(_), End::Open | End::Refused(_)) => {
            assert_eq!(ours.messages, theirs.messages);
        }
        (End::Close(..), End::Close(..)) => {
            assert_eq!((&ours.messages, &ours.end), (&theirs.messages, &theirs.end))
        }
        // Registered since, and unknown to tungstenite; or the very words by which we know its refusals.
        (End::Close(1014, _), End::Refused(_)) => {}
        (End::Close(close::PROTOCOL_ERROR, reason), End::Refused(_)) if reason == "Protocol violation" => {}
        _ => panic!("{ours:?}, but tungstenite: {theirs:?}"),
    }
    match ours.end {
        End::Open => assert_eq!(ours.told, theirs.told),
        End::Close(..) | End::Error(_) | End::Refused(_) => {
            let close = ours.told.iter().rposition(|&byte| byte == 0x88).expect("a close was told");
            assert!(ours.told.starts_with(&theirs.told[..theirs.told.len().min(close)]));
        }
    }
}

/// RFC 6455 section 4.2.1, by splitting strings: inside of quotes no comma and no semicolon is good, either.
fn is_good(request: &Request) -> bool {
    let lines = |wanted: &str| -> Vec<&[u8]> {
        request
            .headers()
            .filter(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value)
            .collect()
    };
    let members = |wanted: &str| -> Vec<String> {
        let joined = lines(wanted).join(&b',');
        split(&String::from_utf8_lossy(&joined), ',')
    };
    let names =
        |header: &str, wanted: &str| members(header).iter().any(|member| member.eq_ignore_ascii_case(wanted));
    let key = lines("sec-websocket-key");
    let mut protocols = members("sec-websocket-protocol");
    protocols.retain(|protocol| !protocol.is_empty());
    let count = protocols.len();
    let tokens = protocols.iter().all(|protocol| is_token(protocol.as_bytes()));
    protocols.sort();
    protocols.dedup();
    let no_line_is_empty = |header| {
        lines(header).iter().all(|line| line.iter().any(|byte| !matches!(byte, b',' | b' ' | b'\t')))
    };
    names("upgrade", "websocket")
        && names("connection", "upgrade")
        && lines("sec-websocket-version") == [b"13"]
        && key.len() == 1
        && is_key(key[0])
        && tokens
        && protocols.len() == count
        && no_line_is_empty("sec-websocket-protocol")
        && no_line_is_empty("sec-websocket-extensions")
        && members("sec-websocket-extensions").iter().all(|member| member.is_empty() || is_extension(member))
}

fn split(text: &str, at: char) -> Vec<String> {
    text.split(at).map(|part| part.trim_matches([' ', '\t']).to_owned()).collect()
}

/// 22 digits, of which the last stands for 2 bits and 4 that are ignored.
fn is_key(key: &[u8]) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    key.len() == 24 && key[..22].iter().all(is_digit) && key.ends_with(b"==")
}

fn is_extension(member: &str) -> bool {
    let parts = split(member, ';');
    is_token(parts[0].as_bytes())
        && parts[1..].iter().all(|parameter| match parameter.split_once('=') {
            None => is_token(parameter.as_bytes()),
            Some((name, value)) => {
                is_token(name.trim_end_matches([' ', '\t']).as_bytes())
                    && is_value(value.trim_matches([' ', '\t']))
            }
        })
}

fn is_value(value: &str) -> bool {
    let Some(quoted) = value.strip_prefix('"') else { return is_token(value.as_bytes()) };
    let Some(quoted) = quoted.strip_suffix('"') else { return false };
    let (mut unescaped, mut characters) = (String::new(), quoted.chars());
    while let Some(c) = characters.next() {
        unescaped.push(if c == '\\' { characters.next().unwrap_or(c) } else { c });
    }
    is_token(unescaped.as_bytes())
}
