//! A mock of the service that accepts one exact request.

#![allow(dead_code, unused_imports, reason = "every test file uses its own part")]

use mft_common::testing::MockTransport;
use mft_test_support::mock;
pub(crate) use mft_test_support::mock::{delete, get, post, put};
use serde_json::{Value, json};
use stook::{Authentication, Client, OrganizationId, RetryPolicy};

pub(crate) const TOKEN: &str = "token-0001";
pub(crate) const ORGANIZATION: &str = "0b6c1d2e-0000-4000-8000-0000000000aa";
pub(crate) const BUCKET: &str = "0b6c1d2e-0000-4000-8000-000000000001";
pub(crate) const CREDENTIAL: &str = "0b6c1d2e-0000-4000-8000-0000000000c1";
pub(crate) const ACCOUNT: &str = "0b6c1d2e-0000-4000-8000-0000000000f1";

/// Returns a response body with its envelope.
pub(crate) fn wrapped(data: &Value) -> String {
    json!({ "status": true, "data": data }).to_string()
}

/// The provider description for the mock.
#[derive(Debug)]
pub(crate) enum Stook {}

impl mock::Provider for Stook {
    type Client = Client;
    const TOKEN: &'static str = TOKEN;
    const USER_AGENT: &'static str = concat!("stook-rust/", env!("CARGO_PKG_VERSION"));

    fn client(address: &str) -> Client {
        Client::builder(OrganizationId::from(ORGANIZATION), Authentication::token(TOKEN))
            .base_url(address)
            .allow_http()
            .no_proxy()
            .retry(RetryPolicy::none())
            .build()
            .unwrap()
    }

    fn target(path: &str) -> String {
        path.replace("{organization_uuid}", ORGANIZATION)
    }
}

pub(crate) type Service = mock::Service<Stook>;

/// Returns a client with a mock transport, for paused time.
pub(crate) fn scripted(script: &MockTransport) -> Client {
    let policy = RetryPolicy::new().seed(7);
    Client::builder(OrganizationId::from("org"), Authentication::token(TOKEN))
        .transport(script.clone())
        .retry(policy)
        .build()
        .unwrap()
}
