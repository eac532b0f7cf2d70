//! The texts a config is made of, and places in them.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Largest config file that is read, in bytes.
pub const MAX_FILE_BYTES: u64 = 1 << 20;

/// Where a text comes from.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    /// A config file, by the path that its user or its heir wrote.
    File(PathBuf),
    /// One `--set KEY=VALUE` of the command line.
    Set,
}

/// A text that states values.
#[derive(Clone, Debug)]
pub(super) struct Text {
    origin: Origin,
    content: String,
    /// Byte at which each line starts.
    line_starts: Vec<usize>,
}

/// Line and column of a byte.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position {
    /// From 0.
    pub(super) line: usize,
    /// Byte at which the line starts.
    pub(super) line_start: usize,
}

impl Text {
    pub(super) fn new(origin: Origin, content: String) -> Self {
        let line_starts = std::iter::once(0).chain(content.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { origin, content, line_starts }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.content
    }

    pub(super) fn is_file(&self) -> bool {
        self.file().is_some()
    }

    /// The file's path; `None` for a `--set`.
    pub(super) fn file(&self) -> Option<&Path> {
        match &self.origin {
            Origin::File(path) => Some(path),
            Origin::Set => None,
        }
    }

    /// What an error calls this text.
    pub(super) fn origin(&self) -> String {
        match &self.origin {
            Origin::File(path) => path.display().to_string(),
            Origin::Set => "--set".to_owned(),
        }
    }

    pub(super) fn position(&self, byte: usize) -> Position {
        let line = self.line_starts.partition_point(|&start| start <= byte).max(1) - 1;
        Position { line, line_start: self.line_starts[line] }
    }

    /// Line `line` (from 0) without its end.
    pub(super) fn line(&self, line: usize) -> &str {
        let end = self.line_starts.get(line + 1).map_or(self.content.len(), |next| next - 1);
        self.content[self.line_starts[line]..end].trim_end_matches('\r')
    }
}

/// All texts of one config, in the order in which they were read.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts(Vec<Text>);

impl Texts {
    /// Keeps `text` and returns its number.
    pub(super) fn add(&mut self, text: Text) -> usize {
        self.0.push(text);
        self.0.len() - 1
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn get(&self, place: Place) -> &Text {
        &self.0[place.text]
    }

    /// The characters at `place`; empty where the whole text is meant.
    pub(super) fn slice(&self, place: Place) -> &str {
        place.span().and_then(|span| self.get(place).content.get(span)).unwrap_or_default()
    }
}

/// A stretch of one of the texts. Ordered as a reader meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    text: usize,
    start: usize,
    /// `usize::MAX` where the whole text is meant.
    end: usize,
}

impl Place {
    pub(super) fn new(text: usize, span: Range<usize>) -> Self {
        Self { text, start: span.start, end: span.end.max(span.start) }
    }

    /// The text as a whole: for what is missing from it.
    pub(super) fn whole(text: usize) -> Self {
        Self { text, start: 0, end: usize::MAX }
    }

    /// Bytes of the text; `None` for the whole of it.
    pub(super) fn span(self) -> Option<Range<usize>> {
        (self.end != usize::MAX).then_some(self.start..self.end)
    }

    /// `length` bytes, `offset` bytes into this place.
    pub(super) fn within(self, offset: usize, length: usize) -> Self {
        match self.span() {
            Some(span) => Self { start: span.start + offset, end: span.start + offset + length, ..self },
            None => self,
        }
    }
}

/// Reads a config file.
///
/// # Errors
/// Words that follow the file's name: it is missing, unreadable, too large or not UTF-8.
pub(super) fn read_file(path: &Path) -> Result<String, String> {
    let refuse = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        _ => format!("cannot be read: {error}"),
    };
    if path.is_dir() {
        return Err("is a folder; a config is a TOML file".to_owned());
    }
    let mut bytes = Vec::new();
    // One byte more than allowed is asked for, so that even an endless device file is refused soon.
    File::open(path).map_err(refuse)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(refuse)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(format!(
            "is larger than {MAX_FILE_BYTES} bytes; put data into a .csv or .npy file and name it in design.path"
        ));
    }
    String::from_utf8(bytes).map_err(|error| {
        format!("is not UTF-8 text: byte {} is not part of a character", error.utf8_error().valid_up_to() + 1)
    })
}
