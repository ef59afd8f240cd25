//! Checks certificates before they are trusted, because the SDK would end the program on a bad one.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// Whether `pem` holds certificates and nothing broken; otherwise what is wrong with it.
pub(super) fn check(pem: &[u8]) -> Result<(), String> {
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| format!("is not PEM: {error}"))?;
        store.add(certificate).map_err(|error| format!("holds a certificate that cannot be trusted: {error}"))?;
    }
    if store.is_empty() { Err("holds no certificate".to_owned()) } else { Ok(()) }
}
