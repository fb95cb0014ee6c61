//! A mock service that responds to one exact request.

#![allow(dead_code, unused_imports, reason = "every test file uses its own part")]

use mft_common::testing::MockTransport;
use mft_test_support::mock;
pub(crate) use mft_test_support::mock::{delete, get, patch, post};
use sftptogo::{Authentication, Client, RetryPolicy};

pub(crate) const API_KEY: &str = "api-key-0001";
pub(crate) const ORGANIZATION: &str = "72e9cf24-be8c-4f15-9aa2-813281fb98fe";
pub(crate) const CREDENTIAL: &str = "cfc211269c8c0f925c64b1a223d8eb";

/// Returns a response of `tests/fixtures`.
pub(crate) fn fixture(name: &str) -> String {
    let path = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The provider of the mock service.
#[derive(Debug)]
pub(crate) enum SftpToGo {}

impl mock::Provider for SftpToGo {
    type Client = Client;
    const TOKEN: &'static str = API_KEY;
    const USER_AGENT: &'static str = concat!("sftptogo-rust/", env!("CARGO_PKG_VERSION"));

    fn client(address: &str) -> Client {
        Client::builder(ORGANIZATION.into(), Authentication::api_key(API_KEY))
            .base_url(address)
            .allow_http()
            .no_proxy()
            .retry(RetryPolicy::none())
            .build()
            .unwrap()
    }

    fn target(path: &str) -> String {
        format!("/organizations/{ORGANIZATION}{path}")
    }
}

pub(crate) type Service = mock::Service<SftpToGo>;

/// A client with a mock transport, for paused time.
pub(crate) fn scripted(script: &MockTransport) -> Client {
    Client::builder("org".into(), Authentication::api_key(API_KEY))
        .transport(script.clone())
        .retry(RetryPolicy::new().seed(7))
        .build()
        .unwrap()
}
