//! What the environment says. Each case is a process of its own: variables belong to the whole process.

use std::process::Command;

use brickftp::Client;

const VARIABLES: [&str; 3] = ["BRICKFTP_SUBDOMAIN", "BRICKFTP_API_KEY", "BRICKFTP_BASE_URL"];

/// Runs the test below with these variables and nothing else of ours, and gives back what it said.
fn said(variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "client_of_the_environment", "--ignored", "--nocapture"]);
    for name in VARIABLES {
        command.env_remove(name);
    }
    let output = command.envs(variables.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_once("<<").and_then(|(_, rest)| rest.split_once(">>")).expect("the child says something").0.to_owned()
}

#[test]
#[ignore = "a child process of the tests below"]
fn client_of_the_environment() {
    match Client::from_env() {
        Ok(client) => println!("<<{client:?}>>"),
        Err(error) => println!("<<{error}>>"),
    }
}

#[test]
fn a_client_comes_from_its_variables_or_names_the_missing_one() {
    let (subdomain, key) = (("BRICKFTP_SUBDOMAIN", "acme"), ("BRICKFTP_API_KEY", " k3y-material\n"));
    for (variables, expected) in [
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
    ] {
        let said = said(&variables);
        assert!(said.contains(expected) && !said.contains("k3y-material"), "{variables:?}: {said}");
    }
}

/// Without any TLS the service itself cannot be reached, and `build` says so.
#[cfg(feature = "rustls")]
#[test]
fn without_a_base_url_the_client_talks_to_the_service() {
    let variables = [("BRICKFTP_SUBDOMAIN", "acme"), ("BRICKFTP_API_KEY", "k"), ("BRICKFTP_BASE_URL", " ")];
    let said = said(&variables);
    assert!(said.contains(r#""https://acme.brickftp.com/api/rest/v1""#) && said.contains("ApiKey"), "{said}");
}
