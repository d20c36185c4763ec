//! `cargo xtask truth`: how often our readings agree with ExifTool's, field by field.

use std::{collections::BTreeMap, fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
use metadata::truth::{Comparison, Tags, compare};
use serde_json::Value;

#[derive(clap::Args)]
pub(crate) struct Truth {
    /// A folder of photos with an `exiftool.json` in it: `exiftool -r -n -G0 -json . >exiftool.json`, or tags by path
    folder: PathBuf,
}

/// Of how many files a field is told, by them or by us, and of how many of these by both alike.
#[derive(Default)]
struct Count {
    told: u32,
    alike: u32,
}

impl Truth {
    pub(crate) fn execute(self) -> Result<()> {
        let truth = self.tags_by_path()?;
        let (mut counts, mut differences) = (BTreeMap::<_, Count>::new(), Vec::new());
        for (path, tags) in &truth {
            let bytes =
                fs::read(self.folder.join(path)).with_context(|| format!("{path}, which exiftool.json names"))?;
            for comparison in compare(&metadata::read(&bytes), tags) {
                let alike = comparison.agrees();
                let Comparison { field, ours, theirs } = comparison;
                let count = counts.entry(field).or_default();
                count.told += u32::from(ours.is_some() || theirs.is_some());
                count.alike += u32::from(alike && ours.is_some());
                if !alike {
                    differences.push(format!("{path}: {field}: we read {ours:?}, ExifTool {theirs:?}"));
                }
            }
        }
        for difference in &differences {
            println!("{difference}");
        }
        println!("{:<16} {:>6} {:>6}", "field", "told", "alike");
        for (field, Count { told, alike }) in &counts {
            println!("{field:<16} {told:>6} {alike:>6}");
        }
        let (told, alike) = counts.values().fold((0, 0), |sum, count| (sum.0 + count.told, sum.1 + count.alike));
        let percent = 100.0 * f64::from(alike) / f64::from(told.max(1));
        println!("{alike} of {told} values in {} files agree: {percent:.2} %", truth.len());
        Ok(())
    }

    fn tags_by_path(&self) -> Result<BTreeMap<String, Tags>> {
        let file = self.folder.join("exiftool.json");
        let json = fs::read(&file).with_context(|| {
            let command = "exiftool -r -n -G0 -json . >exiftool.json";
            format!("{} is needed; in that folder, `{command}` makes it", file.display())
        })?;
        let truth: BTreeMap<String, Tags> = match serde_json::from_slice(&json)? {
            Value::Array(list) => list.into_iter().filter_map(with_path).collect(),
            by_path => serde_json::from_value(by_path).context("tags by path")?,
        };
        ensure!(!truth.is_empty(), "{} names no file", file.display());
        Ok(truth)
    }
}

/// ExifTool's own form has the path among the tags. Itself and what it failed to read are no photos.
fn with_path(tags: Value) -> Option<(String, Tags)> {
    let Value::Object(tags) = tags else { return None };
    let path = tags.get("SourceFile")?.as_str()?.trim_start_matches("./").to_owned();
    (!path.ends_with(".json")).then_some((path, tags))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(json: &Value) -> Result<()> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("a.gif"), b"GIF89a\x02\0\x01\0\0\0\0;")?;
        fs::write(folder.path().join("exiftool.json"), json.to_string())?;
        Truth { folder: folder.path().to_owned() }.execute()
    }

    #[test]
    fn both_forms_of_the_tags_are_read() {
        let tags = json!({"File:MIMEType": "image/gif", "File:ImageWidth": 2, "File:ImageHeight": 1});
        run(&json!({"a.gif": tags})).unwrap();
        run(&json!([{"SourceFile": "./a.gif"}, {"SourceFile": "./exiftool.json"}])).unwrap();
        assert!(run(&json!({})).is_err());
        assert!(run(&json!({"missing.gif": tags})).is_err());
    }
}
