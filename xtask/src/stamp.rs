//! Remembers, by content, what a step read and what it made, so that it can be left out when neither has changed.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::project;

/// The inputs of one step as they are now, and the record of its last success.
pub(crate) struct Stamp {
    record: PathBuf,
    inputs: u64,
}

impl Stamp {
    /// Reads the inputs: taken before the work, so that an edit made during it counts as a change.
    pub(crate) fn of(step: &str, inputs: &[PathBuf]) -> Result<Self> {
        Self::recorded_in(&project::target().join("xtask"), step, inputs)
    }

    fn recorded_in(folder: &Path, step: &str, inputs: &[PathBuf]) -> Result<Self> {
        Ok(Self { record: folder.join(format!("{step}.stamp")), inputs: content_hash(inputs)? })
    }

    /// Whether the last success read the same inputs and what it made is still there, untouched.
    pub(crate) fn matches(&self, outputs: &[PathBuf]) -> Result<bool> {
        let Ok(record) = fs::read_to_string(&self.record) else { return Ok(false) };
        Ok(record == self.text(outputs)?)
    }

    /// Remembers a success.
    pub(crate) fn save(&self, outputs: &[PathBuf]) -> Result<()> {
        let folder = self.record.parent().expect("a record lies in a folder");
        fs::create_dir_all(folder)?;
        fs::write(&self.record, self.text(outputs)?).with_context(|| self.record.display().to_string())
    }

    fn text(&self, outputs: &[PathBuf]) -> Result<String> {
        Ok(format!("{:016x} {:016x}\n", self.inputs, content_hash(outputs)?))
    }
}

/// One number for the names and bytes of these files and of everything below these folders. A missing path counts too.
fn content_hash(paths: &[PathBuf]) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    for path in paths {
        hash_path(path, &mut hasher).with_context(|| path.display().to_string())?;
    }
    Ok(hasher.finish())
}

fn hash_path(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    path.hash(hasher);
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => {
            let mut children = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
            children.sort();
            children.iter().try_for_each(|child| hash_path(child, hasher))
        }
        Ok(_) => {
            fs::read(path)?.hash(hasher);
            Ok(())
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            "missing".hash(hasher);
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_left_out_only_while_inputs_and_outputs_stay_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let (source, made) = (folder.path().join("source"), folder.path().join("made"));
        let stamp =
            || Stamp::recorded_in(&folder.path().join("stamps"), "step", std::slice::from_ref(&source)).unwrap();
        let outputs = [made.clone()];
        fs::create_dir(&source).unwrap();
        fs::write(source.join("a.ts"), "1").unwrap();
        assert!(!stamp().matches(&outputs).unwrap(), "never done");

        fs::write(&made, "one").unwrap();
        stamp().save(&outputs).unwrap();
        assert!(stamp().matches(&outputs).unwrap(), "nothing changed");

        fs::write(&made, "touched by hand").unwrap();
        assert!(!stamp().matches(&outputs).unwrap(), "the output changed");
        fs::remove_file(&made).unwrap();
        assert!(!stamp().matches(&outputs).unwrap(), "the output is gone");

        fs::write(&made, "one").unwrap();
        fs::write(source.join("b.ts"), "2").unwrap();
        assert!(!stamp().matches(&outputs).unwrap(), "a new source file");
        fs::rename(source.join("b.ts"), source.join("c.ts")).unwrap();
        stamp().save(&outputs).unwrap();
        fs::rename(source.join("c.ts"), source.join("d.ts")).unwrap();
        assert!(!stamp().matches(&outputs).unwrap(), "a renamed source file");
    }
}
