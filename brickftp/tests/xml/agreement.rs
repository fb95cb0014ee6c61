//! The decoder accepts and rejects the same documents as a simple traversal of quick-xml's events, with the same
//! content.

use brickftp::xml;
use proptest::prelude::*;
use quick_xml::events::Event;
use serde::Deserialize;
use serde::de::IgnoredAny;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_readers_agree(document in element(), at in any::<prop::sample::Index>(), piece in prop::sample::select(PIECES.to_vec())) {
        let tree = xml::from_slice::<Tree>(document.as_bytes());
        prop_assert!(tree.is_ok(), "{document}: {tree:?}");
        prop_assert_eq!(tree.ok(), tree_of_quick_xml(&document), "{}", document);

        // The same with markup inserted at a possibly invalid position.
        let at = (0..=at.index(document.len() + 1)).rev().find(|&at| document.is_char_boundary(at)).unwrap_or(0);
        let changed = format!("{}{piece}{}", &document[..at], &document[at..]);
        if let Ok(tree) = xml::from_slice::<Tree>(changed.as_bytes()) {
            prop_assert_eq!(Some(tree), tree_of_quick_xml(&changed), "{}", changed);
        }
        let _ = xml::from_slice::<IgnoredAny>(changed.as_bytes());
        let _ = xml::from_slice::<Vec<Option<(u8, bool)>>>(changed.as_bytes());
    }
}

const PIECES: [&str; 31] = [
    "<a>",
    "</a>",
    "<b>",
    "</b>",
    "<a/>",
    "<b />",
    "</a >",
    "<c x='>'>",
    "</c>",
    "<c x=\"'\"/>",
    "text",
    " ",
    "\r\n",
    "\r",
    "é😀",
    "&amp;",
    "&#x41;",
    "&",
    ";",
    "&#;",
    "=",
    "<!-- > -->",
    "<![CDATA[ <&]]>",
    "<?p > ?>",
    "]]>",
    "<",
    ">",
    "\"",
    "'",
    "/",
    "--",
];
const TEXTS: [&str; 14] = [
    "text",
    " ",
    "\r\n",
    "\r",
    "é😀",
    "&amp;",
    "&#x41;",
    "&",
    "=&",
    "&#;",
    "<!-- > -->",
    "<![CDATA[ <&\r\n]]>",
    "<?p > ?>",
    "]]>",
];

/// A document whose elements contain either text or elements.
fn element() -> impl Strategy<Value = String> {
    let text = prop::collection::vec(prop::sample::select(TEXTS.to_vec()), 0..5).prop_map(|texts| texts.concat());
    let tag =
        || prop::sample::select(vec![("<a>", "</a>"), ("<a >", "</a\n>"), ("<b x='>'>", "</b>"), ("<é>", "</é>")]);
    let leaf = prop_oneof![
        3 => (tag(), text).prop_map(|((start, end), text)| format!("{start}{text}{end}")),
        1 => prop::sample::select(vec!["<a/>".to_owned(), "<b  />".to_owned()]),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let space = prop::sample::select(vec!["", " ", "\r\n", "<!-- -->", "<?p?>"]);
        (tag(), prop::collection::vec((space, inner), 1..4)).prop_map(|((start, end), children)| {
            let children: String = children.into_iter().flat_map(|(space, child)| [space.to_owned(), child]).collect();
            format!("{start}{children}{end}")
        })
    })
}

/// A document without interpretation of types.
#[derive(Debug, Clone, PartialEq)]
enum Tree {
    Text(String),
    Elements(Vec<(String, Tree)>),
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Tree;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("text or elements")
            }

            fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
                Ok(Tree::Text(text.to_owned()))
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = map.next_entry()? {
                    elements.push(element);
                }
                Ok(Tree::Elements(elements))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// Name, text and children of an open element.
type Open = (String, String, Vec<(String, Tree)>);

/// The same from the events of quick-xml, or `None` if it rejects the document.
fn tree_of_quick_xml(document: &str) -> Option<Tree> {
    let mut reader = quick_xml::Reader::from_str(document);
    reader.config_mut().allow_dangling_amp = true;
    let mut open: Vec<Open> = vec![Open::default()];
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => open.push((tag.name().as_ref().to_owned(), String::new(), Vec::new())),
            Event::Empty(tag) => {
                let name = tag.name().as_ref().to_owned();
                open.last_mut()?.2.push((name, Tree::Text(String::new())));
            }
            Event::End(_) => {
                let (name, text, elements) = open.pop()?;
                let tree = if elements.is_empty() { Tree::Text(text) } else { Tree::Elements(elements) };
                open.last_mut()?.2.push((name, tree));
            }
            Event::Text(text) => open.last_mut()?.1.push_str(&text.xml10_content()),
            Event::CData(text) => open.last_mut()?.1.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => match &*reference {
                "amp" => open.last_mut()?.1.push('&'),
                "#x41" => open.last_mut()?.1.push('A'),
                other => open.last_mut()?.1.extend(["&", &other.replace("\r\n", "\n").replace('\r', "\n"), ";"]),
            },
            Event::Eof => {
                let (_, _, mut elements) = open.pop()?;
                return if open.is_empty() && elements.len() == 1 {
                    elements.pop().map(|(_, tree)| tree)
                } else {
                    None
                };
            }
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::DocType(_) => {}
        }
    }
}
