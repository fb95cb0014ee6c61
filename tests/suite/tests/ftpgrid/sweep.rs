//! Fault sweep of ftpGrid's helpers and of typical call sequences.

use std::time::Duration;

use ftpgrid::transfer::Source;
use ftpgrid::{AccessRights, Destination, FtpAccountUpdate, NewFtpAccount};
use mft_tests::conformance::{every_fault, quick_faults};
use mft_tests::net::Honeypot;
use mft_tests::sweep::{Scenario, assert_every_fault_is_handled};
use mft_tests::{Ftpgrid, Provider, scenarios};

/// As long as the attempt timeout of these tests.
const RESPONSE_TIMEOUT: Duration = Duration::from_millis(500);

fn calls() -> Vec<Scenario<Ftpgrid>> {
    scenarios! { Ftpgrid:
        "list accounts": |_sim, client| {
            let all = client.ftp_accounts().list().try_collect_vec().await?;
            Ok(all.into_iter().map(|account| account.username).collect::<Vec<_>>().join(" "))
        },
        "create an account": |_sim, client| {
            let account = NewFtpAccount::new("new", AccessRights::ReadOnly, "/new").password("mrk-Chosen:Password@9%");
            let created = client.ftp_accounts().create(account).await?.into_account();
            Ok(format!("{:?}", created.map(|account| account.username)))
        },
        "update an account and fetch it": |sim, client| let id = sim.target; {
            let update = FtpAccountUpdate::new().description("changed").chroot("/elsewhere");
            let changed = client.ftp_accounts().update_and_fetch(id, update).await?;
            Ok(format!("{:?} in {}", changed.description, changed.chroot))
        },
        "delete an account": |sim, client| let id = sim.disposable; {
            client.ftp_accounts().delete(id).await.map(|()| "deleted".to_owned())
        },
        "list a tree": |_sim, client| {
            let all = client.storage().list_tree("/").try_collect_vec().await?;
            Ok(all.into_iter().map(|entry| entry.path).collect::<Vec<_>>().join(" "))
        },
        "list files and move one": |_sim, client| {
            let files = client.storage().list_files("/inbox").try_collect_vec().await?;
            client.storage().move_to("/inbox/a b.txt", Destination::new("/archive/a b.txt")).await?;
            Ok(format!("{} files before", files.len()))
        },
        "upload from memory": |_sim, client| {
            client.storage().upload("/new/a.txt", Source::bytes("new")).response_timeout(RESPONSE_TIMEOUT).await?;
            Ok("stored".to_owned())
        },
        "upload two files": |_sim, client| {
            let files = [("/new/a.txt", Source::bytes("new")), ("/top.txt", Source::bytes("replaced"))];
            client.storage().upload_many(files).response_timeout(RESPONSE_TIMEOUT).await?;
            Ok("stored".to_owned())
        },
        "upload from a stream": |_sim, client| {
            let stream = futures_util::stream::iter(["once", " only"].map(|text| Ok::<_, std::io::Error>(text.into())));
            client.storage().upload("/new/a.txt", Source::stream(stream, None)).response_timeout(RESPONSE_TIMEOUT).await?;
            Ok("stored".to_owned())
        },
        "delete files and directories": |_sim, client| {
            client.storage().delete_many(["/inbox", "/top.txt", "/not/there"]).await?;
            Ok("deleted".to_owned())
        },
        "prepare a download": |_sim, client| {
            let id = client.storage().prepare_download(["/inbox/a b.txt", "/top.txt"]).await?;
            Ok(format!("{}", id.as_str().len()))
        },
    }
}

fn downloads() -> Vec<Scenario<Ftpgrid>> {
    scenarios! { Ftpgrid:
        "download a file": |_sim, client| {
            Ok(format!("{:?}", client.storage().download("/inbox/a b.txt").bytes(1 << 20).await?))
        },
        "download an archive": |_sim, client| {
            let archive = client.storage().download_many(["/inbox/a b.txt", "/top.txt"]).bytes(1 << 20).await?;
            Ok(format!("{} bytes", archive.len()))
        },
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_yields_success_or_an_accurate_error() {
    assert_every_fault_is_handled(&calls()).await;
}

/// A file can have any content, so a different body with a success status is not detectable as a fault.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_detectable_download_fault_is_detected() {
    let honeypot = Honeypot::open().await;
    let like_a_file =
        ["login page", "storage error", "wrong body", "other object", "endless body", "length and chunks after"];
    let mut faults = every_fault(honeypot.address(), Ftpgrid::WIRE_FORMAT);
    faults.retain(|(name, _)| !like_a_file.contains(name));
    let pairs = ["reset", "reset mid-body", "503 with Retry-After", "401"];
    let mut quick = quick_faults(honeypot.address(), Ftpgrid::WIRE_FORMAT);
    quick.retain(|(name, _)| pairs.contains(name));
    let report = Scenario::sweep(&downloads(), &faults, &quick).await;
    println!("{} runs, {} passed", report.runs, report.runs - report.failures.len());
    assert!(report.failures.is_empty(), "{}", report.failures.join("\n"));
    assert_eq!(honeypot.received(), Vec::<String>::new());
}
