//! One open device: what it offers, and its errors as a [`Fault`].

mod compile;
mod transfer;

use std::sync::{Arc, OnceLock};

use super::adapter::is_software;
use super::clock::{DeviceClock, Stopwatch};
use super::fault::{Fault, FaultKind};
use crate::engine::Clock;

pub(super) use compile::Access;

/// Bytes of reals in one chunk on a real GPU, where a binding may hold that many.
const CHUNK_BYTES: u64 = 256 << 20;
/// The same on a software adapter: its dispatches run on the CPU and must stay short.
const SOFTWARE_CHUNK_BYTES: u64 = 8 << 20;

/// An open device and its queue. Errors outside an error scope and the loss of the device end in `failure`.
pub(super) struct Device {
    handle: wgpu::Device,
    queue: wgpu::Queue,
    info: wgpu::AdapterInfo,
    clock: Option<DeviceClock>,
    failure: Arc<OnceLock<String>>,
    #[cfg(test)]
    sabotage: super::sabotage::Sabotage,
}

impl Device {
    /// Opens `adapter` with all its limits and the features the kernels can use; without its clock where the driver cannot
    /// serve it.
    pub(super) fn open(adapter: &wgpu::Adapter) -> Result<Self, Fault> {
        Self::timed_by(Clock::Device, adapter).or_else(|_| Self::timed_by(Clock::Host, adapter))
    }

    /// Opens `adapter`, with its own clock if that is asked for and there is one.
    ///
    /// # Errors
    /// Also if a time stamp is more than the driver can bear.
    pub(super) fn timed_by(clock: Clock, adapter: &wgpu::Adapter) -> Result<Self, Fault> {
        let mut wanted = wgpu::Features::IMMEDIATES | wgpu::Features::SHADER_F64 | wgpu::Features::SUBGROUP;
        wanted.set(wgpu::Features::TIMESTAMP_QUERY, clock == Clock::Device);
        if !adapter.features().contains(wgpu::Features::IMMEDIATES) {
            return Err(Fault::refused("the driver offers no immediates (push constants)"));
        }
        let (device, queue) = pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor {
            label: Some("nullsweep"),
            required_features: adapter.features() & wanted,
            required_limits: adapter.limits(),
            ..wgpu::DeviceDescriptor::default()
        }))
        .map_err(|error| Fault::refused(format!("the driver refused a device: {error}")))?;

        let failure = Arc::new(OnceLock::new());
        let lost = Arc::clone(&failure);
        // Only the first failure is kept: the later ones are its consequences.
        device.set_device_lost_callback(move |reason, message| {
            let _ = lost.set(format!("device lost ({reason:?}): {message}"));
        });
        let uncaptured = Arc::clone(&failure);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            let _ = uncaptured.set(format!("device error: {error}"));
        }));
        let mut device = Self {
            handle: device,
            queue,
            info: adapter.get_info(),
            clock: None,
            failure,
            #[cfg(test)]
            sabotage: super::sabotage::Sabotage::default(),
        };
        if device.handle.features().contains(wgpu::Features::TIMESTAMP_QUERY) {
            device.clock = Some(device.guarded(|| device.tried_clock())?);
        }
        Ok(device)
    }

    /// The device's clock, after a pass without work has been stamped and its stamps have been read.
    fn tried_clock(&self) -> Result<DeviceClock, Fault> {
        let clock = DeviceClock::new(&self.handle, &self.queue);
        let watch = &mut Stopwatch::new(Some(&clock));
        self.submit_timed("clock", watch, |_| ());
        self.read_timed::<u32>(&self.storage("clock", 4), 1, watch)?;
        Ok(clock)
    }

    /// The faults that a test has planned for `other` go on with this device.
    #[cfg(test)]
    pub(super) fn sabotaged_as(self, other: &Self) -> Self {
        Self { sabotage: other.sabotage.clone(), ..self }
    }

    #[cfg(test)]
    pub(super) fn sabotage(&self) -> &super::sabotage::Sabotage {
        &self.sabotage
    }

    pub(super) fn limits(&self) -> wgpu::Limits {
        self.handle.limits()
    }

    pub(super) fn has_f64(&self) -> bool {
        self.handle.features().contains(wgpu::Features::SHADER_F64)
    }

    /// Whether `lanes` neighbouring invocations always can exchange numbers without memory.
    pub(super) fn shuffles_across(&self, lanes: u32) -> bool {
        self.handle.features().contains(wgpu::Features::SUBGROUP) && self.info.subgroup_min_size >= lanes
    }

    /// A stopwatch for passes on this device.
    pub(super) fn stopwatch(&self) -> Stopwatch<'_> {
        Stopwatch::new(self.clock.as_ref())
    }

    /// Bytes that one buffer of reals may have at all; offsets are u32.
    pub(super) fn buffer_bytes(&self) -> u64 {
        let limits = self.handle.limits();
        limits.max_storage_buffer_binding_size.min(limits.max_buffer_size).min(u64::from(u32::MAX))
    }

    /// Bytes of reals that one chunk should have. An own budget, because out of memory is not reported everywhere.
    pub(super) fn chunk_bytes(&self) -> u64 {
        let budget = if is_software(&self.info) { SOFTWARE_CHUNK_BYTES } else { CHUNK_BYTES };
        budget.min(self.buffer_bytes())
    }

    /// Destroys the device, as a driver reset would.
    pub(super) fn destroy(&self) {
        self.handle.destroy();
        // The callback may come as late as the next poll, and until then everything would seem well.
        let _ = self.failure.set("device lost: destroyed".to_owned());
    }

    /// Runs `work` with every error of this device turned into a [`Fault`].
    pub(super) fn guarded<T>(&self, work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        self.check_alive()?;
        let memory = self.handle.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let internal = self.handle.push_error_scope(wgpu::ErrorFilter::Internal);
        let validation = self.handle.push_error_scope(wgpu::ErrorFilter::Validation);
        let out = work();
        // Scopes are a stack: last pushed, first popped.
        let errors = [
            pollster::block_on(validation.pop()),
            pollster::block_on(internal.pop()),
            pollster::block_on(memory.pop()),
        ];
        #[cfg(test)]
        self.sabotage.check_memory()?;
        // Looked at before the loss: a device that ran out of memory may be lost with it, and then needs less to do.
        if let Some(error) = errors.into_iter().flatten().next() {
            let fault = Fault::of(&error);
            return Err(if fault.kind == FaultKind::OutOfMemory {
                fault
            } else {
                self.check_alive().err().unwrap_or(fault)
            });
        }
        self.check_alive()?;
        out
    }

    /// Says whether the device is still there.
    pub(super) fn check_alive(&self) -> Result<(), Fault> {
        self.failure.get().map_or(Ok(()), |message| Err(Fault::lost(message.clone())))
    }
}
