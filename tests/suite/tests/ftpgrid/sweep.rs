//! Every fault at every wire interaction of ftpGrid's helpers and of the flows that applications build from calls.

use std::time::Duration;

use ftpgrid::transfer::Source;
use ftpgrid::{AccessRights, FtpAccountUpdate, NewFtpAccount};
use mft_tests::conformance::{every_fault, quick_faults};
use mft_tests::support::Trap;
use mft_tests::sweep::{Flow, all_end_in_the_clean_result_or_in_a_true_error};
use mft_tests::{Ftpgrid, Provider, flows};

/// As long as an attempt in these tests.
const REPLY: Duration = Duration::from_millis(500);

fn calls() -> Vec<Flow<Ftpgrid>> {
    flows! { Ftpgrid:
        "list accounts": |_sim, client| {
            let all = client.ftp_accounts().list().try_collect_vec().await?;
            Ok(all.into_iter().map(|account| account.username).collect::<Vec<_>>().join(" "))
        },
        "create an account": |_sim, client| {
            let account = NewFtpAccount::new("new", AccessRights::ReadOnly, "/new").password("mrk-Chosen:Password@9%");
            let made = client.ftp_accounts().create(account).await?.into_account();
            Ok(format!("{:?}", made.map(|account| account.username)))
        },
        "change an account and fetch it": |sim, client| let id = sim.target; {
            let update = FtpAccountUpdate::new().description("changed").chroot("/elsewhere");
            let changed = client.ftp_accounts().update_and_fetch(id, update).await?;
            Ok(format!("{:?} in {}", changed.description, changed.chroot))
        },
        "delete an account": |sim, client| let id = sim.doomed; {
            client.ftp_accounts().delete(id).await.map(|()| "deleted".to_owned())
        },
        "list a tree": |_sim, client| {
            let all = client.storage().list_tree("/").try_collect_vec().await?;
            Ok(all.into_iter().map(|entry| entry.path).collect::<Vec<_>>().join(" "))
        },
        "list files and move one": |_sim, client| {
            let files = client.storage().list_files("/inbox").try_collect_vec().await?;
            client.storage().move_to("/inbox/a b.txt", "/archive/a b.txt").await?;
            Ok(format!("{} files before", files.len()))
        },
        "upload from memory": |_sim, client| {
            client.storage().upload("/new/a.txt", Source::from("new")).response_timeout(REPLY).await?;
            Ok("stored".to_owned())
        },
        "upload two files": |_sim, client| {
            let files = [("/new/a.txt", Source::from("new")), ("/top.txt", Source::from("replaced"))];
            client.storage().upload_many(files).response_timeout(REPLY).await?;
            Ok("stored".to_owned())
        },
        "upload from a stream": |_sim, client| {
            let stream = futures_util::stream::iter(["once", " only"].map(|text| Ok::<_, std::io::Error>(text.into())));
            client.storage().upload("/new/a.txt", Source::stream(stream, None)).response_timeout(REPLY).await?;
            Ok("stored".to_owned())
        },
        "delete files and directories": |_sim, client| {
            client.storage().delete_many(["/inbox", "/top.txt", "/not/there"]).await?;
            Ok("gone".to_owned())
        },
        "prepare a download": |_sim, client| {
            let id = client.storage().prepare_download(["/inbox/a b.txt", "/top.txt"]).await?;
            Ok(format!("{}", id.as_str().len()))
        },
    }
}

fn downloads() -> Vec<Flow<Ftpgrid>> {
    flows! { Ftpgrid:
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
async fn every_fault_at_every_interaction_ends_in_the_clean_result_or_in_a_true_error() {
    all_end_in_the_clean_result_or_in_a_true_error(&calls()).await;
}

/// A file may hold anything, so that other bytes under the status of success are its bytes, as far as anybody can tell.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_that_can_be_seen_in_a_download_is_seen() {
    let trap = Trap::open().await;
    let like_a_file =
        ["login page", "storage error", "wrong body", "other object", "endless body", "length and chunks after"];
    let mut faults = every_fault(trap.address(), Ftpgrid::WIRE);
    faults.retain(|(name, _)| !like_a_file.contains(name));
    let pairs = ["reset", "reset mid-body", "503 with Retry-After", "401"];
    let mut quick = quick_faults(trap.address(), Ftpgrid::WIRE);
    quick.retain(|(name, _)| pairs.contains(name));
    let figures = Flow::sweep(&downloads(), &faults, &quick).await;
    println!("swept {}, passing {}", figures.swept, figures.swept - figures.failures.len());
    assert!(figures.failures.is_empty(), "{}", figures.failures.join("\n"));
    assert_eq!(trap.caught(), Vec::<String>::new());
}
