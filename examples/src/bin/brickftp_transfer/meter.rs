//! Shows the progress of a transfer: a bar on a terminal, occasional lines elsewhere.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use brickftp::transfer::{Progress, ProgressWatch};
use indicatif::{BinaryBytes, HumanDuration, ProgressBar, ProgressStyle};
use mft_examples::clean;
use tokio::task::JoinHandle;

const BAR: &str = "{prefix}  {bar:24} {percent:>3} %  {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, \
                   {eta} left{msg}";
/// The template while the total size is unknown.
const COUNTER: &str = "{prefix}  {binary_bytes}, {binary_bytes_per_sec}{msg}";

/// Without a terminal, the maximum interval between two lines if less than a tenth was transferred.
const SILENCE: Duration = Duration::from_secs(30);

/// The unit of a transfer's parts.
#[derive(Clone, Copy)]
pub(crate) enum Unit {
    /// Parts of a file.
    Parts,
    /// Files of a folder.
    Files,
}

/// Displays the progress of a transfer until it ends.
pub(crate) struct Meter {
    bar: ProgressBar,
    watch: ProgressWatch,
    started: Instant,
    follower: JoinHandle<()>,
}

impl Meter {
    pub(crate) fn follow(name: &str, unit: Unit, watch: ProgressWatch) -> Self {
        let (bar, started) = (ProgressBar::no_length(), Instant::now());
        let name = clean(name);
        let follower = if std::io::stderr().is_terminal() {
            bar.set_style(style(COUNTER));
            bar.set_prefix(name);
            bar.enable_steady_tick(Duration::from_millis(250));
            tokio::spawn(draw(bar.clone(), unit, watch.clone()))
        } else {
            bar.set_draw_target(indicatif::ProgressDrawTarget::hidden());
            tokio::spawn(write_lines(name, unit, started, watch.clone()))
        };
        Self { bar, watch, started, follower }
    }

    /// Prints a line above the bar.
    pub(crate) fn say(&self, line: &str) {
        self.bar.suspend(|| println!("{}", clean(line)));
    }

    /// Removes the bar and returns the final progress with a summary.
    pub(crate) async fn end(self) -> (Progress, String) {
        // The progress watch ends with the transfer, so the task ends too.
        let _ = self.follower.await;
        self.bar.finish_and_clear();
        let (now, took) = (self.watch.now(), self.started.elapsed());
        let mut summary = format!("{} in {:.1} s", BinaryBytes(now.bytes), took.as_secs_f32());
        if let Some(rate) = rate(&now, took) {
            summary = format!("{summary}, {}/s", BinaryBytes(rate));
        }
        if now.resumed > 0 {
            summary = format!("{summary}; {} were already transferred", BinaryBytes(now.resumed));
        }
        if now.retries > 0 {
            summary = format!("{summary}; retries: {}", now.retries);
        }
        (now, summary)
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ")
}

async fn draw(bar: ProgressBar, unit: Unit, mut watch: ProgressWatch) {
    let (mut resumed, mut next) = (0, Some(watch.now()));
    while let Some(now) = next {
        if let (Some(total), None) = (now.total, bar.length()) {
            bar.set_length(total);
            bar.set_style(style(BAR));
        }
        bar.set_message(format!(", {}", counted(&now, unit)));
        bar.set_position(now.bytes);
        if now.resumed != resumed {
            // Bytes of an earlier run do not count for the rate.
            resumed = now.resumed;
            bar.reset_eta();
        }
        next = watch.changed().await;
    }
}

async fn write_lines(name: String, unit: Unit, started: Instant, mut watch: ProgressWatch) {
    let (mut tenths, mut last) = (0, Instant::now());
    while let Some(now) = watch.changed().await {
        let Some(total) = now.total.filter(|total| *total > 0) else { continue };
        let reached = now.bytes.saturating_mul(10) / total;
        if reached <= tenths && last.elapsed() < SILENCE {
            continue;
        }
        (tenths, last) = (reached.max(tenths), Instant::now());
        let (bytes, total_bytes) = (BinaryBytes(now.bytes), BinaryBytes(total));
        let mut line = format!("{name}: {} %, {bytes} of {total_bytes}", now.bytes.saturating_mul(100) / total);
        if let Some(rate) = rate(&now, started.elapsed()).filter(|rate| *rate > 0) {
            let left = Duration::from_secs(total.saturating_sub(now.bytes) / rate);
            line = format!("{line}, {}/s, {} left", BinaryBytes(rate), HumanDuration(left));
        }
        eprintln!("{line}, {}", counted(&now, unit));
    }
}

fn counted(now: &Progress, unit: Unit) -> String {
    let unit = match unit {
        Unit::Parts => "parts",
        Unit::Files => "files",
    };
    match now.parts_total {
        Some(total) => format!("{} of {total} {unit}", now.parts),
        None => format!("{} {unit}", now.parts),
    }
}

/// Returns the rate in bytes per second, without the bytes of an earlier run.
fn rate(now: &Progress, took: Duration) -> Option<u64> {
    let millis = u64::try_from(took.as_millis()).ok().filter(|millis| *millis > 0)?;
    Some(now.bytes.saturating_sub(now.resumed).saturating_mul(1_000) / millis)
}
