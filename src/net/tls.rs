//! TLS over a non-blocking socket, by rustls: to back ends whose URL says `https`, and from clients who begin with a
//! handshake.
//!
//! ```text
//! client: Greeting ── its hello is whole ──> Greeted ── open(a configuration for the name) ──> Open ──> Failed
//! server:                                                                                      Open ──> Failed
//! ```
//!
//! A session is generic over its socket, so that tests and the fuzzer bring one of their own.

pub mod names;

use std::io::{self, Cursor, Read, Write};
use std::path::Path;
use std::sync::Arc;

use mio::net::TcpStream;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::{Accepted, Acceptor};
use rustls::{ClientConfig, ClientConnection, Connection, RootCertStore, ServerConfig};

use crate::gateway::{Channel, Shown};
use crate::model::domain::Truststore;
use crate::proto::certificate::Certificate;

/// How a TLS connection begins: a record of the handshake (RFC 8446 section 5.1). No request of HTTP does.
pub const FIRST_BYTE: u8 = 0x16;

/// A socket and the TLS session over it.
pub struct Tls<S = TcpStream> {
    /// The socket.
    pub socket: S,
    /// What was read from it before it was known to speak TLS.
    early: Cursor<Vec<u8>>,
    session: Session,
    /// Who must have signed the client's certificate, where it was asked for one.
    truststore: Option<Arc<Truststore>>,
    /// What the client has shown, once somebody asked.
    shown: Option<Arc<Shown>>,
}

/// How far a session is.
enum Session {
    /// A client's hello is to come.
    Greeting(Box<Acceptor>),
    /// The hello is there: whom it asks for decides how it is answered.
    Greeted(Box<Accepted>),
    /// Hands are shaken, or being shaken.
    Open(Box<Connection>),
    /// The peer broke the rules, and was told so: what it says is of no interest any more.
    Failed,
}

/// Whom we trust: the public authorities, and those of the file that `SSL_CERT_FILE` names (PEM).
///
/// # Errors
/// When the file cannot be read, says the one line for the user.
pub fn client_config(extra: Option<&Path>) -> Result<Arc<ClientConfig>, String> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(file) = extra {
        let problem = |error: &dyn std::fmt::Display| {
            format!("SSL_CERT_FILE={}: cannot be read as PEM certificates: {error}", file.display())
        };
        for certificate in CertificateDer::pem_file_iter(file).map_err(|error| problem(&error))? {
            let certificate = certificate.map_err(|error| problem(&error))?;
            roots.add(certificate).map_err(|error| problem(&error))?;
        }
    }
    let mut config = ClientConfig::builder_with_provider(names::provider())
        .with_safe_default_protocol_versions()
        .expect("ring has suites for the default versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![names::ALPN.to_vec()];
    Ok(Arc::new(config))
}

impl<S: Read + Write> Tls<S> {
    /// A session to the server of this name, over a socket that is being connected. `Err`: no server name.
    pub fn client(config: &Arc<ClientConfig>, server_name: &str, socket: S) -> Result<Self, String> {
        let name = ServerName::try_from(server_name.to_owned())
            .map_err(|_| format!("{server_name} is no name that a certificate could have"))?;
        let session = ClientConnection::new(Arc::clone(config), name).map_err(|error| error.to_string())?;
        Ok(Self::new(socket, Vec::new(), Session::Open(Box::new(session.into()))))
    }

    /// A session with a client, of whom these bytes have come already.
    pub fn server(socket: S, early: Vec<u8>) -> Self {
        Self::new(socket, early, Session::Greeting(Box::default()))
    }

    fn new(socket: S, early: Vec<u8>, session: Session) -> Self {
        Self { socket, early: Cursor::new(early), session, truststore: None, shown: None }
    }

    /// What the client speaks, and what it has shown of itself.
    pub fn channel(&mut self) -> Channel {
        if self.shown.is_none()
            && let Some(truststore) = &self.truststore
            && let Session::Open(session) = &self.session
        {
            let first = session.peer_certificates().and_then(|chain| chain.first());
            self.shown = first
                .and_then(|der| Certificate::parse(der))
                .map(|certificate| Arc::new(Shown { certificate, truststore: Arc::clone(truststore) }));
        }
        Channel::Tls(self.shown.clone())
    }

    /// Whether hands are not shaken yet.
    pub fn is_handshaking(&self) -> bool {
        match &self.session {
            Session::Greeting(_) | Session::Greeted(_) => true,
            Session::Open(session) => session.is_handshaking(),
            Session::Failed => false,
        }
    }

    /// Whom the client asks for, once its hello is whole: a name in lower case, if it said one.
    pub fn greeted(&self) -> Option<Option<String>> {
        match &self.session {
            Session::Greeted(accepted) => {
                Some(accepted.client_hello().server_name().map(str::to_ascii_lowercase))
            }
            Session::Greeting(_) | Session::Open(_) | Session::Failed => None,
        }
    }

    /// Answers a hello that is whole; `truststore` is whose certificates the configuration takes from clients.
    /// `false`: the client cannot be understood, and was told so.
    pub fn open(&mut self, config: Arc<ServerConfig>, truststore: Option<Arc<Truststore>>) -> bool {
        self.truststore = truststore;
        self.session = match std::mem::replace(&mut self.session, Session::Failed) {
            Session::Greeted(accepted) => match accepted.into_connection(config) {
                Ok(session) => Session::Open(Box::new(session.into())),
                Err((_, mut alert)) => {
                    // An alert is a few bytes; a socket that has no room for them has no reader either.
                    let _ = alert.write_all(&mut self.socket);
                    return false;
                }
            },
            other => other,
        };
        true
    }

    /// Whether sealed records wait for the socket.
    pub fn holds_output(&self) -> bool {
        match &self.session {
            Session::Open(session) => session.wants_write(),
            Session::Greeting(_) | Session::Greeted(_) | Session::Failed => false,
        }
    }

    /// Says goodbye, as far as the socket takes it.
    pub fn close(&mut self) {
        if let Session::Open(session) = &mut self.session {
            session.send_close_notify();
            // Whoever closes doesn't wait: what doesn't go now doesn't go.
            let _ = session.write_tls(&mut self.socket);
        }
    }

    /// Reads a client's hello, as far as it has come.
    fn greet(&mut self) -> io::Result<usize> {
        let Session::Greeting(acceptor) = &mut self.session else {
            return Err(io::ErrorKind::WouldBlock.into());
        };
        loop {
            if acceptor.read_tls(&mut Source(&mut self.early, &mut self.socket))? == 0 {
                return Ok(0);
            }
            match acceptor.accept() {
                Ok(None) => {}
                Ok(Some(accepted)) => {
                    self.session = Session::Greeted(Box::new(accepted));
                    return Err(io::ErrorKind::WouldBlock.into());
                }
                Err((error, mut alert)) => {
                    let _ = alert.write_all(&mut self.socket);
                    self.session = Session::Failed;
                    return Err(violation(error));
                }
            }
        }
    }
}

/// What a peer must not do: told apart from a socket's own errors by its kind.
fn violation(error: rustls::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

fn push(session: &mut Connection, socket: &mut impl Write) -> io::Result<()> {
    while session.wants_write() {
        session.write_tls(socket)?;
    }
    Ok(())
}

/// First what was read early, then the socket.
struct Source<'a, S>(&'a mut Cursor<Vec<u8>>, &'a mut S);

impl<S: Read> Read for Source<'_, S> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Self(early, socket) = self;
        if early.get_ref().is_empty() {
            return socket.read(into);
        }
        let count = early.read(into)?;
        if early.position() == early.get_ref().len() as u64 {
            // It is needed no more: an idle connection holds no memory for it.
            **early = Cursor::default();
        }
        Ok(count)
    }
}

/// An error of the kind [`io::ErrorKind::InvalidData`] says that the peer broke the rules and was told so, if it was the
/// one who connected: from there on what it sends is read as it is, to be forgotten. A client's hello that is whole
/// ([`Tls::greeted`]) reads as if nothing came until it is answered.
impl<S: Read + Write> Read for Tls<S> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let session = match &mut self.session {
                Session::Open(session) => session,
                Session::Greeting(_) | Session::Greeted(_) => return self.greet(),
                Session::Failed => return Source(&mut self.early, &mut self.socket).read(into),
            };
            match session.reader().read(into) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                // An end without close_notify is an end, as other clients see it too: HTTP knows its lengths.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(0),
                outcome => return outcome,
            }
            let ended = session.read_tls(&mut Source(&mut self.early, &mut self.socket))? == 0;
            let state = session.process_new_packets();
            // The handshake answers what it reads, alerts included.
            match push(session, &mut self.socket) {
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                _ => {}
            }
            if let Err(error) = state {
                self.session = Session::Failed;
                return Err(violation(error));
            }
            if ended {
                return Ok(0);
            }
        }
    }
}

impl<S: Read + Write> Write for Tls<S> {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        let Session::Open(session) = &mut self.session else { return Ok(0) };
        push(session, &mut self.socket)?;
        let taken = session.writer().write(from)?;
        if taken == 0 && !from.is_empty() {
            // The session holds as much as it may until the handshake is done.
            return Err(io::ErrorKind::WouldBlock.into());
        }
        match push(session, &mut self.socket) {
            // What was sealed counts as written; `holds_output` says that it has not left yet.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && taken > 0 => Ok(taken),
            Err(error) => Err(error),
            Ok(()) => Ok(taken),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.session {
            Session::Open(session) => push(session, &mut self.socket),
            Session::Greeting(_) | Session::Greeted(_) | Session::Failed => Ok(()),
        }
    }
}
