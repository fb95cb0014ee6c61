//! Creates a bucket twice and handles each kind of failure.
//!
//! Needs `STOOK_ORGANIZATION_UUID`, `STOOK_API_KEY` and `STOOK_API_SECRET`. With the simulator:
//!
//! ```console
//! $ mft-simulator --provider stook -- cargo run --example handle_errors
//! ```

use stook::{Client, ErrorKind, NewBucket, Outcome};

#[tokio::main]
async fn main() -> stook::Result<()> {
    let client = Client::from_env()?;
    for attempt in 1..=2 {
        let Err(error) = client.buckets().create(NewBucket::new("example-twice")).await else {
            println!("{attempt}: created");
            continue;
        };
        match error.kind() {
            ErrorKind::Conflict | ErrorKind::Rejected => println!("{attempt}: refused by the service"),
            ErrorKind::PermissionDenied => println!("{attempt}: not permitted"),
            _ if error.is_transient() => println!("{attempt}: retry later, after {:?}", error.retry_after()),
            _ => return Err(error),
        }
        // A create call is not idempotent, so check whether it was applied before a retry.
        println!("applied: {}", if error.outcome() == Outcome::NotDone { "no" } else { "unknown" });
        println!("for the log: {error}");
    }
    Ok(())
}
