//! Distinguishes the outcomes of a failed call.
//!
//! Prerequisites: the environment variables `BRICKFTP_SUBDOMAIN` and `BRICKFTP_API_KEY`. The simulator sets them:
//! `mft-simulator --provider brickftp -- cargo run --example handle_errors`.

use brickftp::{Client, Error, NewGroup, Outcome, UserId};

#[tokio::main]
async fn main() -> brickftp::Result<()> {
    let client = Client::from_env()?;

    match client.users().get(UserId::new(999_999)).await {
        Ok(user) => println!("found {:?}", user.username),
        Err(error) if error.is_not_found() => println!("not found: {error}"),
        Err(error) if error.is_transient() => println!("retry in {:?}: {error}", error.retry_after()),
        Err(error) => return Err(error),
    }

    // Validation fails before anything is sent.
    report(client.groups().create(NewGroup::new("")).await.err());
    report(client.groups().create(NewGroup::new("Operators")).await.err());
    Ok(())
}

fn report(error: Option<Error>) {
    match error {
        None => println!("created"),
        Some(error) if error.outcome() == Outcome::NotDone => println!("not created: {error}"),
        Some(error) => println!("check whether it was created: {error}"),
    }
}
