//! ftpGrid.

use ftpgrid::transfer::Source;
use ftpgrid::{
    AccessKey, AccessRights, AssociationKey, Authentication, Client, Destination, FtpAccountId, FtpAccountUpdate,
    MkdirBody, NewFtpAccount, NewName, SecretKey,
};

use super::{CallResult, Options, boxed, collect_list};
use crate::checks::{KEY, PASSWORD, SECRET_KEY};
use crate::transport::ScriptedTransport;

/// Builds a client with a token, or with keys that are exchanged for one.
pub(super) fn client(transport: &ScriptedTransport, options: Options) -> Client {
    let authentication =
        Authentication::keys(AssociationKey::new("association"), AccessKey::new("access"), SecretKey::new(SECRET_KEY));
    let builder = Client::builder(authentication).storage_url("https://web3.ftpgrid.com").transport(transport.clone());
    let builder = builder.retry(options.retry()).mkdir_body(MkdirBody::Filelist);
    let builder = if options.alternative() { builder } else { builder.initial_token(KEY) };
    builder.build().expect("a client")
}

pub(super) async fn perform(transport: &ScriptedTransport, operation: u8, options: Options) -> CallResult {
    let client = client(transport, options);
    let (accounts, storage, id) = (client.ftp_accounts(), client.storage(), FtpAccountId::new(1));
    let update = FtpAccountUpdate::new().password(PASSWORD);
    match operation % 22 {
        0 => boxed(client.auth().token()).await,
        1 => boxed(accounts.create(NewFtpAccount::new("u", AccessRights::ReadOnly, "/").password(PASSWORD))).await,
        2 => collect_list(accounts.list(), options).await,
        3 => boxed(accounts.get(id)).await,
        4 => boxed(accounts.update(id, update)).await,
        5 => boxed(accounts.update_and_fetch(id, update)).await,
        6 => boxed(accounts.delete(id)).await,
        7 => collect_list(storage.list_tree("/a"), options).await,
        8 => collect_list(storage.list_dirs("/a"), options).await,
        9 => collect_list(storage.list_files("/a"), options).await,
        10 => boxed(storage.find_file("/a/b")).await,
        11 => boxed(storage.move_to("/a", Destination::new("/b"))).await,
        12 => boxed(storage.move_many([("/a", Destination::new("/b")), ("/c", Destination::new("/d"))])).await,
        13 => boxed(storage.rename("/a", NewName::new("b"))).await,
        14 => boxed(storage.delete("/a")).await,
        15 => boxed(storage.delete_many(["/a", "/b"])).await,
        16 => boxed(storage.mkdir("/a")).await,
        17 => boxed(storage.upload("/a", Source::bytes("a"))).await,
        18 => boxed(storage.upload_many([("/a", Source::bytes("a")), ("/b/c", Source::bytes("b"))])).await,
        19 => boxed(storage.prepare_download(["/a"])).await,
        20 => boxed(storage.delete_everything()).await,
        _ => boxed(client.raw(ftpgrid::raw::Method::GET, "/new").into_call()).await,
    }
}
