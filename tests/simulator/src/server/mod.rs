//! The HTTP server that all simulators share: routing, request journal, fault injection, clock, random source and state.
//!
//! A simulator consists of a store that implements [`SimulatedStore`], a table of [`Route`]s (see [`routing`]), and a
//! [`Service`] that authenticates a request, calls the handler of the route and renders its [`Response`] or [`ApiError`].
//! The macros [`simulator!`], [`builder_settings!`], [`state!`] and [`stored!`] define the public methods that all
//! simulators have.

mod api_error;
mod clock;
mod exchange;
mod http;
mod random;
mod routing;
mod running;
mod service;
mod settings;
mod state;
mod streamed;
mod url;

pub(crate) use self::api_error::{ApiError, ApiResult};
pub(crate) use self::clock::{Clock, iso_millis, touch};
pub(crate) use self::http::headers::{announces_json, bearer, lacks_json};
pub(crate) use self::http::multipart::{FormEvent, Multipart};
pub(crate) use self::http::request_body::{Disconnected, RequestBody};
pub(crate) use self::http::response::Response;
pub(crate) use self::random::Random;
pub use self::routing::Operation;
pub(crate) use self::routing::{
    ApiRequest, Parameters, Route, RouteMatch, handler, match_route, match_segments, operations,
};
pub(crate) use self::running::{Running, simulator};
pub(crate) use self::service::{Engine, Service, StreamingService, Tasks};
pub(crate) use self::settings::{ServerSettings, builder_settings};
pub(crate) use self::state::{Collection, Identified, SharedStore, SimulatedStore, state, stored};
pub(crate) use self::url::{UNRESERVED, is_loopback};
