//! The rules of the XML dialect, one row each.

use std::collections::BTreeMap;
use std::fmt::Debug;

use brickftp::xml;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

fn read<T: DeserializeOwned>(document: &str) -> T {
    xml::from_slice(document.as_bytes()).unwrap_or_else(|error| panic!("{document}: {error}"))
}

fn fails<T: DeserializeOwned + Debug>(document: &str) -> String {
    match xml::from_slice::<T>(document.as_bytes()) {
        Ok(value) => panic!("{document} was read as {value:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn attributes_determine_untyped_values() {
    for (document, expected) in [
        ("<x>text</x>", json!("text")),
        ("<x></x>", json!("")),
        ("<x/>", json!("")),
        ("<x>  </x>", json!("  ")),
        ("<x> a\n b </x>", json!(" a\n b ")),
        ("<x>a\r\nb\rc</x>", json!("a\nb\nc")),
        ("<x>a&#13;b</x>", json!("a\rb")),
        ("<x nil=\"true\"/>", json!(null)),
        ("<x nil=\"true\" />", json!(null)),
        ("<x nil='true'></x>", json!(null)),
        ("<x nil=\"true\">ignored<y/></x>", json!(null)),
        ("<x nil=\"false\">a</x>", json!("a")),
        ("<x type=\"integer\">41</x>", json!(41)),
        ("<x type=\"integer\"> -41 </x>", json!(-41)),
        ("<x type=\"integer\">18446744073709551615</x>", json!(u64::MAX)),
        ("<x type=\"Integer\">41</x>", json!(41)),
        ("<x type='integer' >41</x>", json!(41)),
        ("<x a='b' type = 'integer'>41</x>", json!(41)),
        ("<x type=\"integer\"></x>", json!(null)),
        ("<x type=\"integer\" nil=\"true\"/>", json!(null)),
        ("<x type=\"integer\">many</x>", json!("many")),
        ("<x type=\"boolean\">true</x>", json!(true)),
        ("<x type=\"BOOLEAN\">0</x>", json!(false)),
        ("<x type=\"boolean\"/>", json!(null)),
        ("<x type=\"float\">1.5</x>", json!(1.5)),
        ("<x type=\"dateTime\">2018-05-02T10:00:00-04:00</x>", json!("2018-05-02T10:00:00-04:00")),
        ("<x type=\"datetime\"/>", json!(null)),
        ("<x type=\"symbol\">full</x>", json!("full")),
        ("<x type=\"symbol\"/>", json!("")),
        ("<x type=\"array\"/>", json!([])),
        ("<x type=\"Array\"> </x>", json!([])),
        ("<x type=\"array\">\r\n</x>", json!([])),
        ("<x type=\"array\"> <!-- --> </x >", json!([])),
        ("<nil-classes type=\"array\"/>", json!([])),
        ("<x type=\"array\"><y>1</y><z type=\"integer\">2</z></x>", json!(["1", 2])),
        ("<x type=\"array\"> <y> </y> <y/> </x>", json!([" ", ""])),
        ("<x><a>1</a><b nil=\"true\"/></x>", json!({"a": "1", "b": null})),
        ("<x><a><b><c/></b></a></x>", json!({"a": {"b": {"c": ""}}})),
        // Markup of the service that is not well-formed: a name and an ampersand.
        ("<x><subfolders_locked? nil=\"true\"/></x>", json!({"subfolders_locked?": null})),
        ("<x><subfolders_locked? type=\"integer\">1</subfolders_locked?></x>", json!({"subfolders_locked?": 1})),
        ("<x>https://a?b=1&c=2&amp;d=3&e=4;5&</x>", json!("https://a?b=1&c=2&d=3&e=4;5&")),
        ("<x>& & &&amp;</x>", json!("& & &&")),
        ("<x>&lt;&gt;&quot;&apos;&amp;&#233;&#xE9;&#x1F600;</x>", json!("<>\"'&éé😀")),
        ("<x>a<![CDATA[<b>&amp;]]>c</x>", json!("a<b>&amp;c")),
        ("<x>a<!-- b -->c<?d e?></x>", json!("ac")),
        ("<x type=\"integer\">4<!-- -->1</x>", json!(41)),
        ("\n<?xml version=\"1.0\"?><x>a</x>", json!("a")),
        ("\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- a -->\n<x>b</x>\n<!-- c -->\n", json!("b")),
    ] {
        assert_eq!(read::<Value>(document), expected, "{document}");
        read::<IgnoredAny>(document);
    }
}

#[derive(Debug, Default, PartialEq, Deserialize)]
struct Entry {
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    paths: Vec<String>,
    size: Option<u64>,
    name: Option<String>,
    #[serde(default, rename = "http-code")]
    code: Option<u16>,
    #[serde(default)]
    targets: Option<Box<Entry>>,
}

#[test]
fn the_expected_type_resolves_ambiguity() {
    let entry = |change: fn(&mut Entry)| {
        let mut entry = Entry::default();
        change(&mut entry);
        entry
    };
    for (document, expected) in [
        ("<x/>", Entry::default()),
        ("<x type=\"array\"/>", Entry::default()),
        ("<x>\r\n</x>", Entry::default()),
        ("<x><headers>\r\n</headers><paths>\r\n</paths></x>", Entry::default()),
        ("<x><headers></headers><paths/></x>", Entry::default()),
        ("<x><headers type=\"array\"/><paths type=\"array\"/><size nil=\"true\"/></x>", Entry::default()),
        ("<x><size type=\"integer\"></size><name nil=\"true\" /></x>", Entry::default()),
        ("<x><size>5</size></x>", entry(|entry| entry.size = Some(5))),
        ("<x><name></name></x>", entry(|entry| entry.name = Some(String::new()))),
        ("<x><name type=\"integer\">5</name></x>", entry(|entry| entry.name = Some("5".to_owned()))),
        ("<x><http-code>401</http-code></x>", entry(|entry| entry.code = Some(401))),
        ("<x><paths><path>a</path><path/></paths></x>", entry(|entry| entry.paths = vec!["a".into(), String::new()])),
        (
            "<x><headers><a>1</a><b>&amp;</b></headers></x>",
            entry(|entry| entry.headers = [("a".into(), "1".into()), ("b".into(), "&".into())].into()),
        ),
        ("<x><unknown><deep type=\"array\"><e/></deep></unknown></x>", Entry::default()),
        ("<x><targets><size>1</size></targets></x>", {
            entry(|entry| entry.targets = Some(Box::new(Entry { size: Some(1), ..Entry::default() })))
        }),
        ("<x><targets></targets></x>", entry(|entry| entry.targets = Some(Box::default()))),
    ] {
        assert_eq!(read::<Entry>(document), expected, "{document}");
    }

    assert_eq!(read::<Vec<u64>>("<nil-classes type=\"array\"/>"), [0; 0]);
    assert_eq!(read::<Option<u64>>("<nil-classes type=\"array\"/>"), None);
    read::<()>("<nil-classes type=\"array\"/>");
    read::<()>("<nil-classes type=\"array\">\r\n</nil-classes>");
    assert!(!read::<bool>("<x> false </x>"));
    assert_eq!(read::<(u8, String, char)>("<x><a>1</a><b>2</b><c>3</c></x>"), (1, "2".to_owned(), '3'));
    assert_eq!(read::<Vec<Vec<u8>>>("<value><value><value>1</value></value><value/></value>"), [vec![1], vec![]]);
    assert_eq!(read::<i128>("<x>-170141183460469231731687303715884105728</x>"), i128::MIN);
    let borrowed: &str = xml::from_slice(b"<x>as it stands</x>").unwrap();
    assert_eq!(borrowed, "as it stands");
}

#[test]
fn elements_can_be_nested_in_elements_of_the_same_name() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Permission {
        permission: String,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Behavior {
        behavior: String,
        value: Vec<String>,
    }
    let permissions = "<permissions type=\"array\"><permission><permission type=\"symbol\">full</permission></permission>\
                       <permission><permission>history</permission></permission></permissions>";
    assert_eq!(
        read::<Vec<Permission>>(permissions),
        ["full", "history"].map(|permission| Permission { permission: permission.to_owned() })
    );
    let behavior = "<behavior><behavior>webhook</behavior><value type=\"array\"><value>a</value><value>b</value></value>\
                    </behavior>";
    assert_eq!(
        read::<Behavior>(behavior),
        Behavior { behavior: "webhook".to_owned(), value: vec!["a".to_owned(), "b".to_owned()] }
    );
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shape {
    Point,
    Circle(u32),
    Line(u32, u32),
    Area { width: u32, height: u32 },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Tagged {
    File { size: u64 },
    Folder { locked: Option<bool> },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Either {
    One(u64),
    Many(Vec<u64>),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    id: u64,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Id(u64);

#[test]
fn every_kind_of_serde_type_is_read() {
    assert_eq!(read::<Shape>("<x>point</x>"), Shape::Point);
    assert_eq!(read::<Shape>("<x>&#112;oint</x>"), Shape::Point);
    assert_eq!(read::<Shape>("<x><point nil=\"true\"/></x>"), Shape::Point);
    assert_eq!(read::<Shape>("<x> <circle>3</circle> </x>"), Shape::Circle(3));
    assert_eq!(read::<Shape>("<x><line><line>1</line><line>2</line></line></x>"), Shape::Line(1, 2));
    assert_eq!(
        read::<Shape>("<x><area><height>2</height><width>1</width></area></x>"),
        Shape::Area { width: 1, height: 2 }
    );
    assert_eq!(read::<Tagged>("<x><size type=\"integer\">5</size><kind>file</kind></x>"), Tagged::File { size: 5 });
    assert_eq!(read::<Tagged>("<x><kind>folder</kind><locked nil=\"true\"/></x>"), Tagged::Folder { locked: None });
    assert_eq!(read::<Either>("<x type=\"integer\">5</x>"), Either::One(5));
    assert_eq!(
        read::<Either>("<x type=\"array\"><y type=\"integer\">5</y><y type=\"integer\">6</y></x>"),
        Either::Many(vec![5, 6])
    );
    assert_eq!(
        read::<Flat>("<x><a nil=\"true\"/><id>5</id><b type=\"array\"><c>d</c></b></x>"),
        Flat { id: 5, rest: [("a".to_owned(), json!(null)), ("b".to_owned(), json!(["d"]))].into() }
    );
    assert_eq!(read::<Id>("<x>5</x>"), Id(5));
    for document in ["<x/>", "<x>round</x>", "<x><round/></x>", "<x><point/><point/></x>", "<x nil=\"true\"/>"] {
        fails::<Shape>(document);
    }
}

/// The keys of a map, whose values are not read.
#[derive(Debug, PartialEq)]
struct Keys(Vec<String>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Keys;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
                let mut keys = Vec::new();
                while let Some(key) = map.next_key()? {
                    keys.push(key);
                }
                Ok(Keys(keys))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

#[test]
fn a_type_can_skip_values_but_not_items() {
    let keys = read::<Vec<Keys>>("<x><y><a><a>1</a></a><b/><c>2</c></y><y/></x>");
    assert_eq!(keys, [Keys(vec!["a".to_owned(), "b".to_owned(), "c".to_owned()]), Keys(vec![])]);
    assert!(fails::<(u8, u8)>("<x><a>1</a><a>2</a><a>3</a></x>").contains("expected fewer elements, found 3 elements"));
    assert!(fails::<(u8, u8)>("<x><a>1</a></x>").contains("expected a tuple of size 2, found 1 elements"));
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only decoded")]
struct Strict {
    id: u64,
    #[serde(default)]
    password: Option<u32>,
    #[serde(default)]
    list: Vec<Strict>,
    #[serde(default)]
    shape: Option<Shape>,
    #[serde(default)]
    address: Option<std::net::IpAddr>,
}

#[test]
fn an_error_contains_path_and_location_and_no_content() {
    for (document, expected) in [
        (
            "<x>\n<id>hunter2</id></x>",
            "a value of another type or a missing element (expected u64, found text) at `x.id`, line 2 column 1",
        ),
        ("<x><id>-2</id></x>", "(expected u64, found another value: an integer) at `x.id`, line 1 column 4"),
        ("<x><id nil=\"true\"/></x>", "(expected u64, found nil) at `x.id`"),
        ("<x><id><hunter2/></id></x>", "(expected u64, found elements) at `x.id`"),
        ("<x><id type=\"array\"/></x>", "(expected u64, found a list) at `x.id`"),
        ("<x></x>", "(the element `id` is missing) at `x`, line 1 column 1"),
        ("<x><id>1</id><id>hunter2</id></x>", "(the element `id` comes twice) at `x"),
        (
            "<x><id>1</id><list type=\"array\"><e><id>1</id></e><e><id>1</id><password>hunter2</password></e></list></x>",
            "(expected u32, found text) at `x.list[1].password`",
        ),
        ("<x><id>1</id><list>hunter2</list></x>", "(expected a sequence, found text) at `x.list`"),
        ("<x><id>1</id><list><e>hunter2</e></list></x>", "(expected struct Strict, found text) at `x.list[0]`"),
        ("<x><id>1</id><shape>hunter2</shape></x>", "(none of the known words) at `x.shape`"),
        ("<x><id>1</id><address>hunter2</address></x>", "(the type refuses it) at `x.address`"),
        ("<x>hunter2</x>", "(expected struct Strict, found text) at `x`"),
        ("<x>hunter2<id>1</id></x>", "(text and elements side by side) at `x`"),
        ("<x><id>1</id>hunter2</x>", "(text between elements) at `x`"),
        ("<hunter2€><id>a</id></hunter2€>", "at `*.id`"),
    ] {
        let message = fails::<Strict>(document);
        assert!(message.contains(expected), "{document}: {message}");
        assert!(!message.contains("hunter2"), "{message}");
        let error = xml::from_slice::<Strict>(document.as_bytes()).unwrap_err();
        assert_eq!(error.class(), xml::Class::Data);
        assert!(!format!("{error:?}").contains("hunter2"));
        assert!(std::error::Error::source(&error).is_none());
    }
}

#[test]
fn the_root_can_have_any_name() {
    assert_eq!(xml::root_name(b"<?xml version='1.0'?><!-- a --><api-key><b").unwrap(), "api-key");
    assert_eq!(xml::root_name(b"").unwrap_err().class(), xml::Class::Empty);
}
