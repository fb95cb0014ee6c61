//! Webhooks: notifications about files.

use std::fmt;

use http::Method;
use mft_common::Patch;
use mft_common::provider::{RedactedUrl, WebhookUrl, lenient};
use serde::{Deserialize, Serialize};

use crate::{Call, Client, Error, OrganizationId, Pager, Result, Secret, UnixMillis, validation};

const WEBHOOKS: &str = "/organizations/{organization_id}/webhooks";
const WEBHOOK: &str = "/organizations/{organization_id}/webhooks/{webhook_id}";

mft_common::id! {
    /// Identifies a webhook. UUID text in all documented examples; treat it as opaque.
    WebhookId
}

mft_common::open_enum! {
    /// The kind of a webhook.
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

    /// An event topic that a webhook can subscribe to.
    WebhookTopic {
        /// A file was uploaded or a folder was created.
        FileCreated = "file.created",
        /// A file or folder was deleted.
        FileDeleted = "file.deleted",
        /// A file was downloaded.
        FileDownloaded = "file.downloaded",
    }

    /// Whether deliveries are enabled. The service pauses a webhook after five consecutive permanently failed deliveries.
    WebhookState {
        /// Deliveries are enabled.
        Enabled = "enabled",
        /// Deliveries are paused. Events during a pause are most likely lost.
        Paused = "paused",
    }
}

/// A webhook.
///
/// `Debug` shows only the scheme and host of the URL, because the rest may be secret.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Webhook {
    /// The id.
    pub id: WebhookId,
    /// The name.
    #[serde(default)]
    pub alias: Option<String>,
    /// An HTTPS URL, the URL of an incoming webhook, or an e-mail address, depending on the type.
    #[serde(default)]
    pub url: Option<String>,
    /// The kind.
    #[serde(default, rename = "Type")]
    pub webhook_type: Option<WebhookType>,
    /// The value of the `Authorization` header of deliveries.
    #[serde(default, deserialize_with = "lenient::withheld_secret")]
    pub authorization_header: Option<Secret>,
    /// The signing secret of deliveries. Store the one that [`Webhooks::create`] returns: lists withhold it.
    #[serde(default, deserialize_with = "lenient::withheld_secret")]
    pub secret: Option<Secret>,
    /// The topics.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub topics: Vec<WebhookTopic>,
    /// The organization.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// Whether deliveries are enabled.
    #[serde(default)]
    pub state: Option<WebhookState>,
    /// The time of creation.
    #[serde(default)]
    pub created_at: Option<UnixMillis>,
    /// The time of the last change.
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

/// The request to create a webhook.
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
#[must_use = "a new webhook has no effect until it is passed to `create`"]
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
    /// Creates a request with the required fields. The URL must suit the type, and at least one topic is required.
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

    /// Sets the value of the `Authorization` header of deliveries, including the scheme.
    pub fn authorization_header(mut self, value: impl Into<Secret>) -> Self {
        self.authorization_header = Some(value.into());
        self
    }

    /// Sets whether deliveries are enabled.
    pub fn state(mut self, state: WebhookState) -> Self {
        self.state = Some(state);
        self
    }
}

/// An update of a webhook. Unset fields are left unchanged.
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
#[must_use = "an update has no effect until it is passed to `update`"]
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
    /// Creates an empty update.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name.
    pub fn alias(mut self, alias: impl Into<String>) -> Self {
        self.alias = Some(alias.into());
        self
    }

    /// Sets the URL.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(WebhookUrl::new(url));
        self
    }

    /// Sets the kind.
    pub fn webhook_type(mut self, webhook_type: WebhookType) -> Self {
        self.webhook_type = Some(webhook_type);
        self
    }

    /// Sets the topics, replacing the current ones. At least one is required.
    pub fn topics(mut self, topics: impl Into<Vec<WebhookTopic>>) -> Self {
        self.topics = Some(topics.into());
        self
    }

    /// Sets the value of the `Authorization` header of deliveries, including the scheme.
    pub fn authorization_header(mut self, value: impl Into<Secret>) -> Self {
        self.authorization_header = Patch::Set(value.into());
        self
    }

    /// Removes the `Authorization` header from deliveries. Sent as `null`, which the service does not document.
    pub fn clear_authorization_header(mut self) -> Self {
        self.authorization_header = Patch::Clear;
        self
    }

    /// Sets whether deliveries are enabled. Enabling resets the failures that paused the webhook.
    pub fn state(mut self, state: WebhookState) -> Self {
        self.state = Some(state);
        self
    }
}

/// Operations on webhooks. Returned by [`Client::webhooks`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a resource handle has no effect until one of its operations is called"]
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
    /// The service documents no errors for this call. See [`Error`](crate::Error).
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
    /// Calls `POST /webhooks`. Store the secret of the response: it signs the deliveries, and lists withhold it.
    ///
    /// Not retried after it may have been processed (not idempotent). See
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if there is no topic, or if the URL does not start with
    /// `https://` (for the type `email`: if it is not an e-mail address).
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
        let validity = check_url(&webhook.url, Some(&webhook.webhook_type), self.client.allows_http())
            .and_then(|()| check_topics(&webhook.topics));
        self.client
            .call("sftptogo.webhooks.create", Method::POST, WEBHOOKS, &[])
            .non_idempotent()
            .check(validity)
            .json_body(&webhook)
            .secrets(webhook.url.secret())
            .json()
    }

    /// Updates a webhook. Unset fields are left unchanged.
    ///
    /// Calls `PATCH /webhooks/{webhook_id}`.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the update has no field set and in the cases of
    /// [`create`](Self::create). Fails with [`NotFound`](crate::ErrorKind::NotFound) if the webhook does not exist.
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
        let validity = validation::changes_something(&update)
            .and_then(|()| match &update.url {
                Some(url) => check_url(url, update.webhook_type.as_ref(), self.client.allows_http()),
                None => Ok(()),
            })
            .and_then(|()| update.topics.as_deref().map_or(Ok(()), check_topics));
        self.client
            .call("sftptogo.webhooks.update", Method::PATCH, WEBHOOK, &[&id])
            .idempotent()
            .check(validity)
            .json_body(&update)
            .secrets(update.url.as_ref().and_then(WebhookUrl::secret))
            .json()
    }

    /// Deletes a webhook.
    ///
    /// Calls `DELETE /webhooks/{webhook_id}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the first attempt finds no such webhook. A retry that finds
    /// none is a success.
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
        self.client.call("sftptogo.webhooks.delete", Method::DELETE, WEBHOOK, &[&id]).deletes()
    }
}

/// Checks the URL against the type. An update may omit the type; then any form that suits one of the types is accepted.
fn check_url(url: &WebhookUrl, webhook_type: Option<&WebhookType>, allows_http: bool) -> Result<()> {
    validation::not_empty("Url", url.as_str())?;
    let is_https_url = url.is_web_address(allows_http);
    let may_be_email = url.as_str().contains('@');
    match webhook_type {
        Some(WebhookType::Webhook | WebhookType::Slack | WebhookType::MsTeams) if !is_https_url => {
            Err(Error::invalid_input("Url", "must be an https:// URL for this type"))
        }
        Some(WebhookType::Email) if !may_be_email => {
            Err(Error::invalid_input("Url", "must be an e-mail address for this type"))
        }
        None if !is_https_url && (url.as_str().contains("://") || !may_be_email) => {
            Err(Error::invalid_input("Url", "must be an https:// URL, or an e-mail address for that type"))
        }
        _ => Ok(()),
    }
}

fn check_topics(topics: &[WebhookTopic]) -> Result<()> {
    if topics.is_empty() {
        Err(Error::invalid_input("Topics", "is empty; at least one topic is required"))
    } else {
        Ok(())
    }
}
