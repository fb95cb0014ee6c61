//! Moves a file and handles each kind of failure.
//!
//! Needs `FTPGRID_ASSOCIATION_KEY`, `FTPGRID_ACCESS_KEY`, `FTPGRID_SECRET_KEY` and `FTPGRID_STORAGE_URL`. With the simulator:
//!
//! ```console
//! $ mft-simulator --provider ftpgrid -- cargo run --example handle_errors
//! ```

use ftpgrid::{Client, Destination, ErrorKind, Outcome, missing_scopes};

#[tokio::main]
async fn main() -> ftpgrid::Result<()> {
    let client = Client::from_env()?;
    let destination = Destination::new("/archive/report.csv");
    let Err(error) = client.storage().move_to("/inbox/report.csv", destination).await else {
        println!("moved");
        return Ok(());
    };
    match error.kind() {
        ErrorKind::NotFound => println!("the file or the destination directory does not exist"),
        ErrorKind::Conflict => println!("the destination exists already"),
        ErrorKind::PermissionDenied => println!("the REST API account needs one of {:?}", missing_scopes(&error)),
        _ if error.is_transient() => println!("retry later, after {:?}", error.retry_after()),
        _ => return Err(error),
    }
    // A move is not idempotent, so check whether it was applied before a retry.
    println!("applied: {}", if error.outcome() == Outcome::NotDone { "no" } else { "unknown" });
    println!("for the log: {error}");
    Ok(())
}
