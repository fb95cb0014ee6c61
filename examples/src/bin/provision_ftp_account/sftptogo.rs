//! SFTP To Go: a credential. Its home directory need not exist.

use mft_examples::Failure;
use sftptogo::{Client, CredentialId, CredentialPermission, NewCredential};

use super::{Login, Partner, Provision};

impl Provision for Client {
    type Id = CredentialId;

    async fn create(&self, partner: &Partner) -> Result<CredentialId, Failure> {
        let permission =
            if partner.read_only { CredentialPermission::ReadOnly } else { CredentialPermission::ReadWrite };
        let new = NewCredential::new()
            .alias(&partner.name)
            .user_name(&partner.name)
            .password(partner.password.clone())
            .home_directory(format!("/{}", partner.folder))
            .permission(permission);
        Ok(self.credentials().create(new).await?.id)
    }

    async fn read_back(&self, id: &CredentialId) -> Result<Login, Failure> {
        let credential = self.credentials().get(id).await?;
        Ok(Login {
            name: credential.login_name().to_owned(),
            address: credential.file_access().map(|access| format!("sftp://{}", access.sftp)),
            folder: credential.home_directory.unwrap_or_default(),
            read_only: credential.permission == Some(CredentialPermission::ReadOnly),
        })
    }

    async fn remove(&self, id: &CredentialId) -> Result<&'static str, Failure> {
        self.credentials().delete(id).await?;
        Ok("The credential was deleted.")
    }
}
