//! An open device with its kernels, and how it is opened again after it was lost.

use std::time::Duration;

use super::adapter;
use super::device::Device;
use super::fault::Fault;
use super::kernels::Kernels;
use super::report::{AdapterReport, Verdict};
use super::selftest;
use crate::engine::Incidents;

/// A device that had to be opened again more often than this in one run is not trusted any more.
const MOST_REOPENED: u64 = 4;

/// Waits before each try to open a lost device: a driver that resets itself needs a moment.
#[cfg(not(test))]
const PATIENCE: [Duration; 3] = [Duration::ZERO, Duration::from_secs(1), Duration::from_secs(4)];
#[cfg(test)]
const PATIENCE: [Duration; 2] = [Duration::ZERO; 2];

/// What is needed to serve a chunk, and what has gone wrong so far.
pub(super) struct Session {
    pub(super) device: Device,
    pub(super) kernels: Kernels,
    /// Bytes of reals in one chunk; smaller after the device ran out of memory.
    pub(super) chunk_bytes: u64,
    pub(super) incidents: Incidents,
    /// Which adapter to look for.
    adapter: AdapterReport,
    trust: Trust,
}

/// Whether a lost device is opened again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trust {
    Kept,
    GivenUp,
}

impl Session {
    /// `device` and `kernels` have passed the self-test.
    pub(super) fn new(device: Device, kernels: Kernels, adapter: AdapterReport) -> Self {
        let chunk_bytes = device.chunk_bytes();
        Self { device, kernels, chunk_bytes, incidents: Incidents::default(), adapter, trust: Trust::Kept }
    }

    /// Makes sure that there is a living device, if need be by opening it again.
    ///
    /// # Errors
    /// If it was lost too often, cannot be found again, or fails its self-test now.
    pub(super) fn revive(&mut self) -> Result<(), Fault> {
        let Err(loss) = self.device.check_alive() else { return Ok(()) };
        if self.trust == Trust::GivenUp {
            return Err(loss);
        }
        self.incidents.lost += 1;
        self.replace(loss)
    }

    /// Opens a device that answers but does not do its work: a fresh one has no history.
    ///
    /// # Errors
    /// As [`Session::revive`].
    pub(super) fn renew(&mut self) -> Result<(), Fault> {
        self.device.destroy();
        self.replace(Fault::lost("the device did not do its work"))
    }

    /// Opens the device again, because of `why`.
    fn replace(&mut self, why: Fault) -> Result<(), Fault> {
        let trusted = self.incidents.reopened < MOST_REOPENED;
        if trusted && PATIENCE.into_iter().any(|wait| self.reopened_after(wait)) {
            return Ok(());
        }
        self.trust = Trust::GivenUp;
        Err(why)
    }

    fn reopened_after(&mut self, wait: Duration) -> bool {
        std::thread::sleep(wait);
        let reopened = self.open_again().is_ok();
        self.incidents.reopened += u64::from(reopened);
        reopened
    }

    fn open_again(&mut self) -> Result<(), Fault> {
        let adapter = adapter::find(&self.adapter).ok_or_else(|| Fault::lost("the adapter is gone"))?;
        let device = Device::open(&adapter)?;
        #[cfg(test)]
        let device = device.sabotaged_as(&self.device);
        let mut kernels = Kernels::new(self.kernels.precision);
        match selftest::run(&device, &mut kernels).0.verdict {
            Verdict::Usable => {}
            Verdict::Unavailable => return Err(Fault::refused("the type is gone")),
            Verdict::Refused { reason } => return Err(Fault::refused(reason)),
        }
        // Pipelines belong to their device.
        (self.device, self.kernels) = (device, kernels);
        Ok(())
    }
}
