//! Seconds of compute passes by the device's own clock: every pass writes a time stamp where it begins and one where it
//! ends, and the stamps come back with the next reading of results.
//!
//! Stamps are a courtesy of the driver. Whatever is odd about them (no clock, more passes than there is room for, zeros,
//! an end before its beginning, a counter that wrapped or jumped) means that there are no device seconds, and the host's
//! are reported instead; nothing else follows from it.

use std::time::Instant;

/// Passes between two readings that the query set has room for: two stamps each.
pub(super) const MOST_PASSES: u32 = wgpu::QUERY_SET_MAX_QUERIES / 2;
/// Bytes of a resolved stamp.
const STAMP_BYTES: u64 = wgpu::QUERY_SIZE as u64;
/// What a driver writes for a stamp that was never taken: zero, or Metal's `MTLCounterErrorValue`.
const NO_STAMP: [u64; 2] = [0, u64::MAX];
/// Passes may take so much longer by the device's clock than the host waited for them: a driver rounds its period, and
/// neither oscillator is exact. What is beyond has jumped.
const RATE_TOLERANCE: f64 = 0.05;

/// The clock of one device. One query set serves for all chunks, because some drivers have room for few.
pub(super) struct DeviceClock {
    queries: wgpu::QuerySet,
    /// Where stamps go on their way to a buffer that can be mapped, which cannot be resolved into.
    resolved: wgpu::Buffer,
    seconds_per_tick: f64,
}

impl DeviceClock {
    /// The clock of `device`, which must have been opened with `TIMESTAMP_QUERY`.
    pub(super) fn new(device: &wgpu::Device, queue: &wgpu::Queue) -> Self {
        Self {
            queries: device.create_query_set(&wgpu::QuerySetDescriptor {
                label: Some("clock"),
                ty: wgpu::QueryType::Timestamp,
                count: 2 * MOST_PASSES,
            }),
            resolved: device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("stamps"),
                size: u64::from(2 * MOST_PASSES) * STAMP_BYTES,
                usage: wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC,
                mapped_at_creation: false,
            }),
            seconds_per_tick: f64::from(queue.get_timestamp_period()) * 1e-9,
        }
    }
}

/// Adds up the passes of one chunk. The stopwatches of a device share its query set: one at a time.
pub(super) struct Stopwatch<'a> {
    clock: Option<&'a DeviceClock>,
    /// Passes since the last reading.
    passes: u32,
    /// When the host began to wait for them.
    since: Instant,
    /// Sum of the readings so far; `None` from the first one on that made no sense.
    seconds: Option<f64>,
}

impl<'a> Stopwatch<'a> {
    /// At zero. Without a clock it stays there.
    pub(super) fn new(clock: Option<&'a DeviceClock>) -> Self {
        Self { clock, passes: 0, since: Instant::now(), seconds: clock.map(|_| 0.0) }
    }

    /// Seconds of all passes that were read; `None` if any of them is not known, or if there was none.
    pub(super) fn seconds(&self) -> Option<f64> {
        self.seconds.filter(|&seconds| seconds > 0.0)
    }

    /// What the next pass is to write.
    pub(super) fn begin_pass(&mut self) -> Option<wgpu::ComputePassTimestampWrites<'a>> {
        let clock = self.clock?;
        if self.passes == 0 {
            self.since = Instant::now();
        }
        let pass = self.passes;
        self.passes = pass.saturating_add(1);
        (pass < MOST_PASSES).then_some(wgpu::ComputePassTimestampWrites {
            query_set: &clock.queries,
            beginning_of_pass_write_index: Some(2 * pass),
            end_of_pass_write_index: Some(2 * pass + 1),
        })
    }

    /// Bytes of the stamps that the next reading brings back.
    pub(super) fn stamp_bytes(&self) -> u64 {
        u64::from(self.stamps()) * STAMP_BYTES
    }

    fn stamps(&self) -> u32 {
        2 * self.passes.min(MOST_PASSES)
    }

    /// Copies the stamps of all passes since the last reading to `staging`, from byte `offset` on.
    pub(super) fn copy_stamps(&self, encoder: &mut wgpu::CommandEncoder, staging: &wgpu::Buffer, offset: u64) {
        // To resolve what was never written may wait for ever.
        if let Some(clock) = self.clock.filter(|_| self.passes > 0) {
            encoder.resolve_query_set(&clock.queries, 0..self.stamps(), &clock.resolved, 0);
            encoder.copy_buffer_to_buffer(&clock.resolved, 0, staging, offset, self.stamp_bytes());
        }
    }

    /// Takes the stamps that came back.
    pub(super) fn read(&mut self, stamps: &[u64]) {
        let Some(clock) = self.clock.filter(|_| self.passes > 0) else { return };
        let host_seconds = self.since.elapsed().as_secs_f64();
        let whole = self.passes <= MOST_PASSES;
        let seconds = busy_seconds(stamps, clock.seconds_per_tick, host_seconds).filter(|_| whole);
        self.seconds = self.seconds.zip(seconds).map(|(sum, seconds)| sum + seconds);
        self.passes = 0;
    }
}

/// Seconds during which at least one pass was under way. `stamps`: begin and end of every pass, in ticks, in the order of
/// submission; the host waited `host_seconds` for all of them. `None` if the stamps cannot be true.
fn busy_seconds(stamps: &[u64], seconds_per_tick: f64, host_seconds: f64) -> Option<f64> {
    let first = *stamps.iter().min()?;
    let (mut busy, mut until) = (0, 0);
    for pass in stamps.chunks_exact(2) {
        let (begin, end) = (pass[0], pass[1]);
        // Each pass needs what the one before it wrote, so that they end in order.
        if NO_STAMP.contains(&begin) || NO_STAMP.contains(&end) || end < begin || end < until {
            return None;
        }
        // Some devices begin a pass before the one before it has ended: what they share counts once.
        busy += end.saturating_sub(begin.max(until));
        until = end;
    }
    let span = until.saturating_sub(first) as f64 * seconds_per_tick;
    let seconds = busy as f64 * seconds_per_tick;
    // The span as well, because a counter that jumps between two passes is no clock either.
    (seconds > 0.0 && span <= host_seconds * (1.0 + RATE_TOLERANCE)).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A microsecond; host seconds below are those of 1000 ticks.
    const TICK: f64 = 1e-6;
    const HOST: f64 = 1e-3;

    #[test]
    fn passes_are_summed_without_the_gaps_between_them() {
        let seconds = busy_seconds(&[100, 300, 350, 400, 900, 1000], TICK, HOST);
        assert!((seconds.unwrap_or(f64::NAN) - 350.0 * TICK).abs() < 1e-15, "{seconds:?}");
        let coarse = busy_seconds(&[100, 100, 100, 200], TICK, HOST);
        assert!((coarse.unwrap_or(f64::NAN) - 100.0 * TICK).abs() < 1e-15, "a pass may be below a tick: {coarse:?}");
    }

    #[test]
    fn what_two_passes_share_counts_once() {
        let seconds = busy_seconds(&[100, 300, 250, 400], TICK, HOST);
        assert!((seconds.unwrap_or(f64::NAN) - 300.0 * TICK).abs() < 1e-15, "{seconds:?}");
    }

    #[test]
    fn stamps_that_cannot_be_true_are_no_time() {
        let nonsense: [(&str, &[u64]); 9] = [
            ("none", &[]),
            ("never written", &[0, 0, 0, 0]),
            ("one never written", &[100, 200, 0, 300]),
            ("Metal's error", &[u64::MAX, u64::MAX]),
            ("end before begin", &[100, 200, 300, 299]),
            ("wrapped", &[u64::MAX - 5, 20]),
            ("stands still", &[100, 100, 100, 100]),
            ("jumps between two passes", &[100, 200, 100_000, 100_100]),
            ("jumps back between two passes", &[400, 500, 100, 200]),
        ];
        for (what, stamps) in nonsense {
            assert_eq!(busy_seconds(stamps, TICK, HOST), None, "{what}");
        }
        assert_eq!(busy_seconds(&[100, 1151], TICK, HOST), None, "longer than the host waited");
        for period in [0.0, -1e-9, f64::NAN, f64::INFINITY] {
            assert_eq!(busy_seconds(&[100, 200], period, HOST), None, "a tick of {period} s");
        }
    }

    #[test]
    fn without_a_clock_nothing_is_asked_for_and_nothing_known() {
        let mut watch = Stopwatch::new(None);
        assert!(watch.begin_pass().is_none());
        assert_eq!((watch.stamp_bytes(), watch.seconds()), (0, None));
        watch.read(&[100, 200]);
        assert_eq!(watch.seconds(), None);
    }
}
