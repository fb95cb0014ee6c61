//! Steps: made, told and judged one by one.

use std::fmt;

use sftptogo::Error;

use super::Report;
use crate::{Narrator, with_causes};

/// What a look at the outcome gives: what there is to tell, or what is not as it should be.
pub type Check = Result<String, String>;

/// A step failed without which the chapter cannot go on. It is in the report.
#[derive(Debug, Clone, Copy)]
pub struct Stop;

/// Takes the steps of a chapter.
#[derive(Debug)]
pub struct Walk<'n> {
    narrator: &'n mut Narrator,
    section: String,
    /// What came of the steps so far.
    pub report: Report,
}

impl<'n> Walk<'n> {
    /// Begins a chapter.
    pub fn new(narrator: &'n mut Narrator) -> Self {
        Self { narrator, section: String::new(), report: Report::default() }
    }

    /// Begins a section.
    pub fn section(&mut self, title: impl Into<String>) {
        self.section = title.into();
        self.narrator.heading(&self.section);
    }

    /// Says something beside the steps.
    pub fn aside(&mut self, text: &str) {
        self.narrator.aside(text);
    }

    /// A call that has to succeed, and a look at what it came to.
    ///
    /// # Errors
    ///
    /// [`Stop`] where the call failed. Where only the look found something wrong the walk goes on.
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

    /// A call that has to fail, and a look at how.
    pub async fn fails<T>(
        &mut self,
        step: &str,
        call: impl IntoFuture<Output = sftptogo::Result<T>>,
        look: impl FnOnce(&Error) -> Check,
    ) {
        let seen = match call.await {
            Ok(_) => Err("it succeeded, where it has to fail".to_owned()),
            Err(error) => look(&error),
        };
        self.see(step, seen);
    }

    /// Something that was looked at.
    pub fn see(&mut self, step: &str, seen: Check) {
        self.report.steps += 1;
        match seen {
            Ok(detail) => self.narrator.good(step, &detail),
            Err(reason) => {
                self.narrator.bad(step, &reason);
                self.report.failures.push(format!("{} / {step}: {reason}", self.section));
            }
        }
    }

    /// Enters a fault, survived if nothing went wrong since there were so many failures.
    pub fn fault(&mut self, name: &str, failures_before: usize) {
        let survived = self.report.failures.len() == failures_before;
        self.report.faults.push((name.to_owned(), survived));
    }
}

/// Says `problem` unless the condition holds.
///
/// # Errors
///
/// The problem.
pub fn holds(condition: bool, problem: &str) -> Result<(), String> {
    if condition { Ok(()) } else { Err(problem.to_owned()) }
}

/// Says what is different. Not for secrets, because it shows both.
///
/// # Errors
///
/// Both values, where they differ.
#[expect(clippy::needless_pass_by_value, reason = "a value that was just made reads better without an ampersand")]
pub fn same<A: PartialEq<B> + fmt::Debug, B: fmt::Debug>(what: &str, is: A, should_be: B) -> Result<(), String> {
    if is == should_be { Ok(()) } else { Err(format!("{what} is {is:?} and should be {should_be:?}")) }
}
