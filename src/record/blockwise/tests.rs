use std::cell::{Cell, RefCell};
use std::io::ErrorKind;

use super::*;

/// Lengths of writes around those of a block.
const LENGTHS: [usize; 9] = [1, 70_000, 3, BLOCK_BYTES, 3 * BLOCK_BYTES + 5, 80_000, 0, 2 * BLOCK_BYTES, 7];

/// A file that may be written to in bad conditions.
struct Disk {
    /// Bytes that one call takes at most.
    most: usize,
    /// Bytes that are free.
    room: Cell<usize>,
    /// How many calls there are until the next is interrupted by a signal; every such call is followed by a good one.
    until_signal: Cell<usize>,
    /// The length of each write that came to something.
    writes: RefCell<Vec<usize>>,
    written: RefCell<Vec<u8>>,
}

impl Default for Disk {
    fn default() -> Self {
        Self {
            most: usize::MAX,
            room: Cell::new(usize::MAX),
            until_signal: Cell::new(usize::MAX),
            writes: RefCell::default(),
            written: RefCell::default(),
        }
    }
}

impl Write for &Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.until_signal.get() == 0 {
            self.until_signal.set(1);
            return Err(ErrorKind::Interrupted.into());
        }
        self.until_signal.set(self.until_signal.get() - 1);
        let taken = bytes.len().min(self.most).min(self.room.get());
        if taken == 0 && !bytes.is_empty() {
            return Err(ErrorKind::StorageFull.into());
        }
        self.room.set(self.room.get() - taken);
        self.writes.borrow_mut().push(taken);
        self.written.borrow_mut().extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is written by calls of [`LENGTHS`].
fn contents() -> Vec<Vec<u8>> {
    LENGTHS.map(|length| (0..length).map(|at| (at % 251).to_le_bytes()[0]).collect()).to_vec()
}

#[test]
fn writes_are_whole_blocks_but_the_first_and_the_last() {
    for start in [0, 100, BLOCK_BYTES - 1] {
        let disk = Disk::default();
        let mut out = Blockwise::new(&disk, start as u64);
        for bytes in contents() {
            out.write_all(&bytes).unwrap();
        }
        out.flush().unwrap();
        assert_eq!(*disk.written.borrow(), contents().concat());
        let writes = disk.writes.borrow();
        let mut at = start;
        for length in &writes[..writes.len() - 1] {
            at += length;
            assert_eq!(at % BLOCK_BYTES, 0, "start {start}: {writes:?}");
        }
    }
}

#[test]
fn short_and_interrupted_writes_lose_nothing_and_repeat_nothing() {
    for start in [0, 100] {
        for most in [7, 1000, BLOCK_BYTES - 1, BLOCK_BYTES + 1, usize::MAX] {
            for until_signal in [0, 1, usize::MAX] {
                let disk = Disk { most, until_signal: Cell::new(until_signal), ..Disk::default() };
                let mut out = Blockwise::new(&disk, start);
                for bytes in contents() {
                    out.write_all(&bytes).unwrap();
                }
                out.flush().unwrap();
                assert!(*disk.written.borrow() == contents().concat(), "{most} bytes at a time, signal {until_signal}");
            }
        }
    }
}

#[test]
fn a_full_disk_is_said_and_what_was_accepted_before_is_written_when_there_is_room() {
    let whole = contents().concat();
    for room in [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, 4 * BLOCK_BYTES + 9, whole.len() - 1] {
        let disk = Disk { room: Cell::new(room), ..Disk::default() };
        let mut out = Blockwise::new(&disk, 0);
        let mut accepted = 0;
        let failed = loop {
            match out.write(&whole[accepted..]) {
                // All was accepted, and the rest of it waits for the flush.
                Ok(0) => break out.flush().unwrap_err(),
                Ok(count) => accepted += count,
                Err(error) => break error,
            }
        };
        assert_eq!(failed.kind(), ErrorKind::StorageFull, "room for {room} bytes");
        assert!(*disk.written.borrow() == whole[..room], "room for {room} bytes");
        assert!(accepted >= room, "{accepted} bytes were accepted, {room} are in the file");
        disk.room.set(usize::MAX);
        out.flush().unwrap();
        assert!(*disk.written.borrow() == whole[..accepted], "room for {room} bytes, later for all");
    }
}
