//! Buffers for frames that go from the threads that compute to the journal and back, so that none is made for every chunk.

use std::sync::{Mutex, PoisonError};

use super::frame::Framing;
use super::frames::Frames;

/// Bytes of a buffer above which it is given up rather than kept: one piece of a chunk needs a tenth, unless trials have
/// thousands of rows.
const KEPT_BYTES: usize = 1 << 21;

/// Bytes of all buffers that wait at a time.
const KEPT_IN_ALL: usize = 1 << 26;

/// Empty buffers for the frames of one run.
pub struct FramePool {
    framing: Framing,
    spare: Mutex<Vec<Frames>>,
}

impl FramePool {
    /// None yet.
    pub(super) fn new(framing: Framing) -> Self {
        Self { framing, spare: Mutex::default() }
    }

    /// An empty buffer: one that came back, or a new one.
    pub fn take(&self) -> Frames {
        let spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop();
        spare.unwrap_or_else(|| Frames::new(self.framing))
    }

    /// Takes buffers back whose frames are in the journal.
    pub fn give_back(&self, buffers: Vec<Frames>) {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kept: usize = spare.iter().map(Frames::capacity).sum();
        for mut frames in buffers {
            if frames.capacity() <= KEPT_BYTES && kept + frames.capacity() <= KEPT_IN_ALL {
                kept += frames.capacity();
                frames.clear();
                spare.push(frames);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::table::{Sink as _, Value};

    #[test]
    fn what_comes_back_is_empty_and_kept_unless_it_is_large() {
        let pool = FramePool::new(Framing::new(&[7; 32]));
        let filled = |values: usize| {
            let mut frames = pool.take();
            assert_eq!((frames.count(), frames.bytes().len()), (0, 0));
            frames.push(0, &[1_u32, 2, 3, 4].map(Value::from), |payload| {
                payload.table(|rows| (0..values).for_each(|_| rows.take(Value::Float(0.5))));
            });
            frames
        };
        pool.give_back(vec![filled(1000), filled(KEPT_BYTES / 9 + 1)]);
        let kept = pool.take();
        assert!(kept.capacity() >= 9000 && kept.count() == 0);
        assert_eq!(pool.take().capacity(), 0, "the large one is gone");
        let many: Vec<Frames> = (0..100).map(|_| filled(KEPT_BYTES / 18)).collect();
        let capacity = many[0].capacity();
        pool.give_back(many);
        let kept = std::iter::repeat_with(|| pool.take().capacity()).take_while(|&bytes| bytes > 0).count();
        assert_eq!(kept, (KEPT_IN_ALL / capacity).min(100), "no more than may wait");
    }
}
