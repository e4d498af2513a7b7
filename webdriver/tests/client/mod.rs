//! A small HTTPS client that checks the lab's own certificate.

use std::sync::Arc;

use serde_json::Value;
use shim_webdriver::lab::Lab;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// An answer of the lab.
pub struct Reply {
    pub status: u16,
    pub headers: String,
    pub body: String,
    /// The body came to its end.
    pub whole: bool,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<String> {
        let lines = self.headers.lines().filter_map(|line| line.split_once(": "));
        lines
            .filter(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.to_owned())
            .next()
    }

    /// The events of a stream, each as JSON.
    pub fn events(&self) -> Vec<Value> {
        self.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// A TLS connection to the lab on `port`, which must show `certificate` and be good for `host`.
pub async fn connect(port: u16, certificate: Vec<u8>, host: &str) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(certificate)).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tcp = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let name = ServerName::try_from(host.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, tcp).await.unwrap()
}

/// One request, answered to the end.
pub async fn ask(lab: &Lab, host: &str, method: &str, path: &str, body: &str) -> Reply {
    let mut tls = connect(lab.port, lab.certificate().to_vec(), host).await;
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}:{}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        lab.port,
        body.len()
    );
    tls.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    // A stream that is cut ends in an error; what came before is in `bytes`.
    let _cut = tls.read_to_end(&mut bytes).await;
    let text = String::from_utf8(bytes).unwrap();
    let (headers, raw) = text.split_once("\r\n\r\n").unwrap();
    let status = headers.split(' ').nth(1).unwrap().parse().unwrap();
    let mut reply =
        Reply { status, headers: headers.to_owned(), body: raw.to_owned(), whole: true };
    if reply.header("transfer-encoding").is_some() {
        (reply.body, reply.whole) = unchunked(raw);
    }
    reply
}

fn unchunked(raw: &str) -> (String, bool) {
    let mut body = String::new();
    let mut rest = raw;
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            return (body, true);
        }
        body.push_str(&after[..size]);
        rest = &after[size + 2..];
    }
    (body, false)
}
