//! Mutual TLS of a domain: the truststore, read from a bucket of ours when it is named.

use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::Value;

use super::bad_request;
use crate::control::answer::Error;
use crate::control::call::Call;
use crate::control::input::Input;
use crate::control::members::Members;
use crate::control::{Control, s3};
use crate::model::domain::{Domain, MutualTls, Truststore};
use crate::proto::certificate::Certificate;

/// AWS: the most certificates of a truststore.
const MAX_CERTIFICATES: usize = 1_000;

/// Ours: as many certificates take less.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// What becomes of a domain's mutual TLS.
pub enum Change {
    /// Nothing was said of it.
    None,
    /// It goes.
    Off,
    /// It is this from now on.
    To(MutualTls),
}

impl Change {
    /// Makes it so.
    pub fn apply(self, domain: &mut Domain) {
        match self {
            Self::None => {}
            Self::Off => domain.mutual_tls = None,
            Self::To(mutual) => domain.mutual_tls = Some(mutual),
        }
    }
}

/// As answers show it.
pub fn show(mutual: &MutualTls) -> Value {
    Members::default()
        .with("truststoreUri", mutual.uri.as_str())
        .maybe("truststoreVersion", mutual.version.as_deref())
        .maybe("truststoreWarnings", Some(&mutual.warnings).filter(|all| !all.is_empty()).cloned())
        .done()
}

/// What a call says of `mutualTlsAuthentication`. Reads the disk: for the jobs thread, and without the store's lock.
/// `before` is the `truststoreUri` of the domain until now.
pub fn read(control: &Control, call: &Call, input: &Input, before: Option<String>) -> Result<Change, Error> {
    let Some(given) = input.object("mutualTlsAuthentication")? else { return Ok(Change::None) };
    let uri = given.string("truststoreUri", 0..=2048)?.or(before);
    fetch(control, call, uri, given.string("truststoreVersion", 1..=64)?)
}

/// What becomes of it with a truststore there; an empty place is none. As [`read`], for the jobs thread.
pub fn fetch(
    control: &Control,
    call: &Call,
    uri: Option<String>,
    version: Option<String>,
) -> Result<Change, Error> {
    let Some(uri) = uri.filter(|uri| !uri.is_empty()) else { return Ok(Change::Off) };
    let place = uri.strip_prefix("s3://").and_then(|place| place.split_once('/'));
    let Some((bucket, key)) = place.filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty()) else {
        return Err(bad_request("Invalid truststoreUri: it must be s3://bucket-name/key-name"));
    };
    let text = s3::read_object(control, bucket, key, MAX_BYTES).map_err(|error| {
        bad_request(format!("The truststore {uri} cannot be read: {} ({})", error.message, error.code))
    })?;
    let found = CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>();
    let found = found.map_err(|error| bad_request(format!("The truststore is no PEM file: {error}")))?;
    if found.is_empty() || found.len() > MAX_CERTIFICATES {
        return Err(bad_request(format!("The truststore must have 1 to {MAX_CERTIFICATES} certificates")));
    }
    let mut warnings = Vec::new();
    let mut kept = Vec::new();
    let mut roots = RootCertStore::empty();
    for (n, der) in found.into_iter().enumerate() {
        let said = Certificate::parse(&der).filter(|_| roots.add(der.clone()).is_ok());
        let Some(certificate) = said else {
            return Err(bad_request(format!("Certificate {} of the truststore is not valid", n + 1)));
        };
        let now = call.now.unix_seconds();
        if !(certificate.not_before..=certificate.not_after).contains(&now) {
            warnings.push(format!("Certificate {} is expired, or not valid yet", certificate.subject));
        }
        kept.push(der.to_vec());
    }
    Ok(Change::To(MutualTls { uri, version, warnings, truststore: Arc::new(Truststore(kept)) }))
}
