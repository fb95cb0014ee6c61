use percent_encoding::percent_decode_str;

/// An operation of a service: its name in journal and fault rules, and the route it is reached by.
///
/// Two operations may share a route; the body then tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// The name, such as `sftptogo.credentials.create`.
    pub name: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path with its parameters in braces, such as `/organizations/{organization_id}/users`.
    pub template: &'static str,
}

impl Operation {
    pub(crate) const fn new(name: &'static str, method: &'static str, template: &'static str) -> Self {
        Self { name, method, template }
    }
}

/// Where a request leads.
#[derive(Debug)]
pub(crate) enum Route {
    Known(&'static Operation, Parameters),
    /// The path exists, the method does not.
    OtherMethod(Parameters),
    Unknown,
}

/// The decoded values of a template's parameters.
#[derive(Debug, Default)]
pub(crate) struct Parameters(Vec<(&'static str, String)>);

impl Parameters {
    /// For services that find their routes themselves.
    pub(crate) fn new(values: Vec<(&'static str, String)>) -> Self {
        Self(values)
    }

    /// The value, or an empty text, which no stored id is equal to.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }
}

pub(crate) fn find(operations: &'static [Operation], method: &str, path: &str) -> Route {
    let mut other_method = None;
    for operation in operations {
        if let Some(parameters) = match_template(operation.template, path) {
            if operation.method == method {
                return Route::Known(operation, parameters);
            }
            other_method = Some(parameters);
        }
    }
    other_method.map_or(Route::Unknown, Route::OtherMethod)
}

/// Splits first and decodes afterwards, so that an encoded slash stays inside its segment.
fn match_template(template: &'static str, path: &str) -> Option<Parameters> {
    let mut parameters = Parameters::default();
    let mut segments = path.split('/');
    for expected in template.split('/') {
        let segment = percent_decode_str(segments.next()?).decode_utf8().ok()?;
        match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(_) if segment.is_empty() => return None,
            Some(name) => parameters.0.push((name, segment.into_owned())),
            None if expected == segment => {}
            None => return None,
        }
    }
    segments.next().is_none().then_some(parameters)
}

#[cfg(test)]
mod tests {
    use super::{Operation, Route, find};

    static OPERATIONS: &[Operation] =
        &[Operation::new("x.list", "GET", "/a/{a}/users"), Operation::new("x.get", "GET", "/a/{a}/users/{id}")];

    #[test]
    fn segments_are_decoded_after_splitting() {
        for (method, path, expected) in [
            ("GET", "/a/1/users", "x.list 1 "),
            ("GET", "/a/1/users/b%2Fc%20d", "x.get 1 b/c d"),
            ("GET", "/a/1/user%73/%C3%A9", "x.get 1 é"),
            ("GET", "/a/1/users/100%", "x.get 1 100%"),
            ("GET", "/a/1/users/", "unknown"),
            ("GET", "/a/1/users/b/c", "unknown"),
            ("GET", "/a/1/users/%FF", "unknown"),
            ("GET", "/a//users", "unknown"),
            ("PUT", "/a/1/users", "other method"),
        ] {
            let found = match find(OPERATIONS, method, path) {
                Route::Known(operation, parameters) => {
                    format!("{} {} {}", operation.name, parameters.get("a"), parameters.get("id"))
                }
                Route::OtherMethod(_) => "other method".to_owned(),
                Route::Unknown => "unknown".to_owned(),
            };
            assert_eq!(found, expected, "{method} {path}");
        }
    }
}
