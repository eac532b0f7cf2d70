//! Which vector instructions the kernels run on, decided when they are called.

/// Runs `work` compiled for AVX2 and fused multiply-adds, for NEON, or for what else this machine has. Everything that `work` calls
/// must be inlined into it (`#[inline(always)]`, on the closure as well), or that part keeps the instructions of the oldest
/// machine that the program supports.
///
/// The bits of the result do not depend on the choice: sums run in fixed lanes, and multiplications and additions are fused
/// where the source says so, in software if need be, nowhere else.
#[inline(always)]
pub fn vectorized<R>(work: impl FnOnce() -> R) -> R {
    // Through this bound a closure that only reads its surroundings still is a FnOnce. As the Fn that it would otherwise be,
    // pulp reaches it through a shim that is never inlined, and the body stays plain code.
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    {
        match pulp::x86::V3::try_new() {
            Some(avx2) => avx2.vectorize(work),
            None => work(),
        }
    }
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
    pulp::Arch::new().dispatch(work)
}

/// `wide` of `input`, compiled for AVX-512, where the machine has it, else `narrow` of it, [`vectorized`]: for products of matrices
/// ([`super::tiled_product`], [`super::upper_gram`]), the reduction to tridiagonal form ([`super::Tridiagonal::new`]) and small matrices side by side
/// ([`super::Lockstep`]), whose tiles fill the registers. AVX-512 has thirty-two of eight f64, where AVX2 has sixteen of four and others about as much, so that the
/// two may differ in the shape of their tiles, not in the order of a sum. Of chains of dependent steps only those gain that sixteen
/// matrices ([`super::eigenvalues`]) or eight penalties ([`crate::decomposition::Fit::shrinkages`]) take side by side, of short loops none.
#[inline(always)]
pub(crate) fn widest<T, R>(input: T, narrow: impl FnOnce(T) -> R, wide: impl FnOnce(T) -> R) -> R {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    if let Some(avx512) = pulp::x86::V4::try_new() {
        return avx512.vectorize(
            #[inline(always)]
            || wide(input),
        );
    }
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
    drop(wide);
    vectorized(
        #[inline(always)]
        || narrow(input),
    )
}

/// [`widest`] where both are the same code.
#[inline(always)]
pub(crate) fn vectorized_widest<R>(work: impl FnOnce() -> R) -> R {
    widest(
        work,
        #[inline(always)]
        |work| work(),
        #[inline(always)]
        |work| work(),
    )
}

/// The names of the instructions that the kernels run on here; AVX-512 in a few of them alone, those that call `widest` or are
/// written for registers of any width ([`super::ridge_path`]).
pub fn instruction_set() -> &'static str {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    {
        let (avx2, avx512) = (pulp::x86::V3::try_new(), pulp::x86::V4::try_new());
        match (avx2, avx512) {
            (_, Some(_)) => "AVX2+AVX-512",
            (Some(_), None) => "AVX2",
            (None, None) => "portable",
        }
    }
    #[cfg(target_arch = "aarch64")]
    {
        "NEON"
    }
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")))]
    {
        "portable"
    }
}
