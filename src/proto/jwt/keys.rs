//! Public keys of issuers: JSON Web Key Sets (RFC 7517, RFC 7518 section 6), and where one is found.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{self, UnparsedPublicKey};
use serde::Deserialize;

use super::Algorithm;

/// AWS: 150,000 bytes, of a key set; and of what says where it is.
pub const MOST_KEYS_TEXT: usize = 150_000;

/// The keys of an issuer that can verify, by `kid`.
#[derive(Debug, Default)]
pub struct KeySet(BTreeMap<Box<str>, Key>);

/// A public key.
#[derive(Debug)]
pub struct Key {
    /// The only algorithm that it may be used with, if it says so.
    algorithm: Option<Algorithm>,
    public: Public,
}

#[derive(Debug)]
enum Public {
    Rsa(signature::RsaPublicKeyComponents<Box<[u8]>>),
    /// Uncompressed: SEC 1 section 2.3.3.
    P256(Box<[u8]>),
    /// The same.
    P384(Box<[u8]>),
}

/// Where the issuer's keys are, as its configuration says (OpenID Connect Discovery 1.0 section 3). `None`: it does
/// not, or is larger than a configuration may be.
pub fn jwks_uri(configuration: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Configuration {
        jwks_uri: String,
    }
    let configuration = Some(configuration).filter(|text| text.len() <= MOST_KEYS_TEXT)?;
    serde_json::from_slice::<Configuration>(configuration).ok().map(|configuration| configuration.jwks_uri)
}

impl KeySet {
    /// Reads a key set. Keys of kinds that verify nothing here are left out; of two with the same name the first
    /// counts. `None`: it is no key set, or larger than one may be.
    pub fn parse(text: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Text {
            keys: Vec<serde_json::Value>,
        }
        let text = Some(text).filter(|text| text.len() <= MOST_KEYS_TEXT)?;
        let Text { keys } = serde_json::from_slice(text).ok()?;
        let mut set = BTreeMap::new();
        for key in keys {
            let Ok(text) = serde_json::from_value::<KeyText>(key) else { continue };
            let Some((kid, key)) = text.key() else { continue };
            set.entry(kid).or_insert(key);
        }
        Some(Self(set))
    }

    /// The key of this name.
    pub fn get(&self, kid: &str) -> Option<&Key> {
        self.0.get(kid)
    }
}

/// A key as it is spelled.
#[derive(Deserialize)]
struct KeyText {
    kid: Box<str>,
    kty: String,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeyText {
    fn key(self) -> Option<(Box<str>, Key)> {
        if self.purpose.is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let algorithm = match &self.alg {
            Some(name) => Some(Algorithm::parse(name)?),
            None => None,
        };
        let public = match (&*self.kty, self.crv.as_deref()) {
            ("RSA", _) => {
                let (n, e) = (number(&self.n?)?, number(&self.e?)?);
                Public::Rsa(signature::RsaPublicKeyComponents { n, e })
            }
            ("EC", Some("P-256")) => Public::P256(point(&self.x?, &self.y?, 32)?),
            ("EC", Some("P-384")) => Public::P384(point(&self.x?, &self.y?, 48)?),
            _ => return None,
        };
        Some((self.kid, Key { algorithm, public }))
    }
}

/// RFC 7518 section 2: big-endian; what is in front of it must not be there, and is all the same.
fn number(text: &str) -> Option<Box<[u8]>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let start = bytes.iter().position(|byte| *byte != 0)?;
    Some(bytes[start..].into())
}

/// RFC 7518 section 6.2.1.2: "the length of this octet string MUST be the full size of a coordinate".
fn point(x: &str, y: &str, size: usize) -> Option<Box<[u8]>> {
    let mut point = vec![4];
    for coordinate in [x, y] {
        let bytes = URL_SAFE_NO_PAD.decode(coordinate).ok().filter(|bytes| bytes.len() == size)?;
        point.extend_from_slice(&bytes);
    }
    Some(point.into())
}

impl Key {
    /// Whether a message's signature by this algorithm is of this key.
    pub(super) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        if self.algorithm.is_some_and(|only| only != algorithm) {
            return false;
        }
        let ec = |by, point: &[u8]| UnparsedPublicKey::new(by, point).verify(message, signature).is_ok();
        let (rsa, key) = match (algorithm, &self.public) {
            (Algorithm::Rs256, Public::Rsa(key)) => (&signature::RSA_PKCS1_2048_8192_SHA256, key),
            (Algorithm::Rs384, Public::Rsa(key)) => (&signature::RSA_PKCS1_2048_8192_SHA384, key),
            (Algorithm::Rs512, Public::Rsa(key)) => (&signature::RSA_PKCS1_2048_8192_SHA512, key),
            (Algorithm::Ps256, Public::Rsa(key)) => (&signature::RSA_PSS_2048_8192_SHA256, key),
            (Algorithm::Ps384, Public::Rsa(key)) => (&signature::RSA_PSS_2048_8192_SHA384, key),
            (Algorithm::Ps512, Public::Rsa(key)) => (&signature::RSA_PSS_2048_8192_SHA512, key),
            (Algorithm::Es256, Public::P256(key)) => return ec(&signature::ECDSA_P256_SHA256_FIXED, key),
            (Algorithm::Es384, Public::P384(key)) => return ec(&signature::ECDSA_P384_SHA384_FIXED, key),
            (
                Algorithm::Rs256
                | Algorithm::Rs384
                | Algorithm::Rs512
                | Algorithm::Ps256
                | Algorithm::Ps384
                | Algorithm::Ps512,
                Public::P256(_) | Public::P384(_),
            )
            | (Algorithm::Es256, Public::Rsa(_) | Public::P384(_))
            | (Algorithm::Es384, Public::Rsa(_) | Public::P256(_)) => return false,
        };
        key.verify(rsa, message, signature).is_ok()
    }
}
