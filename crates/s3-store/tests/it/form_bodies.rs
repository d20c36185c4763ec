//! The bodies of forms: refused as early as can be, and never gathered in memory.

use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::form::{Form, body, content_type, part};
use crate::support::request::send;
use crate::support::{BUCKET, TestStore};

async fn begin(store: &TestStore, content_type: &str, content_length: usize, start: &str) -> TcpStream {
    let mut socket = TcpStream::connect(store.addr).await.expect("a connection");
    let head = format!(
        "POST /{BUCKET} HTTP/1.1\r\nhost: {}\r\ncontent-type: {content_type}\r\ncontent-length: {content_length}\r\n\r\n",
        store.addr
    );
    socket.write_all(head.as_bytes()).await.expect("sending");
    socket.write_all(start.as_bytes()).await.expect("sending");
    socket
}

async fn status(socket: &mut TcpStream) -> String {
    let mut status = [0; 12];
    socket.read_exact(&mut status).await.expect("an answer");
    String::from_utf8_lossy(&status).into_owned()
}

#[tokio::test]
async fn a_strangers_file_is_refused_before_it_is_read() {
    let store = TestStore::start().await;
    let nothing_signed = body(&[("key".to_owned(), "a".to_owned())], "a.jpg");
    let mut wrong = Form::new(&store, "a").fields();
    wrong[0].1 = "another key".to_owned();
    for (content_type, start) in [
        (content_type(), nothing_signed.clone()),
        (content_type().replace("multipart/form-data", "Multipart/Form-Data"), nothing_signed),
        (content_type(), body(&wrong, "a.jpg")),
    ] {
        let mut socket = begin(&store, &content_type, 60_000_000, &start).await;
        assert_eq!(status(&mut socket).await, "HTTP/1.1 403", "though no byte of the file was sent");
    }
    store.assert_holds_nothing().await;
}

#[tokio::test]
async fn more_than_twenty_kilobytes_of_fields_are_too_many() {
    let store = TestStore::start().await;
    let long = "x".repeat(21 * 1024);
    let error = (400, "MaxPostPreDataLengthExceededError".to_owned());
    assert_eq!(Form::new(&store, "a").field("x-amz-meta-n", &long).send().await.error(), error);
    let many: Vec<_> = (0..500).map(|n| (format!("x-ignore-{n}"), String::new())).collect();
    let crowded = Form::new(&store, "a").send_changed(|fields| fields.extend(many)).await;
    assert_eq!(crowded.error(), error);
    // Neither do an endless preamble, name or boundary get further.
    let part_of_endless_header = part("x", "").replace("name=\"x\"", &format!("name=\"{long}"));
    for start in [long.clone(), part_of_endless_header] {
        let mut socket = begin(&store, &content_type(), 60_000_000, &start).await;
        assert_eq!(status(&mut socket).await, "HTTP/1.1 400");
    }
    store.assert_holds_nothing().await;
    let much = "x".repeat(15 * 1024);
    assert_eq!(Form::new(&store, "a").free_field("x-ignore-n", &much).send().await.status, 204);
}

#[tokio::test]
async fn the_name_of_the_file_cannot_make_the_fields_longer_than_they_may_be() {
    let store = TestStore::start().await;
    let name = "n".repeat(8 * 1024);
    let send = |times: usize| {
        let form = Form::new(&store, "a").free_field("x-ignore-n", &"${filename}".repeat(times));
        form.file(&name, "bytes").send()
    };
    assert_eq!(send(500).await.error(), (400, "MaxPostPreDataLengthExceededError".to_owned()));
    store.assert_holds_nothing().await;
    assert_eq!(send(1).await.status, 204);
}

#[tokio::test]
async fn what_is_no_form_is_refused() {
    let store = TestStore::start().await;
    let post = |content_type: &str, body: &str| {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        send(&store, Method::POST, "/photos", headers, body.as_bytes().to_vec())
    };
    let malformed = (400, "MalformedPOSTRequest".to_owned());
    assert_eq!(post("multipart/form-data", "").await.error(), malformed);
    assert_eq!(post("multipart/form-data; boundary=", "").await.error(), malformed);
    assert_eq!(post("multipart/form-data; boundary=b", "").await.error(), malformed);
    assert_eq!(post("multipart/form-data; boundary=b", "nonsense").await.error(), malformed);
    assert_eq!(post("multipart/form-data; boundary=b", "--b\r\n\r\n").await.error(), malformed);
    assert_eq!(
        post("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nx")
            .await
            .error(),
        malformed
    );
    let no_file = post("multipart/form-data; boundary=b", "--b--\r\n").await;
    assert_eq!(no_file.error(), (400, "InvalidArgument".to_owned()));
    store.assert_holds_nothing().await;
}

#[tokio::test]
async fn a_file_that_does_not_end_leaves_nothing() {
    let store = TestStore::start().await;
    let start = body(&Form::new(&store, "a").fields(), "a.jpg");
    // The connection ends within the file.
    let mut socket = begin(&store, &content_type(), start.len() + 1000, &start).await;
    socket.write_all(&[7; 500]).await.expect("sending");
    drop(socket);
    // The body ends within the file.
    let mut socket = begin(&store, &content_type(), start.len() + 5, &format!("{start}bytes")).await;
    assert_eq!(status(&mut socket).await, "HTTP/1.1 400");
    store.assert_holds_nothing().await;
}

#[tokio::test]
async fn a_refused_file_is_read_on_so_that_its_sender_hears_why() {
    let store = TestStore::start().await;
    let start = body(&[("key".to_owned(), "a".to_owned())], "a.jpg");
    let mut socket = begin(&store, &content_type(), start.len() + 20_000_000, &start).await;
    // As browsers do: first all is sent, then the answer is read.
    for _ in 0..20 {
        socket.write_all(&vec![b'x'; 1_000_000]).await.expect("the store takes the rest");
    }
    assert_eq!(status(&mut socket).await, "HTTP/1.1 403");
}

#[tokio::test]
async fn no_piece_of_a_file_is_taken_for_its_end() {
    let store = TestStore::start().await;
    let boundary = content_type().split_once("boundary=").expect("a boundary").1.to_owned();
    let mut file = vec![b'-'; 70_000];
    for n in 0..boundary.len() {
        file.extend(format!("\r\n--{}\r\n\r\r\n-", &boundary[..n]).into_bytes());
    }
    file.extend(vec![b'\r'; 70_000]);
    assert_eq!(Form::new(&store, "a").file("a", file.clone()).send().await.status, 204);
    assert!(store.get("a").await.body == file, "the bytes differ");
}
