//! The accept loop: a task for each connection, as many as the limit allows, and their drain.

use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::connection::Server;

/// How long accepting rests after an error such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The connections that are open.
#[derive(Debug, Default)]
pub(crate) struct Connections(JoinSet<()>);

impl Connections {
    /// Accepts connections until it is dropped. Beyond `connections_max` they wait in the backlog
    /// of the socket.
    pub(crate) async fn accept(
        &mut self,
        listener: &TcpListener,
        server: &Server,
        connections_max: usize,
    ) {
        loop {
            tokio::select! {
                Some(ended) = self.0.join_next() => {
                    if let Err(error) = ended {
                        // Requests are isolated from each other, so this is a fault of the server.
                        tracing::error!(%error, "a connection ended by a panic");
                    }
                }
                accepted = listener.accept(), if self.0.len() < connections_max => match accepted {
                    Ok((socket, _)) => {
                        self.0.spawn(server.clone().serve(socket));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a connection cannot be accepted");
                        sleep(ACCEPT_PAUSE).await;
                    }
                }
            }
        }
    }

    /// Waits for every connection to end, at most this long. The rest are cut; returns how many.
    pub(crate) async fn drain(mut self, limit: Duration) -> usize {
        let all = async { while self.0.join_next().await.is_some() {} };
        if timeout(limit, all).await.is_ok() {
            return 0;
        }
        let cut = self.0.len();
        self.0.shutdown().await;
        cut
    }
}
