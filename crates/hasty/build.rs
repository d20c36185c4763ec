//! Finds the built web pages, or writes plain stand-ins for them, so that `cargo check` needs no Node.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// Each page with what the server fills in.
const PAGES: [(&str, &str); 3] = [
    ("guest.html", "<script type=\"application/json\" id=\"invitation\">{{invitation}}</script>"),
    ("closed.html", "<p data-reason=\"{{reason}}\">"),
    ("admin.html", ""),
];

fn main() -> std::io::Result<()> {
    let manifest_dir = PathBuf::from(required("CARGO_MANIFEST_DIR"));
    let built = manifest_dir.join("../../web/dist");
    println!("cargo::rerun-if-changed={}", built.display());
    let dist = if built.join("guest.html").is_file() { built.canonicalize()? } else { stand_ins(required("OUT_DIR"))? };
    println!("cargo::rustc-env=HASTY_WEB_DIST={}", dist.display());
    Ok(())
}

fn stand_ins(out_dir: String) -> std::io::Result<PathBuf> {
    let dir = Path::new(&out_dir).join("web");
    fs::create_dir_all(dir.join("assets"))?;
    for (page, filled_in) in PAGES {
        let told = "<!doctype html><title>HastyImages</title><p>Built without its pages: run cargo xtask run.";
        fs::write(dir.join(page), format!("{told}{filled_in}\n"))?;
    }
    Ok(dir)
}

#[expect(clippy::disallowed_methods, reason = "this is how cargo speaks to a build script")]
fn required(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}
