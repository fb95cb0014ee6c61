//! The program `mft-simulator`. See `mft-simulator --help`.
#![allow(clippy::doc_markdown)] // the help of clap is no Markdown

mod arguments;
mod services;

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser;

use self::arguments::Arguments;
use self::services::Simulator;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.operations {
        for operation in arguments.provider.operations() {
            println!("{:42} {:6} {}", operation.name, operation.method, operation.template);
        }
        return ExitCode::SUCCESS;
    }
    if let Some((name, owners)) = arguments.misplaced() {
        eprintln!("error: {name} is not supported by this provider; select one of {owners} with --provider");
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

#[tokio::main]
async fn run(arguments: &Arguments) -> Result<ExitCode, Box<dyn Error>> {
    let simulator = services::start(arguments).await?;
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

fn exports(simulator: &Simulator) -> String {
    let mut lines = String::new();
    for (name, value) in simulator.environment() {
        // Inside single quotes, a single quote is written as `'\''`.
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
        "Listening on {}. After loading the variables below into your shell:\n  curl {trust}{}\nPress Ctrl-C to stop.\n",
        simulator.base_url(),
        simulator.example()
    )
}

async fn run_command(command: &[String], simulator: &Simulator) -> Result<ExitCode, Box<dyn Error>> {
    let (program, arguments) = command.split_first().ok_or("the command is missing")?;
    let status = tokio::process::Command::new(program)
        .args(arguments)
        .envs(simulator.environment())
        .kill_on_drop(true)
        .status()
        .await
        .map_err(|error| format!("cannot run {program}: {error}"))?;
    // A process that was killed by a signal has no exit code. Shells report it above 128.
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
