//! Environment variables. Each case runs in its own process, because variables are global to a process.

use mft_test_support::environment::{Environment, print_result_of};
use usebuckets::Client;

const ENVIRONMENT: Environment = Environment(&["USEBUCKETS_API_KEY", "USEBUCKETS_BASE_URL"]);

mft_test_support::client_from_environment!(Client);

#[test]
#[ignore = "a child process of the tests below"]
fn list_of_the_environment() {
    print_result_of(async {
        let listed = Client::from_env()?.buckets().list().try_collect_vec().await?;
        Ok(format!("{} buckets", listed.len()))
    });
}

/// A proxy would resolve the loopback address to its own machine.
#[tokio::test]
async fn a_local_simulator_bypasses_every_proxy() {
    let server = wiremock::MockServer::start().await;
    wiremock::Mock::given(wiremock::matchers::path("/v1/buckets"))
        .respond_with(wiremock::ResponseTemplate::new(200).set_body_string(r#"{"has_more":false,"data":[]}"#))
        .mount(&server)
        .await;
    let url = format!("{}/v1", server.uri());
    let variables = [("USEBUCKETS_API_KEY", "k"), ("USEBUCKETS_BASE_URL", url.as_str())];
    let message = ENVIRONMENT.output_behind_proxy("list_of_the_environment", &variables).await;
    assert_eq!(message, "0 buckets");
}

#[test]
fn from_env_reads_the_variables_or_names_the_missing_one() {
    let key = ("USEBUCKETS_API_KEY", " k3y-material\n");
    let cases = [
        (vec![], "USEBUCKETS_API_KEY is not set"),
        (vec![("USEBUCKETS_API_KEY", "  ")], "USEBUCKETS_API_KEY is not set"),
        (vec![key, ("USEBUCKETS_BASE_URL", "http://api.example")], "is plain http"),
        (vec![key, ("USEBUCKETS_BASE_URL", "http://127.0.0.1.evil.example")], "is plain http"),
        (vec![key, ("USEBUCKETS_BASE_URL", "http://127.0.0.1:8080/v1/")], r#""http://127.0.0.1:8080/v1""#),
        (vec![key, ("USEBUCKETS_BASE_URL", "http://[::1]:1")], r#""http://[::1]:1""#),
    ];
    ENVIRONMENT.assert_clients(&cases);
}

/// Without a TLS feature, the service is unreachable, and `build` fails.
#[cfg(feature = "rustls")]
#[test]
fn the_default_base_url_is_that_of_the_service() {
    let message =
        ENVIRONMENT.output_of("client_from_environment", &[("USEBUCKETS_API_KEY", "k"), ("USEBUCKETS_BASE_URL", " ")]);
    assert!(message.contains(r#""https://api.usebuckets.io/v1""#), "{message}");
}
