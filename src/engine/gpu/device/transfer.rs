//! What goes to the device and what comes back: buffers, submissions, readbacks.

use std::sync::mpsc;
use std::time::Duration;

use bytemuck::Pod;

use super::Device;
use crate::engine::gpu::clock::Stopwatch;
use crate::engine::gpu::fault::Fault;

/// Longest wait for one readback. A driver that has not answered by then has lost the device without saying so.
const ANSWER_LIMIT: Duration = Duration::from_mins(10);

impl Device {
    /// A storage buffer of `bytes` bytes, zero.
    pub(in crate::engine::gpu) fn storage(&self, label: &str, bytes: u64) -> wgpu::Buffer {
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
    pub(in crate::engine::gpu) fn upload<T: Pod>(&self, label: &str, items: &[T]) -> wgpu::Buffer {
        let bytes: &[u8] = bytemuck::cast_slice(items);
        let buffer = self.storage(label, bytes.len() as u64);
        self.queue.write_buffer(&buffer, 0, bytes);
        buffer
    }

    /// Submits what `record` writes into one compute pass.
    pub(in crate::engine::gpu) fn submit(&self, label: &str, record: impl FnOnce(&mut wgpu::ComputePass<'_>)) {
        self.submit_timed(label, &mut Stopwatch::new(None), record);
    }

    /// [`Device::submit`], timed by `watch`.
    pub(in crate::engine::gpu) fn submit_timed(
        &self,
        label: &str,
        watch: &mut Stopwatch<'_>,
        record: impl FnOnce(&mut wgpu::ComputePass<'_>),
    ) {
        #[cfg(test)]
        match self.sabotage.submit() {
            crate::engine::gpu::sabotage::Submission::Runs => {}
            crate::engine::gpu::sabotage::Submission::LosesTheDevice => self.handle.destroy(),
            crate::engine::gpu::sabotage::Submission::IsSwallowed => return,
        }
        let mut encoder = self.handle.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some(label) });
        record(&mut encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
            label: Some(label),
            timestamp_writes: watch.begin_pass(),
        }));
        self.queue.submit([encoder.finish()]);
    }

    /// Waits for everything submitted and copies the first `count` items of `buffer` back.
    pub(in crate::engine::gpu) fn read<T: Pod>(&self, buffer: &wgpu::Buffer, count: usize) -> Result<Vec<T>, Fault> {
        self.read_timed(buffer, count, &mut Stopwatch::new(None))
    }

    /// [`Device::read`], which brings the stamps of `watch` back as well: behind the items, in one buffer and one wait.
    pub(in crate::engine::gpu) fn read_timed<T: Pod>(
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
}
