//! Calls every authenticated operation by its name.

use ftpgrid::transfer::Source;
use ftpgrid::{AccessRights, Client, Destination, FtpAccountId, FtpAccountUpdate, NewFtpAccount};

pub(crate) async fn perform(client: &Client, operation: &str) -> ftpgrid::Result<()> {
    let (accounts, storage) = (client.ftp_accounts(), client.storage());
    let id = FtpAccountId::new(1);
    match operation {
        "ftp_accounts.create" => {
            accounts.create(NewFtpAccount::new("u", AccessRights::ReadOnly, "/")).await.map(|_| ())
        }
        "ftp_accounts.list" => accounts.list().try_collect_vec().await.map(|_| ()),
        "ftp_accounts.get" => accounts.get(id).await.map(|_| ()),
        "ftp_accounts.update" => accounts.update(id, FtpAccountUpdate::new().enabled(true)).await,
        "ftp_accounts.delete" => accounts.delete(id).await,
        "storage.list_tree" => storage.list_tree("/").try_collect_vec().await.map(|_| ()),
        "storage.list_dirs" => storage.list_dirs("/").try_collect_vec().await.map(|_| ()),
        "storage.list_files" => storage.list_files("/").try_collect_vec().await.map(|_| ()),
        "storage.move" => storage.move_to("/a", Destination::new("/b")).await,
        "storage.delete" => storage.delete("/a").await,
        "storage.upload" => storage.upload("/a", Source::bytes("a")).await,
        "storage.prepare_download" => storage.prepare_download(["/a"]).await.map(|_| ()),
        "storage.download_multi" => storage.download_prepared(&"1".into()).bytes(9).await.map(|_| ()),
        "storage.download_single" => storage.download("/a").bytes(9).await.map(|_| ()),
        other => panic!("{other}"),
    }
}
