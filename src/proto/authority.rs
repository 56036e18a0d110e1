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
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    IsCa, KeyPair, KeyUsagePurpose, SanType, SerialNumber, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest, Sha256};

use crate::base::{Now, clock};

/// Clocks of clients may be behind ours by as much.
const BEFORE: Duration = Duration::from_secs(24 * 3600);

/// How long the authority is believed: longer than any project.
const AUTHORITY_FOR: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// How long a certificate is believed: the most that browsers take from public authorities, 398 days, less one.
const CERTIFICATE_FOR: Duration = Duration::from_secs(397 * 24 * 3600);

/// How long the lines of a PEM text are (RFC 7468 section 2).
const PEM_LINE: usize = 64;

/// An authority with its keys: ECDSA P-256, as all that it signs.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// Of all certificates that it signs: they are all ours.
    key: KeyPair,
}

/// An authority that is made when the first one asks for it: most runs never need one.
#[derive(Default)]
pub struct Lazy(OnceLock<Authority>);

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

impl Authority {
    /// A fresh authority.
    ///
    /// # Panics
    /// When the system has no randomness to make keys of.
    pub fn new(now: Now) -> Self {
        let made = clock::iso8601(now.unix_seconds());
        let mut params = params(now, AUTHORITY_FOR, &[made.as_bytes()]);
        // Each run has its own: the name tells them apart where several are trusted.
        params.distinguished_name.push(DnType::CommonName, format!("gatelet CA of {made}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = || KeyPair::generate().expect("the system has randomness");
        let issuer =
            CertifiedIssuer::self_signed(params, key()).expect("an authority's certificate is sound");
        Self { issuer, key: key() }
    }

    /// Its certificate, in PEM.
    pub fn pem(&self) -> String {
        pem(self.issuer.der())
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
        Some(vec![certificate.der().clone(), self.issuer.der().clone()])
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
    let encoded = STANDARD.encode(der);
    let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, behind) = rest.split_at(PEM_LINE.min(rest.len()));
        pem.push_str(line);
        pem.push('\n');
        rest = behind;
    }
    pem.push_str("-----END CERTIFICATE-----\n");
    pem
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
}
