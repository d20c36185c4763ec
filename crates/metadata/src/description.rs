//! What XMP and IPTC fill in where EXIF is silent: the time, title, caption, creator, keywords and rating.
//!
//! The rule: EXIF wins, then XMP, then IPTC, each field for itself. Of a damaged EXIF block it is not known whether it lacks
//! a time: then none is filled in, which might be another one. XMP's copies of the camera's own fields (`tiff:` and
//! most of `exif:`) are not taken: an editor writes them as it likes, and what was made of the picture since may not fit
//! them any more. The time is `exif:DateTimeOriginal`, else `photoshop:DateCreated` or IPTC's date and time, which say when
//! the content came to be (IPTC Photo Metadata; MWG Guidelines 5.5); never `xmp:CreateDate`, which says when the file did.

use crate::container::Container;
use crate::{Metadata, Warning, iptc, xmp};

/// What one source states of the fields that are filled in.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Description {
    pub(crate) taken_at: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) caption: Option<String>,
    pub(crate) creator: Option<String>,
    pub(crate) keywords: Vec<String>,
    pub(crate) rating: Option<f64>,
}

pub(crate) fn fill_in(container: &Container<'_>, metadata: &mut Metadata, warnings: &mut Vec<Warning>) {
    let knows_time = !warnings.contains(&Warning::BrokenExif);
    let mut keep = |mut description: Description| {
        description.taken_at = description.taken_at.filter(|_| knows_time);
        take(description, metadata);
    };
    let mut is_sound = true;
    for packet in &container.xmp {
        let (description, is_whole) = xmp::read(packet);
        is_sound &= is_whole;
        keep(description);
    }
    if !is_sound {
        warnings.push(Warning::BrokenXmp);
    }
    if let Some(datasets) = &container.iptc {
        keep(iptc::read(datasets));
    }
}

fn take(description: Description, metadata: &mut Metadata) {
    let Description { taken_at, title, caption, creator, keywords, rating } = description;
    metadata.taken_at = metadata.taken_at.take().or(taken_at);
    metadata.title = metadata.title.take().or(title);
    metadata.caption = metadata.caption.take().or(caption);
    metadata.creator = metadata.creator.take().or(creator);
    metadata.rating = metadata.rating.or(rating);
    if metadata.keywords.is_empty() {
        metadata.keywords = keywords;
    }
}
