//! Buckets: a bucket for the partner, with one user.
//!
//! `read` is the only documented permission, and a user without permissions can access the whole bucket. So a read-only
//! partner gets a permission on the folder, and a writing partner gets a dedicated bucket.

use mft_examples::Failure;
use usebuckets::{Bucket, BucketUpdate, Client, NewBucket, NewUser, Permission, Permissions, UserId, UserUpdate};

use super::{Login, Partner, Provision};

impl Provision for Client {
    type Id = (Bucket, UserId, String);

    async fn create(&self, partner: &Partner) -> Result<Self::Id, Failure> {
        let folder = format!("/{}", partner.folder);
        let permissions =
            if partner.read_only { Permissions::on(&folder, Permission::Read) } else { Permissions::everything() };
        let bucket = self.buckets().create(NewBucket::new(&partner.name)).await?;
        let new = NewUser::new(&bucket.id, &partner.name, partner.password.clone()).permissions(permissions);
        let user = self.users().create(new).await?;
        Ok((bucket, user.id, folder))
    }

    async fn read_back(&self, (bucket, id, folder): &Self::Id) -> Result<Login, Failure> {
        let user = self.users().find(&bucket.id, id).await?.ok_or("the user does not exist")?;
        let permissions = user.permissions.ok_or("the response has no permissions")?;
        let read_only = match permissions.get(folder) {
            Some(Permission::Read) => true,
            None if permissions.is_everything() => false,
            _ => return Err("the user has other permissions than requested".into()),
        };
        Ok(Login {
            name: user.username.unwrap_or_default(),
            address: bucket.host.as_ref().map(|host| format!("sftp://{host}")),
            folder: folder.clone(),
            read_only,
        })
    }

    /// Deleting requires an account setting, so the user and the bucket are deactivated.
    async fn remove(&self, (bucket, id, _): &Self::Id) -> Result<&'static str, Failure> {
        self.users().update(id, UserUpdate::new().active(false)).await?;
        self.buckets().update(&bucket.id, BucketUpdate::new().active(false)).await?;
        Ok("The user and the bucket are inactive; the files remain.")
    }
}
