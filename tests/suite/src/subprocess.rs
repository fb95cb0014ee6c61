//! Reruns the test program as a child process, for tests that kill it or limit its resources.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The line that a child of [`kill_after`] prints after each step.
pub const STEP: &str = "step";

/// Returns a command that reruns this program with a single test. Environment variables configure the test.
///
/// # Panics
///
/// Panics if the path of the executable is unknown.
#[must_use]
pub fn rerun(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("the path of the executable"));
    command.args(alone(test));
    command
}

/// The same with a file size limit of 2 MiB. Writes beyond it fail, as on a full disk.
///
/// # Panics
///
/// See [`rerun`].
#[must_use]
pub fn rerun_with_small_disk(test: &str) -> Command {
    let mut shell = Command::new("sh");
    // Ignores the signal that would otherwise end the process.
    shell.args(["-c", "trap '' XFSZ; ulimit -f 4096; exec \"$0\" \"$@\""]);
    shell.arg(std::env::current_exe().expect("the path of the executable")).args(alone(test));
    shell
}

/// The same with failing reads of `file`, starting with the fifth read of each thread. Returns `None` if `strace`,
/// which injects the error, is not installed or not permitted.
///
/// # Panics
///
/// See [`rerun`].
#[must_use]
pub fn rerun_with_read_errors(test: &str, file: &Path) -> Option<Command> {
    let works = Command::new("strace").args(["-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    if !works.is_ok_and(|status| status.success()) {
        return None;
    }
    let mut strace = Command::new("strace");
    strace.args(["-f", "-o", "/dev/null", "-e", "trace=pread64", "-e", "inject=pread64:error=EIO:when=5+", "-P"]);
    strace.arg(file).arg(std::env::current_exe().expect("the path of the executable")).args(alone(test));
    Some(strace)
}

fn alone(test: &str) -> [&str; 4] {
    ["--exact", test, "--nocapture", "--test-threads=1"]
}

/// Kills a child process without cleanup after it has printed [`STEP`] `steps` times. Its output must be piped.
///
/// # Panics
///
/// Panics if the child exits before that.
pub fn kill_after(mut child: Child, steps: usize) {
    let lines = BufReader::new(child.stdout.take().expect("piped output")).lines();
    let mut steps_left = steps;
    for line in lines {
        steps_left -= usize::from(line.expect("UTF-8 output").contains(STEP));
        if steps_left == 0 {
            break;
        }
    }
    assert_eq!(steps_left, 0, "the child exited before it was killed");
    child.kill().expect("a child process");
    child.wait().expect("the exit status of the child");
}
