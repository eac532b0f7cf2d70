//! A chunk's way over the device: pack, upload, reduce, orthogonalize, read back, unpack.

use std::time::Instant;

use super::choice::{Form, Way};
use super::device::Device;
use super::fault::Fault;
use super::jacobi::Resident;
use super::kernels::Kernels;
use super::layout::{Arrangement, Layout, TallShape};
use super::pack::{pack_columns, pack_tall};
use super::precision::Word;
use super::scale::PowerOfTwo;
use super::unpack::Unusable;
use super::wire::State;
use super::{gram, jacobi, triangle, unpack};
use crate::engine::{Clock, EngineSeconds, Factors, Vectors};
use crate::matrix::Matrix;

/// Results of a chunk in its order.
pub(super) struct Answers {
    pub(super) factors: Vec<Result<Factors, Unusable>>,
    pub(super) seconds: EngineSeconds,
}

/// Jacobi SVD of `batch` by `way`. `kernels.precision` must be that of `W`.
pub(super) fn factor<W: Word>(
    device: &Device,
    kernels: &mut Kernels,
    way: Way,
    batch: &[&Matrix],
    vectors: Vectors,
) -> Result<Answers, Fault> {
    let start = Instant::now();
    let shapes: Vec<TallShape> = batch.iter().map(|x| TallShape::of(x, vectors)).collect();
    let rotated: Vec<TallShape> = shapes.iter().map(|&shape| way.rotated(shape)).collect();
    let layout = Layout::new(&rotated, way.arrangement());
    let (words, sent) = match way.form {
        Form::Tall => pack_tall::<W>(batch, &layout),
        Form::Triangle => {
            let alone: Vec<TallShape> = batch.iter().map(|x| TallShape::alone(x)).collect();
            let (words, mut sent) = pack_tall::<W>(batch, &Layout::new(&alone, Arrangement::Apart));
            for (sent, shape) in sent.iter_mut().zip(&alone) {
                sent.rows_reflected = Some(shape.p);
            }
            (words, sent)
        }
    };
    let mut seconds = EngineSeconds::default();
    let (words, states) = device.guarded(|| {
        let x = device.upload("x", &words);
        seconds.upload = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let watch = &mut device.stopwatch();
        let (entries, states) = match way.form {
            Form::Tall => {
                let chunk = Resident::new(device, &layout, &x, State::PREFILL);
                let states = jacobi::orthogonalize(device, kernels, way.jacobi, &chunk, watch)?;
                (x, states)
            }
            Form::Triangle => {
                let entries = device.storage("entries", (layout.reals * size_of::<W>()) as u64);
                let chunk = Resident::new(device, &layout, &entries, State::UNREDUCED);
                triangle::reduce(device, kernels, &shapes, &x, &chunk, watch)?;
                let states = jacobi::orthogonalize(device, kernels, way.jacobi, &chunk, watch)?;
                (entries, states)
            }
        };
        let (host_seconds, device_seconds) = (start.elapsed().as_secs_f64(), watch.seconds());
        seconds.kernel = device_seconds.unwrap_or(host_seconds);
        seconds.kernel_clock = Some(if device_seconds.is_some() { Clock::Device } else { Clock::Host });
        let start = Instant::now();
        let words = device.read::<W>(&entries, layout.reals)?;
        seconds.readback = start.elapsed().as_secs_f64();
        Ok((words, states))
    })?;
    let factors = unpack::factors(kernels.precision, vectors, &words, &layout, &states, &sent);
    Ok(Answers { factors, seconds })
}

/// Square roots of the singular values of A'A, formed on the device, of the tall form A of every X in `batch`; q of them
/// each, nonincreasing. `way` is direct: A'A is square.
pub(super) fn gram_spectra<W: Word>(
    device: &Device,
    kernels: &mut Kernels,
    way: Way,
    batch: &[&Matrix],
) -> Result<Vec<Result<Vec<f64>, Unusable>>, Fault> {
    let alone: Vec<TallShape> = batch.iter().map(|x| TallShape::alone(x)).collect();
    let grams: Vec<TallShape> = batch.iter().map(|x| TallShape::gram(x)).collect();
    let layout = Layout::new(&grams, way.arrangement());
    let (words, mut sent) = pack_columns::<W>(batch, &Layout::new(&alone, Arrangement::Apart));
    let (words, states) = device.guarded(|| {
        let x = device.upload("x", &words);
        let entries = device.storage("entries", (layout.reals * size_of::<W>()) as u64);
        gram::form(device, kernels, &alone, &x, &layout, &entries)?;
        let chunk = Resident::new(device, &layout, &entries, State::PREFILL);
        let states = jacobi::orthogonalize(device, kernels, way.jacobi, &chunk, &mut device.stopwatch())?;
        Ok((device.read::<W>(&entries, layout.reals)?, states))
    })?;
    // The scale of A'A is that of A squared, which f64 may not hold: the roots are scaled back instead.
    let scales: Vec<PowerOfTwo> =
        sent.iter_mut().map(|sent| std::mem::replace(&mut sent.scale, PowerOfTwo::ONE)).collect();
    let factors = unpack::factors(kernels.precision, Vectors::None, &words, &layout, &states, &sent);
    let roots = |(factors, scale): (Result<Factors, Unusable>, PowerOfTwo)| {
        Ok(factors?.sigma.into_iter().map(|value| scale.undo(value.sqrt())).collect())
    };
    Ok(factors.into_iter().zip(scales).map(roots).collect())
}
