//! Signing uploads: each file gets a row of its own and a link to a key of its own.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use metadata::FileType;
use url::Url;
use uuid::Uuid;

use crate::app::App;
use crate::clock::Micros;
use crate::db::images::{self, NewImage, Scope};
use crate::db::invitations::Invitation;
use crate::db::uploads::{self, NewUpload, Upload};
use crate::db::{DbError, Tx, image_states};
use crate::domain::part_plan::Plan;
use crate::domain::parts::ONE_PUT_BYTES;
use crate::domain::quota::Room;
use crate::error::Error;
use crate::storage::PutConditions;
use crate::storage::key::StorageKey;
use crate::telemetry;

pub const FILES_LIMIT: usize = 500;
pub const FILENAME_CHARS: usize = 255;

/// A file that a guest wants to upload. What is not known cannot be signed.
pub struct NewFile {
    pub filename: String,
    pub size_bytes: Option<u64>,
    pub content_type: Option<String>,
    pub sha256: Option<[u8; 32]>,
    /// Sign a new link for this image instead of recording another one.
    pub file_id: Option<i64>,
    /// Whether it is to go in parts; `None`: as its size is.
    pub multipart: Option<bool>,
}

/// What a guest is to do about a file.
pub enum Answer {
    Upload(SignedUpload),
    /// Nothing: this image of the invitation holds the same bytes.
    DuplicateOf(i64),
}

/// How one file goes to storage.
pub struct SignedUpload {
    pub id: i64,
    pub extension: String,
    pub way: Way,
}

pub enum Way {
    Put(SignedPut),
    /// Each part is signed when its turn has come.
    Parts(Plan),
}

/// A link for all of it.
pub struct SignedPut {
    pub url: Url,
    /// What the client must send besides content-length and host, which a browser sets.
    pub headers: Vec<(&'static str, String)>,
    pub expires_at: Micros,
}

/// Signs each file; what is wrong with one never hurts another. `page` is the origin that the caller sees us at.
pub async fn sign(
    app: &App,
    invitation: &Invitation,
    page: &Url,
    files: Vec<Result<NewFile, Error>>,
) -> Result<Vec<Result<Answer, Error>>, Error> {
    let now = app.clock.now();
    let expires_at = now + app.link_ttl();
    let limit_bytes = app.config.max_file_bytes;
    let files: Vec<_> = files.into_iter().map(|file| file.and_then(|file| accept(file, limit_bytes))).collect();
    let (invitation_id, mut room) = (invitation.id, Room::of(invitation));
    let recorded: Vec<_> = app
        .db
        .write(move |tx| {
            let files = with_begun(tx, invitation_id, files)?;
            let record = |file: Result<NewFile, Error>| match file {
                Ok(file) => record(tx, invitation_id, &mut room, now, expires_at, file),
                Err(error) => Ok(Err(error)),
            };
            in_lock_order(files, record).map_err(Error::from)
        })
        .await?;
    let signed = recorded.iter().filter(|recorded| matches!(recorded, Ok(Recorded::Pending(_)))).count();
    telemetry::images_became("signed", signed as u64);
    let answer = |recorded| match recorded {
        Recorded::DuplicateOf(id) => Answer::DuplicateOf(id),
        Recorded::Pending(pending) => Answer::Upload(presign(app, page, expires_at, pending)),
    };
    Ok(recorded.into_iter().map(|recorded| recorded.map(answer)).collect())
}

/// A large file that was picked again goes on where it stopped.
fn with_begun(
    tx: &mut Tx,
    invitation_id: i64,
    files: Vec<Result<NewFile, Error>>,
) -> Result<Vec<Result<NewFile, Error>>, DbError> {
    let mut find = |mut file: NewFile| {
        if let (None, Some(size_bytes), Some(sha256)) = (file.file_id, file.bytes_in_parts(), file.sha256) {
            file.file_id = uploads::find_pending(tx, invitation_id, hex::encode(sha256), size_bytes)?;
        }
        Ok(file)
    };
    files
        .into_iter()
        .map(|file| file.map(&mut find).map_or_else(|error| Ok(Err(error)), |found| found.map(Ok)))
        .collect()
}

/// Rows that are there already are taken in the order of their ids: two batches that name the same ones in different
/// orders would otherwise wait for each other. The answers come in the order of the files.
fn in_lock_order<T>(
    files: Vec<Result<NewFile, Error>>,
    mut record: impl FnMut(Result<NewFile, Error>) -> Result<T, DbError>,
) -> Result<Vec<T>, DbError> {
    let mut files: Vec<_> = files.into_iter().enumerate().collect();
    files.sort_by_key(|(_, file)| file.as_ref().ok().and_then(|file| file.file_id).unwrap_or(i64::MAX));
    let mut recorded =
        files.into_iter().map(|(place, file)| Ok((place, record(file)?))).collect::<Result<Vec<_>, DbError>>()?;
    recorded.sort_by_key(|(place, _)| *place);
    Ok(recorded.into_iter().map(|(_, recorded)| recorded).collect())
}

enum Recorded {
    Pending(Pending),
    DuplicateOf(i64),
}

/// A file with its row.
struct Pending {
    id: i64,
    key: String,
    file: NewFile,
    plan: Option<Plan>,
}

impl Way {
    pub fn url(&self) -> Option<&Url> {
        match self {
            Way::Put(put) => Some(&put.url),
            Way::Parts(_) => None,
        }
    }
}

impl NewFile {
    /// Its size, where it goes in parts.
    fn bytes_in_parts(&self) -> Option<i64> {
        let size_bytes = self.size_bytes?;
        let in_parts = self.multipart.unwrap_or(size_bytes > ONE_PUT_BYTES);
        in_parts.then(|| i64::try_from(size_bytes).unwrap_or(i64::MAX))
    }
}

fn accept(file: NewFile, limit_bytes: u64) -> Result<NewFile, Error> {
    match file.size_bytes {
        Some(0) => Err(Error::FileEmpty),
        Some(size) if size > limit_bytes => Err(Error::FileTooLarge { limit_bytes }),
        None if file.multipart == Some(true) && file.file_id.is_none() => {
            Err(Error::InvalidValue("size: is needed of a file that goes in parts".into()))
        }
        _ => Ok(file),
    }
}

fn record(
    tx: &mut Tx,
    invitation_id: i64,
    room: &mut Room,
    now: Micros,
    incoming_until: Micros,
    file: NewFile,
) -> Result<Result<Recorded, Error>, DbError> {
    if let Some(id) = file.file_id {
        return sign_again(tx, invitation_id, id, now, incoming_until, file);
    }
    // Whatever other invitations hold, this one is answered the same.
    if let Some(sha256) = file.sha256
        && let Some(id) = images::find_by_sha256(tx, invitation_id, &hex::encode(sha256))?
    {
        return Ok(Ok(Recorded::DuplicateOf(id)));
    }
    if let Err(error) = room.take(file.size_bytes) {
        return Ok(Err(error));
    }
    let named = file.filename.rsplit_once('.').and_then(|(_, extension)| FileType::from_extension(extension));
    let file_type = file.content_type.as_deref().map_or(named, FileType::from_mime);
    let key = StorageKey::Incoming { id: Uuid::new_v4(), file_type }.to_string();
    let new = NewImage {
        invitation_id,
        name: file.filename.clone(),
        extension: extension(&file.filename),
        file_type: file.content_type.clone().unwrap_or_default(),
        claimed_sha256: file.sha256.map(hex::encode),
        incoming_key: key.clone(),
        incoming_until,
        now,
    };
    let id = images::insert(tx, new)?;
    let plan = plan_parts(tx, invitation_id, id, now, &file)?;
    Ok(Ok(Recorded::Pending(Pending { id, key, file, plan })))
}

/// Nothing is begun in storage yet: a file that is never sent costs a row.
fn plan_parts(
    tx: &mut Tx,
    invitation_id: i64,
    image_id: i64,
    now: Micros,
    file: &NewFile,
) -> Result<Option<Plan>, DbError> {
    let Some(size_bytes) = file.bytes_in_parts() else {
        return Ok(None);
    };
    let plan = Plan::new(size_bytes.unsigned_abs());
    let part_size = i64::try_from(plan.part_size).unwrap_or(i64::MAX);
    let sha256 = file.sha256.map(hex::encode);
    uploads::insert(tx, &NewUpload { invitation_id, image_id, sha256, size_bytes, part_size, now })?;
    Ok(Some(plan))
}

fn sign_again(
    tx: &mut Tx,
    invitation_id: i64,
    id: i64,
    now: Micros,
    incoming_until: Micros,
    file: NewFile,
) -> Result<Result<Recorded, Error>, DbError> {
    let upload = uploads::find(tx, Scope::Invitation(invitation_id), id)?;
    let extended = match &upload {
        Some(upload) => match changed(upload, &file) {
            Some(what) => return Ok(Err(Error::InvalidValue(format!("{what}: it is another one than before")))),
            None => image_states::prolong_link(tx, invitation_id, id, incoming_until)?,
        },
        None => {
            let sha256 = file.sha256.map(hex::encode);
            image_states::extend_link(tx, invitation_id, id, incoming_until, sha256)?
        }
    };
    let Some(image) = images::find(tx, Scope::Invitation(invitation_id), id)? else {
        return Ok(Err(Error::NotFound));
    };
    if !extended {
        return Ok(Err(Error::AlreadyUploaded));
    }
    let plan = match &upload {
        Some(upload) => Some(Plan::of(upload)),
        None => plan_parts(tx, invitation_id, id, now, &file)?,
    };
    let file = NewFile { filename: image.name, ..file };
    Ok(Ok(Recorded::Pending(Pending { id, key: image.incoming_key, file, plan })))
}

/// What is not as it was: the parts that are stored belong to another file.
fn changed(upload: &Upload, file: &NewFile) -> Option<&'static str> {
    let sha256 = file.sha256.map(hex::encode);
    if file.size_bytes.is_some_and(|size_bytes| size_bytes != upload.size_bytes.unsigned_abs()) {
        Some("size")
    } else if sha256.is_some_and(|sha256| upload.sha256.as_ref().is_some_and(|before| *before != sha256)) {
        Some("sha256")
    } else {
        None
    }
}

fn presign(app: &App, page: &Url, expires_at: Micros, Pending { id, key, file, plan }: Pending) -> SignedUpload {
    let extension = extension(&file.filename);
    if let Some(plan) = plan {
        return SignedUpload { id, extension, way: Way::Parts(plan) };
    }
    let conditions = PutConditions {
        content_length: file.size_bytes,
        content_type: file.content_type,
        checksum_sha256: file.sha256.map(|sha256| STANDARD.encode(sha256)),
    };
    let url = app.storage.presign_put(page, &key, &conditions, app.link_ttl());
    let headers = [("content-type", conditions.content_type), ("x-amz-checksum-sha256", conditions.checksum_sha256)];
    let headers = headers.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    SignedUpload { id, extension, way: Way::Put(SignedPut { url, headers, expires_at }) }
}

/// With its dot, as the logical name shows it; nothing that is not plain letters and digits.
fn extension(filename: &str) -> String {
    match filename.rsplit_once('.') {
        Some((stem, extension))
            if !stem.is_empty()
                && (1..=10).contains(&extension.len())
                && extension.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            format!(".{extension}")
        }
        _ => String::new(),
    }
}
