//! Folders and files, without transfers.

use brickftp::{Destination, ListFolder, SortBy, SortOrder};

use super::{Round, stored};
use crate::tour::{Stop, Walk, holds, same};

pub(super) async fn folders(walk: &mut Walk<'_>, round: &Round<'_>) -> Result<(), Stop> {
    let (client, state) = (&round.client, &round.state);
    round.section(walk, "Folders");
    for path in ["Tour", "Tour/in", "Tour/café 50% & more"] {
        walk.call("Create a folder", client.folders().create(path), |()| {
            holds(stored("folder", state.entry(path))?.is_folder, "it is a file, not a folder")?;
            Ok(format!("{path:?}"))
        })
        .await?;
    }
    let _ = state.add_file("Tour/in/small.txt", "small");
    let _ = state.add_file("Tour/in/large.txt", "larger than the other");
    let by_size = ListFolder::new().sort_by(SortBy::Size, SortOrder::Descending);
    walk.call("List one, largest first", client.folders().list_with("Tour/in", by_size).try_collect_vec(), |all| {
        let paths: Vec<_> = all.iter().map(|file| file.path.as_str()).collect();
        same("the paths", paths, vec!["Tour/in/large.txt", "Tour/in/small.txt"])?;
        Ok("two files".to_owned())
    })
    .await?;
    walk.call("Count its entries recursively", client.folders().count("Tour"), |count| Ok(format!("{count}"))).await?;
    walk.call("Count its direct entries", client.folders().count_direct("Tour"), |counts| {
        same("files and folders", (counts.files, counts.folders), (0, 2))?;
        Ok("0 files, 2 folders".to_owned())
    })
    .await?;
    walk.call("Fetch its size", client.folders().size("Tour"), |size| {
        let all: u64 = state.entries().iter().map(|entry| entry.size).sum();
        same("the size", *size, all)?;
        Ok(format!("{size} bytes"))
    })
    .await?;
    let before = round.mark();
    walk.fails("Request a path with two dots", client.folders().create("Tour/../out"), |error| {
        round.refused_unsent(error, before)
    })
    .await;
    Ok(())
}

pub(super) async fn files(walk: &mut Walk<'_>, round: &Round<'_>) -> Result<(), Stop> {
    let (client, state) = (&round.client, &round.state);
    round.section(walk, "Files");
    let content = |path: &str| state.content(path).ok_or_else(|| format!("{path:?} does not exist"));
    walk.call("Stat a file", client.files().stat("Tour/in/small.txt"), |file| {
        same("the size", file.size, Some(5))?;
        holds(file.download_uri.is_none(), "a download URL was created, which counts as a download")?;
        Ok(format!("{} bytes, crc32 {}", file.size_or_zero(), file.crc32.as_deref().unwrap_or("not computed yet")))
    })
    .await?;
    walk.call("Fetch its download URL", client.files().download_url("Tour/in/small.txt"), |file| {
        let address = file.download_uri.as_ref().ok_or("no URL")?;
        holds(address.expose().starts_with(&round.simulator.storage_url()), "the URL points elsewhere")?;
        holds(!format!("{file:?}").contains(address.expose()), "Debug shows the URL")?;
        Ok("a presigned URL of the storage (not shown)".to_owned())
    })
    .await?;
    let copied = client.files().copy("Tour/in/small.txt", Destination::new("Tour/café 50% & more/copy.txt"));
    walk.call("Copy it", copied, |()| {
        same("the content", &*content("Tour/café 50% & more/copy.txt")?, b"small".as_slice())?;
        content("Tour/in/small.txt")?;
        Ok("two files with the same content".to_owned())
    })
    .await?;
    walk.call("Rename it", client.files().rename("Tour/in/small.txt", Destination::new("Tour/in/renamed.txt")), |()| {
        same("the content", &*content("Tour/in/renamed.txt")?, b"small".as_slice())?;
        holds(state.entry("Tour/in/small.txt").is_none(), "the old name still exists")?;
        Ok("the old name is gone".to_owned())
    })
    .await?;
    walk.call("Delete it", client.files().delete("Tour/in/renamed.txt"), |()| {
        holds(state.entry("Tour/in/renamed.txt").is_none(), "it still exists")?;
        Ok("gone".to_owned())
    })
    .await
}

pub(super) async fn clean_up(walk: &mut Walk<'_>, round: &Round<'_>) -> Result<(), Stop> {
    let (client, state) = (&round.client, &round.state);
    round.section(walk, "Cleanup");
    walk.fails("Delete a folder that is not empty", client.files().delete("Tour"), |error| {
        holds(state.entry("Tour").is_some(), "it was deleted anyway")?;
        Ok(format!("{error}"))
    })
    .await;
    walk.call("Delete it recursively", client.files().delete_recursive("Tour"), |()| {
        same("the files and folders", state.entries().len(), 0)?;
        Ok("the site is empty".to_owned())
    })
    .await
}
