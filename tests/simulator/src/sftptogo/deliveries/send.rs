use std::future::pending;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName};
use http::{HeaderValue, Request, Uri};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use sha2::Sha256;
use tokio::net::TcpStream;

const SIGNATURE: HeaderName = HeaderName::from_static("x-hub-signature");

/// The value of `X-Hub-Signature` for a body: `sha256=` and the HMAC in hexadecimal digits.
///
/// ```
/// let header = mft_simulator::sftptogo::sign("Very Secret Secret", b"Hello! This is a test payload.");
/// assert_eq!(header, "sha256=8ba4c47558de1872150c3ec82211c34bf0cbd6d60fc4f9875b97853af06de917");
/// ```
#[must_use]
pub fn sign(secret: &str, body: &[u8]) -> String {
    use std::fmt::Write;

    let mut text = String::from("sha256=");
    for byte in mac(secret, body) {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The same code in base64 and without a prefix, as one sample of the vendor shows it.
pub(super) fn sign_bare(secret: &str, body: &[u8]) -> String {
    STANDARD.encode(mac(secret, body))
}

fn mac(secret: &str, body: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(body);
    mac.finalize().into_bytes().into()
}

/// Sends one attempt and returns the status of the answer, or why there is none.
pub(super) async fn post(url: &str, authorization: &str, signature: &str, body: Bytes) -> Result<u16, String> {
    let uri: Uri = url.parse().map_err(|_| "the URL is not valid".to_owned())?;
    let authority = uri.authority().ok_or("the URL has no host")?;
    let host = authority.host().trim_matches(['[', ']']);
    let mut request = Request::post(uri.path_and_query().map_or("/", |target| target.as_str()))
        .header(HOST, authority.as_str())
        .header(CONTENT_TYPE, "application/json")
        .header(SIGNATURE, signature);
    if !authorization.is_empty() {
        let value = HeaderValue::from_str(authorization)
            .map_err(|_| "the authorization header has bytes that headers cannot hold")?;
        request = request.header(AUTHORIZATION, value);
    }
    let request = request.body(Full::new(body)).map_err(|error| error.to_string())?;

    let stream = TcpStream::connect((host, authority.port_u16().unwrap_or(80)))
        .await
        .map_err(|error| format!("cannot connect: {error}"))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    let driver = async {
        // How the connection ends shows in the answer to the request.
        let _ = connection.await;
        pending().await
    };
    tokio::select! {
        answer = sender.send_request(request) => {
            answer.map(|answer| answer.status().as_u16()).map_err(|error| error.to_string())
        }
        never = driver => never,
    }
}
