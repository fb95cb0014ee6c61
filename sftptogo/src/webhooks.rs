//! Webhooks: who is told about files.

use std::fmt;

use http::Method;
use mft_common::Patch;
use mft_common::provider::{RedactedUrl, WebhookUrl, lenient};
use serde::{Deserialize, Serialize};

use crate::{Call, Client, Error, OrganizationId, Pager, Result, Secret, UnixMillis, check};

const WEBHOOKS: &str = "/organizations/{organization_id}/webhooks";
const WEBHOOK: &str = "/organizations/{organization_id}/webhooks/{webhook_id}";

mft_common::id! {
    /// A webhook, UUID text in all examples. Treat it as opaque.
    WebhookId
}

mft_common::open_enum! {
    /// How a notification is sent.
    WebhookType {
        /// A signed HTTPS request.
        Webhook = "webhook",
        /// A message in Slack.
        Slack = "slack",
        /// A message in Microsoft Teams.
        MsTeams = "ms-teams",
        /// An e-mail.
        Email = "email",
    }

    /// What a webhook is told about.
    WebhookTopic {
        /// A file was uploaded or a folder made.
        FileCreated = "file.created",
        /// A file or folder was removed.
        FileDeleted = "file.deleted",
        /// A file was downloaded.
        FileDownloaded = "file.downloaded",
    }

    /// Whether a webhook is told anything. The service pauses one by itself after five deliveries that failed for good.
    WebhookState {
        /// It is.
        Enabled = "enabled",
        /// It is not; what happens meanwhile is most likely lost to it.
        Paused = "paused",
    }
}

/// A webhook as the service keeps it. `Debug` shows of its address where it leads, since the rest may be a secret.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Webhook {
    /// The id.
    pub id: WebhookId,
    /// The name.
    #[serde(default)]
    pub alias: Option<String>,
    /// An HTTPS address, the address of an incoming webhook, or an e-mail address: see the type.
    #[serde(default)]
    pub url: Option<String>,
    /// How it is sent.
    #[serde(default, rename = "Type")]
    pub webhook_type: Option<WebhookType>,
    /// The whole value of the `Authorization` header that deliveries carry.
    #[serde(default, deserialize_with = "lenient::withheld_secret")]
    pub authorization_header: Option<Secret>,
    /// The secret that deliveries are signed with. Keep the one that [`Webhooks::create`] returns: lists withhold it.
    #[serde(default, deserialize_with = "lenient::withheld_secret")]
    pub secret: Option<Secret>,
    /// What it is told about.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub topics: Vec<WebhookTopic>,
    /// The organization.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// Whether it is told anything.
    #[serde(default)]
    pub state: Option<WebhookState>,
    /// When it was made.
    #[serde(default)]
    pub created_at: Option<UnixMillis>,
    /// When it was last changed.
    #[serde(default)]
    pub updated_at: Option<UnixMillis>,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("id", &self.id)
            .field("alias", &self.alias)
            .field("url", &self.url.as_deref().map(RedactedUrl))
            .field("webhook_type", &self.webhook_type)
            .field("authorization_header", &self.authorization_header)
            .field("secret", &self.secret)
            .field("topics", &self.topics)
            .field("organization_id", &self.organization_id)
            .field("state", &self.state)
            .field("created_at", &self.created_at)
            .field("updated_at", &self.updated_at)
            .finish()
    }
}

/// A webhook to be created.
///
/// # Examples
///
/// ```
/// use sftptogo::{NewWebhook, WebhookTopic, WebhookType};
///
/// let mail = NewWebhook::new(WebhookType::Email, "ops@example.net", [WebhookTopic::FileCreated]).alias("Operations");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[must_use = "a new webhook does nothing until it is given to `create`"]
pub struct NewWebhook {
    #[serde(rename = "Type")]
    webhook_type: WebhookType,
    url: WebhookUrl,
    topics: Vec<WebhookTopic>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alias: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "mft_common::secret::expose")]
    authorization_header: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<WebhookState>,
}

impl NewWebhook {
    /// A webhook of a type, for an address that suits the type, told about at least one topic.
    pub fn new(webhook_type: WebhookType, url: impl Into<String>, topics: impl Into<Vec<WebhookTopic>>) -> Self {
        Self {
            webhook_type,
            url: WebhookUrl::new(url),
            topics: topics.into(),
            alias: None,
            authorization_header: None,
            state: None,
        }
    }

    /// Sets the name.
    pub fn alias(mut self, alias: impl Into<String>) -> Self {
        self.alias = Some(alias.into());
        self
    }

    /// Sets the whole value of the `Authorization` header, scheme included, that deliveries will carry.
    pub fn authorization_header(mut self, value: impl Into<Secret>) -> Self {
        self.authorization_header = Some(value.into());
        self
    }

    /// Sets whether it is told anything from the start.
    pub fn state(mut self, state: WebhookState) -> Self {
        self.state = Some(state);
        self
    }
}

/// A change of a webhook. What is not named stays.
///
/// # Examples
///
/// ```
/// use sftptogo::{WebhookState, WebhookUpdate};
///
/// let paused = WebhookUpdate::new().state(WebhookState::Paused).clear_authorization_header();
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[must_use = "a change does nothing until it is given to `update`"]
pub struct WebhookUpdate {
    #[serde(skip_serializing_if = "Option::is_none")]
    alias: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<WebhookUrl>,
    #[serde(rename = "Type", skip_serializing_if = "Option::is_none")]
    webhook_type: Option<WebhookType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    topics: Option<Vec<WebhookTopic>>,
    #[serde(skip_serializing_if = "Patch::is_keep", serialize_with = "mft_common::secret::expose")]
    authorization_header: Patch<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<WebhookState>,
}

impl WebhookUpdate {
    /// A change of nothing, so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Changes the name.
    pub fn alias(mut self, alias: impl Into<String>) -> Self {
        self.alias = Some(alias.into());
        self
    }

    /// Changes the address.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(WebhookUrl::new(url));
        self
    }

    /// Changes how it is sent.
    pub fn webhook_type(mut self, webhook_type: WebhookType) -> Self {
        self.webhook_type = Some(webhook_type);
        self
    }

    /// Replaces the topics by these, at least one.
    pub fn topics(mut self, topics: impl Into<Vec<WebhookTopic>>) -> Self {
        self.topics = Some(topics.into());
        self
    }

    /// Changes the whole value of the `Authorization` header, scheme included.
    pub fn authorization_header(mut self, value: impl Into<Secret>) -> Self {
        self.authorization_header = Patch::Set(value.into());
        self
    }

    /// Sends deliveries without an `Authorization` header. Sent as `null`, which the service does not document.
    pub fn clear_authorization_header(mut self) -> Self {
        self.authorization_header = Patch::Clear;
        self
    }

    /// Pauses or resumes it. Resuming forgets the failures that paused it.
    pub fn state(mut self, state: WebhookState) -> Self {
        self.state = Some(state);
        self
    }
}

/// Operations on webhooks; from [`Client::webhooks`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct Webhooks<'c> {
    pub(crate) client: &'c Client,
}

impl Webhooks<'_> {
    /// Lists all webhooks, without their secrets.
    ///
    /// Calls `GET /webhooks`.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error); nothing is documented for this call alone.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client) -> sftptogo::Result<()> {
    /// use sftptogo::WebhookState;
    ///
    /// for webhook in client.webhooks().list().try_collect_vec().await? {
    ///     if webhook.state == Some(WebhookState::Paused) {
    ///         println!("{} is paused", webhook.alias.unwrap_or_default());
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> Pager<Webhook> {
        const NAME: &str = "sftptogo.webhooks.list";
        let client = self.client.clone();
        Pager::single(NAME, move || client.call(NAME, Method::GET, WEBHOOKS, &[]).safe())
    }

    /// Creates a webhook.
    ///
    /// Calls `POST /webhooks`. Store the secret of the reply: it signs the deliveries, and lists withhold it.
    ///
    /// Not repeated once it may have been processed; see [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) where there is no topic, or where the address of anything but an
    /// e-mail is not `https://`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client) -> sftptogo::Result<()> {
    /// use sftptogo::{NewWebhook, WebhookTopic, WebhookType};
    ///
    /// let url = "https://hooks.example.net/s2g";
    /// let webhook = client
    ///     .webhooks()
    ///     .create(NewWebhook::new(WebhookType::Webhook, url, [WebhookTopic::FileCreated]).alias("Intake"))
    ///     .await?;
    /// let signing_secret = webhook.secret;
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, webhook: NewWebhook) -> Call<Webhook> {
        let checked = check_url(&webhook.url, Some(&webhook.webhook_type), self.client.allows_http())
            .and_then(|()| check_topics(&webhook.topics));
        self.client
            .call("sftptogo.webhooks.create", Method::POST, WEBHOOKS, &[])
            .non_idempotent()
            .check(checked)
            .json_body(&webhook)
            .secrets(webhook.url.secret())
            .json()
    }

    /// Changes what the update names and leaves the rest.
    ///
    /// Calls `PATCH /webhooks/{webhook_id}`.
    ///
    /// # Errors
    ///
    /// As for [`create`](Self::create), and [`NotFound`](crate::ErrorKind::NotFound). An update that names nothing is
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client, id: sftptogo::WebhookId) -> sftptogo::Result<()> {
    /// use sftptogo::{WebhookState, WebhookUpdate};
    ///
    /// client.webhooks().update(&id, WebhookUpdate::new().state(WebhookState::Enabled)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(&self, id: &WebhookId, update: WebhookUpdate) -> Call<Webhook> {
        let checked = check::changes_something(&update)
            .and_then(|()| match &update.url {
                Some(url) => check_url(url, update.webhook_type.as_ref(), self.client.allows_http()),
                None => Ok(()),
            })
            .and_then(|()| update.topics.as_deref().map_or(Ok(()), check_topics));
        self.client
            .call("sftptogo.webhooks.update", Method::PATCH, WEBHOOK, &[id.as_str()])
            .idempotent()
            .check(checked)
            .json_body(&update)
            .secrets(update.url.as_ref().and_then(WebhookUrl::secret))
            .json()
    }

    /// Deletes a webhook. Where a repeat finds it gone, that is success.
    ///
    /// Calls `DELETE /webhooks/{webhook_id}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there was no such webhook before the first attempt.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client, id: sftptogo::WebhookId) -> sftptogo::Result<()> {
    /// client.webhooks().delete(&id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, id: &WebhookId) -> Call<()> {
        self.client.call("sftptogo.webhooks.delete", Method::DELETE, WEBHOOK, &[id.as_str()]).deletes()
    }
}

/// A change may leave the type out; then only what no type allows is refused.
fn check_url(url: &WebhookUrl, webhook_type: Option<&WebhookType>, allows_http: bool) -> Result<()> {
    check::not_empty("Url", url.as_str())?;
    let is_web_address = url.is_web_address(allows_http);
    let may_be_email = url.as_str().contains('@');
    match webhook_type {
        Some(WebhookType::Webhook | WebhookType::Slack | WebhookType::MsTeams) if !is_web_address => {
            Err(Error::invalid_input("Url", "must be an https:// address for this type"))
        }
        Some(WebhookType::Email) if !may_be_email => {
            Err(Error::invalid_input("Url", "must be an e-mail address for this type"))
        }
        None if !is_web_address && (url.as_str().contains("://") || !may_be_email) => {
            Err(Error::invalid_input("Url", "must be an https:// address, or an e-mail address for that type"))
        }
        _ => Ok(()),
    }
}

fn check_topics(topics: &[WebhookTopic]) -> Result<()> {
    if topics.is_empty() {
        Err(Error::invalid_input("Topics", "names no topic; at least one is needed"))
    } else {
        Ok(())
    }
}
