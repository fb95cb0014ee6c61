//! Uploads a file of 1 GiB and downloads it, with little memory. The test runs in its own process, because it measures
//! the memory of the whole process, including the simulator.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use ftpgrid::transfer::Source;
use mft_simulator::ftpgrid::Simulator;
use mft_simulator::pattern;
use mft_tests::runtime::resident_memory;
use mft_tests::transfer::MIB;
use mft_tests::{ClientOptions, Ftpgrid, Provider};
use tempfile::TempDir;

const GIB: u64 = 1 << 30;
const MAX_GROWTH: u64 = 32 << 20;

/// Samples the maximum memory of the process.
struct Peak {
    max: Arc<AtomicU64>,
    running: Arc<AtomicBool>,
}

impl Peak {
    fn watch() -> Self {
        let (max, running) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(true)));
        let (shared_max, keep_running) = (Arc::clone(&max), Arc::clone(&running));
        std::thread::spawn(move || {
            while keep_running.load(SeqCst) {
                shared_max.fetch_max(resident_memory().unwrap_or_default(), SeqCst);
                std::thread::sleep(Duration::from_millis(2));
            }
        });
        Self { max, running }
    }

    fn max(self) -> u64 {
        self.running.store(false, SeqCst);
        self.max.load(SeqCst)
    }
}

fn file_crc(path: &std::path::Path) -> u32 {
    let (mut file, mut buffer, mut crc) = (File::open(path).unwrap(), vec![0; MIB], crc32fast::Hasher::new());
    while let read @ 1.. = file.read(&mut buffer).unwrap() {
        crc.update(&buffer[..read]);
    }
    crc.finalize()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_gibibyte_round_trip_uses_little_memory() {
    let folder = TempDir::new().unwrap();
    let (source, target) = (folder.path().join("source"), folder.path().join("target"));
    let mut file = File::create(&source).unwrap();
    for position in (0..GIB).step_by(MIB) {
        file.write_all(&pattern(41, position, MIB)).unwrap();
    }
    drop(file);
    let expected = file_crc(&source);

    let builder = Simulator::builder().memory_limit(MIB as u64).data_folder(folder.path());
    let provider = Ftpgrid::start_with(builder).await;
    let client = provider.client(ClientOptions::default());
    // The first transfer allocates memory that does not depend on the size of the file.
    client.storage().upload("/small", Source::bytes("small")).await.unwrap();
    client.storage().download("/small").bytes(100).await.unwrap();

    let before = resident_memory().unwrap_or_default();
    let peak = Peak::watch();
    client.storage().upload("/large", Source::file(&source)).response_timeout(Duration::from_secs(300)).await.unwrap();
    let up = peak.max().saturating_sub(before);
    let stored = provider.simulator.state().file("/large").expect("a stored object");
    assert_eq!((stored.size, stored.crc32), (GIB, Some(format!("{expected:08x}"))));

    let before = resident_memory().unwrap_or_default();
    let peak = Peak::watch();
    let download = client.storage().download("/large").to_file(&target).await.unwrap();
    let down = peak.max().saturating_sub(before);
    assert_eq!((download.size, file_crc(&target)), (GIB, expected));
    println!("{} KiB more for the upload, {} KiB more for the download", up >> 10, down >> 10);
    assert!(
        up < MAX_GROWTH && down < MAX_GROWTH,
        "{} MiB more for the upload, {} MiB for the download",
        up >> 20,
        down >> 20
    );
}
