//! What does not fit in memory while the tables are built.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::error::RecordError;

/// A file without a name, on the disk of the run folder, that comes into being with the first byte and ends with this
/// process, however that ends.
#[derive(Debug)]
pub(crate) struct Scratch {
    path: PathBuf,
    file: Option<File>,
    end: u64,
}

impl Scratch {
    /// A scratch file that is called `dir/.name.scratch` for the instant in which it has a name.
    pub(crate) fn new(dir: &Path, name: &str) -> Self {
        Self { path: dir.join(format!(".{name}.scratch")), file: None, end: 0 }
    }

    /// Bytes in it.
    pub(crate) fn len(&self) -> u64 {
        self.end
    }

    /// Appends `bytes` and returns where they begin.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<u64, RecordError> {
        let start = self.end;
        let path = &self.path;
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(nameless(path)?),
        };
        file.seek(SeekFrom::Start(start))
            .and_then(|_| file.write_all(bytes))
            .map_err(RecordError::io("write", path))?;
        self.end += bytes.len() as u64;
        Ok(start)
    }

    /// Fills `bytes` from `start` on, where that much was appended.
    pub(crate) fn read(&mut self, start: u64, bytes: &mut [u8]) -> Result<(), RecordError> {
        let Some(file) = &mut self.file else { return Ok(()) };
        file.seek(SeekFrom::Start(start))
            .and_then(|_| file.read_exact(bytes))
            .map_err(RecordError::io("read back", &self.path))
    }

    /// Forgets what was appended; the room is used again.
    pub(crate) fn clear(&mut self) {
        self.end = 0;
    }
}

/// Opened and unlinked at once, so that not even a kill leaves it behind.
fn nameless(path: &Path) -> Result<File, RecordError> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)
        .map_err(RecordError::io("create", path))?;
    fs::remove_file(path).map_err(RecordError::io("unlink", path))?;
    Ok(file)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_was_appended_is_read_back_and_nothing_is_seen_of_it() {
        let dir = tempfile::tempdir().unwrap();
        let mut scratch = Scratch::new(dir.path(), "a");
        for round in 0..2_u8 {
            assert_eq!(scratch.append(&[round; 5]).unwrap(), 0);
            assert_eq!(scratch.append(b"xyz").unwrap(), 5);
            let mut bytes = [9; 4];
            scratch.read(3, &mut bytes).unwrap();
            assert_eq!(bytes, [round, round, b'x', b'y']);
            assert_eq!(scratch.len(), 8);
            assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
            scratch.clear();
        }
    }
}
