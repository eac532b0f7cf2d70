//! Files that appear whole or not at all: written under a temporary name beside the target, synced, renamed.

use std::fs::{self, File};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::blockwise::Blockwise;
use super::error::RecordError;
use super::lock::host_name;

/// What the manifest says of a finished file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFact {
    /// Name inside the run folder.
    pub name: String,
    /// Size.
    pub bytes: u64,
    /// Rows below the header; absent for a file that is no table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// SHA-256 of the contents, in hexadecimal.
    pub sha256: String,
}

/// A file under construction. Dropped without [`AtomicFile::publish`], it leaves the target as it was.
pub(crate) struct AtomicFile {
    name: String,
    target: PathBuf,
    temporary: Temporary,
    out: Blockwise<File>,
    hash: Sha256,
    bytes: u64,
}

/// A synced file that waits for its name.
pub(crate) struct Staged {
    target: PathBuf,
    temporary: Temporary,
    fact: FileFact,
}

/// Removes the temporary file unless it was renamed.
struct Temporary(Option<PathBuf>);

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            // Nothing depends on it: the next attempt overwrites a leftover.
            let _ = fs::remove_file(path);
        }
    }
}

impl AtomicFile {
    /// Begins `dir/name` under the name `dir/.name.tmp`; of `folder/name`, whose folder is there, it is
    /// `dir/folder/.name.tmp`. A leftover of a killed run is overwritten: the lock of the folder keeps two writers apart.
    pub(crate) fn create(dir: &Path, name: &str) -> Result<Self, RecordError> {
        Self::create_as(dir, name, "")
    }

    /// Begins `dir/name` where other processes, perhaps on other hosts, may be writing the same file, under a temporary
    /// name that no other has. What a killed process leaves of it stays.
    pub(crate) fn create_beside_others(dir: &Path, name: &str) -> Result<Self, RecordError> {
        Self::create_as(dir, name, &format!(".{}", unique_name()))
    }

    fn create_as(dir: &Path, name: &str, distinction: &str) -> Result<Self, RecordError> {
        let target = dir.join(name);
        let last = target.file_name().map_or_else(String::new, |last| last.to_string_lossy().into_owned());
        let path = target.with_file_name(format!(".{last}{distinction}.tmp"));
        let file = File::create(&path).map_err(RecordError::io("create", &path))?;
        Ok(Self {
            name: name.to_owned(),
            target,
            temporary: Temporary(Some(path)),
            out: Blockwise::new(file, 0),
            hash: Sha256::new(),
            bytes: 0,
        })
    }

    /// Appends `bytes`.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), RecordError> {
        self.write_all(bytes).map_err(RecordError::io("write", &self.target))
    }

    /// Bytes appended so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// SHA-256 of what was appended so far.
    pub(crate) fn digest(&self) -> [u8; 32] {
        self.hash.clone().finalize().into()
    }

    /// Brings everything to disk; the name comes with [`Staged::publish`].
    pub(crate) fn stage(mut self, rows: Option<u64>) -> Result<Staged, RecordError> {
        self.out.flush().map_err(RecordError::io("write", &self.target))?;
        self.out.get_ref().sync_all().map_err(RecordError::io("sync", &self.target))?;
        let fact = FileFact { name: self.name, bytes: self.bytes, rows, sha256: hex(&self.hash.finalize()) };
        Ok(Staged { target: self.target, temporary: self.temporary, fact })
    }

    /// [`AtomicFile::stage`] and [`Staged::publish`].
    pub(crate) fn publish(self, rows: Option<u64>) -> Result<FileFact, RecordError> {
        self.stage(rows)?.publish()
    }
}

impl AtomicFile {
    /// Where it will be.
    #[cfg(feature = "parquet")]
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Staged {
    /// What the manifest will say of it.
    pub(crate) fn fact(&self) -> &FileFact {
        &self.fact
    }

    /// Renames the file into place, replacing what was there.
    pub(crate) fn publish(mut self) -> Result<FileFact, RecordError> {
        if let Some(temporary) = &self.temporary.0 {
            fs::rename(temporary, &self.target).map_err(RecordError::io("rename into place", &self.target))?;
        }
        self.temporary.0 = None;
        sync_folder(&self.target)?;
        Ok(self.fact)
    }
}

/// Makes the rename itself survive a loss of power, where the platform lets a folder be synced.
pub(crate) fn sync_folder(file: &Path) -> Result<(), RecordError> {
    if cfg!(unix)
        && let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty())
    {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(RecordError::io("sync", folder))?;
    }
    Ok(())
}

/// `HOST.PID.RANDOM`: a name that no other process has, on whatever host, at whatever time.
pub fn unique_name() -> String {
    // Seeded by the operating system, and differently each time.
    let random = RandomState::new().build_hasher().finish();
    let host: String =
        host_name().chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' }).take(64).collect();
    format!("{host}.{}.{random:016x}", std::process::id())
}

/// Makes the folder `dir` if it is not there, and finds out whether files can be written into it; nothing is left behind.
///
/// # Errors
/// [`RecordError::Io`].
pub fn prepare_folder(dir: &Path) -> Result<(), RecordError> {
    fs::create_dir_all(dir).map_err(RecordError::io("create", dir))?;
    AtomicFile::create(dir, "probe").map(drop)
}

/// Writes `bytes` as the file `name` in `dir`: whole, or not at all.
///
/// # Errors
/// [`RecordError::Io`].
pub fn publish(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), RecordError> {
    let mut file = AtomicFile::create(dir, name)?;
    file.push(bytes)?;
    file.publish(None).map(|_| ())
}

/// As [`publish`], where others may be writing the same file.
///
/// # Errors
/// [`RecordError::Io`].
pub fn publish_beside_others(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), RecordError> {
    let mut file = AtomicFile::create_beside_others(dir, name)?;
    file.push(bytes)?;
    file.publish(None).map(|_| ())
}

/// Writes `bytes` as the file `name` in `dir` unless such a file is there: of several writers the first one wins. Says whether
/// this one was it.
///
/// # Errors
/// [`RecordError::Io`].
pub fn publish_first(dir: &Path, name: &str, bytes: &[u8]) -> Result<bool, RecordError> {
    let target = dir.join(name);
    if target.exists() {
        return Ok(false);
    }
    let unique = unique_name();
    publish(dir, &format!(".{name}.{unique}"), bytes)?;
    let written = dir.join(format!(".{name}.{unique}"));
    // A second name is refused where there is such a file, which a rename would replace.
    let linked = fs::hard_link(&written, &target);
    let outcome = match linked {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        // A file system without second names: whoever came between is replaced, in the instant since the look above.
        Err(_) => fs::rename(&written, &target).map(|()| true).map_err(RecordError::io("rename into place", &target)),
    };
    // After a rename there is nothing left to remove.
    let _ = fs::remove_file(&written);
    sync_folder(&target)?;
    outcome
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to memory cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// SHA-256 of the file `path`, in hexadecimal, read as a stream.
///
/// # Errors
/// [`RecordError::Io`].
pub fn sha256_of_file(path: &Path) -> Result<String, RecordError> {
    let mut file = File::open(path).map_err(RecordError::io("read", path))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer).map_err(RecordError::io("read", path))? {
            0 => return Ok(hex(&hash.finalize())),
            length => hash.update(&buffer[..length]),
        }
    }
}

/// SHA-256 of `bytes`, in hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_reader_sees_the_old_file_until_the_new_one_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("a.csv");
        fs::write(&target, "old").unwrap();

        let mut file = AtomicFile::create(dir.path(), "a.csv").unwrap();
        file.push(b"new").unwrap();
        let staged = file.stage(Some(0)).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"old");

        let fact = staged.publish().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert_eq!(fact.bytes, 3);
        assert_eq!(fact.sha256, sha256_hex(b"new"));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no temporary is left");
    }

    #[test]
    fn an_abandoned_file_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let mut file = AtomicFile::create(dir.path(), "a.csv").unwrap();
        file.push(b"half").unwrap();
        drop(file);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn sha256_of_abc() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
