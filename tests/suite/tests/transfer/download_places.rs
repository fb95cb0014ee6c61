//! Where downloads go on this machine: targets that cannot be, disks that fail, names that would lead elsewhere.

use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use brickftp::{Client, ErrorKind, Outcome};
use mft_simulator::Fault;
use mft_tests::program::again_with_little_room;
use mft_tests::support::eventually;
use mft_tests::transfer::{GET, MIB, Site, content, names_in};
use tokio::io::AsyncWrite;
use tokio::runtime::Handle;

async fn site_with(bytes: usize) -> Site {
    let site = Site::start().await;
    site.state().add_file("out/file", content(bytes));
    site
}

/// Targets that cannot become a file are refused before anything is asked of the service.
#[tokio::test]
async fn targets_that_cannot_be_are_refused() {
    let site = site_with(100).await;
    let (client, folder) = (site.client(), site.place("folder"));
    std::fs::create_dir(&folder).unwrap();
    let existing = site.file("existing", b"old");
    symlink(site.place("nowhere"), site.place("dangling")).unwrap();
    let download = || client.files().download("out/file");
    for (case, download) in [
        ("a directory", download().to_file(&folder)),
        ("a root", download().to_file("/")),
        ("an empty path", download().to_file("")),
        ("in no directory", download().to_file(site.place("missing/target"))),
        ("exists", download().overwrite(false).to_file(&existing)),
        ("exists as a link", download().overwrite(false).to_file(site.place("dangling"))),
        ("no ranges", download().parallel(0).to_file(site.place("target"))),
        ("empty ranges", download().range_size(0).to_file(site.place("target"))),
        ("a path", client.files().download("out/../in").to_file(site.place("target"))),
    ] {
        let error = download.await.expect_err(case);
        assert!(error.is_invalid_input(), "{case}: {error:?}");
        assert_eq!(error.outcome(), Outcome::NotDone);
    }
    assert!(site.journal().is_empty());
    assert_eq!(site.names(), ["dangling", "existing", "folder"]);
    assert_eq!(std::fs::read(existing).unwrap(), b"old");
}

/// Links are replaced and not written through, and a link in the place of the unfinished file is refused.
#[tokio::test]
async fn links_are_not_written_through() {
    let site = site_with(100).await;
    let outside = site.file("outside", b"do not touch");
    symlink(&outside, site.place("target")).unwrap();
    site.client().files().download("out/file").to_file(site.place("target")).await.unwrap();
    assert_eq!(std::fs::read(&outside).unwrap(), b"do not touch");
    assert_eq!(std::fs::read(site.place("target")).unwrap(), content(100));
    assert!(!site.place("target").symlink_metadata().unwrap().is_symlink());

    symlink(&outside, site.place("other.part")).unwrap();
    let error = site.client().files().download("out/file").to_file(site.place("other")).await.unwrap_err();
    assert!(error.is_invalid_input(), "{error:?}");
    assert_eq!(std::fs::read(&outside).unwrap(), b"do not touch");
}

/// What the program does that may not write large files. The test starts itself again for that, with this in its
/// environment.
const LIMITED: &str = "MFT_LIMITED_TARGET";

#[tokio::test]
async fn a_program_that_runs_out_of_room() {
    let Ok(target) = std::env::var(LIMITED) else { return };
    let request = Client::from_env().unwrap().files().download("out/file").range_size(MIB as u64);
    let error = request.to_file(PathBuf::from(&target)).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Io, Outcome::NotDone), "{error:?}");
    assert!(error.to_string().contains(&target), "{error}");
}

/// The system takes no more than 2 MiB of the file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_there_is_no_room_the_old_file_stays() {
    let site = site_with(5 * MIB).await;
    let target = site.file("target", b"old");
    let mut program = again_with_little_room("download_places::a_program_that_runs_out_of_room");
    program.env(LIMITED, &target).envs(site.environment());
    let output = tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(site.count(GET) > 0, "it tried");
    assert_eq!(std::fs::read(&target).unwrap(), b"old");
}

/// A folder in which nothing may be written, and one that takes the place of the target.
#[tokio::test]
async fn folders_in_the_way_are_left_alone() {
    let site = site_with(3 * MIB).await;
    let folder = site.place("closed");
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o500)).unwrap();
    // Root writes everywhere.
    if std::fs::write(folder.join("probe"), "").is_err() {
        let error = site.client().files().download("out/file").to_file(folder.join("target")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io, "{error:?}");
    } else {
        println!("skipped: a folder that cannot be written, because this user may write everywhere");
    }
    // A folder takes the place of the target while the download is under way.
    site.faults().push(Fault::drip(512 << 10, Duration::from_millis(10)).on(GET));
    let target = site.place("target");
    let download = site.client().files().download("out/file").to_file(&target);
    assert!(eventually(Duration::from_secs(5), || site.count(GET) == 1).await);
    std::fs::create_dir(&target).unwrap();
    let error = download.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io, "{error:?}");
    assert!(target.is_dir());
    assert!(error.to_string().contains("target"), "{error}");
}

/// A writer that takes some bytes and then fails.
struct Failing(usize);

impl AsyncWrite for Failing {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        Poll::Ready(if taken == 0 { Err(io::Error::other("the tape is full")) } else { Ok(taken) })
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_writer_that_fails_and_a_limit_that_is_too_low_end_it() {
    let site = site_with(MIB).await;
    let client = site.client();
    for taken in [0, 1000] {
        let error = client.files().download("out/file").to_writer(&mut Failing(taken)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.to_string().contains("the tape is full") && error.operation().is_some(), "{error}");
    }
    assert_eq!(client.files().download("out/file").bytes(MIB).await.unwrap().len(), MIB);
    for limit in [0, MIB - 1] {
        let error = client.files().download("out/file").bytes(limit).await.unwrap_err();
        assert!(error.is_invalid_input(), "{error:?}");
    }
}

/// Two downloads to one place would write into one file.
#[tokio::test]
async fn one_place_takes_one_download_at_a_time() {
    let site = site_with(3 * MIB).await;
    site.faults().push(Fault::drip(64 << 10, Duration::from_millis(2)).on(GET));
    let client = site.client();
    let begin = |name: &str| client.files().download("out/file").to_file(site.place(name));
    let first = begin("target");
    assert!(eventually(Duration::from_secs(5), || site.place("target.part").exists()).await);
    // The same place, the same place in other words, and the place of the first one's unfinished file.
    for name in ["target", "./target", "target.part"] {
        let error = begin(name).await.expect_err(name);
        assert!(error.is_invalid_input() && error.to_string().contains("already"), "{name}: {error:?}");
    }
    first.await.unwrap();
    assert_eq!(std::fs::read(site.place("target")).unwrap(), content(3 * MIB));
    assert_eq!(site.names(), ["target"]);
    begin("target").await.unwrap();
}

/// Dropped at whatever moment: no task stays, and nothing is under the final name.
#[tokio::test]
async fn a_download_that_is_dropped_leaves_nothing() {
    let alive = || Handle::current().metrics().num_alive_tasks();
    let before = alive();
    let site = site_with(8 * MIB).await;
    site.faults().set_latency(Duration::from_millis(3));
    site.faults().push(Fault::drip(64 << 10, Duration::from_millis(1)).on(GET));
    let client = site.client();
    let free = client.free_permits();
    for millis in [0, 1, 3, 6, 9, 14, 20, 30] {
        let request = || client.files().download("out/file").range_size(MIB as u64).keep_partial(false);
        let wait = || tokio::time::sleep(Duration::from_millis(millis));
        let download = request().to_file(site.place("target"));
        wait().await;
        drop(download);
        assert!(tokio::time::timeout(Duration::from_millis(millis), request().bytes(9 * MIB)).await.is_err());
        if let Ok(stream) = tokio::time::timeout(Duration::from_millis(millis), request().stream()).await {
            drop(stream.unwrap());
        }
    }
    assert!(eventually(Duration::from_secs(5), || site.names().is_empty()).await, "{:?}", site.names());
    assert_eq!(client.free_permits(), free);
    drop(client);
    assert!(eventually(Duration::from_secs(5), || alive() == before).await, "{} tasks stay", alive());
}

/// Names that a server may give and that must not become places: each is an item that failed, and the others go on.
#[tokio::test]
async fn hostile_names_become_no_places() {
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
    // Those that the site's own tree does not take come from a server that makes them up.
    let made_up = ["../escaped", "/etc/escaped", "a/../../escaped", ".", "..", "", "nul\0byte"];
    for name in ["good.txt", "inner/good too.txt", "Ünïcode 名.txt"] {
        site.state().add_file(&format!("out/{name}"), "good");
    }
    let target = site.place("outer/target");
    std::fs::create_dir_all(&target).unwrap();
    let (done, failed) = site.client().folders().download_dir("out", &target).finish().await;
    assert_eq!(failed.len(), names.len(), "{failed:#?}");
    assert!(
        failed.iter().all(|item| item.result.as_ref().is_err_and(brickftp::Error::is_invalid_input)),
        "{failed:#?}"
    );
    assert!(done >= 3);
    assert_eq!(names_in(&target), ["good.txt", "inner", "Ünïcode 名.txt"]);

    for name in made_up {
        let site = Site::start().await;
        site.state().add_file("out/file", "hostile");
        let path = serde_json::json!(format!("out/{name}"));
        site.faults().push(Fault::set_key("path", path).on("brickftp.folders.list"));
        let (_, failed) = site.client().folders().download_dir("out", site.place("outer/target")).finish().await;
        assert_eq!(failed.len(), 1, "{name:?}: {failed:#?}");
        assert!(site.names().is_empty() || names_in(&site.place("outer/target")).is_empty(), "{name:?}");
        assert!(!site.place("escaped").exists() && !site.place("outer/escaped").exists(), "{name:?}");
    }
}

/// A link inside the target does not lead a download out of it.
#[tokio::test]
async fn links_inside_the_target_are_not_followed() {
    let site = Site::start().await;
    for path in ["out/link/file", "out/deep/link/file", "out/plain/file"] {
        site.state().add_file(path, "content");
    }
    let (outside, target) = (site.place("outside"), site.place("target"));
    std::fs::create_dir_all(&outside).unwrap();
    std::fs::create_dir_all(target.join("deep")).unwrap();
    symlink(&outside, target.join("link")).unwrap();
    symlink(&outside, target.join("deep/link")).unwrap();
    let (_, failed) = site.client().folders().download_dir("out", &target).finish().await;
    assert!(failed.iter().all(|item| item.result.is_err()) && failed.len() >= 2, "{failed:#?}");
    assert!(names_in(&outside).is_empty());
    assert_eq!(std::fs::read(target.join("plain/file")).unwrap(), b"content");
}
