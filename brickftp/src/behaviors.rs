//! Behaviors: what the service does by itself with a folder. The web interface calls them folder settings.

use std::fmt;

use http::Method;
use mft_common::numeric_id;
use mft_common::provider::RedactedUrl;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::path::{SETTING_LIMIT, check};
use crate::request::decode_list;
use crate::{Call, Client, Error, Pager, Result};

const BEHAVIORS: &str = "/behaviors.{format}";
const BEHAVIOR: &str = "/behaviors/{behavior_id}.{format}";
const FOLDER: &str = "/behaviors/folders/{*path}";

numeric_id! {
    /// A behavior.
    BehaviorId
}

mft_common::open_enum! {
    /// What a behavior does.
    BehaviorKind {
        /// Tells an address of yours what happened in the folder.
        Webhook = "webhook",
        /// Deletes files after a while.
        FileExpiration = "file_expiration",
        /// Encrypts files that are uploaded.
        AutoEncrypt = "auto_encrypt",
        /// Keeps the folders in the folder as they are.
        LockSubfolders = "lock_subfolders",
    }
}

/// What the service does by itself with a folder. `Debug` shows where addresses lead and nothing else of them.
#[derive(Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Behavior {
    /// The id. Missing in XML where the behaviors of one folder are listed.
    #[serde(default)]
    pub id: Option<BehaviorId>,
    /// The folder; empty for the root of the site.
    #[serde(default)]
    pub path: Option<String>,
    /// What it does.
    #[serde(default)]
    pub behavior: Option<BehaviorKind>,
    /// With which settings: a list of texts in all examples. Only that of a webhook is documented, see
    /// [`Behavior::webhook_urls`]. XML does not tell numbers and truth values from texts.
    #[serde(default)]
    pub value: Value,
}

impl Behavior {
    /// The addresses of a webhook: the first is called, the others stand in for it. Nothing for other behaviors.
    #[must_use]
    pub fn webhook_urls(&self) -> Vec<&str> {
        if self.behavior != Some(BehaviorKind::Webhook) {
            return Vec::new();
        }
        match &self.value {
            Value::Array(urls) => urls.iter().filter_map(Value::as_str).collect(),
            Value::String(url) if !url.is_empty() => vec![url],
            // What the same service sends today.
            Value::Object(settings) => match settings.get("urls") {
                Some(Value::Array(urls)) => urls.iter().filter_map(Value::as_str).collect(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }
}

/// A behavior to be created; see [`NewBehavior::webhook`] for the documented kind.
#[derive(Clone, PartialEq, Serialize)]
#[must_use = "a new behavior does nothing until it is given to `create`"]
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
            .field("value", &Redacted(&self.value))
            .finish()
    }
}

impl fmt::Debug for NewBehavior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewBehavior")
            .field("path", &self.path)
            .field("behavior", &self.behavior)
            .field("value", &Redacted(&self.value))
            .finish()
    }
}

impl fmt::Debug for BehaviorUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BehaviorUpdate").field("value", &self.value.as_ref().map(Redacted)).finish_non_exhaustive()
    }
}

/// A value the addresses in which are webhooks.
struct Redacted<'a>(&'a Value);

impl fmt::Debug for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::String(text) if text.contains("://") => RedactedUrl(text).fmt(f),
            Value::Array(values) => f.debug_list().entries(values.iter().map(Redacted)).finish(),
            Value::Object(values) => {
                f.debug_map().entries(values.iter().map(|(key, value)| (key, Redacted(value)))).finish()
            }
            other => other.fmt(f),
        }
    }
}

impl NewBehavior {
    /// A webhook: the service calls the first address that answers about everything that happens in the folder and below.
    /// The empty path is the root of the site.
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

    /// A behavior of any kind. What its value holds is documented for webhooks only; a list of texts it is for all.
    pub fn new(path: impl Into<String>, kind: BehaviorKind, value: impl Into<Value>) -> Self {
        Self { path: path.into(), behavior: kind, value: value.into() }
    }

    fn checked(mut self) -> Result<Self> {
        self.path = check("path", &self.path, SETTING_LIMIT)?.to_owned();
        check_value(Some(&self.behavior), &self.value)?;
        Ok(self)
    }
}

/// A change of a behavior. What is not named stays.
///
/// # Examples
///
/// ```
/// use brickftp::BehaviorUpdate;
///
/// let moved = BehaviorUpdate::new().webhook_urls(["https://hooks.example.org/brickftp"]);
/// ```
#[derive(Clone, Default, PartialEq, Serialize)]
#[must_use = "a change does nothing until it is given to `update`"]
pub struct BehaviorUpdate {
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
    #[serde(skip)]
    webhook: bool,
}

impl BehaviorUpdate {
    /// A change of nothing, so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Changes the addresses of a webhook, all of them.
    pub fn webhook_urls(self, urls: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let urls: Vec<Value> = urls.into_iter().map(|url| Value::String(url.into())).collect();
        Self { webhook: true, ..self.value(urls) }
    }

    /// Changes the value, as a whole.
    pub fn value(mut self, value: impl Into<Value>) -> Self {
        self.value = Some(value.into());
        self.webhook = false;
        self
    }

    fn check(&self) -> Result<()> {
        let value = self.value.as_ref().ok_or_else(|| Error::invalid_input("update", "sets no field"))?;
        check_value(self.webhook.then_some(&BehaviorKind::Webhook), value)
    }
}

/// A webhook without an address would do nothing; what other values hold is not documented.
fn check_value(kind: Option<&BehaviorKind>, value: &Value) -> Result<()> {
    if kind != Some(&BehaviorKind::Webhook) {
        return Ok(());
    }
    match value {
        Value::Array(urls) if urls.is_empty() => Err(Error::invalid_input("value", "holds no address")),
        Value::Array(urls) if urls.iter().any(|url| url.as_str().is_some_and(|url| !is_web_address(url))) => {
            Err(Error::invalid_input("value", "holds an address that does not begin with http:// or https://"))
        }
        _ => Ok(()),
    }
}

fn is_web_address(url: &str) -> bool {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && !url.contains(char::is_whitespace))
}

/// Operations on behaviors; from [`Client::behaviors`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
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
    /// See [`Error`]; nothing is documented for this call alone.
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
        Pager::single_by(
            NAME,
            move || client.call(NAME, Method::GET, BEHAVIORS, &[]).safe().into_builder(),
            decode_list,
        )
    }

    /// Lists the behaviors of a folder itself; the empty path is the root of the site.
    ///
    /// Calls `GET /behaviors/folders/{path}`.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a path that cannot be one or has more than 5000 characters.
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

    /// Lists the behaviors of a folder and those that it has from the folders above it.
    ///
    /// Calls `GET /behaviors/folders/{path}?recursive=1`. Otherwise as [`Behaviors::list_for_folder`].
    ///
    /// # Errors
    ///
    /// As [`Behaviors::list_for_folder`].
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
            if recursive { call.query("recursive", "1") } else { call }.into_builder()
        };
        Pager::single_by(NAME, call, decode_list)
    }

    /// Fetches one behavior.
    ///
    /// Calls `GET /behaviors/{behavior_id}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such behavior.
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
        self.client.call("brickftp.behaviors.get", Method::GET, BEHAVIOR, &[&id]).safe().returns()
    }

    /// Creates a behavior. A folder may have several of one kind.
    ///
    /// Calls `POST /behaviors`.
    ///
    /// Not repeated once it may have been processed; see [`Error::is_ambiguous`].
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a path that cannot be one or has more than 5000 characters, and
    /// for a webhook without an address or with one that is none.
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
            .with_checked(behavior.checked(), |request, behavior| request.body("behavior", &behavior))
            .creates()
    }

    /// Changes the value of a behavior.
    ///
    /// Calls `PATCH /behaviors/{behavior_id}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound). An update that names nothing is
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, id: brickftp::BehaviorId) -> brickftp::Result<()> {
    /// use brickftp::BehaviorUpdate;
    ///
    /// let moved = BehaviorUpdate::new().webhook_urls(["https://hooks.example.org/brickftp"]);
    /// client.behaviors().update(id, moved).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(&self, id: BehaviorId, update: BehaviorUpdate) -> Call<Behavior> {
        self.client
            .call("brickftp.behaviors.update", Method::PATCH, BEHAVIOR, &[&id])
            .idempotent()
            .check(update.check())
            .body("behavior", &update)
            .changes()
    }

    /// Deletes a behavior. Where a repeat finds it gone, that is success.
    ///
    /// Calls `DELETE /behaviors/{behavior_id}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there was no such behavior before the first attempt.
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
        self.client.call("brickftp.behaviors.delete", Method::DELETE, BEHAVIOR, &[&id]).deletes()
    }
}
