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

use super::deliver::Sent;
use super::exchange;
use super::listener::told_to_stop;
use super::script::Script;
use super::wire::{Stream, Wire};
use super::{Engine, Service};
use crate::lock;

/// Ends hyper's part of a connection, so that the script can have it.
#[derive(Debug)]
struct TakenOver;

impl fmt::Display for TakenOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fault takes the connection over")
    }
}

impl Error for TakenOver {}

pub(super) async fn serve(
    stream: Stream,
    engine: Arc<Engine>,
    service: Arc<dyn Service>,
    number: u64,
    mut stopped: watch::Receiver<bool>,
) {
    let wire = Wire::new(stream);
    let script: Mutex<Option<Script>> = Mutex::new(None);
    {
        let answer = service_fn(async |request: Request<Incoming>| {
            match exchange::answer(&engine, &service, number, request).await {
                Sent::Response(reply) => Ok(reply),
                Sent::Script(taken) => {
                    *lock(&script) = Some(taken);
                    Err(TakenOver)
                }
            }
        });
        let mut connection = pin!(http1::Builder::new().serve_connection(TokioIo::new(wire.clone()), answer));
        tokio::select! {
            // Errors are the peer's business: it left, or it did not speak HTTP.
            _ = connection.as_mut() => {}
            () = told_to_stop(&mut stopped) => {
                connection.as_mut().graceful_shutdown();
                let _ = connection.await;
            }
        }
    }
    let taken = lock(&script).take();
    if let Some(script) = taken {
        script.perform(wire).await;
    }
}
