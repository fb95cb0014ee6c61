//! The program: see `mft-simulator --help`.
#![allow(clippy::doc_markdown)] // the help of clap is no Markdown

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use mft_simulator::{FaultRule, Operation, StorageSettings, brickftp, sftptogo};

/// Simulates a managed file transfer service, so that clients in any language can be tested without an account.
///
/// Prints the environment that points a client at the simulator, as `export NAME='value'` lines, and runs until
/// Ctrl-C. Only these lines go to standard output. With a command behind `--` it runs the command in that environment
/// instead, and ends with it and with its exit status.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
#[allow(clippy::struct_excessive_bools)] // each is a switch of the command line
struct Arguments {
    /// The service to simulate.
    #[arg(long, value_enum, default_value = "sftptogo")]
    provider: Provider,

    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8022")]
    listen: SocketAddr,

    /// Seeds ids, keys, passwords and the chances of faults: the same seed gives the same values.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// The API key to accept; made from the seed unless given.
    #[arg(long, value_name = "KEY")]
    api_key: Option<String>,

    /// sftptogo: the organization to simulate; its id is made from the seed unless given.
    #[arg(long, value_name = "ID")]
    organization_id: Option<String>,

    /// sftptogo: gives every key in every reply, where the documented examples leave some out.
    #[arg(long)]
    full_replies: bool,

    /// sftptogo: accepts http:// URLs of this machine for webhooks and delivers to them.
    #[arg(long)]
    allow_http_webhooks: bool,

    /// brickftp: where the storage listens; a free port beside the API unless given.
    #[arg(long, value_name = "ADDRESS")]
    storage_listen: Option<SocketAddr>,

    /// brickftp: keeps what exceeds the memory in a folder of its own in this one, instead of the system's.
    #[arg(long, value_name = "FOLDER")]
    data_folder: Option<PathBuf>,

    /// brickftp: the password of the user "admin"; made from the seed unless given.
    #[arg(long, value_name = "PASSWORD")]
    admin_password: Option<String>,

    /// brickftp: writes subfolders_locked in XML, where the service writes a name that XML does not allow.
    #[arg(long)]
    legal_xml: bool,

    /// Serves https, with a certificate made at start.
    #[arg(long)]
    tls: bool,

    /// Writes the certificate that clients have to trust to this file, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls")]
    tls_ca_out: Option<PathBuf>,

    /// Lets something go wrong; repeatable. See below for the words.
    #[arg(long, value_name = "RULE")]
    fault: Vec<FaultRule>,

    /// Prints one line for every exchange, on standard error.
    #[arg(long)]
    journal: bool,

    /// Lists the operations that fault rules can name, and ends.
    #[arg(long)]
    operations: bool,

    /// A command to run in the environment of the simulator.
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Provider {
    /// SFTP To Go.
    Sftptogo,
    /// BrickFTP.
    Brickftp,
}

impl Provider {
    fn operations(self) -> &'static [Operation] {
        match self {
            Self::Sftptogo => sftptogo::Simulator::operations(),
            Self::Brickftp => brickftp::Simulator::operations(),
        }
    }
}

enum Simulator {
    Sftptogo(sftptogo::Simulator),
    Brickftp(brickftp::Simulator),
}

impl Simulator {
    fn base_url(&self) -> String {
        match self {
            Self::Sftptogo(simulator) => simulator.base_url(),
            Self::Brickftp(simulator) => simulator.base_url(),
        }
    }

    fn ca_pem(&self) -> Option<&str> {
        match self {
            Self::Sftptogo(simulator) => simulator.ca_pem(),
            Self::Brickftp(simulator) => simulator.ca_pem(),
        }
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Sftptogo(simulator) => simulator.environment(),
            Self::Brickftp(simulator) => simulator.environment(),
        }
    }

    async fn shutdown(self) {
        match self {
            Self::Sftptogo(simulator) => simulator.shutdown().await,
            Self::Brickftp(simulator) => simulator.shutdown().await,
        }
    }

    /// A call for curl.
    fn example(&self) -> &'static str {
        match self {
            Self::Sftptogo(_) => {
                "--url $SFTPTOGO_BASE_URL/organizations/$SFTPTOGO_ORGANIZATION_ID/users \
                 -H \"Authorization: Bearer ${SFTPTOGO_API_KEY}\" -H \"Content-type: application/json\""
            }
            Self::Brickftp(_) => "--url $BRICKFTP_BASE_URL/users.json --user $BRICKFTP_API_KEY:x",
        }
    }
}

/// Long runs must not fill the memory with what nobody can ask for.
const JOURNAL_LIMIT: usize = 1000;

const EXAMPLES: &str = "\
Fault rules:
  OPERATION[:WORD]...   words are separated by colons and may come in any order

  OPERATION  a name (see --operations), a prefix such as sftptogo.credentials.*, or any

  When:      nth=N           only the N-th matching call        times=N   only the first N
             skip=N          leave the first N alone            chance=P  with probability P, 0 to 1
             seed=N          seed of the chance
             after           after the service has processed the request (otherwise before)

  What:      status=N        answer with this status            redirect=N   the same, goes with location=URL
             unauthorized    answer 401                         rate-limit=N/TIME  429 beyond N calls per TIME
             delay=TIME      wait (250ms, 2s, 1m)               stall        never answer
             reset           reset the connection               reset-mid-body  reset in the middle of the body
             truncate        send half of the body              drip=BYTES/TIME  send the body piece by piece
             garbage         bytes that are no HTTP             raw=TEXT     exactly these bytes
             close           answer, then close the connection  interim=N    a 1xx reply before the real one

  Transfers: early=BYTES     while the request's body arrives   slow-request=BYTES/TIME   read it slowly
             storage-code=CODE  an error of the storage, such as SlowDown
             expired-url   changed-content   wrong-etag   shift-content-range   corrupt
             truncate-unsized   excess   replace-status=N
             ignore-header=NAME   remove-header=NAME   replace-header=NAME=VALUE

  Reply:     header=NAME=VALUE   retry-after=VALUE   location=URL   headers=COUNT/SIZE
             body=TEXT   html   empty-list   storage-error   body-size=N   endless
             extra-keys   unknown-enums   numbers-as-strings   set=KEY=JSON   without=KEY

  A colon separates only before a small letter; write \\: for one that does not. In values \\r, \\n, \\t, \\\\ and \\xNN
  stand for themselves.

Examples:
  Run a simulator and point a shell at it:
    mft-simulator > simulator.env &
    . ./simulator.env
    curl --url $SFTPTOGO_BASE_URL/organizations/$SFTPTOGO_ORGANIZATION_ID/users \\
      -H \"Authorization: Bearer ${SFTPTOGO_API_KEY}\" -H \"Content-type: application/json\"

  Run a test suite against it, on a free port:
    mft-simulator --listen 127.0.0.1:0 -- npm test

  Another service, with a part of an upload that breaks off:
    mft-simulator --provider brickftp --fault 'brickftp.storage.put_part:nth=2:reset:early=1000000' -- npm test

  The second creation is answered with 503; every rotation is carried out and never answered; one call in ten is slow:
    mft-simulator --fault 'sftptogo.credentials.create:nth=2:status=503:retry-after=2' \\
                  --fault 'sftptogo.credentials.rotate_password:reset:after' \\
                  --fault 'any:chance=0.1:delay=2s'
";

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.operations {
        for operation in arguments.provider.operations() {
            println!("{:42} {:6} {}", operation.name, operation.method, operation.template);
        }
        return ExitCode::SUCCESS;
    }
    if let Some(name) = misplaced(&arguments) {
        eprintln!("error: {name} is for another provider");
        return ExitCode::FAILURE;
    }
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// An argument that the chosen provider has no use for.
fn misplaced(arguments: &Arguments) -> Option<&'static str> {
    let sftptogo = [
        ("--organization-id", arguments.organization_id.is_some()),
        ("--full-replies", arguments.full_replies),
        ("--allow-http-webhooks", arguments.allow_http_webhooks),
    ];
    let brickftp = [
        ("--storage-listen", arguments.storage_listen.is_some()),
        ("--data-folder", arguments.data_folder.is_some()),
        ("--admin-password", arguments.admin_password.is_some()),
        ("--legal-xml", arguments.legal_xml),
    ];
    let foreign: &[_] = match arguments.provider {
        Provider::Sftptogo => &brickftp,
        Provider::Brickftp => &sftptogo,
    };
    foreign.iter().find(|(_, given)| *given).map(|(name, _)| *name)
}

#[tokio::main]
async fn run(arguments: &Arguments) -> Result<ExitCode, Box<dyn Error>> {
    let simulator = match arguments.provider {
        Provider::Sftptogo => Simulator::Sftptogo(start_sftptogo(arguments).await?),
        Provider::Brickftp => Simulator::Brickftp(start_brickftp(arguments).await?),
    };
    if let (Some(file), Some(pem)) = (&arguments.tls_ca_out, simulator.ca_pem()) {
        std::fs::write(file, pem).map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    }
    let code = if arguments.command.is_empty() {
        eprint!("{}", hints(arguments, &simulator));
        std::io::stdout().write_all(exports(&simulator).as_bytes())?;
        until_stopped().await?;
        ExitCode::SUCCESS
    } else {
        run_command(&arguments.command, &simulator).await?
    };
    simulator.shutdown().await;
    Ok(code)
}

/// Adds what all services have in common: their builders have the same methods and no common type.
macro_rules! common {
    ($builder:expr, $arguments:expr) => {{
        let (mut builder, arguments) = ($builder, $arguments);
        builder = builder.listen(arguments.listen).seed(arguments.seed).journal_limit(JOURNAL_LIMIT);
        if let Some(key) = &arguments.api_key {
            builder = builder.api_key(key);
        }
        if arguments.tls {
            builder = builder.tls();
        }
        if arguments.journal {
            builder = builder.on_exchange(|exchange| eprintln!("{exchange}"));
        }
        for rule in &arguments.fault {
            builder = builder.fault(rule.clone());
        }
        builder
    }};
}

async fn start_sftptogo(arguments: &Arguments) -> Result<sftptogo::Simulator, Box<dyn Error>> {
    let mut builder = common!(sftptogo::Simulator::builder(), arguments);
    if let Some(id) = &arguments.organization_id {
        builder = builder.organization_id(id);
    }
    if arguments.full_replies {
        builder = builder.full_replies();
    }
    if arguments.allow_http_webhooks {
        builder = builder.allow_http_webhooks();
    }
    Ok(builder.start().await?)
}

async fn start_brickftp(arguments: &Arguments) -> Result<brickftp::Simulator, Box<dyn Error>> {
    let mut builder = common!(brickftp::Simulator::builder(), arguments);
    if let Some(address) = arguments.storage_listen {
        builder = builder.storage_listen(address);
    }
    if let Some(folder) = &arguments.data_folder {
        builder = builder.storage(StorageSettings::new().data_folder(folder));
    }
    if let Some(password) = &arguments.admin_password {
        builder = builder.admin_password(password);
    }
    if arguments.legal_xml {
        builder = builder.legal_xml();
    }
    Ok(builder.start().await?)
}

fn exports(simulator: &Simulator) -> String {
    let mut lines = String::new();
    for (name, value) in simulator.environment() {
        // A single quote inside single quotes is written as an end, an escaped quote, and a new start.
        let _ = writeln!(lines, "export {name}='{}'", value.replace('\'', r"'\''"));
    }
    lines
}

fn hints(arguments: &Arguments, simulator: &Simulator) -> String {
    let trust = match &arguments.tls_ca_out {
        Some(file) => format!("--cacert {} ", file.display()),
        None if arguments.tls => "--insecure ".to_owned(),
        None => String::new(),
    };
    format!(
        "Listening on {}. With the variables below in your shell:\n  curl {trust}{}\nCtrl-C stops.\n",
        simulator.base_url(),
        simulator.example()
    )
}

async fn run_command(command: &[String], simulator: &Simulator) -> Result<ExitCode, Box<dyn Error>> {
    let (program, rest) = command.split_first().ok_or("no command")?;
    let status = tokio::process::Command::new(program)
        .args(rest)
        .envs(simulator.environment())
        .kill_on_drop(true)
        .status()
        .await
        .map_err(|error| format!("cannot run {program}: {error}"))?;
    // Death by a signal has no code; shells report it above 128 and scripts only look for zero.
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(128);
    Ok(ExitCode::from(code))
}

#[cfg(unix)]
async fn until_stopped() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        stopped = tokio::signal::ctrl_c() => stopped,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn until_stopped() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
