//! The program: see `mft-simulator --help`.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use mft_simulator::FaultRule;
use mft_simulator::sftptogo::Simulator;

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

    /// The organization to simulate; its id is made from the seed unless given.
    #[arg(long, value_name = "ID")]
    organization_id: Option<String>,

    /// Gives every key in every reply, where the documented examples leave some out.
    #[arg(long)]
    full_replies: bool,

    /// Accepts http:// URLs of this machine for webhooks and delivers to them.
    #[arg(long)]
    allow_http_webhooks: bool,

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

  The second creation is answered with 503; every rotation is carried out and never answered; one call in ten is slow:
    mft-simulator --fault 'sftptogo.credentials.create:nth=2:status=503:retry-after=2' \\
                  --fault 'sftptogo.credentials.rotate_password:reset:after' \\
                  --fault 'any:chance=0.1:delay=2s'
";

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.operations {
        for operation in Simulator::operations() {
            println!("{:42} {:6} {}", operation.name, operation.method, operation.template);
        }
        return ExitCode::SUCCESS;
    }
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(arguments: &Arguments) -> Result<ExitCode, Box<dyn Error>> {
    let simulator = match arguments.provider {
        Provider::Sftptogo => start(arguments).await?,
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

async fn start(arguments: &Arguments) -> Result<Simulator, Box<dyn Error>> {
    let mut builder = Simulator::builder().listen(arguments.listen).seed(arguments.seed).journal_limit(JOURNAL_LIMIT);
    if let Some(key) = &arguments.api_key {
        builder = builder.api_key(key);
    }
    if let Some(id) = &arguments.organization_id {
        builder = builder.organization_id(id);
    }
    if arguments.full_replies {
        builder = builder.full_replies();
    }
    if arguments.allow_http_webhooks {
        builder = builder.allow_http_webhooks();
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
        "Listening on {}. With the variables below in your shell:\n  \
         curl {trust}--url $SFTPTOGO_BASE_URL/organizations/$SFTPTOGO_ORGANIZATION_ID/users \
         -H \"Authorization: Bearer ${{SFTPTOGO_API_KEY}}\" -H \"Content-type: application/json\"\n\
         Ctrl-C stops.\n",
        simulator.base_url()
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
