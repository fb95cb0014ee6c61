//! ftpGrid: an FTP account with a root directory.

use ftpgrid::{AccessRights, Client, FtpAccountId, NewFtpAccount};
use mft_examples::Failure;

use super::{Login, Partner, Provision};

impl Provision for Client {
    type Id = FtpAccountId;

    async fn create(&self, partner: &Partner) -> Result<FtpAccountId, Failure> {
        let rights = if partner.read_only { AccessRights::ReadOnly } else { AccessRights::ReadWrite };
        let new = NewFtpAccount::new(&partner.name, rights, format!("/{}", partner.folder))
            .password(partner.password.clone());
        if let Some(id) = self.ftp_accounts().create(new).await?.id() {
            return Ok(id);
        }
        // The response may contain only a success message, so look the account up by name.
        let mut accounts = self.ftp_accounts().list();
        while let Some(account) = accounts.try_next().await? {
            if account.username == partner.name {
                return Ok(account.id);
            }
        }
        Err("the service reports the account as created but does not list it".into())
    }

    async fn read_back(&self, id: &FtpAccountId) -> Result<Login, Failure> {
        let account = self.ftp_accounts().get(*id).await?;
        Ok(Login {
            name: account.username,
            address: None,
            folder: account.chroot,
            read_only: account.access_rights == AccessRights::ReadOnly,
        })
    }

    async fn remove(&self, id: &FtpAccountId) -> Result<&'static str, Failure> {
        self.ftp_accounts().delete(*id).await?;
        Ok("The FTP account was deleted; its files remain.")
    }
}
