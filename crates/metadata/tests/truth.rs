//! Real photos, where HASTY_TEST_PHOTOS names a folder of them: for each file our reading beside ExifTool's, which
//! `exiftool.json` there holds (`exiftool -n -G0 -json`, by path).

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use metadata::{Reading, words};
use serde_json::{Map, Value};

type Tags = Map<String, Value>;

#[test]
fn real_photos_read_as_exiftool_reads_them() {
    let mut compared = 0;
    let mut differences = Vec::new();
    for (path, bytes, tags) in real_photos() {
        for Comparison { field, ours, theirs } in compare(&metadata::read(&bytes), &tags) {
            compared += 1;
            if !agree(&ours, &theirs) {
                differences.push(format!("{path} {field}: {ours:?}, ExifTool: {theirs:?}"));
            }
        }
    }
    println!("{compared} fields compared, {} differ", differences.len());
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn heads_of_real_photos_tell_the_truth_or_ask_for_more() {
    for (path, bytes, _) in real_photos() {
        let whole = metadata::read(&bytes);
        for size in [64, 1_000, 4_096, 20_000, 65_536, 262_144].map(|size| bytes.len().min(size)) {
            let head = metadata::read(&bytes[..size]);
            assert_eq!(head.file_type, whole.file_type, "{path} cut to {size}");
            assert!(head.incomplete || head.metadata == whole.metadata, "{path} cut to {size}");
        }
    }
}

/// Path, bytes and ExifTool's tags of each; none where HASTY_TEST_PHOTOS is not set.
fn real_photos() -> Vec<(String, Vec<u8>, Tags)> {
    let Some(folder) = std::env::var_os("HASTY_TEST_PHOTOS").map(PathBuf::from) else {
        return Vec::new();
    };
    let truth = fs::read(folder.join("exiftool.json")).expect("exiftool.json in HASTY_TEST_PHOTOS");
    let truth: BTreeMap<String, Tags> = serde_json::from_slice(&truth).expect("tags by path");
    assert!(!truth.is_empty(), "exiftool.json names no file");
    let with_bytes = |(path, tags): (String, Tags)| {
        let bytes = fs::read(folder.join(&path)).expect("every file that exiftool.json names");
        (path, bytes, tags)
    };
    truth.into_iter().map(with_bytes).collect()
}

struct Comparison {
    field: &'static str,
    ours: Option<Told>,
    theirs: Option<Told>,
}

/// A value, and for a number how far from it the same value may lie.
#[derive(Debug)]
enum Told {
    Text(String),
    Number(f64, f64),
}

fn agree(ours: &Option<Told>, theirs: &Option<Told>) -> bool {
    match (ours, theirs) {
        (None, None) => true,
        (Some(Told::Text(ours)), Some(Told::Text(theirs))) => ours == theirs,
        (Some(Told::Number(ours, _)), Some(Told::Number(theirs, within))) => (ours - theirs).abs() <= *within,
        _ => false,
    }
}

fn compare(reading: &Reading, tags: &Tags) -> Vec<Comparison> {
    let ours = serde_json::to_value(&reading.metadata).expect("metadata as JSON");
    let told = |field: &'static str, theirs: Option<Told>| {
        let ours = match (&ours[field], &theirs) {
            (Value::Null, _) => None,
            (value, Some(Told::Number(..))) => Some(Told::Number(number(value).expect(field), 0.0)),
            (value, _) => Some(Told::Text(text(value))),
        };
        Comparison { field, ours, theirs }
    };
    // ExifTool's JSON shows a text like "1.00" as a number.
    let texts = |tag: &str| match tags.get(tag)? {
        Value::Number(number) => number.as_f64().map(|number| Told::Number(number, 0.0)),
        value => Some(text(value).trim().to_owned()).filter(|text| !text.is_empty()).map(Told::Text),
    };
    let numbers = |tag: &str, within: f64| tags.get(tag).and_then(number).map(|number| Told::Number(number, within));
    let word = |tag: &str, word: fn(u32) -> String| {
        tags.get(tag).and_then(number).map(|number| Told::Text(word(number as u32)))
    };
    let width = || numbers("File:ImageWidth", 0.0).or_else(|| numbers("EXIF:ImageWidth", 0.0));
    let height = || numbers("File:ImageHeight", 0.0).or_else(|| numbers("EXIF:ImageHeight", 0.0));
    let file_type = reading.file_type.map(|file_type| Told::Text(file_type.mime().to_owned()));
    vec![
        Comparison { field: "file_type", ours: file_type, theirs: texts("File:MIMEType") },
        told("width", width()),
        told("height", height()),
        told("xDimension", numbers("EXIF:ExifImageWidth", 0.0).or_else(width)),
        told("yDimension", numbers("EXIF:ExifImageHeight", 0.0).or_else(height)),
        told("make", texts("EXIF:Make")),
        told("model", texts("EXIF:Model")),
        told("software", texts("EXIF:Software")),
        told("orientation", numbers("EXIF:Orientation", 0.0)),
        told("flash", word("EXIF:Flash", words::flash)),
        told("metering_mode", word("EXIF:MeteringMode", words::metering_mode)),
        told("saturation", word("EXIF:Saturation", words::saturation)),
        told("sharpness", word("EXIF:Sharpness", words::sharpness)),
        told("contrast", word("EXIF:Contrast", words::contrast)),
        told("x_resolution", numbers("EXIF:XResolution", 5e-5)),
        told("y_resolution", numbers("EXIF:YResolution", 5e-5)),
        told("aperture_value", numbers("EXIF:ApertureValue", 0.05).or_else(|| numbers("EXIF:FNumber", 5e-5))),
        told("focal_length", numbers("EXIF:FocalLength", 5e-5)),
        told("exif_version", texts("EXIF:ExifVersion")),
        told("taken_at", taken_at(tags).map(Told::Text)),
        told("latitude", numbers("Composite:GPSLatitude", 1e-9)),
        told("longitude", numbers("Composite:GPSLongitude", 1e-9)),
        told("altitude", numbers("Composite:GPSAltitude", 1e-6)),
        told("lens", texts("EXIF:LensModel")),
        told("iso", numbers("EXIF:ISO", 0.0)),
        told("exposure_time", exposure_time(tags)),
    ]
}

/// "2021:04:11 15:47:53", "054" and "-05:00" as API.md writes them; no date where there is none.
fn taken_at(tags: &Tags) -> Option<String> {
    let (date, time) =
        text(tags.get("EXIF:DateTimeOriginal")?).split_once(' ').map(|(d, t)| (d.replace(':', "-"), t.to_owned()))?;
    let sub_sec =
        tags.get("EXIF:SubSecTimeOriginal").map(text).map(|digits| format!(".{digits:0<6}")).unwrap_or_default();
    let offset = tags.get("EXIF:OffsetTimeOriginal").map(text).unwrap_or_default();
    (!date.starts_with("0000")).then(|| format!("{date}T{time}{sub_sec}{offset}"))
}

/// A fraction of a second is told to 0.5 %.
fn exposure_time(tags: &Tags) -> Option<Told> {
    let secs = number(tags.get("EXIF:ExposureTime")?)?;
    Some(Told::Number(secs, secs * 0.005))
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A number as JSON, as text, or as a fraction.
fn number(value: &Value) -> Option<f64> {
    let text = text(value);
    match text.split_once('/') {
        Some((above, below)) => Some(above.parse::<f64>().ok()? / below.parse::<f64>().ok()?),
        None => text.parse().ok(),
    }
}
