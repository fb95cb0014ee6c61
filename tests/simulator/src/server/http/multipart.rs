use std::io::BufRead;

use bytes::{Bytes, BytesMut};

/// An incremental parser of `multipart/form-data`.
#[derive(Debug)]
pub(crate) struct Multipart {
    /// Includes the preceding line break.
    delimiter: Vec<u8>,
    buffer: BytesMut,
    state: ParserState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ParserState {
    Preamble,
    AfterDelimiter,
    Headers,
    Data,
    Epilogue,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum FormEvent {
    Begin {
        name: String,
        /// Set for file parts.
        file_name: Option<String>,
    },
    Data(Bytes),
}

const HEADERS_LIMIT: usize = 16 * 1024;

impl Multipart {
    /// Returns a parser for a content type with a boundary.
    pub(crate) fn new(content_type: &str) -> Option<Self> {
        let (kind, remaining) = content_type.split_once(';')?;
        if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
            return None;
        }
        let parameters = parameters(remaining);
        let boundary = value_of(&parameters, "boundary")?;
        if boundary.is_empty() || boundary.len() > 70 {
            return None;
        }
        // The first delimiter has no preceding line break, so the buffer starts with one.
        let delimiter = format!("\r\n--{boundary}").into_bytes();
        Some(Self { delimiter, buffer: BytesMut::from(&b"\r\n"[..]), state: ParserState::Preamble })
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Whether the closing delimiter has arrived.
    pub(crate) fn is_complete(&self) -> bool {
        self.state == ParserState::Epilogue
    }

    /// Returns the next event. `None` if more bytes are needed.
    pub(crate) fn next(&mut self) -> Result<Option<FormEvent>, ()> {
        loop {
            match self.state {
                ParserState::Preamble => match find(&self.buffer, &self.delimiter) {
                    Some(at) => {
                        self.skip(at + self.delimiter.len());
                        self.state = ParserState::AfterDelimiter;
                    }
                    None if self.buffer.len() > HEADERS_LIMIT => return Err(()),
                    None => return Ok(None),
                },
                ParserState::AfterDelimiter => match self.buffer.get(..2) {
                    None => return Ok(None),
                    Some(b"--") => self.state = ParserState::Epilogue,
                    Some(b"\r\n") => self.state = ParserState::Headers,
                    Some(_) => return Err(()),
                },
                ParserState::Headers => match find(&self.buffer, b"\r\n\r\n") {
                    Some(at) => {
                        let (name, file_name) = names(&self.buffer[..at]).ok_or(())?;
                        self.skip(at + 4);
                        self.state = ParserState::Data;
                        // The delimiter may follow directly. The data is then empty.
                        return Ok(Some(FormEvent::Begin { name, file_name }));
                    }
                    None if self.buffer.len() > HEADERS_LIMIT => return Err(()),
                    None => return Ok(None),
                },
                ParserState::Data => {
                    if let Some(at) = find(&self.buffer, &self.delimiter) {
                        let data = self.buffer.split_to(at).freeze();
                        self.skip(self.delimiter.len());
                        self.state = ParserState::AfterDelimiter;
                        if !data.is_empty() {
                            return Ok(Some(FormEvent::Data(data)));
                        }
                        continue;
                    }
                    // The end of the buffer may be the start of a delimiter.
                    let sure = self.buffer.len().saturating_sub(self.delimiter.len() - 1);
                    if sure == 0 {
                        return Ok(None);
                    }
                    return Ok(Some(FormEvent::Data(self.buffer.split_to(sure).freeze())));
                }
                ParserState::Epilogue => {
                    self.buffer.clear();
                    return Ok(None);
                }
            }
        }
    }

    fn skip(&mut self, count: usize) {
        let _ = self.buffer.split_to(count);
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut remaining = bytes;
    while !remaining.is_empty() {
        // The search of the standard library is fast in debug builds too.
        let skipped = remaining.skip_until(first).ok()?;
        let at = bytes.len() - remaining.len() - 1;
        if skipped == 0 || bytes[at] != first {
            return None;
        }
        if bytes[at..].starts_with(wanted) {
            return Some(at);
        }
    }
    None
}

/// Parses both names in `Content-Disposition: form-data; name="…"; filename="…"`.
fn names(headers: &[u8]) -> Option<(String, Option<String>)> {
    let headers = std::str::from_utf8(headers).ok()?;
    let disposition = headers.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    let (_, remaining) = disposition.split_once(';')?;
    let parameters = parameters(remaining);
    let name = value_of(&parameters, "name")?;
    let file_name = value_of(&parameters, "filename").map(unescape).or_else(|| extended(&parameters));
    Some((unescape(name), file_name))
}

/// Parses `a=1; b="2; \"3\""` into pairs.
fn parameters(text: &str) -> Vec<(&str, String)> {
    let mut pairs = Vec::new();
    let mut remaining = text;
    while let Some((name, after)) = remaining.split_once('=') {
        let name = name.trim_start_matches(|c: char| c == ';' || c.is_whitespace()).trim_end();
        let (value, after) = if let Some(quoted) = after.trim_start().strip_prefix('"') {
            unquote(quoted)
        } else {
            let (value, after) = after.split_once(';').unwrap_or((after, ""));
            (value.trim().to_owned(), after)
        };
        pairs.push((name, value));
        remaining = after;
    }
    pairs
}

/// Returns the text up to the closing quote, and the rest. A backslash escapes only a quote or a backslash, because
/// browsers do not escape other backslashes.
fn unquote(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut remaining = text.char_indices().peekable();
    while let Some((at, c)) = remaining.next() {
        match c {
            '"' => return (value, &text[at + 1..]),
            '\\' => {
                let hidden = remaining.next_if(|(_, next)| matches!(next, '"' | '\\'));
                value.push(hidden.map_or('\\', |(_, hidden)| hidden));
            }
            _ => value.push(c),
        }
    }
    (value, "")
}

fn value_of<'a>(parameters: &'a [(&str, String)], name: &str) -> Option<&'a str> {
    parameters.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// Browsers percent-encode only these three characters.
fn unescape(text: &str) -> String {
    text.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n")
}

/// Parses `filename*=UTF-8''…`, which RFC 7578 forbids and some libraries send.
fn extended(parameters: &[(&str, String)]) -> Option<String> {
    let value = value_of(parameters, "filename*")?;
    let (charset, encoded) = value.split_once('\'')?;
    let (_, encoded) = encoded.split_once('\'')?;
    let text = percent_encoding::percent_decode_str(encoded).decode_utf8().ok()?;
    charset.eq_ignore_ascii_case("utf-8").then(|| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::{FormEvent, Multipart, names};

    #[test]
    fn pieces_of_any_size_give_the_same_form() {
        let form = "--XX\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\no/1\r\n--XX\r\n\
                    Content-Disposition: form-data; name=empty\r\n\r\n\r\n--XX\r\n\
                    content-disposition: form-data; name=\"file\"; filename=\"a;b.txt\"\r\nContent-Type: x/y\r\n\r\n\
                    a\r\n--X\r\n-\r\nb\r\r\n--XX--\r\n";
        let parse = |pieces: &[&[u8]]| {
            let mut parser = Multipart::new("multipart/form-data; charset=x; boundary=\"XX\"").unwrap();
            let mut parts: Vec<(String, Option<String>, Vec<u8>)> = Vec::new();
            for piece in pieces {
                parser.push(piece);
                while let Some(event) = parser.next().unwrap() {
                    match event {
                        FormEvent::Begin { name, file_name } => parts.push((name, file_name, Vec::new())),
                        FormEvent::Data(bytes) => parts.last_mut().unwrap().2.extend_from_slice(&bytes),
                    }
                }
            }
            assert!(parser.is_complete());
            parts
        };
        let expected =
            [("key", None, &b"o/1"[..]), ("empty", None, b""), ("file", Some("a;b.txt"), b"a\r\n--X\r\n-\r\nb\r")]
                .map(|(name, file, value)| (name.to_owned(), file.map(ToOwned::to_owned), value.to_vec()));
        let form = form.as_bytes();
        for size in 1..form.len() {
            assert_eq!(parse(&form.chunks(size).collect::<Vec<_>>()), expected, "pieces of {size}");
            let (left, right) = form.split_at(size);
            assert_eq!(parse(&[left, right]), expected, "cut at {size}");
        }
    }

    #[test]
    fn names_of_files() {
        for (parameters, expected) in [
            (r#"name="f1"; filename="a b.txt""#, Some(("f1", Some("a b.txt")))),
            (r"name=f1;filename=a.txt", Some(("f1", Some("a.txt")))),
            (r#"filename="name=x"; name="f1""#, Some(("f1", Some("name=x")))),
            (r#"name="f1"; FileName="say \"hi\" \ \\.txt""#, Some(("f1", Some(r#"say "hi" \ \.txt"#)))),
            (r#"name="f1"; filename="a%22b%0D%0Ac%20d""#, Some(("f1", Some("a\"b\r\nc%20d")))),
            (r#"name="f1"; filename="Résumé 日本.txt""#, Some(("f1", Some("Résumé 日本.txt")))),
            (r#"name="f1"; filename*=utf-8''%C3%A9%20b"#, Some(("f1", Some("é b")))),
            (r#"name="f1"; filename="""#, Some(("f1", Some("")))),
            (r#"name="meta""#, Some(("meta", None))),
            (r#"filename="a""#, None),
        ] {
            let parsed = names(format!("X: y\r\nContent-Disposition: form-data; {parameters}").as_bytes());
            let expected = expected.map(|(name, file)| (name.to_owned(), file.map(ToOwned::to_owned)));
            assert_eq!(parsed, expected, "{parameters}");
        }
    }

    #[test]
    fn what_is_no_form_is_refused() {
        for kind in
            ["application/json", "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=a"]
        {
            assert!(Multipart::new(kind).is_none(), "{kind}");
        }
        for form in ["--XX??", "--XX\r\n\r\n\r\n", "--XX\r\nContent-Disposition: form-data\r\n\r\n"] {
            let mut parser = Multipart::new("multipart/form-data; boundary=XX").unwrap();
            parser.push(form.as_bytes());
            assert_eq!(parser.next(), Err(()), "{form:?}");
        }
    }
}
