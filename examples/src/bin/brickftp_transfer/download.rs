//! From the site to this machine.

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
        None => Err(format!("there is no {remote:?} on the site").into()),
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
        // Where there is none, there is nothing to go on with either.
        let _ = std::fs::remove_file(&part);
    }
    let mut download = client.files().download(remote).parallel(options.parallel).to_file(local);
    let meter = Meter::follow(remote, Unit::Parts, download.progress());
    let ended = tokio::select! {
        ended = download.join() => Some(ended),
        () = interrupted() => None,
    };
    let was_stopped = ended.is_none();
    if was_stopped {
        download.abort().await;
    }
    let (_, said) = meter.end().await;
    let go_on = || {
        let kept = part.exists().then(|| format!("The same command goes on with what is in {}.", part.display()));
        kept.unwrap_or_default()
    };
    match ended {
        Some(Ok(_)) => {
            println!("{}: {said}", clean(&local.display().to_string()));
            Ok(())
        }
        Some(Err(error)) => Err(explained(&error, &go_on())),
        None => Err(format!("stopped: {} is not complete\n{}", local.display(), go_on()).into()),
    }
}

async fn folder(client: &Client, remote: &str, local: &Path, options: Options) -> Result<(), Failure> {
    let mut transfer = client.folders().download_dir(remote, local).parallel(options.parallel);
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
    // Dropping it ends what is under way.
    drop(transfer);
    let (_, said) = meter.end().await;
    tally.end(
        &said,
        was_stopped
            .then_some("Files above are complete, others are in .part files, which the same command goes on with."),
    )
}
