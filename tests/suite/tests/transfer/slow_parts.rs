//! Parts that take much longer than the others, where the application asked for help with these.

use std::time::Duration;

use mft_simulator::{Fault, FaultRule};
use mft_tests::transfer::{From, GET, MIB, PART, PUT, Site, content};

/// Nothing else ends a part that stands still.
const IDLE: Duration = Duration::from_secs(600);

/// Far less than that, and far more than what all the rest takes.
async fn soon<T>(transfer: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), transfer).await.expect("the slow part was not helped")
}

#[tokio::test]
async fn a_part_that_stands_still_is_sent_again_beside_the_first() {
    let bytes = content(7 * PART + 4321);
    for (fault, from) in [
        (Fault::stall(), From::File),
        (Fault::stall().during_request(1 << 20), From::File),
        (Fault::slow_request(16 << 10, Duration::from_millis(20)), From::Bytes),
        (Fault::stall(), From::Sized),
    ] {
        let (site, rule) = (Site::start().await, fault.on(PUT).once());
        let case = format!("{rule} from {from:?}");
        site.faults().push(rule);
        let client = site.client_with(|client| client.idle_timeout(IDLE));
        let request = client.files().upload("in/file", from.source(&site, &bytes)).parallel(3).hedge(true);
        let mut upload = request.response_timeout(IDLE).start();
        let watch = upload.progress();
        soon(upload.join()).await.unwrap_or_else(|error| panic!("{case}: {error:?}"));
        let progress = watch.now();
        assert_eq!((progress.bytes, progress.parts, progress.retries), (bytes.len() as u64, 8, 1), "{case}");
        let puts = site.puts();
        let struck = puts.iter().find(|put| put.fault.is_some()).unwrap_or_else(|| panic!("{case} did not strike"));
        assert_eq!(puts.iter().filter(|put| put.part == struck.part).count(), 2, "{case}: {puts:#?}");
        assert_eq!(puts.len(), 9, "{case}: {puts:#?}");
        site.assert_done("in/file", &bytes, &case);
        site.assert_parts(&bytes, PART, &case);
    }
}

#[tokio::test]
async fn a_range_that_hardly_moves_is_asked_for_anew_from_where_it_has_got_to() {
    let bytes = content(8 * MIB + 77);
    for (fault, starts_again) in [(Fault::stall(), true), (Fault::drip(4 << 10, Duration::from_millis(20)), false)] {
        let (site, rule): (_, FaultRule) = (Site::start().await, fault.on(GET).after_skip(1).once());
        let case = rule.to_string();
        site.state().add_file("out/file", bytes.clone());
        site.faults().push(rule);
        let client = site.client_with(|client| client.idle_timeout(IDLE));
        let request = client.files().download("out/file").range_size(MIB as u64).parallel(3).hedge(true);
        let target = site.place("target");
        let download = request.to_file(&target);
        let watch = download.progress();
        soon(download.into_future()).await.unwrap_or_else(|error| panic!("{case}: {error:?}"));
        assert_eq!((watch.now().bytes, watch.now().retries), (bytes.len() as u64, 1), "{case}");
        assert!(std::fs::read(&target).unwrap() == bytes, "{case}: other bytes");
        let ranges = site.ranges();
        assert_eq!(ranges.len(), 10, "{case}: {ranges:?}");
        let twice = ranges.iter().any(|range| ranges.iter().filter(|other| *other == range).count() == 2);
        assert_eq!(twice, starts_again, "{case}: {ranges:?}");
    }
}
