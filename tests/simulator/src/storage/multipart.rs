use bytes::{Bytes, BytesMut};

/// Takes `multipart/form-data` apart while it arrives.
#[derive(Debug)]
pub(super) struct Multipart {
    /// Ends whatever is before it, line break included.
    delimiter: Vec<u8>,
    buffer: BytesMut,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Preamble,
    AfterDelimiter,
    Headers,
    Data,
    Epilogue,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    Begin { name: String },
    Data(Bytes),
}

const HEADERS_LIMIT: usize = 16 * 1024;

impl Multipart {
    /// For a content type with a boundary.
    pub(super) fn new(content_type: &str) -> Option<Self> {
        let (kind, parameters) = content_type.split_once(';')?;
        if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
            return None;
        }
        let boundary = parameters.split(';').find_map(|parameter| {
            let (name, value) = parameter.trim().split_once('=')?;
            name.eq_ignore_ascii_case("boundary").then(|| value.trim_matches('"'))
        })?;
        if boundary.is_empty() || boundary.len() > 70 {
            return None;
        }
        // The first delimiter has no line break before it unless we put one there.
        let delimiter = format!("\r\n--{boundary}").into_bytes();
        Some(Self { delimiter, buffer: BytesMut::from(&b"\r\n"[..]), state: State::Preamble })
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Whether the last delimiter has arrived.
    pub(super) fn is_complete(&self) -> bool {
        self.state == State::Epilogue
    }

    /// What the bytes so far say next; `None` asks for more.
    pub(super) fn next(&mut self) -> Result<Option<Event>, ()> {
        loop {
            match self.state {
                State::Preamble => match find(&self.buffer, &self.delimiter) {
                    Some(at) => {
                        self.skip(at + self.delimiter.len());
                        self.state = State::AfterDelimiter;
                    }
                    None if self.buffer.len() > HEADERS_LIMIT => return Err(()),
                    None => return Ok(None),
                },
                State::AfterDelimiter => match self.buffer.get(..2) {
                    None => return Ok(None),
                    Some(b"--") => self.state = State::Epilogue,
                    Some(b"\r\n") => self.state = State::Headers,
                    Some(_) => return Err(()),
                },
                State::Headers => match find(&self.buffer, b"\r\n\r\n") {
                    Some(at) => {
                        let name = name_of(&self.buffer[..at]).ok_or(())?;
                        self.skip(at + 4);
                        self.state = State::Data;
                        // The delimiter may follow at once: then the data is empty.
                        return Ok(Some(Event::Begin { name }));
                    }
                    None if self.buffer.len() > HEADERS_LIMIT => return Err(()),
                    None => return Ok(None),
                },
                State::Data => {
                    if let Some(at) = find(&self.buffer, &self.delimiter) {
                        let data = self.buffer.split_to(at).freeze();
                        self.skip(self.delimiter.len());
                        self.state = State::AfterDelimiter;
                        if !data.is_empty() {
                            return Ok(Some(Event::Data(data)));
                        }
                        continue;
                    }
                    // The end may be the begin of a delimiter.
                    let sure = self.buffer.len().saturating_sub(self.delimiter.len() - 1);
                    if sure == 0 {
                        return Ok(None);
                    }
                    return Ok(Some(Event::Data(self.buffer.split_to(sure).freeze())));
                }
                State::Epilogue => {
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
    let mut from = 0;
    while let Some(at) = bytes.get(from..)?.iter().position(|byte| *byte == first) {
        if bytes[from + at..].starts_with(wanted) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

/// The name in `Content-Disposition: form-data; name="…"`.
fn name_of(headers: &[u8]) -> Option<String> {
    let headers = std::str::from_utf8(headers).ok()?;
    let disposition = headers.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    let value = disposition.split(';').find_map(|parameter| parameter.trim().strip_prefix("name="))?;
    Some(value.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Event, Multipart};

    /// However the bytes are cut, the same comes out.
    #[test]
    fn pieces_of_any_size_give_the_same_form() {
        let form = "--XX\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\no/1\r\n--XX\r\n\
                    Content-Disposition: form-data; name=empty\r\n\r\n\r\n--XX\r\n\
                    content-disposition: form-data; name=\"file\"; filename=\"a\"\r\nContent-Type: x/y\r\n\r\n\
                    a\r\n--X\r\n-\r\nb\r\r\n--XX--\r\n";
        for size in 1..form.len() {
            let mut parser = Multipart::new("multipart/form-data; charset=x; boundary=\"XX\"").unwrap();
            let mut seen: Vec<(String, Vec<u8>)> = Vec::new();
            for piece in form.as_bytes().chunks(size) {
                parser.push(piece);
                while let Some(event) = parser.next().unwrap() {
                    match event {
                        Event::Begin { name } => seen.push((name, Vec::new())),
                        Event::Data(bytes) => seen.last_mut().unwrap().1.extend_from_slice(&bytes),
                    }
                }
            }
            assert!(parser.is_complete());
            let expected = [("key", &b"o/1"[..]), ("empty", b""), ("file", b"a\r\n--X\r\n-\r\nb\r")]
                .map(|(name, value)| (name.to_owned(), value.to_vec()));
            assert_eq!(seen, expected, "pieces of {size}");
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
