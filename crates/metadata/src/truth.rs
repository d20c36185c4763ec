//! Our reading of a file beside ExifTool's, field by field. ExifTool's is what `exiftool -n -G0 -json` prints of one file,
//! or a part of that; only the whole, which names ExifTool's version, tells what a file does not state in XMP and IPTC.

use serde_json::{Map, Value};

use crate::{FileType, Reading, words};

/// What ExifTool prints of one file: values by group and tag, as "EXIF:Make".
pub type Tags = Map<String, Value>;

/// One field of a file, as both tell it.
#[derive(Debug)]
pub struct Comparison {
    pub field: &'static str,
    pub ours: Option<Told>,
    pub theirs: Option<Told>,
}

/// A value, and for a number how far from it the same value may lie.
#[derive(Debug)]
pub enum Told {
    Text(String),
    Number(f64, f64),
}

impl Comparison {
    pub fn agrees(&self) -> bool {
        match (&self.ours, &self.theirs) {
            (None, None) => true,
            (Some(Told::Text(ours)), Some(Told::Text(theirs))) => ours == theirs,
            (Some(Told::Number(ours, _)), Some(Told::Number(theirs, within))) => (ours - theirs).abs() <= *within,
            _ => false,
        }
    }
}

pub fn compare(reading: &Reading, tags: &Tags) -> Vec<Comparison> {
    let file_type = reading.file_type.map(|file_type| Told::Text(file_type.mime().to_owned()));
    let mut all = vec![Comparison { field: "file_type", ours: file_type, theirs: Theirs(tags).text("File:MIMEType") }];
    let ours = serde_json::to_value(&reading.metadata).unwrap_or_default();
    let theirs = of_camera(tags).into_iter().chain(of_description(tags));
    all.extend(theirs.map(|(field, theirs)| Comparison { field, ours: our(&ours[field], theirs.as_ref()), theirs }));
    if let Some((width, height)) = shown(reading, tags) {
        let side = |field, ours: Option<u32>, theirs| Comparison {
            field,
            ours: ours.map(|ours| Told::Number(ours.into(), 0.0)),
            theirs: Some(Told::Number(theirs, 0.0)),
        };
        all.push(side("shown width", reading.shown.map(|shown| shown.0), width));
        all.push(side("shown height", reading.shown.map(|shown| shown.1), height));
    }
    all
}

/// Told in the way of the other, a number or a text.
fn our(value: &Value, theirs: Option<&Told>) -> Option<Told> {
    match (value, theirs) {
        (Value::Null, _) => None,
        (value, Some(Told::Number(..))) => number(value).map(|number| Told::Number(number, 0.0)),
        (value, _) => Some(Told::Text(text(value))),
    }
}

type Field = (&'static str, Option<Told>);

fn of_camera(tags: &Tags) -> Vec<Field> {
    let theirs = Theirs(tags);
    let (width, height) = (|| theirs.side("ImageWidth"), || theirs.side("ImageHeight"));
    vec![
        ("width", width()),
        ("height", height()),
        ("xDimension", theirs.number("EXIF:ExifImageWidth", 0.0).or_else(width)),
        ("yDimension", theirs.number("EXIF:ExifImageHeight", 0.0).or_else(height)),
        ("make", theirs.text("EXIF:Make")),
        ("model", theirs.text("EXIF:Model")),
        ("software", theirs.text("EXIF:Software")),
        ("orientation", theirs.number("EXIF:Orientation", 0.0)),
        ("flash", theirs.word("EXIF:Flash", words::flash)),
        ("metering_mode", theirs.word("EXIF:MeteringMode", words::metering_mode)),
        ("saturation", theirs.word("EXIF:Saturation", words::saturation)),
        ("sharpness", theirs.word("EXIF:Sharpness", words::sharpness)),
        ("contrast", theirs.word("EXIF:Contrast", words::contrast)),
        ("x_resolution", theirs.number("EXIF:XResolution", 5e-5)),
        ("y_resolution", theirs.number("EXIF:YResolution", 5e-5)),
        ("aperture_value", theirs.number("EXIF:ApertureValue", 0.05).or_else(|| theirs.number("EXIF:FNumber", 5e-5))),
        ("focal_length", theirs.number("EXIF:FocalLength", 5e-5)),
        ("exif_version", theirs.text("EXIF:ExifVersion")),
        ("taken_at", theirs.taken_at().map(Told::Text)),
        ("latitude", theirs.number("Composite:GPSLatitude", 1e-9)),
        ("longitude", theirs.number("Composite:GPSLongitude", 1e-9)),
        ("altitude", theirs.number("Composite:GPSAltitude", 1e-6)),
        ("lens", theirs.text("EXIF:LensModel")),
        ("lens_make", theirs.text("EXIF:LensMake")),
        ("iso", theirs.number("EXIF:ISO", 0.0)),
        ("exposure_time", theirs.exposure_time()),
    ]
}

fn of_description(tags: &Tags) -> Vec<Field> {
    let theirs = Theirs(tags);
    if !theirs.is_whole() {
        return Vec::new();
    }
    let first = |names: &[&str]| names.iter().find_map(|name| theirs.list(name, ", ")).map(Told::Text);
    let keywords = |name| theirs.list(name, "\n").map(|words| words.replace(';', "\n"));
    let keywords = keywords("EXIF:XPKeywords").or_else(|| theirs.list("XMP:Subject", "\n"));
    let keywords = keywords.or_else(|| theirs.list("IPTC:Keywords", "\n")).map(Told::Text);
    let rating = theirs.number("EXIF:Rating", 0.0).or_else(|| theirs.number("XMP:Rating", 0.0));
    vec![
        ("title", first(&["EXIF:XPTitle", "XMP:Title", "IPTC:ObjectName"])),
        ("caption", first(&["EXIF:ImageDescription", "XMP:Description", "IPTC:Caption-Abstract"])),
        ("creator", first(&["EXIF:Artist", "EXIF:XPAuthor", "XMP:Creator", "IPTC:By-line"])),
        ("keywords", keywords),
        ("rating", rating),
    ]
}

/// Width and height as ExifTool's values have the picture turned; `None` where the given ones do not say.
fn shown(reading: &Reading, tags: &Tags) -> Option<(f64, f64)> {
    let theirs = Theirs(tags);
    let side = |name| tags.get(&format!("File:{name}")).and_then(number);
    let by_container = matches!(reading.file_type, Some(FileType::Heic | FileType::Avif));
    let is_sideways = match tags.get("QuickTime:Rotation").and_then(number) {
        Some(degrees) if by_container => degrees % 180.0 != 0.0,
        _ if by_container || reading.file_type == Some(FileType::Jxl) => return None,
        _ => matches!(theirs.number("EXIF:Orientation", 0.0), Some(Told::Number(5.0..=8.0, _))),
    };
    let (width, height) = (side("ImageWidth")?, side("ImageHeight")?);
    Some(if is_sideways { (height, width) } else { (width, height) })
}

struct Theirs<'a>(&'a Tags);

impl Theirs<'_> {
    fn is_whole(&self) -> bool {
        self.0.contains_key("ExifTool:ExifToolVersion")
    }

    /// ExifTool's JSON shows a text like "1.00" as a number.
    fn text(&self, tag: &str) -> Option<Told> {
        match self.0.get(tag)? {
            Value::Number(number) => number.as_f64().map(|number| Told::Number(number, 0.0)),
            value => Some(text(value).trim().to_owned()).filter(|text| !text.is_empty()).map(Told::Text),
        }
    }

    fn number(&self, tag: &str, within: f64) -> Option<Told> {
        self.0.get(tag).and_then(number).map(|number| Told::Number(number, within))
    }

    fn word(&self, tag: &str, word: fn(u32) -> String) -> Option<Told> {
        self.0.get(tag).and_then(number).map(|number| Told::Text(word(number as u32)))
    }

    fn side(&self, name: &str) -> Option<Told> {
        ["File", "PNG", "RIFF", "GIF", "EXIF", "Composite"]
            .iter()
            .find_map(|group| self.number(&format!("{group}:{name}"), 0.0))
    }

    /// A text, or the texts of a list.
    fn list(&self, tag: &str, between: &str) -> Option<String> {
        let all = match self.0.get(tag)? {
            Value::Array(texts) => {
                texts.iter().map(|value| text(value).trim().to_owned()).collect::<Vec<_>>().join(between)
            }
            value => text(value).trim().to_owned(),
        };
        // Line feeds are all that is kept of the characters that steer.
        Some(all.replace('\r', "")).filter(|text| !text.is_empty())
    }

    /// "2021:04:11 15:47:53", "054" and "-05:00" as the API writes them; no date where there is none.
    fn taken_at(&self) -> Option<String> {
        let tag = |name: &str| self.0.get(name).map(text);
        if let Some(taken) = tag("EXIF:DateTimeOriginal").as_deref().and_then(iso) {
            let digits: String = tag("EXIF:SubSecTimeOriginal").unwrap_or_default().trim().chars().take(6).collect();
            let sub_sec = if digits.is_empty() { digits } else { format!(".{digits:0<6}") };
            return Some(taken + &sub_sec + &tag("EXIF:OffsetTimeOriginal").unwrap_or_default());
        }
        let of_iptc = || Some(format!("{} {}", tag("IPTC:DateCreated")?, tag("IPTC:TimeCreated")?));
        let taken =
            ["XMP:DateTimeOriginal", "XMP:DateCreated"].iter().find_map(|name| tag(name).filter(|t| t.len() >= 19));
        let taken = taken.or_else(of_iptc).filter(|_| self.is_whole()).as_deref().and_then(iso)?;
        Some(with_six_digits(&taken))
    }

    /// A fraction of a second is told to 0.5 %.
    fn exposure_time(&self) -> Option<Told> {
        let secs = number(self.0.get("EXIF:ExposureTime")?)?;
        Some(Told::Number(secs, secs * 0.005))
    }
}

/// `YYYY-MM-DDTHH:MM:SS`, with what follows of a fraction and an offset.
fn iso(date_time: &str) -> Option<String> {
    let (date, time) = date_time.split_once(' ')?;
    let is_date = !date.starts_with("0000") && date.starts_with(|char: char| char.is_ascii_digit());
    is_date.then(|| format!("{}T{}", date.replace(':', "-"), time.replace('Z', "+00:00")))
}

/// "…:07.25-08:00" as the API writes it: "…:07.250000-08:00".
fn with_six_digits(time: &str) -> String {
    let Some((before, rest)) = time.split_once('.') else { return time.to_owned() };
    let end = rest.find(|char: char| !char.is_ascii_digit()).unwrap_or(rest.len());
    format!("{before}.{:0<6}{}", &rest[..end], &rest[end..])
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(texts) => texts.iter().map(text).collect::<Vec<_>>().join("\n"),
        other => other.to_string(),
    }
}

/// A number as JSON, as text, or as a fraction.
fn number(value: &Value) -> Option<f64> {
    let text = text(value);
    match text.split_once('/') {
        Some((above, below)) => Some(above.parse::<f64>().ok()? / below.parse::<f64>().ok()?),
        None => text.parse().ok().filter(|number: &f64| number.is_finite()),
    }
}
