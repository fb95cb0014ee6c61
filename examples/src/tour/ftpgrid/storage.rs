//! The storage: directories and files.

use ftpgrid::transfer::Source;
use ftpgrid::{Client, Destination, ServedKind};
use mft_simulator::ftpgrid::Simulator;

use crate::tour::journal::{mark, not_found, refused_unsent, since};
use crate::tour::temporary::Temporary;
use crate::tour::{Stop, Walk, holds, same};

pub(super) const FILM: &str = "/Tour/in/café 1+2.mov";
const FILM_BYTES: usize = 3_000_000;
const REPORTS: [(&str, &str); 2] = [("/Tour/reports/q1.csv", "1,2,3\n"), ("/Tour/reports/q2.csv", "4,5,6\n")];

/// The content of the film.
pub(super) fn film() -> Vec<u8> {
    (0..FILM_BYTES).map(|index| u8::try_from(index % 251).unwrap_or_default()).collect()
}

/// Creates a directory and uploads files.
pub(super) async fn uploads(walk: &mut Walk<'_>, client: &Client, simulator: &Simulator) -> Result<(), Stop> {
    let (storage, state) = (client.storage(), simulator.state());
    walk.section("Uploads");
    walk.call("Create a directory", storage.mkdir("/Tour/empty"), |()| {
        holds(state.directories().iter().any(|one| one == "/Tour/empty"), "it does not exist")?;
        Ok("/Tour/empty, and its parent".to_owned())
    })
    .await?;
    let before = mark(simulator);
    walk.call("Upload a film", storage.upload(FILM, Source::bytes(film())), |()| {
        holds(state.content(FILM).is_some_and(|stored| stored == film()), "the stored bytes differ")?;
        same("the number of requests", since(simulator, before).len(), 1)?;
        Ok(format!("{FILM:?}, {FILM_BYTES} bytes in one streamed form"))
    })
    .await?;
    let reports = REPORTS.map(|(path, text)| (path, Source::bytes(text)));
    walk.call("Upload two reports in one form", storage.upload_many(reports), |()| {
        for (path, text) in REPORTS {
            holds(state.content(path).is_some_and(|stored| stored == text), "the stored bytes differ")?;
        }
        Ok("one request, each to its own path".to_owned())
    })
    .await?;
    let before = mark(simulator);
    let outside = storage.upload("/Tour/../secret.txt", Source::bytes("x"));
    walk.fails("Upload to a path outside of the storage", outside, |error| refused_unsent(error, simulator, before))
        .await;
    Ok(())
}

/// Lists and moves.
pub(super) async fn lists(walk: &mut Walk<'_>, client: &Client, simulator: &Simulator) -> Result<(), Stop> {
    let storage = client.storage();
    walk.section("Lists and moves");
    walk.call("List the directories", storage.list_dirs("/Tour").try_collect_vec(), |all| {
        let paths: Vec<_> = all.iter().map(|one| one.path.trim_start_matches('/')).collect();
        for path in ["Tour/empty", "Tour/in", "Tour/reports"] {
            holds(paths.contains(&path), "a directory is missing")?;
        }
        Ok(format!("{} directories", paths.len()))
    })
    .await?;
    walk.call("List the files of a directory", storage.list_files("/Tour/reports").try_collect_vec(), |all| {
        let mut names: Vec<_> = all.iter().map(|one| one.name.as_str()).collect();
        names.sort_unstable();
        same("the names", names, vec!["q1.csv", "q2.csv"])?;
        Ok("q1.csv and q2.csv".to_owned())
    })
    .await?;
    walk.call("List the whole tree", storage.list_tree("/Tour").try_collect_vec(), |all| {
        let files = all.iter().filter(|one| !one.is_dir);
        let bytes: u64 = files.clone().map(|one| one.size).sum();
        same("the number of files", files.count(), 3)?;
        Ok(format!("3 files with {bytes} bytes, from an index that lags behind the storage"))
    })
    .await?;
    walk.call(
        "Rename a report",
        storage.move_to("/Tour/reports/q2.csv", Destination::new("/Tour/reports/q2-final.csv")),
        |()| {
            let paths = simulator.state().file_paths();
            holds(paths.iter().any(|path| path == "/Tour/reports/q2-final.csv"), "it does not exist")?;
            holds(!paths.iter().any(|path| path == "/Tour/reports/q2.csv"), "the old name still exists")?;
            Ok("/Tour/reports/q2-final.csv".to_owned())
        },
    )
    .await
}

/// Downloads one file, and two as an archive.
pub(super) async fn downloads(walk: &mut Walk<'_>, client: &Client) -> Result<(), Stop> {
    let storage = client.storage();
    walk.section("Downloads");
    let target = Temporary::new("ftpgrid.mov");
    walk.call("Download the film", storage.download(FILM).to_file(target.path()), |done| {
        let read = std::fs::read(target.path()).map_err(|error| error.to_string())?;
        holds(read == film(), "the bytes differ")?;
        Ok(format!("{} bytes; the file appeared only when it was complete", done.size))
    })
    .await?;
    let archive = Temporary::new("ftpgrid.zip");
    let both = ["/Tour/reports/q1.csv", "/Tour/reports/q2-final.csv"];
    walk.call("Download both reports", storage.download_many(both).to_file(archive.path()), |done| {
        same("the content", done.file.kind, ServedKind::Zip)?;
        let read = std::fs::read(archive.path()).map_err(|error| error.to_string())?;
        holds(read.starts_with(b"PK"), "not a ZIP archive")?;
        Ok(format!("a ZIP archive of {} bytes", done.size))
    })
    .await?;
    let nowhere = Temporary::new("nowhere.txt");
    walk.fails("Download a missing file", storage.download("/Tour/no.txt").to_file(nowhere.path()), |error| {
        holds(!nowhere.path().exists(), "a local file was created")?;
        not_found(error)
    })
    .await;
    Ok(())
}

/// Deletes everything that the chapter created.
pub(super) async fn clean_up(walk: &mut Walk<'_>, client: &Client, simulator: &Simulator) -> Result<(), Stop> {
    walk.section("Cleanup");
    walk.call("Delete the directory recursively", client.storage().delete("/Tour"), |()| {
        same("the number of files", simulator.state().files().len(), 0)?;
        Ok("no files are left".to_owned())
    })
    .await?;
    walk.call("Look up the film", client.storage().find_file(FILM), |found| {
        holds(found.is_none(), "it still exists")?;
        Ok("gone".to_owned())
    })
    .await
    .map(drop)
}
