//! Runs the other `BrickFTP` programs and checks their exit code and output.

mod support;

use std::fs;

use mft_simulator::Fault;
use mft_simulator::brickftp::Simulator;
use support::{run, run_at};

const EXPORT: &str = env!("CARGO_BIN_EXE_export_history_csv");
const INVITE: &str = env!("CARGO_BIN_EXE_invite_a_user");

/// A site with this many events, the first of them long ago.
async fn eventful(events: u32) -> Simulator {
    let site = Simulator::start().await.unwrap();
    for index in 0..events {
        let _ = site.state().add_event(|event| {
            event.when_ms = i64::from(index) * 86_400_000;
            event.action = "read".into();
            event.path = Some(format!("a \"b\",\nc/{index}.txt"));
        });
    }
    site
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_the_history_become_one_document() {
    let site = eventful(25).await;
    for (page_size, pages) in [("10", 3), ("25", 2), ("26", 1), ("1000", 1)] {
        site.clear_journal();
        let ran = run_at(&site, EXPORT, &["--page-size", page_size]).await;
        assert!(ran.succeeded, "{}", ran.stderr);
        assert_eq!(ran.stdout.matches("id,when,").count(), 1, "{page_size}");
        for index in 0..25 {
            assert_eq!(ran.stdout.matches(&format!("\nc/{index}.txt\"")).count(), 1, "{page_size}: {index}");
        }
        assert_eq!((site.count("brickftp.history.site"), ran.stderr.as_str()), (pages, "25 events\n"), "{page_size}");
    }
    let ran = run_at(&site, EXPORT, &["--since", "1970-01-21"]).await;
    assert_eq!(ran.stderr, "5 events\n");
    let ran = run_at(&site, EXPORT, &["--since", "1970-01-21T00:00:00-05:00"]).await;
    assert_eq!(ran.stderr, "4 events\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incomplete_export_leaves_no_file() {
    let site = eventful(25).await;
    let file = std::env::temp_dir().join(format!("mft-examples-{}.csv", std::process::id()));
    fs::write(&file, "an older export").unwrap();
    let arguments = ["--page-size", "10", "--to", file.to_str().unwrap()];
    for fault in [Fault::status(403), Fault::truncated(), Fault::html_page()] {
        site.faults().clear();
        site.faults().push(fault.on("brickftp.history.site").after_skip(1));
        let ran = run_at(&site, EXPORT, &arguments).await;
        assert!(!ran.succeeded);
        assert_eq!(fs::read_to_string(&file).unwrap(), "an older export", "{}", ran.stderr);
    }
    site.faults().clear();
    let ran = run_at(&site, EXPORT, &arguments).await;
    ran.says("wrote 25 events to ");
    assert!(ran.stdout.is_empty() && fs::read_to_string(&file).unwrap().starts_with("id,when,"));
    fs::remove_file(&file).unwrap();

    for (arguments, message) in [
        (&["--since", "yesterday"][..], "expected a date such as 2026-09-01 or a timestamp"),
        (&["--page-size", "10001"], "10001 is not in 1..=10000"),
        (&["--simulate", "--to", "/nowhere/x.csv"], "/nowhere/x.csv: No such file"),
        (&[], "BRICKFTP_SUBDOMAIN is not set"),
    ] {
        let ran = run(EXPORT, arguments, None, &[]).await;
        assert!(!ran.succeeded, "{arguments:?}");
        ran.says(message);
    }
    let ran = run(EXPORT, &["--simulate"], None, &[]).await;
    assert_eq!(ran.stderr, "2500 events\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_idempotent() {
    let site = Simulator::start().await.unwrap();
    let file = std::env::temp_dir().join(format!("mft-examples-{}.first-password", std::process::id()));
    let arguments = ["ada", "--email", "ada@acme.example", "--write-to", file.to_str().unwrap()];
    let ran = run_at(&site, INVITE, &arguments).await;
    assert!(ran.succeeded, "{}", ran.stderr);
    ran.says("Login details for ada@acme.example:");
    let user = site.state().user_named("ada").unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), user.password);
    ran.hides(&user.password);
    assert!(user.require_password_change);
    assert_eq!(user.user_root.trim_end_matches('/'), "Guests/ada");
    assert!(site.state().entry("Guests/ada").unwrap().is_folder);
    let counts = || {
        let state = site.state();
        (
            state.users().len(),
            state.groups().len(),
            state.memberships().len(),
            state.permissions().len(),
            state.notifications().len(),
        )
    };
    let once = counts();
    assert_eq!(once, (2, 1, 1, 1, 1));
    let ran = run_at(&site, INVITE, &arguments).await;
    assert!(ran.succeeded, "{}", ran.stderr);
    ran.says("The user \"ada\" exists and is left unchanged.");
    assert_eq!((counts(), fs::read_to_string(&file).unwrap()), (once, user.password));
    fs::remove_file(&file).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_survives_faults() {
    let file = std::env::temp_dir().join(format!("mft-examples-{}.lost-password", std::process::id()));
    let arguments = ["ada", "--write-to", file.to_str().unwrap()];
    // The name is taken between the lookup and the create.
    let site = Simulator::start().await.unwrap();
    let _ = site.state().add_user(|user| user.username = "ada".into());
    site.faults().push(Fault::empty_list().on("brickftp.users.find").once());
    let ran = run_at(&site, INVITE, &arguments).await;
    assert!(ran.succeeded, "{}", ran.stderr);
    ran.says("Another program created a user with this name: brickftp.users.create: 422 ");
    assert_eq!((site.state().users().len(), site.state().memberships().len()), (2, 1));
    // The response is lost.
    let site = Simulator::start().await.unwrap();
    site.faults().push(Fault::reset().after_processing().on("brickftp.users.create").once());
    let ran = run_at(&site, INVITE, &arguments).await;
    assert!(ran.succeeded, "{}", ran.stderr);
    ran.says("The user exists, but the response was lost");
    assert_eq!((site.state().users().len(), site.count("brickftp.users.create")), (2, 1));
    fs::remove_file(&file).unwrap();

    for (arguments, message) in [
        (&["ada", "--simulate", "--write-to", "/nowhere/x"][..], "/nowhere/x: No such file"),
        (&["ada", "--simulate", "--folder", "a//b"], "invalid input"),
        (&["ada"], "--write-to <FILE>"),
        (&["ada", "--write-to", "x"], "BRICKFTP_SUBDOMAIN is not set"),
    ] {
        let ran = run(INVITE, arguments, None, &[]).await;
        assert!(!ran.succeeded, "{arguments:?}");
        ran.says(message);
    }
    let ran = run(INVITE, &["ada", "--simulate"], None, &[]).await;
    assert!(ran.succeeded, "{}", ran.stderr);
}
