use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

/// A file event that webhooks receive.
#[derive(Clone, Debug)]
#[must_use = "an event has no effect until it is raised"]
pub struct Event {
    pub(crate) topic: String,
    resource: &'static str,
    actor: Option<(String, String)>,
    data: Value,
}

/// The characters that form encoding does not escape, and the slash, which the service does not escape either.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_').remove(b'/').remove(b' ');

impl Event {
    /// Creates `file.created`: a file was uploaded, or a directory was created. The path of a directory ends with a slash.
    pub fn file_created(path: &str, size: u64) -> Self {
        Self::file("file.created", json!({ "Path": encode_path(path), "Size": size }))
    }

    /// Creates `file.deleted`: a file or directory was deleted.
    pub fn file_deleted(path: &str) -> Self {
        Self::file("file.deleted", json!({ "Path": encode_path(path), "Size": null }))
    }

    /// Creates `file.downloaded`: a file was downloaded, over SFTP unless [`protocol`](Self::protocol) changes it.
    pub fn file_downloaded(path: &str, size: u64) -> Self {
        Self::file(
            "file.downloaded",
            json!({
                "Path": encode_path(path),
                "Size": size,
                "Metadata": {
                    "Protocol": "SFTP",
                    "ClientIp": "203.0.113.7",
                    "SessionId": "9182736450",
                },
            }),
        )
    }

    /// Creates an undocumented event. It is delivered to webhooks with this topic, which only seeding can set.
    pub fn other(topic: impl Into<String>, data: Value) -> Self {
        Self::file(topic, data)
    }

    pub(crate) const fn ping(topic: String, webhook: Value) -> Self {
        // One of the documented samples has no actor.
        Self { topic, resource: "webhook", actor: None, data: webhook }
    }

    fn file(topic: impl Into<String>, data: Value) -> Self {
        let actor = Some(("User".to_owned(), "intake-robot-01".to_owned()));
        Self { topic: topic.into(), resource: "File", actor, data }
    }

    /// Sets the actor: `User` and a user name, `IAM` and an id, or any other pair.
    pub fn actor(mut self, kind: impl Into<String>, id: impl Into<String>) -> Self {
        self.actor = Some((kind.into(), id.into()));
        self
    }

    /// Removes the actor.
    pub fn without_actor(mut self) -> Self {
        self.actor = None;
        self
    }

    /// Sets the protocol of a download: `SFTP`, `FTPS`, `WEB_PORTAL`, or any other text.
    pub fn protocol(mut self, protocol: impl Into<String>) -> Self {
        self.data["Metadata"]["Protocol"] = protocol.into().into();
        self
    }

    /// Renders the body of one attempt.
    pub(crate) fn render(&self, ids: &Ids<'_>) -> Value {
        let mut body = json!({
            "Id": ids.event,
            "Topic": self.topic,
            "CreatedAt": ids.raised_at_ms,
            "UpdatedAt": ids.raised_at_ms,
            "Resource": self.resource,
            "PreviousData": null,
            "Data": self.data,
            "Metadata": {
                "Webhook": { "Id": ids.webhook },
                "Delivery": { "Id": ids.delivery },
                "Attempt": { "Id": ids.attempt },
                "Event": { "Id": ids.event, "Topic": self.topic },
            },
        });
        if let Some((kind, id)) = &self.actor {
            body["Actor"] = json!({ "Type": kind, "Id": id });
        }
        if self.resource == "File" {
            body["Metadata"]["Organization"] = json!({ "Id": ids.organization });
        }
        body
    }
}

/// The ids in the body of one attempt.
pub(crate) struct Ids<'a> {
    pub(crate) event: &'a str,
    pub(crate) organization: &'a str,
    pub(crate) webhook: &'a str,
    pub(crate) delivery: &'a str,
    pub(crate) attempt: &'a str,
    pub(crate) raised_at_ms: i64,
}

/// Encodes a path as deliveries do: no leading slash, form-encoded, `%2b` in lower case as in the samples.
fn encode_path(path: &str) -> String {
    utf8_percent_encode(path.trim_start_matches('/'), FORM).to_string().replace(' ', "+").replace("%2B", "%2b")
}

#[cfg(test)]
mod tests {
    use super::encode_path;

    #[test]
    fn paths_are_form_encoded() {
        for (path, encoded) in [
            ("/home/intake-robot-01/day 1+2/café.csv", "home/intake-robot-01/day+1%2b2/caf%C3%A9.csv"),
            ("50%.txt", "50%25.txt"),
            ("inbox/", "inbox/"),
        ] {
            assert_eq!(encode_path(path), encoded);
        }
    }
}
