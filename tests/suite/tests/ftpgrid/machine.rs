//! What goes wrong on the caller's own machine: files that cannot be read, disks without room, programs that are killed.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use ftpgrid::transfer::Source;
use ftpgrid::transport::BodyError;
use ftpgrid::{Client, ErrorKind, Outcome};
use mft_simulator::Fault;
use mft_tests::program::{STEP, again, again_with_bad_disk, again_with_little_room, kill_after};
use mft_tests::support::eventually;
use mft_tests::transfer::{MIB, content, names_in};
use mft_tests::{Ftpgrid, Provider, Tweaks};
use tempfile::TempDir;

const UPLOAD: &str = "ftpgrid.storage.upload";
const SINGLE: &str = "ftpgrid.storage.download_single";

/// The file of a program that a test started; that it is there tells such a program from an ordinary run.
const FILE: &str = "MFT_FTPGRID_FILE";

fn file() -> Option<PathBuf> {
    std::env::var_os(FILE).map(PathBuf::from)
}

/// Starts a program and waits for its end.
async fn succeeds(mut program: Command, provider: &Ftpgrid, file: &PathBuf) {
    program.env(FILE, file).envs(provider.simulator.environment());
    let output = tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// Nothing was stored, although an upload arrived in part.
async fn assert_nothing_stored(provider: &Ftpgrid, case: &str) {
    let uploads = || provider.journal().into_iter().filter(|exchange| exchange.operation == Some(UPLOAD));
    // How much came is written down when the service is through with it.
    let ended = || uploads().any(|upload| upload.body_bytes > 0);
    assert!(eventually(Duration::from_secs(5), ended).await, "{case}: nothing arrived");
    assert_eq!(uploads().count(), 1, "{case}: sent again, as if it could be read the next time");
    assert!(uploads().all(|upload| !upload.succeeded()), "{case}");
    assert_eq!(provider.simulator.state().content("/t/up.bin"), None, "{case}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_that_fails_on_its_way_stores_nothing_and_is_named() {
    let content = content(9 * MIB);
    for code in ["the medium is damaged", "no room is left"] {
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
            ("of a known size", Source::stream(failing(), Some(20 * MIB as u64))),
            ("of no known size", Source::stream(failing(), None)),
            ("that can be opened again", again),
        ] {
            let provider = Ftpgrid::start().await;
            let client = provider.client(Tweaks::default());
            // Behind one that is whole: a form that breaks off stores none of its files.
            let files = [("/t/first.bin", Source::from("whole")), ("/t/up.bin", source)];
            let error = client.storage().upload_many(files).await.unwrap_err();
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::Io, Outcome::Unknown), "{case}: {error}");
            assert!(error.to_string().contains(code) && error.operation() == Some(UPLOAD), "{case}: {error}");
            assert_nothing_stored(&provider, case).await;
            assert_eq!(provider.simulator.state().content("/t/first.bin"), None, "{case}");
            assert_eq!(Ftpgrid::free_permits(&client), 64, "{case}");
        }
    }
}

/// In one thread, because it is for each thread that the failing reads are counted.
#[test]
fn a_program_that_cannot_read_its_file() {
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
async fn a_file_that_cannot_be_read_is_not_stored_and_named() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("source");
    std::fs::write(&path, content(20 * MIB)).unwrap();
    let Some(program) = again_with_bad_disk("machine::a_program_that_cannot_read_its_file", &path) else {
        println!("skipped: a file that cannot be read, because strace is not there or not allowed to trace");
        return;
    };
    let provider = Ftpgrid::start().await;
    succeeds(program, &provider, &path).await;
    assert_nothing_stored(&provider, "EIO").await;
}

#[tokio::test]
async fn a_program_that_runs_out_of_room() {
    let Some(target) = file() else { return };
    let error = Client::from_env().unwrap().storage().download("/t/down.bin").to_file(&target).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Io, Outcome::NotDone), "{error:?}");
    assert!(error.to_string().contains(target.to_str().unwrap()), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_there_is_no_room_the_old_file_stays() {
    let content = content(5 * MIB);
    for old in [None, Some("old")] {
        let folder = TempDir::new().unwrap();
        let target = folder.path().join("down.bin");
        if let Some(old) = old {
            std::fs::write(&target, old).unwrap();
        }
        let provider = Ftpgrid::start().await;
        provider.simulator.state().add_file("/t/down.bin", content.clone());
        succeeds(again_with_little_room("machine::a_program_that_runs_out_of_room"), &provider, &target).await;
        assert_eq!(provider.simulator.count(SINGLE), 1, "a full disk is no reason to fetch the file again");
        assert_eq!(std::fs::read_to_string(&target).ok().as_deref(), old);
        assert_eq!(names_in(folder.path()).len(), usize::from(old.is_some()), "{:?}", names_in(folder.path()));
        let client = provider.client(Tweaks::default());
        client.storage().download("/t/down.bin").to_file(&target).await.unwrap();
        assert!(std::fs::read(&target).unwrap() == content);
    }
}

#[tokio::test]
async fn a_program_that_is_killed() {
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

/// Killed when the first bytes had come, in the middle, and shortly before the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_download_leaves_the_old_file_and_is_begun_again() {
    let content = content(8 * MIB + 5);
    for (steps, old) in [(1, None), (4, Some("old")), (7, None)] {
        let folder = TempDir::new().unwrap();
        let target = folder.path().join("down.bin");
        if let Some(old) = old {
            std::fs::write(&target, old).unwrap();
        }
        let provider = Ftpgrid::start().await;
        provider.simulator.state().add_file("/t/down.bin", content.clone());
        // Slow enough not to be complete by the time of the kill.
        provider.faults().push(Fault::drip(64 << 10, Duration::from_millis(8)).on(SINGLE));
        let mut program = again("machine::a_program_that_is_killed");
        program.env(FILE, &target).envs(provider.simulator.environment()).stdout(Stdio::piped());
        tokio::task::spawn_blocking(move || kill_after(program.spawn().unwrap(), steps)).await.unwrap();
        assert_eq!(std::fs::read_to_string(&target).ok().as_deref(), old, "killed after {steps} MiB");
        let partial = std::fs::metadata(folder.path().join("down.bin.part")).map(|partial| partial.len());
        assert!(partial.is_ok_and(|size| size < content.len() as u64), "killed after {steps} MiB");

        provider.faults().clear();
        let download = provider.client(Tweaks::default()).storage().download("/t/down.bin").to_file(&target);
        let progress = download.progress();
        download.await.unwrap();
        assert!(std::fs::read(&target).unwrap() == content, "killed after {steps} MiB");
        assert_eq!(names_in(folder.path()), ["down.bin"], "killed after {steps} MiB");
        assert_eq!(progress.now().resumed, 0, "the service can send no part of a file");
    }
}
