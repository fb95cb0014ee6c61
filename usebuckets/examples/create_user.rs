//! Creates a user that can read one directory of a new bucket.
//!
//! Prerequisites: the environment variable `USEBUCKETS_API_KEY`. The simulator sets it:
//! `mft-simulator --provider usebuckets -- cargo run --example create_user`.

use usebuckets::{Client, NewBucket, NewUser, Permission, Permissions, Secret};

#[tokio::main]
async fn main() -> usebuckets::Result<()> {
    let client = Client::from_env()?;
    let bucket = client.buckets().create(NewBucket::new("Northwind intake")).await?;
    // Without permissions, a user can do everything in the bucket.
    let new = NewUser::new(&bucket.id, "mira", Secret::from("example-only"))
        .permissions(Permissions::on("/invoices", Permission::Read));
    let user = client.users().create(new).await?;

    // The response may omit the permissions, so read them from the list.
    let permissions = client.users().find(&bucket.id, &user.id).await?.and_then(|user| user.permissions);
    println!("created {} with {permissions:?}", user.id);
    Ok(())
}
