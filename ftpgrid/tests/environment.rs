//! Environment variables. Each case runs in a child process, because variables are shared by the process.

use ftpgrid::{Client, ClientBuilder};
use mft_test_support::environment::{Environment, print_result_of};

const ENVIRONMENT: Environment = Environment(&[
    "FTPGRID_ASSOCIATION_KEY",
    "FTPGRID_ACCESS_KEY",
    "FTPGRID_SECRET_KEY",
    "FTPGRID_STORAGE_URL",
    "FTPGRID_BASE_URL",
]);

mft_test_support::client_from_environment!(Client);

#[test]
#[ignore = "a child process of the tests below"]
fn child_lists_accounts_and_files() {
    print_result_of(async {
        let client = Client::from_env()?;
        let accounts = client.ftp_accounts().list().try_collect_vec().await?;
        let files = client.storage().list_files("/").try_collect_vec().await?;
        Ok(format!("{} accounts, {} files", accounts.len(), files.len()))
    });
}

#[test]
#[ignore = "a child process of the tests below"]
fn child_lists_files() {
    print_result_of(async {
        let client = ClientBuilder::from_env()?.initial_token("t").build()?;
        Ok(format!("{} files", client.storage().list_files("/").try_collect_vec().await?.len()))
    });
}

/// A proxy would resolve the loopback address to its own host.
#[tokio::test]
async fn a_local_simulator_bypasses_all_proxies() {
    use wiremock::matchers::path;
    use wiremock::{Mock, MockServer, ResponseTemplate};
    let (management, storage) = (MockServer::start().await, MockServer::start().await);
    for (server, at, body) in [
        (&management, "/apiaccess/auth", r#"{"token":"t"}"#),
        (&management, "/ftpaccounts/list", "[]"),
        (&storage, "/api/list/files", "[]"),
    ] {
        Mock::given(path(at)).respond_with(ResponseTemplate::new(200).set_body_string(body)).mount(server).await;
    }
    let (management, storage) = (management.uri(), format!("{}/api/", storage.uri()));
    let variables = [
        ("FTPGRID_ASSOCIATION_KEY", "a"),
        ("FTPGRID_ACCESS_KEY", "b"),
        ("FTPGRID_SECRET_KEY", "c"),
        ("FTPGRID_STORAGE_URL", storage.as_str()),
        ("FTPGRID_BASE_URL", management.as_str()),
    ];
    let output = ENVIRONMENT.output_behind_proxy("child_lists_accounts_and_files", &variables).await;
    assert_eq!(output, "0 accounts, 0 files");
    // With only a storage URL, the token is not sent to the proxy either.
    #[cfg(feature = "rustls")]
    assert_eq!(ENVIRONMENT.output_behind_proxy("child_lists_files", &variables[..4]).await, "0 files");
}

#[test]
fn reads_the_variables_or_names_the_missing_one() {
    let keys = [
        ("FTPGRID_ASSOCIATION_KEY", "k3y-material-1"),
        ("FTPGRID_ACCESS_KEY", " k3y-material-2\n"),
        ("FTPGRID_SECRET_KEY", "k3y-material-3"),
    ];
    let with = |more: &[(&'static str, &'static str)]| [keys.as_slice(), more].concat();
    let cases = [
        (vec![], "FTPGRID_ASSOCIATION_KEY is not set"),
        (keys[..1].to_vec(), "FTPGRID_ACCESS_KEY is not set"),
        (keys[..2].to_vec(), "FTPGRID_SECRET_KEY is not set"),
        (with(&[("FTPGRID_SECRET_KEY", " ")]), "FTPGRID_SECRET_KEY is not set"),
        (with(&[("FTPGRID_BASE_URL", "http://api.example")]), "FTPGRID_BASE_URL is plain http"),
        (with(&[("FTPGRID_STORAGE_URL", "http://web1.example")]), "FTPGRID_STORAGE_URL is plain http"),
        // Permission for one URL does not extend to the other one.
        (
            with(&[("FTPGRID_STORAGE_URL", "http://web1.example"), ("FTPGRID_BASE_URL", "http://[::1]:1")]),
            "is plain http",
        ),
        (
            with(&[("FTPGRID_STORAGE_URL", "http://[::1]:1"), ("FTPGRID_BASE_URL", "http://web1.example")]),
            "is plain http",
        ),
        (
            with(&[("FTPGRID_STORAGE_URL", "ht\ttp://web1.example"), ("FTPGRID_BASE_URL", "http://[::1]:1")]),
            "is plain http",
        ),
        (with(&[("FTPGRID_BASE_URL", "http://127.0.0.1:8080/")]), r#"["http://127.0.0.1:8080"]"#),
        (
            with(&[("FTPGRID_STORAGE_URL", "http://127.0.0.1:81/api"), ("FTPGRID_BASE_URL", "http://localhost:80")]),
            r#"["http://localhost", "http://127.0.0.1:81"]"#,
        ),
    ];
    ENVIRONMENT.assert_clients(&cases);
}

/// Without a TLS feature, `build` fails with the feature to enable.
#[cfg(feature = "rustls")]
#[test]
fn uses_the_public_service_by_default() {
    let variables = [
        ("FTPGRID_ASSOCIATION_KEY", "a"),
        ("FTPGRID_ACCESS_KEY", "b"),
        ("FTPGRID_SECRET_KEY", "c"),
        ("FTPGRID_STORAGE_URL", "https://web3.ftpgrid.com"),
    ];
    let output = ENVIRONMENT.output_of("client_from_environment", &variables);
    assert!(output.contains(r#"["https://api.ftpgrid.com", "https://web3.ftpgrid.com"]"#), "{output}");
}
