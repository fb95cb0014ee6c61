//! A request in the making.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::call::{Call, Decode, Reply};
use super::{Core, Operation};
use crate::http::path::{fill, push_query, push_query_path};
use crate::http::{Body, Response};
use crate::{Deleted, Error, Repeatability, Result, Secret, secret};

/// A request in the making, for provider crates.
#[must_use = "a call does nothing until it is awaited"]
pub struct CallBuilder {
    core: Core,
    draft: Result<Box<Draft>>,
    name: &'static str,
}

#[expect(clippy::struct_excessive_bools, reason = "independent switches, each with a method of its own")]
pub(super) struct Draft {
    pub(super) operation: Operation,
    pub(super) method: Method,
    /// Base URL, path and query, encoded.
    pub(super) address: String,
    /// Which of the client's base URLs that is, and how long it is.
    pub(super) base: (usize, usize),
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
    pub(super) secrets: Vec<Secret>,
    pub(super) gone_is_done: bool,
    pub(super) streamed: bool,
    pub(super) retries: bool,
    pub(super) time_limit: Option<Duration>,
    /// In place of the client's limit of one attempt, where the endpoint is known to take longer.
    pub(super) attempt_limit: Option<Duration>,
    /// For bodies that take as long as they take: how long the reply may take once all of it was handed over.
    pub(super) response_limit: Option<Duration>,
    pub(super) other: Option<Other>,
    pub(super) requires: Option<&'static str>,
    pub(super) in_parts: bool,
}

/// Another place for the same operation.
pub(super) struct Other {
    pub(super) address: String,
    pub(super) prefers_other: Arc<AtomicBool>,
}

impl CallBuilder {
    pub(super) fn new(
        core: Core,
        name: &'static str,
        method: Method,
        template: Cow<'static, str>,
        values: &[&str],
    ) -> Self {
        let base = core.base_url().as_str();
        let mut address = String::with_capacity(base.len() + template.len() + 64);
        address.push_str(base);
        let draft = fill(&mut address, &template, values).map(|()| Draft {
            operation: Operation::new(name, template, Repeatability::Never),
            method,
            base: (0, base.len()),
            address,
            headers: HeaderMap::new(),
            body: Body::empty(),
            secrets: Vec::new(),
            gone_is_done: false,
            streamed: false,
            retries: true,
            time_limit: None,
            attempt_limit: None,
            response_limit: None,
            other: None,
            requires: None,
            in_parts: false,
        });
        Self { draft: draft.map(Box::new), core, name }
    }

    pub(super) fn refused(core: Core, name: &'static str, problem: Error) -> Self {
        Self { core, draft: Err(problem), name }
    }

    fn change(mut self, change: impl FnOnce(&mut Draft) -> Result<()>) -> Self {
        if let Ok(draft) = &mut self.draft
            && let Err(error) = change(draft)
        {
            self.draft = Err(error);
        }
        self
    }

    /// States whether the request may be sent twice. Unstated, it may not.
    pub fn repeatability(self, repeatability: Repeatability) -> Self {
        self.change(|draft| {
            draft.operation.repeatability = repeatability;
            Ok(())
        })
    }

    /// The call changes nothing.
    pub fn read(self) -> Self {
        self.repeatability(Repeatability::Read)
    }

    /// The same call twice leaves what it leaves once.
    pub fn repeatable(self) -> Self {
        self.repeatability(Repeatability::Repeatable)
    }

    /// A second call would create a second thing.
    pub fn once(self) -> Self {
        self.repeatability(Repeatability::Once)
    }

    /// Sends the request to another of the client's base URLs.
    pub fn at_base(self, index: usize) -> Self {
        let base = self.core.0.bases.get(index).map(|base| base.as_str().to_owned());
        self.change(|draft| {
            let base = base.ok_or_else(|| Error::invalid_input("base URL", "is not set for this call"))?;
            draft.address.replace_range(..draft.base.1, &base);
            draft.base = (index, base.len());
            Ok(())
        })
    }

    /// Names a second path for the same operation, without places. It is tried where the service knows nothing of the
    /// first one (404, 405 or a redirect), and `prefers_other` remembers for further calls which of them worked.
    pub fn or_at(self, other: &'static str, prefers_other: &Arc<AtomicBool>) -> Self {
        self.change(|draft| {
            let address = format!("{}{other}", &draft.address[..draft.base.1]);
            draft.other = Some(Other { address, prefers_other: Arc::clone(prefers_other) });
            Ok(())
        })
    }

    /// Says what right the call needs, such as "the scope `file.read`"; it is told where the service answers 403.
    pub fn requires(self, right: &'static str) -> Self {
        self.change(|draft| {
            draft.requires = Some(right);
            Ok(())
        })
    }

    /// The call is about several things, some of which may have been done when the service refuses the rest.
    pub fn in_parts(self) -> Self {
        self.change(|draft| {
            draft.in_parts = true;
            Ok(())
        })
    }

    /// Appends a query parameter.
    pub fn query(self, name: &str, value: &str) -> Self {
        self.append(|address| push_query(address, name, value))
    }

    /// Appends a query parameter that is a path, the slashes of which stay as they are.
    pub fn query_path(self, name: &str, value: &str) -> Self {
        self.append(|address| push_query_path(address, name, value))
    }

    fn append(self, push: impl FnOnce(&mut String)) -> Self {
        self.change(|draft| {
            // A path's own question marks are encoded.
            draft.address.push(if draft.address[draft.base.1..].contains('?') { '&' } else { '?' });
            push(&mut draft.address);
            Ok(())
        })
    }

    /// Sets a header. A value that cannot stand in one is an error that does not show it.
    pub fn header(self, name: HeaderName, value: &str) -> Self {
        self.change(|draft| {
            let value = HeaderValue::from_str(value)
                .map_err(|_| Error::invalid_input(name.as_str(), "has a character that cannot stand in a header"))?;
            draft.headers.insert(name, value);
            Ok(())
        })
    }

    /// Sets a header that is or holds a secret: no log of the layers below shows it, and the secret is masked in whatever
    /// the service says of it.
    pub fn secret_header(self, name: HeaderName, value: &str, secret: &Secret) -> Self {
        self.header(name.clone(), value).change(|draft| {
            if let Some(value) = draft.headers.get_mut(name) {
                value.set_sensitive(true);
            }
            draft.secrets.extend([Secret::new(value), secret.clone()]);
            Ok(())
        })
    }

    /// Sets a JSON body. The secrets in it are masked in whatever the service says of them.
    pub fn json<T: Serialize + ?Sized>(self, value: &T) -> Self {
        self.encoded("application/json", || {
            serde_json::to_vec(value).map_err(|_| Error::invalid_input("body", "cannot be written as JSON"))
        })
    }

    /// Sets a body that `write` makes with serde. The secrets in it are masked in whatever the service says of them.
    pub fn encoded(self, content_type: &'static str, write: impl FnOnce() -> Result<Vec<u8>>) -> Self {
        self.change(|draft| {
            let (written, secrets) = secret::collect(write);
            let bytes = written?;
            draft.body = if secrets.is_empty() {
                Body::from(bytes)
            } else {
                // Overwritten when the last attempt has let go of it.
                Bytes::from_owner(zeroize::Zeroizing::new(bytes)).into()
            };
            draft.secrets.extend(secrets);
            draft.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
            Ok(())
        })
    }

    /// Sets any body.
    pub fn body(self, body: Body) -> Self {
        self.change(|draft| {
            draft.body = body;
            Ok(())
        })
    }

    /// Gives each attempt at least so much time: the endpoint works before it answers.
    pub fn attempt_limit(self, limit: Duration) -> Self {
        self.change(|draft| {
            draft.attempt_limit = Some(limit);
            Ok(())
        })
    }

    /// Lets the body take its time: instead of the limit of an attempt there is one for silence while it is sent, and
    /// this one for the reply after that.
    pub fn response_limit(self, limit: Duration) -> Self {
        self.change(|draft| {
            draft.response_limit = Some(limit);
            Ok(())
        })
    }

    /// Names secrets in a body that was not written by [`CallBuilder::json`].
    pub fn secrets(self, secrets: impl IntoIterator<Item = Secret>) -> Self {
        self.change(|draft| {
            draft.secrets.extend(secrets);
            Ok(())
        })
    }

    /// Keeps a failed check of the input; it is returned by the await, before anything is sent.
    pub fn check(self, checked: Result<()>) -> Self {
        self.change(|_| checked)
    }

    /// Decodes the reply by a function.
    pub fn decode<T>(self, decode: impl FnOnce(&Reply) -> Result<T> + Send + Sync + 'static) -> Call<T> {
        Call { core: self.core, draft: self.draft, name: self.name, decode: Decode::Whole(Box::new(decode)) }
    }

    /// Decodes the reply as JSON.
    pub fn returns<T: DeserializeOwned + 'static>(self) -> Call<T> {
        self.decode(Reply::json)
    }

    /// Looks at nothing but the status.
    pub fn returns_nothing(self) -> Call<()> {
        self.decode(|_| Ok(()))
    }

    /// A delete whose reply is the deleted object.
    pub fn returns_deleted<T: DeserializeOwned + 'static>(self) -> Call<Deleted<T>> {
        self.gone_is_done()
            .decode(|reply| if reply.gone { Ok(Deleted::AlreadyGone) } else { reply.json().map(Deleted::Now) })
    }

    /// A delete whose reply says nothing: an empty body, or JSON of any content. Something else with a status of success,
    /// such as the login page of a gateway, does not come from the service.
    pub fn deletes(self) -> Call<()> {
        self.deletes_by(|reply| match reply.body.trim_ascii() {
            [] => Ok(()),
            _ => reply.json::<IgnoredAny>().map(|_| ()),
        })
    }

    /// A delete whose reply is looked at by a function, unless the thing was gone when the delete was repeated.
    pub fn deletes_by(self, decode: impl FnOnce(&Reply) -> Result<()> + Send + Sync + 'static) -> Call<()> {
        self.gone_is_done().decode(|reply| if reply.gone { Ok(()) } else { decode(reply) })
    }

    fn gone_is_done(self) -> Self {
        self.repeatable().change(|draft| {
            draft.gone_is_done = true;
            Ok(())
        })
    }

    /// Hands out the reply while its body is still arriving.
    pub fn streams(self) -> Call<Response> {
        self.streams_as(Ok)
    }

    /// The same in a type of the provider's own, which may refuse the reply for its headers.
    pub fn streams_as<T>(self, shape: fn(Response) -> Result<T>) -> Call<T> {
        let this = self.change(|draft| {
            draft.streamed = true;
            Ok(())
        });
        Call { core: this.core, draft: this.draft, name: this.name, decode: Decode::Streamed(shape) }
    }
}

impl fmt::Debug for CallBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallBuilder").field("operation", &self.name).finish_non_exhaustive()
    }
}
