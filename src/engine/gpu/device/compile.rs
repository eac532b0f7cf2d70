//! Kernels as the driver has them: layouts, bindings, pipelines, dispatches.

use super::Device;
use crate::engine::gpu::wire::Step;

/// What a kernel may do with a binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine::gpu) enum Access {
    Read,
    ReadWrite,
}

impl Device {
    /// The layout of the four storage bindings that every kernel has.
    pub(in crate::engine::gpu) fn bind_group_layout(&self, label: &str, access: [Access; 4]) -> wgpu::BindGroupLayout {
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
    pub(in crate::engine::gpu) fn bind(
        &self,
        layout: &wgpu::BindGroupLayout,
        buffers: [&wgpu::Buffer; 4],
    ) -> wgpu::BindGroup {
        let entries: Vec<_> = (0..)
            .zip(buffers)
            .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() })
            .collect();
        self.handle.create_bind_group(&wgpu::BindGroupDescriptor { label: None, layout, entries: &entries })
    }

    /// Compiles function `entry` of `source` as the kernel `label`, with `constants` for its overrides.
    pub(in crate::engine::gpu) fn pipeline(
        &self,
        (label, entry): (&str, &str),
        source: String,
        layout: &wgpu::BindGroupLayout,
        constants: &[(&str, f64)],
    ) -> wgpu::ComputePipeline {
        let module = self.handle.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(label),
            source: wgpu::ShaderSource::Wgsl(source.into()),
        });
        let layout = self.handle.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(label),
            bind_group_layouts: &[Some(layout)],
            immediate_size: Step::BYTES,
        });
        self.handle.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(label),
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
    pub(in crate::engine::gpu) fn dispatch(&self, pass: &mut wgpu::ComputePass<'_>, groups: u32, step: Step) {
        let widest = self.handle.limits().max_compute_workgroups_per_dimension;
        pass.set_immediates(0, bytemuck::bytes_of(&step));
        let rows = groups.div_ceil(widest);
        // Equal rows, so that at most rows - 1 workgroups are idle.
        pass.dispatch_workgroups(groups.div_ceil(rows.max(1)), rows, 1);
    }
}
