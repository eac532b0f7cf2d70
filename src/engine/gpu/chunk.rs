//! A chunk's way over the device: pack, upload, orthogonalize, read back, unpack.

use std::time::Instant;

use super::device::{Device, Fault};
use super::jacobi::Orthogonalized;
use super::kernels::{Kernel, Kernels};
use super::pack::{Sent, TallShape, jacobi_dims, pack_columns, pack_tall};
use super::precision::Word;
use super::scale::PowerOfTwo;
use super::unpack::Unusable;
use super::{gram, jacobi, unpack};
use crate::engine::{Clock, EngineSeconds, Factors, Vectors};
use crate::matrix::Matrix;

/// Results of a chunk in its order.
pub(super) struct Answers {
    pub(super) factors: Vec<Result<Factors, Unusable>>,
    pub(super) seconds: EngineSeconds,
}

/// Jacobi SVD of `batch` by `kernel`. `kernels.precision` must be that of `W`.
pub(super) fn factor<W: Word>(
    device: &Device,
    kernels: &mut Kernels,
    kernel: Kernel,
    batch: &[&Matrix],
    vectors: Vectors,
) -> Result<Answers, Fault> {
    let start = Instant::now();
    let dims = jacobi_dims(batch.iter().map(|x| TallShape::of(x, vectors)));
    let (words, sent) = pack_tall::<W>(batch, vectors);
    let mut seconds = EngineSeconds::default();
    let (words, states) = device.guarded(|| {
        let entries = device.upload("entries", &words);
        seconds.upload = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let Orthogonalized { states, device_seconds } =
            jacobi::orthogonalize(device, kernels, kernel, &dims, &entries)?;
        let host_seconds = start.elapsed().as_secs_f64();
        seconds.kernel = device_seconds.unwrap_or(host_seconds);
        seconds.kernel_clock = Some(if device_seconds.is_some() { Clock::Device } else { Clock::Host });
        let start = Instant::now();
        let words = device.read::<W>(&entries, words.len())?;
        seconds.readback = start.elapsed().as_secs_f64();
        Ok((words, states))
    })?;
    let factors = unpack::factors(kernels.precision, vectors, &words, &dims, &states, &sent);
    Ok(Answers { factors, seconds })
}

/// Square roots of the singular values of A'A, formed on the device, of the tall form A of every X in `batch`; q of them each, nonincreasing.
pub(super) fn gram_spectra<W: Word>(
    device: &Device,
    kernels: &mut Kernels,
    kernel: Kernel,
    batch: &[&Matrix],
) -> Result<Vec<Result<Vec<f64>, Unusable>>, Fault> {
    let shapes: Vec<_> = batch.iter().map(|x| (x.rows().max(x.cols()), x.rows().min(x.cols()))).collect();
    let dims = jacobi_dims(batch.iter().map(|x| TallShape::gram(x)));
    let reals: usize = batch.iter().map(|x| TallShape::gram(x).reals()).sum();
    let (words, sent) = pack_columns::<W>(batch);
    let (words, states) = device.guarded(|| {
        let x = device.upload("x", &words);
        let entries = device.storage("entries", (reals * size_of::<W>()) as u64);
        gram::form(device, kernels, &shapes, &x, &dims, &entries)?;
        let done = jacobi::orthogonalize(device, kernels, kernel, &dims, &entries)?;
        Ok((device.read::<W>(&entries, reals)?, done.states))
    })?;
    // The scale of A'A is that of A squared, which f64 may not hold: the roots are scaled back instead.
    let unscaled: Vec<Sent> = sent.iter().map(|sent| Sent { scale: PowerOfTwo::ONE, ..*sent }).collect();
    let factors = unpack::factors(kernels.precision, Vectors::None, &words, &dims, &states, &unscaled);
    let roots = |(factors, sent): (Result<Factors, Unusable>, Sent)| {
        Ok(factors?.sigma.into_iter().map(|value| sent.scale.undo(value.sqrt())).collect())
    };
    Ok(factors.into_iter().zip(sent).map(roots).collect())
}
