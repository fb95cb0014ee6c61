//! Resets the password of a user.
//!
//! Usage: `cargo run --example reset_password BUCKET_ID USERNAME`, with the new password in `NEW_PASSWORD`.
//!
//! Prerequisites: the environment variable `USEBUCKETS_API_KEY`. The simulator sets it:
//! `mft-simulator --provider usebuckets -- cargo run --example reset_password BUCKET_ID USERNAME`.

use usebuckets::{BucketId, Client, Secret, UserUpdate};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::from_env()?;
    let mut arguments = std::env::args().skip(1);
    let (Some(bucket), Some(username)) = (arguments.next(), arguments.next()) else {
        return Err("usage: reset_password BUCKET_ID USERNAME".into());
    };
    let password = Secret::from(std::env::var("NEW_PASSWORD")?);

    let mut users = client.users().list(&BucketId::from(bucket)).page_size(1000);
    while let Some(user) = users.try_next().await? {
        if user.username.as_deref() == Some(&username) {
            client.users().update(&user.id, UserUpdate::new().password(password)).await?;
            println!("{username} has a new password");
            return Ok(());
        }
    }
    Err("the bucket has no such user".into())
}
