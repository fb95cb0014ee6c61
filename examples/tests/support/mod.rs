//! Runs programs.

use std::process::Command;

use mft_simulator::sftptogo::Simulator;

/// What a program came to.
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

/// Runs a program in an environment of its own, that of a simulator where there is one.
pub(crate) async fn run(
    program: &str,
    arguments: &[&str],
    simulator: Option<&Simulator>,
    more: &[(&str, &str)],
) -> Ran {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(more.iter().copied());
    if let Some(simulator) = simulator {
        command.envs(simulator.environment());
    }
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    Ran {
        succeeded: output.status.success(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}
