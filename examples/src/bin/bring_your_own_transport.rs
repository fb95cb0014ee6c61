//! Sends a client's requests through a stack of tower layers, or through any other `tower::Service`.
//!
//! ```text
//! cargo run -p mft-examples --bin bring_your_own_transport
//! ```
//!
//! Needs no account: uses a simulator in this process, which answers one request too late.
//!
//! Prints the number of requests, the maximum number in flight, and the number of timeouts.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use clap::Parser;
use mft_examples::{Failure, exit_code};
use mft_simulator::Fault;
use mft_simulator::sftptogo::Simulator;
use sftptogo::transport::{Request, ReqwestTransport, Response, Transport};
use sftptogo::{Authentication, Client, Error};
use tower::{BoxError, Service, ServiceBuilder, ServiceExt as _, service_fn};

/// An adapter that uses a tower service as the transport of a client.
struct TowerTransport<S>(S);

impl<S> Transport for TowerTransport<S>
where
    S: Service<Request, Response = Response, Error = BoxError> + Clone + Send + Sync + 'static,
    S::Future: Send,
{
    async fn send(&self, request: Request) -> sftptogo::Result<Response> {
        self.0.clone().oneshot(request).await.map_err(transport_error)
    }
}

/// Maps an error to how far the request got, which decides which calls may be retried.
fn transport_error(error: BoxError) -> Error {
    match error.downcast::<Error>() {
        // The innermost service already returned the library's error.
        Ok(error) => *error,
        // The timeout layer is inside the concurrency limit, so the request was in flight.
        Err(error) if error.is::<tower::timeout::error::Elapsed>() => Error::timeout("timeout of the tower layer"),
        // For any other error, the request may have been sent.
        Err(error) => Error::interrupted(std::io::Error::other(error)),
    }
}

#[derive(Default)]
struct Gauge {
    requests: AtomicUsize,
    now: AtomicUsize,
    most: AtomicUsize,
}

/// Counts a request as in flight until drop, so that a cancelled request is not counted any longer.
struct UnderWay(Arc<Gauge>);

impl UnderWay {
    fn begin(gauge: &Arc<Gauge>) -> Self {
        gauge.requests.fetch_add(1, SeqCst);
        gauge.most.fetch_max(gauge.now.fetch_add(1, SeqCst) + 1, SeqCst);
        Self(gauge.clone())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, SeqCst);
    }
}

/// Sends a client's requests through tower layers. Needs no account.
#[derive(Parser)]
struct Arguments {}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    Arguments::parse();
    exit_code(run().await)
}

async fn run() -> Result<(), Failure> {
    let simulator = Simulator::builder().latency(Duration::from_millis(20)).start().await?;
    let late = Fault::delay(Duration::from_secs(30));
    simulator.faults().push(late.on("sftptogo.credentials.list").once());

    let gauge = Arc::new(Gauge::default());
    let reqwest = ReqwestTransport::builder().no_proxy().build()?;
    let innermost = {
        let gauge = gauge.clone();
        service_fn(move |request: Request| {
            let (transport, under_way) = (reqwest.clone(), UnderWay::begin(&gauge));
            async move {
                let reply = transport.send(request).await;
                drop(under_way);
                reply
            }
        })
    };
    let stack = ServiceBuilder::new().concurrency_limit(2).timeout(Duration::from_secs(1)).service(innermost);

    let client = Client::builder(simulator.organization_id().into(), Authentication::api_key(simulator.api_key()))
        .base_url(simulator.base_url())
        .allow_http()
        .transport(TowerTransport(stack))
        .build()?;

    let listings = (0..8).map(|_| tokio::spawn(client.credentials().list().try_collect_vec()));
    let mut lists = 0;
    for listing in listings.collect::<Vec<_>>() {
        lists += usize::from(!listing.await??.is_empty());
    }
    let requests = gauge.requests.load(SeqCst);
    println!("{lists} lists passed through the layers.");
    println!("{requests} requests were sent, at most {} in flight.", gauge.most.load(SeqCst));
    println!("{} timed out; the client retried it because the call is safe.", requests - lists);
    Ok(())
}
