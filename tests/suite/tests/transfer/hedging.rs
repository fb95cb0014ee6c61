//! Hedged parts: slow parts are sent a second time if hedging is enabled.

use std::time::Duration;

use mft_simulator::{Fault, FaultRule};
use mft_tests::transfer::{GET, MIB, PART, PUT, Site, SourceKind, content};

/// Long enough that no idle timeout ends a stalled part.
const IDLE: Duration = Duration::from_secs(600);

/// Much shorter than the idle timeout, and much longer than the other parts take.
async fn without_stall<T>(transfer: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), transfer).await.expect("the slow part was not hedged")
}

#[tokio::test]
async fn stalled_part_is_hedged() {
    let bytes = content(7 * PART + 4321);
    for (fault, source_kind) in [
        (Fault::stall(), SourceKind::File),
        (Fault::stall().during_request(1 << 20), SourceKind::File),
        (Fault::slow_request(16 << 10, Duration::from_millis(20)), SourceKind::Bytes),
        (Fault::stall(), SourceKind::KnownSize),
    ] {
        let (site, rule) = (Site::start().await, fault.on(PUT).once());
        let case = format!("{rule} from {source_kind:?}");
        site.faults().push(rule);
        let client = site.client_with(|client| client.idle_timeout(IDLE));
        let request = client.files().upload("in/file", source_kind.source(&site, &bytes)).parallel(3).hedge(true);
        let upload = request.response_timeout(IDLE).start();
        let watch = upload.progress();
        without_stall(upload.join()).await.unwrap_or_else(|error| panic!("{case}: {error:?}"));
        let progress = watch.now();
        assert_eq!((progress.bytes, progress.parts, progress.retries), (bytes.len() as u64, 8, 1), "{case}");
        let puts = site.puts();
        let faulty = puts.iter().find(|put| put.fault.is_some()).unwrap_or_else(|| panic!("{case} was not injected"));
        assert_eq!(puts.iter().filter(|put| put.part == faulty.part).count(), 2, "{case}: {puts:#?}");
        assert_eq!(puts.len(), 9, "{case}: {puts:#?}");
        site.assert_done("in/file", &bytes, &case);
        site.assert_parts(&bytes, PART, &case);
    }
}

#[tokio::test]
async fn slow_range_is_hedged_from_its_current_position() {
    let bytes = content(8 * MIB + 77);
    for (fault, restarts) in [(Fault::stall(), true), (Fault::drip(4 << 10, Duration::from_millis(20)), false)] {
        let (site, rule): (_, FaultRule) = (Site::start().await, fault.on(GET).after_skip(1).once());
        let case = rule.to_string();
        site.state().add_file("out/file", bytes.clone());
        site.faults().push(rule);
        let client = site.client_with(|client| client.idle_timeout(IDLE));
        let request = client.files().download("out/file").range_size(MIB as u64).parallel(3).hedge(true);
        let target = site.local_path("target");
        let download = request.to_file(&target);
        let watch = download.progress();
        without_stall(download).await.unwrap_or_else(|error| panic!("{case}: {error:?}"));
        assert_eq!((watch.now().bytes, watch.now().retries), (bytes.len() as u64, 1), "{case}");
        assert!(std::fs::read(&target).unwrap() == bytes, "{case}: wrong content");
        let ranges = site.ranges();
        assert_eq!(ranges.len(), 10, "{case}: {ranges:?}");
        let twice = ranges.iter().any(|range| ranges.iter().filter(|other| *other == range).count() == 2);
        assert_eq!(twice, restarts, "{case}: {ranges:?}");
    }
}
