//! HTTPS for the lab: a certificate made at start and a listener for `axum::serve`.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::server::TlsStream;

use super::LabError;

/// The names the certificate speaks for. Browsers are told to accept it anyway.
const NAMES: [&str; 4] = ["claude.ai", "chatgpt.com", "localhost", "127.0.0.1"];
/// A client that opened a connection and says nothing is let go after this long.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// Finished handshakes that may wait to be served.
const WAITING_MAX: usize = 64;

/// A fresh identity: the server's settings, and the certificate for clients that want to check it.
pub(super) fn identity() -> Result<(Arc<ServerConfig>, CertificateDer<'static>), LabError> {
    let names = NAMES.map(String::from).to_vec();
    let made = rcgen::generate_simple_self_signed(names)
        .map_err(|error| LabError::Certificate(error.to_string()))?;
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&TLS13])
        .and_then(|config| {
            config.with_no_client_auth().with_single_cert(vec![certificate.clone()], key)
        })
        .map_err(|error| LabError::Certificate(error.to_string()))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok((Arc::new(config), certificate))
}

/// Hands finished TLS connections to `axum::serve`.
///
/// Handshakes run beside each other: browsers open connections ahead of need and leave them
/// silent, and one of those must not hold up the next page.
pub(super) struct TlsListener {
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    address: SocketAddr,
    accepting: tokio::task::JoinHandle<()>,
}

impl TlsListener {
    /// Starts accepting on a bound socket. Must be called inside a tokio runtime.
    pub(super) fn new(tcp: TcpListener, config: Arc<ServerConfig>) -> io::Result<Self> {
        let address = tcp.local_addr()?;
        let (sender, ready) = mpsc::channel(WAITING_MAX);
        let accepting = tokio::spawn(accept_all(tcp, TlsAcceptor::from(config), sender));
        Ok(Self { ready, address, accepting })
    }
}

async fn accept_all(
    tcp: TcpListener,
    acceptor: TlsAcceptor,
    sender: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    while !sender.is_closed() {
        let Ok((stream, peer)) = tcp.accept().await else {
            // Out of sockets: give the others a moment to close.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        // Tokens are small and must not wait for each other.
        let _unneeded = stream.set_nodelay(true);
        let (acceptor, sender) = (acceptor.clone(), sender.clone());
        tokio::spawn(async move {
            let handshake = tokio::time::timeout(HANDSHAKE_LIMIT, acceptor.accept(stream));
            if let Ok(Ok(stream)) = handshake.await {
                // An error means that the lab stopped meanwhile.
                let _stopped = sender.send((stream, peer)).await;
            }
        });
    }
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            // The accepting task only ends with this listener: there is nothing more to serve.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.address)
    }
}

impl Drop for TlsListener {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
