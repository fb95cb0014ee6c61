//! Failures on the caller's machine: unreadable files, full disks, killed processes.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use ftpgrid::transfer::Source;
use ftpgrid::transport::BodyError;
use ftpgrid::{Client, ErrorKind, Outcome};
use mft_simulator::Fault;
use mft_tests::runtime::wait_until;
use mft_tests::subprocess::{STEP, kill_after, rerun, rerun_with_read_errors, rerun_with_small_disk};
use mft_tests::transfer::{MIB, content, file_names_in};
use mft_tests::{ClientOptions, Ftpgrid, Provider};
use tempfile::TempDir;

const UPLOAD: &str = "ftpgrid.storage.upload";
const SINGLE: &str = "ftpgrid.storage.download_single";

/// The file of a child process. Only child processes have this variable.
const FILE: &str = "MFT_FTPGRID_FILE";

fn file() -> Option<PathBuf> {
    std::env::var_os(FILE).map(PathBuf::from)
}

/// Runs a child process and asserts that it succeeds.
async fn assert_child_succeeds(mut program: Command, provider: &Ftpgrid, file: &PathBuf) {
    program.env(FILE, file).envs(provider.simulator.environment());
    let output = tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// Asserts that nothing was stored although part of an upload arrived.
async fn assert_nothing_stored(provider: &Ftpgrid, case: &str) {
    let uploads = || provider.journal().into_iter().filter(|exchange| exchange.operation == Some(UPLOAD));
    // The journal records the size after the service has finished the request.
    let ended = || uploads().any(|upload| upload.body_bytes > 0);
    assert!(wait_until(Duration::from_secs(5), ended).await, "{case}: no upload arrived");
    assert_eq!(uploads().count(), 1, "{case}: the upload was retried");
    assert!(uploads().all(|upload| !upload.succeeded()), "{case}");
    assert_eq!(provider.simulator.state().content("/t/up.bin"), None, "{case}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failing_source_stores_nothing_and_is_named() {
    let content = content(9 * MIB);
    for code in ["the medium is damaged", "no space is left"] {
        let failing = || {
            let pieces = [Ok(content.clone()), Err(BodyError::from(std::io::Error::other(code)))];
            futures_util::stream::iter(pieces)
        };
        let again = Source::seekable(20 * MIB as u64, {
            let content = content.clone();
            move |position| {
                let from = usize::try_from(position).unwrap().min(content.len());
                let pieces = [Ok(content.slice(from..)), Err(BodyError::from(std::io::Error::other(code)))];
                std::future::ready(Ok(futures_util::stream::iter(pieces)))
            }
        });
        for (case, source) in [
            ("known size", Source::stream(failing(), Some(20 * MIB as u64))),
            ("unknown size", Source::stream(failing(), None)),
            ("seekable", again),
        ] {
            let provider = Ftpgrid::start().await;
            let client = provider.client(ClientOptions::default());
            // The first file of the form is complete. An interrupted form stores none of its files.
            let files = [("/t/first.bin", Source::bytes("whole")), ("/t/up.bin", source)];
            let error = client.storage().upload_many(files).await.unwrap_err();
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::Io, Outcome::Unknown), "{case}: {error}");
            assert!(error.to_string().contains(code) && error.operation() == Some(UPLOAD), "{case}: {error}");
            assert_nothing_stored(&provider, case).await;
            assert_eq!(provider.simulator.state().content("/t/first.bin"), None, "{case}");
            assert_eq!(Ftpgrid::free_permits(&client), 64, "{case}");
        }
    }
}

/// Uses one thread, because failing reads are counted per thread.
#[test]
fn child_that_cannot_read_its_file() {
    let Some(file) = file() else { return };
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().max_blocking_threads(1).build().unwrap().block_on(async {
        let client = Client::from_env().unwrap();
        let error = client.storage().upload("/t/up.bin", Source::file(&file)).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Io, Outcome::Unknown), "{error:?}");
        assert!(error.to_string().contains(file.to_str().unwrap()), "{error}");
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unreadable_file_stores_nothing_and_is_named() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("source");
    std::fs::write(&path, content(20 * MIB)).unwrap();
    let Some(program) = rerun_with_read_errors("local_failures::child_that_cannot_read_its_file", &path) else {
        println!("skipped: strace is not installed or not permitted to trace");
        return;
    };
    let provider = Ftpgrid::start().await;
    assert_child_succeeds(program, &provider, &path).await;
    assert_nothing_stored(&provider, "EIO").await;
}

#[tokio::test]
async fn child_that_runs_out_of_disk_space() {
    let Some(target) = file() else { return };
    let error = Client::from_env().unwrap().storage().download("/t/down.bin").to_file(&target).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Io, Outcome::NotDone), "{error:?}");
    assert!(error.to_string().contains(target.to_str().unwrap()), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_file_is_kept_if_the_disk_is_full() {
    let content = content(5 * MIB);
    for old in [None, Some("old")] {
        let folder = TempDir::new().unwrap();
        let target = folder.path().join("down.bin");
        if let Some(old) = old {
            std::fs::write(&target, old).unwrap();
        }
        let provider = Ftpgrid::start().await;
        provider.simulator.state().add_file("/t/down.bin", content.clone());
        assert_child_succeeds(
            rerun_with_small_disk("local_failures::child_that_runs_out_of_disk_space"),
            &provider,
            &target,
        )
        .await;
        assert_eq!(provider.simulator.count(SINGLE), 1, "a full disk is not retried");
        assert_eq!(std::fs::read_to_string(&target).ok().as_deref(), old);
        assert_eq!(
            file_names_in(folder.path()).len(),
            usize::from(old.is_some()),
            "{:?}",
            file_names_in(folder.path())
        );
        let client = provider.client(ClientOptions::default());
        client.storage().download("/t/down.bin").to_file(&target).await.unwrap();
        assert!(std::fs::read(&target).unwrap() == content);
    }
}

#[tokio::test]
async fn child_that_gets_killed() {
    let Some(target) = file() else { return };
    let download = Client::from_env().unwrap().storage().download("/t/down.bin").to_file(&target);
    let mut progress = download.progress();
    let mut steps = 0;
    while progress.changed().await.is_some() {
        let now = progress.now().bytes / MIB as u64;
        (steps..now).for_each(|_| println!("{STEP}"));
        steps = now;
    }
    download.await.unwrap();
}

/// Kills the child after the first bytes, in the middle, and shortly before the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_download_keeps_the_old_file_and_restarts() {
    let content = content(8 * MIB + 5);
    for (steps, old) in [(1, None), (4, Some("old")), (7, None)] {
        let folder = TempDir::new().unwrap();
        let target = folder.path().join("down.bin");
        if let Some(old) = old {
            std::fs::write(&target, old).unwrap();
        }
        let provider = Ftpgrid::start().await;
        provider.simulator.state().add_file("/t/down.bin", content.clone());
        // Slow enough that the download is incomplete when the child is killed.
        provider.faults().push(Fault::drip(64 << 10, Duration::from_millis(8)).on(SINGLE));
        let mut program = rerun("local_failures::child_that_gets_killed");
        program.env(FILE, &target).envs(provider.simulator.environment()).stdout(Stdio::piped());
        tokio::task::spawn_blocking(move || kill_after(program.spawn().unwrap(), steps)).await.unwrap();
        assert_eq!(std::fs::read_to_string(&target).ok().as_deref(), old, "killed after {steps} MiB");
        let partial = std::fs::metadata(folder.path().join("down.bin.part")).map(|partial| partial.len());
        assert!(partial.is_ok_and(|size| size < content.len() as u64), "killed after {steps} MiB");

        provider.faults().clear();
        let download = provider.client(ClientOptions::default()).storage().download("/t/down.bin").to_file(&target);
        let progress = download.progress();
        download.await.unwrap();
        assert!(std::fs::read(&target).unwrap() == content, "killed after {steps} MiB");
        assert_eq!(file_names_in(folder.path()), ["down.bin"], "killed after {steps} MiB");
        assert_eq!(progress.now().resumed, 0, "the service has no ranged downloads");
    }
}
