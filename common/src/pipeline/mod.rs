//! The request pipeline. The order of its steps is fixed.
//!
//! ```text
//! once per call      per-call middleware ─> deadline ─> retry loop
//! once per attempt   permit ─> credentials ─> per-attempt middleware ─> origin check ─> span + attempt timeout {
//!                        transport ─> bounded body read ─> parse_error of the service }
//! afterwards         decode ─> typed value
//! ```

mod attempt;
pub(crate) mod call;
mod call_context;
mod error_details;
mod handle;
pub(crate) mod limits;
pub(crate) mod middleware;
mod operation;
mod progress;
pub(crate) mod retry;
mod retry_loop;
mod service_info;
pub(crate) mod trace;

pub use error_details::ErrorDetails;
pub use handle::Pipeline;
pub(crate) use handle::PipelineInner;
pub use operation::Operation;
#[cfg(feature = "transfer")]
pub(crate) use progress::AttemptProgress;
pub use service_info::ServiceInfo;
