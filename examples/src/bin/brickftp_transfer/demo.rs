//! Uploads a folder to a simulator and downloads it again.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mft_examples::{BrickftpAccount, Failure};
use mft_simulator::Fault;
use mft_simulator::brickftp::Simulator;

use crate::{Options, download, upload};

const MIB: usize = 1 << 20;
const OPTIONS: Options = Options { parallel: 4, restart: false };

/// Adds sample files and limits the bandwidth, so that progress is visible.
pub(crate) fn furnish(simulator: &Simulator) {
    simulator.state().add_file("Sample/read me.txt", "This file is simulated.\n");
    simulator.state().add_pattern_file("Sample/film.mov", 17 << 20, 1);
    let pause = Duration::from_millis(30);
    simulator.faults().push(Fault::slow_request(256 << 10, pause).on("brickftp.storage.put_part"));
    simulator.faults().push(Fault::drip(256 << 10, pause).on("brickftp.storage.get"));
}

pub(crate) async fn show(site: &BrickftpAccount) -> Result<(), Failure> {
    let folder = Folder::create()?;
    let (there, back) = (folder.0.join("there"), folder.0.join("back"));
    fs::create_dir_all(there.join("minutes"))?;
    fs::write(there.join("minutes/2026-01.txt"), "No attendees.\n")?;
    fs::write(there.join("minutes/café 50%.txt"), "Two attendees.\n")?;
    fs::write(there.join("film.mov"), (0..=250).cycle().take(12 * MIB).collect::<Vec<u8>>())?;
    println!("-- upload {} Demo", there.display());
    upload::upload(&site.client, &there, "Demo", OPTIONS).await?;
    println!("-- download Demo {}", back.display());
    download::download(&site.client, "Demo", &back, OPTIONS).await?;
    let (uploaded, received) = (files(&there)?, files(&back)?);
    if uploaded != received {
        return Err("the downloaded folder differs from the uploaded one".into());
    }
    println!("-- {} files and folders are identical after the round trip", uploaded.len());
    Ok(())
}

/// A relative path and its content. A folder has no content.
type Found = (PathBuf, Option<Vec<u8>>);

/// Lists everything below a folder.
fn files(root: &Path) -> Result<Vec<Found>, Failure> {
    let (mut entries, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let content = if path.is_dir() { None } else { Some(fs::read(&path)?) };
            entries.push((path.strip_prefix(root)?.to_owned(), content));
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    entries.sort();
    Ok(entries)
}

/// A temporary folder that is removed on drop.
struct Folder(PathBuf);

impl Folder {
    fn create() -> Result<Self, Failure> {
        let path = std::env::temp_dir().join(format!("brickftp-transfer-{}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Best effort: the system cleans up temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}
