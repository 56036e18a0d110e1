//! JSON Web Tokens (RFC 7519) as OpenID Connect issuers sign them (RFC 7515, compact): read, verified, checked.
//!
//! ```text
//! text ─ Token::parse ─> kid ─ KeySet::get ─> Token::verify ─> Token::check ─> claims and scopes
//! ```
//!
//! Only signatures by public keys: `none` and the HMAC algorithms are refused before anything is looked up. Where the
//! keys come from is not known here.

mod claims;
mod keys;
#[cfg(test)]
mod tests;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

pub use keys::{Key, KeySet, MOST_KEYS_TEXT, jwks_uri};

/// AWS: 10,240 bytes, of a request's head, in which a token has to fit.
pub const MOST_TEXT: usize = 10_240;

/// How a token is signed (RFC 7518 section 3.1). ES512 is not among them: no issuer that is common has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA, PKCS #1 version 1.5, SHA-256.
    Rs256,
    /// The same with SHA-384.
    Rs384,
    /// The same with SHA-512.
    Rs512,
    /// RSA, PSS, SHA-256.
    Ps256,
    /// The same with SHA-384.
    Ps384,
    /// The same with SHA-512.
    Ps512,
    /// ECDSA on P-256, SHA-256.
    Es256,
    /// ECDSA on P-384, SHA-384.
    Es384,
}

impl Algorithm {
    /// Reads `alg`. `None`: it is none that is verified.
    pub fn parse(name: &str) -> Option<Self> {
        const ALL: [(&str, Algorithm); 8] = [
            ("RS256", Algorithm::Rs256),
            ("RS384", Algorithm::Rs384),
            ("RS512", Algorithm::Rs512),
            ("PS256", Algorithm::Ps256),
            ("PS384", Algorithm::Ps384),
            ("PS512", Algorithm::Ps512),
            ("ES256", Algorithm::Es256),
            ("ES384", Algorithm::Es384),
        ];
        ALL.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| *algorithm)
    }
}

/// What is wrong with a token, in the words of AWS where they are known, else of the library whose words those are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// Not three parts.
    Segments,
    /// A part is not in base64, or no JSON object, or what must be a text or a time is none; or it is too long.
    Malformed,
    /// Signed in a way that is not verified.
    Algorithm(String),
    /// The header names no key.
    NoKey,
    /// The issuer has no such key.
    UnknownKey,
    /// Not signed by that key.
    Signature,
    /// Of another issuer.
    Issuer,
    /// For somebody else.
    Audience,
    /// Its time is over, or it has none.
    Expired,
    /// Its time is to come.
    Early,
    /// It says that it is not issued yet.
    Unissued,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Segments => "token contains an invalid number of segments",
            Self::Malformed => "token is malformed",
            Self::Algorithm(name) => return write!(f, "signing method {name} is invalid"),
            Self::NoKey => "token header has no kid",
            Self::UnknownKey => "unable to find a signing key for the kid of the token",
            Self::Signature => "signature is invalid",
            Self::Issuer => "the token does not have a valid issuer",
            Self::Audience => "the token does not have a valid audience",
            Self::Expired => "token is expired",
            Self::Early => "token is not valid yet",
            Self::Unissued => "token used before issued",
        })
    }
}

/// A token as it was read: nothing of it is true before [`Token::verify`] says so.
#[derive(Debug)]
pub struct Token<'t> {
    algorithm: Algorithm,
    kid: String,
    claims: Map<String, Value>,
    signed: &'t [u8],
    signature: Vec<u8>,
}

/// What a header says that matters here.
#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    alg: String,
    kid: Option<String>,
    /// RFC 7515 section 4.1.11: who does not understand what is critical must refuse.
    crit: Option<IgnoredAny>,
}

impl<'t> Token<'t> {
    /// Reads a token.
    ///
    /// # Errors
    /// It is none, or none that can be verified.
    pub fn parse(text: &'t str) -> Result<Self, Error> {
        if text.len() > MOST_TEXT {
            return Err(Error::Malformed);
        }
        let mut parts = text.split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Error::Segments);
        };
        let signed = &text.as_bytes()[..header.len() + 1 + claims.len()];
        let header: Header = parse_part(header)?;
        let claims = parse_part(claims)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Error::Malformed)?;
        let algorithm = Algorithm::parse(&header.alg).ok_or_else(|| {
            // It goes into a header of the answer.
            let name = header.alg.chars().filter(char::is_ascii_alphanumeric).take(16);
            Error::Algorithm(name.collect())
        })?;
        if header.crit.is_some() {
            return Err(Error::Malformed);
        }
        let kid = header.kid.ok_or(Error::NoKey)?;
        Ok(Self { algorithm, kid, claims, signed, signature })
    }

    /// The name of the key that signed it.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Whether this key signed it.
    ///
    /// # Errors
    /// It did not, or is of another kind.
    pub fn verify(&self, key: &Key) -> Result<(), Error> {
        match key.verifies(self.algorithm, self.signed, &self.signature) {
            true => Ok(()),
            false => Err(Error::Signature),
        }
    }
}

fn parse_part<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, Error> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Error::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Error::Malformed)
}
