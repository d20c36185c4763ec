//! Behind nginx and caddy, with the very files of deploy/: photos go through, news comes at once, and no request hides in
//! another one.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::task::spawn_blocking;
use url::Url;

use crate::support::{Call, Client, Database, Guest, OWNER_KEY, Owner, TestApp, photo};

const NGINX: &str = include_str!("../../../../deploy/nginx.conf");
const CADDY: &str = include_str!("../../../../deploy/Caddyfile");
const LONGEST_START: Duration = Duration::from_secs(20);
/// After so long nothing more is answered.
const SILENCE: Duration = Duration::from_millis(100);
const LONGEST_ANSWER: Duration = Duration::from_secs(3);

mod nginx {
    use super::{
        Proxy, no_request_hides_in_another_one, photos_and_news_go_through, who_calls_is_told_by_the_proxy_alone,
    };

    #[tokio::test]
    async fn photos_and_news() {
        photos_and_news_go_through(Proxy::nginx).await;
    }

    #[tokio::test]
    async fn callers() {
        who_calls_is_told_by_the_proxy_alone(Proxy::nginx).await;
    }

    #[tokio::test]
    async fn smuggling() {
        no_request_hides_in_another_one(Proxy::nginx).await;
    }
}

mod caddy {
    use super::{
        Proxy, no_request_hides_in_another_one, photos_and_news_go_through, who_calls_is_told_by_the_proxy_alone,
    };

    #[tokio::test]
    async fn photos_and_news() {
        photos_and_news_go_through(Proxy::caddy).await;
    }

    #[tokio::test]
    async fn callers() {
        who_calls_is_told_by_the_proxy_alone(Proxy::caddy).await;
    }

    #[tokio::test]
    async fn smuggling() {
        no_request_hides_in_another_one(Proxy::caddy).await;
    }
}

type Start = fn(SocketAddr, SocketAddr) -> Proxy;

/// A proxy in front of a server; ends with this value.
struct Proxy {
    child: Child,
    _folder: TempDir,
}

impl Proxy {
    fn nginx(listen: SocketAddr, server: SocketAddr) -> Proxy {
        let folder = TempDir::new().unwrap();
        let dir = folder.path().display();
        // Certificates and the redirect to them are what a test has none of.
        let (upstream, secure) = (NGINX.split("server {").next().unwrap(), NGINX.rsplit_once("listen 443").unwrap().1);
        let upstream = upstream.replace("server 127.0.0.1:8000", &format!("server {server}"));
        assert!(upstream.contains(&server.to_string()));
        let secure = secure.trim_start_matches(" ssl http2").replace("ssl_certificate", "# ssl_certificate");
        let site = format!("{upstream}server {{ listen {listen}{secure}");
        std::fs::write(folder.path().join("site.conf"), site).unwrap();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {dir}/{kind};\n"))
            .concat();
        let main = format!(
            "daemon off; master_process off; pid {dir}/pid; error_log {dir}/error.log; events {{}}\n\
             http {{ access_log off; {temporary} include {dir}/site.conf; }}"
        );
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, main).unwrap();
        let mut command = program("HASTY_TEST_NGINX");
        command.arg("-c").arg(&file).arg("-p").arg(folder.path());
        Proxy::start(command, folder, listen)
    }

    fn caddy(listen: SocketAddr, server: SocketAddr) -> Proxy {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("Caddyfile");
        // Its own interface would be on the same port for every test.
        std::fs::write(&file, CADDY.replacen("{\n", "{\n\tadmin off\n", 1)).unwrap();
        let mut command = program("HASTY_TEST_CADDY");
        command.args(["run", "--adapter", "caddyfile", "--config"]).arg(&file).env("HOME", folder.path());
        command.env("PHOTOS_HOST", format!("http://{listen}")).env("HASTY_INSTANCES", server.to_string());
        command.env("STORAGE_HOST", format!("http://storage.invalid:{}", listen.port()));
        Proxy::start(command, folder, listen)
    }

    fn start(mut command: Command, folder: TempDir, listen: SocketAddr) -> Proxy {
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let proxy = Proxy { child, _folder: folder };
        let until = Instant::now() + LONGEST_START;
        while TcpStream::connect(listen).is_err() {
            let log = || log_of(proxy._folder.path());
            assert!(Instant::now() < until, "the proxy does not start: {}", log());
            std::thread::yield_now();
        }
        proxy
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn program(variable: &str) -> Command {
    let program =
        std::env::var_os(variable).unwrap_or_else(|| panic!("{variable} is not set: cargo xtask test sets it"));
    let mut command = Command::new(program);
    command.env_clear();
    command
}

fn log_of(folder: &Path) -> String {
    ["log", "error.log"].map(|name| std::fs::read_to_string(folder.join(name)).unwrap_or_default()).concat()
}

/// A server, and a proxy by whose address it goes.
async fn behind(start: Start) -> (TestApp, Proxy, Owner) {
    let listen = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{listen}");
    let app = TestApp::with(Database::Sqlite, &["--public-url", &url, "--trusted-proxies", "127.0.0.1"]).await;
    let server = app.address;
    let proxy = spawn_blocking(move || start(listen, server)).await.unwrap();
    let owner = Owner::new(Client::new(Url::parse(&url).unwrap()), OWNER_KEY);
    (app, proxy, owner)
}

async fn photos_and_news_go_through(start: Start) {
    let (_app, _proxy, owner) = behind(start).await;
    let guest = owner.invite("guest@example.com").await;
    let mut news = guest.get("/api/events/").send().await.unwrap();
    assert_eq!(news.status(), 200);
    assert!(text(news.chunk().await).contains("event: begin"));

    let id = guest.upload_jpeg("a.jpg", &photo(1)).await;
    let mut heard = String::new();
    while !heard.contains("ready") {
        let next = tokio::time::timeout(Duration::from_secs(20), news.chunk()).await;
        let next = text(next.expect("news is held back"));
        assert!(!next.is_empty(), "the stream has ended: {heard}");
        heard += &next;
    }
    drop(news);
    assert_eq!(guest.download(id).await, photo(1));
    // Proxies take a megabyte unless they are told otherwise.
    let large: Vec<u8> = photo(2).into_iter().chain(std::iter::repeat_n(7, 5 << 20)).collect();
    let id = guest.upload_jpeg("large.jpg", &large).await;
    assert!(guest.download(id).await == large);
    the_path_stays_as_it_is_signed(&guest).await;
}

fn text(chunk: reqwest::Result<Option<bytes::Bytes>>) -> String {
    String::from_utf8_lossy(&chunk.unwrap().unwrap_or_default()).into_owned()
}

/// A proxy that tidies a path up would make another one of it.
async fn the_path_stays_as_it_is_signed(guest: &Guest) {
    let signed = guest.sign("a.jpg").await;
    let odd = signed.url.as_str().replace("/hasty-media/incoming/", "/hasty-media//incoming/");
    let answer = guest.client.call(http::Method::PUT, &odd).body("bytes").answer().await;
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert!(answer.text().contains("SignatureDoesNotMatch"), "{}", answer.text());
    assert_eq!(guest.put(&signed, b"bytes").await.status, 200);
}

async fn who_calls_is_told_by_the_proxy_alone(start: Start) {
    let (_app, _proxy, owner) = behind(start).await;
    let guess = |from: usize| {
        let call = owner.client.get("/api/images/").bearer_auth(uuid::Uuid::new_v4());
        call.header("x-forwarded-for", format!("192.0.2.{from}")).header("x-request-id", "chosen")
    };
    for from in 0..60 {
        let answer = guess(from).answer().await;
        assert_eq!(answer.status, 403);
        assert!(answer.header("x-request-id").len() >= 32, "{}", answer.header("x-request-id"));
    }
    guess(61).answer().await.error(429, "too_many_guesses");
}

/// What would be smuggled: its answer is another one than any that a victim asks for.
const HIDDEN: &str = "GET /api/upload/ HTTP/1.1\r\nHost: hidden\r\nX-Rest: ";

fn attacks(host: SocketAddr) -> Vec<String> {
    let post =
        |headers: &str, body: &str| format!("POST /api/session/ HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n{body}");
    let (after_end, len) = (format!("0\r\n\r\n{HIDDEN}"), HIDDEN.len());
    let in_chunk = format!("{len:x}\r\n{HIDDEN}\r\n0\r\n\r\n");
    let both = |encoding: &str| {
        [
            post(&format!("Content-Length: {}\r\n{encoding}\r\n", after_end.len()), &after_end),
            post(&format!("Content-Length: 4\r\n{encoding}\r\n"), &in_chunk),
            post(&format!("{encoding}\r\nContent-Length: {}\r\n", after_end.len()), &after_end),
        ]
    };
    let mut attacks: Vec<_> = [
        "Transfer-Encoding: chunked",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: identity, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding:\tchunked",
        "Transfer-Encoding:\x0bchunked",
        "Transfer-Encoding:\r\n chunked",
        " Transfer-Encoding: chunked",
        "X: y\nTransfer-Encoding: chunked",
        "X: y\rTransfer-Encoding: chunked",
        "Transfer-Encoding: CHUNKED",
        "Transfer_Encoding: chunked",
    ]
    .iter()
    .flat_map(|encoding| both(encoding))
    .collect();
    for lengths in [
        format!("Content-Length: 0\r\nContent-Length: {len}\r\n"),
        format!("Content-Length: {len}\r\nContent-Length: 0\r\n"),
        format!("Content-Length: 0, {len}\r\n"),
        format!("Content-Length: +{len}\r\n"),
        format!("Content-Length: {len}x\r\n"),
        "Content-Length: 0x0\r\n".to_owned(),
        "Content-Length: -0\r\n".to_owned(),
        "Content-Length : 0\r\n".to_owned(),
        "Content-Length:\r\n 0\r\n".to_owned(),
        format!("Content-Length: 0\nContent-Length: {len}\r\n"),
    ] {
        attacks.push(post(&lengths, HIDDEN));
        attacks.push(format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\n{lengths}\r\n{HIDDEN}"));
    }
    for chunks in [
        format!("0;\n{HIDDEN}\r\n\r\n"),
        format!("0\n\n{HIDDEN}"),
        format!("0_0\r\n\r\n{HIDDEN}"),
        format!("0x0\r\n\r\n{HIDDEN}"),
        format!("1000000000000000{len:x}\r\n{HIDDEN}\r\n0\r\n\r\n"),
        format!("-1\r\n\r\n{HIDDEN}"),
        format!("2\r\nabX{HIDDEN}\r\n0\r\n\r\n"),
        format!("0\r\nContent-Length: 9\r\n{HIDDEN}\r\n\r\n"),
    ] {
        attacks.push(post("Transfer-Encoding: chunked\r\n", &chunks));
    }
    attacks
}

/// Whatever an attacker sends, everybody else hears the answer to their own request, on the connections that the proxy keeps
/// open to the server.
async fn no_request_hides_in_another_one(start: Start) {
    let (_app, _proxy, owner) = behind(start).await;
    let address: SocketAddr = owner.client.url().socket_addrs(|| None).unwrap()[0];
    spawn_blocking(move || {
        for attack in attacks(address) {
            let heard = exchange(address, &attack);
            // The rest of a hidden request would swallow the beginning of somebody else's.
            for _ in 0..4 {
                let answer = exchange(
                    address,
                    &format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"),
                );
                let is_own = answer.starts_with("HTTP/1.1 200 ") && answer.ends_with(r#"{"status":"ok"}"#);
                assert!(is_own, "after {attack:?}, which heard {heard:?}: {answer}");
            }
        }
    })
    .await
    .unwrap();
}

/// All that is answered on one connection, until it is silent.
fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(if request.contains("Connection: close") { LONGEST_START } else { SILENCE })).unwrap();
    // A proxy may refuse before it has read all.
    let _ = stream.write_all(request.as_bytes());
    let (mut heard, mut part) = (Vec::new(), [0; 4096]);
    let until = Instant::now() + LONGEST_ANSWER;
    while let Ok(read @ 1..) = stream.read(&mut part) {
        heard.extend_from_slice(&part[..read]);
        if Instant::now() > until {
            break;
        }
    }
    String::from_utf8_lossy(&heard).into_owned()
}
