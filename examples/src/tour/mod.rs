//! The tour: runs every operation of every client and checks each result.
//!
//! Each service is a [`Chapter`]. A [`Walk`] runs, prints and checks its steps and produces a [`Report`].

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

/// Generates the dispatch to the chapters. Their modules have the same functions but no common type.
macro_rules! chapters {
    ($($name:ident $module:ident,)*) => {
        impl Chapter {
            /// Returns `true` if the environment has any variable of the service's account.
            #[must_use]
            pub fn is_configured(self) -> bool {
                match self {
                    $(Self::$name => is_configured::<mft_simulator::$module::Simulator>(),)*
                }
            }

            /// Runs the chapter against a simulator in this process or, if `live`, read-only against the real service.
            ///
            /// # Errors
            ///
            /// Fails if the tour cannot start. A failed step is part of the report.
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

/// The result of a chapter.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The number of steps.
    pub steps: usize,
    /// The failed checks, one line each.
    pub failures: Vec<String>,
    /// The injected faults, and whether client and data survived them.
    pub faults: Vec<(String, bool)>,
    /// The number of operations that were called and succeeded.
    pub covered: usize,
    /// The same per wire format, if the service has several. `covered` then counts operations that all formats cover.
    pub formats: Vec<(&'static str, usize)>,
    /// The number of operations that the chapter must cover.
    pub operations: usize,
    /// Whether the chapter skips operations on purpose.
    pub partial: bool,
    /// The common path prefix, omitted from the rows.
    pub path_prefix: &'static str,
    /// One row for each operation.
    pub rows: Vec<Row>,
    /// The duration of the chapter.
    pub took: Duration,
}

/// The requests for one operation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// The operation name.
    pub operation: String,
    /// The HTTP method.
    pub method: String,
    /// The path template, with parameters in braces.
    pub path: String,
    /// The number of calls by the application.
    pub calls: u32,
    /// The number of requests that the client sent for them.
    pub attempts: u32,
    /// The distinct response statuses, in order.
    pub answers: Vec<String>,
}

/// Formats a number with its noun.
fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

impl Row {
    /// Records a response.
    pub fn answered(&mut self, answer: String) {
        self.attempts += 1;
        if !self.answers.contains(&answer) {
            self.answers.push(answer);
        }
    }
}

impl Report {
    /// Returns `true` if no check failed and every operation was covered.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.failures.is_empty() && (self.partial || self.covered == self.operations)
    }

    /// Prints the report.
    pub fn tell(&self, narrator: &mut Narrator) {
        let below = if self.path_prefix.is_empty() { "" } else { ", below " };
        narrator.heading(&format!("Requests{below}{}", self.path_prefix));
        let rows: Vec<_> = self
            .rows
            .iter()
            .map(|row| {
                // A storage request belongs to another call.
                let calls = if row.calls == 0 && row.attempts > 0 { "-".to_owned() } else { row.calls.to_string() };
                let attempts = row.attempts.to_string();
                let answers = if row.attempts == 0 { "not called".to_owned() } else { row.answers.join(", ") };
                [row.operation.clone(), row.method.clone(), row.path.clone(), answers, calls, attempts]
            })
            .collect();
        narrator.table(["operation", "method", "path", "responses", "calls", "attempts"], &rows);
        narrator.heading("Result");
        let only = if self.partial { " (read-only operations)" } else { "" };
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
        narrator.say(&format!("  steps passed        {good} of {}", self.steps));
        narrator.say(&format!("  time                {:.1} s", self.took.as_secs_f32()));
        if !self.is_good() {
            narrator.heading("Failed checks");
            for failure in &self.failures {
                narrator.say(&format!("  {failure}"));
            }
        }
    }
}
