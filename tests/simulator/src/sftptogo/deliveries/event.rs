use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

/// Something that happens to a file, and that webhooks are told about.
#[derive(Clone, Debug)]
#[must_use = "an event does nothing until it is raised"]
pub struct Event {
    pub(crate) topic: String,
    resource: &'static str,
    actor: Option<(String, String)>,
    data: Value,
}

/// What form encoding leaves as it is, and the slash, which the service does not encode either.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_').remove(b'/').remove(b' ');

impl Event {
    /// A file was uploaded, or a directory made: its path ends with a slash.
    pub fn file_created(path: &str, size: u64) -> Self {
        Self::file("file.created", json!({ "Path": encode_path(path), "Size": size }))
    }

    /// A file or directory was deleted.
    pub fn file_deleted(path: &str) -> Self {
        Self::file("file.deleted", json!({ "Path": encode_path(path), "Size": null }))
    }

    /// A file was downloaded, over SFTP unless [`protocol`](Self::protocol) says otherwise.
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

    /// An event that no documentation mentions. It goes to the webhooks that have its topic, which seeding can give
    /// them.
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

    /// Who did it: `User` and a user name, or `IAM` and an id, or something new.
    pub fn actor(mut self, kind: impl Into<String>, id: impl Into<String>) -> Self {
        self.actor = Some((kind.into(), id.into()));
        self
    }

    /// Nobody is named as the actor.
    pub fn without_actor(mut self) -> Self {
        self.actor = None;
        self
    }

    /// The protocol of a download: `SFTP`, `FTPS`, `WEB_PORTAL`, or something new.
    pub fn protocol(mut self, protocol: impl Into<String>) -> Self {
        self.data["Metadata"]["Protocol"] = protocol.into().into();
        self
    }

    /// The body of one attempt.
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

/// The ids that one attempt carries.
pub(crate) struct Ids<'a> {
    pub(crate) event: &'a str,
    pub(crate) organization: &'a str,
    pub(crate) webhook: &'a str,
    pub(crate) delivery: &'a str,
    pub(crate) attempt: &'a str,
    pub(crate) raised_at_ms: i64,
}

/// A path as deliveries carry it: without a leading slash, form-encoded, a plus in small letters as in the samples.
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
