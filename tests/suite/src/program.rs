//! A test program that starts itself again, to let happen to a process what no test can do to itself.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// What a program in [`kill_after`] prints whenever it got on.
pub const STEP: &str = "step";

/// This program again, to run one test alone. What that test has to know is up to the environment.
///
/// # Panics
///
/// Where the system does not say which program this is.
#[must_use]
pub fn again(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("a program knows its file"));
    command.args(alone(test));
    command
}

/// The same where no file may become larger than 2 MiB: a write beyond that fails as on a full disk.
///
/// # Panics
///
/// As [`again`].
#[must_use]
pub fn again_with_little_room(test: &str) -> Command {
    let mut shell = Command::new("sh");
    // Without the signal, which would end it.
    shell.args(["-c", "trap '' XFSZ; ulimit -f 4096; exec \"$0\" \"$@\""]);
    shell.arg(std::env::current_exe().expect("a program knows its file")).args(alone(test));
    shell
}

/// The same where the bytes of a file cannot be read from the fifth time on that a thread tries; `None` where `strace`,
/// which brings that about, is not there or not allowed to.
///
/// # Panics
///
/// As [`again`].
#[must_use]
pub fn again_with_bad_disk(test: &str, file: &Path) -> Option<Command> {
    let works = Command::new("strace").args(["-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    if !works.is_ok_and(|status| status.success()) {
        return None;
    }
    let mut strace = Command::new("strace");
    strace.args(["-f", "-o", "/dev/null", "-e", "trace=pread64", "-e", "inject=pread64:error=EIO:when=5+", "-P"]);
    strace.arg(file).arg(std::env::current_exe().expect("a program knows its file")).args(alone(test));
    Some(strace)
}

fn alone(test: &str) -> [&str; 4] {
    ["--exact", test, "--nocapture", "--test-threads=1"]
}

/// Kills a program whose output is piped, without any chance for it to tidy up, when it has said so often that it got on.
///
/// # Panics
///
/// Where it ends before that.
pub fn kill_after(mut child: Child, steps: usize) {
    let lines = BufReader::new(child.stdout.take().expect("its output is piped")).lines();
    let mut steps_left = steps;
    for line in lines {
        steps_left -= usize::from(line.expect("its output is text").contains(STEP));
        if steps_left == 0 {
            break;
        }
    }
    assert_eq!(steps_left, 0, "it ended before it could be killed");
    child.kill().expect("it is our own");
    child.wait().expect("it was killed");
}
