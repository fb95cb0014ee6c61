use crate::brickftp::request::access::ADDRESS;
use crate::brickftp::request::{SiteRequest, SiteResponse};
use crate::brickftp::response::document::{Field, Node};
use crate::brickftp::response::error::{ApiError, ApiResult};
use crate::brickftp::response::format::Format;
use crate::brickftp::response::times;
use crate::brickftp::state::objects::Event;
use crate::brickftp::state::store::Store;
use crate::brickftp::state::tree::is_within;

const MAX_PAGE: usize = 10_000;

impl Store {
    /// Creates an event by the caller. The operation fills in the rest.
    pub(crate) fn event(&self, request: &SiteRequest<'_>, action: &str) -> Event {
        let user_id = request.caller.user_id();
        Event {
            when_ms: request.now_ms,
            user_id,
            username: user_id.and_then(|id| self.username(id)).map(ToOwned::to_owned),
            action: action.to_owned(),
            ..Event::default()
        }
    }

    pub(crate) fn record(&mut self, mut event: Event) -> u64 {
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

    pub(crate) fn site_history(&self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        self.events(request, |_| true)
    }

    pub(crate) fn login_history(&self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        self.events(request, |event| matches!(event.action.as_str(), "login" | "failedlogin"))
    }

    pub(crate) fn user_history(&self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let id = request.id("user_id")?;
        if !self.users.contains_key(&id) && !self.history.values().any(|event| event.user_id == Some(id)) {
            return Err(ApiError::record_not_found());
        }
        self.events(request, |event| event.user_id == Some(id))
    }

    /// Lists the events of a folder and everything below it, or of one file.
    pub(crate) fn path_history(&self, request: &SiteRequest<'_>, is_file: bool) -> ApiResult<SiteResponse> {
        let path = request.path();
        if !self.rights(&request.caller, &path, is_file).history {
            return Err(ApiError::permission_denied());
        }
        let concerns = |event: &Event| {
            let paths = [&event.path, &event.source, &event.destination];
            paths.into_iter().flatten().any(|known| if is_file { *known == path } else { is_within(known, &path) })
        };
        let exists = self.tree.find(&path).is_some_and(|node| node.file().is_some() == is_file);
        if !exists && !self.history.values().any(concerns) {
            return Err(ApiError::record_not_found());
        }
        self.events(request, concerns)
    }

    fn events(&self, request: &SiteRequest<'_>, wanted: impl Fn(&Event) -> bool) -> ApiResult<SiteResponse> {
        let since = match request.query("start_at").filter(|text| !text.is_empty()) {
            // An unencoded `+` of an offset arrives as a space.
            Some(text) => times::parse(text).or_else(|| times::parse(&text.replace(' ', "+"))),
            None => Some(i64::MIN),
        };
        let since = since.ok_or_else(|| ApiError::invalid("start_at is invalid"))?;
        let (skip, take) = request.page(&self.settings, MAX_PAGE);
        let events = self.history.values().rev().filter(|event| event.when_ms >= since && wanted(event));
        let events: Vec<_> = events.skip(skip).take(take).collect();
        Ok(match request.format {
            Format::Json | Format::Xml => {
                SiteResponse::list("history", "event", events.into_iter().map(|event| self.event_node(event)))
            }
            Format::Csv => SiteResponse::Export(self.lines(&events, ',')),
            Format::Xls => SiteResponse::Export(self.lines(&events, '\t')),
            Format::Html => SiteResponse::Export(self.table(&events)),
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
        // Unknown fields are omitted, unlike in other resources.
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
