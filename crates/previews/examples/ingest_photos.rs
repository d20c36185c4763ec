//! The part of `cargo xtask bench ingest` that needs this crate.
//!
//! `ingest_photos make FOLDER COUNT` writes so many JPEGs of 12 megapixels, about 4 MB each; `ingest_photos show FILE…`
//! makes the previews of each, one after the other, and prints how many bytes they have.

use std::path::Path;

use anyhow::{Context, Result, bail};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use metadata::FileType;
use previews::{Limits, make};

const WIDTH: u16 = 4000;
const HEIGHT: u16 = 3000;
const QUALITY: u8 = 92;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["make", folder, count] => make_photos(Path::new(folder), count.parse()?),
        ["show", ref files @ ..] => show(files),
        _ => bail!("make FOLDER COUNT, or show FILE…"),
    }
}

fn make_photos(folder: &Path, count: u64) -> Result<()> {
    for number in 0..count {
        let mut encoder = Encoder::new_file(folder.join(format!("{number}.jpg")), QUALITY)?;
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        encoder.encode(&scene(number), WIDTH, HEIGHT, ColorType::Rgb)?;
    }
    Ok(())
}

/// Gradients with edges, under a sensor's noise.
fn scene(seed: u64) -> Vec<u8> {
    let mut noise = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut pixels = Vec::with_capacity(usize::from(WIDTH) * usize::from(HEIGHT) * 3);
    for y in 0..u32::from(HEIGHT) {
        for x in 0..u32::from(WIDTH) {
            // Marsaglia's xorshift64.
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            let grain = (noise & 15) as u32;
            let edge = if (x / 97 + y / 61 + seed as u32).is_multiple_of(3) { 60 } else { 0 };
            pixels.push((x * 160 / u32::from(WIDTH) + edge + grain) as u8);
            pixels.push((y * 160 / u32::from(HEIGHT) + edge / 2 + grain) as u8);
            pixels.push(((x + y) * 160 / 7000 + grain) as u8);
        }
    }
    pixels
}

fn show(files: &[&str]) -> Result<()> {
    let mut bytes = 0;
    for file in files {
        let photo = std::fs::read(file).with_context(|| (*file).to_owned())?;
        let previews = make(&photo, FileType::Jpeg, 1, &Limits::default())?;
        bytes += previews.small.len() + previews.large.len();
    }
    println!("{bytes}");
    Ok(())
}
