//! The embedded AWS over HTTP, on a socket.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::timeout;
use wharf::demo::{Aws, Fault, serve};

use super::{authorization, aws_with};

/// Longer than any of these tests takes; only reached if something hangs.
const BOUND: Duration = Duration::from_secs(30);

/// Sends one request to a server of `aws`. Returns everything received until the connection ends.
async fn exchange(aws: Aws, request: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(serve(aws, listener, async { _ = stopped.await }));
    let talk = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = vec![];
        // A connection that is cut off may end with an error; only what came before it matters.
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    };
    let answer = timeout(BOUND, talk).await.unwrap();
    stop.send(()).unwrap();
    timeout(BOUND, server).await.unwrap().unwrap().unwrap();
    answer
}

fn list_clusters(body: &str) -> String {
    format!(
        "POST / HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-type: application/x-amz-json-1.1\r\n\
         x-amz-target: AmazonEC2ContainerServiceV20141113.ListClusters\r\nauthorization: {}\r\n\
         content-length: {}\r\n\r\n{body}",
        authorization("ecs", "us-east-1"),
        body.len()
    )
}

#[tokio::test]
async fn a_raw_request_over_a_socket_is_answered() {
    let aws = aws_with(|region| _ = region.add_cluster("prod"));
    let answer = exchange(aws, &list_clusters("{}")).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("HTTP/1.1 200 OK\r\n") && head.contains("content-type: application/x-amz-json-1.1"),
        "{head}"
    );
    assert_eq!(body, r#"{"clusterArns":["arn:aws:ecs:us-east-1:111122223333:cluster/prod"]}"#);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_and_invalid_http_closes_only_its_own_connection() {
    let aws = aws_with(|region| _ = region.add_cluster("prod"));
    let large = exchange(aws.clone(), &list_clusters(&" ".repeat((1 << 20) + 1))).await;
    assert!(large.starts_with("HTTP/1.1 413 "), "{large}");
    let nonsense = exchange(aws.clone(), "HELLO\r\n\r\n").await;
    assert!(nonsense.starts_with("HTTP/1.1 400 "), "{nonsense}");
    assert!(exchange(aws, &list_clusters("{}")).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn cut_off_closes_the_connection_in_the_middle_of_the_body() {
    let aws = aws_with(|region| _ = region.add_cluster("prod"));
    aws.set_fault(Some(Fault::CutOff));
    let answer = exchange(aws, &list_clusters("{}")).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("content-length: 67"), "{head}");
    assert!(body.len() < 67, "{body}");
}

#[tokio::test]
async fn stopping_the_server_closes_connections_without_a_response() {
    let aws = aws_with(|region| _ = region.add_cluster("prod"));
    aws.set_fault(Some(Fault::Silent));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(serve(aws.clone(), listener, async { _ = stopped.await }));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(list_clusters("{}").as_bytes()).await.unwrap();
    let arrived = async {
        while aws.requests().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    timeout(BOUND, arrived).await.unwrap();
    stop.send(()).unwrap();
    timeout(BOUND, server).await.unwrap().unwrap().unwrap();
    let mut rest = vec![];
    let _ = timeout(BOUND, stream.read_to_end(&mut rest)).await.unwrap();
    assert_eq!(rest, b"");
}
