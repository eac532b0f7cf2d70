//! One open device: buffers, dispatches, and every way in which a driver says no, as a [`Fault`].

use std::fmt;
use std::sync::mpsc;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytemuck::Pod;

use super::adapter::is_software;
use super::clock::{DeviceClock, Stopwatch};
use super::wire::Step;
use crate::engine::Clock;

/// Longest wait for one readback. A driver that has not answered by then has lost the device without saying so.
const ANSWER_LIMIT: Duration = Duration::from_mins(10);

/// Bytes of reals in one chunk on a real GPU, where a binding may hold that many.
const CHUNK_BYTES: u64 = 256 << 20;
/// The same on a software adapter: its dispatches run on the CPU and must stay short.
const SOFTWARE_CHUNK_BYTES: u64 = 8 << 20;

/// The device could not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) kind: FaultKind,
    pub(super) message: String,
}

/// What may help against a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    /// The device is gone: another one, opened afresh.
    Lost,
    /// Less at a time.
    OutOfMemory,
    /// Nothing: the driver will say no again.
    Refused,
}

impl Fault {
    pub(super) fn lost(message: impl Into<String>) -> Self {
        Self { kind: FaultKind::Lost, message: message.into() }
    }

    pub(super) fn refused(message: impl Into<String>) -> Self {
        Self { kind: FaultKind::Refused, message: message.into() }
    }

    fn of(error: &wgpu::Error) -> Self {
        let kind = match error {
            wgpu::Error::OutOfMemory { .. } => FaultKind::OutOfMemory,
            wgpu::Error::Validation { .. } | wgpu::Error::Internal { .. } => FaultKind::Refused,
        };
        Self { kind, message: format!("device error: {error}") }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// What a kernel may do with a binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    ReadWrite,
}

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

    /// A storage buffer of `bytes` bytes, zero.
    pub(super) fn storage(&self, label: &str, bytes: u64) -> wgpu::Buffer {
        #[cfg(test)]
        self.sabotage.allocate(bytes);
        self.handle.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            // An empty binding is invalid; sizes are whole words.
            size: bytes.max(4),
            usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        })
    }

    /// A storage buffer that holds `items`.
    pub(super) fn upload<T: Pod>(&self, label: &str, items: &[T]) -> wgpu::Buffer {
        let bytes: &[u8] = bytemuck::cast_slice(items);
        let buffer = self.storage(label, bytes.len() as u64);
        self.queue.write_buffer(&buffer, 0, bytes);
        buffer
    }

    /// Submits what `record` writes into one compute pass.
    pub(super) fn submit(&self, label: &str, record: impl FnOnce(&mut wgpu::ComputePass<'_>)) {
        self.submit_timed(label, &mut Stopwatch::new(None), record);
    }

    /// [`Device::submit`], timed by `watch`.
    pub(super) fn submit_timed(
        &self,
        label: &str,
        watch: &mut Stopwatch<'_>,
        record: impl FnOnce(&mut wgpu::ComputePass<'_>),
    ) {
        #[cfg(test)]
        match self.sabotage.submit() {
            super::sabotage::Submission::Runs => {}
            super::sabotage::Submission::LosesTheDevice => self.handle.destroy(),
            super::sabotage::Submission::IsSwallowed => return,
        }
        let mut encoder = self.handle.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some(label) });
        record(&mut encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
            label: Some(label),
            timestamp_writes: watch.begin_pass(),
        }));
        self.queue.submit([encoder.finish()]);
    }

    /// Waits for everything submitted and copies the first `count` items of `buffer` back.
    pub(super) fn read<T: Pod>(&self, buffer: &wgpu::Buffer, count: usize) -> Result<Vec<T>, Fault> {
        self.read_timed(buffer, count, &mut Stopwatch::new(None))
    }

    /// [`Device::read`], which brings the stamps of `watch` back as well: behind the items, in one buffer and one wait.
    pub(super) fn read_timed<T: Pod>(
        &self,
        buffer: &wgpu::Buffer,
        count: usize,
        watch: &mut Stopwatch<'_>,
    ) -> Result<Vec<T>, Fault> {
        let item_bytes = count * size_of::<T>();
        let stamps_at = item_bytes as u64;
        let bytes = stamps_at + watch.stamp_bytes();
        let staging = self.handle.create_buffer(&wgpu::BufferDescriptor {
            label: Some("readback"),
            size: bytes.max(4),
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let mut encoder =
            self.handle.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("readback") });
        encoder.copy_buffer_to_buffer(buffer, 0, &staging, 0, stamps_at);
        watch.copy_stamps(&mut encoder, &staging, stamps_at);
        self.queue.submit([encoder.finish()]);

        let (sender, receiver) = mpsc::channel();
        staging.map_async(wgpu::MapMode::Read, 0..bytes, move |result| {
            // The receiver is gone only if this call has already failed.
            let _ = sender.send(result);
        });
        self.handle
            .poll(wgpu::PollType::Wait { submission_index: None, timeout: Some(ANSWER_LIMIT) })
            .map_err(|error| self.gone(format!("waiting for the device failed: {error}")))?;
        match receiver.try_recv() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(Fault::refused(format!("reading back failed: {error}"))),
            Err(_) => return Err(self.gone("the device gave no answer to a readback".to_owned())),
        }
        let view = staging
            .get_mapped_range(0..bytes)
            .map_err(|error| Fault::refused(format!("reading back failed: {error}")))?;
        let (items, stamps) = view.split_at(item_bytes);
        let stamps: Vec<u64> = bytemuck::pod_collect_to_vec(stamps);
        #[cfg(test)]
        let stamps = self.sabotage.stamped(stamps);
        watch.read(&stamps);
        Ok(bytemuck::pod_collect_to_vec(items))
    }

    /// Marks a device that does not answer as lost: nothing more is asked of it.
    fn gone(&self, message: String) -> Fault {
        let _ = self.failure.set(message.clone());
        Fault::lost(message)
    }

    /// The layout of the four storage bindings that every kernel has.
    pub(super) fn bind_group_layout(&self, label: &str, access: [Access; 4]) -> wgpu::BindGroupLayout {
        let entries: Vec<_> = (0..)
            .zip(access)
            .map(|(binding, access)| wgpu::BindGroupLayoutEntry {
                binding,
                visibility: wgpu::ShaderStages::COMPUTE,
                ty: wgpu::BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Storage { read_only: access == Access::Read },
                    has_dynamic_offset: false,
                    min_binding_size: None,
                },
                count: None,
            })
            .collect();
        self.handle.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(label), entries: &entries })
    }

    /// Binds four whole buffers.
    pub(super) fn bind(&self, layout: &wgpu::BindGroupLayout, buffers: [&wgpu::Buffer; 4]) -> wgpu::BindGroup {
        let entries: Vec<_> = (0..)
            .zip(buffers)
            .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() })
            .collect();
        self.handle.create_bind_group(&wgpu::BindGroupDescriptor { label: None, layout, entries: &entries })
    }

    /// Compiles `entry` of `source`, with `constants` for its overrides.
    pub(super) fn pipeline(
        &self,
        entry: &str,
        source: String,
        layout: &wgpu::BindGroupLayout,
        constants: &[(&str, f64)],
    ) -> wgpu::ComputePipeline {
        let module = self.handle.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(entry),
            source: wgpu::ShaderSource::Wgsl(source.into()),
        });
        let layout = self.handle.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(entry),
            bind_group_layouts: &[Some(layout)],
            immediate_size: Step::BYTES,
        });
        self.handle.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(entry),
            layout: Some(&layout),
            module: &module,
            entry_point: Some(entry),
            compilation_options: wgpu::PipelineCompilationOptions {
                constants,
                // Every kernel writes workgroup memory before it reads it.
                zero_initialize_workgroup_memory: false,
            },
            cache: None,
        })
    }

    /// Dispatches `groups` workgroups, folded into two dimensions where one is too short; the kernels number them
    /// x + y * `num_workgroups.x` and skip what is beyond `step.count`.
    pub(super) fn dispatch(&self, pass: &mut wgpu::ComputePass<'_>, groups: u32, step: Step) {
        let widest = self.handle.limits().max_compute_workgroups_per_dimension;
        pass.set_immediates(0, bytemuck::bytes_of(&step));
        let rows = groups.div_ceil(widest);
        // Equal rows, so that at most rows - 1 workgroups are idle.
        pass.dispatch_workgroups(groups.div_ceil(rows.max(1)), rows, 1);
    }
}
