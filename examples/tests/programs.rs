//! Runs every program and checks its exit code and output.

mod support;

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use mft_simulator::Fault;
use mft_simulator::sftptogo::{DeliveryStatus, Event, Simulator};
use support::run;

const ROTATE: &str = env!("CARGO_BIN_EXE_rotate_password");
const SHARE: &str = env!("CARGO_BIN_EXE_share_a_folder_for_a_week");
const VERIFY: &str = env!("CARGO_BIN_EXE_verify_a_webhook");
const TRANSPORT: &str = env!("CARGO_BIN_EXE_bring_your_own_transport");
const ERRORS: &str = env!("CARGO_BIN_EXE_handle_errors");

/// A simulator with a credential to rotate.
async fn with_robot() -> (Simulator, String) {
    let simulator = Simulator::start().await.unwrap();
    let robot = simulator.state().add_credential(|credential| {
        credential.user_name = "intake-robot-01".into();
        credential.password = "MARKER-old-Password-1".into();
    });
    (simulator, robot.id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_password_goes_to_the_file_and_nowhere_else() {
    let (simulator, id) = with_robot().await;
    let file = std::env::temp_dir().join(format!("mft-examples-{}.password", std::process::id()));
    std::fs::write(&file, "something older and much longer than any password that the service makes up").unwrap();
    let path = file.to_str().unwrap();
    let ran = run(ROTATE, &["intake-robot-01", "--write-to", path], Some(&simulator), &[]).await;
    let content = std::fs::read_to_string(&file).unwrap();
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions()) & 0o777, 0o600);
    std::fs::remove_file(&file).unwrap();
    assert!(ran.succeeded, "{}", ran.stderr);
    ran.says("The password of intake-robot-01 was rotated.");
    let password = simulator.state().credential(&id).unwrap().password;
    assert!(password != "MARKER-old-Password-1" && content == password);
    ran.hides(&password);
    ran.hides("MARKER");
    ran.hides(&simulator.api_key());

    let ran = run(ROTATE, &[&id], Some(&simulator), &[]).await;
    assert!(ran.succeeded, "{}", ran.stderr);
    ran.says("The new password is *** (30 characters)");
    ran.hides(&simulator.state().credential(&id).unwrap().password);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ambiguous_rotation_is_explained() {
    let (simulator, id) = with_robot().await;
    let rotate = "sftptogo.credentials.rotate_password";
    for (fault, known) in [
        (Fault::reset().after_processing().on(rotate), "The password may have been rotated."),
        (Fault::status(403).on(rotate), "The password was not rotated: the old one is valid."),
        (Fault::status(500).on("sftptogo.credentials.get").after_skip(1), "was rotated, and fetching it failed"),
    ] {
        simulator.faults().clear();
        simulator.faults().push(fault);
        let ran = run(ROTATE, &[&id], Some(&simulator), &[]).await;
        assert!(!ran.succeeded);
        ran.says(known);
        ran.hides(&simulator.state().credential(&id).unwrap().password);
    }
    assert_eq!(simulator.count(rotate), 3);

    let ran = run(ROTATE, &["nobody"], Some(&simulator), &[]).await;
    assert!(!ran.succeeded);
    ran.says(r#"no credential has the id or username "nobody""#);
    let ran = run(ROTATE, &["intake-robot-01"], None, &[]).await;
    assert!(!ran.succeeded);
    ran.says("SFTPTOGO_ORGANIZATION_ID is not set");
    ran.says("--simulate");
    let ran = run(ROTATE, &["intake-robot-01", "--simulate"], None, &[]).await;
    assert!(ran.succeeded, "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_shared_for_a_week() {
    let simulator = Simulator::start().await.unwrap();
    let arguments = ["/outbox/q3", "--access-limit", "25", "--password"];
    let password = [("SHARE_PASSWORD", "MARKER-Password-1")];
    let ran = run(SHARE, &arguments, Some(&simulator), &password).await;
    assert!(ran.succeeded, "{}", ran.stderr);
    let links = simulator.state().share_links();
    let [link] = links.as_slice() else { panic!("{links:?}") };
    ran.says(&format!("https://portal.sftptogo.com/p/shares/{}", link.id));
    ran.says("It allows 25 visits.");
    ran.hides("MARKER");
    assert_eq!((link.path.as_str(), link.access_limit), ("/outbox/q3/", 25));
    assert_eq!(link.password.as_deref(), Some("MARKER-Password-1"));
    let lives_ms = link.expires_at_ms.unwrap() - link.created_at_ms;
    assert!((lives_ms - 7 * 24 * 60 * 60 * 1000).abs() < 60_000, "{lives_ms}");

    simulator.faults().push(Fault::reset().after_processing().on("sftptogo.share_links.create").once());
    let ran = run(SHARE, &["/outbox/q3/"], Some(&simulator), &[]).await;
    assert!(!ran.succeeded);
    ran.says("List the share links before trying again: the link may exist.");
    let ran = run(SHARE, &["/outbox/q3/", "--simulate"], None, &[]).await;
    assert!(ran.succeeded, "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_verified() {
    let ran = run(VERIFY, &["--self-test"], None, &[]).await;
    assert!(ran.succeeded, "{}{}", ran.stdout, ran.stderr);
    for line in [
        "created: \"inbox/café 1.csv\", 2048 bytes\n",
        "downloaded: \"inbox/café 1.csv\"\n",
        "deleted: \"inbox/café 1.csv\"\n",
        "refused: the delivery's signature does not match its body\n",
        "answered: 204, 204, 204, 401\n",
    ] {
        ran.says(line);
    }
    let ran = run(VERIFY, &["--service", "usebuckets", "--self-test"], None, &[]).await;
    assert!(ran.succeeded, "{}{}", ran.stdout, ran.stderr);
    for line in [
        "uploaded: \"/inbox/café 1.csv\"\n",
        "deleted: \"/inbox/café 1.csv\"\n",
        "refused: the delivery's signature does not match its body\n",
        "uploaded: \"/inbox/2.csv\"\n",
        "answered: 204, 204, 401, 204\n",
    ] {
        ran.says(line);
    }
    let ran = run(VERIFY, &[], None, &[]).await;
    assert!(!ran.succeeded);
    ran.says("WEBHOOK_SECRETS is not set");
    let ran = run(VERIFY, &[], None, &[("WEBHOOK_SECRETS", "MARKER-new,")]).await;
    assert!(!ran.succeeded, "everybody can sign with an empty secret");
    ran.hides("MARKER");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_receiver_listens_and_takes_the_old_secret_too() {
    let mut program = Command::new(VERIFY)
        .args(["--listen", "127.0.0.1:0"])
        .env("WEBHOOK_SECRETS", "whsec-new,whsec-old")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(program.stdout.take().unwrap()).lines().map(Result::unwrap);
    let (tell, received) = std::sync::mpsc::channel();
    std::thread::spawn(move || lines.for_each(|line| drop(tell.send(line))));
    let next_line = || received.recv_timeout(Duration::from_secs(20)).expect("the program prints a line");
    let url = next_line().strip_prefix("Waiting for POST ").unwrap().to_owned();

    let simulator = Simulator::builder().allow_http_webhooks().start().await.unwrap();
    for secret in ["whsec-new", "whsec-old", "whsec-older"] {
        let _ = simulator.state().add_webhook(|webhook| {
            webhook.url.clone_from(&url);
            webhook.secret = secret.into();
        });
    }
    simulator.raise_event(Event::file_created("a.csv", 1));
    simulator.deliveries_settled().await;
    // The program responds before it processes an event, so its output may follow its responses.
    let mut lines = vec![next_line(), next_line()];
    program.kill().unwrap();
    program.wait().unwrap();
    lines.extend(received.iter());
    lines.sort();
    // The same event from two webhooks is one event.
    assert_eq!(lines, ["created: \"a.csv\", 1 bytes", "refused: the delivery's signature does not match its body"]);
    let statuses: Vec<_> = simulator.deliveries().into_iter().map(|delivery| delivery.status).collect();
    assert_eq!(statuses, [DeliveryStatus::Succeeded, DeliveryStatus::Succeeded, DeliveryStatus::Failed]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tower_service_carries_the_requests() {
    let ran = run(TRANSPORT, &[], None, &[]).await;
    assert!(ran.succeeded, "{}", ran.stderr);
    ran.says("8 lists passed through the layers.");
    ran.says("9 requests were sent, at most 2 in flight.");
    ran.says("1 timed out; the client retried it because the call is safe.");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_has_something_to_do_next() {
    let ran = run(ERRORS, &[], None, &[]).await;
    assert!(ran.succeeded, "{}", ran.stderr);
    let next: Vec<_> = ran.stdout.lines().filter_map(|line| line.trim().strip_prefix("next: ")).collect();
    assert_eq!(
        next,
        [
            "continue without it",
            "use the existing object, or another name",
            "correct the input; nothing was done",
            "correct the input; nothing was done",
            "try again in 120 s",
            "check whether it was applied before calling again",
            "fetch the result; calling again would apply it twice",
            "report it; retrying does not help",
            "try again later",
            "check whether it was applied before calling again",
            "check the API key",
            "try again later",
        ],
        "{}",
        ran.stdout
    );
}
