//! [`Authority`]: a certificate authority of our own, and the certificates that it signs, so that clients that trust it
//! can speak TLS to us under any name.
//!
//! It knows neither who asks nor what time it is, and keeps nothing but its keys.

use std::net::IpAddr;
use std::sync::OnceLock;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, SanType, SerialNumber, date_time_ymd,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest, Sha256};

use super::certificate::Certificate;
use crate::base::{Now, clock};

/// Clocks of clients may be behind ours by as much.
const BEFORE: Duration = Duration::from_secs(24 * 3600);

/// How long the authority is believed: longer than any project.
const AUTHORITY_FOR: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// How long a certificate is believed: the most that browsers take from public authorities, 398 days, less one.
const CERTIFICATE_FOR: Duration = Duration::from_secs(397 * 24 * 3600);

/// How authorities' names begin; when they were made follows.
const NAME: &str = "gatelet CA of ";

/// How long the lines of a PEM text are (RFC 7468 section 2).
const PEM_LINE: usize = 64;

/// An authority with its keys: ECDSA P-256, as all that it signs.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// What clients trust.
    certificate: CertificateDer<'static>,
    /// Of all certificates that it signs: they are all ours.
    key: KeyPair,
}

/// An authority that is made when the first one asks for it: most runs never need one.
#[derive(Default)]
pub struct Lazy(OnceLock<Authority>);

/// Why texts are no authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// The certificate's text is none, or is of a certificate that we did not make.
    Certificate,
    /// The key's text is none.
    Key,
    /// The key is not the certificate's, or the certificate is not whole.
    Together,
    /// Its time is over.
    Expired,
}

/// What a certificate is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// A host, perhaps with `*` as its first label.
    Host(String),
    /// An address.
    Ip(IpAddr),
}

impl Lazy {
    /// The authority, which is made now if it was not before: that takes less than a millisecond.
    pub fn get(&self, now: Now) -> &Authority {
        self.0.get_or_init(|| Authority::new(now))
    }
}

impl From<Authority> for Lazy {
    fn from(authority: Authority) -> Self {
        Self(authority.into())
    }
}

impl Authority {
    /// A fresh authority.
    ///
    /// # Panics
    /// When the system has no randomness to make keys of.
    pub fn new(now: Now) -> Self {
        Self::with(now, new_key())
    }

    /// A fresh authority that has this key already.
    fn with(now: Now, key: KeyPair) -> Self {
        let made = clock::iso8601(now.unix_seconds());
        // Each has its own name: it tells them apart where several are trusted.
        let params = authority_params(now, &format!("{NAME}{made}"));
        let certificate = params.self_signed(&key).expect("an authority's certificate is sound").into();
        Self { issuer: Issuer::new(params, key), certificate, key: new_key() }
    }

    /// A fresh authority with the key that this text (PEM) holds.
    ///
    /// # Errors
    /// It holds none.
    pub fn from_key(now: Now, key: &[u8]) -> Result<Self, Unusable> {
        read_key(key).map(|key| Self::with(now, key))
    }

    /// The authority that these texts (PEM) were written of: see [`pem`](Self::pem) and [`key_pem`](Self::key_pem).
    ///
    /// # Errors
    /// They are none that we made, or no longer.
    pub fn read(now: Now, certificate: &[u8], key: &[u8]) -> Result<Self, Unusable> {
        let der = CertificateDer::from_pem_slice(certificate).map_err(|_| Unusable::Certificate)?;
        let said = Certificate::parse(&der).ok_or(Unusable::Certificate)?;
        let name = said.subject.strip_prefix("CN=").and_then(|rest| rest.strip_suffix(",O=gatelet"));
        let name = name.filter(|name| name.starts_with(NAME)).ok_or(Unusable::Certificate)?;
        let key = read_key(key)?;
        if !Certificate::is_signed_by(&der, key.public_key_raw()) {
            return Err(Unusable::Together);
        }
        if said.not_after < now.unix_seconds() {
            return Err(Unusable::Expired);
        }
        let issuer = Issuer::new(authority_params(now, name), key);
        Ok(Self { issuer, certificate: der, key: new_key() })
    }

    /// Its own key, in PEM: whoever has it can sign in its name.
    pub fn key_pem(&self) -> String {
        text("PRIVATE KEY", self.issuer.key().serialized_der())
    }

    /// Its certificate, in PEM.
    pub fn pem(&self) -> String {
        pem(&self.certificate)
    }

    /// The key of the certificates that it signs.
    pub fn key(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key.serialize_der()).into()
    }

    /// A certificate for these names, with the authority's behind it. `None`: one of them is no name that a
    /// certificate could have.
    pub fn issue(&self, now: Now, names: &[Name]) -> Option<Vec<CertificateDer<'static>>> {
        let spelled: Vec<String> = names.iter().map(Name::to_string).collect();
        let parts: Vec<&[u8]> = spelled.iter().map(String::as_bytes).collect();
        let mut params = params(now, CERTIFICATE_FOR, &parts);
        for name in names {
            params.subject_alt_names.push(match name {
                Name::Host(name) => SanType::DnsName(name.as_str().try_into().ok()?),
                Name::Ip(ip) => SanType::IpAddress(*ip),
            });
        }
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&self.key, &self.issuer).ok()?;
        Some(vec![certificate.der().clone(), self.certificate.clone()])
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Host(name) => f.write_str(name),
            Self::Ip(ip) => ip.fmt(f),
        }
    }
}

/// A certificate as text (RFC 7468), with a line end behind it.
pub fn pem(der: &[u8]) -> String {
    text("CERTIFICATE", der)
}

fn text(label: &str, der: &[u8]) -> String {
    let encoded = STANDARD.encode(der);
    let mut pem = format!("-----BEGIN {label}-----\n");
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, behind) = rest.split_at(PEM_LINE.min(rest.len()));
        pem.push_str(line);
        pem.push('\n');
        rest = behind;
    }
    pem.push_str(&format!("-----END {label}-----\n"));
    pem
}

fn new_key() -> KeyPair {
    KeyPair::generate().expect("the system has randomness")
}

fn read_key(text: &[u8]) -> Result<KeyPair, Unusable> {
    let der = PrivateKeyDer::from_pem_slice(text).map_err(|_| Unusable::Key)?;
    KeyPair::try_from(&der).map_err(|_| Unusable::Key)
}

/// What makes an authority's certificate, and what all that it signs say of it.
fn authority_params(now: Now, name: &str) -> CertificateParams {
    let mut params = params(now, AUTHORITY_FOR, &[name.as_bytes()]);
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// What all certificates have. No two that an authority signs may have the same serial number: `what` and the time
/// make it.
fn params(now: Now, lasts: Duration, what: &[&[u8]]) -> CertificateParams {
    let mut params = CertificateParams::default();
    let at = date_time_ymd(1970, 1, 1) + Duration::from_secs(now.unix_seconds());
    (params.not_before, params.not_after) = (at - BEFORE, at + lasts);
    let mut hash = Sha256::new_with_prefix(now.unix_ms.to_be_bytes());
    for part in what {
        hash.update(part);
        hash.update([0]);
    }
    let mut serial: [u8; 16] = std::array::from_fn(|_| 0);
    serial.copy_from_slice(&hash.finalize()[..16]);
    // A positive number whose length is always the same.
    serial[0] = serial[0] & 0x3f | 0x40;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "gatelet");
    params
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use rustls::pki_types::pem::PemObject;

    use super::*;

    fn now() -> Now {
        Now { instant: Instant::now(), unix_ms: 1_764_000_000_000 }
    }

    #[test]
    fn pem_is_what_was_encoded() {
        for length in [1, 47, 48, 49, 500] {
            let der: Vec<u8> = (0..length).map(|n| n as u8).collect();
            let text = pem(&der);
            assert!(text.lines().all(|line| line.len() <= PEM_LINE), "{text}");
            assert_eq!(&*CertificateDer::from_pem_slice(text.as_bytes()).unwrap(), &*der);
        }
    }

    #[test]
    fn certificates_have_their_own_numbers_and_the_authority_behind_them() {
        let authority = Lazy::default();
        let authority = authority.get(now());
        let one = authority.issue(now(), &[Name::Host("*.a.test".into())]).unwrap();
        let two =
            authority.issue(now(), &[Name::Host("a.test".into()), Name::Ip([127, 0, 0, 1].into())]).unwrap();
        assert_ne!(one[0], two[0]);
        assert_eq!(one[1], two[1]);
        assert_eq!(pem(&one[1]), authority.pem());
        assert_eq!(authority.issue(now(), &[Name::Host("ä".into())]), None);
    }

    #[test]
    fn an_authority_is_read_as_it_was_written() {
        let made = Authority::new(now());
        let (certificate, key) = (made.pem(), made.key_pem());
        let read = |at: Now, certificate: &str, key: &str| {
            Authority::read(at, certificate.as_bytes(), key.as_bytes()).map(|authority| authority.pem())
        };
        let later = |days: u64| Now { unix_ms: now().unix_ms + days * 24 * 3600 * 1000, ..now() };
        let other = Authority::new(later(1));
        let given = rcgen::generate_simple_self_signed(vec!["gatelet CA of old".to_owned()]).unwrap();
        for (at, certificate, key, expected) in [
            (later(3000), &*certificate, &*key, Ok(certificate.clone())),
            (later(3651), &certificate, &key, Err(Unusable::Expired)),
            (now(), &certificate, &other.key_pem(), Err(Unusable::Together)),
            (now(), &other.pem(), &key, Err(Unusable::Together)),
            (now(), &pem(given.cert.der()), &key, Err(Unusable::Certificate)),
            (now(), &key, &key, Err(Unusable::Certificate)),
            (now(), "", &key, Err(Unusable::Certificate)),
            (now(), &certificate[..certificate.len() / 2], &key, Err(Unusable::Certificate)),
            (now(), &certificate, &key[..key.len() / 2], Err(Unusable::Key)),
            (now(), &certificate, &certificate, Err(Unusable::Key)),
        ] {
            assert_eq!(read(at, certificate, key), expected, "{certificate}{key}");
        }
        // What it signs then is signed as before: its name and its key are the certificate's.
        let again = Authority::read(later(1), certificate.as_bytes(), key.as_bytes()).unwrap();
        let chain = again.issue(later(1), &[Name::Host("a.test".into())]).unwrap();
        let (leaf, root) = (Certificate::parse(&chain[0]).unwrap(), Certificate::parse(&chain[1]).unwrap());
        assert_eq!(leaf.issuer, root.subject);
        assert!(Certificate::is_signed_by(&chain[0], again.issuer.key().public_key_raw()));
    }

    #[test]
    fn no_bit_of_a_certificate_may_turn() {
        let made = Authority::new(now());
        for at in 0..made.certificate.len() {
            let mut turned = made.certificate.to_vec();
            turned[at] ^= 1;
            assert!(
                Authority::read(now(), pem(&turned).as_bytes(), made.key_pem().as_bytes()).is_err(),
                "{at}"
            );
        }
    }
}
