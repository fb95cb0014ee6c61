use http::{StatusCode, Uri};
use serde_json::{Value, json};

use crate::server::{ApiRequest, Response, is_loopback, touch};
use crate::sftptogo::input::{ApiError, ApiResult, FieldUpdate, Input, not_found, required};
use crate::sftptogo::state::objects::Webhook;
use crate::sftptogo::state::store::Store;

const KINDS: &[&str] = &["webhook", "slack", "ms-teams", "email"];
const STATES: &[&str] = &["enabled", "paused"];
const TOPICS: &[&str] = &["file.created", "file.deleted", "file.downloaded"];

impl Store {
    pub(crate) fn list_webhooks(&self) -> Response {
        let render = |webhook| {
            let mut body = self.render_webhook(webhook);
            // Only the responses to writes contain the secret.
            body["Secret"] = "".into();
            body
        };
        let list: Vec<_> = self.webhooks.iter().map(render).collect();
        Response::json(StatusCode::OK, &Value::Array(list))
    }

    pub(crate) fn create_webhook(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let input = Input::parse(request.body)?;
        required("Url", input.text("Url")?)?;
        required("Type", input.word("Type", KINDS)?)?;
        if !input.has("Topics") {
            return Err(ApiError::bad_request("Topics is required"));
        }
        let mut webhook = self.new_webhook(request.now_ms);
        self.change_webhook(&mut webhook, &input)?;
        let body = self.render_webhook(&webhook);
        self.webhooks.push(webhook);
        Ok(Response::json(StatusCode::CREATED, &body))
    }

    pub(crate) fn update_webhook(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let id = request.parameter("webhook_id");
        let mut webhook = self.webhook(id)?.clone();
        let input = Input::parse(request.body)?;
        self.change_webhook(&mut webhook, &input)?;
        webhook.updated_at_ms = touch(webhook.updated_at_ms, request.now_ms);
        let body = self.render_webhook(&webhook);
        *self.webhook_mut(id)? = webhook;
        Ok(Response::json(StatusCode::OK, &body))
    }

    pub(crate) fn delete_webhook(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let id = request.parameter("webhook_id");
        self.webhook(id)?;
        self.webhooks.retain(|webhook| webhook.id != id);
        Ok(Response::json(StatusCode::OK, &json!({})))
    }

    /// Creates a webhook with a new id and secret. It is not stored yet.
    pub(crate) fn new_webhook(&mut self, now_ms: i64) -> Webhook {
        Webhook {
            id: self.random.uuid(),
            alias: String::new(),
            url: String::new(),
            kind: "webhook".into(),
            authorization_header: String::new(),
            secret: self.new_webhook_secret(),
            topics: TOPICS.iter().copied().map(Into::into).collect(),
            state: "enabled".into(),
            failure_streak: 0,
            created_at_ms: now_ms,
            updated_at_ms: now_ms,
        }
    }

    pub(crate) fn new_webhook_secret(&mut self) -> String {
        format!("whsec-{}", self.random.alphanumeric(32))
    }

    pub(crate) fn webhook(&self, id: &str) -> ApiResult<&Webhook> {
        self.webhooks.iter().find(|webhook| webhook.id == id).ok_or_else(not_found)
    }

    pub(crate) fn webhook_mut(&mut self, id: &str) -> ApiResult<&mut Webhook> {
        self.webhooks.iter_mut().find(|webhook| webhook.id == id).ok_or_else(not_found)
    }

    fn change_webhook(&self, webhook: &mut Webhook, input: &Input) -> ApiResult<()> {
        if let Some(alias) = input.text("Alias")? {
            webhook.alias = alias;
        }
        if let Some(kind) = input.word("Type", KINDS)? {
            webhook.kind = kind;
        }
        if let Some(url) = input.text("Url")? {
            webhook.url = url;
        }
        if let Some(topics) = input.list("Topics")? {
            webhook.topics = topics.iter().map(read_topic).collect::<ApiResult<_>>()?;
            if webhook.topics.is_empty() {
                return Err(ApiError::bad_request("Topics must have at least one topic"));
            }
        }
        match input.nullable_text("AuthorizationHeader")? {
            FieldUpdate::Keep => {}
            FieldUpdate::Clear => webhook.authorization_header.clear(),
            FieldUpdate::Set(value) => webhook.authorization_header = value,
        }
        if let Some(state) = input.word("State", STATES)? {
            // Resuming resets the failure count.
            webhook.failure_streak = 0;
            webhook.state = state;
        }
        let is_valid = match webhook.kind.as_str() {
            "email" => is_email(&webhook.url),
            "webhook" => self.is_webhook_url(&webhook.url),
            _ => is_https(&webhook.url),
        };
        if is_valid { Ok(()) } else { Err(ApiError::bad_request("Url is not valid for this Type")) }
    }

    fn is_webhook_url(&self, url: &str) -> bool {
        is_https(url) || (self.settings.allow_http_webhooks && is_loopback(url))
    }

    fn render_webhook(&self, webhook: &Webhook) -> Value {
        json!({
            "Id": webhook.id,
            "Alias": webhook.alias,
            "Url": webhook.url,
            "Type": webhook.kind,
            "AuthorizationHeader": webhook.authorization_header,
            "Secret": webhook.secret,
            "Topics": webhook.topics,
            "OrganizationId": self.organization_id,
            "State": webhook.state,
            "CreatedAt": webhook.created_at_ms,
            "UpdatedAt": webhook.updated_at_ms,
        })
    }
}

fn read_topic(topic: &Value) -> ApiResult<String> {
    topic
        .as_str()
        .filter(|topic| TOPICS.contains(topic))
        .map(Into::into)
        .ok_or_else(|| ApiError::bad_request(format!("Topics must be among {}", TOPICS.join(", "))))
}

fn is_https(url: &str) -> bool {
    url.parse::<Uri>()
        .is_ok_and(|uri| uri.scheme_str() == Some("https") && uri.host().is_some_and(|host| !host.is_empty()))
}

/// Matches `name@host` and `Name <name@host>`.
fn is_email(text: &str) -> bool {
    let address = match text.trim().strip_suffix('>') {
        Some(text) => text.split_once('<').map_or("", |(_, address)| address),
        None => text,
    };
    address.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
        && !address.contains(char::is_whitespace)
}
