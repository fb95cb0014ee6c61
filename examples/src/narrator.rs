//! Says what happens.

use std::env;
use std::fmt;
use std::io::{self, IsTerminal as _, Write};

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "31";
const GREEN: &str = "32";

/// Writes what a person reads: headings, steps, tables. In colour where that is wanted.
pub struct Narrator {
    out: Box<dyn Write + Send>,
    colour: bool,
}

impl Narrator {
    /// Writes to standard output, in colour if that is a terminal and `NO_COLOR` is not set.
    #[must_use]
    pub fn stdout() -> Self {
        let wanted = env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self { out: Box::new(io::stdout()), colour: wanted && io::stdout().is_terminal() }
    }

    /// Writes somewhere else, without colour.
    pub fn to(out: impl Write + Send + 'static) -> Self {
        Self { out: Box::new(out), colour: false }
    }

    /// A heading, with an empty line before it.
    pub fn heading(&mut self, text: &str) {
        let text = self.painted(BOLD, text);
        self.write(&format!("\n{text}"));
    }

    /// A line of text.
    pub fn say(&mut self, text: &str) {
        self.write(&clean(text));
    }

    /// A step that went as it should.
    pub fn good(&mut self, step: &str, detail: &str) {
        let mark = self.painted(GREEN, "✓");
        self.write(&format!("  {mark} {}", clean(step)));
        self.write(&format!("      {}", clean(detail)));
    }

    /// A step that did not.
    pub fn bad(&mut self, step: &str, reason: &str) {
        let (mark, reason) = (self.painted(RED, "✗"), self.painted(RED, reason));
        self.write(&format!("  {mark} {}", clean(step)));
        self.write(&format!("      {reason}"));
    }

    /// Something beside the point of a step.
    pub fn aside(&mut self, text: &str) {
        let text = self.painted(DIM, text);
        self.write(&format!("      {text}"));
    }

    /// A table, its columns as wide as they have to be.
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

    fn painted(&self, colour: &str, text: &str) -> String {
        let text = clean(text);
        if self.colour { format!("\u{1b}[{colour}m{text}\u{1b}[0m") } else { text }
    }

    fn write(&mut self, line: &str) {
        // Who reads may leave early, as `head` does; that is no failure of the program.
        let _ = writeln!(self.out, "{line}");
    }
}

/// A text without control characters: names come from a service and may hold anything, and a terminal would obey it.
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
        f.debug_struct("Narrator").field("colour", &self.colour).finish_non_exhaustive()
    }
}
