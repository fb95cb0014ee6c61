//! A mock service that responds to one exact request.

#![allow(dead_code, unused_imports, reason = "every test file uses its own part")]

use mft_common::testing::MockTransport;
use mft_test_support::mock;
pub(crate) use mft_test_support::mock::{delete, get, patch, post};
use serde_json::Value;
use usebuckets::{Authentication, Client, RetryPolicy};

pub(crate) const API_KEY: &str = "bio_test_api_0001";
pub(crate) const BUCKET: &str = "bio_test_buc_7q2mk94x0ab";
pub(crate) const USER: &str = "bio_test_usr_3fj0w8d2k1z";

/// Returns a response of `tests/fixtures`.
pub(crate) fn fixture(name: &str) -> String {
    let path = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Returns a response of `tests/fixtures` as JSON.
pub(crate) fn documented(name: &str) -> Value {
    serde_json::from_str(&fixture(name)).unwrap()
}

/// The provider of the mock service.
#[derive(Debug)]
pub(crate) enum UseBuckets {}

impl mock::Provider for UseBuckets {
    type Client = Client;
    const TOKEN: &'static str = API_KEY;
    const USER_AGENT: &'static str = concat!("usebuckets-rust/", env!("CARGO_PKG_VERSION"));

    fn client(address: &str) -> Client {
        Client::builder(Authentication::api_key(API_KEY))
            .base_url(format!("{address}/v1"))
            .allow_http()
            .no_proxy()
            .retry(RetryPolicy::none())
            .build()
            .unwrap()
    }

    fn target(path: &str) -> String {
        format!("/v1{path}")
    }
}

pub(crate) type Service = mock::Service<UseBuckets>;

/// A client with a mock transport, for paused time.
pub(crate) fn scripted(script: &MockTransport) -> Client {
    Client::builder(Authentication::api_key(API_KEY))
        .transport(script.clone())
        .retry(RetryPolicy::new().seed(7))
        .build()
        .unwrap()
}
