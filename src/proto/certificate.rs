//! [`Certificate`]: what an X.509 certificate says of itself, in the words of events.

use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use x509_cert::der::{Decode, Encode};

use super::authority;
use crate::base::clock;

/// A certificate of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// As text (RFC 7468).
    pub pem: String,
    /// Whose it is: `CN=a,O=b` (RFC 4514).
    pub subject: String,
    /// Who signed it, likewise.
    pub issuer: String,
    /// Its serial number: `0a:ff`.
    pub serial: String,
    /// From when it is good: seconds since 1970.
    pub not_before: u64,
    /// Until when.
    pub not_after: u64,
}

impl Certificate {
    /// Reads a certificate in DER. `None`: it is none.
    pub fn parse(der: &[u8]) -> Option<Self> {
        let parsed = x509_cert::Certificate::from_der(der).ok()?;
        let said = parsed.tbs_certificate();
        let serial: Vec<_> =
            said.serial_number().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        Some(Self {
            pem: authority::pem(der),
            subject: said.subject().to_string(),
            issuer: said.issuer().to_string(),
            serial: serial.join(":"),
            not_before: said.validity().not_before.to_unix_duration().as_secs(),
            not_after: said.validity().not_after.to_unix_duration().as_secs(),
        })
    }

    /// Whether a certificate in DER is signed (ECDSA, P-256) with the key whose other half this is.
    pub fn is_signed_by(der: &[u8], public_key: &[u8]) -> bool {
        let Ok(parsed) = x509_cert::Certificate::from_der(der) else { return false };
        let said = parsed.tbs_certificate();
        // RFC 5280 section 4.1.1.2: "This field MUST contain the same algorithm identifier as the signature field".
        if parsed.signature_algorithm() != said.signature() {
            return false;
        }
        let (Ok(said), Some(signature)) = (said.to_der(), parsed.signature().as_bytes()) else {
            return false;
        };
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, public_key);
        key.verify(&said, signature).is_ok()
    }

    /// A member `clientCert` of events: `May 28 12:30:02 2019 GMT` is how AWS spells times there.
    pub fn validity(&self) -> [(&'static str, String); 2] {
        [("notBefore", clock::spoken(self.not_before)), ("notAfter", clock::spoken(self.not_after))]
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::base::Now;
    use crate::proto::authority::{Authority, Name};

    #[test]
    fn what_a_certificate_says() {
        let now = Now { instant: Instant::now(), unix_ms: 1_764_000_000_000 };
        let chain = Authority::new(now).issue(now, &[Name::Host("a.test".into())]).unwrap();
        let certificate = Certificate::parse(&chain[0]).unwrap();
        assert_eq!(certificate.subject, "O=gatelet");
        assert!(certificate.issuer.starts_with("CN=gatelet CA of 2025-11-24T"), "{}", certificate.issuer);
        assert!(certificate.issuer.ends_with(",O=gatelet"));
        assert_eq!(certificate.serial.len(), 16 * 3 - 1);
        assert_eq!(certificate.not_before, 1_764_000_000 - 24 * 3600);
        assert_eq!(certificate.validity()[0], ("notBefore", "Nov 23 16:00:00 2025 GMT".to_owned()));
        assert_eq!(Certificate::parse(&chain[0][1..]), None);
        assert_eq!(Certificate::parse(b""), None);
    }
}
