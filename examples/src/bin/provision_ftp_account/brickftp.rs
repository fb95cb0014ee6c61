//! `BrickFTP`: a user, a folder, and a permission on it.

use brickftp::{Client, NewPermission, NewUser, PermissionKind, UserId};
use mft_examples::Failure;

use super::{Login, Partner, Provision};

impl Provision for Client {
    type Id = UserId;

    async fn create(&self, partner: &Partner) -> Result<UserId, Failure> {
        // The service requires the parent folders.
        let ends = partner.folder.match_indices('/').map(|(at, _)| at).chain([partner.folder.len()]);
        for path in ends.map(|end| &partner.folder[..end]) {
            match self.files().stat(path).await {
                Ok(_) => {}
                Err(error) if error.is_not_found() => drop(self.folders().create(path).await?),
                Err(error) => return Err(error.into()),
            }
        }
        let new =
            NewUser::new(&partner.name).password(partner.password.clone()).user_root(format!("{}/", partner.folder));
        let user = self.users().create(new).await?;
        let kind = if partner.read_only { PermissionKind::ReadOnly } else { PermissionKind::Full };
        self.permissions().create(NewPermission::new(&partner.folder, user.id, kind).recursive(true)).await?;
        Ok(user.id)
    }

    async fn read_back(&self, id: &UserId) -> Result<Login, Failure> {
        let user = self.users().get(*id).await?;
        let folder = user.user_root.unwrap_or_default();
        let mut permissions = self.permissions().list_for_path(folder.trim_matches('/'));
        let mut read_only = None;
        while let Some(permission) = permissions.try_next().await? {
            if permission.user_id == Some(*id) {
                read_only = permission.permission.map(|kind| kind == PermissionKind::ReadOnly);
            }
        }
        Ok(Login {
            name: user.username.unwrap_or_default(),
            address: Some(format!("{}.brickftp.com", self.subdomain())),
            folder,
            read_only: read_only.ok_or("the user has no permission on the folder")?,
        })
    }

    async fn remove(&self, id: &UserId) -> Result<&'static str, Failure> {
        self.users().delete(*id).await?;
        Ok("The user and the permission were deleted; the folder remains.")
    }
}
