//! The secrets of this installation, and everything that is derived from them.
//!
//! What the configuration does not give is made on the first start and kept in the data folder, mode 0600.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::config::Config;
use crate::storage::key::ContentHash;

const OWNER_KEY_FILE: &str = "owner-key";
const SECRET_FILE: &str = "secret";
const S3_KEY_FILE: &str = "s3-key";
/// Of a secret's file while it is written.
const PART: &str = "part";

pub struct Secrets {
    owner_key: String,
    /// Where the owner key is kept; `None` when the configuration gave it.
    pub owner_key_file: Option<PathBuf>,
    secret: String,
}

impl Secrets {
    pub fn load(config: &Config) -> Result<Secrets> {
        let kept = |given: &Option<String>, name: &str| match given {
            Some(value) => Ok((value.clone(), None)),
            None => {
                let file = config.place.data_dir.join(name);
                Ok::<_, anyhow::Error>((keep(&file, || random_text(32))?, Some(file)))
            }
        };
        let (owner_key, owner_key_file) = kept(&config.owner_key, OWNER_KEY_FILE)?;
        let (secret, _) = kept(&config.secret, SECRET_FILE)?;
        Ok(Secrets { owner_key, owner_key_file, secret })
    }

    /// Copies those that are in use into a folder, over those that it holds.
    pub fn back_up(config: &Config, to: &Path) -> Result<()> {
        for name in kept_files(config) {
            let kept = find(&config.place.data_dir.join(name))?;
            // One there that cannot be read is replaced like any other.
            let is_there = |kept: &String| find(&to.join(name)).is_ok_and(|found| found.as_ref() == Some(kept));
            if let Some(kept) = kept.filter(|kept| !is_there(kept)) {
                write(&to.join(name), &kept)?;
            }
        }
        Ok(())
    }

    /// Fails where this folder and the data folder hold different ones; the store's key pair may differ.
    pub fn compare(config: &Config, from: &Path) -> Result<()> {
        for name in kept_files(config).filter(|name| *name != S3_KEY_FILE) {
            let (theirs, own) = (from.join(name), config.place.data_dir.join(name));
            if let (Some(kept), Some(found)) = (find(&theirs)?, find(&own)?) {
                anyhow::ensure!(
                    kept == found,
                    "{} and {} are not the same: move away the one that is not needed",
                    theirs.display(),
                    own.display()
                );
            }
        }
        Ok(())
    }

    /// Copies those of this folder that the data folder lacks.
    pub fn take_over(config: &Config, from: &Path) -> Result<()> {
        for name in kept_files(config) {
            let own = config.place.data_dir.join(name);
            if let Some(kept) = find(&from.join(name))?
                && find(&own)?.is_none()
            {
                write(&own, &kept)?;
            }
        }
        Ok(())
    }

    /// The fingerprint of a server that has taken over the secrets of this folder. `None`: it would make a new secret.
    pub fn fingerprint_after(config: &Config, from: &Path) -> Result<Option<String>> {
        let secret = match &config.secret {
            Some(secret) => Some(secret.clone()),
            None => find(&config.place.data_dir.join(SECRET_FILE))?
                .map_or_else(|| find(&from.join(SECRET_FILE)), |own| Ok(Some(own)))?,
        };
        Ok(secret.map(|secret| Secrets { owner_key: String::new(), owner_key_file: None, secret }.fingerprint()))
    }

    /// The key itself: only for the sign-in link on a terminal.
    pub fn owner_key(&self) -> &str {
        &self.owner_key
    }

    pub fn is_owner_key(&self, text: &str) -> bool {
        self.owner_key.as_bytes().ct_eq(text.as_bytes()).into()
    }

    /// A guest's token: the same for the same invitation, and written down nowhere (DESIGN, invariant 2).
    pub fn token(&self, invitation_public_id: Uuid) -> Uuid {
        let mac = self.keyed_hash("token", &[invitation_public_id.as_bytes()]);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&mac[..16]);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// A session of the owner's page: it ends at `expires_at_secs` (Unix time) or when the key or the secret changes.
    pub fn session(&self, expires_at_secs: i64) -> String {
        let mac = self.keyed_hash("session", &[self.owner_key.as_bytes(), &expires_at_secs.to_be_bytes()]);
        format!("{expires_at_secs}.{}", hex::encode(mac))
    }

    pub fn is_session(&self, cookie: &str, now_secs: i64) -> bool {
        cookie
            .split_once('.')
            .and_then(|(expires, _)| expires.parse().ok())
            .filter(|&expires_at_secs: &i64| expires_at_secs > now_secs)
            .is_some_and(|expires| self.session(expires).as_bytes().ct_eq(cookie.as_bytes()).into())
    }

    /// What a photo with this SHA-256 is called in the bucket.
    pub fn content_hash(&self, sha256: &[u8]) -> ContentHash {
        ContentHash(self.keyed_hash("content", &[sha256]))
    }

    /// Tells whether two secrets are the same one, and nothing else about them.
    pub fn fingerprint(&self) -> String {
        hex::encode(self.keyed_hash("fingerprint", &[]))
    }

    fn keyed_hash(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).expect("HMAC takes a key of any length");
        mac.update(purpose.as_bytes());
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// What the database holds instead of a token. A token is 122 random bits: a plain hash gives nothing away.
pub fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// Whether a secret's file, whole or half written, is called so.
pub fn is_secret_file(name: &str) -> bool {
    let whole = name.strip_suffix(PART).and_then(|name| name.strip_suffix('.')).unwrap_or(name);
    [OWNER_KEY_FILE, SECRET_FILE, S3_KEY_FILE].contains(&whole)
}

/// Whether a start has made the embedded store's key pair here.
pub fn has_s3_key_pair(config: &Config) -> bool {
    config.place.data_dir.join(S3_KEY_FILE).exists()
}

/// The key pair of the embedded store: id and secret, made on first start.
pub fn s3_key_pair(config: &Config) -> Result<(String, String)> {
    if let (Some(id), Some(secret)) = (&config.s3_access_key_id, &config.s3_secret_access_key) {
        return Ok((id.clone(), secret.clone()));
    }
    let file = config.place.data_dir.join(S3_KEY_FILE);
    let pair =
        keep(&file, || format!("HASTY{}:{}", hex::encode(rand::random::<[u8; 8]>()).to_uppercase(), random_text(30)))?;
    let (id, secret) = pair
        .split_once(':')
        .with_context(|| format!("{} must hold <access key id>:<secret access key>", file.display()))?;
    Ok((id.to_owned(), secret.to_owned()))
}

fn random_text(bytes: usize) -> String {
    let random: Vec<u8> = (0..bytes).map(|_| rand::random()).collect();
    URL_SAFE_NO_PAD.encode(random)
}

/// The files of what the configuration does not give.
fn kept_files(config: &Config) -> impl Iterator<Item = &'static str> + use<> {
    [
        (config.owner_key.is_none(), OWNER_KEY_FILE),
        (config.secret.is_none(), SECRET_FILE),
        (config.s3_access_key_id.is_none(), S3_KEY_FILE),
    ]
    .into_iter()
    .filter_map(|(is_kept, name)| is_kept.then_some(name))
}

/// Reads a secret from its file, or makes it.
fn keep(file: &Path, make: impl FnOnce() -> String) -> Result<String> {
    if let Some(kept) = find(file)? {
        return Ok(kept);
    }
    let made = make();
    write(file, &made)?;
    Ok(made)
}

fn find(file: &Path) -> Result<Option<String>> {
    let kept = match fs::read_to_string(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        // A secret that cannot be read is not one that is not there: another one would end every link.
        found => found.with_context(|| format!("cannot read {}", file.display()))?.trim().to_owned(),
    };
    anyhow::ensure!(
        !kept.is_empty(),
        "{} is empty: restore it from a backup, or delete it to get a new one",
        file.display()
    );
    Ok(Some(kept))
}

/// The file and its name are synced before anything depends on them.
fn write(file: &Path, secret: &str) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let part = file.with_extension(PART);
        let mut out = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        out.write_all(secret.as_bytes())?;
        out.write_all(b"\n")?;
        out.sync_all()?;
        fs::rename(&part, file)?;
        fs::File::open(file.parent().unwrap_or(Path::new(".")))?.sync_all()
    };
    write().with_context(|| format!("cannot write {}", file.display()))
}
