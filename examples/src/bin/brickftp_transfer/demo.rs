//! A folder that goes to a simulator and comes back.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mft_examples::{BrickftpAccount, Failure};
use mft_simulator::Fault;
use mft_simulator::brickftp::Simulator;

use crate::{Options, download, upload};

const MIB: usize = 1 << 20;
const OPTIONS: Options = Options { parallel: 4, restart: false };

/// Something to download, and a line that is slow enough to watch.
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
    fs::write(there.join("minutes/2026-01.txt"), "Nobody came.\n")?;
    fs::write(there.join("minutes/café 50%.txt"), "Two came, and had coffee.\n")?;
    fs::write(there.join("film.mov"), (0..=250).cycle().take(12 * MIB).collect::<Vec<u8>>())?;
    println!("-- upload {} Demo", there.display());
    upload::upload(&site.client, &there, "Demo", OPTIONS).await?;
    println!("-- download Demo {}", back.display());
    download::download(&site.client, "Demo", &back, OPTIONS).await?;
    let (sent, received) = (files(&there)?, files(&back)?);
    if sent != received {
        return Err("what came back is not what was sent".into());
    }
    println!("-- {} files and folders came back as they were sent", sent.len());
    Ok(())
}

/// A place below a folder, and its content; a folder has none.
type Found = (PathBuf, Option<Vec<u8>>);

/// All that is below a folder.
fn files(root: &Path) -> Result<Vec<Found>, Failure> {
    let (mut found, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let content = if path.is_dir() { None } else { Some(fs::read(&path)?) };
            found.push((path.strip_prefix(root)?.to_owned(), content));
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// A folder for temporary files, which goes with this.
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
        // What cannot be removed, the system will remove.
        let _ = fs::remove_dir_all(&self.0);
    }
}
