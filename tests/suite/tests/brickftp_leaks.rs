//! Plants secrets of BrickFTP everywhere, makes everything print itself, and looks for them.
//!
//! One test in a program of its own: it takes the process's subscriber, logger and panic hook.

mod printed;

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use brickftp::raw::{Idempotency, Method};
use brickftp::transfer::Source;
use brickftp::{
    Authentication, BundleAccess, Client, HistoryQuery, ListFolder, NewApiKey, NewBehavior, NewBundle, NewGroup,
    NewGroupUser, NewUser, Reauthentication, Secret, UploadRef, UserUpdate,
};
use mft_simulator::{Fault, pattern};
use mft_tests::conformance::every_fault;
use mft_tests::leak::Secrets;
use mft_tests::support::Trap;
use mft_tests::{Act, Brickftp, Provider, SMALL_PART, Tweaks};
use printed::{Printed, capture_everything, logged, search};
use tempfile::TempDir;

/// Those that the test itself plants, beside those of the simulator's state and journal.
const PLANTED: [&str; 6] = [
    "mrk-Chosen:Password@9%",
    "mrk-Other:Password@8%A1",
    "mrk-Bundle:Word/4+",
    "mrk-Wrong:Reauth@4%A1",
    "mrk-Session-Id-2",
    "mrk-Header-Value-1",
];

/// Calls whose requests or replies hold secrets, and the `Debug` of everything that takes part.
async fn operations<const XML: bool>(site: &Brickftp<XML>, client: &Client, printed: &mut Printed) {
    let id = site.target;
    printed.value((client, client.sessions(), client.users(), client.files(), client.bundles()));
    let new = NewUser::new("made").password(PLANTED[0]).password_confirmation(PLANTED[0]);
    printed.value((&new, client.users().create(new.clone()), client.users().list()));
    printed.result(client.users().create(new).with_response().await);
    let change = UserUpdate::new().password(PLANTED[1]);
    printed.value((&change, client.users().update(id, change.clone())));
    printed.result(client.users().update(id, change).await);
    printed.result(client.users().list().into_pages().try_next().await);
    let key = client.api_keys().create(id, NewApiKey::new("key")).with_response().await;
    printed.result(key);
    printed.result(client.api_keys().list(id).try_collect_vec().await);
    let group = client.groups().create(NewGroup::new("group")).await;
    if let Ok(group) = &group {
        printed.result(client.groups().create_user(group.id, NewGroupUser::new("bea").password(PLANTED[0])).await);
    }
    printed.result(group);

    let new = NewBundle::new(["tree"]).password(PLANTED[2]);
    printed.value(&new);
    let bundle = client.bundles().create(new).await;
    let code = bundle.as_ref().ok().and_then(|bundle| bundle.code.clone()).unwrap_or_else(|| "none".to_owned());
    printed.result(bundle);
    for password in [PLANTED[2], PLANTED[3]] {
        let access = BundleAccess::new(code.as_str()).password(password);
        printed.value((&access, client.bundles().contents(&access, "tree")));
        printed.result(client.bundles().contents(&access, "tree").try_collect_vec().await);
        printed.result(client.bundles().download_urls(&access, ["tree/a.bin"]).await);
    }
    printed.result(client.behaviors().create(NewBehavior::webhook("tree", ["https://example.net/h"])).await);
    printed.result(client.history().site(HistoryQuery::new()).try_collect_vec().await);

    let anonymous = client.with_authentication(Authentication::anonymous());
    printed.value(client.sessions().login("target", PLANTED[3]));
    printed.result(client.sessions().login("target", PLANTED[3]).await);
    printed.result(anonymous);
    printed.value((Authentication::session(PLANTED[4]), Reauthentication::new(PLANTED[3]).on_every_call()));
    if let Ok(stranger) = client.with_authentication(Authentication::session(PLANTED[4])) {
        printed.value(&stranger);
        printed.result(stranger.users().count().await);
        printed.result(stranger.with_reauthentication(PLANTED[3]).users().delete(id).await);
    }
    let password = site.simulator.admin_password();
    match client.sessions().login_guarded(site.simulator.admin_username(), password.as_str()).await {
        Ok(session) => {
            printed.value(&session);
            printed.value(session.with_reauthentication(PLANTED[3]));
            printed.result(session.with_reauthentication(PLANTED[3]).users().delete(id).await);
            printed.result(session.with_reauthentication(password).users().delete(id).await);
            printed.result(session.logout().await);
        }
        Err(error) => printed.result::<()>(Err(error)),
    }
    let raw = || client.raw(Method::POST, "/users.json").json_body(&serde_json::json!({ "password": PLANTED[1] }));
    printed.value(raw().header("x-extra".parse().expect("a name"), PLANTED[5]).query("token", PLANTED[3]));
    printed.result(
        raw().header("x-extra".parse().expect("a name"), PLANTED[5]).query("token", PLANTED[3]).into_call().await,
    );
    let get = client.raw(Method::GET, "/files/tree/a.bin").idempotency(Idempotency::Safe);
    printed.result(get.into_call().await);
}

/// Bytes to and from the storage, by addresses that are secrets.
async fn transfers(client: &Client, printed: &mut Printed) {
    let folder = TempDir::new().expect("a folder");
    let checkpoints = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&checkpoints);
    let content = pattern(1, 0, 3 * SMALL_PART - 7);
    let limit = Duration::from_millis(300);
    let request = client.files().upload("in/new.bin", Source::bytes(content.clone())).response_timeout(limit);
    let request = request.on_checkpoint(move |token| told.lock().expect("no panic").push(token.clone()));
    printed.value(&request);
    let mut upload = request.start();
    printed.value(&upload);
    printed.result(upload.join().await);
    printed.value((&upload, upload.resume_token(), upload.progress().now()));
    for token in checkpoints.lock().expect("no panic").drain(..) {
        printed.value(&token);
        printed.0.push_str(&serde_json::to_string(&token).expect("a token is text"));
    }
    let start = client.uploads().start("in/steps.bin").await;
    let reference = start.as_ref().map_or_else(|_| UploadRef::from("none"), |part| part.upload_ref.clone());
    printed.result(start);
    printed.result(client.uploads().part("in/steps.bin", &reference, 2).with_response().await);
    printed.result(client.uploads().complete("in/steps.bin", &reference).await);

    printed.result(client.files().download_url("tree/a.bin").with_response().await);
    let request = client.files().download("tree/a.bin").range_size(SMALL_PART as u64);
    printed.value(&request);
    let mut download = request.to_file(folder.path().join("a.bin"));
    printed.value(&download);
    printed.result(download.join().await);
    match client.files().download("tree/a.bin").stream().await {
        Ok(mut stream) => {
            printed.value(&stream);
            while let Some(chunk) = stream.try_next().await.transpose() {
                let ended = chunk.is_err();
                printed.result(chunk.map(|chunk| chunk.len()));
                if ended {
                    break;
                }
            }
        }
        Err(error) => printed.result::<()>(Err(error)),
    }
    let mut tree = client.folders().download_dir("tree", folder.path().join("tree"));
    printed.value(&tree);
    while let Some(item) = tree.next().await {
        printed.value(&item);
        printed.result(item.result);
    }
    // What is beside the target for the next try.
    for entry in std::fs::read_dir(folder.path()).expect("a folder").flatten() {
        let bytes = std::fs::read(entry.path()).unwrap_or_default();
        printed.0.push_str(&String::from_utf8_lossy(&bytes));
    }
    printed.result(client.folders().list("tree", ListFolder::new()).try_collect_vec().await);
}

/// Services and storages that repeat what they were sent, in every place that an error shows.
async fn echoes<const XML: bool>(printed: &mut Printed, secrets: &mut Vec<String>) {
    let site: Brickftp<XML> = Brickftp::start().await;
    site.simulator.state().add_file("tree/a.bin", pattern(1, 0, 10));
    let client = site.client(Tweaks::default());
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
            // Each call masks what it sent itself; nobody knows another one's secrets.
            if [site.simulator.api_key(), PLANTED[0].to_owned()].contains(&secret) {
                printed.result(client.users().create(new).await);
            } else {
                printed.result(visitor.users().delete(site.target).await);
            }
        }
    }
    // The storage shows the address that it was called by.
    for fault in [
        Fault::status(403).body("<Error><Code>AccessDenied</Code><Message>no</Message></Error>"),
        Fault::redirect(307, "https://elsewhere.test/x?X-Amz-Signature=0"),
    ] {
        site.faults().clear();
        site.faults().push(fault.on("brickftp.storage.*"));
        printed.result(client.files().download("tree/a.bin").bytes(100).await);
        printed.result(client.files().upload("in/x", Source::bytes("x")).await);
    }
    secrets.extend(site.secrets());
}

async fn everything_in<const XML: bool>(printed: &mut Printed, secrets: &mut Vec<String>) {
    let trap = Trap::open().await;
    let mut faults = every_fault(trap.address(), Brickftp::<XML>::WIRE);
    // Without a fault first, and without those that take longest and print nothing new.
    faults.retain(|(name, _)| !["late", "late after", "many headers"].contains(name));
    for fault in std::iter::once(None).chain(faults.into_iter().map(|(_, fault)| Some(fault))) {
        let site: Brickftp<XML> = Brickftp::start().await;
        site.simulator.state().add_file("tree/a.bin", pattern(1, 0, 3 * SMALL_PART - 7));
        let attempt_timeout = Duration::from_millis(if fault.is_some() { 150 } else { 10_000 });
        let client = site.client(Tweaks { attempt_timeout, ..Tweaks::default() }.attempts(2));
        secrets.extend(site.secrets());
        if let Some(fault) = fault {
            // Every third request or so meets it, so that what comes later is seen as well.
            site.faults().push(fault.always().chance(0.3).seed(7));
            for act in Brickftp::<XML>::acts(&[Act::Read, Act::List, Act::Create, Act::Change]) {
                printed.result(site.act(&client, act).await);
            }
        } else {
            operations(&site, &client, printed).await;
        }
        transfers(&client, printed).await;
        for exchange in site.journal() {
            printed.value(&exchange);
            let _ = writeln!(printed.0, "{exchange}");
        }
        printed.value((&site.simulator, site.faults()));
        secrets.extend(site.secrets());
        // Of sessions that are over too.
        let journal = site.journal();
        let cookies = journal.iter().filter_map(|exchange| exchange.header("cookie")?.split_once('='));
        secrets.extend(cookies.map(|(_, id)| id.to_owned()));
    }
    echoes::<XML>(printed, secrets).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_is_printed_holds_a_secret() {
    capture_everything();
    let mut printed = Printed::default();
    let mut secrets: Vec<String> = PLANTED.iter().map(|secret| (*secret).to_owned()).collect();
    everything_in::<false>(&mut printed, &mut secrets).await;
    everything_in::<true>(&mut printed, &mut secrets).await;
    for url in ["https://user:mrk-Url:Word@host.test/", "https://host.test/?X-Amz-Signature=mrk-Url:Word"] {
        printed.result(Client::builder("acme", Authentication::api_key(PLANTED[0])).base_url(url).build());
    }
    secrets.push("mrk-Url:Word".to_owned());
    printed.result(Client::builder("acme", Authentication::api_key(format!("{}\n", PLANTED[0]))).build());
    printed.value(Secret::from(PLANTED[0]));

    search(
        &printed,
        &Secrets::new(secrets),
        &["http_request", "mft_call", "retrying", "signed_url", "brickftp.users.update"],
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
    // Not only the signatures that came through: no signed query at all. Its names are shown, and stand-ins for values.
    for text in [&printed.0, &logged()] {
        let is_shown = |after: &str| !after.starts_with('…') && !after.starts_with("REDACTED");
        let mut signed = text.match_indices("X-Amz-Signature=");
        let shown = signed.find(|(place, name)| is_shown(&text[place + name.len()..]));
        assert_eq!(shown.map(|(place, _)| &text[place.saturating_sub(200)..place]), None);
    }
}
