//! Response documents, which are rendered as JSON or as Rails XML.

use std::borrow::Cow;
use std::fmt::Write as _;

use http::StatusCode;
use serde_json::Value;

use super::format::Format;
use crate::server::Response;

/// A value of a response, including the differences between the formats.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Null,
    Boolean(bool),
    Integer(u64),
    /// A string in JSON, a typed integer in XML.
    TextInteger(u64),
    Text(String),
    /// A Rails symbol.
    Symbol(String),
    /// A time and its XML type, whose spelling differs between resources.
    Time(String, &'static str),
    Map(Vec<Field>),
    List(&'static str, Vec<Node>),
}

pub(crate) type Field = (Cow<'static, str>, Node);

impl Node {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn symbol(word: impl Into<String>) -> Self {
        Self::Symbol(word.into())
    }

    pub(crate) fn optional<T>(value: Option<T>, node: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Null, node)
    }

    pub(crate) fn optional_text(text: Option<&str>) -> Self {
        Self::optional(text, Self::text)
    }

    pub(crate) fn map<const N: usize>(fields: [(&'static str, Self); N]) -> Self {
        Self::Map(fields.into_iter().map(|(name, node)| (Cow::Borrowed(name), node)).collect())
    }

    /// Converts JSON that a client stored.
    pub(crate) fn from_json(value: &Value, item: &'static str) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Boolean(*value),
            Value::Number(number) => number.as_u64().map_or_else(|| Self::text(number.to_string()), Self::Integer),
            Value::String(text) => Self::text(text),
            Value::Array(items) => Self::List(item, items.iter().map(|each| Self::from_json(each, item)).collect()),
            Value::Object(object) => {
                let field = |(name, value): (&String, &Value)| (name.clone().into(), Self::from_json(value, item));
                Self::Map(object.iter().map(field).collect())
            }
        }
    }
}

/// A node with the name of its root element.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Document {
    pub(crate) root: &'static str,
    pub(crate) node: Node,
}

/// The response of operations without a result.
pub(crate) fn nothing() -> Document {
    Document { root: "nil-classes", node: Node::List("nil-class", Vec::new()) }
}

impl Document {
    pub(crate) fn new(root: &'static str, node: Node) -> Self {
        Self { root, node }
    }

    pub(crate) fn list(root: &'static str, item: &'static str, items: Vec<Node>) -> Self {
        Self { root, node: Node::List(item, items) }
    }

    /// Renders XML, or JSON for every other format.
    pub(crate) fn into_response(self, status: StatusCode, format: Format, legal_xml: bool) -> Response {
        let (format, text) = match format {
            Format::Xml => (Format::Xml, self.to_xml(legal_xml)),
            _ => (Format::Json, self.to_json()),
        };
        Response::empty(status).with_body(format.content_type(), text)
    }

    pub(crate) fn to_json(&self) -> String {
        let mut out = String::new();
        write_json(&mut out, &self.node);
        out
    }

    /// `legal` omits the question mark of `subfolders_locked?`.
    pub(crate) fn to_xml(&self, legal: bool) -> String {
        let mut writer = XmlWriter { out: r#"<?xml version="1.0" encoding="UTF-8"?>"#.to_owned(), legal };
        match &self.node {
            Node::List(_, items) if items.is_empty() => writer.element("nil-classes", &nothing().node, 0),
            node => writer.element(self.root, node, 0),
        }
        writer.out.push('\n');
        writer.out
    }
}

fn write_json(out: &mut String, node: &Node) {
    match node {
        Node::Null => out.push_str("null"),
        Node::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
        Node::Integer(number) => push_number(out, *number),
        Node::TextInteger(number) => {
            out.push('"');
            push_number(out, *number);
            out.push('"');
        }
        Node::Text(text) | Node::Symbol(text) | Node::Time(text, _) => push_json_text(out, text),
        Node::Map(fields) => {
            out.push('{');
            for (index, (name, node)) in fields.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                push_json_text(out, name);
                out.push(':');
                write_json(out, node);
            }
            out.push('}');
        }
        Node::List(_, items) => {
            out.push('[');
            for (index, node) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_json(out, node);
            }
            out.push(']');
        }
    }
}

fn push_number(out: &mut String, number: u64) {
    let _ = write!(out, "{number}");
}

fn push_json_text(out: &mut String, text: &str) {
    let plain = !text.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\');
    if plain {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&Value::from(text).to_string());
    }
}

struct XmlWriter {
    out: String,
    legal: bool,
}

impl XmlWriter {
    fn element(&mut self, name: &str, node: &Node, depth: usize) {
        let name = if self.legal { name.trim_end_matches('?') } else { name };
        self.indent(depth);
        match node {
            Node::Null => self.push(&["<", name, " nil=\"true\"/>"]),
            Node::Boolean(value) => self.leaf(name, "boolean", if *value { "true" } else { "false" }),
            Node::Integer(number) | Node::TextInteger(number) => self.leaf(name, "integer", &number.to_string()),
            Node::Symbol(word) => self.leaf(name, "symbol", word),
            Node::Time(time, kind) => self.leaf(name, kind, time),
            Node::Text(text) => self.leaf(name, "", text),
            Node::Map(fields) => {
                self.push(&["<", name, ">"]);
                for (field, node) in fields {
                    self.element(field, node, depth + 1);
                }
                if !fields.is_empty() {
                    self.indent(depth);
                }
                self.push(&["</", name, ">"]);
            }
            Node::List(_, items) if items.is_empty() => self.push(&["<", name, " type=\"array\"/>"]),
            Node::List(item, items) => {
                self.push(&["<", name, " type=\"array\">"]);
                for node in items {
                    self.element(item, node, depth + 1);
                }
                self.indent(depth);
                self.push(&["</", name, ">"]);
            }
        }
    }

    fn leaf(&mut self, name: &str, kind: &str, text: &str) {
        if kind.is_empty() {
            self.push(&["<", name, ">"]);
        } else {
            self.push(&["<", name, " type=\"", kind, "\">"]);
        }
        for character in text.chars() {
            match character {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                // XML parsers would read it as a line feed.
                '\r' => self.out.push_str("&#13;"),
                '\t' | '\n' => self.out.push(character),
                // XML 1.0 cannot represent these.
                '\0'..'\x20' | '\u{fffe}' | '\u{ffff}' => self.out.push('\u{fffd}'),
                _ => self.out.push(character),
            }
        }
        self.push(&["</", name, ">"]);
    }

    fn indent(&mut self, depth: usize) {
        self.out.push('\n');
        for _ in 0..depth {
            self.out.push_str("  ");
        }
    }

    fn push(&mut self, pieces: &[&str]) {
        for piece in pieces {
            self.out.push_str(piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Document, Node, nothing};

    #[test]
    fn both_formats_say_the_same_in_their_own_way() {
        let node = Node::map([
            ("id", Node::TextInteger(7)),
            ("name", Node::text("a \"b\" & <c>\u{1}")),
            ("empty", Node::text("")),
            ("none", Node::Null),
            ("kind", Node::symbol("full")),
            ("when", Node::Time("2018-05-02T10:00:00-04:00".into(), "dateTime")),
            ("admin_ids", Node::List("admin_id", vec![Node::Integer(5)])),
            ("headers", Node::Map(Vec::new())),
            ("subfolders_locked?", Node::Null),
            ("paths", Node::List("path", Vec::new())),
        ]);
        let document = Document::new("api-key", node);
        assert_eq!(
            document.to_json(),
            r#"{"id":"7","name":"a \"b\" & <c>\u0001","empty":"","none":null,"kind":"full","when":"2018-05-02T10:00:00-04:00","admin_ids":[5],"headers":{},"subfolders_locked?":null,"paths":[]}"#
        );
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<api-key>
  <id type=\"integer\">7</id>
  <name>a \"b\" &amp; &lt;c&gt;\u{fffd}</name>
  <empty></empty>
  <none nil=\"true\"/>
  <kind type=\"symbol\">full</kind>
  <when type=\"dateTime\">2018-05-02T10:00:00-04:00</when>
  <admin_ids type=\"array\">
    <admin_id type=\"integer\">5</admin_id>
  </admin_ids>
  <headers></headers>
  <subfolders_locked? nil=\"true\"/>
  <paths type=\"array\"/>
</api-key>
";
        assert_eq!(document.to_xml(false), expected);
        assert_eq!(document.to_xml(true), expected.replace("locked?", "locked"));
        assert!(nothing().to_xml(false).ends_with("<nil-classes type=\"array\"/>\n"));
        assert!(Document::list("users", "user", Vec::new()).to_xml(false).contains("nil-classes"));
    }
}
