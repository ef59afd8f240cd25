//! Connections over the network: certificates to trust, and the proxy.

use std::collections::BTreeMap;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::ConnectOptions;
use super::profiles::{ConnectError, Settings};

/// HTTP clients by the bundle of certificates they trust: what trusts the same shares its connections.
#[derive(Default)]
pub(super) struct Networks(BTreeMap<Option<String>, SharedHttpClient>);

impl Networks {
    /// What carries requests: what the options gives, or the network.
    ///
    /// `AWS_CA_BUNDLE`, or the profile's `ca_bundle`, is trusted beside the system's certificates; the
    /// SDK looks at neither.
    pub(super) async fn client(
        &mut self,
        options: &ConnectOptions,
        settings: &Settings,
    ) -> Result<SharedHttpClient, ConnectError> {
        if let Some(http) = &options.http {
            return Ok(http.clone());
        }
        let bundle = settings.get("AWS_CA_BUNDLE", "ca_bundle", None);
        if let Some(http) = self.0.get(&bundle) {
            return Ok(http.clone());
        }
        let trust = match &bundle {
            None => TrustStore::default(),
            Some(path) => {
                let bad = |reason| ConnectError::BadFile { file: path.clone(), reason, variable: "AWS_CA_BUNDLE" };
                let pem = options.env.file(path).await.map_err(|error| bad(error.to_string()))?;
                TrustStore::default().with_pem_certificate(usable(&pem).map_err(bad)?)
            }
        };
        let http = over(trust);
        self.0.insert(bundle, http.clone());
        Ok(http)
    }
}

/// HTTPS, or plain HTTP for an endpoint that says so, through the proxy that the environment names.
fn over(trust: TrustStore) -> SharedHttpClient {
    let tls = TlsContext::builder().with_trust_store(trust).build().unwrap_or_default();
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder().proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        connector.tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(tls.clone()).build()
    })
}

/// The certificates of `pem` that can be trusted; an error where there are none.
///
/// Old bundles hold some that cannot, and the SDK would end the program on the first of them.
fn usable(pem: &[u8]) -> Result<String, String> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let text = std::str::from_utf8(pem).map_err(|_| "is not PEM text".to_owned())?;
    let (mut usable, mut reason) = (String::new(), "holds no certificate".to_owned());
    for block in text.split_inclusive(END) {
        let Some(block) = block.find(BEGIN).and_then(|at| block.get(at..)) else { continue };
        let certificate = CertificateDer::from_pem_slice(block.as_bytes()).map_err(|error| error.to_string());
        let added = certificate.and_then(|found| RootCertStore::empty().add(found).map_err(|error| error.to_string()));
        match added {
            Ok(()) => usable = usable + block + "\n",
            Err(error) => reason = format!("holds no certificate that can be trusted: {error}"),
        }
    }
    if usable.is_empty() { Err(reason) } else { Ok(usable) }
}
