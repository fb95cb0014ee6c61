//! Invalid input is rejected by field name before a request is sent.

mod support;

use ftpgrid::transfer::Source;
use ftpgrid::{
    AccessKey, AccessRights, AssociationKey, Authentication, Client, Destination, FtpAccountId, FtpAccountUpdate,
    NewFtpAccount, NewName, Result, SecretKey,
};
use mft_common::testing::MockTransport;
use mft_test_support::input;
use support::{authentication, scripted};

/// Returns a client without responses, and its transport.
fn client() -> (Client, MockTransport) {
    let script = MockTransport::new();
    (scripted(&script), script)
}

/// Asserts that the error names the field, contains no secret, and was raised before a request was sent.
#[track_caller]
fn refused<T>(result: Result<T>, script: &MockTransport, field: &str) -> String {
    input::refused("ftpgrid", result, script, field)
}

#[tokio::test]
async fn every_call_rejects_paths_that_resolve_to_another_path() {
    let (client, script) = client();
    let storage = client.storage();
    for path in ["", "..", "/a/../b", "a\\b", "/a\0", "a\r\nb", "/../"] {
        refused(storage.list_tree(path).try_collect_vec().await, &script, "path");
        refused(storage.list_dirs(path).try_collect_vec().await, &script, "path");
        refused(storage.list_files(path).try_collect_vec().await, &script, "path");
        refused(storage.move_to(path, Destination::new("/b")).await, &script, "from");
        refused(storage.move_to("/b", Destination::new(path)).await, &script, "to");
        refused(
            storage.move_many([("/b", Destination::new("/c")), ("/d", Destination::new(path))]).await,
            &script,
            "to",
        );
        refused(storage.rename(path, NewName::new("b")).await, &script, "path");
        refused(storage.delete(path).await, &script, "path");
        refused(storage.delete_many(["/b", path]).await, &script, "path");
        refused(storage.upload(path, Source::bytes("x")).await, &script, "path");
        refused(storage.download(path).bytes(9).await, &script, "path");
        refused(storage.download_many(["/b", path]).bytes(9).await, &script, "path");
        refused(storage.prepare_download([path]).await, &script, "path");
        #[cfg(feature = "unverified")]
        refused(storage.mkdir(path).await, &script, "path");
        refused(storage.find_file(path).await, &script, "path");
    }
    for name in ["", ".", "..", "a/b", "/b", "a\\b", "a\n"] {
        refused(storage.rename("/a", NewName::new(name)).await, &script, "name");
    }
}

#[tokio::test]
async fn only_delete_everything_accepts_the_root() {
    let (client, script) = client();
    let storage = client.storage();
    for root in ["/", "//", ".", "/./"] {
        refused(storage.delete(root).await, &script, "path");
        refused(storage.delete_many(["/a", root]).await, &script, "path");
        refused(storage.move_to(root, Destination::new("/b")).await, &script, "from");
        refused(storage.rename(root, NewName::new("b")).await, &script, "path");
        refused(storage.upload(root, Source::bytes("x")).await, &script, "path");
        refused(storage.download(root).bytes(9).await, &script, "path");
    }
    for directory in ["/a/", "a//", "/a/.", "a/./."] {
        refused(storage.upload(directory, Source::bytes("x")).await, &script, "path");
        refused(storage.download(directory).bytes(9).await, &script, "path");
        refused(storage.prepare_download(["/b", directory]).await, &script, "path");
        refused(storage.find_file(directory).await, &script, "path");
    }
}

#[tokio::test]
async fn rejects_empty_lists_and_duplicate_upload_paths() {
    let (client, script) = client();
    let storage = client.storage();
    refused(storage.delete_many([""; 0]).await, &script, "Filelist");
    refused(storage.move_many(std::iter::empty::<(&str, Destination)>()).await, &script, "Movelist");
    refused(storage.prepare_download([""; 0]).await, &script, "Filelist");
    refused(storage.download_many([""; 0]).bytes(9).await, &script, "Filelist");
    refused(storage.upload_many(std::iter::empty::<(&str, Source)>()).await, &script, "files");
    refused(storage.upload_many([("/a/b", Source::bytes("x")), ("a//b", Source::bytes("y"))]).await, &script, "path");
    refused(storage.download_prepared(&"".into()).bytes(9).await, &script, "id");
    for name in ["a%22b", "%0d", "/x/%0A.txt"] {
        let line = refused(storage.upload(name, b"x").await, &script, "path");
        assert!(line.contains("a form cannot represent"), "{line}");
    }
}

#[tokio::test]
async fn rejects_accounts_with_empty_fields() {
    use AccessRights::ReadWrite;
    let (client, script) = client();
    let accounts = client.ftp_accounts();
    let id = FtpAccountId::new(1);
    for name in ["", "  "] {
        refused(accounts.create(NewFtpAccount::new(name, ReadWrite, "/")).await, &script, "Username");
        refused(accounts.update(id, FtpAccountUpdate::new().username(name)).await, &script, "Username");
    }
    for chroot in ["", "C:\\cams", "/a/..", "/a\n"] {
        refused(accounts.create(NewFtpAccount::new("u", ReadWrite, chroot)).await, &script, "Chroot");
        refused(accounts.update(id, FtpAccountUpdate::new().chroot(chroot)).await, &script, "Chroot");
    }
    refused(accounts.create(NewFtpAccount::new("u", ReadWrite, "/").password("")).await, &script, "Password");
    refused(accounts.update(id, FtpAccountUpdate::new().password("")).await, &script, "Password");
    refused(accounts.update(id, FtpAccountUpdate::new()).await, &script, "update");
}

#[tokio::test]
async fn rejects_invalid_public_keys_without_quoting_them() {
    let (client, script) = client();
    for text in [
        "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n-----END OPENSSH PRIVATE KEY-----",
        "---- BEGIN SSH2 PUBLIC KEY ----\nhunter2",
        "ssh-rsa AAAA hunter2\nssh-rsa BBBB",
        "ssh-rsa\0hunter2",
        "  ",
        "hunter2",
        "ssh-rsa hunter2",
        "ssh-dss AAAAB3NzaC1kc3MAAACBhunter2 cam7",
        "ecdsa-sha2-nistp521 AAAAhunter2",
    ] {
        let account = NewFtpAccount::new("u", AccessRights::ReadOnly, "/").public_key(text);
        let update = FtpAccountUpdate::new().public_key(text);
        for line in [
            refused(client.ftp_accounts().create(account).await, &script, "RsaKey"),
            refused(client.ftp_accounts().update(FtpAccountId::new(1), update).await, &script, "RsaKey"),
        ] {
            assert!(!line.contains("hunter2"), "{line}");
        }
    }
    let empty = NewFtpAccount::new("u", AccessRights::ReadOnly, "/").public_key("");
    refused(client.ftp_accounts().create(empty).await, &script, "RsaKey");
}

#[tokio::test]
async fn storage_calls_need_the_storage_url() {
    let script = MockTransport::new();
    let client = Client::builder(authentication()).transport(script.clone()).initial_token("t").build().unwrap();
    for line in [
        refused(client.storage().list_files("/").try_collect_vec().await, &script, "storage_url"),
        refused(client.storage().upload("/a", b"x").await, &script, "storage_url"),
        refused(client.storage().download("/a").bytes(9).await, &script, "storage_url"),
        refused(client.storage().delete("/a").await, &script, "storage_url"),
    ] {
        assert!(line.contains("the dashboard shows it"), "{line}");
    }
    let call = client.raw_storage(ftpgrid::raw::Method::POST, "/api/list/files");
    assert!(call.into_call().await.unwrap_err().is_invalid_input());
}

#[tokio::test]
async fn accepts_the_storage_url_in_all_documented_forms() {
    for url in ["https://web3.ftpgrid.com", "https://web3.ftpgrid.com/", " https://web3.ftpgrid.com/api/ "] {
        let script = MockTransport::new().reply(200, &[], "[]");
        let client = Client::builder(authentication()).transport(script.clone()).initial_token("t").storage_url(url);
        client.build().unwrap().storage().list_files("/").try_collect_vec().await.unwrap();
        assert_eq!(script.calls()[0].uri.to_string(), "https://web3.ftpgrid.com/api/list/files");
    }
}

#[test]
fn build_rejects_invalid_settings() {
    let builder = || Client::builder(authentication()).transport(MockTransport::new());
    for (builder, message) in [
        (builder().storage_url("web3.ftpgrid.com"), "storage_url is not an absolute URL"),
        (builder().storage_url("http://web3.ftpgrid.com"), "storage_url is plain http"),
        (
            builder().storage_url("https://u:hunter2@web3.ftpgrid.com"),
            "storage_url must not contain a user name or password",
        ),
        (builder().base_url("ftp://api.ftpgrid.com"), "base URL must begin with https://"),
        (
            Client::builder(Authentication::keys(AssociationKey::new(""), AccessKey::new("b"), SecretKey::new("c"))),
            "association_key is empty",
        ),
        (
            Client::builder(Authentication::keys(AssociationKey::new("a"), AccessKey::new(" "), SecretKey::new("c"))),
            "access_key is empty",
        ),
        (
            Client::builder(Authentication::keys(AssociationKey::new("a"), AccessKey::new("b"), SecretKey::new("\n"))),
            "secret_key is empty",
        ),
    ] {
        input::assert_build_fails(builder.build(), message);
    }
}
