//! Local targets of downloads: invalid targets, failing disks, unsafe names.

use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use brickftp::{Client, ErrorKind, Outcome};
use mft_simulator::Fault;
use mft_tests::runtime::wait_until;
use mft_tests::subprocess::rerun_with_small_disk;
use mft_tests::transfer::{GET, MIB, Site, content, file_names_in};
use tokio::io::AsyncWrite;
use tokio::runtime::Handle;

async fn start_with_file(bytes: usize) -> Site {
    let site = Site::start().await;
    site.state().add_file("out/file", content(bytes));
    site
}

/// Invalid targets are rejected before any request is sent.
#[tokio::test]
async fn invalid_targets_are_rejected() {
    let site = start_with_file(100).await;
    let (client, folder) = (site.client(), site.local_path("folder"));
    std::fs::create_dir(&folder).unwrap();
    let existing = site.file("existing", b"old");
    symlink(site.local_path("nowhere"), site.local_path("dangling")).unwrap();
    let download = || client.files().download("out/file");
    for (case, download) in [
        ("a directory", download().to_file(&folder)),
        ("a root", download().to_file("/")),
        ("an empty path", download().to_file("")),
        ("a missing directory", download().to_file(site.local_path("missing/target"))),
        ("exists", download().overwrite(false).to_file(&existing)),
        ("exists as a symlink", download().overwrite(false).to_file(site.local_path("dangling"))),
        ("no ranges", download().parallel(0).to_file(site.local_path("target"))),
        ("empty ranges", download().range_size(0).to_file(site.local_path("target"))),
        ("a path", client.files().download("out/../in").to_file(site.local_path("target"))),
    ] {
        let error = download.await.expect_err(case);
        assert!(error.is_invalid_input(), "{case}: {error:?}");
        assert_eq!(error.outcome(), Outcome::NotDone);
    }
    assert!(site.journal().is_empty());
    assert_eq!(site.file_names(), ["dangling", "existing", "folder"]);
    assert_eq!(std::fs::read(existing).unwrap(), b"old");
}

/// Symlinks are replaced, not followed. A symlink in place of the partial file is rejected.
#[tokio::test]
async fn symlinks_are_not_written_through() {
    let site = start_with_file(100).await;
    let outside = site.file("outside", b"do not touch");
    symlink(&outside, site.local_path("target")).unwrap();
    site.client().files().download("out/file").to_file(site.local_path("target")).await.unwrap();
    assert_eq!(std::fs::read(&outside).unwrap(), b"do not touch");
    assert_eq!(std::fs::read(site.local_path("target")).unwrap(), content(100));
    assert!(!site.local_path("target").symlink_metadata().unwrap().is_symlink());

    symlink(&outside, site.local_path("other.part")).unwrap();
    let error = site.client().files().download("out/file").to_file(site.local_path("other")).await.unwrap_err();
    assert!(error.is_invalid_input(), "{error:?}");
    assert_eq!(std::fs::read(&outside).unwrap(), b"do not touch");
}

/// The target of a child process with a file size limit. Only child processes have this variable.
const CHILD_TARGET: &str = "MFT_LIMITED_TARGET";

#[tokio::test]
async fn child_that_runs_out_of_disk_space() {
    let Ok(target) = std::env::var(CHILD_TARGET) else { return };
    let request = Client::from_env().unwrap().files().download("out/file").range_size(MIB as u64);
    let error = request.to_file(PathBuf::from(&target)).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Io, Outcome::NotDone), "{error:?}");
    assert!(error.to_string().contains(&target), "{error}");
}

/// The file size limit is 2 MiB.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_file_is_kept_if_the_disk_is_full() {
    let site = start_with_file(5 * MIB).await;
    let target = site.file("target", b"old");
    let mut program = rerun_with_small_disk("download_targets::child_that_runs_out_of_disk_space");
    program.env(CHILD_TARGET, &target).envs(site.environment());
    let output = tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(site.count(GET) > 0, "it tried");
    assert_eq!(std::fs::read(&target).unwrap(), b"old");
}

/// One folder is not writable, and one folder replaces the target.
#[tokio::test]
async fn unwritable_and_obstructing_folders_are_io_errors() {
    let site = start_with_file(3 * MIB).await;
    let folder = site.local_path("closed");
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o500)).unwrap();
    // Root can write everywhere.
    if std::fs::write(folder.join("probe"), "").is_err() {
        let error = site.client().files().download("out/file").to_file(folder.join("target")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io, "{error:?}");
    } else {
        println!("skipped: this user can write to read-only folders");
    }
    // A folder replaces the target during the download.
    site.faults().push(Fault::drip(512 << 10, Duration::from_millis(10)).on(GET));
    let target = site.local_path("target");
    let download = site.client().files().download("out/file").to_file(&target);
    assert!(wait_until(Duration::from_secs(5), || site.count(GET) == 1).await);
    std::fs::create_dir(&target).unwrap();
    let error = download.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io, "{error:?}");
    assert!(target.is_dir());
    assert!(error.to_string().contains("target"), "{error}");
}

/// A writer that accepts some bytes and then fails.
struct Failing(usize);

impl AsyncWrite for Failing {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let limit = bytes.len().min(self.0);
        self.0 -= limit;
        Poll::Ready(if limit == 0 { Err(io::Error::other("the device is full")) } else { Ok(limit) })
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn failing_writer_and_low_limit_are_errors() {
    let site = start_with_file(MIB).await;
    let client = site.client();
    for limit in [0, 1000] {
        let error = client.files().download("out/file").to_writer(&mut Failing(limit)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.to_string().contains("the device is full") && error.operation().is_some(), "{error}");
    }
    assert_eq!(client.files().download("out/file").bytes(MIB).await.unwrap().len(), MIB);
    for limit in [0, MIB - 1] {
        let error = client.files().download("out/file").bytes(limit).await.unwrap_err();
        assert!(error.is_invalid_input(), "{error:?}");
    }
}

/// Two downloads to one target would write to the same partial file.
#[tokio::test]
async fn concurrent_downloads_to_one_target_are_rejected() {
    let site = start_with_file(3 * MIB).await;
    site.faults().push(Fault::drip(64 << 10, Duration::from_millis(2)).on(GET));
    let client = site.client();
    let begin = |name: &str| client.files().download("out/file").to_file(site.local_path(name));
    let first = begin("target");
    assert!(wait_until(Duration::from_secs(5), || site.local_path("target.part").exists()).await);
    // The same path, an equivalent path, and the path of the partial file.
    for name in ["target", "./target", "target.part"] {
        let error = begin(name).await.expect_err(name);
        assert!(error.is_invalid_input() && error.to_string().contains("already"), "{name}: {error:?}");
    }
    first.await.unwrap();
    assert_eq!(std::fs::read(site.local_path("target")).unwrap(), content(3 * MIB));
    assert_eq!(site.file_names(), ["target"]);
    begin("target").await.unwrap();
}

/// The download can be dropped at any point. No task remains, and no file appears under the final name.
#[tokio::test]
async fn dropped_download_releases_all_resources() {
    let alive = || Handle::current().metrics().num_alive_tasks();
    let before = alive();
    let site = start_with_file(8 * MIB).await;
    site.faults().set_latency(Duration::from_millis(3));
    site.faults().push(Fault::drip(64 << 10, Duration::from_millis(1)).on(GET));
    let client = site.client();
    let free = client.free_permits();
    for millis in [0, 1, 3, 6, 9, 14, 20, 30] {
        let request = || client.files().download("out/file").range_size(MIB as u64).keep_partial(false);
        let wait = || tokio::time::sleep(Duration::from_millis(millis));
        let download = request().to_file(site.local_path("target"));
        wait().await;
        drop(download);
        assert!(tokio::time::timeout(Duration::from_millis(millis), request().bytes(9 * MIB)).await.is_err());
        if let Ok(stream) = tokio::time::timeout(Duration::from_millis(millis), request().stream()).await {
            drop(stream.unwrap());
        }
    }
    assert!(wait_until(Duration::from_secs(5), || site.file_names().is_empty()).await, "{:?}", site.file_names());
    assert_eq!(client.free_permits(), free);
    drop(client);
    assert!(wait_until(Duration::from_secs(5), || alive() == before).await, "{} tasks remain", alive());
}

/// Names from a server that must not become local paths. Each one is a failed item, and the other files are downloaded.
#[tokio::test]
async fn hostile_names_do_not_escape_the_target() {
    let site = Site::start().await;
    let long = "x".repeat(300);
    let names = [
        "C:\\x",
        "\\\\srv\\x",
        "CON",
        "nul.txt",
        "LPT1",
        "a:b",
        "trailing.",
        "trailing ",
        "tab\there",
        "evil\u{202e}txt.exe",
        &long,
    ];
    for name in names {
        site.state().add_file(&format!("out/{name}"), "hostile");
    }
    // The simulated site does not accept these names, so a fault injects them.
    let made_up = ["../escaped", "/etc/escaped", "a/../../escaped", ".", "..", "", "nul\0byte"];
    for name in ["good.txt", "inner/good too.txt", "Ünïcode 名.txt"] {
        site.state().add_file(&format!("out/{name}"), "good");
    }
    let target = site.local_path("outer/target");
    std::fs::create_dir_all(&target).unwrap();
    let summary = site.client().folders().download_dir("out").to_dir(&target).finish().await;
    let (completed, failed) = (summary.succeeded, summary.failed);
    assert_eq!(failed.len(), names.len(), "{failed:#?}");
    assert!(
        failed.iter().all(|item| item.result.as_ref().is_err_and(brickftp::Error::is_invalid_input)),
        "{failed:#?}"
    );
    assert!(completed >= 3);
    assert_eq!(file_names_in(&target), ["good.txt", "inner", "Ünïcode 名.txt"]);

    for name in made_up {
        let site = Site::start().await;
        site.state().add_file("out/file", "hostile");
        let path = serde_json::json!(format!("out/{name}"));
        site.faults().push(Fault::set_key("path", path).on("brickftp.folders.list"));
        let summary =
            site.client().folders().download_dir("out").to_dir(site.local_path("outer/target")).finish().await;
        let failed = summary.failed;
        assert_eq!(failed.len(), 1, "{name:?}: {failed:#?}");
        assert!(site.file_names().is_empty() || file_names_in(&site.local_path("outer/target")).is_empty(), "{name:?}");
        assert!(!site.local_path("escaped").exists() && !site.local_path("outer/escaped").exists(), "{name:?}");
    }
}

/// A symlink inside the target does not redirect a download to the outside.
#[tokio::test]
async fn symlinks_inside_the_target_are_not_followed() {
    let site = Site::start().await;
    for path in ["out/link/file", "out/deep/link/file", "out/plain/file"] {
        site.state().add_file(path, "content");
    }
    let (outside, target) = (site.local_path("outside"), site.local_path("target"));
    std::fs::create_dir_all(&outside).unwrap();
    std::fs::create_dir_all(target.join("deep")).unwrap();
    symlink(&outside, target.join("link")).unwrap();
    symlink(&outside, target.join("deep/link")).unwrap();
    let summary = site.client().folders().download_dir("out").to_dir(&target).finish().await;
    let failed = summary.failed;
    assert!(failed.iter().all(|item| item.result.is_err()) && failed.len() >= 2, "{failed:#?}");
    assert!(file_names_in(&outside).is_empty());
    assert_eq!(std::fs::read(target.join("plain/file")).unwrap(), b"content");
}
