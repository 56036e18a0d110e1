//! [`Claim`]: what a request says of who signed it, in `Authorization` or in the query of a presigned URL.

use std::borrow::Cow;
use std::fmt;

use ring::hmac;

use super::{
    ALGORITHM, Scope, Signed, canonical_path, canonical_query, canonical_request, hash, signing_key,
    string_to_sign,
};
use crate::base::{Now, clock};
use crate::proto::http1::Request;
use crate::proto::query;

/// AWS: how far a client's clock may be off, in seconds: "within 15 minutes of the timestamp in the request".
pub const MOST_SKEW: u64 = 15 * 60;

/// AWS: how long a presigned URL may last, in seconds: seven days.
pub const MOST_EXPIRES: u64 = 604_800;

/// What stands for the hash of a body that is not signed.
const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// The parameter of a query that is none of what is signed.
const SIGNATURE: &str = "X-Amz-Signature";

/// A signature, read but not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Whose: the access key.
    pub access_key: String,
    /// `X-Amz-Security-Token`: the session of a temporary access key.
    pub token: Option<String>,
    day: String,
    region: String,
    service: String,
    /// `20150830T123600Z`
    time: String,
    /// The same, in seconds since 1970.
    signed_s: u64,
    /// For how many seconds it is good; `None`: for as long as the clocks may differ.
    expires_s: Option<u64>,
    /// The names of the headers that are signed, in lower case.
    headers: Vec<String>,
    signature: [u8; 32],
}

/// Why a request counts as not signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It has no signature of this version.
    Unsigned,
    /// It has one that can't be read, or lacks a part: which.
    Malformed(&'static str),
    /// It is for another region or service.
    Scope,
    /// A header is signed and was not sent, or it is `Host` and is not signed.
    Headers,
    /// It is too old, or of the future.
    Time,
    /// It is not the signature of this request by this key.
    Signature,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // What AWS writes to access logs.
            Self::Unsigned => f.write_str(
                "The request for the IAM Authorizer doesn't match the format that API Gateway expects.",
            ),
            Self::Malformed(what) => write!(f, "the signature is malformed: {what}"),
            Self::Scope => f.write_str("the signature is for another region or service"),
            Self::Headers => f.write_str("a signed header was not sent, or Host is not signed"),
            Self::Time => f.write_str("the signature has expired, or is of the future"),
            Self::Signature => f.write_str("the signature is not that of the request by this access key"),
        }
    }
}

impl Claim {
    /// What a request says. `Authorization` counts before the query.
    ///
    /// # Errors
    /// [`Refusal::Unsigned`], [`Refusal::Malformed`].
    pub fn of(request: &Request) -> Result<Self, Refusal> {
        let header = text(request, "authorization").and_then(|value| value.strip_prefix(ALGORITHM));
        match header.filter(|rest| rest.starts_with([' ', '\t'])) {
            Some(fields) => Self::of_header(request, fields),
            None => Self::of_query(request.query().unwrap_or_default()),
        }
    }

    /// Whether the request was signed by who knows `secret`, for this region and service, and not too long ago.
    ///
    /// # Errors
    /// Any but [`Refusal::Unsigned`] and [`Refusal::Malformed`].
    pub fn verify(
        &self,
        request: &Request,
        secret: &str,
        (region, service): (&str, &str),
        now: Now,
    ) -> Result<(), Refusal> {
        if (&*self.region, &*self.service) != (region, service) || !self.time.starts_with(&self.day) {
            return Err(Refusal::Scope);
        }
        let now = now.unix_seconds();
        let end = self.signed_s + self.expires_s.unwrap_or(MOST_SKEW);
        if now > end || self.signed_s > now + MOST_SKEW {
            return Err(Refusal::Time);
        }
        // Each of them must be there, so that no more need be looked for than there are.
        if self.headers.len() > request.headers().count() || !self.headers.iter().any(|name| name == "host") {
            return Err(Refusal::Headers);
        }
        let values = self.headers.iter().map(|name| values(request, name));
        let values: Vec<_> = values.collect::<Option<_>>().ok_or(Refusal::Headers)?;
        let headers: Vec<_> =
            self.headers.iter().zip(&values).map(|(name, value)| (&**name, &**value)).collect();
        let payload = match self.says_unsigned(request) {
            true => UNSIGNED_PAYLOAD.to_owned(),
            false => hash(request.body()),
        };
        let signed = Signed {
            method: request.method(),
            path: &canonical_path(request.path()),
            query: &canonical_query(&without_signature(request.query().unwrap_or_default())),
            headers: &headers,
            payload: &payload,
        };
        let scope = Scope { day: &self.day, region: &self.region, service: &self.service };
        let text = string_to_sign(&canonical_request(&signed), &scope, &self.time);
        // In constant time.
        hmac::verify(&signing_key(secret, &scope), text.as_bytes(), &self.signature)
            .map_err(|_| Refusal::Signature)
    }

    fn of_header(request: &Request, fields: &str) -> Result<Self, Refusal> {
        let field = |name: &str| {
            let mut fields = fields.split(',').filter_map(|field| field.trim().split_once('='));
            fields.find(|(known, _)| *known == name).map(|(_, value)| value.trim())
        };
        let (time, signed_s) = time_of(request).ok_or(Refusal::Malformed("there is no X-Amz-Date"))?;
        let token = text(request, "x-amz-security-token").map(str::to_owned);
        Self::new(field("Credential"), field("SignedHeaders"), field("Signature"), (time, signed_s), token)
    }

    fn of_query(query: &str) -> Result<Self, Refusal> {
        let parameter = |name: &str| {
            let mut pairs = query::pairs(query);
            pairs.find(|(known, _)| known == name).map(|(_, value)| value)
        };
        if parameter("X-Amz-Algorithm").is_none_or(|algorithm| algorithm != ALGORITHM) {
            return Err(Refusal::Unsigned);
        }
        let time = parameter("X-Amz-Date").and_then(|time| Some((clock::parse_basic(&time)?, time)));
        let (signed_s, time) = time.ok_or(Refusal::Malformed("there is no X-Amz-Date"))?;
        let expires = parameter("X-Amz-Expires").and_then(|seconds| seconds.parse().ok());
        let expires = expires.filter(|seconds| (1..=MOST_EXPIRES).contains(seconds));
        let expires = expires.ok_or(Refusal::Malformed("X-Amz-Expires is no number from 1 to 604800"))?;
        let [credential, headers, signature] =
            ["X-Amz-Credential", "X-Amz-SignedHeaders", SIGNATURE].map(parameter);
        let claim = Self::new(
            credential.as_deref(),
            headers.as_deref(),
            signature.as_deref(),
            (time.into_owned(), signed_s),
            parameter("X-Amz-Security-Token").map(Cow::into_owned),
        )?;
        Ok(Self { expires_s: Some(expires), ..claim })
    }

    fn new(
        credential: Option<&str>,
        headers: Option<&str>,
        signature: Option<&str>,
        (time, signed_s): (String, u64),
        token: Option<String>,
    ) -> Result<Self, Refusal> {
        let credential = credential.ok_or(Refusal::Malformed("there is no Credential"))?;
        // An access key has no slash, but nothing is lost by letting it have one.
        let mut parts = credential.rsplitn(5, '/');
        let (Some("aws4_request"), Some(service), Some(region), Some(day), Some(access_key)) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Refusal::Malformed("Credential is no key/date/region/service/aws4_request"));
        };
        if day.len() != 8 {
            return Err(Refusal::Malformed("the date of Credential is none"));
        }
        let headers = headers.ok_or(Refusal::Malformed("there is no SignedHeaders"))?;
        let signature = signature.and_then(unhex).ok_or(Refusal::Malformed("Signature is none in hex"))?;
        Ok(Self {
            access_key: access_key.to_owned(),
            token,
            day: day.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            time,
            signed_s,
            expires_s: None,
            headers: headers.split(';').map(str::to_ascii_lowercase).collect(),
            signature,
        })
    }

    /// Whether the body is none of what is signed. Who signs a body's hash can't be made to say so later: it is
    /// part of what is signed.
    fn says_unsigned(&self, request: &Request) -> bool {
        const NAME: &str = "X-Amz-Content-Sha256";
        let mut pairs = query::pairs(request.query().unwrap_or_default());
        text(request, NAME) == Some(UNSIGNED_PAYLOAD)
            || self.expires_s.is_some()
                && pairs.any(|(name, value)| (&*name, &*value) == (NAME, UNSIGNED_PAYLOAD))
    }
}

/// `X-Amz-Date`, else `Date`, both in either spelling.
fn time_of(request: &Request) -> Option<(String, u64)> {
    let said = text(request, "x-amz-date").or_else(|| text(request, "date"))?;
    let signed_s = clock::parse_basic(said).or_else(|| clock::parse_http_date(said))?;
    Some((clock::basic(signed_s), signed_s))
}

/// All values of a header, joined by commas. `None`: it was not sent, or not in UTF-8.
fn values(request: &Request, name: &str) -> Option<String> {
    let sent = request.headers().filter(|(n, _)| n.eq_ignore_ascii_case(name));
    let values = sent.map(|(_, value)| std::str::from_utf8(value).ok());
    let values: Vec<&str> = values.collect::<Option<_>>()?;
    (!values.is_empty()).then(|| values.join(","))
}

fn without_signature(query: &str) -> Cow<'_, str> {
    let is_signature = |pair: &str| pair.split('=').next() == Some(SIGNATURE);
    match query.split('&').any(is_signature) {
        true => query.split('&').filter(|pair| !is_signature(pair)).collect::<Vec<_>>().join("&").into(),
        false => query.into(),
    }
}

fn text<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    std::str::from_utf8(request.header(name)?).ok()
}

/// 32 bytes, in lower case as they are always written.
fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests;
