//! Environment variables. Each case runs in its own process, because variables are global to a process.

use mft_test_support::environment::{Environment, print_result, print_result_of};
use sftptogo::{Client, FileLogin};

const ENVIRONMENT: Environment =
    Environment(&["SFTPTOGO_ORGANIZATION_ID", "SFTPTOGO_API_KEY", "SFTPTOGO_BASE_URL", "SFTPTOGO_URL"]);

mft_test_support::client_from_environment!(Client);

#[test]
#[ignore = "a child process of the tests below"]
fn login_of_the_environment() {
    let login = FileLogin::from_env();
    print_result(
        login.map(|login| format!("{} {} {} {}", login.user_name, login.password.expose(), login.host, login.port)),
    );
}

#[test]
#[ignore = "a child process of the tests below"]
fn list_of_the_environment() {
    print_result_of(async {
        let listed = Client::from_env()?.credentials().list().try_collect_vec().await?;
        Ok(format!("{} credentials", listed.len()))
    });
}

/// A proxy would resolve the loopback address to its own machine.
#[tokio::test]
async fn a_local_simulator_bypasses_every_proxy() {
    let server = wiremock::MockServer::start().await;
    wiremock::Mock::given(wiremock::matchers::path("/organizations/org-1/users"))
        .respond_with(wiremock::ResponseTemplate::new(200).set_body_string("[]"))
        .mount(&server)
        .await;
    let url = server.uri();
    let variables =
        [("SFTPTOGO_ORGANIZATION_ID", "org-1"), ("SFTPTOGO_API_KEY", "k"), ("SFTPTOGO_BASE_URL", url.as_str())];
    let message = ENVIRONMENT.output_behind_proxy("list_of_the_environment", &variables).await;
    assert_eq!(message, "0 credentials");
}

#[test]
fn from_env_reads_the_variables_or_names_the_missing_one() {
    let (organization, key) = (("SFTPTOGO_ORGANIZATION_ID", "org-1"), ("SFTPTOGO_API_KEY", " k3y-material\n"));
    let cases = [
        (vec![], "SFTPTOGO_ORGANIZATION_ID is not set"),
        (vec![organization], "SFTPTOGO_API_KEY is not set"),
        (vec![organization, ("SFTPTOGO_API_KEY", "  ")], "SFTPTOGO_API_KEY is not set"),
        (vec![key], "SFTPTOGO_ORGANIZATION_ID is not set"),
        (vec![organization, key, ("SFTPTOGO_BASE_URL", "http://api.example")], "is plain http"),
        (vec![organization, key, ("SFTPTOGO_BASE_URL", "http://10.0.0.1:80")], "is plain http"),
        (vec![organization, key, ("SFTPTOGO_BASE_URL", "http://127.0.0.1.evil.example")], "is plain http"),
        (vec![organization, key, ("SFTPTOGO_BASE_URL", "http://127.0.0.1:8080/")], r#""http://127.0.0.1:8080""#),
        (vec![organization, key, ("SFTPTOGO_BASE_URL", "http://localhost:1")], r#""http://localhost:1""#),
        (vec![organization, key, ("SFTPTOGO_BASE_URL", "http://[::1]:1")], r#""http://[::1]:1""#),
    ];
    ENVIRONMENT.assert_clients(&cases);
}

/// Without a TLS feature, the service is unreachable, and `build` fails.
#[cfg(feature = "rustls")]
#[test]
fn the_default_base_url_is_that_of_the_service() {
    let variables = [("SFTPTOGO_ORGANIZATION_ID", "org-1"), ("SFTPTOGO_API_KEY", "k"), ("SFTPTOGO_BASE_URL", " ")];
    let message = ENVIRONMENT.output_of("client_from_environment", &variables);
    assert!(message.contains(r#""https://api.sftptogo.com""#) && message.contains("org-1"), "{message}");
}

#[test]
fn a_login_is_read_from_the_add_on_variable() {
    for (url, expected) in [
        (None, "invalid input: environment variable SFTPTOGO_URL is not set"),
        (Some("sftp://ro%40bot:p%3Aw@quiet-meadow.example"), "ro@bot p:w quiet-meadow.example 22"),
        (Some("https://a:hunter2@h"), "invalid input: SFTPTOGO_URL must start with sftp://"),
    ] {
        let variables: Vec<_> = url.map(|url| ("SFTPTOGO_URL", url)).into_iter().collect();
        assert_eq!(ENVIRONMENT.output_of("login_of_the_environment", &variables), expected);
    }
}
