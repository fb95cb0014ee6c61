//! Invites somebody: a user in a group, with a folder of their own, the right to it, and mail about what comes in.
//!
//! ```text
//! cargo run -p mft-examples --bin invite_a_user -- ada --email ada@acme.example --write-to ada.password
//! ```
//!
//! Needs `BRICKFTP_SUBDOMAIN` and `BRICKFTP_API_KEY`, or `--simulate`.
//!
//! Prints what it finds and what it makes, and in the end what to tell the person; the first password goes to a file and
//! nowhere else. Running it twice does no harm: what is there stays as it is.

use std::path::PathBuf;
use std::process::ExitCode;

use brickftp::{
    Client, Error, Group, NewGroup, NewNotification, NewPermission, NewUser, Outcome, PermissionKind, Secret,
    SendInterval, User, UserId,
};
use clap::Parser;
use mft_examples::{BrickftpAccount, Failure, SecretFile, exit_code, masked};

/// Invites a user to a folder of their own.
#[derive(Parser)]
#[command(after_help = "BRICKFTP_SUBDOMAIN and BRICKFTP_API_KEY name the site.")]
struct Arguments {
    /// The name to log in with.
    username: String,

    /// The address for mail.
    #[arg(long)]
    email: Option<String>,

    /// The group that the user is put into; made where it is missing.
    #[arg(long, value_name = "NAME", default_value = "Guests")]
    group: String,

    /// The user's folder; Guests/USERNAME unless given, made where it is missing.
    #[arg(long, value_name = "PATH")]
    folder: Option<String>,

    /// Writes the first password, and nothing else, to this file, which only its owner can read.
    #[arg(long, value_name = "FILE", required_unless_present = "simulate")]
    write_to: Option<PathBuf>,

    /// Works on a simulator in this process.
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
    println!("Tell {}:", arguments.email.as_deref().unwrap_or(&arguments.username));
    println!("  the address    https://{}.brickftp.com", client.subdomain());
    println!("  the user name  {}", user.username.as_deref().unwrap_or(&arguments.username));
    match (&password, &arguments.write_to) {
        (None, _) => println!("  the password   the one that {} has", arguments.username),
        (Some(_), Some(file)) => {
            println!("  the password   the one in {}, to be changed at the first login", file.display());
        }
        (Some(password), None) => println!("  the password   {}", masked(Some(password))),
    }
    println!("  the folder     {folder}, with mail every day that something comes in");
    Ok(())
}

/// Groups cannot be searched by name, and there are never many.
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
        println!("The group {name:?} is there.");
        return Ok(group);
    }
    match client.groups().create(NewGroup::new(name).notes("Made by invite_a_user")).await {
        Ok(group) => {
            println!("The group {name:?} was made.");
            Ok(group)
        }
        // Somebody may have been faster, or the reply was lost: in both cases it is there now.
        Err(error) => find_group(client, name).await?.ok_or_else(|| error.into()),
    }
}

/// The user, and the password if it was made here.
async fn user(
    client: &Client,
    arguments: &Arguments,
    group: &Group,
    folder: &str,
) -> Result<(User, Option<Secret>), Failure> {
    let name = arguments.username.as_str();
    if let Some(user) = client.users().find(name).await? {
        println!("The user {name:?} is there, and stays as it is.");
        join(client, group, &user).await?;
        return Ok((user, None));
    }
    // Before the user is there: where the file cannot be written, it had better not be.
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
            println!("The user {name:?} was made, in the group {:?}.", arguments.group);
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

/// Of a creation that failed, while the user is there.
fn what_happened(error: &Error) -> String {
    match error.outcome() {
        Outcome::Unknown => "The user is there, but the reply was lost: set a new password for the first login.".into(),
        _ => format!("Somebody was faster, and made a user of that name: {error}"),
    }
}

async fn join(client: &Client, group: &Group, user: &User) -> Result<(), Failure> {
    let is_member = user.group_ids.as_ref().is_some_and(|groups| groups.contains(&group.id));
    if !is_member {
        client.groups().add_member(group.id, user.id, false).await?;
        println!("It was put into the group.");
    }
    Ok(())
}

/// Makes a folder and those above it; the service wants them to be there.
async fn make_folder(client: &Client, folder: &str) -> Result<(), Failure> {
    let ends = folder.match_indices('/').map(|(at, _)| at).chain([folder.len()]);
    for path in ends.map(|end| &folder[..end]) {
        match client.files().stat(path).await {
            Ok(found) if found.is_folder() => {}
            Ok(_) => return Err(format!("{path:?} is a file, and a folder is wanted").into()),
            Err(error) if error.is_not_found() => {
                client.folders().create(path).await?;
                println!("The folder {path:?} was made.");
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
            println!("The permission is there.");
            return Ok(());
        }
    }
    client.permissions().create(NewPermission::new(folder, user, PermissionKind::Full).recursive(true)).await?;
    println!("The user may do everything in {folder:?} and below.");
    Ok(())
}

async fn notify(client: &Client, folder: &str, user: UserId) -> Result<(), Failure> {
    let mut notifications = client.notifications().list();
    while let Some(notification) = notifications.try_next().await? {
        if notification.path.as_deref() == Some(folder) && notification.user_id == Some(user) {
            println!("The notification is there.");
            return Ok(());
        }
    }
    client.notifications().create(NewNotification::new(folder, user).send_interval(SendInterval::Daily)).await?;
    println!("The user gets mail about what comes in, once a day.");
    Ok(())
}
