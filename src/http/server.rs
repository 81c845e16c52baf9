//! The server: threads that accept connections and speak HTTP/1.1 on them.

use std::cell::RefCell;
use std::io::Result;
use std::net::TcpListener;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, KeepAlive, Request};
use actix_server::ServerBuilder;
use actix_service::{IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::Error;
use actix_web::body::BoxBody;
use actix_web::dev::{AppConfig, Extensions, Response, Server};
use actix_web::rt::net::TcpStream;
use tokio::task::yield_now;

use super::SLICE;
use super::connections::{Connections, Known, Stream};
use super::plain::Memory;

/// How long a peer has to close its side after it was told that a connection ends. `Connections` ends it before that: actix's clock
/// moves twice a second only, and would have hundreds end at once.
const LINGER: Duration = Duration::from_secs(5);
/// How long what is under way has when the server is to stop, in seconds.
const STOP: u64 = 10;

/// Serves an application, of which `factory` makes one for each thread. It is what actix-web's `HttpServer` does, but that each
/// connection is a [`Stream`] of our own, which may answer from `memory`.
pub fn serve<A, F>(
    listener: TcpListener,
    workers: usize,
    connections: Connections,
    memory: Option<Arc<dyn Memory>>,
    factory: impl Fn() -> A + Send + Clone + 'static,
) -> Result<Server>
where
    A: IntoServiceFactory<F, Request>,
    F: ServiceFactory<Request, Config = AppConfig, Response = Response<BoxBody>, Error = Error> + 'static,
    F::InitError: std::fmt::Debug,
    F::Service: 'static,
    F::Future: 'static,
{
    let builder = ServerBuilder::default().workers(workers).shutdown_timeout(STOP);
    let (address, stops) = (listener.local_addr()?, builder.graceful_shutdown_signal());
    let builder = builder.listen("http", listener, move || {
        let (connections, memory, stops, stopping) =
            (connections.clone(), memory.clone(), stops.clone(), stops.clone());
        // actix asks for a connection's signal right after it has told of the connection.
        let latest: Rc<RefCell<Option<Rc<Known>>>> = Rc::default();
        let told = latest.clone();
        let app =
            map_config(factory().into_factory().map_err(|error| error.error_response()), |()| AppConfig::default());
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let (stops, known) = (stops.clone(), latest.take());
                async move {
                    // A connection that comes to actix with a request after that has it answered: actix begins nothing once it knows.
                    yield_now().await;
                    stops.notified().await;
                    if let Some(known) = known {
                        known.nothing_waits().await;
                    }
                }
            })
            // How long a connection may be idle is for `Connections` to see to.
            .keep_alive(KeepAlive::Os)
            .client_request_timeout(Duration::ZERO)
            .client_disconnect_timeout(LINGER)
            .local_addr(address)
            .h1_write_buffer_size(SLICE)
            .on_connect_ext(move |stream: &Stream, data: &mut Extensions| {
                told.replace(Some(stream.known().clone()));
                data.insert(stream.known().clone());
            })
            .h1(app);
        fn_service(move |socket: TcpStream| {
            let (peer, known, memory) = (socket.peer_addr().ok(), connections.opened(&socket), memory.clone());
            let stopping = stopping.clone();
            async move {
                let known =
                    known.inspect_err(|error| tracing::warn!(%error, "a connection can't be watched: {error}"))?;
                let stream = Stream::new(socket, known, memory).first(stopping.notified()).await?;
                Ok::<_, DispatchError>((stream, peer))
            }
        })
        .and_then(http)
    })?;
    Ok(builder.run())
}
