//! Finished trials in one buffer, framed and sealed as the journal will have them: written by whoever computes, appended as
//! they are, and the buffer used again.

use super::encoding::Payload;
use super::frame::{Framing, TrialRecord};
use crate::measure::TRIAL_KEY;
use crate::measure::table::Value;

/// Frames of trials of one run, in any order.
#[derive(Clone)]
pub struct Frames {
    framing: Framing,
    /// Frame after frame; behind the last one perhaps what was left of a trial that could not be finished.
    bytes: Vec<u8>,
    /// Which trials, each with the place where its frame ends.
    trials: Vec<(usize, usize)>,
}

impl Frames {
    /// None yet.
    pub(super) fn new(framing: Framing) -> Self {
        Self { framing, bytes: Vec::new(), trials: Vec::new() }
    }

    /// Appends the trial at `index` with the key `key`; `write` gives, for each table of the run in its order, its rows.
    /// If `write` panics it is as if there had been no such call.
    pub fn push(&mut self, index: usize, key: &[Value; TRIAL_KEY.len()], write: impl FnOnce(&mut Payload<'_>)) {
        let start = self.begin();
        write(&mut Payload::begin(&mut self.bytes, key));
        self.end(index, start);
    }

    /// Appends `record` as it is.
    pub(super) fn push_record(&mut self, record: &TrialRecord) {
        let start = self.begin();
        self.bytes.extend_from_slice(&record.payload);
        self.end(record.index, start);
    }

    fn begin(&mut self) -> usize {
        let start = self.length();
        self.bytes.truncate(start);
        Framing::begin(&mut self.bytes);
        start
    }

    fn end(&mut self, index: usize, start: usize) {
        self.framing.end(index, &mut self.bytes, start);
        self.trials.push((index, self.bytes.len()));
    }

    /// Bytes of memory that it has.
    pub(super) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// Forgets all of them; the memory stays.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.trials.clear();
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.trials.len()
    }

    /// Whether they are sealed for the run of `framing`.
    pub(super) fn are_of(&self, framing: &Framing) -> bool {
        self.framing == *framing
    }

    /// The trials in their order, each with its frame.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &[u8])> + Clone {
        let starts = std::iter::once(0).chain(self.trials.iter().map(|(_, end)| *end));
        starts.zip(&self.trials).map(|(start, (index, end))| (*index, &self.bytes[start..*end]))
    }

    /// All frames, one behind the other.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length()]
    }

    fn length(&self) -> usize {
        self.trials.last().map_or(0, |(_, end)| *end)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::super::frame::HEAD_BYTES;
    use super::*;
    use crate::measure::table::Sink as _;

    fn key(replicate: u32) -> [Value; TRIAL_KEY.len()] {
        [Value::Int(6), Value::Int(12), Value::Missing, Value::from(replicate)]
    }

    #[test]
    fn a_trial_has_the_frame_of_its_record() {
        let mut written = Frames::new(Framing::new(&[7; 32]));
        let mut copied = Frames::new(Framing::new(&[7; 32]));
        for index in 0..3_u32 {
            let value = || Value::Float(f64::from(index));
            written.push(index as usize, &key(index), |payload| {
                payload.table(|rows| rows.take(value()));
                payload.table(|_| ());
            });
            let tables = [vec![vec![value()]], Vec::new()];
            copied.push_record(&TrialRecord::new(index as usize, &key(index), tables));
        }
        assert_eq!(written.bytes(), copied.bytes());
        let framing = Framing::new(&[7; 32]);
        let mut end = 0;
        for (at, (index, frame)) in written.iter().enumerate() {
            let (head, payload) = frame.split_first_chunk::<HEAD_BYTES>().unwrap();
            assert_eq!(framing.head(head).unwrap().index, index as u64);
            assert_eq!(index, at);
            assert!(Framing::holds(head, payload));
            end += frame.len();
        }
        assert_eq!((written.count(), end), (3, written.bytes().len()));
    }

    #[test]
    fn a_trial_that_panics_leaves_nothing() {
        let mut frames = Frames::new(Framing::new(&[7; 32]));
        let good = |frames: &mut Frames| frames.push(0, &key(0), |payload| payload.table(|rows| rows.take(1.0.into())));
        good(&mut frames);
        let one = frames.bytes().to_vec();
        let panicked = catch_unwind(AssertUnwindSafe(|| frames.push(1, &key(1), |_| panic!("as planned"))));
        assert!(panicked.is_err());
        assert_eq!((frames.bytes(), frames.count()), (&one[..], 1));
        good(&mut frames);
        assert_eq!(frames.bytes(), [&one[..], &one[..]].concat());
    }
}
