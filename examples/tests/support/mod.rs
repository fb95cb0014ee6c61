//! Runs programs.
#![allow(dead_code)] // every test file uses its own part

pub(crate) mod tour;

use std::process::{Command, Output, Stdio};

use mft_simulator::brickftp;
use mft_simulator::sftptogo::Simulator;

/// The result of a program.
pub(crate) struct Ran {
    pub(crate) succeeded: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    #[track_caller]
    pub(crate) fn says(&self, text: &str) {
        assert!(
            self.stdout.contains(text) || self.stderr.contains(text),
            "no {text:?} in\n{}{}",
            self.stdout,
            self.stderr
        );
    }

    #[track_caller]
    pub(crate) fn hides(&self, secret: &str) {
        assert!(!secret.is_empty());
        assert!(!self.stdout.contains(secret) && !self.stderr.contains(secret), "a secret shows");
    }
}

/// Runs a program with only the variables of a simulator, if any.
pub(crate) async fn run(
    program: &str,
    arguments: &[&str],
    simulator: Option<&Simulator>,
    more: &[(&str, &str)],
) -> Ran {
    let mut command = command(program, arguments, simulator.map(Simulator::environment).unwrap_or_default());
    command.envs(more.iter().copied());
    end_of(command).await
}

/// Runs a program with only the variables of a simulated site.
pub(crate) async fn run_at(site: &brickftp::Simulator, program: &str, arguments: &[&str]) -> Ran {
    run_in(site.environment(), program, arguments).await
}

/// Runs a program with only these variables.
pub(crate) async fn run_in(environment: Vec<(&'static str, String)>, program: &str, arguments: &[&str]) -> Ran {
    end_of(command(program, arguments, environment)).await
}

/// Returns a command with only these variables.
pub(crate) fn command(program: &str, arguments: &[&str], environment: Vec<(&'static str, String)>) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(environment).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

async fn end_of(mut command: Command) -> Ran {
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    output.into()
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            succeeded: output.status.success(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
