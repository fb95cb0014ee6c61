//! What the environment says. Each case is a process of its own: variables belong to the whole process.

use std::process::Command;

use sftptogo::{Client, FileLogin};

const VARIABLES: [&str; 4] = ["SFTPTOGO_ORGANIZATION_ID", "SFTPTOGO_API_KEY", "SFTPTOGO_BASE_URL", "SFTPTOGO_URL"];

/// Runs one of the tests below with these variables and nothing else of ours, and gives back what it said.
fn said(child: &str, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", child, "--ignored", "--nocapture"]);
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
#[ignore = "a child process of the tests below"]
fn login_of_the_environment() {
    match FileLogin::from_env() {
        Ok(login) => println!("<<{} {} {} {}>>", login.user_name, login.password.expose(), login.host, login.port),
        Err(error) => println!("<<{error}>>"),
    }
}

#[test]
#[ignore = "a child process of the tests below"]
fn list_of_the_environment() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let listed = runtime.block_on(async { Client::from_env()?.credentials().list().try_collect_vec().await });
    match listed {
        Ok(listed) => println!("<<{} credentials>>", listed.len()),
        Err(error) => println!("<<{error}>>"),
    }
}

/// A proxy would look for the loopback address on its own machine.
#[tokio::test]
async fn a_simulator_on_this_machine_is_reached_past_every_proxy() {
    let server = wiremock::MockServer::start().await;
    wiremock::Mock::given(wiremock::matchers::path("/organizations/org-1/users"))
        .respond_with(wiremock::ResponseTemplate::new(200).set_body_string("[]"))
        .mount(&server)
        .await;
    let url = server.uri();
    let variables = [
        ("SFTPTOGO_ORGANIZATION_ID", "org-1"),
        ("SFTPTOGO_API_KEY", "k"),
        ("SFTPTOGO_BASE_URL", url.as_str()),
        ("HTTP_PROXY", "http://127.0.0.1:1"),
        ("http_proxy", "http://127.0.0.1:1"),
    ]
    .map(|(name, value)| (name, value.to_owned()));
    let said = tokio::task::spawn_blocking(move || {
        let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        said("list_of_the_environment", &variables)
    });
    assert_eq!(said.await.unwrap(), "0 credentials");
}

#[test]
fn a_client_comes_from_the_variables_of_the_service_or_names_the_missing_one() {
    let (organization, key) = (("SFTPTOGO_ORGANIZATION_ID", "org-1"), ("SFTPTOGO_API_KEY", " k3y-material\n"));
    for (variables, expected) in [
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
    ] {
        let said = said("client_of_the_environment", &variables);
        assert!(said.contains(expected) && !said.contains("k3y-material"), "{variables:?}: {said}");
    }
}

/// Without any TLS the service itself cannot be reached, and `build` says so.
#[cfg(feature = "rustls")]
#[test]
fn without_a_base_url_the_client_talks_to_the_service() {
    let variables = [("SFTPTOGO_ORGANIZATION_ID", "org-1"), ("SFTPTOGO_API_KEY", "k"), ("SFTPTOGO_BASE_URL", " ")];
    let said = said("client_of_the_environment", &variables);
    assert!(said.contains(r#""https://api.sftptogo.com""#) && said.contains("org-1"), "{said}");
}

#[test]
fn a_login_comes_from_the_variable_that_the_add_on_sets() {
    for (url, expected) in [
        (None, "invalid input: environment variable SFTPTOGO_URL is not set"),
        (Some("sftp://ro%40bot:p%3Aw@quiet-meadow.example"), "ro@bot p:w quiet-meadow.example 22"),
        (Some("https://a:hunter2@h"), "invalid input: SFTPTOGO_URL does not begin with sftp://"),
    ] {
        let variables: Vec<_> = url.map(|url| ("SFTPTOGO_URL", url)).into_iter().collect();
        assert_eq!(said("login_of_the_environment", &variables), expected);
    }
}
