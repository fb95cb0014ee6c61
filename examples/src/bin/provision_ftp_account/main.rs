//! Creates a login for a partner: the same task on each of the five services.
//!
//! ```text
//! cargo run -p mft-examples --bin provision_ftp_account -- --service stook acme-intake-01 --write-to acme.password
//! cargo run -p mft-examples --bin provision_ftp_account -- --service ftpgrid --read-only --remove
//! ```
//!
//! Uses the account from the environment or, if it has none, a simulator in this process. Each service has its own
//! module: `sftptogo.rs`, `ftpgrid.rs`, `brickftp.rs`, `usebuckets.rs`, `stook.rs`.
//!
//! Prints the login details for the partner, as far as the API returns them. Writes the password to a file only. Then
//! reads the login back and compares it.

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
Environment of the selected service; without it, a simulator in this process is used:
  sftptogo    SFTPTOGO_ORGANIZATION_ID, SFTPTOGO_API_KEY
  ftpgrid     FTPGRID_ASSOCIATION_KEY, FTPGRID_ACCESS_KEY, FTPGRID_SECRET_KEY, FTPGRID_STORAGE_URL
  brickftp    BRICKFTP_SUBDOMAIN, BRICKFTP_API_KEY
  usebuckets  USEBUCKETS_API_KEY
  stook       STOOK_ORGANIZATION_UUID, STOOK_API_KEY, STOOK_API_SECRET";

/// Creates a login for a partner, with its own folder.
#[derive(Parser)]
#[command(after_help = ENVIRONMENT)]
struct Arguments {
    /// The username. One service wants ten characters at least, another one makes a longer name of it.
    #[arg(default_value = "acme-intake-01")]
    name: String,

    /// The service.
    #[arg(long, value_enum)]
    service: Service,

    /// The partner's folder. Default: /NAME.
    #[arg(long, value_name = "PATH")]
    folder: Option<String>,

    /// Grants read access only.
    #[arg(long)]
    read_only: bool,

    /// Writes the password to this file, readable only by its owner.
    #[arg(long, value_name = "FILE")]
    write_to: Option<PathBuf>,

    /// Removes the login at the end.
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

/// The requested login.
struct Partner {
    name: String,
    /// Without leading or trailing slash.
    folder: String,
    read_only: bool,
    /// Generated here, so that it is known even if the response is lost. It satisfies all five password policies.
    password: Secret,
}

/// A login as read back from the service.
struct Login {
    name: String,
    /// The host to connect to, if the API returns it.
    address: Option<String>,
    folder: String,
    read_only: bool,
}

/// The task, implemented for each service.
trait Provision {
    /// The id of the login.
    type Id;

    /// Creates the login.
    async fn create(&self, partner: &Partner) -> Result<Self::Id, Failure>;

    /// Reads the login back.
    async fn read_back(&self, id: &Self::Id) -> Result<Login, Failure>;

    /// Removes the login and describes how.
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
        println!("The environment has no account: using a simulator in this process.");
    } else if arguments.write_to.is_none() && !arguments.remove {
        return Err("--write-to FILE is required: the password is written nowhere else".into());
    }
    let partner = Partner {
        name: arguments.name.clone(),
        folder: arguments.folder.as_ref().unwrap_or(&arguments.name).trim_matches('/').to_owned(),
        read_only: arguments.read_only,
        password: Secret::new(format!("Mft-{}", uuid::Uuid::new_v4())),
    };
    // Open the file first: if it cannot be written, do not create the login.
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
    println!("Login details for {}:", clean(&partner.name));
    println!("  username  {}", clean(&login.name));
    match &arguments.write_to {
        Some(file) => println!("  password  in {}", file.display()),
        None => println!("  password  {}", masked(Some(&partner.password))),
    }
    match &login.address {
        Some(address) => println!("  address   {}", clean(address)),
        None => println!("  address   shown in the service's control panel; the API does not return it"),
    }
    println!("  folder    {}", clean(&login.folder));
    println!("  access    {}", if login.read_only { "read" } else { "read and write" });
}

/// Compares the stored login with the request. The service may extend a name or a folder.
fn verify(partner: &Partner, login: &Login) -> Result<(), Failure> {
    if login.read_only != partner.read_only {
        return Err("the login has other permissions".into());
    }
    if !login.name.starts_with(&partner.name) {
        return Err("the login has another username".into());
    }
    if !login.folder.trim_matches('/').ends_with(&partner.folder) {
        return Err("the login has another folder".into());
    }
    println!("Read back: matches the request.");
    Ok(())
}
