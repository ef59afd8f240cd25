//! The embedded AWS over HTTP/1.1, for any client.

use std::convert::Infallible;
use std::io;
use std::pin::pin;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use http::header::{CONTENT_LENGTH, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::{Aws, Reply};

/// The largest request body in bytes. AWS's own limits are lower for every operation here.
const MAX_BODY: usize = 1 << 20;

/// A response body, complete or truncated.
type Body = BoxBody<Bytes, io::Error>;

/// Serves `aws` on `listener` until `stop` resolves, and then closes all connections.
///
/// The caller must bind the listener to loopback only. Fails only if the listener can no longer accept connections.
pub async fn serve(aws: Aws, listener: TcpListener, stop: impl Future<Output = ()>) -> io::Result<()> {
    let mut stop = pin!(stop);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = &mut stop => return Ok(()),
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let aws = aws.clone();
                    let service = service_fn(move |request| respond(aws.clone(), request));
                    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                    connections.spawn(async move {
                        // A client that disconnects early, or a fault that cuts the connection, is not an error here.
                        let _ = connection.await;
                    });
                }
                Err(error) if is_transient(&error) => {}
                Err(error) => return Err(error),
            },
        }
    }
}

/// The first half of a body, followed by the end of the connection.
pub(crate) fn truncated(body: &Bytes) -> Body {
    let half = Ok(Frame::data(body.slice(..body.len() / 2)));
    let end = async {
        // Let the first half go out before the connection ends; otherwise the client would receive nothing at all.
        tokio::task::yield_now().await;
        Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the connection ended in the middle of the body"))
    };
    BoxBody::new(StreamBody::new(stream::iter([half]).chain(stream::once(end))))
}

async fn respond(aws: Aws, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        let mut refused = Response::new(complete(Bytes::new()));
        *refused.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return Ok(refused);
    };
    Ok(match aws.respond(Request::from_parts(parts, body.to_bytes())).await {
        Reply::Complete(response) => response.map(complete),
        Reply::CutOff(response) => {
            let full_length = HeaderValue::from(response.body().len());
            let mut response = response.map(|body| truncated(&body));
            response.headers_mut().insert(CONTENT_LENGTH, full_length);
            response
        }
        Reply::NoResponse => std::future::pending().await,
    })
}

fn complete(body: Bytes) -> Body {
    Full::new(body).map_err(|never| match never {}).boxed()
}

/// Whether the next accept may succeed: the client had disconnected already.
fn is_transient(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    )
}
