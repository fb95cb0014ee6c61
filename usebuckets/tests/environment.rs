//! What the environment says. Each case is a process of its own: variables belong to the whole process.

use mft_test_support::environment::{Environment, tell_in_the_end};
use usebuckets::Client;

const ENVIRONMENT: Environment = Environment(&["USEBUCKETS_API_KEY", "USEBUCKETS_BASE_URL"]);

mft_test_support::client_of_the_environment!(Client);

#[test]
#[ignore = "a child process of the tests below"]
fn list_of_the_environment() {
    tell_in_the_end(async {
        let listed = Client::from_env()?.buckets().list().try_collect_vec().await?;
        Ok(format!("{} buckets", listed.len()))
    });
}

/// A proxy would look for the loopback address on its own machine.
#[tokio::test]
async fn a_simulator_on_this_machine_is_reached_past_every_proxy() {
    let server = wiremock::MockServer::start().await;
    wiremock::Mock::given(wiremock::matchers::path("/v1/buckets"))
        .respond_with(wiremock::ResponseTemplate::new(200).set_body_string(r#"{"has_more":false,"data":[]}"#))
        .mount(&server)
        .await;
    let url = format!("{}/v1", server.uri());
    let variables = [("USEBUCKETS_API_KEY", "k"), ("USEBUCKETS_BASE_URL", url.as_str())];
    let said = ENVIRONMENT.said_behind_a_proxy("list_of_the_environment", &variables).await;
    assert_eq!(said, "0 buckets");
}

#[test]
fn a_client_comes_from_the_variables_of_the_service_or_names_the_missing_one() {
    let key = ("USEBUCKETS_API_KEY", " k3y-material\n");
    let cases = [
        (vec![], "USEBUCKETS_API_KEY is not set"),
        (vec![("USEBUCKETS_API_KEY", "  ")], "USEBUCKETS_API_KEY is not set"),
        (vec![key, ("USEBUCKETS_BASE_URL", "http://api.example")], "is plain http"),
        (vec![key, ("USEBUCKETS_BASE_URL", "http://127.0.0.1.evil.example")], "is plain http"),
        (vec![key, ("USEBUCKETS_BASE_URL", "http://127.0.0.1:8080/v1/")], r#""http://127.0.0.1:8080/v1""#),
        (vec![key, ("USEBUCKETS_BASE_URL", "http://[::1]:1")], r#""http://[::1]:1""#),
    ];
    ENVIRONMENT.each_client_says(&cases);
}

/// Without any TLS the service itself cannot be reached, and `build` says so.
#[cfg(feature = "rustls")]
#[test]
fn without_a_base_url_the_client_talks_to_the_service() {
    let said =
        ENVIRONMENT.said("client_of_the_environment", &[("USEBUCKETS_API_KEY", "k"), ("USEBUCKETS_BASE_URL", " ")]);
    assert!(said.contains(r#""https://api.usebuckets.io/v1""#), "{said}");
}
