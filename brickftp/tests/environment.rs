//! What the environment says. Each case is a process of its own: variables belong to the whole process.

use brickftp::Client;
use mft_test_support::environment::Environment;

const ENVIRONMENT: Environment = Environment(&["BRICKFTP_SUBDOMAIN", "BRICKFTP_API_KEY", "BRICKFTP_BASE_URL"]);

mft_test_support::client_from_environment!(Client);

#[test]
fn a_client_comes_from_its_variables_or_names_the_missing_one() {
    let (subdomain, key) = (("BRICKFTP_SUBDOMAIN", "acme"), ("BRICKFTP_API_KEY", " k3y-material\n"));
    let cases = [
        (vec![], "BRICKFTP_SUBDOMAIN is not set"),
        (vec![subdomain], "BRICKFTP_API_KEY is not set"),
        (vec![subdomain, ("BRICKFTP_API_KEY", "  ")], "BRICKFTP_API_KEY is not set"),
        (vec![key], "BRICKFTP_SUBDOMAIN is not set"),
        (vec![("BRICKFTP_SUBDOMAIN", "acme.brickftp.com"), key], "subdomain has a dot"),
        (vec![subdomain, key, ("BRICKFTP_BASE_URL", "http://api.example")], "is plain http"),
        (vec![subdomain, key, ("BRICKFTP_BASE_URL", "http://127.0.0.1.evil.example")], "is plain http"),
        (
            vec![subdomain, key, ("BRICKFTP_BASE_URL", "http://127.0.0.1:8080/api/rest/v1/")],
            r#""http://127.0.0.1:8080/api/rest/v1""#,
        ),
        (vec![subdomain, key, ("BRICKFTP_BASE_URL", "http://[::1]:1")], r#""http://[::1]:1""#),
    ];
    ENVIRONMENT.assert_clients(&cases);
}

/// Without a TLS feature, the service is unreachable, and `build` reports it.
#[cfg(feature = "rustls")]
#[test]
fn without_a_base_url_the_client_talks_to_the_service() {
    let variables = [("BRICKFTP_SUBDOMAIN", "acme"), ("BRICKFTP_API_KEY", "k"), ("BRICKFTP_BASE_URL", " ")];
    let output = ENVIRONMENT.output_of("client_from_environment", &variables);
    assert!(output.contains(r#""https://acme.brickftp.com/api/rest/v1""#) && output.contains("ApiKey"), "{output}");
}
