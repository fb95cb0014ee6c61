use super::access::ADDRESS;
use super::call::{Call, Output};
use super::document::{Field, Node};
use super::format::Format;
use super::objects::Event;
use super::refusal::{Answer, Refusal};
use super::store::Store;
use super::times;
use super::tree::is_within;

const MAX_PAGE: usize = 10_000;

impl Store {
    /// An event by the caller; the rest is up to the operation.
    pub(super) fn event(&self, call: &Call<'_>, action: &str) -> Event {
        let user_id = call.caller.user_id();
        Event {
            when_ms: call.now_ms,
            user_id,
            username: user_id.and_then(|id| self.username(id)).map(ToOwned::to_owned),
            action: action.to_owned(),
            ..Event::default()
        }
    }

    pub(super) fn record(&mut self, mut event: Event) -> u64 {
        event.id = self.next_id("event");
        if event.ip.is_empty() {
            ADDRESS.clone_into(&mut event.ip);
        }
        if event.interface.is_empty() {
            "restapi".clone_into(&mut event.interface);
        }
        let id = event.id;
        self.history.insert(id, event);
        id
    }

    pub(super) fn site_history(&self, call: &Call<'_>) -> Answer<Output> {
        self.events(call, |_| true)
    }

    pub(super) fn login_history(&self, call: &Call<'_>) -> Answer<Output> {
        self.events(call, |event| matches!(event.action.as_str(), "login" | "failedlogin"))
    }

    pub(super) fn user_history(&self, call: &Call<'_>) -> Answer<Output> {
        let id = call.id("user_id")?;
        if !self.users.contains_key(&id) && !self.history.values().any(|event| event.user_id == Some(id)) {
            return Err(Refusal::not_found());
        }
        self.events(call, |event| event.user_id == Some(id))
    }

    /// What happened in a folder and below it; or to one file.
    pub(super) fn path_history(&self, call: &Call<'_>, is_file: bool) -> Answer<Output> {
        let path = call.path();
        if !self.rights(&call.caller, &path, is_file).history {
            return Err(Refusal::forbidden());
        }
        let concerns = |event: &Event| {
            let paths = [&event.path, &event.source, &event.destination];
            paths.into_iter().flatten().any(|known| if is_file { *known == path } else { is_within(known, &path) })
        };
        let exists = self.tree.find(&path).is_some_and(|node| node.file().is_some() == is_file);
        if !exists && !self.history.values().any(concerns) {
            return Err(Refusal::not_found());
        }
        self.events(call, concerns)
    }

    fn events(&self, call: &Call<'_>, wanted: impl Fn(&Event) -> bool) -> Answer<Output> {
        let since = match call.query("start_at").filter(|text| !text.is_empty()) {
            // The plus of an offset that was not encoded arrives as a space.
            Some(text) => times::parse(text).or_else(|| times::parse(&text.replace(' ', "+"))),
            None => Some(i64::MIN),
        };
        let since = since.ok_or_else(|| Refusal::invalid("start_at is invalid"))?;
        let (skip, take) = call.page(&self.settings, MAX_PAGE);
        let events = self.history.values().rev().filter(|event| event.when_ms >= since && wanted(event));
        let events: Vec<_> = events.skip(skip).take(take).collect();
        Ok(match call.format {
            Format::Json | Format::Xml => {
                Output::list("history", "event", events.into_iter().map(|event| self.event_node(event)))
            }
            Format::Csv => Output::Export(self.lines(&events, ',')),
            Format::Xls => Output::Export(self.lines(&events, '\t')),
            Format::Html => Output::Export(self.table(&events)),
        })
    }

    fn event_node(&self, event: &Event) -> Node {
        let text = |value: &Option<String>| value.as_deref().map(Node::text);
        let fields = [
            ("id", Some(Node::Integer(event.id))),
            ("when", Some(self.site_time(event.when_ms))),
            ("user_id", event.user_id.map(Node::Integer)),
            ("username", text(&event.username)),
            ("action", Some(Node::text(&event.action))),
            ("failure_type", text(&event.failure_type)),
            ("path", text(&event.path)),
            ("source", text(&event.source)),
            ("destination", text(&event.destination)),
            ("targets", targets(event)),
            ("ip", Some(Node::text(&event.ip))),
            ("interface", Some(Node::text(&event.interface))),
        ];
        // What is not known is left out, here and nowhere else.
        Node::Map(fields.into_iter().filter_map(|(name, node)| Some((name.into(), node?))).collect())
    }

    fn cells(&self, event: &Event) -> [String; COLUMNS.len()] {
        let or_empty = |value: &Option<String>| value.clone().unwrap_or_default();
        [
            event.id.to_string(),
            times::iso(event.when_ms, self.settings.site_offset_minutes),
            event.user_id.map(|id| id.to_string()).unwrap_or_default(),
            or_empty(&event.username),
            event.action.clone(),
            or_empty(&event.failure_type),
            or_empty(&event.path),
            or_empty(&event.source),
            or_empty(&event.destination),
            event.ip.clone(),
            event.interface.clone(),
        ]
    }

    fn lines(&self, events: &[&Event], separator: char) -> String {
        let rows = events.iter().map(|event| self.cells(event));
        let rows = std::iter::once(COLUMNS.map(ToOwned::to_owned)).chain(rows);
        let quoted = |cell: &String| {
            let plain = !cell.contains([separator, '"', '\r', '\n']);
            if plain { cell.clone() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
        };
        rows.map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(&separator.to_string()) + "\r\n").collect()
    }

    fn table(&self, events: &[&Event]) -> String {
        let row = |cells: &[String], tag: &str| {
            let cells = cells.iter().map(|cell| format!("<{tag}>{}</{tag}>", escaped(cell)));
            format!("<tr>{}</tr>\n", cells.collect::<String>())
        };
        let head = row(&COLUMNS.map(ToOwned::to_owned), "th");
        let body: String = events.iter().map(|event| row(&self.cells(event), "td")).collect();
        format!("<!DOCTYPE html>\n<html><body><table>\n{head}{body}</table></body></html>\n")
    }
}

const COLUMNS: [&str; 11] =
    ["id", "when", "user_id", "username", "action", "failure_type", "path", "source", "destination", "ip", "interface"];

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn targets(event: &Event) -> Option<Node> {
    let mut fields: Vec<Field> = Vec::new();
    if let Some((id, username)) = &event.target_user {
        let user = Node::map([("id", Node::Integer(*id)), ("username", Node::text(username))]);
        fields.push(("user".into(), user));
    }
    if let Some((id, name)) = &event.target_group {
        let group = Node::map([("id", Node::Integer(*id)), ("name", Node::text(name))]);
        fields.push(("group".into(), group));
    }
    if let Some((id, permission, recursive)) = &event.target_permission {
        let permission = Node::map([
            ("id", Node::Integer(*id)),
            ("permission", Node::text(permission)),
            ("recursive", Node::Boolean(*recursive)),
        ]);
        fields.push(("permission".into(), permission));
    }
    (!fields.is_empty()).then_some(Node::Map(fields))
}
