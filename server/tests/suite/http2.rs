//! HTTP/2 by prior knowledge, many requests on one connection.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Bytes, Frame};
use hyper::client::conn::http2;
use hyper::{Request, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use crate::client::Server;
use crate::request;

/// A body of these pieces, of which some may be empty.
struct Pieces(VecDeque<Bytes>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }
}

#[test]
fn a_body_may_begin_with_an_empty_piece() {
    let server = Server::start();
    let body = request::valid().to_string();
    let (first, second) = body.split_at(100);
    let pieces = ["", first, "", second, ""].map(|piece| Bytes::from(piece.to_owned()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let status = runtime.block_on(async {
        let socket = TcpStream::connect(server.address).await.unwrap();
        let (mut sender, connection) =
            http2::handshake(TokioExecutor::new(), TokioIo::new(socket)).await.unwrap();
        tokio::spawn(connection);
        let request = Request::post("http://x/v1/check")
            .header("content-type", "application/json")
            .body(Pieces(pieces.into()))
            .unwrap();
        sender.send_request(request).await.unwrap().status()
    });
    assert_eq!(status, 200);
}

#[test]
fn requests_share_a_connection() {
    let server = Server::start();
    let body = request::valid().to_string();
    let expected = server.post("/v1/check", &body).body;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answers = runtime.block_on(async {
        let socket = TcpStream::connect(server.address).await.unwrap();
        let (sender, connection) =
            http2::handshake(TokioExecutor::new(), TokioIo::new(socket)).await.unwrap();
        tokio::spawn(connection);
        let requests = (0..20).map(|_| {
            let mut sender = sender.clone();
            let request = Request::post("http://x/v1/check")
                .header("content-type", "application/json")
                .body(Full::new(Bytes::from(body.clone())))
                .unwrap();
            tokio::spawn(async move {
                let response = sender.send_request(request).await.unwrap();
                assert_eq!(response.version(), Version::HTTP_2);
                assert_eq!(response.status(), 200);
                assert!(response.headers().contains_key("server-timing"));
                response.into_body().collect().await.unwrap().to_bytes()
            })
        });
        let mut answers = Vec::new();
        for request in requests.collect::<Vec<_>>() {
            answers.push(request.await.unwrap());
        }
        answers
    });
    assert_eq!(answers.len(), 20);
    assert!(answers.iter().all(|answer| *answer == expected));
}
