//! ftpGrid.

use ftpgrid::transfer::Source;
use ftpgrid::{
    AccessKey, AccessRights, AssociationKey, Authentication, Client, FtpAccountId, FtpAccountUpdate, MkdirBody,
    NewFtpAccount, SecretKey,
};

use super::{Ended, Options, listed, told};
use crate::checks::{KEY, PASSWORD, SECRET_KEY};
use crate::server::Server;

/// A client, with a token or with what is exchanged for one.
pub(super) fn client(server: &Server, options: Options) -> Client {
    let credentials =
        Authentication::keys(AssociationKey::new("association"), AccessKey::new("access"), SecretKey::new(SECRET_KEY));
    let builder = Client::builder(authentication).storage_url("https://web3.ftpgrid.com").transport(server.clone());
    let builder = builder.retry(options.retry()).mkdir_body(MkdirBody::Filelist);
    let builder = if options.other() { builder } else { builder.initial_token(KEY) };
    builder.build().expect("a client")
}

pub(super) async fn perform(server: &Server, operation: u8, options: Options) -> Ended {
    let client = client(server, options);
    let (accounts, storage, id) = (client.ftp_accounts(), client.storage(), FtpAccountId::new(1));
    let update = FtpAccountUpdate::new().password(PASSWORD);
    match operation % 22 {
        0 => told(client.auth().token()).await,
        1 => told(accounts.create(NewFtpAccount::new("u", AccessRights::ReadOnly, "/").password(PASSWORD))).await,
        2 => listed(accounts.list(), options).await,
        3 => told(accounts.get(id)).await,
        4 => told(accounts.update(id, update)).await,
        5 => told(accounts.update_and_fetch(id, update)).await,
        6 => told(accounts.delete(id)).await,
        7 => listed(storage.list_tree("/a"), options).await,
        8 => listed(storage.list_dirs("/a"), options).await,
        9 => listed(storage.list_files("/a"), options).await,
        10 => told(storage.find_file("/a/b")).await,
        11 => told(storage.move_to("/a", "/b")).await,
        12 => told(storage.move_many([("/a", "/b"), ("/c", "/d")])).await,
        13 => told(storage.rename("/a", "b")).await,
        14 => told(storage.delete("/a")).await,
        15 => told(storage.delete_many(["/a", "/b"])).await,
        16 => told(storage.mkdir("/a")).await,
        17 => told(storage.upload("/a", Source::from("a"))).await,
        18 => told(storage.upload_many([("/a", Source::from("a")), ("/b/c", Source::from("b"))])).await,
        19 => told(storage.prepare_download(["/a"])).await,
        20 => told(storage.delete_everything()).await,
        _ => told(client.raw(ftpgrid::raw::Method::GET, "/new").into_call()).await,
    }
}
