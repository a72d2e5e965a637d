//! What systemd is told (`Type=notify`): that the server answers, and that it is about to stop.
//!
//! Nothing is told where nobody listens, that is without `NOTIFY_SOCKET`.

use std::net::SocketAddr;

use sd_notify::NotifyState;

/// What the server is busy with, for `systemctl status`.
pub(crate) fn says(status: &str) {
    tell(&[NotifyState::Status(status)]);
}

/// The socket is open.
pub(crate) fn is_ready(address: SocketAddr) {
    let status = format!("serving on http://{address}");
    tell(&[NotifyState::Ready, NotifyState::Status(&status)]);
}

/// Requests in flight are answered, and then it ends.
pub(crate) fn is_stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("answering what is in flight")]);
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "systemd cannot be told");
    }
}
