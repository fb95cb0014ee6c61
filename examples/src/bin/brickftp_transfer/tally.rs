//! The results for the files of a folder.

use brickftp::Error;
use indicatif::BinaryBytes;
use mft_examples::{Failure, clean, with_causes};

use crate::meter::Meter;

/// Prints the result of each file and counts them.
#[derive(Default)]
pub(crate) struct Tally {
    files: usize,
    folders: usize,
    failed: Vec<String>,
}

impl Tally {
    pub(crate) fn file(&mut self, meter: &Meter, place: &str, size: u64) {
        self.files += 1;
        meter.say(&format!("{place}: {}", BinaryBytes(size)));
    }

    pub(crate) fn folder(&mut self, meter: &Meter, place: &str) {
        self.folders += 1;
        meter.say(&format!("{place}: a folder"));
    }

    pub(crate) fn failed(&mut self, meter: &Meter, place: &str, error: &Error) {
        let line = format!("{place}: failed: {}", with_causes(error));
        meter.say(&line);
        self.failed.push(line);
    }

    /// Prints a summary and fails if a file is missing. `stopped` is the advice after Ctrl-C.
    pub(crate) fn end(&self, summary: &str, stopped: Option<&str>) -> Result<(), Failure> {
        println!("{} and {}: {summary}", counted(self.files, "file"), counted(self.folders, "folder"));
        // Repeat failures at the end, because they are easily missed among many lines.
        for line in &self.failed {
            eprintln!("{}", clean(line));
        }
        match (stopped, self.failed.len()) {
            (Some(advice), _) => Err(format!("stopped\n{advice}").into()),
            (None, 0) => Ok(()),
            (None, failed) => Err(format!("{} failed, the others succeeded", counted(failed, "transfer")).into()),
        }
    }
}

fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
