//! Files that go to storage in parts: which parts there are, links for them, what has arrived, and one object of them
//! all. Only storage's word counts: of a client's part its number is believed, and nothing else.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use crate::app::App;
use crate::clock::Micros;
use crate::db::images::{self, Image, ImageState, Scope};
use crate::db::invitations::Invitation;
use crate::db::uploads::{self, Begun, PartChecksum, Upload};
use crate::db::{DbError, Tx, image_states};
use crate::domain::part_plan::Plan;
use crate::error::Error;
use crate::storage::StorageError;
use crate::storage::multipart::{Assembled, PartConditions, StoredPart};

/// Files above it go in parts, unless the client says otherwise.
pub const ONE_PUT_BYTES: u64 = 64 << 20;
/// Parts of one request.
pub const PARTS_LIMIT: usize = 100;

/// A part that a guest wants to send.
pub struct NewPart {
    pub number: u64,
    pub sha256: Option<[u8; 32]>,
}

/// A link for one part.
pub struct SignedPart {
    pub number: u64,
    pub url: Url,
    /// What the client must send besides content-length and host, which a browser sets.
    pub headers: Vec<(&'static str, String)>,
    pub expires_at: Micros,
}

/// Signs links for parts of an image that is still to arrive. The first one begins the upload in storage.
pub async fn sign(
    app: &App,
    invitation: &Invitation,
    page: &Url,
    id: i64,
    parts: Vec<NewPart>,
) -> Result<Vec<SignedPart>, Error> {
    let (image, upload) = find(app, invitation, id, Some(app.link_ttl())).await?;
    let plan = Plan::of(&upload);
    if let Some(wrong) = parts.iter().find(|part| plan.bytes_of(part.number).is_none()) {
        let last = plan.parts();
        return Err(Error::InvalidValue(format!("parts: a number from 1 to {last} is expected, not {}", wrong.number)));
    }
    let begun = match upload.begun {
        Some(begun) => begun,
        None => begin(app, invitation, &image, checksum_of(&parts)).await?,
    };
    parts.into_iter().map(|part| presign(app, page, &image, plan, &begun, part)).collect()
}

/// What of a pending image is in storage, by number.
pub async fn list(app: &App, invitation: &Invitation, id: i64) -> Result<(Plan, Vec<StoredPart>), Error> {
    let (image, upload) = find(app, invitation, id, None).await?;
    let plan = Plan::of(&upload);
    if let Some(stored) = stored(app, &image, &upload).await? {
        return Ok((plan, plan.fitting(stored)));
    }
    if is_whole(app, &image, plan).await? {
        // A `complete` was cut short after storage had done its part: nothing is left to send.
        return Ok((plan, plan.parts_of_whole()));
    }
    forget(app, &image, upload.begun).await?;
    Ok((plan, Vec::new()))
}

/// Removes what has arrived; the image stays pending and may be sent anew.
pub async fn abort(app: &App, invitation: &Invitation, id: i64) -> Result<(), Error> {
    let (image, upload) = find(app, invitation, id, None).await?;
    app.storage.abort_uploads(&image.incoming_key).await?;
    forget(app, &image, upload.begun).await
}

/// Removes the parts of an image that has just been deleted.
pub async fn abort_deleted(app: &App, image: &Image) -> Result<(), Error> {
    let (scope, id) = (Scope::Invitation(image.invitation_id), image.id);
    let upload = app.db.read(move |tx| uploads::find(tx, scope, id).map_err(Error::from)).await?;
    if upload.is_some() {
        app.storage.abort_uploads(&image.incoming_key).await?;
    }
    Ok(())
}

/// Makes one object of the parts, where storage has not done so before.
pub async fn assemble(app: &App, image: &Image, upload: &Upload) -> Result<(), Error> {
    let plan = Plan::of(upload);
    if let (Some(stored), Some(begun)) = (stored(app, image, upload).await?, &upload.begun) {
        let parts = plan.fitting(stored);
        let missing = plan.parts() - parts.len() as u64;
        if missing > 0 {
            return Err(Error::PartsMissing { missing, parts: plan.parts() });
        }
        match app.storage.complete_upload(&image.incoming_key, &begun.upload_id, &parts).await? {
            Assembled::Done => return Ok(()),
            Assembled::NoSuchUpload => {}
            // Nothing tells which one it is: all of them go again.
            Assembled::PartsRefused => app.storage.abort_upload(&image.incoming_key, &begun.upload_id).await?,
        }
    }
    if is_whole(app, image, plan).await? {
        return Ok(());
    }
    forget(app, image, upload.begun.clone()).await?;
    Err(Error::PartsMissing { missing: plan.parts(), parts: plan.parts() })
}

/// A pending image of this invitation that goes in parts. Where a link is to be given out, the image waits for it.
async fn find(
    app: &App,
    invitation: &Invitation,
    id: i64,
    link_ttl: Option<Duration>,
) -> Result<(Image, Upload), Error> {
    let (invitation_id, until) = (invitation.id, link_ttl.map(|ttl| app.clock.now() + ttl));
    let find = move |tx: &mut Tx<'_>| {
        let scope = Scope::Invitation(invitation_id);
        if let Some(until) = until {
            image_states::prolong_link(tx, invitation_id, id, until)?;
        }
        Ok::<_, DbError>(images::find(tx, scope, id)?.zip(uploads::find(tx, scope, id)?))
    };
    let found: Option<(Image, Upload)> = match until {
        Some(_) => app.db.write(find).await?,
        None => app.db.read(find).await?,
    };
    let (image, upload) = found.ok_or(Error::NotFound)?;
    if image.state == ImageState::Pending { Ok((image, upload)) } else { Err(Error::AlreadyUploaded) }
}

/// Begins the upload in storage, unless another request was first.
async fn begin(app: &App, invitation: &Invitation, image: &Image, checksum: PartChecksum) -> Result<Begun, Error> {
    let upload_id = app.storage.begin_upload(&image.incoming_key, &image.file_type, checksum.name()).await?;
    let (invitation_id, id) = (invitation.id, image.id);
    let begun = Begun { upload_id, checksum };
    let own = begun.clone();
    if app.db.write(move |tx| uploads::begin(tx, invitation_id, id, &begun).map_err(Error::from)).await? {
        return Ok(own);
    }
    app.storage.abort_upload(&image.incoming_key, &own.upload_id).await?;
    let (_, upload) = find(app, invitation, id, None).await?;
    upload.begun.ok_or(Error::Changing)
}

fn presign(
    app: &App,
    page: &Url,
    image: &Image,
    plan: Plan,
    begun: &Begun,
    part: NewPart,
) -> Result<SignedPart, Error> {
    let checksum = match begun.checksum {
        PartChecksum::None => None,
        PartChecksum::Sha256 => Some(part.sha256.map(|sha256| STANDARD.encode(sha256)).ok_or_else(|| {
            Error::InvalidValue("parts: this upload was begun with a sha256 of each part, and needs it of all".into())
        })?),
    };
    let conditions = PartConditions {
        upload_id: &begun.upload_id,
        number: part.number,
        size_bytes: plan.bytes_of(part.number).unwrap_or_default(),
        checksum_sha256: checksum.as_deref(),
    };
    Ok(SignedPart {
        number: part.number,
        url: app.storage.presign_part(page, &image.incoming_key, &conditions, app.link_ttl()),
        headers: checksum.into_iter().map(|checksum| ("x-amz-checksum-sha256", checksum)).collect(),
        expires_at: app.clock.now() + app.link_ttl(),
    })
}

/// AWS S3 wants to know at the beginning whether parts bring checksums, and then wants one with each.
fn checksum_of(parts: &[NewPart]) -> PartChecksum {
    if parts.iter().all(|part| part.sha256.is_some()) { PartChecksum::Sha256 } else { PartChecksum::None }
}

/// `None`: no upload is begun that storage knows of.
async fn stored(app: &App, image: &Image, upload: &Upload) -> Result<Option<Vec<StoredPart>>, StorageError> {
    match &upload.begun {
        Some(begun) => app.storage.list_parts(&image.incoming_key, &begun.upload_id).await,
        None => Ok(None),
    }
}

async fn is_whole(app: &App, image: &Image, plan: Plan) -> Result<bool, StorageError> {
    let head = app.storage.head(&image.incoming_key).await?;
    Ok(head.is_some_and(|head| head.size_bytes == plan.size_bytes))
}

async fn forget(app: &App, image: &Image, begun: Option<Begun>) -> Result<(), Error> {
    let Some(Begun { upload_id, .. }) = begun else {
        return Ok(());
    };
    let (invitation_id, id) = (image.invitation_id, image.id);
    app.db.write(move |tx| uploads::forget(tx, invitation_id, id, &upload_id).map_err(Error::from)).await
}
