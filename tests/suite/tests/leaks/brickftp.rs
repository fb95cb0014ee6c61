//! Leak scan of BrickFTP: plants secrets, prints every value, and searches the output for the secrets.
//!
//! The test runs in its own process, because it replaces the global subscriber, logger and panic hook.

mod output;

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use brickftp::raw::{Idempotency, Method};
use brickftp::transfer::Source;
use brickftp::{
    Authentication, BundleAccess, Client, NewApiKey, NewBehavior, NewBundle, NewGroup, NewGroupUser, NewUser,
    Reauthentication, Secret, UploadRef, UserUpdate,
};
use mft_simulator::{Fault, pattern};
use mft_tests::conformance::every_fault;
use mft_tests::leak_scan::Secrets;
use mft_tests::net::Honeypot;
use mft_tests::{Brickftp, CallKind, ClientOptions, Provider, SMALL_PART};
use output::{Output, assert_no_leaks, capture_logs, logged};
use tempfile::TempDir;

/// Secrets that the test plants, in addition to those of the simulator's state and journal.
const PLANTED: [&str; 6] = [
    "mrk-Chosen:Password@9%",
    "mrk-Other:Password@8%A1",
    "mrk-Bundle:Word/4+",
    "mrk-Wrong:Reauth@4%A1",
    "mrk-Session-Id-2",
    "mrk-Header-Value-1",
];

/// Calls whose requests or responses contain secrets, and the `Debug` output of all values.
async fn operations<const XML: bool>(site: &Brickftp<XML>, client: &Client, output: &mut Output) {
    let id = site.target;
    output.value((client, client.sessions(), client.users(), client.files(), client.bundles()));
    let new = NewUser::new("made").password(PLANTED[0]).password_confirmation(PLANTED[0]);
    output.value((&new, client.users().create(new.clone()), client.users().list()));
    output.result(client.users().create(new).with_response().await);
    let change = UserUpdate::new().password(PLANTED[1]);
    output.value((&change, client.users().update(id, change.clone())));
    output.result(client.users().update(id, change).await);
    output.result(client.users().list().into_pages().try_next().await);
    let key = client.api_keys().create(id, NewApiKey::new("key")).with_response().await;
    output.result(key);
    output.result(client.api_keys().list(id).try_collect_vec().await);
    let group = client.groups().create(NewGroup::new("group")).await;
    if let Ok(group) = &group {
        output.result(client.groups().create_user(group.id, NewGroupUser::new("bea").password(PLANTED[0])).await);
    }
    output.result(group);

    let new = NewBundle::new(["tree"]).password(PLANTED[2]);
    output.value(&new);
    let bundle = client.bundles().create(new).await;
    let code = bundle.as_ref().ok().and_then(|bundle| bundle.code.clone()).unwrap_or_else(|| "none".to_owned());
    output.result(bundle);
    for password in [PLANTED[2], PLANTED[3]] {
        let access = BundleAccess::new(code.as_str()).password(password);
        output.value((&access, client.bundles().contents(&access, "tree")));
        output.result(client.bundles().contents(&access, "tree").try_collect_vec().await);
        output.result(client.bundles().download_urls(&access, ["tree/a.bin"]).await);
    }
    output.result(client.behaviors().create(NewBehavior::webhook("tree", ["https://example.net/h"])).await);
    output.result(client.history().site().try_collect_vec().await);

    let anonymous = client.with_authentication(Authentication::anonymous());
    output.value(client.sessions().login("target", PLANTED[3].into()));
    output.result(client.sessions().login("target", PLANTED[3].into()).await);
    output.result(anonymous);
    output.value((Authentication::session(PLANTED[4]), Reauthentication::new(PLANTED[3]).on_every_call()));
    if let Ok(stranger) = client.with_authentication(Authentication::session(PLANTED[4])) {
        output.value(&stranger);
        output.result(stranger.users().count().await);
        output.result(stranger.with_reauthentication(PLANTED[3]).users().delete(id).await);
    }
    let password = site.simulator.admin_password();
    match client.sessions().login_guarded(site.simulator.admin_username(), password.as_str().into()).await {
        Ok(session) => {
            output.value(&session);
            output.value(session.with_reauthentication(PLANTED[3]));
            output.result(session.with_reauthentication(PLANTED[3]).users().delete(id).await);
            output.result(session.with_reauthentication(password).users().delete(id).await);
            output.result(session.logout().await);
        }
        Err(error) => output.result::<(), _>(Err(error)),
    }
    let raw = || client.raw(Method::POST, "/users.json").json_body(&serde_json::json!({ "password": PLANTED[1] }));
    output.value(raw().header("x-extra".parse().expect("a name"), PLANTED[5]).query("token", PLANTED[3]));
    output.result(
        raw().header("x-extra".parse().expect("a name"), PLANTED[5]).query("token", PLANTED[3]).into_call().await,
    );
    let get = client.raw(Method::GET, "/files/tree/a.bin").idempotency(Idempotency::Safe);
    output.result(get.into_call().await);
}

/// Transfers with the storage through presigned URLs, which are secrets.
async fn transfers(client: &Client, output: &mut Output) {
    let folder = TempDir::new().expect("a folder");
    let checkpoints = Arc::new(Mutex::new(Vec::new()));
    let recorder = Arc::clone(&checkpoints);
    let content = pattern(1, 0, 3 * SMALL_PART - 7);
    let limit = Duration::from_millis(300);
    let request = client.files().upload("in/new.bin", Source::bytes(content.clone())).response_timeout(limit);
    let request = request.on_checkpoint(move |token| recorder.lock().expect("no panic").push(token.clone()));
    output.value(&request);
    let mut upload = request.start();
    output.value(&upload);
    output.result((&mut upload).await);
    output.value((&upload, upload.resume_token(), upload.progress().now()));
    for token in checkpoints.lock().expect("no panic").drain(..) {
        output.value(&token);
        output.0.push_str(&serde_json::to_string(&token).expect("a serializable token"));
    }
    let start = client.uploads().start("in/steps.bin").await;
    let reference = start.as_ref().map_or_else(|_| UploadRef::from("none"), |part| part.upload_ref.clone());
    output.result(start);
    output.result(client.uploads().part("in/steps.bin", &reference, 2).with_response().await);
    output.result(client.uploads().complete("in/steps.bin", &reference).await);

    output.result(client.files().download_url("tree/a.bin").with_response().await);
    let request = client.files().download("tree/a.bin").range_size(SMALL_PART as u64);
    output.value(&request);
    let download = request.to_file(folder.path().join("a.bin"));
    output.value(&download);
    output.result(download.join().await);
    match client.files().download("tree/a.bin").stream().await {
        Ok(mut stream) => {
            output.value(&stream);
            while let Some(chunk) = stream.try_next().await.transpose() {
                let ended = chunk.is_err();
                output.result(chunk.map(|chunk| chunk.len()));
                if ended {
                    break;
                }
            }
        }
        Err(error) => output.result::<(), _>(Err(error)),
    }
    let mut tree = client.folders().download_dir("tree").to_dir(folder.path().join("tree"));
    output.value(&tree);
    while let Some(item) = tree.next().await {
        output.value(&item);
        output.result(item.result);
    }
    // Partial files next to the target.
    for entry in std::fs::read_dir(folder.path()).expect("a folder").flatten() {
        let bytes = std::fs::read(entry.path()).unwrap_or_default();
        output.0.push_str(&String::from_utf8_lossy(&bytes));
    }
    output.result(client.folders().list("tree").try_collect_vec().await);
}

/// Services and storages that echo secrets in every field that an error prints.
async fn echoing_services<const XML: bool>(output: &mut Output, secrets: &mut Vec<String>) {
    let site: Brickftp<XML> = Brickftp::start().await;
    site.simulator.state().add_file("tree/a.bin", pattern(1, 0, 10));
    let client = site.client(ClientOptions::default());
    let session = site.simulator.state().add_session(site.simulator.state().users()[0].id);
    let visitor = client.with_authentication(Authentication::session(session.as_str())).expect("a session");
    let visitor = visitor.with_reauthentication(PLANTED[3]);
    secrets.push(session.clone());
    for secret in [site.simulator.api_key(), PLANTED[0].to_owned(), PLANTED[3].to_owned(), session] {
        let json = format!("{{\"error\":\"{secret} is bad: {secret}\",\"type\":\"{secret}\"}}");
        let escaped = secret.replace('&', "&amp;").replace('<', "&lt;");
        let xml = format!("<error><message>{escaped} is bad</message><type>{escaped}</type></error>");
        for fault in [
            Fault::status(400).body(json.clone()).header("x-request-id", &secret).header("location", &secret),
            Fault::status(422).body(xml.clone()),
            Fault::status(500).body(secret.clone()),
            Fault::replaced_body(json),
            Fault::replaced_body(xml),
            Fault::replaced_body(format!("<users type=\"array\"><user><id>{escaped}</id></user></users>")),
            Fault::replaced_body(format!("{{\"id\":\"{secret}\"}}")),
            Fault::redirect(302, &format!("http://user:{secret}@elsewhere.test/{secret}?{secret}")),
            Fault::raw(format!("HTTP/1.1 4\u{0}{secret}\r\n\r\n")),
        ] {
            site.faults().clear();
            site.faults().push(fault.always());
            let new = NewUser::new("made").password(PLANTED[0]);
            // A call redacts only the secrets that it sent itself.
            if [site.simulator.api_key(), PLANTED[0].to_owned()].contains(&secret) {
                output.result(client.users().create(new).await);
            } else {
                output.result(visitor.users().delete(site.target).await);
            }
        }
    }
    // The storage echoes the presigned URL.
    for fault in [
        Fault::status(403).body("<Error><Code>AccessDenied</Code><Message>no</Message></Error>"),
        Fault::redirect(307, "https://elsewhere.test/x?X-Amz-Signature=0"),
    ] {
        site.faults().clear();
        site.faults().push(fault.on("brickftp.storage.*"));
        output.result(client.files().download("tree/a.bin").bytes(100).await);
        output.result(client.files().upload("in/x", Source::bytes("x")).await);
    }
    secrets.extend(site.secrets());
}

async fn scan_format<const XML: bool>(output: &mut Output, secrets: &mut Vec<String>) {
    let honeypot = Honeypot::open().await;
    let mut faults = every_fault(honeypot.address(), Brickftp::<XML>::WIRE_FORMAT);
    // Runs without a fault first. Skips the slowest faults, which print nothing new.
    faults.retain(|(name, _)| !["late", "late after", "many headers"].contains(name));
    for fault in std::iter::once(None).chain(faults.into_iter().map(|(_, fault)| Some(fault))) {
        let site: Brickftp<XML> = Brickftp::start().await;
        site.simulator.state().add_file("tree/a.bin", pattern(1, 0, 3 * SMALL_PART - 7));
        let attempt_timeout = Duration::from_millis(if fault.is_some() { 150 } else { 10_000 });
        let client = site.client(ClientOptions { attempt_timeout, ..ClientOptions::default() }.attempts(2));
        secrets.extend(site.secrets());
        if let Some(fault) = fault {
            // About every third request is hit, so that later requests are covered as well.
            site.faults().push(fault.always().chance(0.3).seed(7));
            for call in
                Brickftp::<XML>::supported(&[CallKind::Read, CallKind::List, CallKind::Create, CallKind::Change])
            {
                output.result(site.call(&client, call).await);
            }
        } else {
            operations(&site, &client, output).await;
        }
        transfers(&client, output).await;
        for exchange in site.journal() {
            output.value(&exchange);
            let _ = writeln!(output.0, "{exchange}");
        }
        output.value((&site.simulator, site.faults()));
        secrets.extend(site.secrets());
        // Includes the ids of closed sessions.
        let journal = site.journal();
        let cookies = journal.iter().filter_map(|exchange| exchange.header("cookie")?.split_once('='));
        secrets.extend(cookies.map(|(_, id)| id.to_owned()));
    }
    echoing_services::<XML>(output, secrets).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_output_contains_a_secret() {
    capture_logs();
    let mut output = Output::default();
    let mut secrets: Vec<String> = PLANTED.iter().map(|secret| (*secret).to_owned()).collect();
    scan_format::<false>(&mut output, &mut secrets).await;
    scan_format::<true>(&mut output, &mut secrets).await;
    for url in ["https://user:mrk-Url:Word@host.test/", "https://host.test/?X-Amz-Signature=mrk-Url:Word"] {
        output.result(Client::builder("acme", Authentication::api_key(PLANTED[0])).base_url(url).build());
    }
    secrets.push("mrk-Url:Word".to_owned());
    output.result(Client::builder("acme", Authentication::api_key(format!("{}\n", PLANTED[0]))).build());
    output.value(Secret::from(PLANTED[0]));

    assert_no_leaks(
        &output,
        &Secrets::new(secrets),
        &["http_request", "mft_call", "retrying", "presigned_url", "brickftp.users.update"],
        &[
            ("Error {", 100),
            ("User {", 20),
            ("Exchange {", 100),
            ("UploadPart {", 4),
            ("ResumeToken", 4),
            ("download_uri", 4),
            ("SessionGuard {", 2),
        ],
    );
    // No signed query may appear at all. Only parameter names and placeholders may appear.
    for text in [&output.0, &logged()] {
        let is_shown = |after: &str| !after.starts_with('…') && !after.starts_with("REDACTED");
        let mut signed = text.match_indices("X-Amz-Signature=");
        let unredacted = signed.find(|(place, name)| is_shown(&text[place + name.len()..]));
        assert_eq!(unredacted.map(|(place, _)| &text[place.saturating_sub(200)..place]), None);
    }
}
