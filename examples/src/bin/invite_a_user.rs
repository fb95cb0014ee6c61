//! Invites a user: creates the user in a group, a folder, a permission, and an e-mail notification.
//!
//! ```text
//! cargo run -p mft-examples --bin invite_a_user -- ada --email ada@acme.example --write-to ada.password
//! ```
//!
//! Needs `BRICKFTP_SUBDOMAIN` and `BRICKFTP_API_KEY`, or `--simulate`.
//!
//! Prints each object that it finds or creates, and then the login details. Writes the first password to a file only. The
//! program is idempotent: existing objects are left unchanged.

use std::path::PathBuf;
use std::process::ExitCode;

use brickftp::{
    Client, Error, Group, NewGroup, NewNotification, NewPermission, NewUser, Outcome, PermissionKind, Secret,
    SendInterval, User, UserId,
};
use clap::Parser;
use mft_examples::{BrickftpAccount, Failure, SecretFile, exit_code, masked};

/// Invites a user to their own folder.
#[derive(Parser)]
#[command(after_help = "BRICKFTP_SUBDOMAIN and BRICKFTP_API_KEY select the site.")]
struct Arguments {
    /// The username.
    username: String,

    /// The e-mail address.
    #[arg(long)]
    email: Option<String>,

    /// The group of the user. Created if missing.
    #[arg(long, value_name = "NAME", default_value = "Guests")]
    group: String,

    /// The user's folder. Default: Guests/USERNAME. Created if missing.
    #[arg(long, value_name = "PATH")]
    folder: Option<String>,

    /// Writes the first password to this file, readable only by its owner.
    #[arg(long, value_name = "FILE", required_unless_present = "simulate")]
    write_to: Option<PathBuf>,

    /// Uses a simulator in this process.
    #[arg(long, visible_alias = "simulator")]
    simulate: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    exit_code(invite(&Arguments::parse()).await)
}

async fn invite(arguments: &Arguments) -> Result<(), Failure> {
    let site = BrickftpAccount::open(arguments.simulate).await?;
    let client = &site.client;
    let folder = arguments.folder.clone().unwrap_or_else(|| format!("Guests/{}", arguments.username));
    let folder = folder.trim_matches('/');

    let group = group(client, &arguments.group).await?;
    let (user, password) = user(client, arguments, &group, folder).await?;
    make_folder(client, folder).await?;
    permit(client, folder, user.id).await?;
    notify(client, folder, user.id).await?;

    println!();
    println!("Login details for {}:", arguments.email.as_deref().unwrap_or(&arguments.username));
    println!("  address   https://{}.brickftp.com", client.subdomain());
    println!("  username  {}", user.username.as_deref().unwrap_or(&arguments.username));
    match (&password, &arguments.write_to) {
        (None, _) => println!("  password  unchanged; {} has it", arguments.username),
        (Some(_), Some(file)) => {
            println!("  password  in {}; must be changed at the first login", file.display());
        }
        (Some(password), None) => println!("  password  {}", masked(Some(password))),
    }
    println!("  folder    {folder}, with a daily e-mail about new files");
    Ok(())
}

/// The service cannot search groups by name.
async fn find_group(client: &Client, name: &str) -> brickftp::Result<Option<Group>> {
    let mut groups = client.groups().list();
    while let Some(group) = groups.try_next().await? {
        if group.name.as_deref() == Some(name) {
            return Ok(Some(group));
        }
    }
    Ok(None)
}

async fn group(client: &Client, name: &str) -> Result<Group, Failure> {
    if let Some(group) = find_group(client, name).await? {
        println!("The group {name:?} exists.");
        return Ok(group);
    }
    match client.groups().create(NewGroup::new(name).notes("Created by invite_a_user")).await {
        Ok(group) => {
            println!("The group {name:?} was created.");
            Ok(group)
        }
        // Another program created it, or the response was lost. The group exists in both cases.
        Err(error) => find_group(client, name).await?.ok_or_else(|| error.into()),
    }
}

/// The user, and the password if this program created it.
async fn user(
    client: &Client,
    arguments: &Arguments,
    group: &Group,
    folder: &str,
) -> Result<(User, Option<Secret>), Failure> {
    let name = arguments.username.as_str();
    if let Some(user) = client.users().find(name).await? {
        println!("The user {name:?} exists and is left unchanged.");
        join(client, group, &user).await?;
        return Ok((user, None));
    }
    // Open the file first: if it cannot be written, do not create the user.
    let file = arguments.write_to.as_deref().map(SecretFile::open).transpose()?;
    let password = Secret::new(uuid::Uuid::new_v4().to_string());
    let mut new = NewUser::new(name)
        .password(password.clone())
        .require_password_change(true)
        .user_root(format!("{folder}/"))
        .group_ids([group.id]);
    if let Some(email) = &arguments.email {
        new = new.email(email);
    }
    match client.users().create(new).await {
        Ok(user) => {
            if let Some(file) = file {
                file.write(&password)?;
            }
            println!("The user {name:?} was created in the group {:?}.", arguments.group);
            Ok((user, Some(password)))
        }
        Err(error) => match client.users().find(name).await? {
            Some(user) => {
                println!("{}", what_happened(&error));
                join(client, group, &user).await?;
                Ok((user, None))
            }
            None => Err(error.into()),
        },
    }
}

/// Explains a failed create if the user exists.
fn what_happened(error: &Error) -> String {
    match error.outcome() {
        Outcome::Unknown => {
            "The user exists, but the response was lost: set a new password for the first login.".into()
        }
        _ => format!("Another program created a user with this name: {error}"),
    }
}

async fn join(client: &Client, group: &Group, user: &User) -> Result<(), Failure> {
    let is_member = user.group_ids.as_ref().is_some_and(|groups| groups.contains(&group.id));
    if !is_member {
        client.groups().add_member(group.id, user.id, false).await?;
        println!("The user was added to the group.");
    }
    Ok(())
}

/// Creates a folder and its parents, which the service requires.
async fn make_folder(client: &Client, folder: &str) -> Result<(), Failure> {
    let ends = folder.match_indices('/').map(|(at, _)| at).chain([folder.len()]);
    for path in ends.map(|end| &folder[..end]) {
        match client.files().stat(path).await {
            Ok(found) if found.is_folder() => {}
            Ok(_) => return Err(format!("{path:?} is a file, not a folder").into()),
            Err(error) if error.is_not_found() => {
                client.folders().create(path).await?;
                println!("The folder {path:?} was created.");
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

async fn permit(client: &Client, folder: &str, user: UserId) -> Result<(), Failure> {
    let mut permissions = client.permissions().list_for_path(folder);
    while let Some(permission) = permissions.try_next().await? {
        let is_this = permission.path.as_deref() == Some(folder) && permission.user_id == Some(user);
        if is_this && permission.permission == Some(PermissionKind::Full) {
            println!("The permission exists.");
            return Ok(());
        }
    }
    client.permissions().create(NewPermission::new(folder, user, PermissionKind::Full).recursive(true)).await?;
    println!("The user has full permission on {folder:?} and below.");
    Ok(())
}

async fn notify(client: &Client, folder: &str, user: UserId) -> Result<(), Failure> {
    let mut notifications = client.notifications().list();
    while let Some(notification) = notifications.try_next().await? {
        if notification.path.as_deref() == Some(folder) && notification.user_id == Some(user) {
            println!("The notification exists.");
            return Ok(());
        }
    }
    client.notifications().create(NewNotification::new(folder, user).send_interval(SendInterval::Daily)).await?;
    println!("The user gets a daily e-mail about new files.");
    Ok(())
}
