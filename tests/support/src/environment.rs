//! The configuration of a client from environment variables. Each case runs in its own process, because variables
//! belong to the whole process.
//!
//! The child is an ignored test of the same file that prints one line with `print_result`.

use std::fmt::Display;
use std::process::Command;

use mft_common::Result;

/// The variables that a client reads.
#[derive(Debug, Clone, Copy)]
pub struct Environment(pub &'static [&'static str]);

impl Environment {
    /// Runs a child with these variables and returns the line that it printed. Other variables of the client are unset.
    #[must_use]
    pub fn output_of(self, child: &str, variables: &[(&str, &str)]) -> String {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", child, "--ignored", "--nocapture"]);
        for name in self.0 {
            command.env_remove(name);
        }
        let output = command.envs(variables.iter().copied()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let output = text.split_once("<<").and_then(|(_, rest)| rest.split_once(">>"));
        output.expect("output of the child").0.to_owned()
    }

    /// The same with proxy variables that contain an unreachable proxy. The tasks of the caller's runtime keep running.
    pub async fn output_behind_proxy(self, child: &'static str, variables: &[(&'static str, &str)]) -> String {
        let proxy = [("HTTP_PROXY", "http://127.0.0.1:1"), ("http_proxy", "http://127.0.0.1:1")];
        let all = variables.iter().chain(&proxy).map(|(name, value)| (*name, (*value).to_owned())).collect::<Vec<_>>();
        let output = tokio::task::spawn_blocking(move || {
            let all = all.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>();
            self.output_of(child, &all)
        });
        output.await.unwrap()
    }

    /// For each case, the child `client_of_the_environment` prints the expected
    /// text and no key. The key is `k3y-material` in all cases.
    pub fn assert_clients(self, cases: &[(Vec<(&str, &str)>, &str)]) {
        for (variables, expected) in cases {
            let output = self.output_of("client_from_environment", variables);
            assert!(output.contains(expected) && !output.contains("k3y-material"), "{variables:?}: {output}");
        }
    }
}

/// Prints a result for the parent process.
pub fn print_result(result: Result<impl Display>) {
    match result {
        Ok(output) => println!("<<{output}>>"),
        Err(error) => println!("<<{error}>>"),
    }
}

/// Prints the result of a future for the parent process.
pub fn print_result_of(future: impl Future<Output = Result<String>>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    print_result(runtime.block_on(future));
}

/// The child process that prints the client built from the environment.
#[macro_export]
macro_rules! client_from_environment {
    ($client:ty) => {
        #[test]
        #[ignore = "a child process of other tests"]
        fn client_from_environment() {
            $crate::environment::print_result(<$client>::from_env().map(|client| format!("{client:?}")));
        }
    };
}
