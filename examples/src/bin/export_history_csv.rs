//! Exports the history of a site as CSV.
//!
//! ```text
//! cargo run -p mft-examples --bin export_history_csv -- --since 2026-09-01 --to history.csv
//! cargo run -p mft-examples --bin export_history_csv -- --simulate | head
//! ```
//!
//! Needs `BRICKFTP_SUBDOMAIN` and `BRICKFTP_API_KEY`, or `--simulate`.
//!
//! Prints the events, newest first, or writes them to a file. Prints the number of events to standard error. The service
//! returns one CSV document for each page, and this program joins them. It streams pages, and a file appears under its
//! name only when it is complete.

use std::collections::HashSet;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use brickftp::{Client, ExportFormat, HistoryPage, HistoryScope, OffsetDateTime};
use clap::Parser;
use mft_examples::{BrickftpAccount, Failure, exit_code};
use mft_simulator::brickftp::Simulator;

/// The maximum length of a record. A document with a longer one is not CSV.
const MAX_RECORD: usize = 1 << 20;

/// Exports the history of a site as CSV, newest events first.
#[derive(Parser)]
#[command(after_help = "BRICKFTP_SUBDOMAIN and BRICKFTP_API_KEY select the site.")]
struct Arguments {
    /// Skips older events. A date such as 2026-09-01, or a timestamp such as 2026-09-01T08:00:00+02:00.
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    since: Option<OffsetDateTime>,

    /// Writes to this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,

    /// The number of events for each page.
    #[arg(long, value_name = "EVENTS", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    page_size: u32,

    /// Uses a simulator in this process that has a history.
    #[arg(long, visible_alias = "simulator")]
    simulate: bool,
}

fn moment(text: &str) -> Result<OffsetDateTime, String> {
    let timestamp = if text.len() == "2026-09-01".len() { format!("{text}T00:00:00Z") } else { text.to_owned() };
    timestamp
        .parse()
        .map_err(|_| "expected a date such as 2026-09-01 or a timestamp such as 2026-09-01T08:00:00+02:00".to_owned())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    exit_code(export(&Arguments::parse()).await)
}

async fn export(arguments: &Arguments) -> Result<(), Failure> {
    let site = BrickftpAccount::open(arguments.simulate).await?;
    if let Some(simulator) = &site.simulator {
        let_something_happen(simulator);
    }
    let Some(target) = &arguments.to else {
        let mut output = Joined::new(BufWriter::new(io::stdout()));
        let ended = pages(&site.client, arguments, &mut output).await.and_then(|()| Ok(output.writer.flush()?));
        // A reader such as `head` may close the pipe early.
        return match ended {
            Err(error) if is_broken_pipe(&error) => Ok(()),
            Err(error) => Err(error),
            Ok(()) => {
                eprintln!("{} events", output.events);
                Ok(())
            }
        };
    };
    let mut unfinished = target.clone().into_os_string();
    unfinished.push(".new");
    let failed = |error: io::Error| Failure::from(format!("{}: {error}", target.display()));
    let mut output = Joined::new(BufWriter::new(File::create(&unfinished).map_err(failed)?));
    let ended = pages(&site.client, arguments, &mut output).await.and_then(|()| output.writer.flush().map_err(failed));
    if let Err(error) = ended {
        // Keep the old file and discard the incomplete new one.
        let _ = fs::remove_file(&unfinished);
        return Err(error);
    }
    fs::rename(&unfinished, target).map_err(failed)?;
    eprintln!("wrote {} events to {}", output.events, target.display());
    Ok(())
}

fn is_broken_pipe(error: &Failure) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

async fn pages(client: &Client, arguments: &Arguments, output: &mut Joined<impl Write>) -> Result<(), Failure> {
    for number in 1.. {
        let mut page = HistoryPage::new().page(number).per_page(arguments.page_size);
        if let Some(since) = &arguments.since {
            page = page.start_at(since.clone());
        }
        let export = client.history().export_with(HistoryScope::Site, ExportFormat::Csv, page).await?;
        let mut body = export.body;
        output.begin_page();
        while let Some(chunk) = body.chunk().await {
            output.push(&chunk?)?;
        }
        output.end_page()?;
        if output.records_of_page < u64::from(arguments.page_size) {
            break;
        }
    }
    Ok(())
}

/// Joins the pages to one document.
///
/// The format is not documented. If every page starts with the same record, that record is the header and is written
/// once.
struct Joined<W> {
    writer: W,
    header: Option<Vec<u8>>,
    record: Vec<u8>,
    is_quoted: bool,
    is_first: bool,
    records_of_page: u64,
    events: u64,
    page: HashSet<u64>,
    page_before: HashSet<u64>,
}

impl<W: Write> Joined<W> {
    fn new(writer: W) -> Self {
        Self {
            writer,
            header: None,
            record: Vec::new(),
            is_quoted: false,
            is_first: true,
            records_of_page: 0,
            events: 0,
            page: HashSet::new(),
            page_before: HashSet::new(),
        }
    }

    fn begin_page(&mut self) {
        self.page_before = std::mem::take(&mut self.page);
        (self.is_quoted, self.is_first, self.records_of_page) = (false, true, 0);
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        for byte in bytes {
            self.record.push(*byte);
            match byte {
                b'"' => self.is_quoted = !self.is_quoted,
                // A line end inside quotes belongs to a value.
                b'\n' if !self.is_quoted => self.end_record()?,
                _ if self.record.len() > MAX_RECORD => return Err("the service did not send CSV".into()),
                _ => {}
            }
        }
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), Failure> {
        if self.is_quoted {
            return Err("a page of the history ends inside an event".into());
        }
        // The last record may lack a line end.
        if self.record.is_empty() { Ok(()) } else { self.end_record() }
    }

    fn end_record(&mut self) -> Result<(), Failure> {
        let record = std::mem::take(&mut self.record);
        let is_first = std::mem::take(&mut self.is_first);
        if is_first && self.header.is_none() {
            self.header = Some(record.clone());
            return Ok(self.writer.write_all(&record)?);
        }
        if is_first && self.header.as_ref() == Some(&record) {
            return Ok(());
        }
        self.records_of_page += 1;
        let mut hasher = DefaultHasher::new();
        record.hash(&mut hasher);
        let hash = hasher.finish();
        self.page.insert(hash);
        // A new event moves events from the end of a page to the next page.
        if self.page_before.contains(&hash) {
            return Ok(());
        }
        self.events += 1;
        Ok(self.writer.write_all(&record)?)
    }
}

/// Fills the history of a simulator with ten events a day, so that it has more than one page.
fn let_something_happen(simulator: &Simulator) {
    const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
    let now = simulator.now_ms();
    for index in 0..2_500_u32 {
        let _ = simulator.state().add_event(|event| {
            event.when_ms = now - i64::from(2_500 - index) * DAY_MS / 10;
            event.username = Some(if index % 3 == 0 { "ada" } else { "grace" }.to_owned());
            event.action = if index % 4 == 0 { "create" } else { "read" }.into();
            // A realistic file name.
            event.path = Some(format!("Minutes/No. {index}, \"final\".txt"));
            event.interface = "web".into();
            event.ip = "203.0.113.7".into();
        });
    }
}
