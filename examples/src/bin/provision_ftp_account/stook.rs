//! Stook: an FTP account for a path in a bucket. The service extends the name and prefixes the path with the bucket.

use mft_examples::Failure;
use stook::{Bucket, Client, FtpAccountId, NewBucket, NewFtpAccount};

use super::{Login, Partner, Provision};

/// The bucket for all partners. Created if missing.
const BUCKET: &str = "partners";

impl Provision for Client {
    type Id = FtpAccountId;

    async fn create(&self, partner: &Partner) -> Result<FtpAccountId, Failure> {
        let bucket = match find(self).await? {
            Some(bucket) => bucket,
            None => self.buckets().create(NewBucket::new(BUCKET)).await?,
        };
        let new = NewFtpAccount::new(&partner.name, partner.password.clone(), bucket.uuid, &partner.folder)
            .read_only(partner.read_only);
        Ok(self.ftp_accounts().create(new).await?.uuid)
    }

    async fn read_back(&self, id: &FtpAccountId) -> Result<Login, Failure> {
        let account = self.ftp_accounts().get(id).await?;
        Ok(Login {
            name: account.name.ok_or("the response has no username")?,
            address: None,
            folder: account.path.unwrap_or_default(),
            read_only: account.is_readonly.ok_or("the response has no access right")?,
        })
    }

    async fn remove(&self, id: &FtpAccountId) -> Result<&'static str, Failure> {
        self.ftp_accounts().delete(id).await?;
        Ok("The FTP account was deleted; bucket and objects remain.")
    }
}

async fn find(client: &Client) -> stook::Result<Option<Bucket>> {
    let mut buckets = client.buckets().list();
    while let Some(bucket) = buckets.try_next().await? {
        if bucket.name.as_deref() == Some(BUCKET) {
            return Ok(Some(bucket));
        }
    }
    Ok(None)
}
