//! Prints headings, steps and tables.

use std::env;
use std::fmt;
use std::io::{self, IsTerminal as _, Write};

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "31";
const GREEN: &str = "32";

/// Writes headings, steps and tables for a person, in color if enabled.
pub struct Narrator {
    out: Box<dyn Write + Send>,
    color: bool,
}

impl Narrator {
    /// Writes to standard output, in color if it is a terminal and `NO_COLOR` is not set.
    #[must_use]
    pub fn stdout() -> Self {
        let wanted = env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self { out: Box::new(io::stdout()), color: wanted && io::stdout().is_terminal() }
    }

    /// Writes to another target, without color.
    pub fn to(out: impl Write + Send + 'static) -> Self {
        Self { out: Box::new(out), color: false }
    }

    /// Writes a heading after an empty line.
    pub fn heading(&mut self, text: &str) {
        let text = self.painted(BOLD, text);
        self.write(&format!("\n{text}"));
    }

    /// Writes a line of text.
    pub fn say(&mut self, text: &str) {
        self.write(&clean(text));
    }

    /// Writes a step that passed.
    pub fn good(&mut self, step: &str, detail: &str) {
        let mark = self.painted(GREEN, "✓");
        self.write(&format!("  {mark} {}", clean(step)));
        self.write(&format!("      {}", clean(detail)));
    }

    /// Writes a step that failed.
    pub fn bad(&mut self, step: &str, reason: &str) {
        let (mark, reason) = (self.painted(RED, "✗"), self.painted(RED, reason));
        self.write(&format!("  {mark} {}", clean(step)));
        self.write(&format!("      {reason}"));
    }

    /// Writes a remark below a step.
    pub fn aside(&mut self, text: &str) {
        let text = self.painted(DIM, text);
        self.write(&format!("      {text}"));
    }

    /// Writes a table with columns as wide as their longest cell.
    pub fn table<const COLUMNS: usize>(&mut self, header: [&str; COLUMNS], rows: &[[String; COLUMNS]]) {
        let mut widths = header.map(str::len);
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let line = |cells: [&str; COLUMNS]| {
            let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
            format!("  {}", padded.collect::<Vec<_>>().join("  ").trim_end())
        };
        let header = self.painted(BOLD, &line(header));
        self.write(&header);
        for row in rows {
            self.write(&clean(&line(row.each_ref().map(String::as_str))));
        }
    }

    fn painted(&self, color: &str, text: &str) -> String {
        let text = clean(text);
        if self.color { format!("\u{1b}[{color}m{text}\u{1b}[0m") } else { text }
    }

    fn write(&mut self, line: &str) {
        // A reader such as `head` may close the pipe early, which is not a failure.
        let _ = writeln!(self.out, "{line}");
    }
}

/// Escapes control characters. A name from a service could otherwise control the terminal.
///
/// ```
/// assert_eq!(mft_examples::clean("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
/// ```
#[must_use]
pub fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            cleaned.extend(character.escape_default());
        } else {
            cleaned.push(character);
        }
    }
    cleaned
}

impl fmt::Debug for Narrator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Narrator").field("color", &self.color).finish_non_exhaustive()
    }
}
