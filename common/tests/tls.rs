//! Certificate checks of the default transport.

mod support;

use std::sync::Arc;
use std::time::Duration;

use mft_common::provider::Settings;
use mft_common::{ErrorKind, Outcome};
use rcgen::{CertificateParams, KeyPair};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// Starts a server that presents a certificate for `name`; returns its port and the certificate as PEM.
async fn serve(name: &str, expired: bool) -> (u16, String) {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    if expired {
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2020, 1, 2);
    }
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    let (acceptor, listener) = (TlsAcceptor::from(Arc::new(config)), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = vec![0; 8 * 1024];
            if stream.read(&mut request).await.is_ok_and(|length| length > 0) {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n1").await;
            }
        }
    });
    (port, certificate.pem())
}

#[tokio::test]
async fn a_server_needs_a_valid_certificate_for_its_name() {
    const NAME: &str = "parcels.example";
    for (case, certified, expired, trusted, believed) in [
        ("self-signed", NAME, false, false, false),
        ("added by hand", NAME, false, true, true),
        ("another host's", "elsewhere.example", false, true, false),
        ("expired", NAME, true, true, false),
    ] {
        let (port, pem) = serve(certified, expired).await;
        let mut settings = Settings::default();
        settings.base_url(format!("https://{NAME}:{port}"));
        settings.reqwest(|transport| transport.no_proxy().resolve(NAME, vec![([127, 0, 0, 1], port).into()]));
        settings.connect_timeout(Duration::from_secs(5));
        if trusted {
            settings.reqwest(|transport| transport.add_root_certificate(pem));
        }
        let pipeline = support::build(settings);
        let result = support::call(&pipeline).non_idempotent().json::<u8>().no_retry().await;
        match result {
            Ok(value) => assert!(believed && value == 1, "{case}"),
            Err(error) => {
                assert!(!believed, "{case}: {error:?}");
                // The key was not sent.
                assert_eq!((error.kind(), error.outcome()), (ErrorKind::Connect, Outcome::NotDone), "{case}");
            }
        }
    }
}

#[test]
fn an_invalid_certificate_is_rejected_by_build() {
    for pem in ["", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let mut settings = Settings::default();
        settings.reqwest(|transport| transport.add_root_certificate(pem));
        let error = support::build_with(settings, |_| Ok(mft_common::provider::Auth::none())).unwrap_err();
        assert!(error.is_invalid_input(), "{pem}: {error}");
    }
}
