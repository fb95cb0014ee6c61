//! TLS, with a client that trusts only the simulator's certificate authority.

use std::io::ErrorKind;
use std::sync::Arc;

use mft_simulator::Fault;
use mft_simulator::sftptogo::Simulator;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

async fn call(simulator: &Simulator, name: &'static str) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    let pem = simulator.ca_pem().expect("it serves https");
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    // Explicit, because a build of the workspace has two crypto providers and no default.
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let url = simulator.base_url();
    let stream = TcpStream::connect(url.strip_prefix("https://").unwrap()).await?;
    let connector = TlsConnector::from(Arc::new(config));
    let mut stream = connector.connect(ServerName::try_from(name).unwrap(), stream).await?;
    let request = format!(
        "GET /organizations/{}/users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n",
        simulator.organization_id(),
        simulator.api_key()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn faults_over_tls() {
    let simulator = Simulator::builder().tls().start().await.unwrap();
    for name in ["localhost", "127.0.0.1"] {
        assert!(call(&simulator, name).await.unwrap().starts_with("HTTP/1.1 200 OK"), "{name}");
    }
    assert!(call(&simulator, "example.com").await.is_err());
    // A connection that closes without `close_notify` is detected.
    for (fault, kind) in [
        (Fault::reset(), ErrorKind::ConnectionReset),
        (Fault::reset_mid_body(), ErrorKind::ConnectionReset),
        (Fault::truncated(), ErrorKind::UnexpectedEof),
    ] {
        let name = fault.to_string();
        simulator.faults().clear();
        simulator.faults().push(fault);
        assert_eq!(call(&simulator, "localhost").await.unwrap_err().kind(), kind, "{name}");
    }
}
