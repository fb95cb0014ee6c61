use std::future::pending;

use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderValue, Request, Uri};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::WebhookRequest;

/// Sends an attempt and returns the status of the response, or the reason why there is none.
pub(super) async fn post(message: &WebhookRequest) -> Result<u16, String> {
    let uri: Uri = message.url.parse().map_err(|_| "the URL is not valid".to_owned())?;
    let authority = uri.authority().ok_or("the URL has no host")?;
    let host = authority.host().trim_matches(['[', ']']);
    let mut request = Request::post(uri.path_and_query().map_or("/", |target| target.as_str()))
        .header(HOST, authority.as_str())
        .header(CONTENT_TYPE, "application/json");
    for (name, value) in &message.headers {
        let value = HeaderValue::from_str(value).map_err(|_| format!("the value of the {name} header is not valid"))?;
        request = request.header(name, value);
    }
    let request = request.body(Full::new(message.body.clone())).map_err(|error| error.to_string())?;

    let stream = TcpStream::connect((host, authority.port_u16().unwrap_or(80)))
        .await
        .map_err(|error| format!("cannot connect: {error}"))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    let driver = async {
        // A connection error shows in the response.
        let _ = connection.await;
        pending().await
    };
    tokio::select! {
        response = sender.send_request(request) => {
            response.map(|response| response.status().as_u16()).map_err(|error| error.to_string())
        }
        never = driver => never,
    }
}
