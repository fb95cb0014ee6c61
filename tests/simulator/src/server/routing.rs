//! Route tables: which function handles which request.
//!
//! A simulator declares its API as one static table of [`Route`]s. A row has the name of the operation, the HTTP method,
//! the path template and the handler. [`operations`] derives the public list of operations from the table, and
//! [`handler`] finds the handler of the operation that a request matched:
//!
//! ```ignore
//! type Handler = fn(&mut Store, &ApiRequest<'_>) -> ApiResult<Response>;
//!
//! static ROUTES: [Route<Handler>; 2] = [
//!     Route::new("acme.buckets.list", "GET", "/buckets", |store, request| store.list_buckets(request.query())),
//!     Route::new("acme.buckets.get", "GET", "/buckets/{id}", |store, request| store.get_bucket(request.parameter("id"))),
//! ];
//! static OPERATIONS: &[Operation] = &operations(&ROUTES);
//!
//! // In `Service::handle`, after authentication:
//! let request = ApiRequest { operation, parameters, parts, body, now_ms: store.now_ms() };
//! handler(&ROUTES, operation)(&mut store.lock(), &request).unwrap_or_else(|error| error.into_json("message"))
//! ```

use std::borrow::Cow;

use http::HeaderMap;
use http::request::Parts;
use percent_encoding::percent_decode_str;

/// An operation of a service: its name in the journal and in fault rules, and its route.
///
/// Several operations may share a route. The query or the body then selects one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// The name, such as `sftptogo.credentials.create`.
    pub name: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path template with parameters in braces, such as `/organizations/{organization_id}/users`.
    pub template: &'static str,
}

impl Operation {
    pub(crate) const fn new(name: &'static str, method: &'static str, template: &'static str) -> Self {
        Self { name, method, template }
    }
}

/// A row of a route table.
pub(crate) struct Route<H> {
    operation: Operation,
    handler: H,
}

impl<H: Copy> Route<H> {
    pub(crate) const fn new(name: &'static str, method: &'static str, template: &'static str, handler: H) -> Self {
        Self { operation: Operation::new(name, method, template), handler }
    }
}

/// Returns the operations of a route table, in the order of its rows.
pub(crate) const fn operations<H, const N: usize>(routes: &[Route<H>; N]) -> [Operation; N] {
    let mut operations = [Operation::new("", "", ""); N];
    let mut index = 0;
    while index < N {
        operations[index] = routes[index].operation;
        index += 1;
    }
    operations
}

/// Returns the handler of an operation.
///
/// # Panics
///
/// Panics if the table does not contain the operation.
pub(crate) fn handler<H: Copy>(routes: &[Route<H>], operation: &Operation) -> H {
    let route = routes.iter().find(|route| route.operation.name == operation.name);
    route.expect("the operation is from this table").handler
}

/// The result of matching a request against a route table.
#[derive(Debug)]
pub(crate) enum RouteMatch {
    Found(&'static Operation, Parameters),
    /// The path exists, but not with this method.
    MethodNotAllowed(Parameters),
    NotFound,
}

/// The decoded values of a template's parameters.
#[derive(Debug, Default)]
pub(crate) struct Parameters(Vec<(&'static str, String)>);

impl Parameters {
    /// For services that match routes themselves.
    pub(crate) fn new(values: Vec<(&'static str, String)>) -> Self {
        Self(values)
    }

    pub(crate) fn push(&mut self, name: &'static str, value: String) {
        self.0.push((name, value));
    }

    /// Returns the value, or an empty string, which is never a stored id.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value)
    }
}

/// A request that matched an operation, as handlers receive it.
#[derive(Debug)]
pub(crate) struct ApiRequest<'a> {
    pub(crate) operation: &'static Operation,
    pub(crate) parameters: &'a Parameters,
    pub(crate) parts: &'a Parts,
    pub(crate) body: &'a [u8],
    pub(crate) now_ms: i64,
}

impl<'a> ApiRequest<'a> {
    /// Returns a path parameter.
    pub(crate) fn parameter(&self, name: &str) -> &'a str {
        self.parameters.get(name)
    }

    pub(crate) fn headers(&self) -> &'a HeaderMap {
        &self.parts.headers
    }

    /// Returns the query without the question mark; empty if there is none.
    pub(crate) fn query(&self) -> &'a str {
        self.parts.uri.query().unwrap_or_default()
    }
}

/// Finds the operation for a method and path. If several match, the first wins.
///
/// The path is split before it is decoded, so that an encoded slash stays inside its segment.
pub(crate) fn match_route(operations: &'static [Operation], method: &str, path: &str) -> RouteMatch {
    let decode = |segment| percent_decode_str(segment).decode_utf8().map(Cow::into_owned);
    let segments = path.strip_prefix('/').map(|path| path.split('/').map(decode).collect::<Result<Vec<_>, _>>());
    match segments {
        Some(Ok(segments)) => match_segments(operations, method, &segments),
        _ => RouteMatch::NotFound,
    }
}

/// Like [`match_route`], for the decoded segments of a path.
pub(crate) fn match_segments(
    operations: impl IntoIterator<Item = &'static Operation>,
    method: &str,
    segments: &[String],
) -> RouteMatch {
    let mut other_method = None;
    for operation in operations {
        if let Some(parameters) = match_template(operation.template, segments) {
            if operation.method == method {
                return RouteMatch::Found(operation, parameters);
            }
            other_method = Some(parameters);
        }
    }
    other_method.map_or(RouteMatch::NotFound, RouteMatch::MethodNotAllowed)
}

fn match_template(template: &'static str, segments: &[String]) -> Option<Parameters> {
    let mut parameters = Parameters::default();
    let mut segments = segments.iter();
    for expected in template.trim_start_matches('/').split('/') {
        let segment = segments.next()?;
        match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(_) if segment.is_empty() => return None,
            Some(name) => parameters.push(name, segment.clone()),
            None if expected == segment => {}
            None => return None,
        }
    }
    segments.next().is_none().then_some(parameters)
}

#[cfg(test)]
mod tests {
    use super::{Operation, RouteMatch, match_route};

    static OPERATIONS: &[Operation] =
        &[Operation::new("x.list", "GET", "/a/{a}/users"), Operation::new("x.get", "GET", "/a/{a}/users/{id}")];

    #[test]
    fn segments_are_decoded_after_splitting() {
        for (method, path, expected) in [
            ("GET", "/a/1/users", "x.list 1 "),
            ("GET", "/a/1/users/b%2Fc%20d", "x.get 1 b/c d"),
            ("GET", "/a/1/user%73/%C3%A9", "x.get 1 é"),
            ("GET", "/a/1/users/100%", "x.get 1 100%"),
            ("GET", "/a/1/users/", "not found"),
            ("GET", "/a/1/users/b/c", "not found"),
            ("GET", "/a/1/users/%FF", "not found"),
            ("GET", "/a//users", "not found"),
            ("PUT", "/a/1/users", "method not allowed"),
        ] {
            let outcome = match match_route(OPERATIONS, method, path) {
                RouteMatch::Found(operation, parameters) => {
                    format!("{} {} {}", operation.name, parameters.get("a"), parameters.get("id"))
                }
                RouteMatch::MethodNotAllowed(_) => "method not allowed".to_owned(),
                RouteMatch::NotFound => "not found".to_owned(),
            };
            assert_eq!(outcome, expected, "{method} {path}");
        }
    }
}
