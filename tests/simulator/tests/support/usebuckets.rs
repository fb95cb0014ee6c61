//! Raw requests to `usebuckets::Simulator`.

use mft_simulator::usebuckets::Simulator;
use serde_json::{Value, json};

use super::{Answer, brickftp};

/// Sends a request as in the vendor's documentation.
pub async fn call(simulator: &Simulator, method: &str, path: &str, body: &str) -> Answer {
    let key = simulator.api_key();
    let headers = format!("Authorization: Bearer {key}\r\nContent-Type: application/json\r\n");
    call_with(simulator, &headers, method, path, body).await
}

/// Sends a request with these header lines. Each line ends with a line break.
pub async fn call_with(simulator: &Simulator, headers: &str, method: &str, path: &str, body: &str) -> Answer {
    let request = format!(
        "{method} /v1{path} HTTP/1.1\r\nHost: simulator\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    brickftp::send(&simulator.base_url(), &request).await
}

/// Creates a bucket and a user. Returns their ids.
pub async fn bucket_and_user(simulator: &Simulator) -> (String, String) {
    let bucket = created(simulator, "/buckets", &json!({ "name": "Northwind intake" })).await;
    let user = json!({ "username": "mira", "password": "example-only", "bucket_id": bucket });
    let user = created(simulator, "/users", &user).await;
    (bucket, user)
}

/// Creates an object and returns its id.
pub async fn created(simulator: &Simulator, path: &str, body: &Value) -> String {
    let answer = call(simulator, "POST", path, &body.to_string()).await;
    answer.json()["id"].as_str().unwrap_or_else(|| panic!("{}", answer.text())).to_owned()
}
