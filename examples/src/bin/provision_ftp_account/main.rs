//! Gives a partner a login: the same task on each of the five services, to compare them.
//!
//! ```text
//! cargo run -p mft-examples --bin provision_ftp_account -- --service stook acme-intake-01 --write-to acme.password
//! cargo run -p mft-examples --bin provision_ftp_account -- --service ftpgrid --read-only --remove
//! ```
//!
//! Works on the account that the environment names or, where it names none of that service, on a simulator in this
//! process. What a service wants for it is in its module, and in nothing but that: `sftptogo.rs`, `ftpgrid.rs`,
//! `brickftp.rs`, `usebuckets.rs`, `stook.rs`.
//!
//! Prints what to tell the partner, as far as the API says it; the password goes to a file and nowhere else. Then it
//! reads the login back and compares.

mod brickftp;
mod ftpgrid;
mod sftptogo;
mod stook;
mod usebuckets;

use std::path::PathBuf;
use std::process::ExitCode;

use ::sftptogo::Secret;
use clap::{Parser, ValueEnum};
use mft_examples::{
    Account, BrickftpAccount, Failure, FtpgridAccount, SecretFile, SftptogoAccount, Simulated, StookAccount,
    UsebucketsAccount, clean, exit_code, masked,
};

const ENVIRONMENT: &str = "\
Environment, of the service that is chosen; without it a simulator in this process plays the service:
  sftptogo    SFTPTOGO_ORGANIZATION_ID, SFTPTOGO_API_KEY
  ftpgrid     FTPGRID_ASSOCIATION_KEY, FTPGRID_ACCESS_KEY, FTPGRID_SECRET_KEY, FTPGRID_STORAGE_URL
  brickftp    BRICKFTP_SUBDOMAIN, BRICKFTP_API_KEY
  usebuckets  USEBUCKETS_API_KEY
  stook       STOOK_ORGANIZATION_UUID, STOOK_API_KEY, STOOK_API_SECRET";

/// Gives a partner a login to a folder of their own.
#[derive(Parser)]
#[command(after_help = ENVIRONMENT)]
struct Arguments {
    /// The name to log in with. One service wants ten characters at least, another one makes a longer name of it.
    #[arg(default_value = "acme-intake-01")]
    name: String,

    /// Where.
    #[arg(long, value_enum)]
    service: Service,

    /// The partner's folder; /NAME unless given.
    #[arg(long, value_name = "PATH")]
    folder: Option<String>,

    /// Lets the partner fetch files only.
    #[arg(long)]
    read_only: bool,

    /// Writes the password, and nothing else, to this file, which only its owner can read.
    #[arg(long, value_name = "FILE")]
    write_to: Option<PathBuf>,

    /// Takes the login away in the end.
    #[arg(long)]
    remove: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Service {
    /// SFTP To Go.
    Sftptogo,
    /// ftpGrid.
    Ftpgrid,
    /// BrickFTP.
    Brickftp,
    /// Buckets.
    Usebuckets,
    /// Stook.
    Stook,
}

/// Who gets a login, and to what.
struct Partner {
    name: String,
    /// Without slashes around it.
    folder: String,
    read_only: bool,
    /// Made here, so that it is known whatever the service says. It suits all five.
    password: Secret,
}

/// A login as the service tells it afterwards.
struct Login {
    name: String,
    /// Where to connect, where the API tells it.
    address: Option<String>,
    folder: String,
    read_only: bool,
}

/// The task.
trait Provision {
    /// What the service knows the login by.
    type Id;

    /// Makes the login.
    async fn create(&self, partner: &Partner) -> Result<Self::Id, Failure>;

    /// Asks the service what has become of it.
    async fn read_back(&self, id: &Self::Id) -> Result<Login, Failure>;

    /// Takes it away, and says how.
    async fn remove(&self, id: &Self::Id) -> Result<&'static str, Failure>;
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    exit_code(match arguments.service {
        Service::Sftptogo => provision(SftptogoAccount::open_or_simulated().await, &arguments).await,
        Service::Ftpgrid => provision(FtpgridAccount::open_or_simulated().await, &arguments).await,
        Service::Brickftp => provision(BrickftpAccount::open_or_simulated().await, &arguments).await,
        Service::Usebuckets => provision(UsebucketsAccount::open_or_simulated().await, &arguments).await,
        Service::Stook => provision(StookAccount::open_or_simulated().await, &arguments).await,
    })
}

async fn provision<S>(account: Result<Account<S>, Failure>, arguments: &Arguments) -> Result<(), Failure>
where
    S: Simulated,
    S::Client: Provision,
{
    let account = account?;
    if account.simulator.is_some() {
        println!("The environment names no account: a simulator in this process plays the service.");
    } else if arguments.write_to.is_none() && !arguments.remove {
        return Err("--write-to says which file gets the password; without it nobody would know it".into());
    }
    let partner = Partner {
        name: arguments.name.clone(),
        folder: arguments.folder.as_ref().unwrap_or(&arguments.name).trim_matches('/').to_owned(),
        read_only: arguments.read_only,
        password: Secret::new(format!("Mft-{}", uuid::Uuid::new_v4())),
    };
    // Before the login is there: where the file cannot be written, it had better not be.
    let file = arguments.write_to.as_deref().map(SecretFile::open).transpose()?;
    let id = account.client.create(&partner).await?;
    if let Some(file) = file {
        file.write(&partner.password)?;
    }
    let login = account.client.read_back(&id).await?;
    tell(&partner, &login, arguments);
    let verdict = verify(&partner, &login);
    if arguments.remove {
        println!("{}", account.client.remove(&id).await?);
    }
    verdict
}

fn tell(partner: &Partner, login: &Login, arguments: &Arguments) {
    println!("Tell {}:", clean(&partner.name));
    println!("  the user name  {}", clean(&login.name));
    match &arguments.write_to {
        Some(file) => println!("  the password   the one in {}", file.display()),
        None => println!("  the password   {}", masked(Some(&partner.password))),
    }
    match &login.address {
        Some(address) => println!("  the address    {}", clean(address)),
        None => println!("  the address    the one that the service's control panel shows: its API does not tell it"),
    }
    println!("  the folder     {}", clean(&login.folder));
    println!("  the right      to {}", if login.read_only { "read" } else { "read and write" });
}

/// Whether the service has made what it was asked for. A name or a folder may have become longer.
fn verify(partner: &Partner, login: &Login) -> Result<(), Failure> {
    if login.read_only != partner.read_only {
        return Err("the login may not do what it should, or more".into());
    }
    if !login.name.starts_with(&partner.name) {
        return Err("the login has another name".into());
    }
    if !login.folder.trim_matches('/').ends_with(&partner.folder) {
        return Err("the login leads to another folder".into());
    }
    println!("Read back: as it should be.");
    Ok(())
}
