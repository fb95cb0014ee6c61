//! 1 GiB up from a file and down to a file, with little memory. One test in a program of its own: it looks at the
//! memory of the whole process, the simulator's part included.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use ftpgrid::transfer::Source;
use mft_simulator::ftpgrid::Simulator;
use mft_simulator::pattern;
use mft_tests::support::resident_memory;
use mft_tests::transfer::MIB;
use mft_tests::{Ftpgrid, Provider, Tweaks};
use tempfile::TempDir;

const GIB: u64 = 1 << 30;
const MOST: u64 = 32 << 20;

/// The most memory that the process holds while it looks.
struct Peak {
    most: Arc<AtomicU64>,
    looks: Arc<AtomicBool>,
}

impl Peak {
    fn watch() -> Self {
        let (most, looks) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(true)));
        let (seen, goes_on) = (Arc::clone(&most), Arc::clone(&looks));
        std::thread::spawn(move || {
            while goes_on.load(SeqCst) {
                seen.fetch_max(resident_memory().unwrap_or_default(), SeqCst);
                std::thread::sleep(Duration::from_millis(2));
            }
        });
        Self { most, looks }
    }

    fn most(self) -> u64 {
        self.looks.store(false, SeqCst);
        self.most.load(SeqCst)
    }
}

fn crc_of(path: &std::path::Path) -> u32 {
    let (mut file, mut buffer, mut crc) = (File::open(path).unwrap(), vec![0; MIB], crc32fast::Hasher::new());
    while let read @ 1.. = file.read(&mut buffer).unwrap() {
        crc.update(&buffer[..read]);
    }
    crc.finalize()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gibibyte_goes_up_and_comes_down_in_little_memory() {
    let folder = TempDir::new().unwrap();
    let (source, target) = (folder.path().join("source"), folder.path().join("target"));
    let mut file = File::create(&source).unwrap();
    for position in (0..GIB).step_by(MIB) {
        file.write_all(&pattern(41, position, MIB)).unwrap();
    }
    drop(file);
    let expected = crc_of(&source);

    let builder = Simulator::builder().memory_limit(MIB as u64).data_folder(folder.path());
    let provider = Ftpgrid::start_with(builder).await;
    let client = provider.client(Tweaks::default());
    // What the first transfer of any size costs is not the file's.
    client.storage().upload("/small", Source::from("small")).await.unwrap();
    client.storage().download("/small").bytes(100).await.unwrap();

    let before = resident_memory().unwrap_or_default();
    let peak = Peak::watch();
    client.storage().upload("/large", Source::file(&source)).response_timeout(Duration::from_secs(300)).await.unwrap();
    let up = peak.most().saturating_sub(before);
    let stored = provider.simulator.state().file("/large").expect("it is stored");
    assert_eq!((stored.size, stored.crc32), (GIB, Some(format!("{expected:08x}"))));

    let before = resident_memory().unwrap_or_default();
    let peak = Peak::watch();
    let done = client.storage().download("/large").to_file(&target).await.unwrap();
    let down = peak.most().saturating_sub(before);
    assert_eq!((done.size, crc_of(&target)), (GIB, expected));
    println!("{} KiB more for the upload, {} KiB more for the download", up >> 10, down >> 10);
    assert!(up < MOST && down < MOST, "{} MiB more for the upload, {} MiB for the download", up >> 20, down >> 20);
}
