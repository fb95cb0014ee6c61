//! Requests as XML, and their round trip.

use std::collections::BTreeMap;

use brickftp::xml;
use proptest::prelude::*;
use quick_xml::events::Event;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const PROLOG: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

fn written<T: Serialize + ?Sized>(root: &str, value: &T) -> String {
    let document = String::from_utf8(xml::to_vec(root, value).unwrap()).unwrap();
    document.strip_prefix(PROLOG).unwrap().to_owned()
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Everything {
    text: String,
    #[serde(rename = "move-destination")]
    hyphenated: Option<String>,
    number: i64,
    ratio: f64,
    yes: bool,
    letter: char,
    paths: Vec<String>,
    entries: Vec<Vec<u8>>,
    map: BTreeMap<String, Option<u32>>,
    pair: (u8, String),
    shapes: Vec<Shape>,
    nothing: (),
    inner: Option<Box<Everything>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Shape {
    Point,
    Circle(u32),
    Line(i8, i8),
    Area { width: u16, notes: Option<String> },
}

#[test]
fn values_are_written_in_the_dialect_of_the_service() {
    for (root, value, expected) in [
        ("file", json!({"action": "put"}), "<file><action>put</action></file>"),
        (
            "file",
            json!({"action": "put", "part": 2, "ref": "put-9"}),
            "<file><action>put</action><part>2</part><ref>put-9</ref></file>",
        ),
        (
            "file",
            json!({"move-destination": "/Archive/a b.txt"}),
            "<file><move-destination>/Archive/a b.txt</move-destination></file>",
        ),
        ("membership", json!({"admin": "true"}), "<membership><admin>true</admin></membership>"),
        ("membership", json!({"admin": true}), "<membership><admin>true</admin></membership>"),
        (
            "bundle",
            json!({"password": null, "paths": ["a", "b"]}),
            "<bundle><password nil=\"true\"/><paths><path>a</path><path>b</path></paths></bundle>",
        ),
        ("behavior", json!({"value": ["u"]}), "<behavior><value><value>u</value></value></behavior>"),
        ("x", json!({"paths": [], "headers": {}, "notes": ""}), {
            "<x><headers></headers><notes></notes><paths type=\"array\"/></x>"
        }),
        ("x", json!({"entries": [1], "addresses": [2], "glass": [3], "s": [4], "boxes": [5]}), {
            "<x><addresses><address>2</address></addresses><boxes><box>5</box></boxes><entries><entry>1</entry></entries>\
             <glass><glass>3</glass></glass><s><s>4</s></s></x>"
        }),
        ("x", json!("<&>\"' ]]> \t\n\r é😀\u{85}"), {
            "<x>&lt;&amp;&gt;&quot;&apos; ]]&gt; \t\n&#13; é😀\u{85}</x>"
        }),
    ] {
        assert_eq!(written(root, &value), expected);
    }
    assert_eq!(
        written("shapes", &[Shape::Point, Shape::Circle(1), Shape::Line(2, 3), Shape::Area { width: 4, notes: None }]),
        "<shapes><shape>Point</shape><shape><Circle>1</Circle></shape><shape><Line><Line>2</Line><Line>3</Line></Line>\
         </shape><shape><Area><width>4</width><notes nil=\"true\"/></Area></shape></shapes>"
    );
}

#[test]
fn values_that_xml_cannot_represent_are_errors_without_content() {
    let floats = [f64::NAN, f64::INFINITY];
    let map = |key: &str| BTreeMap::from([(key.to_owned(), "hunter2")]);
    for (error, expected) in [
        (
            xml::to_vec("x", &json!({"users": [{"notes": "hunter2\0"}]})),
            "a character that XML does not have) at `x.users[0].notes`",
        ),
        (xml::to_vec("x", "hunter2\u{b}"), "(a character that XML does not have) at `x`"),
        (xml::to_vec("x", "hunter2\u{fffe}"), "a character"),
        (xml::to_vec("x", "hunter2\u{ffff}"), "a character"),
        (xml::to_vec("x", &'\u{1f}'), "a character"),
        (xml::to_vec("x", &map("Content Type")), "(a name that XML does not allow) at `x.*`"),
        (xml::to_vec("x", &map("")), "a name"),
        (xml::to_vec("x", &map("1a")), "a name"),
        (xml::to_vec("x", &map("a>b")), "a name"),
        (xml::to_vec("x", &map("subfolders_locked?")), "a name"),
        (xml::to_vec("", "hunter2"), "a name"),
        (xml::to_vec("x y", "hunter2"), "a name"),
        (xml::to_vec("x", &BTreeMap::from([(1, "hunter2")])), "a name"),
        (xml::to_vec("x", &BTreeMap::from([(vec![1], "hunter2")])), "(a key that is no text) at `x`"),
        (xml::to_vec("x", &floats), "(a number that is not finite) at `x[0]`"),
        (xml::to_vec("x", &f32::NAN), "a number that is not finite"),
    ] {
        let error = error.unwrap_err();
        assert_eq!(error.class(), xml::Class::Unwritable);
        assert!(error.to_string().contains(expected), "{error}");
        assert!(!format!("{error:?}").contains("hunter2"));
    }
}

/// Text that XML allows.
fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        4 => any::<char>(),
        2 => prop::sample::select(vec!['<', '&', '>', '"', '\'', ']', '[', '!', ';', '#', ' ', '\t', '\n', '\r']),
        1 => prop::char::range('a', 'z'),
    ]
    .prop_filter(
        "XML has it",
        |&c| !matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}'),
    );
    prop::collection::vec(character, 0..12).prop_map(String::from_iter)
}

fn shape() -> impl Strategy<Value = Shape> {
    prop_oneof![
        Just(Shape::Point),
        any::<u32>().prop_map(Shape::Circle),
        any::<(i8, i8)>().prop_map(|(x, y)| Shape::Line(x, y)),
        (any::<u16>(), prop::option::of(text())).prop_map(|(width, notes)| Shape::Area { width, notes }),
    ]
}

fn everything() -> impl Strategy<Value = Everything> {
    let texts = (text(), prop::option::of(text()), prop::collection::vec(text(), 0..3), (any::<u8>(), text()));
    let numbers = (any::<i64>(), -1e300..1e300f64, any::<bool>(), prop::char::range(' ', '~'));
    let lists = (
        prop::collection::vec(prop::collection::vec(any::<u8>(), 0..3), 0..3),
        prop::collection::btree_map("[a-zA-Z_é][a-zA-Z0-9_.é-]{0,5}", any::<Option<u32>>(), 0..3),
        prop::collection::vec(shape(), 0..3),
    );
    let leaf = (texts, numbers, lists).prop_map(|(texts, numbers, lists)| Everything {
        text: texts.0,
        hyphenated: texts.1,
        paths: texts.2,
        pair: texts.3,
        number: numbers.0,
        ratio: numbers.1,
        yes: numbers.2,
        letter: numbers.3,
        entries: lists.0,
        map: lists.1,
        shapes: lists.2,
        nothing: (),
        inner: None,
    });
    leaf.prop_recursive(3, 4, 1, move |inner| {
        inner.prop_map(|inner| Everything { inner: Some(Box::new(inner.clone())), ..inner })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn written_documents_are_read_back(value in everything()) {
        let document = xml::to_vec("everything", &value).unwrap();
        prop_assert_eq!(xml::from_slice::<Everything>(&document).unwrap(), value);

        // A strict parser accepts it too.
        let mut reader = quick_xml::Reader::from_reader(document.as_slice());
        loop {
            match reader.read_event().unwrap() {
                Event::Eof => break,
                Event::Start(tag) | Event::Empty(tag) => {
                    for attribute in tag.attributes() {
                        attribute.unwrap();
                    }
                }
                _ => {}
            }
        }
    }

    #[test]
    fn no_bytes_make_a_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = xml::from_slice::<Value>(&bytes);
        let _ = xml::from_slice::<Everything>(&bytes);
        let _ = xml::root_name(&bytes);
    }
}
