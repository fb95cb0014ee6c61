//! Formats faults in the text form.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use super::rule::Occurrence;
use super::{BodyMutation, ExchangeMutation, Fault, FaultBody, FaultRule, Transmission};

impl Display for FaultRule {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.operation.as_deref().unwrap_or("any"))?;
        if self.skip > 0 {
            write!(f, ":skip={}", self.skip)?;
        }
        match self.occurrence {
            Occurrence::Every => {}
            Occurrence::First(n) => write!(f, ":times={n}")?,
            Occurrence::Nth(n) => write!(f, ":nth={n}")?,
            Occurrence::Chance { probability, seed } => {
                write!(f, ":chance={probability}")?;
                if let Some(seed) = seed {
                    write!(f, ":seed={seed}")?;
                }
            }
        }
        write!(f, ":{}", self.fault)
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut words = DirectiveWriter { f, first: true };
        if self.delay > Duration::ZERO {
            words.pair("delay", &DurationText(self.delay))?;
        }
        let code = match &self.body {
            Some(FaultBody::StorageCode(code)) => Some(*code),
            _ => None,
        };
        let status = self.status.filter(|status| code.is_none_or(|code| code.status != *status));
        match (self.limit, status) {
            (Some(limit), _) => {
                words.word(format_args!("rate-limit={}/{}", limit.calls, DurationText(limit.window)))?;
            }
            (None, Some(status)) => words.pair("status", &status.as_u16())?,
            (None, None) => {}
        }
        match &self.transmission {
            Transmission::Whole => {}
            Transmission::Nothing => words.word("stall")?,
            Transmission::Reset => words.word("reset")?,
            Transmission::ResetMidBody => words.word("reset-mid-body")?,
            Transmission::Truncated => words.word("truncate")?,
            Transmission::TruncatedUnsized => words.word("truncate-unsized")?,
            Transmission::Excess => words.word("excess")?,
            Transmission::Raw(bytes) => words.pair("raw", &Escaped(bytes))?,
            Transmission::Drip { size, interval } => {
                words.word(format_args!("drip={size}/{}", DurationText(*interval)))?;
            }
            Transmission::CloseAfter => words.word("close")?,
            Transmission::Interim(status) => words.pair("interim", &status.as_u16())?,
        }
        write_headers(self, &mut words)?;
        match &self.body {
            None => {}
            Some(FaultBody::Bytes { content_type, bytes }) => match content_type.split(['/', ';']).nth(1) {
                Some("html") => words.word("html")?,
                Some("xml") => words.word("storage-error")?,
                _ => words.pair("body", &Escaped(bytes))?,
            },
            Some(FaultBody::StorageCode(code)) => words.pair("storage-code", &code.code)?,
            Some(FaultBody::Filler(size)) => words.pair("body-size", size)?,
            Some(FaultBody::Endless) => words.word("endless")?,
        }
        for change in &self.body_mutations {
            match change {
                BodyMutation::ExtraKeys => words.word("extra-keys")?,
                BodyMutation::UnknownEnums => words.word("unknown-enums")?,
                BodyMutation::NumbersAsStrings => words.word("numbers-as-strings")?,
                BodyMutation::Set(key, value) => {
                    let value = value.to_string();
                    words.word(format_args!("set={key}={}", Escaped(value.as_bytes())))?;
                }
                BodyMutation::Remove(key) => words.pair("without", key)?,
            }
        }
        write_exchange_mutations(self, &mut words)?;
        if let Some(bytes) = self.during_request {
            words.pair("early", &bytes)?;
        }
        if self.after {
            words.word("after")?;
        }
        if words.first {
            words.word("none")?;
        }
        Ok(())
    }
}

fn write_exchange_mutations(fault: &Fault, words: &mut DirectiveWriter<'_, '_>) -> fmt::Result {
    for mutation in &fault.exchange_mutations {
        match mutation {
            ExchangeMutation::IgnoreHeader(name) => words.pair("ignore-header", name)?,
            ExchangeMutation::ReplaceHeader(name, value) => {
                words.word(format_args!("replace-header={name}={}", Escaped(value.as_bytes())))?;
            }
            ExchangeMutation::RemoveHeader(name) => words.pair("remove-header", name)?,
            ExchangeMutation::ReplaceStatus(status) => words.pair("replace-status", &status.as_u16())?,
            ExchangeMutation::ShiftContentRange => words.word("shift-content-range")?,
            ExchangeMutation::Corrupt => words.word("corrupt")?,
            ExchangeMutation::ExpiredUrl => words.word("expired-url")?,
            ExchangeMutation::ChangedContent => words.word("changed-content")?,
            ExchangeMutation::SlowRequest { size, interval } => {
                words.word(format_args!("slow-request={size}/{}", DurationText(*interval)))?;
            }
        }
    }
    Ok(())
}

fn write_headers(fault: &Fault, words: &mut DirectiveWriter<'_, '_>) -> fmt::Result {
    let many = |name: &str| name.starts_with("x-simulator-");
    let count = fault.headers.iter().filter(|(name, _)| many(name.as_str())).count();
    if let Some((_, value)) = fault.headers.iter().find(|(name, _)| many(name.as_str())) {
        words.word(format_args!("headers={count}/{}", value.len()))?;
    }
    for (name, value) in fault.headers.iter().filter(|(name, _)| !many(name.as_str())) {
        let value = Escaped(value.as_bytes());
        match name.as_str() {
            "retry-after" => words.pair("retry-after", &value)?,
            "location" => words.pair("location", &value)?,
            name => words.word(format_args!("header={name}={value}"))?,
        }
    }
    Ok(())
}

/// Writes words with colons between them.
struct DirectiveWriter<'a, 'b> {
    f: &'a mut Formatter<'b>,
    first: bool,
}

impl DirectiveWriter<'_, '_> {
    fn word(&mut self, word: impl Display) -> fmt::Result {
        if !self.first {
            self.f.write_str(":")?;
        }
        self.first = false;
        write!(self.f, "{word}")
    }

    fn pair(&mut self, key: &str, value: &dyn Display) -> fmt::Result {
        self.word(format_args!("{key}={value}"))
    }
}

/// A duration in the largest unit without a fraction.
struct DurationText(Duration);

impl Display for DurationText {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0.as_millis() {
            millis if millis % 1000 != 0 => write!(f, "{millis}ms"),
            millis if millis % 60_000 == 0 && millis > 0 => write!(f, "{}m", millis / 60_000),
            millis => write!(f, "{}s", millis / 1000),
        }
    }
}

/// Bytes with escapes for everything that the text form would interpret.
struct Escaped<'a>(&'a [u8]);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            let letter_follows = self.0.get(at + 1).is_some_and(u8::is_ascii_lowercase);
            match byte {
                b'\\' => f.write_str("\\\\")?,
                b':' if letter_follows => f.write_str("\\:")?,
                b'\r' => f.write_str("\\r")?,
                b'\n' => f.write_str("\\n")?,
                b'\t' => f.write_str("\\t")?,
                b' '..=b'~' => write!(f, "{}", char::from(*byte))?,
                _ => write!(f, "\\x{byte:02x}")?,
            }
        }
        Ok(())
    }
}
