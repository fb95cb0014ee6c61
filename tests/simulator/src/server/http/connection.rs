use std::error::Error;
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex};

use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::sync::watch;

use super::outgoing::Outgoing;
use super::script::ConnectionScript;
use super::socket::{Socket, Stream};
use crate::lock;
use crate::server::{Engine, Service, exchange};

/// Makes hyper release the connection, so that a script can take it over.
#[derive(Debug)]
struct Hijacked;

impl fmt::Display for Hijacked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fault took over the connection")
    }
}

impl Error for Hijacked {}

pub(super) async fn serve(
    stream: Stream,
    engine: Arc<Engine>,
    service: Arc<dyn Service>,
    number: u64,
    mut stop: watch::Receiver<bool>,
) {
    let socket = Socket::new(stream);
    let script: Mutex<Option<ConnectionScript>> = Mutex::new(None);
    {
        let respond = service_fn(async |request: Request<Incoming>| {
            match exchange::respond(&engine, &service, number, request).await {
                Outgoing::Response(response) => Ok(response),
                Outgoing::Script(next) => {
                    *lock(&script) = Some(next);
                    Err(Hijacked)
                }
            }
        });
        let mut connection = pin!(http1::Builder::new().serve_connection(TokioIo::new(socket.clone()), respond));
        tokio::select! {
            // An error means that the client disconnected or does not speak HTTP.
            _ = connection.as_mut() => {}
            () = stop_requested(&mut stop) => {
                connection.as_mut().graceful_shutdown();
                let _ = connection.await;
            }
        }
    }
    let script = lock(&script).take();
    if let Some(script) = script {
        script.run(socket).await;
    }
}

/// Waits until the listener stops.
pub(super) async fn stop_requested(stop: &mut watch::Receiver<bool>) {
    // An error means that the listener was dropped.
    let _ = stop.wait_for(|stop| *stop).await;
}
