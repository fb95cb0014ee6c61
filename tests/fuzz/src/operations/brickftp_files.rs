//! BrickFTP: files, folders and history.

use brickftp::{Client, Destination, ExportFormat, HistoryScope, UploadRef, UserId, WalkError};
use mft_common::Error;

use super::brickftp::client;
use super::{CallResult, Options, boxed, collect_paged};
use crate::transport::ScriptedTransport;

pub(super) async fn perform(transport: &ScriptedTransport, operation: u8, options: Options) -> CallResult {
    let client = client(transport, options);
    let (files, folders, uploads) = (client.files(), client.folders(), client.uploads());
    let history = client.history();
    match operation % 24 {
        0 => boxed(files.stat("in/a")).await,
        1 => boxed(files.download_url("in/a")).await,
        2 => boxed(files.rename("in/a", Destination::new("in/b"))).await,
        3 => boxed(files.copy("in/a", Destination::new("in/b"))).await,
        4 => boxed(files.copy_structure("in/a", Destination::new("in/b"))).await,
        5 => boxed(files.delete("in/a")).await,
        6 => boxed(files.delete_recursive("in/a")).await,
        7 => collect_paged(folders.list("in"), options).await,
        8 => boxed(folders.create("in/a")).await,
        9 => boxed(folders.count("in")).await,
        10 => boxed(folders.count_direct("in")).await,
        11 => boxed(folders.size("in")).await,
        12 => boxed(walk_tree(&client, options)).await,
        13 => boxed(uploads.start("in/a")).await,
        14 => boxed(uploads.part("in/a", &UploadRef::from("put-1"), 2)).await,
        15 => boxed(uploads.complete("in/a", &UploadRef::from("put-1"))).await,
        16 => collect_paged(history.logins(), options).await,
        17 => collect_paged(history.user(UserId::new(41)), options).await,
        18 => collect_paged(history.folder("in"), options).await,
        19 => collect_paged(history.file("in/a"), options).await,
        20 => boxed(history.export(HistoryScope::Site, ExportFormat::Csv)).await,
        21 => boxed(client.behaviors().list_for_folder_recursive("in").try_collect_vec()).await,
        22 => boxed(folders.create("in")).await,
        _ => boxed(files.stat("")).await,
    }
}

/// Collects a tree, or returns its first failure.
async fn walk_tree(client: &Client, options: Options) -> Result<Vec<brickftp::File>, Error> {
    let (mut files, mut failed) = (Vec::new(), None);
    let mut walk = client.folders().walk("in").breadth(if options.prefetch() { 3 } else { 1 });
    if options.small_pages() {
        walk = walk.page_size(1);
    }
    while let Some(entry) = walk.next().await {
        match entry {
            Ok(file) => files.push(file),
            Err(error) => {
                let WalkError { error, .. } = error;
                failed = failed.or(error.operation().is_some().then_some(error));
            }
        }
    }
    failed.map_or(Ok(files), Err)
}
