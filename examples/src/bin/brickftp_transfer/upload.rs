//! From this machine to the site.

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
    let looked = fs::metadata(local).map_err(|error| format!("{}: {error}", local.display()))?;
    // The library takes one slash in front and none behind; who types paths is used to both.
    let target = remote.trim_matches('/');
    if looked.is_dir() {
        return folder(client, local, target, options).await;
    }
    let is_folder = remote.ends_with('/') || is_remote_folder(client, target).await? == Some(true);
    if !is_folder {
        return file(client, local, target, options).await;
    }
    let name = local.file_name().and_then(|name| name.to_str()).ok_or("the file's name is not Unicode")?;
    file(client, local, &joined(target, name), options).await
}

/// What was left by an earlier run, if it fits.
fn earlier(kept: &TokenFile, remote: &str, options: Options) -> Result<Option<ResumeToken>, Failure> {
    if options.restart {
        return Ok(None);
    }
    let Some(token) = kept.read()? else { return Ok(None) };
    if token.destination() == remote {
        return Ok(Some(token));
    }
    Err(format!(
        "{} belongs to an upload to {:?}, which was not finished. Finish that one first, or add --restart.",
        kept.path().display(),
        token.destination()
    )
    .into())
}

async fn file(client: &Client, local: &Path, remote: &str, options: Options) -> Result<(), Failure> {
    let kept = TokenFile::beside(local);
    let mut token = earlier(&kept, remote, options)?;
    loop {
        let resumes = token.is_some();
        if let Some(token) = &token {
            eprintln!("Goes on with an upload that was stopped: {} parts are at the service.", token.parts_done());
        }
        match attempt(client, local, remote, options, &kept, token.take()).await? {
            // The service keeps an upload for about a day, and the token fits one version of one file.
            Err(error) if resumes && (error.is_not_found() || error.is_invalid_input()) => {
                eprintln!("That upload cannot be gone on with, so it begins anew: {}", clean(&error.to_string()));
            }
            Err(error) if kept.path().exists() => {
                let go_on = format!("The same command goes on; {} says where.", kept.path().display());
                return Err(explained(&error, &go_on));
            }
            Err(error) => return Err(explained(&error, "")),
            Ok(()) => return Ok(()),
        }
    }
}

/// Uploads until the end, or until Ctrl-C, which fails for good.
async fn attempt(
    client: &Client,
    local: &Path,
    remote: &str,
    options: Options,
    kept: &TokenFile,
    token: Option<ResumeToken>,
) -> Result<Result<(), Error>, Failure> {
    let unkept = Arc::new(Mutex::new(None));
    let request = client.files().upload(remote, Source::file(local)).parallel(options.parallel).on_checkpoint({
        let (kept, unkept) = (kept.clone(), Arc::clone(&unkept));
        move |token| *unkept.lock().unwrap_or_else(PoisonError::into_inner) = kept.write(token).err()
    });
    let mut upload = match token {
        Some(token) => request.resume(token),
        None => request.start(),
    };
    let meter = Meter::follow(remote, Unit::Parts, upload.progress());
    let ended = tokio::select! {
        ended = upload.join() => Some(ended),
        () = interrupted() => None,
    };
    if let Some(error) = unkept.lock().unwrap_or_else(PoisonError::into_inner).take() {
        eprintln!("warning: {}: {error}; this upload cannot be gone on with later", kept.path().display());
    }
    match ended {
        Some(Ok(file)) => {
            kept.remove();
            let (_, said) = meter.end().await;
            println!("{}: {said}{}", clean(&file.path), sums(&file));
            Ok(Ok(()))
        }
        Some(Err(error)) => {
            if upload.resume_token().is_none() {
                kept.remove();
            }
            drop(upload);
            meter.end().await;
            Ok(Err(error))
        }
        None => Err(stopped(upload, meter, remote, kept).await),
    }
}

async fn stopped(upload: Upload<File>, meter: Meter, remote: &str, kept: &TokenFile) -> Failure {
    let aborted = upload.abort().await;
    meter.end().await;
    match (aborted.outcome, aborted.resume_token) {
        (Outcome::Done, _) => {
            kept.remove();
            format!("stopped, but the upload had just ended: {remote} is there").into()
        }
        (Outcome::Unknown, _) => {
            format!("stopped while the upload was being completed: look whether {remote} is there").into()
        }
        (Outcome::NotDone, Some(token)) => {
            let known = kept.write(&token).map_or_else(
                |error| format!("{}: {error}; the next run begins anew", kept.path().display()),
                |()| format!("The same command goes on; {} says where.", kept.path().display()),
            );
            format!("stopped: {} parts are at the service, and no file yet\n{known}", token.parts_done()).into()
        }
        (Outcome::NotDone, None) => "stopped before anything was sent".into(),
    }
}

fn sums(file: &File) -> String {
    file.md5.as_deref().map_or_else(String::new, |md5| format!("; md5 {md5}"))
}

async fn folder(client: &Client, local: &Path, remote: &str, options: Options) -> Result<(), Failure> {
    let mut transfer = client.folders().upload_dir(local, remote).parallel(options.parallel);
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
    // Dropping it ends what is under way.
    drop(transfer);
    let (_, said) = meter.end().await;
    tally.end(&said, was_stopped.then_some("What is listed above is there. The same command uploads everything again."))
}
