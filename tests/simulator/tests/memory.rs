//! Large files use constant memory. A separate binary, because the test measures the process.

mod support;

use std::fs;

use mft_simulator::brickftp::Simulator;
use mft_simulator::{StorageSettings, pattern};
use support::storage::{begin, complete, connect, head, part_url, read_answer, start};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const PART: usize = 20 << 20;
const PARTS: u32 = 15;

#[tokio::test]
async fn memory_use_is_constant() {
    let folder = std::env::temp_dir().join(format!("mft-simulator-memory-{}", std::process::id()));
    let settings = StorageSettings::new().memory_limit(8 << 20).data_folder(&folder);
    let simulator = start(Simulator::builder().storage(settings)).await;
    let (reference, _) = begin(&simulator, "large").await;
    let mut expected = crc32fast::Hasher::new();
    for number in 1..=PARTS {
        let url = part_url(&simulator, "large", &reference, number).await;
        let mut stream = connect(&url).await;
        stream.write_all(head("PUT", &url, &format!("Content-Length: {PART}\r\n")).as_bytes()).await.unwrap();
        for at in (0..PART).step_by(MIB) {
            let bytes = pattern(u64::from(number), at as u64, MIB);
            expected.update(&bytes);
            stream.write_all(&bytes).await.unwrap();
        }
        assert_eq!(read_answer(&mut stream, false).await.status, 200);
    }
    assert_eq!(complete(&simulator, "large", &reference).await.0, 200);

    let url = simulator.state().download_url("large").unwrap();
    let mut stream = connect(&url).await;
    stream.write_all(head("GET", &url, "Connection: close\r\n").as_bytes()).await.unwrap();
    let (mut actual, mut received) = (crc32fast::Hasher::new(), 0);
    let mut block = vec![0; MIB];
    let mut in_head = Some(Vec::new());
    while let read @ 1.. = stream.read(&mut block).await.unwrap() {
        let mut bytes = &block[..read];
        let held;
        if let Some(mut head) = in_head.take() {
            head.extend_from_slice(bytes);
            let Some(split) = head.windows(4).position(|four| four == b"\r\n\r\n") else {
                in_head = Some(head);
                continue;
            };
            held = head.split_off(split + 4);
            bytes = &held;
        }
        received += bytes.len();
        actual.update(bytes);
    }
    assert_eq!(received, PART * PARTS as usize);
    assert_eq!(actual.finalize(), expected.finalize());

    assert!(simulator.peak_resident_bytes() <= 8 << 20);
    if let Some(peak) = peak_of_process() {
        assert!(peak < 64 << 20, "{peak} bytes for a file of 300 MiB");
    }
    drop(simulator);
    // The files are removed when the last listener task ends.
    for _ in 0..500 {
        if fs::read_dir(&folder).unwrap().next().is_none() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    fs::remove_dir(&folder).expect("no file is left");
}

const MIB: usize = 1 << 20;

/// Returns the peak resident size of this process, if the system reports it.
fn peak_of_process() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}
