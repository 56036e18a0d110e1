//! `clientCert` of events: what the certificate says that a client has shown.

use super::super::json::{self, Members};
use crate::proto::certificate::Certificate;

/// Writes `"clientCert":{…}`.
pub(super) fn write(out: &mut Vec<u8>, certificate: &Certificate) {
    out.extend_from_slice(b"\"clientCert\":");
    let mut members = Members::open(out);
    let texts = [
        ("clientCertPem", &certificate.pem),
        ("issuerDN", &certificate.issuer),
        ("serialNumber", &certificate.serial),
        ("subjectDN", &certificate.subject),
    ];
    for (name, text) in texts {
        members.name(out, name);
        json::string(out, text);
    }
    members.name(out, "validity");
    let mut validity = Members::open(out);
    for (name, time) in certificate.validity() {
        validity.name(out, name);
        json::string(out, &time);
    }
    validity.close(out);
    members.close(out);
}
