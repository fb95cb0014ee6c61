//! Runs, prints and checks steps one by one.

use std::fmt;

use sftptogo::Error;

use super::Report;
use crate::{Narrator, with_causes};

/// The result of a check: a line to print, or the reason for the failure.
pub type Check = Result<String, String>;

/// A failed step that the rest of the chapter depends on. The report contains it.
#[derive(Debug, Clone, Copy)]
pub struct Stop;

/// Runs the steps of a chapter.
#[derive(Debug)]
pub struct Walk<'n> {
    narrator: &'n mut Narrator,
    section: String,
    /// The results so far.
    pub report: Report,
}

impl<'n> Walk<'n> {
    /// Starts a chapter.
    pub fn new(narrator: &'n mut Narrator) -> Self {
        Self { narrator, section: String::new(), report: Report::default() }
    }

    /// Starts a section.
    pub fn section(&mut self, title: impl Into<String>) {
        self.section = title.into();
        self.narrator.heading(&self.section);
    }

    /// Prints a remark.
    pub fn aside(&mut self, text: &str) {
        self.narrator.aside(text);
    }

    /// Runs a call that must succeed and checks its value.
    ///
    /// # Errors
    ///
    /// Fails with [`Stop`] if the call failed. A failed check does not stop the chapter.
    pub async fn call<T>(
        &mut self,
        step: &str,
        call: impl IntoFuture<Output = sftptogo::Result<T>>,
        look: impl FnOnce(&T) -> Check,
    ) -> Result<T, Stop> {
        match call.await {
            Ok(value) => {
                self.see(step, look(&value));
                Ok(value)
            }
            Err(error) => {
                self.see(step, Err(with_causes(&error)));
                Err(Stop)
            }
        }
    }

    /// Runs a call that must fail and checks the error.
    pub async fn fails<T>(
        &mut self,
        step: &str,
        call: impl IntoFuture<Output = sftptogo::Result<T>>,
        look: impl FnOnce(&Error) -> Check,
    ) {
        let check = match call.await {
            Ok(_) => Err("the call succeeded but must fail".to_owned()),
            Err(error) => look(&error),
        };
        self.see(step, check);
    }

    /// Records a check.
    pub fn see(&mut self, step: &str, check: Check) {
        self.report.steps += 1;
        match check {
            Ok(detail) => self.narrator.good(step, &detail),
            Err(reason) => {
                self.narrator.bad(step, &reason);
                self.report.failures.push(format!("{} / {step}: {reason}", self.section));
            }
        }
    }

    /// Records a fault as survived if the number of failures did not grow.
    pub fn fault(&mut self, name: &str, failures_before: usize) {
        let survived = self.report.failures.len() == failures_before;
        self.report.faults.push((name.to_owned(), survived));
    }
}

/// Returns `problem` as an error unless the condition holds.
///
/// # Errors
///
/// Fails with the problem.
pub fn holds(condition: bool, problem: &str) -> Result<(), String> {
    if condition { Ok(()) } else { Err(problem.to_owned()) }
}

/// Compares two values. Not for secrets: the error shows both.
///
/// # Errors
///
/// Fails with both values if they differ.
#[expect(clippy::needless_pass_by_value, reason = "a value that was just made reads better without an ampersand")]
pub fn same<A: PartialEq<B> + fmt::Debug, B: fmt::Debug>(what: &str, is: A, should_be: B) -> Result<(), String> {
    if is == should_be { Ok(()) } else { Err(format!("{what} is {is:?}, expected {should_be:?}")) }
}
