//! TLS over a non-blocking socket, by rustls: to back ends whose URL says `https`.

use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use mio::net::TcpStream;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};

/// A socket and the TLS session over it.
pub struct Tls {
    /// The socket.
    pub socket: TcpStream,
    session: ClientConnection,
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
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has suites for the default versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

impl Tls {
    /// A session to the server of this name, over a socket that is being connected. `Err`: no server name.
    pub fn client(config: &Arc<ClientConfig>, server_name: &str, socket: TcpStream) -> Result<Self, String> {
        let name = ServerName::try_from(server_name.to_owned())
            .map_err(|_| format!("{server_name} is no name that a certificate could have"))?;
        let session = ClientConnection::new(Arc::clone(config), name).map_err(|error| error.to_string())?;
        Ok(Self { socket, session })
    }

    /// Whether sealed records wait for the socket.
    pub fn holds_output(&self) -> bool {
        self.session.wants_write()
    }

    /// Says goodbye, as far as the socket takes it.
    pub fn close(&mut self) {
        self.session.send_close_notify();
        // Whoever closes doesn't wait: what doesn't go now doesn't go.
        let _ = self.session.write_tls(&mut self.socket);
    }

    fn push(&mut self) -> io::Result<()> {
        while self.session.wants_write() {
            self.session.write_tls(&mut self.socket)?;
        }
        Ok(())
    }
}

impl Read for Tls {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.session.reader().read(into) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                // An end without close_notify is an end, as other clients see it too: HTTP knows its lengths.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(0),
                outcome => return outcome,
            }
            let ended = self.session.read_tls(&mut self.socket)? == 0;
            let state = self.session.process_new_packets();
            // The handshake answers what it reads, alerts included.
            match self.push() {
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                _ => {}
            }
            state.map_err(io::Error::other)?;
            if ended {
                return Ok(0);
            }
        }
    }
}

impl Write for Tls {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.push()?;
        let taken = self.session.writer().write(from)?;
        if taken == 0 && !from.is_empty() {
            // The session holds as much as it may until the handshake is done.
            return Err(io::ErrorKind::WouldBlock.into());
        }
        match self.push() {
            // What was sealed counts as written; `holds_output` says that it has not left yet.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && taken > 0 => Ok(taken),
            Err(error) => Err(error),
            Ok(()) => Ok(taken),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.push()
    }
}
