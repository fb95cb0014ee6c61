//! Every fault at every wire interaction of BrickFTP's helpers and of the flows that applications build from calls.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use brickftp::transfer::Source;
use brickftp::{Client, Error, HistoryQuery, ListFolder, NewUser, Result, UserUpdate};
use mft_simulator::{Fault, pattern};
use mft_tests::conformance::{every_fault, quick_faults};
use mft_tests::support::Trap;
use mft_tests::sweep::{Figures, Flow, begin};
use mft_tests::{Brickftp, Provider, SMALL_PART};
use tempfile::TempDir;

/// Three parts, or three ranges.
const SIZE: usize = 3 * SMALL_PART - 7;

/// What copies a tree, or deletes one, has minutes for each attempt.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// One flow: a name and a block with the client and the site.
macro_rules! flows {
    ($($name:literal: |$site:ident, $client:ident| $(let $seed:ident = $value:expr;)* $work:block),+ $(,)?) => {
        vec![$(Flow {
            name: $name,
            prepare,
            run: |$site: &Brickftp<XML>, $client: Client| {
                $(let $seed = $value;)*
                begin(async move { $work })
            },
        }),+]
    };
}

/// Files in folders, and a past.
fn prepare<const XML: bool>(site: &Brickftp<XML>) {
    let state = site.simulator.state();
    state.add_file("tree/a.bin", pattern(1, 0, SIZE));
    state.add_file("tree/below/b.bin", pattern(2, 0, 10));
    state.add_file("tree/c.bin", Vec::new());
    for _ in 0..5 {
        state.add_event(|event| event.path = Some("tree/a.bin".into()));
    }
}

/// What is in a folder of this machine. A file under its own name has to be whole, whatever happened; the others are
/// there for the next try to go on with.
fn check_local(folder: &Path, expected: &BTreeMap<&str, Vec<u8>>) -> Result<usize> {
    let mut whole = 0;
    for entry in std::fs::read_dir(folder).map_err(Error::other)? {
        let entry = entry.map_err(Error::other)?.path();
        if entry.is_dir() {
            whole += check_local(&entry, expected)?;
        } else if entry.extension().is_none_or(|extension| extension != "part") {
            let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let content = std::fs::read(&entry).map_err(Error::other)?;
            assert!(expected.get(name.as_str()) == Some(&content), "{name} is not whole: {} bytes", content.len());
            whole += 1;
        }
    }
    Ok(whole)
}

fn flows<const XML: bool>() -> Vec<Flow<Brickftp<XML>>> {
    flows! {
        "upload three parts": |_site, client| {
            let source = Source::bytes(pattern(3, 0, SIZE));
            let upload = client.files().upload("in/new.bin", source).response_timeout(Duration::from_millis(500));
            Ok(format!("{:?}", upload.await?.size))
        },
        "upload over a file": |_site, client| {
            let source = Source::stream(futures_util::stream::iter([Ok::<_, Error>(vec![7; 9].into())]), None);
            let upload = client.files().upload("tree/a.bin", source).response_timeout(Duration::from_millis(500));
            Ok(format!("{:?}", upload.await?.size))
        },
        "download by ranges": |_site, client| {
            let folder = TempDir::new().map_err(Error::other)?;
            let target = folder.path().join("a.bin");
            let request = client.files().download("tree/a.bin").range_size(SMALL_PART as u64).parallel(3).sync(false);
            let result = request.to_file(&target).await;
            let whole = check_local(folder.path(), &[("a.bin", pattern(1, 0, SIZE))].into())?;
            let done = result?;
            Ok(format!("{whole} file of {}", done.size))
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
            let (done, failed) = client.folders().download_dir("tree", folder.path()).finish().await;
            let a = pattern(1, 0, SIZE);
            let expected = [("a.bin", a), ("b.bin", pattern(2, 0, 10)), ("c.bin", Vec::new())].into();
            let whole = check_local(folder.path(), &expected)?;
            match failed.into_iter().find_map(|item| item.result.err()) {
                Some(error) => Err(error),
                None => Ok(format!("{done} done, {whole} files")),
            }
        },
        "list users over pages": |_site, client| {
            let users = client.users().list().page_size(1).try_collect_vec().await?;
            Ok(users.into_iter().filter_map(|user| user.username).collect::<Vec<_>>().join(" "))
        },
        "list a folder over pages": |_site, client| {
            let entries = client.folders().list("tree", ListFolder::new()).page_size(1).try_collect_vec().await?;
            Ok(entries.into_iter().map(|entry| entry.path).collect::<Vec<_>>().join(" "))
        },
        "list the history over pages": |_site, client| {
            let events = client.history().site(HistoryQuery::new()).page_size(2).try_collect_vec().await?;
            Ok(format!("{} events", events.len()))
        },
        "log in, look and log out": |site, client|
            let name = site.simulator.admin_username();
            let password = site.simulator.admin_password();
        {
            let session = client.sessions().login_guarded(name, password).await?;
            let count = session.users().count().await?;
            session.logout().await?;
            Ok(format!("{count} users"))
        },
        "find a user, or create it": |_site, client| {
            let user = match client.users().find("ada").await? {
                Some(user) => user,
                None => client.users().create(NewUser::new("ada").password("mrk-Chosen:Password@9%")).await?,
            };
            Ok(format!("{:?}", user.username))
        },
        "get and update a user": |site, client| let id = site.target; {
            let was = client.users().get(id).await?;
            let name = format!("{} no more", was.username.unwrap_or_default());
            Ok(format!("{:?}", client.users().update(id, UserUpdate::new().name(name)).await?.name))
        },
        "delete a user": |site, client| let id = site.target; {
            client.users().delete(id).await.map(|()| "deleted".to_owned())
        },
        "create a folder": |_site, client| {
            client.folders().create("tree/new").await.map(|()| "created".to_owned())
        },
        "copy a file": |_site, client| {
            client.files().copy("tree/a.bin", "tree/copy.bin").call_timeout(PATIENCE).await.map(|()| "copied".to_owned())
        },
        "move a file": |_site, client| {
            client.files().rename("tree/a.bin", "tree/moved.bin").await.map(|()| "moved".to_owned())
        },
        "delete a folder": |_site, client| {
            client.files().delete_recursive("tree").call_timeout(PATIENCE).await.map(|()| "deleted".to_owned())
        },
    }
}

/// No content is how the service says that a list is empty: said of one that is not, it is a lie that nothing tells.
async fn sweep<const XML: bool>(faults: &[(&'static str, Fault)]) -> Figures {
    let (lists, others): (Vec<_>, Vec<_>) =
        flows::<XML>().into_iter().partition(|flow| flow.name.starts_with("list") || flow.name == "download a tree");
    let mut of_lists = faults.to_vec();
    of_lists.retain(|(name, _)| *name != "204 after");
    let mut figures = Flow::sweep(&others, faults, &[]).await;
    let more = Flow::sweep(&lists, &of_lists, &[]).await;
    figures.swept += more.swept;
    figures.failures.extend(more.failures);
    figures
}

fn report(format: &str, figures: &Figures) {
    let passing = figures.swept - figures.failures.len();
    println!("BrickFTP in {format}: swept {}, passing {passing}", figures.swept);
    assert!(figures.failures.is_empty(), "{} of {}:\n{}", figures.failures.len(), figures.swept, {
        figures.failures.join("\n")
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_at_every_interaction_ends_in_the_clean_result_or_in_a_true_error() {
    let trap = Trap::open().await;
    let faults = every_fault(trap.address(), Brickftp::<false>::WIRE);
    report("JSON", &sweep::<false>(&faults).await);
    assert_eq!(trap.caught(), Vec::<String>::new());
}

/// What an earlier attempt left in doubt must not be forgotten by a later one. No 404 among them: said of what is there,
/// to the repeat of a deletion, it would be a lie.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_faults_in_a_row_end_so_too() {
    let trap = Trap::open().await;
    let pairs = ["reset after", "reset mid-body", "500 after", "503 with Retry-After", "403", "401"];
    let pairs: Vec<(&str, Fault)> = quick_faults(trap.address(), Brickftp::<false>::WIRE)
        .into_iter()
        .filter(|(name, _)| pairs.contains(name))
        .collect();
    assert_eq!(pairs.len(), 6);
    let mut flows = flows::<false>();
    let chosen =
        ["upload three parts", "download by ranges", "find a user, or create it", "move a file", "delete a folder"];
    flows.retain(|flow| chosen.contains(&flow.name));
    assert_eq!(flows.len(), chosen.len());
    let figures = Flow::sweep(&flows, &[], &pairs).await;
    report("JSON, two faults", &figures);
}

/// The faults whose bodies a client in XML reads in its own way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_in_xml() {
    let trap = Trap::open().await;
    let mut faults = quick_faults(trap.address(), Brickftp::<true>::WIRE);
    let chosen = ["truncated", "reset mid-body", "500 after", "401", "404", "login page", "storage error"];
    let chosen = [chosen.as_slice(), &["wrong body", "other object", "204 after", "502 in HTML"]].concat();
    faults.retain(|(name, _)| chosen.contains(name));
    assert_eq!(faults.len(), chosen.len());
    report("XML", &sweep::<true>(&faults).await);
}
