//! Parses the text form of fault rules, for the command line.

use std::error::Error;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};

use super::{BodyMutation, ExchangeMutation, Fault, FaultBody, FaultRule, RateLimit, Transmission};
use crate::storage::ErrorCode;

/// The reason why a text is not a fault rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseFaultError {
    word: String,
    problem: String,
}

impl ParseFaultError {
    fn new(word: &str, problem: impl Into<String>) -> Self {
        Self { word: word.to_owned(), problem: problem.into() }
    }
}

impl fmt::Display for ParseFaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "in {:?}: {}", self.word, self.problem)
    }
}

impl Error for ParseFaultError {}

/// Parses `OPERATION[:WORD]...`, for example `sftptogo.credentials.create:nth=2:status=503:retry-after=2`.
///
/// `OPERATION` is a name, a prefix with `*`, or `any`. A colon separates words only before a lowercase letter and without
/// a preceding backslash. Values may contain the escapes `\\`, `\:`, `\r`, `\n`, `\t` and `\xNN`.
///
/// | words | meaning |
/// |---|---|
/// | `nth=N` `times=N` `skip=N` `chance=P` `seed=N` | when: [`nth`](FaultRule::nth), [`times`](FaultRule::times), [`after_skip`](FaultRule::after_skip), [`chance`](FaultRule::chance), [`seed`](FaultRule::seed) |
/// | `after` | [`after_processing`](Fault::after_processing) |
/// | `early=BYTES` `early` | [`during_request`](Fault::during_request) |
/// | `delay=TIME` | [`delayed`](Fault::delayed); times are `250ms`, `2s`, `1m` |
/// | `status=N` `redirect=N` `unauthorized` `rate-limit=N/TIME` | a response that replaces the service's |
/// | `header=NAME=VALUE` `retry-after=VALUE` `location=URL` `headers=COUNT/SIZE` | response headers |
/// | `body=TEXT` `html` `empty-list` `storage-error` `storage-code=CODE` `body-size=N` `endless` | the response body |
/// | `stall` `reset` `reset-mid-body` `truncate` `truncate-unsized` `excess` `garbage` `raw=TEXT` `drip=BYTES/TIME` `close` `interim=N` | how the response is sent |
/// | `replace-status=N` `replace-header=NAME=VALUE` `remove-header=NAME` `wrong-etag` `shift-content-range` `corrupt` | changes to the service's response |
/// | `ignore-header=NAME` `expired-url` `changed-content` `slow-request=BYTES/TIME` | changes to the request |
/// | `extra-keys` `unknown-enums` `numbers-as-strings` `set=KEY=JSON` `without=KEY` | changes to the response document |
impl FromStr for FaultRule {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Self, ParseFaultError> {
        let mut words = split(text).into_iter();
        let selector = words
            .next()
            .filter(|selector| !selector.is_empty())
            .ok_or_else(|| ParseFaultError::new(text, "expected an operation, a prefix such as sftptogo.*, or any"))?;
        if selector.contains('=') {
            return Err(ParseFaultError::new(
                selector,
                "expected an operation first: a name, a prefix such as sftptogo.*, or any",
            ));
        }
        let operation = (!matches!(selector, "any" | "*")).then(|| selector.to_owned());
        let mut rule = Self::new(Fault::new(Transmission::Whole), operation);
        let mut does_something = false;
        for word in words {
            let (key, value) = match word.split_once('=') {
                Some((key, value)) => (key, Some(value)),
                None => (word, None),
            };
            let word = Directive { word, value };
            if !parse_trigger(&mut rule, key, &word)? {
                if !parse_exchange_mutation(&mut rule.fault, key, &word)? {
                    parse_effect(&mut rule.fault, key, &word)?;
                }
                does_something |= !matches!(key, "after" | "early");
            }
        }
        if does_something { Ok(rule) } else { Err(ParseFaultError::new(text, "no fault; add one, such as status=503")) }
    }
}

/// Splits at colons before a lowercase letter, unless they are escaped.
fn split(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut words = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b':' if bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase) => {
                words.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    words.push(&text[start..]);
    words
}

fn parse_trigger(rule: &mut FaultRule, key: &str, word: &Directive<'_>) -> Result<bool, ParseFaultError> {
    let next = rule.clone();
    *rule = match key {
        "nth" => next.nth(word.number(1..=u64::MAX)?),
        "times" => next.times(word.number(1..=u64::MAX)?),
        "skip" => next.after_skip(word.number(0..=u64::MAX)?),
        "seed" => next.seed(word.number(0..=u64::MAX)?),
        "chance" => {
            let probability = word.text()?.parse().ok().filter(|p| (0.0..=1.0).contains(p));
            next.chance(probability.ok_or_else(|| word.expected("a number from 0 to 1"))?)
        }
        _ => return Ok(false),
    };
    Ok(true)
}

fn parse_exchange_mutation(fault: &mut Fault, key: &str, word: &Directive<'_>) -> Result<bool, ParseFaultError> {
    let mutation = match key {
        "ignore-header" => ExchangeMutation::IgnoreHeader(word.header_name(word.text()?)?),
        "remove-header" => ExchangeMutation::RemoveHeader(word.header_name(word.text()?)?),
        "replace-header" => {
            let pair = word.text()?.split_once('=');
            let (name, value) = pair.ok_or_else(|| word.expected("replace-header=NAME=VALUE"))?;
            let (name, value) = word.header(name, value)?;
            ExchangeMutation::ReplaceHeader(name, value)
        }
        "replace-status" => ExchangeMutation::ReplaceStatus(word.status(200..=999)?),
        "wrong-etag" => {
            return word
                .flag(Fault::wrong_etag().exchange_mutations)
                .map(|exchange_mutations| push_all(fault, exchange_mutations));
        }
        "shift-content-range" => word.flag(ExchangeMutation::ShiftContentRange)?,
        "corrupt" => word.flag(ExchangeMutation::Corrupt)?,
        "expired-url" => word.flag(ExchangeMutation::ExpiredUrl)?,
        "changed-content" => word.flag(ExchangeMutation::ChangedContent)?,
        "slow-request" => {
            let (size, interval) = word.per_time()?;
            ExchangeMutation::SlowRequest { size, interval }
        }
        _ => return Ok(false),
    };
    Ok(push_all(fault, vec![mutation]))
}

fn push_all(fault: &mut Fault, exchange_mutations: Vec<ExchangeMutation>) -> bool {
    fault.exchange_mutations.extend(exchange_mutations);
    true
}

fn parse_effect(fault: &mut Fault, key: &str, word: &Directive<'_>) -> Result<(), ParseFaultError> {
    match key {
        "after" => fault.after = word.flag(true)?,
        "early" => fault.during_request = Some(word.value.map_or(Ok(0), |_| word.number(0..=u64::MAX))?),
        "delay" => fault.delay = word.duration()?,
        "status" | "redirect" => fault.status = Some(word.status(100..=999)?),
        "unauthorized" => fault.status = word.flag(Some(StatusCode::UNAUTHORIZED))?,
        "rate-limit" => {
            let (calls, window) = word.per_time()?;
            fault.limit = Some(RateLimit { calls, window });
            fault.status = Some(StatusCode::TOO_MANY_REQUESTS);
        }
        "header" => {
            let (name, value) = word.text()?.split_once('=').ok_or_else(|| word.expected("header=NAME=VALUE"))?;
            fault.headers.push(word.header(name, value)?);
        }
        "retry-after" | "location" => fault.headers.push(word.header(key, word.text()?)?),
        "headers" => fault.headers.extend(word.many_headers()?),
        "body" => {
            let body = unescape(word.text()?, word)?;
            *fault = fault.clone().body(body);
        }
        "html" => *fault = word.flag(fault.clone().html())?,
        "empty-list" => *fault = word.flag(fault.clone().body("[]"))?,
        "storage-error" => fault.body = word.flag(Fault::storage_error().body)?,
        "storage-code" => {
            let code = ErrorCode::find(word.text()?);
            let code = code.ok_or_else(|| word.expected("an error code of the object storage, such as SlowDown"))?;
            fault.status = Some(fault.status.unwrap_or(code.status));
            fault.body = Some(FaultBody::StorageCode(code));
        }
        "body-size" => fault.body = Some(FaultBody::Filler(word.number(0..=u64::MAX)?)),
        "endless" => fault.body = word.flag(Some(FaultBody::Endless))?,
        "stall" => fault.transmission = word.flag(Transmission::Nothing)?,
        "reset" => fault.transmission = word.flag(Transmission::Reset)?,
        "reset-mid-body" => fault.transmission = word.flag(Transmission::ResetMidBody)?,
        "truncate-unsized" => fault.transmission = word.flag(Transmission::TruncatedUnsized)?,
        "excess" => fault.transmission = word.flag(Transmission::Excess)?,
        "truncate" => fault.transmission = word.flag(Transmission::Truncated)?,
        "garbage" => fault.transmission = word.flag(Fault::garbage().transmission)?,
        "raw" => fault.transmission = Transmission::Raw(unescape(word.text()?, word)?),
        "drip" => {
            let (size, interval) = word.per_time()?;
            fault.transmission = Transmission::Drip { size: size as usize, interval };
        }
        "close" => fault.transmission = word.flag(Transmission::CloseAfter)?,
        "interim" => fault.transmission = Transmission::Interim(word.status(100..=199)?),
        "extra-keys" => fault.body_mutations.push(word.flag(BodyMutation::ExtraKeys)?),
        "unknown-enums" => fault.body_mutations.push(word.flag(BodyMutation::UnknownEnums)?),
        "numbers-as-strings" => fault.body_mutations.push(word.flag(BodyMutation::NumbersAsStrings)?),
        "without" => fault.body_mutations.push(BodyMutation::Remove(word.text()?.to_owned())),
        "set" => {
            let pair = word.text()?.split_once('=').and_then(|(key, value)| {
                let json = unescape(value, word).ok()?;
                Some(BodyMutation::Set(key.to_owned(), serde_json::from_slice(&json).ok()?))
            });
            fault.body_mutations.push(pair.ok_or_else(|| word.expected("set=KEY=JSON"))?);
        }
        _ if key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') => {
            return Err(ParseFaultError::new(word.word, "unknown word"));
        }
        // Probably the rest of a value, such as a JSON body.
        _ => {
            let problem = r"unknown word; in a value, write \: for a colon before a lowercase letter";
            return Err(ParseFaultError::new(word.word, problem));
        }
    }
    Ok(())
}

/// A word of a rule: `key` or `key=value`.
struct Directive<'a> {
    word: &'a str,
    value: Option<&'a str>,
}

impl<'a> Directive<'a> {
    fn expected(&self, what: impl fmt::Display) -> ParseFaultError {
        ParseFaultError::new(self.word, format!("expected {what}"))
    }

    fn flag<T>(&self, value: T) -> Result<T, ParseFaultError> {
        match self.value {
            None => Ok(value),
            Some(_) => Err(ParseFaultError::new(self.word, "this word takes no value")),
        }
    }

    fn text(&self) -> Result<&'a str, ParseFaultError> {
        self.value.ok_or_else(|| self.expected("a value after ="))
    }

    fn number(&self, range: std::ops::RangeInclusive<u64>) -> Result<u64, ParseFaultError> {
        let number = self.text()?.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| match (range.start(), range.end()) {
            (least, &u64::MAX) => self.expected(format_args!("a number from {least}")),
            (least, most) => self.expected(format_args!("a number from {least} to {most}")),
        })
    }

    fn status(&self, range: std::ops::RangeInclusive<u64>) -> Result<StatusCode, ParseFaultError> {
        let number = self.number(range)?;
        u16::try_from(number)
            .ok()
            .and_then(|number| StatusCode::from_u16(number).ok())
            .ok_or_else(|| self.expected("a status"))
    }

    fn duration(&self) -> Result<Duration, ParseFaultError> {
        duration(self.text()?).ok_or_else(|| self.expected("a time such as 250ms, 2s or 1m"))
    }

    fn per_time(&self) -> Result<(u32, Duration), ParseFaultError> {
        self.text()?
            .split_once('/')
            .and_then(|(count, time)| Some((count.parse().ok()?, duration(time)?)))
            .ok_or_else(|| self.expected("a count and a time such as 10/1s"))
    }

    fn header_name(&self, name: &str) -> Result<HeaderName, ParseFaultError> {
        name.parse().map_err(|_| self.expected("a header name"))
    }

    fn header(&self, name: &str, value: &str) -> Result<(HeaderName, HeaderValue), ParseFaultError> {
        let name = self.header_name(name)?;
        let value =
            HeaderValue::from_maybe_shared(unescape(value, self)?).map_err(|_| self.expected("a header value"))?;
        Ok((name, value))
    }

    fn many_headers(&self) -> Result<Vec<(HeaderName, HeaderValue)>, ParseFaultError> {
        self.text()?
            .split_once('/')
            .and_then(|(count, size)| Some((count.parse::<usize>().ok()?, size.parse().ok()?)))
            .filter(|(count, size)| count.saturating_mul(*size) <= 64 << 20)
            .map(|(count, size)| Fault::many_headers(count, size).headers)
            .ok_or_else(|| self.expected("a count and a size such as 1000/8192, 64 MiB at most"))
    }
}

fn duration(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let number: u64 = text[..digits].parse().ok()?;
    match &text[digits..] {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_secs(number.checked_mul(60)?)),
        _ => None,
    }
}

fn unescape(text: &str, word: &Directive<'_>) -> Result<Bytes, ParseFaultError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut remaining = text.bytes();
    while let Some(byte) = remaining.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let escaped = remaining.next().and_then(|escape| match escape {
            b'\\' | b':' => Some(escape),
            b'r' => Some(b'\r'),
            b'n' => Some(b'\n'),
            b't' => Some(b'\t'),
            b'x' => {
                let digits = [remaining.next()?, remaining.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()
            }
            _ => None,
        });
        bytes.push(escaped.ok_or_else(|| word.expected(r"\\, \:, \r, \n, \t or \xNN"))?);
    }
    Ok(bytes.into())
}
