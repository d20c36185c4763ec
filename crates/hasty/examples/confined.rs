//! Tries what a worker must not be able to do, from where a worker is: behind `sandbox::enter`. Prints what held it, and
//! a line for each attempt, with `ok` or the error. Its argument is one attempt more that ends the process.

use std::fs::{self, File};
use std::io::{self, Write, stdout};
use std::net::{TcpStream, UdpSocket};
use std::process::Command;

use hasty::worker::sandbox;

fn main() -> io::Result<()> {
    let last = std::env::args().nth(1);
    let protections = sandbox::enter()?;
    let mut out = stdout().lock();
    writeln!(out, "{}", serde_json::to_string(&protections)?)?;
    let attempts: [(&str, io::Result<()>); 7] = [
        ("open", File::open("/etc/passwd").map(drop)),
        ("list", fs::read_dir("/").map(drop)),
        ("create", File::create("/dev/shm/hasty-confined").map(drop)),
        ("udp", UdpSocket::bind("127.0.0.1:0").map(drop)),
        ("tcp", TcpStream::connect("127.0.0.1:9").map(drop)),
        ("execute", Command::new("/bin/true").status().map(drop)),
        ("thread", std::thread::Builder::new().spawn(|| {}).map(drop)),
    ];
    for (name, outcome) in attempts {
        let outcome = outcome.map_or_else(|error| error.to_string(), |()| "ok".to_owned());
        writeln!(out, "{name}: {outcome}")?;
    }
    out.flush()?;
    match last.as_deref() {
        Some("allocate") => allocate(),
        Some("spin") => spin(),
        _ => {}
    }
    Ok(())
}

/// Uses more memory than there is.
fn allocate() {
    let mut pieces = Vec::new();
    loop {
        pieces.push(std::hint::black_box(vec![1_u8; 1 << 20]));
    }
}

fn spin() {
    loop {
        std::hint::black_box(0);
    }
}
