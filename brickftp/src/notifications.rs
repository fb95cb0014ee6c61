//! E-mails to users about files below a path.

use http::Method;
use mft_common::provider::lenient;
use serde::{Deserialize, Serialize};

use crate::permissions::without_slash;
use crate::request::decode_list;
use crate::{Call, Client, NotificationId, Pager, Result, UserId, check, id, path, users};

const NOTIFICATIONS: &str = "/notifications.{format}";
const NOTIFICATION: &str = "/notifications/{notification_id}.{format}";

mft_common::open_enum! {
    /// How often the e-mails are sent.
    SendInterval {
        /// Every five minutes.
        FiveMinutes = "five_minutes",
        /// Every fifteen minutes.
        FifteenMinutes = "fifteen_minutes",
        /// Every hour.
        Hourly = "hourly",
        /// Every day.
        Daily = "daily",
    }
}

/// That a user gets e-mails about files that are created or changed at a path or below it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Notification {
    /// The id.
    pub id: NotificationId,
    /// The path, without a slash at either end.
    #[serde(default)]
    pub path: Option<String>,
    /// Who gets the e-mails.
    #[serde(default, deserialize_with = "id::optional")]
    pub user_id: Option<UserId>,
    /// The name of that user to log in with.
    #[serde(default)]
    pub username: Option<String>,
    /// How often they are sent.
    #[serde(default)]
    pub send_interval: Option<SendInterval>,
    /// Whether the user has unsubscribed from them.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub unsubscribed: Option<bool>,
}

/// Who gets the e-mails of a notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Recipient {
    /// A user.
    #[serde(rename = "user_id")]
    User(UserId),
    /// The user with this name to log in with, which the service looks up.
    #[serde(rename = "username")]
    Username(String),
}

impl From<UserId> for Recipient {
    fn from(user: UserId) -> Self {
        Self::User(user)
    }
}

impl From<&str> for Recipient {
    fn from(username: &str) -> Self {
        Self::Username(username.to_owned())
    }
}

impl From<String> for Recipient {
    fn from(username: String) -> Self {
        Self::Username(username)
    }
}

/// A notification to be created.
///
/// # Examples
///
/// ```
/// use brickftp::{NewNotification, SendInterval, UserId};
///
/// let by_id = NewNotification::new("Staff/in", UserId::new(41)).send_interval(SendInterval::Hourly);
/// let by_name = NewNotification::new("Staff/in", "ada");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a new notification does nothing until it is given to `create`"]
pub struct NewNotification {
    path: String,
    #[serde(flatten)]
    recipient: Recipient,
    #[serde(skip_serializing_if = "Option::is_none")]
    send_interval: Option<SendInterval>,
}

impl NewNotification {
    /// Tells a user of files at a path, of at most 5000 characters, or below it. One slash before the path is taken
    /// away; the empty path is the root of the site.
    pub fn new(path: impl Into<String>, recipient: impl Into<Recipient>) -> Self {
        Self { path: without_slash(path.into()), recipient: recipient.into(), send_interval: None }
    }

    /// How often the e-mails are sent. Unset it is every five minutes.
    pub fn send_interval(mut self, interval: SendInterval) -> Self {
        self.send_interval = Some(interval);
        self
    }

    fn check(&self) -> Result<()> {
        if let Recipient::Username(name) = &self.recipient {
            check::name("username", name, users::NAME_LIMIT)?;
        }
        path::check("path", &self.path, path::SETTING_LIMIT).map(|_| ())
    }
}

/// Operations on notifications; from [`Client::notifications`].
///
/// A notification cannot be changed: create another one and delete the first.
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct Notifications<'c> {
    pub(crate) client: &'c Client,
}

impl Notifications<'_> {
    /// Lists all notifications of the site.
    ///
    /// Calls `GET /notifications`. The list comes in one piece.
    ///
    /// # Errors
    ///
    /// [`PermissionDenied`](crate::ErrorKind::PermissionDenied) for whom is no administrator.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// let mut notifications = client.notifications().list();
    /// while let Some(notification) = notifications.try_next().await? {
    ///     println!("{:?} hears of {:?}", notification.username, notification.path);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> Pager<Notification> {
        const NAME: &str = "brickftp.notifications.list";
        let client = self.client.clone();
        let call = move || client.call(NAME, Method::GET, NOTIFICATIONS, &[]).safe().into_builder();
        Pager::single_by(NAME, call, decode_list)
    }

    /// Creates a notification.
    ///
    /// Calls `POST /notifications`.
    ///
    /// Not repeated once it may have been processed; see [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a path that is longer than 5000 characters, has a slash at
    /// its end, an empty segment, `.` or `..`, and for a name that is empty or longer than 50 characters.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// use brickftp::{NewNotification, SendInterval};
    ///
    /// client.notifications().create(NewNotification::new("Staff/in", "ada").send_interval(SendInterval::Daily)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, notification: NewNotification) -> Call<Notification> {
        self.client
            .call("brickftp.notifications.create", Method::POST, NOTIFICATIONS, &[])
            .non_idempotent()
            .check(notification.check())
            .body("notification", &notification)
            .creates()
    }

    /// Deletes a notification.
    ///
    /// Calls `DELETE /notifications/{notification_id}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there was no such notification before the first attempt.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, notification: brickftp::NotificationId) -> brickftp::Result<()> {
    /// client.notifications().delete(notification).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, id: NotificationId) -> Call<()> {
        self.client.call("brickftp.notifications.delete", Method::DELETE, NOTIFICATION, &[&id]).deletes()
    }
}
