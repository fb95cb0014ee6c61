//! The command-line program.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_mft-simulator");

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn get(variables: &HashMap<String, String>) -> String {
    let address = variables["SFTPTOGO_BASE_URL"].strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET /organizations/{}/users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-type: application/json\r\nConnection: close\r\n\r\n",
        variables["SFTPTOGO_ORGANIZATION_ID"], variables["SFTPTOGO_API_KEY"]
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn prints_the_environment_and_answers() {
    let mut child = Command::new(PROGRAM)
        .args(["--provider", "sftptogo", "--listen", "127.0.0.1:0", "--api-key", "it's-a-key", "--journal"])
        .args(["--fault", "sftptogo.credentials.list:nth=2:status=503"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().take(4);
    let mut child = Running(child);
    let variables: HashMap<_, _> = lines
        .map(|line| {
            let line = line.unwrap();
            let (name, value) = line.strip_prefix("export ").unwrap().split_once('=').unwrap();
            let value = value.strip_prefix('\'').unwrap().strip_suffix('\'').unwrap();
            (name.to_owned(), value.replace(r"'\''", "'"))
        })
        .collect();
    assert_eq!(variables["SFTPTOGO_API_KEY"], "it's-a-key");
    assert!(variables["SFTPTOGO_URL"].starts_with("sftp://"));
    let first = get(&variables);
    assert!(first.starts_with("HTTP/1.1 200 OK") && first.contains(r#""Alias":"Root""#), "{first}");
    assert!(get(&variables).starts_with("HTTP/1.1 503"));
    let mut stderr = BufReader::new(child.0.stderr.take().unwrap());
    let mut text = String::new();
    while !text.contains("-> 503 [status=503] not processed") {
        assert_ne!(stderr.read_line(&mut text).unwrap(), 0, "{text}");
    }
    assert!(text.contains("curl --url $SFTPTOGO_BASE_URL"), "{text}");
    assert!(!text.contains("it's-a-key"), "{text}");
}

#[test]
fn simulates_brickftp() {
    let mut child = Command::new(PROGRAM)
        .args(["--provider", "brickftp", "--listen", "127.0.0.1:0", "--api-key", "key", "--admin-password", "it's"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().take(5);
    let _child = Running(child);
    let lines: Vec<_> = lines.map(Result::unwrap).collect();
    assert!(lines.contains(&"export BRICKFTP_API_KEY='key'".to_owned()), "{lines:?}");
    assert!(lines.contains(&r"export BRICKFTP_PASSWORD='it'\''s'".to_owned()), "{lines:?}");
    let url = lines.iter().find_map(|line| line.strip_prefix("export BRICKFTP_BASE_URL='http://")).unwrap();
    let (address, path) = url.trim_end_matches('\'').split_once('/').unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let key = "a2V5Ong=";
    write!(
        stream,
        "GET /{path}/users.xml HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {key}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("<username>admin</username>"), "{answer}");
    let operations = Command::new(PROGRAM).args(["--provider", "brickftp", "--operations"]).output().unwrap();
    let operations = String::from_utf8(operations.stdout).unwrap();
    assert!(operations.contains("brickftp.uploads.complete") && operations.contains("/files/{*path}"), "{operations}");
}

#[cfg(unix)]
#[test]
fn runs_a_command_and_exits_with_it() {
    let output = Command::new(PROGRAM)
        .args(["--listen", "127.0.0.1:0", "--seed", "7", "--", "sh", "-c"])
        .arg("echo $SFTPTOGO_BASE_URL; exit 3")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("http://127.0.0.1:"));
}

#[test]
fn invalid_arguments_are_explained() {
    for (arguments, reason) in [
        (["--fault", "any:explode"], r#"in "explode": unknown word"#),
        (["--fault", "sftptogo.users.list:stall"], r#"did you mean "sftptogo.credentials.list"?"#),
        (["--listen", "192.0.2.1:1"], "cannot listen on 192.0.2.1:1"),
        (["--provider", "other"], "possible values: sftptogo, ftpgrid, brickftp, usebuckets, stook"),
        (
            ["--provider=ftpgrid", "--full-responses"],
            "--full-responses is not supported by this provider; select one of sftptogo, usebuckets with --provider",
        ),
    ] {
        let output = Command::new(PROGRAM).args(arguments).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && text.contains(reason), "{arguments:?}: {text}");
        assert!(output.stdout.is_empty());
    }
}
