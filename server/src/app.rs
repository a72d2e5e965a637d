//! The server as a whole: bound, served, drained.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use chofuku_engine::Index;
use chofuku_engine::patient::IdentityKey;
use chofuku_live::{Live, Registry};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::config::Config;
use crate::connection::Server;
use crate::listener::Connections;
use crate::state::State;
use crate::upkeep;

/// A server with its socket open. It answers once it is served.
#[derive(Debug)]
pub struct App {
    listener: TcpListener,
    address: SocketAddr,
    state: Arc<State>,
}

/// How serving ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// Every request in flight was answered.
    Whole,
    /// The time for that was over.
    Cut {
        /// How many connections were cut.
        connections: usize,
    },
}

impl App {
    /// Opens the socket that the configuration names, of a server that registers nothing.
    ///
    /// `key` is the secret under which the index keeps its patients.
    ///
    /// # Errors
    ///
    /// When the address cannot be listened on, or the index is damaged.
    pub async fn bind(config: Config, index: Arc<Index>, key: IdentityKey) -> io::Result<Self> {
        let live = Live::new(index).map_err(io::Error::other)?;
        Self::of(config, Arc::new(live), None, key).await
    }

    /// Opens the socket of a server that registers documents as well.
    ///
    /// # Errors
    ///
    /// When the address cannot be listened on.
    pub async fn bind_registry(
        config: Config,
        registry: Registry,
        key: IdentityKey,
    ) -> io::Result<Self> {
        Self::of(config, Arc::clone(registry.live()), Some(registry), key).await
    }

    async fn of(
        config: Config,
        live: Arc<Live>,
        registry: Option<Registry>,
        key: IdentityKey,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(config.listen).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::new(live, registry, key, config));
        Ok(Self { listener, address, state })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The index in force, to be swapped while requests run.
    pub fn live(&self) -> Arc<Live> {
        Arc::clone(&self.state.live)
    }

    /// Answers until `shutdown` ends, then finishes what is in flight, within the drain limit.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> Drained {
        let limits = self.state.config.limits;
        upkeep::note_what_is_left_out(&self.state, &self.state.live.index());
        let (drain, draining) = watch::channel(false);
        let server = Server::new(Arc::clone(&self.state), draining);
        let mut connections = Connections::default();
        tokio::select! {
            () = connections.accept(&self.listener, &server, limits.connections_max) => {}
            () = upkeep::watch(&self.state) => {}
            () = upkeep::compact_daily(&self.state) => {}
            () = shutdown => {}
        }
        self.state.begin_drain();
        let notice = connections.accept(&self.listener, &server, limits.connections_max);
        if timeout(limits.drain_notice, notice).await.is_err() {
            tracing::info!("no more connections are taken");
        }
        // Closed first: who connects now is to find another server, not an open socket.
        drop(self.listener);
        drain.send_replace(true);
        match connections.drain(limits.drain_timeout).await {
            0 => Drained::Whole,
            connections => {
                tracing::warn!(connections, "connections were cut: the drain limit is over");
                Drained::Cut { connections }
            }
        }
    }
}
