//! Uploads.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use brickftp::transfer::{ResumeToken, Source, Upload};
use brickftp::{Client, Error, File, Outcome};
use mft_examples::{Failure, clean};

use crate::meter::{Meter, Unit};
use crate::tally::Tally;
use crate::token_file::TokenFile;
use crate::{Options, explained, interrupted, is_remote_folder, joined, shown};

pub(crate) async fn upload(client: &Client, local: &Path, remote: &str, options: Options) -> Result<(), Failure> {
    let metadata = fs::metadata(local).map_err(|error| format!("{}: {error}", local.display()))?;
    // The library accepts one leading slash and no trailing slash. Users type both.
    let target = remote.trim_matches('/');
    if metadata.is_dir() {
        return folder(client, local, target, options).await;
    }
    let is_folder = remote.ends_with('/') || is_remote_folder(client, target).await? == Some(true);
    if !is_folder {
        return file(client, local, target, options).await;
    }
    let name = local.file_name().and_then(|name| name.to_str()).ok_or("the file name is not Unicode")?;
    file(client, local, &joined(target, name), options).await
}

/// Returns the token of an earlier run if it matches.
fn earlier(token_file: &TokenFile, remote: &str, options: Options) -> Result<Option<ResumeToken>, Failure> {
    if options.restart {
        return Ok(None);
    }
    let Some(token) = token_file.read()? else { return Ok(None) };
    if token.destination() == remote {
        return Ok(Some(token));
    }
    Err(format!(
        "{} belongs to an unfinished upload to {:?}. Finish that upload first, or add --restart.",
        token_file.path().display(),
        token.destination()
    )
    .into())
}

async fn file(client: &Client, local: &Path, remote: &str, options: Options) -> Result<(), Failure> {
    let token_file = TokenFile::beside(local);
    let mut token = earlier(&token_file, remote, options)?;
    loop {
        let resumes = token.is_some();
        if let Some(token) = &token {
            eprintln!("Resuming a stopped upload: the service has {} parts.", token.parts_done());
        }
        match attempt(client, local, remote, options, &token_file, token.take()).await? {
            // The service may have forgotten the upload, and the token fits one version of one file.
            Err(error) if resumes && (error.is_not_found() || error.is_invalid_input()) => {
                eprintln!("The upload cannot be resumed and starts over: {}", clean(&error.to_string()));
            }
            Err(error) if token_file.path().exists() => {
                let go_on = format!("Run the same command to resume; {} has the state.", token_file.path().display());
                return Err(explained(&error, &go_on));
            }
            Err(error) => return Err(explained(&error, "")),
            Ok(()) => return Ok(()),
        }
    }
}

/// Uploads to the end, or fails on Ctrl-C.
async fn attempt(
    client: &Client,
    local: &Path,
    remote: &str,
    options: Options,
    token_file: &TokenFile,
    token: Option<ResumeToken>,
) -> Result<Result<(), Error>, Failure> {
    let save_error = Arc::new(Mutex::new(None));
    let request = client.files().upload(remote, Source::file(local)).parallel(options.parallel).on_checkpoint({
        let (token_file, save_error) = (token_file.clone(), Arc::clone(&save_error));
        move |token| *save_error.lock().unwrap_or_else(PoisonError::into_inner) = token_file.write(token).err()
    });
    let mut upload = match token {
        Some(token) => request.resume(token),
        None => request.start(),
    };
    let meter = Meter::follow(remote, Unit::Parts, upload.progress());
    let ended = tokio::select! {
        ended = &mut upload => Some(ended),
        () = interrupted() => None,
    };
    if let Some(error) = save_error.lock().unwrap_or_else(PoisonError::into_inner).take() {
        eprintln!("warning: {}: {error}; this upload cannot be resumed later", token_file.path().display());
    }
    match ended {
        Some(Ok(file)) => {
            token_file.remove();
            let (_, summary) = meter.end().await;
            println!("{}: {summary}{}", clean(&file.path), sums(&file));
            Ok(Ok(()))
        }
        Some(Err(error)) => {
            if error.resume_token.is_none() {
                token_file.remove();
            }
            drop(upload);
            meter.end().await;
            Ok(Err(error.into()))
        }
        None => Err(stopped(upload, meter, remote, token_file).await),
    }
}

async fn stopped(upload: Upload<File>, meter: Meter, remote: &str, token_file: &TokenFile) -> Failure {
    let aborted = upload.abort().await;
    meter.end().await;
    match (aborted.outcome, aborted.resume_token) {
        (Outcome::Done, _) => {
            token_file.remove();
            format!("stopped, but the upload had already completed: {remote} exists").into()
        }
        (Outcome::Unknown, _) => format!("stopped during completion: check whether {remote} exists").into(),
        (Outcome::NotDone, Some(token)) => {
            let advice = token_file.write(&token).map_or_else(
                |error| format!("{}: {error}; the next run starts over", token_file.path().display()),
                |()| format!("Run the same command to resume; {} has the state.", token_file.path().display()),
            );
            format!("stopped: the service has {} parts, but no file yet\n{advice}", token.parts_done()).into()
        }
        (Outcome::NotDone, None) => "stopped before anything was sent".into(),
    }
}

fn sums(file: &File) -> String {
    file.md5.as_deref().map_or_else(String::new, |md5| format!("; md5 {md5}"))
}

async fn folder(client: &Client, local: &Path, remote: &str, options: Options) -> Result<(), Failure> {
    let mut transfer = client.folders().upload_dir(remote).from_dir(local).parallel(options.parallel);
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
            Ok(file) if file.is_folder() => tally.folder(&meter, &place),
            Ok(file) => tally.file(&meter, &place, file.size_or_zero()),
            Err(error) => tally.failed(&meter, &place, &error),
        }
    };
    // Dropping it cancels the transfers in flight.
    drop(transfer);
    let (_, summary) = meter.end().await;
    tally.end(
        &summary,
        was_stopped
            .then_some("The files listed above are uploaded. Running the same command uploads everything again."),
    )
}
