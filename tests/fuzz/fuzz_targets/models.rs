//! Any bytes as the service's objects, in both formats.
#![no_main]

use brickftp::{Behavior, Bundle, BundleEntry, File, Group, HistoryEvent, Notification, Permission, UploadPart, User};
use libfuzzer_sys::fuzz_target;

fn read<T: serde::de::DeserializeOwned>(data: &[u8]) {
    let _ = brickftp::xml::from_slice::<T>(data);
    let _ = serde_json::from_slice::<T>(data);
}

fuzz_target!(|data: &[u8]| {
    read::<Vec<User>>(data);
    read::<Vec<Group>>(data);
    read::<Vec<Permission>>(data);
    read::<Vec<Notification>>(data);
    read::<Vec<HistoryEvent>>(data);
    read::<Vec<Bundle>>(data);
    read::<Vec<BundleEntry>>(data);
    read::<Vec<Behavior>>(data);
    read::<Vec<File>>(data);
    read::<UploadPart>(data);
});
