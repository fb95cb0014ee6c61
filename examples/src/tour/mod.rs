//! The tour: every operation of every client, each one looked at afterwards.
//!
//! A service is a [`Chapter`]. A chapter consists of steps, which a [`Walk`] takes, tells and judges; what came of them
//! is its [`Report`].

pub mod brickftp;
mod faults;
mod frame;
pub mod ftpgrid;
mod journal;
mod observer;
mod receiver;
pub mod sftptogo;
pub mod stook;
mod temporary;
pub mod usebuckets;
mod walk;

use std::time::Duration;

use clap::ValueEnum;

use crate::account::is_configured;
use crate::{Failure, Narrator};

pub use walk::{Check, Stop, Walk, holds, same};

/// The services that the tour visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Chapter {
    /// SFTP To Go.
    Sftptogo,
    /// ftpGrid.
    Ftpgrid,
    /// `BrickFTP`.
    #[value(help = "BrickFTP")]
    Brickftp,
    /// Buckets.
    Usebuckets,
    /// Stook.
    Stook,
}

/// What is the same in each chapter: their modules have the same functions and no common type.
macro_rules! chapters {
    ($($name:ident $module:ident,)*) => {
        impl Chapter {
            /// Whether the environment names an account of the service, or begins to.
            #[must_use]
            pub fn is_configured(self) -> bool {
                match self {
                    $(Self::$name => is_configured::<mft_simulator::$module::Simulator>(),)*
                }
            }

            /// Visits the service: simulated in this process or, where `live`, the real one, read-only.
            ///
            /// # Errors
            ///
            /// Where the tour cannot begin. A step that goes wrong is in the report.
            pub async fn visit(self, live: bool, narrator: &mut Narrator) -> Result<Report, Failure> {
                match (self, live) {
                    $((Self::$name, false) => {
                        let simulator = $module::simulator().start().await?;
                        $module::visit(&simulator, narrator).await
                    }
                    (Self::$name, true) => $module::visit_live(narrator).await,)*
                }
            }
        }
    };
}

chapters! {
    Sftptogo sftptogo,
    Ftpgrid ftpgrid,
    Brickftp brickftp,
    Usebuckets usebuckets,
    Stook stook,
}

/// What came of a chapter.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The steps that were taken.
    pub steps: usize,
    /// What was not as it should be, a line for each.
    pub failures: Vec<String>,
    /// What was made to go wrong, and whether client and data came through it.
    pub faults: Vec<(String, bool)>,
    /// The operations of the service that were called and did what they are for.
    pub covered: usize,
    /// The same for each format, where the service has several; `covered` is what all of them have then.
    pub formats: Vec<(&'static str, usize)>,
    /// The operations that the chapter has to cover.
    pub operations: usize,
    /// Whether the chapter leaves operations out on purpose.
    pub partial: bool,
    /// What every path begins with; the rows leave it out.
    pub path_prefix: &'static str,
    /// What was asked of the service.
    pub rows: Vec<Row>,
    /// How long it took.
    pub took: Duration,
}

/// What was asked of one operation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub operation: String,
    /// The method.
    pub method: String,
    /// The path, with its parameters in braces.
    pub path: String,
    /// The calls that the application made.
    pub calls: u32,
    /// The requests that the client made of them.
    pub attempts: u32,
    /// What they were answered with, in order and each once.
    pub answers: Vec<String>,
}

/// A number and its noun.
fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

impl Row {
    /// Enters an answer.
    pub fn answered(&mut self, answer: String) {
        self.attempts += 1;
        if !self.answers.contains(&answer) {
            self.answers.push(answer);
        }
    }
}

impl Report {
    /// Whether everything was as it should be.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.failures.is_empty() && (self.partial || self.covered == self.operations)
    }

    /// Tells the report.
    pub fn tell(&self, narrator: &mut Narrator) {
        let behind = if self.path_prefix.is_empty() { "" } else { ", behind " };
        narrator.heading(&format!("What was asked{behind}{}", self.path_prefix));
        let rows: Vec<_> = self
            .rows
            .iter()
            .map(|row| {
                // What goes to a storage is a part of some other call.
                let calls = if row.calls == 0 && row.attempts > 0 { "-".to_owned() } else { row.calls.to_string() };
                let attempts = row.attempts.to_string();
                let answers = if row.attempts == 0 { "not asked".to_owned() } else { row.answers.join(", ") };
                [row.operation.clone(), row.method.clone(), row.path.clone(), answers, calls, attempts]
            })
            .collect();
        narrator.table(["operation", "method", "path", "answers", "calls", "attempts"], &rows);
        narrator.heading("What came of it");
        let only = if self.partial { ", those that only read" } else { "" };
        if self.formats.is_empty() {
            narrator.say(&format!("  operations covered  {} of {}{only}", self.covered, self.operations));
        } else {
            let formats =
                self.formats.iter().map(|(name, covered)| format!("{covered} of {} in {name}", self.operations));
            narrator.say(&format!("  operations covered  {}{only}", formats.collect::<Vec<_>>().join(", ")));
        }
        if !self.faults.is_empty() {
            let survived = self.faults.iter().filter(|(_, survived)| *survived).count();
            narrator.say(&format!("  faults survived     {survived} of {}", self.faults.len()));
            for (fault, survived) in &self.faults {
                narrator.say(&format!("                      {} {fault}", if *survived { '✓' } else { '✗' }));
            }
        }
        let good = self.steps - self.failures.len();
        narrator.say(&format!("  steps as expected   {good} of {}", self.steps));
        narrator.say(&format!("  time                {:.1} s", self.took.as_secs_f32()));
        if !self.is_good() {
            narrator.heading("Not as it should be");
            for failure in &self.failures {
                narrator.say(&format!("  {failure}"));
            }
        }
    }
}
