//! Which vector instructions the kernels run on, decided when they are called.

/// Runs `work` compiled for the widest vector instructions that this machine has. Everything that `work` calls must be
/// inlined into it (`#[inline(always)]`, on the closure as well), or that part keeps the instructions of the oldest
/// machine that the program supports.
///
/// The bits of the result do not depend on the choice: sums run in fixed lanes, and multiplications and additions are fused
/// where the source says so, in software if need be, nowhere else.
#[inline(always)]
pub fn vectorized<R>(work: impl FnOnce() -> R) -> R {
    // Through this bound a closure that only reads its surroundings still is a FnOnce. As the Fn that it would otherwise be,
    // pulp reaches it through a shim that is never inlined, and the body stays plain code.
    pulp::Arch::new().dispatch(work)
}

/// The name of the instructions that [`vectorized`] compiles for on this machine.
pub fn instruction_set() -> &'static str {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    if pulp::x86::V3::try_new().is_some() {
        return "AVX2";
    }
    #[cfg(target_arch = "aarch64")]
    return "NEON";
    #[cfg(not(target_arch = "aarch64"))]
    "portable"
}
