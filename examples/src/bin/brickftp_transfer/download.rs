//! Downloads.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use brickftp::Client;
use mft_examples::{Failure, clean};

use crate::meter::{Meter, Unit};
use crate::tally::Tally;
use crate::{Options, explained, interrupted, is_remote_folder, remote_name, shown};

pub(crate) async fn download(client: &Client, remote: &str, local: &Path, options: Options) -> Result<(), Failure> {
    let remote = remote.trim_matches('/');
    match is_remote_folder(client, remote).await? {
        None => Err(format!("{remote:?} does not exist on the site").into()),
        Some(true) => folder(client, remote, local, options).await,
        Some(false) if local.is_dir() => file(client, remote, &local.join(remote_name(remote)), options).await,
        Some(false) => file(client, remote, local, options).await,
    }
}

fn part_of(local: &Path) -> PathBuf {
    let mut path = OsString::from(local);
    path.push(".part");
    path.into()
}

async fn file(client: &Client, remote: &str, local: &Path, options: Options) -> Result<(), Failure> {
    let part = part_of(local);
    if options.restart {
        // Without a partial file, there is nothing to resume.
        let _ = std::fs::remove_file(&part);
    }
    let mut download = client.files().download(remote).parallel(options.parallel).to_file(local);
    let meter = Meter::follow(remote, Unit::Parts, download.progress());
    let ended = tokio::select! {
        ended = &mut download => Some(ended),
        () = interrupted() => None,
    };
    let was_stopped = ended.is_none();
    if was_stopped {
        download.abort().await;
    }
    let (_, summary) = meter.end().await;
    let go_on = || {
        let advice = part.exists().then(|| format!("Run the same command to resume from {}.", part.display()));
        advice.unwrap_or_default()
    };
    match ended {
        Some(Ok(_)) => {
            println!("{}: {summary}", clean(&local.display().to_string()));
            Ok(())
        }
        Some(Err(error)) => Err(explained(&error, &go_on())),
        None => Err(format!("stopped: {} is incomplete\n{}", local.display(), go_on()).into()),
    }
}

async fn folder(client: &Client, remote: &str, local: &Path, options: Options) -> Result<(), Failure> {
    let mut transfer = client.folders().download_dir(remote).to_dir(local).parallel(options.parallel);
    let name = if remote.is_empty() { "/" } else { remote };
    let meter = Meter::follow(name, Unit::Files, transfer.progress());
    let mut tally = Tally::default();
    let was_stopped = loop {
        let item = tokio::select! {
            item = transfer.next() => item,
            () = interrupted() => break true,
        };
        let Some(item) = item else { break false };
        let place = shown(item.local.as_deref(), item.remote.as_deref());
        match item.result {
            Ok(None) => tally.folder(&meter, &place),
            Ok(Some(file)) => tally.file(&meter, &place, file.size_or_zero()),
            Err(error) => tally.failed(&meter, &place, &error),
        }
    };
    // Dropping it cancels the transfers in flight.
    drop(transfer);
    let (_, summary) = meter.end().await;
    tally.end(
        &summary,
        was_stopped.then_some(
            "The files listed above are complete. Run the same command to resume the others from their .part files.",
        ),
    )
}
