//! The third-party Python package `brickftp` with the simulator.
//!
//! The test is skipped if Python or the package is not installed. To install it, run `pip install brickftp==0.5.1`.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use mft_simulator::brickftp::Simulator;

const SCRIPT: &str = r#"
import os, sys
from pathlib import Path
from brickftp import BrickFTP, BrickFTPError

# The package makes https://SUBDOMAIN.brickftp.com/ of this; the slash ends the host.
subdomain = os.environ["SIMULATOR"] + "/"
folder = Path(sys.argv[1])

stranger = BrickFTP(username="admin", password="wrong", subdomain=subdomain)
try:
    stranger.dir("/")
    sys.exit("a wrong password opened a session")
except BrickFTPError as error:
    assert str(error) == "invalid username or password", error

client = BrickFTP(
    username=os.environ["BRICKFTP_USERNAME"], password=os.environ["BRICKFTP_PASSWORD"], subdomain=subdomain
)
assert [entry["path"] for entry in client.dir("/")] == ["seeded.txt"]
assert client.mkdir("Test Folder") == []
assert client.mkdir(Path("Test Folder", "cheat codes")) == []
assert client.dir("Test Folder/cheat codes") == []
try:
    client.mkdir("Test Folder")
    sys.exit("a folder was made twice")
except BrickFTPError as error:
    assert "exists" in str(error), error

local = folder / "data.txt"
local.write_text("some data\n")
client.upload(upload_path=Path("Test Folder", "data.txt"), local_path=local)
listed = client.dir("Test Folder")
assert [entry["path"] for entry in listed] == ["Test Folder/cheat codes", "Test Folder/data.txt"], listed
expected = {
    "crc32", "display_name", "id", "md5", "mtime", "path", "permissions", "provided_mtime", "size", "type"
}
assert all(expected <= entry.keys() for entry in listed), listed
downloaded = client.download_file(remote_path="Test Folder/data.txt", local_path=str(folder / "copy.txt"))
assert Path(downloaded).read_text() == "some data\n"
assert Path(client.download_file(remote_path="seeded.txt", local_path=str(folder / "s.txt"))).read_text() == "seeded"
client.delete("Test Folder")
try:
    client.download_file(remote_path="Test Folder/data.txt", local_path=str(folder / "gone.txt"))
    sys.exit("a deleted file was found")
except BrickFTPError as error:
    assert str(error) == "Not Found", error
assert [entry["path"] for entry in client.dir("/")] == ["seeded.txt"]
"#;

fn python(arguments: &[&str], variables: Vec<(&'static str, String)>) -> std::io::Result<Output> {
    Command::new("python3").args(arguments).envs(variables).output()
}

#[tokio::test(flavor = "multi_thread")]
async fn python_client_works_against_the_simulator() {
    if !python(&["-c", "import brickftp"], Vec::new()).is_ok_and(|output| output.status.success()) {
        // Writes to stderr directly, because the test harness captures macro output of passing tests.
        let _ = writeln!(std::io::stderr(), "skipped: python3 or its package brickftp is not installed");
        return;
    }
    let simulator = Simulator::builder().tls().start().await.unwrap();
    simulator.state().add_file("seeded.txt", "seeded");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("python-client-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let authority = folder.join("authority.pem");
    std::fs::write(&authority, simulator.ca_pem().unwrap()).unwrap();
    let host = simulator.base_url().replace("https://", "").replace("/api/rest/v1", "");
    let mut variables = simulator.environment();
    variables.push(("SIMULATOR", host));
    variables.push(("REQUESTS_CA_BUNDLE", authority.display().to_string()));
    variables.push(("NO_PROXY", "127.0.0.1".to_owned()));
    let arguments = ["-c".to_owned(), SCRIPT.to_owned(), folder.display().to_string()];
    let run = move || python(&arguments.each_ref().map(String::as_str), variables);
    let output = tokio::task::spawn_blocking(run).await.unwrap().unwrap();
    let _ = std::fs::remove_dir_all(&folder);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(simulator.state().file_paths(), ["seeded.txt"]);
    let secrets = simulator.journal().into_iter().filter(|exchange| {
        let storage = exchange.operation.is_some_and(|name| name.starts_with("brickftp.storage."));
        storage && (exchange.header("cookie").is_some() || exchange.header("authorization").is_some())
    });
    assert_eq!(secrets.count(), 0, "the storage received credentials");
    assert_eq!(simulator.count("brickftp.sessions.create"), 2);
    assert_eq!(simulator.count_processed("brickftp.storage.*"), 3);
}
