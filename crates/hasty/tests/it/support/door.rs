//! The way to a server, which can be shut.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub struct Door {
    pub address: SocketAddr,
    is_open: watch::Sender<bool>,
    keeper: JoinHandle<()>,
}

impl Door {
    pub async fn before(server: String) -> Door {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let is_open = watch::Sender::new(true);
        let keeper = tokio::spawn(keep(listener, server, is_open.subscribe()));
        Door { address, is_open, keeper }
    }

    /// Ends every connection, and each that is made from now on.
    pub fn shut(&self) {
        self.is_open.send_replace(false);
    }

    pub fn open(&self) {
        self.is_open.send_replace(true);
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

async fn keep(listener: TcpListener, server: String, is_open: watch::Receiver<bool>) {
    loop {
        let (mut visitor, _) = listener.accept().await.unwrap();
        let (mut is_open, server) = (is_open.clone(), server.clone());
        if *is_open.borrow() {
            tokio::spawn(async move {
                let mut inside = TcpStream::connect(server).await.unwrap();
                tokio::select! {
                    _ = copy_bidirectional(&mut visitor, &mut inside) => {}
                    _ = is_open.wait_for(|is_open| !is_open) => {}
                }
            });
        }
    }
}
