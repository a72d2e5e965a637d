//! Servers inside this process: ours and the echo, each with one worker thread and nothing else.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Result, anyhow};
use chofuku_engine::patient::IdentityKey;
use chofuku_engine::{Day, Index};
use chofuku_live::Registry;
use chofuku_server::{App, Clock, Config, Limits, Live};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use crate::echo;

const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A running server. Dropping it stops it.
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Serves checks on an index; also gives the handle by which the index is swapped.
///
/// # Errors
///
/// When no socket can be opened.
pub fn checks(index: Arc<Index>, key: IdentityKey, today: Day) -> Result<(Server, Arc<Live>)> {
    let limits = Limits { drain_timeout: Duration::from_secs(1), ..Limits::default() };
    let config =
        Config { listen: ANY_PORT, clock: Clock::fixed(today), limits, ..Config::default() };
    start(move |runtime, bound, stopped| {
        runtime.block_on(async {
            let app = match App::bind(config, index, key).await {
                Ok(app) => app,
                Err(error) => return drop(bound.send(Err(error))),
            };
            drop(bound.send(Ok((app.local_addr(), app.live()))));
            app.serve(async { drop(stopped.await) }).await;
        });
    })
}

/// Serves checks and registrations.
///
/// # Errors
///
/// When no socket can be opened.
pub fn registrations(registry: Registry, key: IdentityKey, today: Day) -> Result<Server> {
    let config = Config { listen: ANY_PORT, clock: Clock::fixed(today), ..Config::default() };
    let (server, ()) = start(move |runtime, bound, stopped| {
        runtime.block_on(async {
            let app = match App::bind_registry(config, registry, key).await {
                Ok(app) => app,
                Err(error) => return drop(bound.send(Err(error))),
            };
            drop(bound.send(Ok((app.local_addr(), ()))));
            app.serve(async { drop(stopped.await) }).await;
        });
    })?;
    Ok(server)
}

/// Serves the echo.
///
/// # Errors
///
/// When no socket can be opened.
pub fn echo() -> Result<Server> {
    let (server, ()) = start(|runtime, bound, stopped| {
        runtime.block_on(async {
            let opened = TcpListener::bind(ANY_PORT).await;
            let listener = opened.and_then(|listener| Ok((listener.local_addr()?, listener)));
            let (address, listener) = match listener {
                Ok(opened) => opened,
                Err(error) => return drop(bound.send(Err(error))),
            };
            drop(bound.send(Ok((address, ()))));
            tokio::select! {
                _ = echo::serve(listener) => {}
                _ = stopped => {}
            }
        });
    })?;
    Ok(server)
}

type Bound<T> = mpsc::Sender<std::io::Result<(SocketAddr, T)>>;

fn start<T: Send + 'static>(
    serve: impl FnOnce(Runtime, Bound<T>, oneshot::Receiver<()>) + Send + 'static,
) -> Result<(Server, T)> {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let (stop, stopped) = oneshot::channel();
    let (bound, opened) = mpsc::channel();
    let thread = std::thread::spawn(move || serve(runtime, bound, stopped));
    let (address, given) = opened.recv().map_err(|_| anyhow!("the server did not start"))??;
    Ok((Server { address, stop: Some(stop), thread: Some(thread) }, given))
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
