//! BrickFTP: files and folders, and what happened to them.

use brickftp::{
    Client, ExportFormat, HistoryPage, HistoryQuery, HistoryScope, ListFolder, UploadRef, UserId, WalkError,
};
use mft_common::Error;

use super::brickftp::client;
use super::{Ended, Options, paged, told};
use crate::server::Server;

pub(super) async fn perform(server: &Server, operation: u8, options: Options) -> Ended {
    let client = client(server, options);
    let (files, folders, uploads) = (client.files(), client.folders(), client.uploads());
    let history = client.history();
    match operation % 24 {
        0 => told(files.stat("in/a")).await,
        1 => told(files.download_url("in/a")).await,
        2 => told(files.rename("in/a", "in/b")).await,
        3 => told(files.copy("in/a", "in/b")).await,
        4 => told(files.copy_structure("in/a", "in/b")).await,
        5 => told(files.delete("in/a")).await,
        6 => told(files.delete_recursive("in/a")).await,
        7 => paged(folders.list("in", ListFolder::new()), options).await,
        8 => told(folders.create("in/a")).await,
        9 => told(folders.count("in")).await,
        10 => told(folders.count_direct("in")).await,
        11 => told(folders.size("in")).await,
        12 => told(walked(&client, options)).await,
        13 => told(uploads.start("in/a")).await,
        14 => told(uploads.part("in/a", &UploadRef::from("put-1"), 2)).await,
        15 => told(uploads.complete("in/a", &UploadRef::from("put-1"))).await,
        16 => paged(history.logins(HistoryQuery::new()), options).await,
        17 => paged(history.user(UserId::new(41), HistoryQuery::new()), options).await,
        18 => paged(history.folder("in", HistoryQuery::new()), options).await,
        19 => paged(history.file("in/a", HistoryQuery::new()), options).await,
        20 => told(history.export(HistoryScope::Site, ExportFormat::Csv, HistoryPage::new())).await,
        21 => told(client.behaviors().list_for_folder_recursive("in").try_collect_vec()).await,
        22 => told(folders.create("in")).await,
        _ => told(files.stat("")).await,
    }
}

/// A tree whole, or the first failure in it.
async fn walked(client: &Client, options: Options) -> Result<Vec<brickftp::File>, Error> {
    let (mut found, mut failed) = (Vec::new(), None);
    let mut walk = client.folders().walk("in").breadth(if options.prefetch() { 3 } else { 1 });
    if options.small_pages() {
        walk = walk.page_size(1);
    }
    while let Some(entry) = walk.next().await {
        match entry {
            Ok(file) => found.push(file),
            Err(error) => {
                let WalkError { error, .. } = error;
                failed = failed.or(error.operation().is_some().then_some(error));
            }
        }
    }
    failed.map_or(Ok(found), Err)
}
