//! Runs `brickftp_transfer`: round trips, and resuming after a stop.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use mft_simulator::Fault;
use mft_simulator::brickftp::Simulator;
use support::{Ran, command, run, run_at};

const TRANSFER: &str = env!("CARGO_BIN_EXE_brickftp_transfer");
const PUT: &str = "brickftp.storage.put_part";
const GET: &str = "brickftp.storage.get";
const MIB: usize = 1 << 20;

/// A temporary folder that is removed on drop.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("mft-examples-{}-{test}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

fn bytes(size: usize) -> Vec<u8> {
    (0..=250).cycle().take(size).collect()
}

/// Starts a program and sends SIGINT as soon as a condition holds.
async fn interrupted(mut command: Command, is_due: impl Fn() -> bool) -> Ran {
    let child = command.spawn().unwrap();
    let id = child.id().to_string();
    // The deadline only ends a test that hangs.
    let so_far = async {
        while !is_due() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(60), so_far).await;
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let output = tokio::task::spawn_blocking(move || child.wait_with_output()).await.unwrap().unwrap();
    let ran = Ran::from(output);
    in_time.unwrap_or_else(|_| panic!("it never came so far\n{}{}", ran.stdout, ran.stderr));
    ran
}

#[tokio::test(flavor = "multi_thread")]
async fn help_and_errors_explain_the_usage() {
    let ran = run(TRANSFER, &["--help"], None, &[]).await;
    assert!(ran.succeeded);
    for text in ["upload", "download", "--simulate", "BRICKFTP_API_KEY", "Ctrl-C stops a transfer"] {
        ran.says(text);
    }
    let simulated = ["--simulate", "upload"];
    for (arguments, message) in [
        (&["upload", "a", "b"][..], "BRICKFTP_SUBDOMAIN is not set"),
        (&["upload", "a", "b"], "--simulate"),
        (&[simulated[0], simulated[1], "/nowhere/at all", "b"], "/nowhere/at all: No such file"),
        (&["--simulate", "download", "nothing", "x"], "\"nothing\" does not exist on the site"),
        (&["--simulate", "download", "a/../b", "x"], "invalid input"),
        (&["--simulate", "upload", TRANSFER, "x", "--parallel", "0"], "parallel is zero"),
        (&["sideways"], "unrecognized subcommand"),
    ] {
        let ran = run(TRANSFER, arguments, None, &[]).await;
        assert!(!ran.succeeded, "{arguments:?}");
        ran.says(message);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_site_it_shows_itself() {
    let ran = run(TRANSFER, &["--simulate"], None, &[]).await;
    assert!(ran.succeeded, "{}{}", ran.stdout, ran.stderr);
    ran.says("Demo/film.mov: 12.00 MiB\n");
    ran.says("are identical after the round trip");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_folders_go_there_and_come_back() {
    let site = Simulator::start().await.unwrap();
    let folder = Folder::new("round-trip");
    fs::create_dir_all(folder.0.join("tree/deep")).unwrap();
    let film = bytes(11 * MIB);
    for (name, content) in [("tree/film.mov", &film[..]), ("tree/deep/café 50%.txt", b"text"), ("tree/none", b"")] {
        fs::write(folder.0.join(name), content).unwrap();
    }
    // A folder as the target means a file of the same name in it.
    let (film_path, tree) = (folder.path("tree/film.mov"), folder.path("tree"));
    let _ = site.state().add_folder("Media");
    for (remote, stored) in [("/Media/a.mov", "Media/a.mov"), ("Media", "Media/film.mov"), ("New/", "New/film.mov")] {
        let ran = run_at(&site, TRANSFER, &["upload", &film_path, remote]).await;
        assert!(ran.succeeded, "{}", ran.stderr);
        ran.says(&format!("{stored}: 11.00 MiB in "));
        // Standard error is not a terminal here: lines, at most ten.
        assert!(!ran.stderr.contains('\u{1b}') && ran.stderr.lines().count() <= 10, "{:?}", ran.stderr);
        assert!(site.state().content(stored).unwrap() == film, "{stored}");
        ran.hides(&site.api_key());
    }
    let ran = run_at(&site, TRANSFER, &["upload", &tree, "Tree", "--parallel", "2"]).await;
    assert!(ran.succeeded, "{}", ran.stderr);
    ran.says("Tree/deep/café 50%.txt: 4 B\n");
    ran.says("3 files and 0 folders: 11.00 MiB in ");

    for (remote, local) in [("Tree/film.mov", "back.mov"), ("/Media/film.mov", ".")] {
        let ran = run_at(&site, TRANSFER, &["download", remote, &folder.path(local)]).await;
        assert!(ran.succeeded, "{}", ran.stderr);
    }
    assert!(fs::read(folder.0.join("back.mov")).unwrap() == film && folder.0.join("film.mov").is_file());
    let ran = run_at(&site, TRANSFER, &["download", "Tree", &folder.path("back")]).await;
    assert!(ran.succeeded, "{}", ran.stderr);
    assert_eq!(fs::read(folder.0.join("back/deep/café 50%.txt")).unwrap(), b"text");
    assert!(fs::read(folder.0.join("back/film.mov")).unwrap() == film && folder.0.join("back/none").is_file());
    // No other file is left.
    let is_leftover = |path: &Path| path.extension().is_some_and(|end| end == "part" || end == "json" || end == "new");
    for entry in fs::read_dir(&folder.0).unwrap().chain(fs::read_dir(&tree).unwrap()) {
        assert!(!is_leftover(&entry.unwrap().path()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_fails_leaves_the_others_alone() {
    let site = Simulator::start().await.unwrap();
    let folder = Folder::new("one-fails");
    for name in ["a.txt", "b.txt", "c.txt"] {
        fs::write(folder.0.join(name), name).unwrap();
    }
    site.faults().push(Fault::status(403).on("brickftp.uploads.complete").once());
    let ran = run_at(&site, TRANSFER, &["upload", folder.0.to_str().unwrap(), "In"]).await;
    assert!(!ran.succeeded);
    ran.says(".txt: failed: ");
    ran.says("2 files and 0 folders: ");
    ran.says("error: 1 transfer failed, the others succeeded");
    assert_eq!(site.state().file_paths().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_upload_sends_only_what_is_missing() {
    let site = Simulator::start().await.unwrap();
    let folder = Folder::new("upload");
    let (film, local) = (bytes(16 * MIB), folder.path("film.mov"));
    fs::write(&local, &film).unwrap();
    let token = folder.0.join("film.mov.upload-token.json");
    // Two of four parts arrive.
    site.faults().push(Fault::stall().on(PUT).after_skip(2));
    let arguments = ["upload", &local, "Media/film.mov", "--parallel", "1"];
    let ran = interrupted(command(TRANSFER, &arguments, site.environment()), || site.count(PUT) == 3).await;
    assert!(!ran.succeeded);
    ran.says("error: stopped: the service has 2 parts, but no file yet\n");
    ran.says("film.mov.upload-token.json has the state");
    let token_text = fs::read_to_string(&token).unwrap();
    assert!(!token_text.contains("http") && !token_text.contains(&site.api_key()), "{token_text}");
    assert!(site.state().entry("Media/film.mov").is_none());
    site.faults().clear();

    // Another destination is another upload.
    let ran = run_at(&site, TRANSFER, &["upload", &local, "Media/other.mov"]).await;
    assert!(!ran.succeeded);
    ran.says("belongs to an unfinished upload to \"Media/film.mov\"");

    site.clear_journal();
    let ran = run_at(&site, TRANSFER, &arguments).await;
    assert!(ran.succeeded, "{}", ran.stderr);
    ran.says("Resuming a stopped upload: the service has 2 parts.");
    ran.says("10.00 MiB were already transferred");
    assert_eq!((site.count(PUT), site.count("brickftp.uploads.start")), (2, 0));
    assert!(site.state().content("Media/film.mov").unwrap() == film && !token.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_gone_on_with_begins_anew() {
    let site = Simulator::start().await.unwrap();
    let folder = Folder::new("anew");
    let (local, token) = (folder.path("film.mov"), folder.0.join("film.mov.upload-token.json"));
    let arguments = ["upload", &local, "film.mov", "--parallel", "1"];
    for case in ["the service forgets it", "the file changes", "the token breaks"] {
        fs::write(&local, bytes(11 * MIB)).unwrap();
        site.faults().clear();
        site.clear_journal();
        site.faults().push(Fault::stall().on(PUT).after_skip(1));
        let ran = interrupted(command(TRANSFER, &arguments, site.environment()), || site.count(PUT) == 2).await;
        assert!(!ran.succeeded && token.exists(), "{case}");
        site.faults().clear();
        let mut again = arguments.to_vec();
        match case {
            "the service forgets it" => site.state().expire_uploads(),
            "the file changes" => fs::write(&local, bytes(12 * MIB)).unwrap(),
            _ => {
                fs::write(&token, "{").unwrap();
                let ran = run_at(&site, TRANSFER, &arguments).await;
                assert!(!ran.succeeded, "{case}");
                ran.says("is not a resume token");
                again.push("--restart");
            }
        }
        let ran = run_at(&site, TRANSFER, &again).await;
        assert!(ran.succeeded, "{case}: {}", ran.stderr);
        if again.len() == arguments.len() {
            ran.says("starts over");
        }
        assert!(site.state().content("film.mov").unwrap() == fs::read(&local).unwrap(), "{case}");
        assert!(!token.exists(), "{case}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_download_fetches_only_what_is_missing() {
    let site = Simulator::start().await.unwrap();
    let _ = site.state().add_pattern_file("film.mov", 24 << 20, 7);
    let folder = Folder::new("download");
    let (local, part) = (folder.0.join("film.mov"), folder.0.join("film.mov.part"));
    // One of three ranges arrives.
    site.faults().push(Fault::stall().on(GET).after_skip(1));
    let path = folder.path("film.mov");
    let arguments = ["download", "film.mov", &path, "--parallel", "1"];
    let ran = interrupted(command(TRANSFER, &arguments, site.environment()), || site.count(GET) == 2).await;
    assert!(!ran.succeeded);
    ran.says("film.mov is incomplete\nRun the same command to resume from ");
    assert!(part.exists() && !local.exists());
    site.faults().clear();
    site.clear_journal();
    let ran = run_at(&site, TRANSFER, &arguments).await;
    assert!(ran.succeeded, "{}", ran.stderr);
    ran.says("8.00 MiB were already transferred");
    let journal = site.journal();
    let ranges: Vec<_> =
        journal.iter().filter(|one| one.operation == Some(GET)).filter_map(|one| one.header("range")).collect();
    // The first range may be requested again, to check that the file did not change.
    let missing: Vec<_> = ranges.iter().filter(|range| !range.starts_with("bytes=0-")).collect();
    assert_eq!(missing, [&"bytes=8388608-16777215", &"bytes=16777216-25165823"], "{ranges:?}");
    assert!(fs::read(&local).unwrap() == site.state().content("film.mov").unwrap() && !part.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_folder_upload_can_be_repeated() {
    let site = Simulator::start().await.unwrap();
    let folder = Folder::new("stopped-folder");
    fs::write(folder.0.join("a.txt"), "a").unwrap();
    fs::write(folder.0.join("b.mov"), bytes(6 * MIB)).unwrap();
    site.faults().push(Fault::stall().on(PUT).after_skip(1));
    let arguments = ["upload", folder.0.to_str().unwrap(), "In", "--parallel", "1"];
    let ran = interrupted(command(TRANSFER, &arguments, site.environment()), || site.count(PUT) >= 2).await;
    assert!(!ran.succeeded);
    ran.says("error: stopped\n");
    assert!(site.state().file_paths().len() <= 1);
    site.faults().clear();
    let ran = run_at(&site, TRANSFER, &arguments).await;
    assert!(ran.succeeded, "{}", ran.stderr);
    assert_eq!(site.state().file_paths(), ["In/a.txt", "In/b.mov"]);
}
