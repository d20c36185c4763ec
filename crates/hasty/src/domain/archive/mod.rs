//! Everything that an installation holds, taken elsewhere: into a folder (a backup), out of one, or to another database and
//! storage.
//!
//! The rows are written down as of one moment; then the objects that they name follow. A server may go on meanwhile: no
//! object changes, and what is deleted keeps its bytes until the last link to it has ended. Done again, only what is
//! missing is copied, so that what was cut off goes on. Rows come last, and only if every object could be had: where they
//! are, everything is.

mod rows;
mod shelf;

use std::path::Path;

use anyhow::{Context, Result};
use futures::{StreamExt, stream};
pub use rows::{RowsFile, Seal};
pub use shelf::Shelf;
use shelf::Taken;

/// Objects on their way at the same time.
const CONCURRENCY: usize = 8;

/// An object that a row names.
#[derive(Debug)]
pub struct Wanted {
    pub key: String,
    pub content_type: String,
    /// Hex, where the row knows it.
    pub sha256: Option<String>,
    /// Whether some image shows it: else it may be gone by right.
    pub is_shown: bool,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// Looked at.
    pub objects: u64,
    pub copied: u64,
    pub copied_bytes: u64,
    pub findings: u64,
    /// Of the findings: another run may find them whole.
    pub unreadable: u64,
}

/// What does not go with the rest, though a row names it.
pub enum Finding {
    Missing {
        key: String,
    },
    Unreadable {
        key: String,
        reason: String,
    },
    /// Its bytes are not those that its row stands for: it stays where it is.
    Damaged {
        key: String,
    },
}

pub enum Event<'a> {
    Progress(Progress),
    Finding(&'a Finding),
}

enum Copied {
    Bytes(u64),
    AlreadyThere,
    Gone,
    Not(Finding),
}

/// Copies each object that the rows name and the target lacks. Files on their way lie in `dir`.
pub async fn copy_objects(
    rows: &RowsFile,
    from: &Shelf,
    to: &Shelf,
    dir: &Path,
    on_event: &mut dyn FnMut(Event<'_>),
) -> Result<Progress> {
    from.check().await?;
    let mut progress = Progress::default();
    let wanted = stream::iter(rows.wanted()?).map(|wanted| async move {
        let wanted = wanted?;
        copy(&wanted, from, to, dir).await.with_context(|| format!("{} was not copied", wanted.key))
    });
    let mut copies = std::pin::pin!(wanted.buffer_unordered(CONCURRENCY));
    while let Some(copied) = copies.next().await {
        progress.objects += 1;
        match copied? {
            Copied::Bytes(bytes) => {
                progress.copied += 1;
                progress.copied_bytes += bytes;
            }
            Copied::AlreadyThere | Copied::Gone => {}
            Copied::Not(finding) => {
                progress.findings += 1;
                progress.unreadable += u64::from(matches!(finding, Finding::Unreadable { .. }));
                on_event(Event::Finding(&finding));
            }
        }
        on_event(Event::Progress(progress));
    }
    Ok(progress)
}

async fn copy(wanted: &Wanted, from: &Shelf, to: &Shelf, dir: &Path) -> Result<Copied> {
    let key = &wanted.key;
    if to.has(key).await? {
        return Ok(Copied::AlreadyThere);
    }
    let object = match from.take(key, dir).await? {
        Taken::Whole(object) => object,
        not_taken => {
            // It is about one object only as long as the others can be had.
            from.check().await?;
            return Ok(match not_taken {
                Taken::Unreadable(reason) => Copied::Not(Finding::Unreadable { key: key.clone(), reason }),
                _ if wanted.is_shown => Copied::Not(Finding::Missing { key: key.clone() }),
                _ => Copied::Gone,
            });
        }
    };
    if wanted.sha256.as_ref().is_some_and(|sha256| *sha256 != hex::encode(object.sha256)) {
        return Ok(Copied::Not(Finding::Damaged { key: key.clone() }));
    }
    let size_bytes = object.size_bytes;
    to.put(key, &wanted.content_type, object).await?;
    Ok(Copied::Bytes(size_bytes))
}
