//! Certificates of clients and truststores: PEM and DER that anybody wrote.

use gatelet::proto::certificate::Certificate;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// As DER, and as a file of PEM; a certificate that is read is written so that it is read as the same again.
pub fn certificate(data: &[u8]) {
    let file = CertificateDer::pem_slice_iter(data).filter_map(Result::ok);
    for der in file.map(|der| der.to_vec()).chain([data.to_vec()]) {
        let Some(certificate) = Certificate::parse(&der) else { continue };
        let [(_, from), (_, until)] = certificate.validity();
        assert!(from.ends_with(" GMT") && until.ends_with(" GMT"));
        let written = CertificateDer::from_pem_slice(certificate.pem.as_bytes()).expect("it is PEM");
        assert_eq!(&*written, &*der);
    }
}
