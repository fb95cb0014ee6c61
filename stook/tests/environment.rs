//! Environment variables. Each case runs in a child process, because variables are shared by the process.

use mft_test_support::environment::{Environment, print_result_of};
use stook::Client;

const ENVIRONMENT: Environment =
    Environment(&["STOOK_ORGANIZATION_UUID", "STOOK_API_KEY", "STOOK_API_SECRET", "STOOK_TOKEN", "STOOK_BASE_URL"]);

mft_test_support::client_from_environment!(Client);

#[test]
#[ignore = "a child process of the tests below"]
fn child_lists_accounts() {
    print_result_of(async {
        let listed = Client::from_env()?.ftp_accounts().list().try_collect_vec().await?;
        Ok(format!("{} accounts", listed.len()))
    });
}

/// A proxy would resolve the loopback address to its own host.
#[tokio::test]
async fn a_local_simulator_bypasses_all_proxies_including_the_login() {
    use wiremock::matchers::{header, method, path};
    use wiremock::{Mock, MockServer, ResponseTemplate};
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/api/v1/auth/login/token"))
        .respond_with(ResponseTemplate::new(200).set_body_string(r#"{"status":true,"token":"t-1"}"#))
        .mount(&server)
        .await;
    Mock::given(path("/api/v2/stook/org-1/ftp"))
        .and(header("authorization", "Bearer t-1"))
        .respond_with(ResponseTemplate::new(200).set_body_string(r#"{"status":true,"data":[]}"#))
        .mount(&server)
        .await;
    let url = server.uri();
    let variables = [
        ("STOOK_ORGANIZATION_UUID", "org-1"),
        ("STOOK_API_KEY", "k"),
        ("STOOK_API_SECRET", "s"),
        ("STOOK_BASE_URL", url.as_str()),
    ];
    let output = ENVIRONMENT.output_behind_proxy("child_lists_accounts", &variables).await;
    assert_eq!(output, "0 accounts");
}

#[test]
fn reads_the_variables_or_names_the_missing_one() {
    let organization = ("STOOK_ORGANIZATION_UUID", "org-1");
    let (key, secret) = (("STOOK_API_KEY", " k3y-material\n"), ("STOOK_API_SECRET", "k3y-material"));
    let (token, local) = (("STOOK_TOKEN", "k3y-material"), ("STOOK_BASE_URL", "http://127.0.0.1:8080/"));
    let cases = [
        (vec![], "STOOK_ORGANIZATION_UUID is not set"),
        (vec![key, secret, token], "STOOK_ORGANIZATION_UUID is not set"),
        (vec![organization], "neither STOOK_API_KEY nor STOOK_TOKEN is set"),
        (vec![organization, ("STOOK_API_KEY", "  ")], "neither STOOK_API_KEY nor STOOK_TOKEN is set"),
        (vec![organization, key, token], "STOOK_API_SECRET is not set"),
        (vec![organization, secret], "STOOK_API_KEY is not set, but STOOK_API_SECRET is"),
        (vec![organization, key, secret, ("STOOK_BASE_URL", "http://cloud.example")], "is plain http"),
        (vec![organization, token, ("STOOK_BASE_URL", "http://127.0.0.1.evil.example")], "is plain http"),
        (vec![organization, key, secret, token, local], "token exchange"),
        (vec![organization, key, secret, local], r#""http://127.0.0.1:8080""#),
        (vec![organization, token, local], "\"authorization\""),
    ];
    ENVIRONMENT.assert_clients(&cases);
}

/// Without a TLS feature, `build` fails with the feature to enable.
#[cfg(feature = "rustls")]
#[test]
fn uses_the_public_service_by_default() {
    let variables = [("STOOK_ORGANIZATION_UUID", "org-1"), ("STOOK_TOKEN", "t"), ("STOOK_BASE_URL", " ")];
    let output = ENVIRONMENT.output_of("client_from_environment", &variables);
    assert!(output.contains(r#""https://cloud.medianova.com""#) && output.contains("org-1"), "{output}");
}
