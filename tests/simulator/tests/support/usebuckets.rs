//! Raw calls of `usebuckets::Simulator`.

use mft_simulator::usebuckets::Simulator;
use serde_json::{Value, json};

use super::{Answer, brickftp};

/// A call as the vendor's page shows it.
pub async fn call(simulator: &Simulator, method: &str, path: &str, body: &str) -> Answer {
    let key = simulator.api_key();
    let headers = format!("Authorization: Bearer {key}\r\nContent-Type: application/json\r\n");
    call_with(simulator, &headers, method, path, body).await
}

/// A call with these header lines, each of which ends in a line break.
pub async fn call_with(simulator: &Simulator, headers: &str, method: &str, path: &str, body: &str) -> Answer {
    let request = format!(
        "{method} /v1{path} HTTP/1.1\r\nHost: simulator\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    brickftp::send(&simulator.base_url(), &request).await
}

/// The bucket, and a user in it.
pub async fn bucket_and_user(simulator: &Simulator) -> (String, String) {
    let bucket = created(simulator, "/buckets", &json!({ "name": "Northwind intake" })).await;
    let user = json!({ "username": "mira", "password": "example-only", "bucket_id": bucket });
    let user = created(simulator, "/users", &user).await;
    (bucket, user)
}

/// Creates something, and returns its id.
pub async fn created(simulator: &Simulator, path: &str, body: &Value) -> String {
    let answer = call(simulator, "POST", path, &body.to_string()).await;
    answer.json()["id"].as_str().unwrap_or_else(|| panic!("{}", answer.text())).to_owned()
}
