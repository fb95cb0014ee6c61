//! Raw requests to `ftpgrid::Simulator`.

use mft_simulator::ftpgrid::Simulator;
use serde_json::Value;

use super::storage::{Answer, send};

pub const UPLOAD: &str = "ftpgrid.storage.upload";

/// Returns the headers of a JSON request with a new token.
pub fn headers(simulator: &Simulator) -> String {
    format!("Authorization: Bearer {}\r\nContent-Type: application/json\r\n", simulator.state().issue_token())
}

/// Sends a request to the Management API.
pub async fn manage(simulator: &Simulator, method: &str, path: &str, body: &str) -> Answer {
    send(method, &format!("{}{path}", simulator.base_url()), &headers(simulator), body.as_bytes()).await
}

/// Sends a request to the Storage API.
pub async fn store(simulator: &Simulator, path: &str, body: &str) -> Answer {
    send("POST", &format!("{}/api{path}", simulator.storage_url()), &headers(simulator), body.as_bytes()).await
}

pub fn json(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_else(|error| panic!("{error} in {answer:?}"))
}

/// Returns the values of a key in a list.
pub fn all(answer: &Answer, key: &str) -> Vec<String> {
    let text = |item: &Value| item[key].as_str().unwrap_or_default().to_owned();
    json(answer).as_array().unwrap_or_else(|| panic!("a list: {answer:?}")).iter().map(text).collect()
}

pub const BOUNDARY: &str = "X-1";

/// Builds a multipart form from disposition parameters and contents.
pub fn form(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut form = Vec::new();
    for (parameters, content) in parts {
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {parameters}\r\n\r\n");
        form.extend_from_slice(&[head.as_bytes(), content, b"\r\n"].concat());
    }
    form.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    form
}

pub fn form_headers(simulator: &Simulator) -> String {
    let token = simulator.state().issue_token();
    format!("Authorization: Bearer {token}\r\nContent-Type: multipart/form-data; boundary={BOUNDARY}\r\n")
}

pub fn upload_url(simulator: &Simulator) -> String {
    format!("{}/api/upload", simulator.storage_url())
}

pub async fn upload(simulator: &Simulator, parts: &[(&str, &[u8])]) -> Answer {
    send("POST", &upload_url(simulator), &form_headers(simulator), &form(parts)).await
}
