//! How connections to PostgreSQL are encrypted: libpq's `sslmode` and `sslrootcert` (PostgreSQL, "SSL Support" of libpq).
//! The client knows only `disable`, `prefer` and `require`; what is to be verified is decided here.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::DbError;

/// Answers the URL as the client understands it, and what encrypts its connections.
///
/// `verify-full` and `verify-ca` verify the certificate and the name, by the file `sslrootcert` or else by the
/// system's own roots (`sslrootcert=system`, whose default is `verify-full`); so does `require` with such a file. `require`
/// and `prefer`, the default, only encrypt, as libpq's do: roots with less than `require` are refused, as nothing would be
/// held against them.
pub fn encryption(url: &str) -> Result<(String, MakeRustlsConnect), DbError> {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let (mut mode, mut roots, mut kept) = (None, None, Vec::new());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", value)) => mode = Some(value),
            Some(("sslrootcert", value)) => roots = Some(percent_decode_str(value).decode_utf8_lossy().into_owned()),
            _ => kept.push(pair.to_owned()),
        }
    }
    let mode = match (mode, roots.as_deref()) {
        (None, None) => "prefer",
        (None | Some("verify-full"), Some("system")) => "verify-full",
        (_, Some("system")) => {
            return Err(DbError::Failed("sslrootcert=system: goes with sslmode=verify-full only".into()));
        }
        (None | Some("allow" | "prefer"), Some(_)) => {
            return Err(DbError::Failed("sslrootcert: goes with sslmode=verify-full, verify-ca or require".into()));
        }
        (Some(mode @ ("disable" | "prefer" | "require" | "verify-ca" | "verify-full")), _) => mode,
        (Some(_), _) => {
            return Err(DbError::Failed("sslmode: use disable, prefer, require, verify-ca or verify-full".into()));
        }
    };
    let is_verified = mode.starts_with("verify-") || (mode == "require" && roots.is_some());
    let roots = roots.filter(|roots| roots != "system");
    let config = if is_verified { verifying(roots.as_deref())? } else { encrypting()? };
    let mode = match mode {
        "verify-full" | "verify-ca" => "require",
        mode => mode,
    };
    kept.push(format!("sslmode={mode}"));
    Ok((format!("{address}?{}", kept.join("&")), MakeRustlsConnect::new(config)))
}

fn verifying(roots: Option<&str>) -> Result<ClientConfig, DbError> {
    let Some(file) = roots else {
        return Ok(builder()?.with_platform_verifier().map_err(failed)?.with_no_client_auth());
    };
    let unreadable =
        |error: &dyn std::fmt::Display| DbError::Failed(format!("sslrootcert: cannot read {file}: {error}"));
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| unreadable(&error))? {
        store.add(certificate.map_err(|error| unreadable(&error))?).map_err(|error| unreadable(&error))?;
    }
    if store.is_empty() {
        return Err(unreadable(&"it holds no certificate"));
    }
    Ok(builder()?.with_root_certificates(store).with_no_client_auth())
}

fn encrypting() -> Result<ClientConfig, DbError> {
    let verifier = AnyCertificate(provider());
    Ok(builder()?.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}

fn builder() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, DbError> {
    ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().map_err(failed)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn failed(error: rustls::Error) -> DbError {
    DbError::Failed(format!("cannot encrypt connections to PostgreSQL: {error}"))
}

/// Believes whoever holds the certificate that it shows.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
