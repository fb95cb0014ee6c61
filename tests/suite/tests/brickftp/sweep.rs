//! Fault sweep of BrickFTP's helpers and of typical call sequences.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use brickftp::transfer::Source;
use brickftp::{Client, Destination, Error, NewUser, Result, UserUpdate};
use mft_simulator::{Fault, pattern};
use mft_tests::conformance::{every_fault, quick_faults};
use mft_tests::net::Honeypot;
use mft_tests::sweep::{Scenario, SweepReport, begin};
use mft_tests::{Brickftp, Provider, SMALL_PART};
use tempfile::TempDir;

/// Three parts, or three ranges.
const SIZE: usize = 3 * SMALL_PART - 7;

/// Calls that copy or delete a tree have an attempt timeout of minutes by default.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// Builds scenarios from a name and a block with the client and the site.
macro_rules! scenarios {
    ($($name:literal: |$site:ident, $client:ident| $(let $seed:ident = $value:expr;)* $work:block),+ $(,)?) => {
        vec![$(Scenario {
            name: $name,
            prepare,
            run: |$site: &Brickftp<XML>, $client: Client| {
                $(let $seed = $value;)*
                begin(async move { $work })
            },
        }),+]
    };
}

/// Adds files in folders, and a history.
fn prepare<const XML: bool>(site: &Brickftp<XML>) {
    let state = site.simulator.state();
    state.add_file("tree/a.bin", pattern(1, 0, SIZE));
    state.add_file("tree/below/b.bin", pattern(2, 0, 10));
    state.add_file("tree/c.bin", Vec::new());
    for _ in 0..5 {
        state.add_event(|event| event.path = Some("tree/a.bin".into()));
    }
}

/// Checks a local folder. A file under its final name must be complete. Partial files are kept for the next attempt.
fn check_local(folder: &Path, expected: &BTreeMap<&str, Vec<u8>>) -> Result<usize> {
    let mut complete = 0;
    for entry in std::fs::read_dir(folder).map_err(Error::other)? {
        let entry = entry.map_err(Error::other)?.path();
        if entry.is_dir() {
            complete += check_local(&entry, expected)?;
        } else if entry.extension().is_none_or(|extension| extension != "part") {
            let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let content = std::fs::read(&entry).map_err(Error::other)?;
            assert!(expected.get(name.as_str()) == Some(&content), "{name} is incomplete: {} bytes", content.len());
            complete += 1;
        }
    }
    Ok(complete)
}

fn scenarios<const XML: bool>() -> Vec<Scenario<Brickftp<XML>>> {
    scenarios! {
        "upload three parts": |_site, client| {
            let source = Source::bytes(pattern(3, 0, SIZE));
            let upload = client.files().upload("in/new.bin", source).response_timeout(Duration::from_millis(500));
            Ok(format!("{:?}", upload.await?.size))
        },
        "overwrite a file": |_site, client| {
            let source = Source::stream(futures_util::stream::iter([Ok::<_, Error>(vec![7; 9].into())]), None);
            let upload = client.files().upload("tree/a.bin", source).response_timeout(Duration::from_millis(500));
            Ok(format!("{:?}", upload.await?.size))
        },
        "ranged download": |_site, client| {
            let folder = TempDir::new().map_err(Error::other)?;
            let target = folder.path().join("a.bin");
            let request = client.files().download("tree/a.bin").range_size(SMALL_PART as u64).parallel(3).sync(false);
            let result = request.to_file(&target).await;
            let complete = check_local(folder.path(), &[("a.bin", pattern(1, 0, SIZE))].into())?;
            let downloaded = result?;
            Ok(format!("{complete} file of {}", downloaded.size))
        },
        "download as a stream": |_site, client| {
            let mut stream = client.files().download("tree/a.bin").stream().await?;
            let mut read = Vec::new();
            while let Some(chunk) = stream.try_next().await? {
                read.extend_from_slice(&chunk);
            }
            Ok(format!("{}", read == pattern(1, 0, SIZE)))
        },
        "download a tree": |_site, client| {
            let folder = TempDir::new().map_err(Error::other)?;
            let summary = client.folders().download_dir("tree").to_dir(folder.path()).finish().await;
    let (downloaded, failed) = (summary.succeeded, summary.failed);
            let a = pattern(1, 0, SIZE);
            let expected = [("a.bin", a), ("b.bin", pattern(2, 0, 10)), ("c.bin", Vec::new())].into();
            let complete = check_local(folder.path(), &expected)?;
            match failed.into_iter().find_map(|item| item.result.err()) {
                Some(error) => Err(error),
                None => Ok(format!("{downloaded} done, {complete} files")),
            }
        },
        "list users over pages": |_site, client| {
            let users = client.users().list().page_size(1).try_collect_vec().await?;
            Ok(users.into_iter().filter_map(|user| user.username).collect::<Vec<_>>().join(" "))
        },
        "list a folder over pages": |_site, client| {
            let entries = client.folders().list("tree").page_size(1).try_collect_vec().await?;
            Ok(entries.into_iter().map(|entry| entry.path).collect::<Vec<_>>().join(" "))
        },
        "list the history over pages": |_site, client| {
            let events = client.history().site().page_size(2).try_collect_vec().await?;
            Ok(format!("{} events", events.len()))
        },
        "log in, count users and log out": |site, client|
            let name = site.simulator.admin_username();
            let password = site.simulator.admin_password();
        {
            let session = client.sessions().login_guarded(name, password.into()).await?;
            let count = session.users().count().await?;
            session.logout().await?;
            Ok(format!("{count} users"))
        },
        "find or create a user": |_site, client| {
            let user = match client.users().find("ada").await? {
                Some(user) => user,
                None => client.users().create(NewUser::new("ada").password("mrk-Chosen:Password@9%")).await?,
            };
            Ok(format!("{:?}", user.username))
        },
        "get and update a user": |site, client| let id = site.target; {
            let user = client.users().get(id).await?;
            let name = format!("{} no more", user.username.unwrap_or_default());
            Ok(format!("{:?}", client.users().update(id, UserUpdate::new().name(name)).await?.name))
        },
        "delete a user": |site, client| let id = site.target; {
            client.users().delete(id).await.map(|()| "deleted".to_owned())
        },
        "create a folder": |_site, client| {
            client.folders().create("tree/new").await.map(|()| "created".to_owned())
        },
        "copy a file": |_site, client| {
            client.files().copy("tree/a.bin", Destination::new("tree/copy.bin")).call_timeout(PATIENCE).await.map(|()| "copied".to_owned())
        },
        "move a file": |_site, client| {
            client.files().rename("tree/a.bin", Destination::new("tree/moved.bin")).await.map(|()| "moved".to_owned())
        },
        "delete a folder": |_site, client| {
            client.files().delete_recursive("tree").call_timeout(PATIENCE).await.map(|()| "deleted".to_owned())
        },
    }
}

/// 204 means an empty list, so a false 204 for a list cannot be detected.
async fn sweep<const XML: bool>(faults: &[(&'static str, Fault)]) -> SweepReport {
    let (lists, calls): (Vec<_>, Vec<_>) = scenarios::<XML>()
        .into_iter()
        .partition(|scenario| scenario.name.starts_with("list") || scenario.name == "download a tree");
    let mut list_faults = faults.to_vec();
    list_faults.retain(|(name, _)| *name != "204 after");
    let mut report = Scenario::sweep(&calls, faults, &[]).await;
    let more = Scenario::sweep(&lists, &list_faults, &[]).await;
    report.runs += more.runs;
    report.failures.extend(more.failures);
    report
}

fn print_report(format: &str, report: &SweepReport) {
    let passing = report.runs - report.failures.len();
    println!("BrickFTP in {format}: {} runs, {passing} passed", report.runs);
    assert!(report.failures.is_empty(), "{} of {}:\n{}", report.failures.len(), report.runs, {
        report.failures.join("\n")
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_yields_success_or_an_accurate_error() {
    let honeypot = Honeypot::open().await;
    let faults = every_fault(honeypot.address(), Brickftp::<false>::WIRE_FORMAT);
    print_report("JSON", &sweep::<false>(&faults).await);
    assert_eq!(honeypot.received(), Vec::<String>::new());
}

/// Pairs of faults verify that a later attempt does not discard the ambiguity of an earlier one. They exclude 404,
/// because a false 404 for a retried deletion would count as success.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_consecutive_faults_yield_success_or_an_accurate_error() {
    let honeypot = Honeypot::open().await;
    let pairs = ["reset after", "reset mid-body", "500 after", "503 with Retry-After", "403", "401"];
    let pairs: Vec<(&str, Fault)> = quick_faults(honeypot.address(), Brickftp::<false>::WIRE_FORMAT)
        .into_iter()
        .filter(|(name, _)| pairs.contains(name))
        .collect();
    assert_eq!(pairs.len(), 6);
    let mut scenarios = scenarios::<false>();
    let chosen = ["upload three parts", "ranged download", "find or create a user", "move a file", "delete a folder"];
    scenarios.retain(|scenario| chosen.contains(&scenario.name));
    assert_eq!(scenarios.len(), chosen.len());
    let report = Scenario::sweep(&scenarios, &[], &pairs).await;
    print_report("JSON, two faults", &report);
}

/// Faults whose bodies the client decodes differently in XML.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn xml_faults_yield_success_or_an_accurate_error() {
    let honeypot = Honeypot::open().await;
    let mut faults = quick_faults(honeypot.address(), Brickftp::<true>::WIRE_FORMAT);
    let chosen = ["truncated", "reset mid-body", "500 after", "401", "404", "login page", "storage error"];
    let chosen = [chosen.as_slice(), &["wrong body", "other object", "204 after", "502 in HTML"]].concat();
    faults.retain(|(name, _)| chosen.contains(name));
    assert_eq!(faults.len(), chosen.len());
    print_report("XML", &sweep::<true>(&faults).await);
}
