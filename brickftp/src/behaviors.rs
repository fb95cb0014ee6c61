//! Behaviors: automatic actions of the service on a folder. The web interface calls them folder settings.

use std::fmt;

use http::Method;
use mft_common::numeric_id;
use mft_common::provider::RedactedUrl;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::codec::CallExt as _;
use crate::codec::response::{decode_created, decode_list, decode_nothing, decode_object, decode_updated};
use crate::path::{SETTING_LIMIT, check};
use crate::{Call, Client, Error, Pager, Result, validation};

const BEHAVIORS: &str = "/behaviors.{format}";
const BEHAVIOR: &str = "/behaviors/{behavior_id}.{format}";
const FOLDER: &str = "/behaviors/folders/{*path}";

numeric_id! {
    /// Identifies a behavior.
    BehaviorId
}

mft_common::open_enum! {
    /// Kind of a behavior.
    BehaviorKind {
        /// Notifies a URL of changes in the folder.
        Webhook = "webhook",
        /// Deletes files after a period.
        FileExpiration = "file_expiration",
        /// Encrypts uploaded files.
        AutoEncrypt = "auto_encrypt",
        /// Locks the subfolders of the folder.
        LockSubfolders = "lock_subfolders",
    }
}

/// An automatic action on a folder. `Debug` shows only the origin of the URLs in it.
#[derive(Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Behavior {
    /// The id. Missing in XML if the behaviors of one folder are listed.
    #[serde(default)]
    pub id: Option<BehaviorId>,
    /// The folder. Empty for the root of the site.
    #[serde(default)]
    pub path: Option<String>,
    /// The kind.
    #[serde(default)]
    pub behavior: Option<BehaviorKind>,
    /// The settings: a list of strings in all examples. Only the settings of a webhook are documented, see
    /// [`Behavior::webhook_urls`]. XML does not distinguish numbers and booleans from strings.
    #[serde(default)]
    pub value: Value,
}

impl Behavior {
    /// Returns the URLs of a webhook: the primary URL and its fallbacks. Empty for other behaviors.
    #[must_use]
    pub fn webhook_urls(&self) -> Vec<&str> {
        if self.behavior != Some(BehaviorKind::Webhook) {
            return Vec::new();
        }
        match &self.value {
            Value::Array(urls) => urls.iter().filter_map(Value::as_str).collect(),
            Value::String(url) if !url.is_empty() => vec![url],
            // The current service sends an object.
            Value::Object(settings) => match settings.get("urls") {
                Some(Value::Array(urls)) => urls.iter().filter_map(Value::as_str).collect(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }
}

/// Request to create a behavior. See [`NewBehavior::webhook`] for the documented kind.
#[derive(Clone, PartialEq, Serialize)]
#[must_use = "a new behavior has no effect until it is passed to `create`"]
pub struct NewBehavior {
    path: String,
    behavior: BehaviorKind,
    value: Value,
}

impl fmt::Debug for Behavior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Behavior")
            .field("id", &self.id)
            .field("path", &self.path)
            .field("behavior", &self.behavior)
            .field("value", &RedactedValue(&self.value))
            .finish()
    }
}

impl fmt::Debug for NewBehavior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewBehavior")
            .field("path", &self.path)
            .field("behavior", &self.behavior)
            .field("value", &RedactedValue(&self.value))
            .finish()
    }
}

impl fmt::Debug for BehaviorUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BehaviorUpdate").field("value", &self.value.as_ref().map(RedactedValue)).finish_non_exhaustive()
    }
}

/// A value in which URLs are redacted.
struct RedactedValue<'a>(&'a Value);

impl fmt::Debug for RedactedValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::String(text) if text.contains("://") => RedactedUrl(text).fmt(f),
            Value::Array(values) => f.debug_list().entries(values.iter().map(RedactedValue)).finish(),
            Value::Object(values) => {
                f.debug_map().entries(values.iter().map(|(key, value)| (key, RedactedValue(value)))).finish()
            }
            other => other.fmt(f),
        }
    }
}

impl NewBehavior {
    /// Creates a webhook. The service calls the first URL that responds for every event in the folder and its
    /// subfolders. The empty path is the root of the site.
    ///
    /// # Examples
    ///
    /// ```
    /// use brickftp::NewBehavior;
    ///
    /// let webhook = NewBehavior::webhook("Inbox", ["https://hooks.example.net/a", "https://hooks.example.org/b"]);
    /// ```
    pub fn webhook(path: impl Into<String>, urls: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let urls: Vec<Value> = urls.into_iter().map(|url| Value::String(url.into())).collect();
        Self::new(path, BehaviorKind::Webhook, urls)
    }

    /// Creates a behavior of any kind. The service documents the value for webhooks only. It is a list of strings for
    /// all kinds.
    pub fn new(path: impl Into<String>, kind: BehaviorKind, value: impl Into<Value>) -> Self {
        Self { path: path.into(), behavior: kind, value: value.into() }
    }

    fn checked(mut self) -> Result<Self> {
        self.path = check("path", &self.path, SETTING_LIMIT)?.to_owned();
        check_value(Some(&self.behavior), &self.value)?;
        Ok(self)
    }
}

/// Update of a behavior. Unset fields are left unchanged.
///
/// # Examples
///
/// ```
/// use brickftp::BehaviorUpdate;
///
/// let update = BehaviorUpdate::new().webhook_urls(["https://hooks.example.org/brickftp"]);
/// ```
#[derive(Clone, Default, PartialEq, Serialize)]
#[must_use = "an update has no effect until it is passed to `update`"]
pub struct BehaviorUpdate {
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
    #[serde(skip)]
    webhook: bool,
}

impl BehaviorUpdate {
    /// Creates an empty update. Unset fields are left unchanged.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the URLs of a webhook. Replaces all of them.
    pub fn webhook_urls(self, urls: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let urls: Vec<Value> = urls.into_iter().map(|url| Value::String(url.into())).collect();
        Self { webhook: true, ..self.value(urls) }
    }

    /// Sets the value. Replaces the whole value.
    pub fn value(mut self, value: impl Into<Value>) -> Self {
        self.value = Some(value.into());
        self.webhook = false;
        self
    }

    fn check(&self) -> Result<()> {
        validation::changes_something(self)?;
        let kind = self.webhook.then_some(&BehaviorKind::Webhook);
        self.value.as_ref().map_or(Ok(()), |value| check_value(kind, value))
    }
}

/// Checks the URLs of a webhook. The service does not document other values.
fn check_value(kind: Option<&BehaviorKind>, value: &Value) -> Result<()> {
    if kind != Some(&BehaviorKind::Webhook) {
        return Ok(());
    }
    match value {
        Value::Array(urls) if urls.is_empty() => Err(Error::invalid_input("value", "has no URL")),
        Value::Array(urls) if urls.iter().any(|url| url.as_str().is_some_and(|url| !is_web_address(url))) => {
            Err(Error::invalid_input("value", "has a URL that does not begin with http:// or https://"))
        }
        _ => Ok(()),
    }
}

fn is_web_address(url: &str) -> bool {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && !url.contains(char::is_whitespace))
}

/// Operations on behaviors. Returned by [`Client::behaviors`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a resource handle has no effect until one of its operations is called"]
pub struct Behaviors<'c> {
    pub(crate) client: &'c Client,
}

impl Behaviors<'_> {
    /// Lists all behaviors of the site.
    ///
    /// Calls `GET /behaviors`.
    ///
    /// # Errors
    ///
    /// The service documents no errors for this call. See [`Error`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// let mut behaviors = client.behaviors().list();
    /// while let Some(behavior) = behaviors.try_next().await? {
    ///     println!("{:?} {:?}", behavior.path, behavior.behavior);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> Pager<Behavior> {
        const NAME: &str = "brickftp.behaviors.list";
        let client = self.client.clone();
        Pager::single_by(NAME, move || client.call(NAME, Method::GET, BEHAVIORS, &[]).safe(), decode_list)
    }

    /// Lists the behaviors of a folder, without inherited ones. The empty path is the root of the site.
    ///
    /// Calls `GET /behaviors/folders/{path}`.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the path is invalid or longer than 5000
    /// characters.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// let behaviors = client.behaviors().list_for_folder("Inbox").try_collect_vec().await?;
    /// let webhooks: Vec<&str> = behaviors.iter().flat_map(|behavior| behavior.webhook_urls()).collect();
    /// println!("{webhooks:?}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_for_folder(&self, path: &str) -> Pager<Behavior> {
        self.of_folder(path, false)
    }

    /// Lists the behaviors of a folder, including those inherited from its parent folders.
    ///
    /// Calls `GET /behaviors/folders/{path}?recursive=1`. See [`Behaviors::list_for_folder`].
    ///
    /// # Errors
    ///
    /// Fails as [`Behaviors::list_for_folder`] does.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// for behavior in client.behaviors().list_for_folder_recursive("Inbox/2018").try_collect_vec().await? {
    ///     println!("{:?} from {:?}", behavior.behavior, behavior.path);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_for_folder_recursive(&self, path: &str) -> Pager<Behavior> {
        self.of_folder(path, true)
    }

    fn of_folder(self, path: &str, recursive: bool) -> Pager<Behavior> {
        const NAME: &str = "brickftp.behaviors.list_for_folder";
        let client = self.client.clone();
        let path = check("path", path, SETTING_LIMIT).map(str::to_owned);
        let call = move || {
            let call = client.call(NAME, Method::GET, FOLDER, &[&path]).safe();
            if recursive { call.query("recursive", "1") } else { call }
        };
        Pager::single_by(NAME, call, decode_list)
    }

    /// Returns one behavior.
    ///
    /// Calls `GET /behaviors/{behavior_id}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the behavior does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, id: brickftp::BehaviorId) -> brickftp::Result<()> {
    /// println!("{}", client.behaviors().get(id).await?.value);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, id: BehaviorId) -> Call<Behavior> {
        self.client.call("brickftp.behaviors.get", Method::GET, BEHAVIOR, &[&id]).safe().decode(decode_object)
    }

    /// Creates a behavior. A folder can have several behaviors of one kind.
    ///
    /// Calls `POST /behaviors`.
    ///
    /// Not retried after it may have been processed (not idempotent). See [`Error::is_ambiguous`].
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the path is invalid or longer than 5000
    /// characters, or if a webhook has no URL or an invalid one.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// use brickftp::NewBehavior;
    ///
    /// let webhook = NewBehavior::webhook("Inbox", ["https://hooks.example.net/brickftp"]);
    /// println!("{:?}", client.behaviors().create(webhook).await?.id);
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, behavior: NewBehavior) -> Call<Behavior> {
        self.client
            .call("brickftp.behaviors.create", Method::POST, BEHAVIORS, &[])
            .non_idempotent()
            .with_checked(behavior.checked(), |request, behavior| {
                request.encode(self.client.request_format(), "behavior", &behavior)
            })
            .decode(decode_created)
    }

    /// Updates the value of a behavior.
    ///
    /// Calls `PATCH /behaviors/{behavior_id}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the behavior does not exist, and with
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the update has no fields set.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, id: brickftp::BehaviorId) -> brickftp::Result<()> {
    /// use brickftp::BehaviorUpdate;
    ///
    /// let update = BehaviorUpdate::new().webhook_urls(["https://hooks.example.org/brickftp"]);
    /// client.behaviors().update(id, update).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(&self, id: BehaviorId, update: BehaviorUpdate) -> Call<Behavior> {
        self.client
            .call("brickftp.behaviors.update", Method::PATCH, BEHAVIOR, &[&id])
            .idempotent()
            .check(update.check())
            .encode(self.client.request_format(), "behavior", &update)
            .decode(decode_updated)
    }

    /// Deletes a behavior. If a retry finds it gone, the call succeeds.
    ///
    /// Calls `DELETE /behaviors/{behavior_id}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the behavior did not exist before the first attempt.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, id: brickftp::BehaviorId) -> brickftp::Result<()> {
    /// client.behaviors().delete(id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, id: BehaviorId) -> Call<()> {
        self.client.call("brickftp.behaviors.delete", Method::DELETE, BEHAVIOR, &[&id]).deletes_by(decode_nothing)
    }
}
