//! What a client is shown, by the name that it asks for: a certificate of our own authority, made when it is first
//! asked for, or the one that the user gave.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{
    NoServerSessionStorage, ResolvesServerCert, ResolvesServerCertUsingSni, WebPkiClientVerifier,
};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{RootCertStore, ServerConfig};

use crate::base::Now;
use crate::model::domain::Truststore;
use crate::proto::authority::{Lazy, Name};

/// The one protocol that is spoken.
pub const ALPN: &[u8] = b"http/1.1";

/// What LocalStack's public name, and all below it, resolves to: 127.0.0.1.
const LOCAL: &str = "localhost.localstack.cloud";

/// Names that are one certificate's. A `*` stands for one label, so that names with more have their own.
const WELL_KNOWN: [&str; 5] = [
    "localhost",
    LOCAL,
    "*.localhost.localstack.cloud",
    "*.execute-api.localhost.localstack.cloud",
    "*.lambda-url.us-east-1.localhost.localstack.cloud",
];

/// Configurations that are kept; beyond, all are made anew as they are asked for.
const MAX_KEPT: usize = 256;

/// Configurations by name.
pub struct Names {
    identity: Identity,
    /// What all have in common, once one was needed.
    base: Option<ServerConfig>,
    kept: HashMap<String, Arc<ServerConfig>>,
    /// The same of names whose clients must show a certificate.
    mutual: HashMap<String, (Arc<Truststore>, Arc<ServerConfig>)>,
}

/// Who we say we are.
pub enum Identity {
    /// Whoever we are asked for.
    Own(Arc<Lazy>),
    /// The certificate of `--tls-cert`.
    Given(Arc<CertifiedKey>),
}

impl Identity {
    /// The authority that clients must trust; `None`: it is not ours.
    pub fn authority(&self) -> Option<Arc<Lazy>> {
        match self {
            Self::Own(authority) => Some(Arc::clone(authority)),
            Self::Given(_) => None,
        }
    }
}

/// The cryptography.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// The certificate and the key in these files (PEM).
///
/// # Errors
/// The one line for the user.
pub fn given(certificates: &Path, key: &Path) -> Result<Arc<CertifiedKey>, String> {
    let chain = CertificateDer::pem_file_iter(certificates)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| {
            format!("{}: cannot be read as PEM certificates: {error}", certificates.display())
        })?;
    if chain.is_empty() {
        return Err(format!("{}: there is no PEM certificate in it", certificates.display()));
    }
    let private = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| format!("{}: cannot be read as a PEM private key: {error}", key.display()))?;
    CertifiedKey::from_der(chain, private, &provider()).map(Arc::new).map_err(|error| {
        let (certificates, key) = (certificates.display(), key.display());
        format!("the certificate in {certificates} and the key in {key} are of no use together: {error}")
    })
}

impl Names {
    /// Nothing made yet.
    pub fn new(identity: Identity) -> Self {
        Self { identity, base: None, kept: HashMap::new(), mutual: HashMap::new() }
    }

    /// How to answer a client that asks for `name`, which is in lower case, at our address `ip`.
    pub fn config(&mut self, now: Now, name: Option<&str>, ip: IpAddr) -> Arc<ServerConfig> {
        let key = match &self.identity {
            Identity::Own(_) => key(name, ip),
            Identity::Given(_) => String::new(),
        };
        if let Some(config) = self.kept.get(&key) {
            return Arc::clone(config);
        }
        let certificate = self.certificate(now, &key);
        let mut config = self.base.get_or_insert_with(base).clone();
        config.cert_resolver = shows(certificate);
        let config = Arc::new(config);
        if self.kept.len() >= MAX_KEPT {
            self.kept.clear();
        }
        self.kept.insert(key, Arc::clone(&config));
        config
    }

    /// The same where the client must show a certificate that `truststore` vouches for. One that has none is not turned
    /// away by TLS: it is told so in HTTP.
    pub fn mutual(
        &mut self,
        now: Now,
        name: Option<&str>,
        ip: IpAddr,
        truststore: &Arc<Truststore>,
    ) -> Arc<ServerConfig> {
        let key = key(name, ip);
        if let Some((known, config)) = self.mutual.get(&key)
            && Arc::ptr_eq(known, truststore)
        {
            return Arc::clone(config);
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(truststore.0.iter().map(|der| CertificateDer::from(der.as_slice())));
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider());
        // Without a single authority nobody is vouched for.
        let Ok(verifier) = verifier.allow_unauthenticated().build() else {
            return self.config(now, name, ip);
        };
        let mut config = config(verifier);
        config.cert_resolver = shows(self.certificate(now, &key));
        // Whoever comes back is looked at again: the truststore may be another by then.
        config.send_tls13_tickets = 0;
        let config = Arc::new(config);
        if self.mutual.len() >= MAX_KEPT {
            self.mutual.clear();
        }
        self.mutual.insert(key, (Arc::clone(truststore), Arc::clone(&config)));
        config
    }

    fn certificate(&self, now: Now, key: &str) -> Arc<CertifiedKey> {
        let authority = match &self.identity {
            Identity::Given(given) => return Arc::clone(given),
            Identity::Own(authority) => authority.get(now),
        };
        // What clients may ask for is wider than what a certificate can say: then they see another name.
        let chain = authority.issue(now, &names(key)).or_else(|| authority.issue(now, &names("")));
        let chain = chain.expect("the well-known names are names");
        let certified = CertifiedKey::from_der(chain, authority.key(), &provider());
        Arc::new(certified.expect("the authority's key is its certificates'"))
    }
}

/// The name of the certificate for a client that asks for `name` at `ip`: empty, the well-known one's; an address; a
/// host.
fn key(name: Option<&str>, ip: IpAddr) -> String {
    let Some(name) = name else {
        let ip = ip.to_canonical();
        return if ip.is_loopback() { String::new() } else { ip.to_string() };
    };
    let parent = name.split_once('.').map(|(_, parent)| parent);
    let is_well_known = |known: &&str| match known.strip_prefix("*.") {
        Some(known) => parent == Some(known),
        None => *known == name,
    };
    if WELL_KNOWN.iter().any(is_well_known) {
        return String::new();
    }
    match parent {
        // Apis are many, regions few.
        Some(parent) if parent.ends_with(LOCAL) => format!("*.{parent}"),
        _ => name.to_owned(),
    }
}

fn names(key: &str) -> Vec<Name> {
    let host = |name: &&str| Name::Host((*name).to_owned());
    let well_known = WELL_KNOWN.iter().map(host);
    let loopback = [Name::Ip(Ipv4Addr::LOCALHOST.into()), Name::Ip(Ipv6Addr::LOCALHOST.into())];
    match key.parse() {
        Ok(ip) => well_known.chain(loopback).chain([Name::Ip(ip)]).collect(),
        Err(_) if key.is_empty() => well_known.chain(loopback).collect(),
        Err(_) => vec![Name::Host(key.to_owned())],
    }
}

fn shows(certificate: Arc<CertifiedKey>) -> Arc<dyn ResolvesServerCert> {
    Arc::new(SingleCertAndKey::from(certificate))
}

/// A configuration that shows nothing yet.
fn config(verifier: Arc<dyn ClientCertVerifier>) -> ServerConfig {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("ring has suites for the default versions")
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(Arc::new(ResolvesServerCertUsingSni::new()));
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config
}

fn base() -> ServerConfig {
    let mut config = config(WebPkiClientVerifier::no_client_auth());
    // What clients need to come back with less ado they keep themselves: no memory of ours.
    if let Ok(ticketer) = ring::Ticketer::new() {
        config.ticketer = ticketer;
    }
    config
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn one_certificate_for_many_names() {
        let other: IpAddr = [172, 17, 0, 2].into();
        for (name, ip, expected) in [
            (None, LOOPBACK, ""),
            (None, Ipv6Addr::LOCALHOST.into(), ""),
            (None, Ipv4Addr::LOCALHOST.to_ipv6_mapped().into(), ""),
            (None, other, "172.17.0.2"),
            (Some("localhost"), other, ""),
            (Some("localhost.localstack.cloud"), LOOPBACK, ""),
            (Some("s3.localhost.localstack.cloud"), LOOPBACK, ""),
            (Some("abc.execute-api.localhost.localstack.cloud"), LOOPBACK, ""),
            (Some("abc.lambda-url.us-east-1.localhost.localstack.cloud"), LOOPBACK, ""),
            (
                Some("abc.lambda-url.eu-west-1.localhost.localstack.cloud"),
                LOOPBACK,
                "*.lambda-url.eu-west-1.localhost.localstack.cloud",
            ),
            (Some("a.b.s3.localhost.localstack.cloud"), LOOPBACK, "*.b.s3.localhost.localstack.cloud"),
            (Some("api.example.com"), LOOPBACK, "api.example.com"),
            (Some("gatelet"), LOOPBACK, "gatelet"),
        ] {
            assert_eq!(key(name, ip), expected, "{name:?} {ip}");
        }
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let now = Now { instant: Instant::now(), unix_ms: 1_764_000_000_000 };
        let mut names = Names::new(Identity::Own(Arc::default()));
        let first = names.config(now, Some("0.test"), LOOPBACK);
        assert!(Arc::ptr_eq(&first, &names.config(now, Some("0.test"), LOOPBACK)));
        for n in 1..=MAX_KEPT {
            names.config(now, Some(&format!("{n}.test")), LOOPBACK);
            assert!(names.kept.len() <= MAX_KEPT);
        }
        assert!(!Arc::ptr_eq(&first, &names.config(now, Some("0.test"), LOOPBACK)));
    }
}
