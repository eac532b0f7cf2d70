//! A device that is lost, silent, out of memory or without a clock, on a real adapter (llvmpipe will do). The answers must
//! stay right, and the routes must say who gave them. And every kernel on matrices that the choice would give another.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::Instant;

use super::choice::Way;
use super::unpack::Unusable;
use super::*;
use crate::engine::Clock;
use crate::engine::cpu::CpuEngine;

/// An engine in f32; `None` where the environment says that there is no adapter.
fn engine() -> Option<GpuEngine> {
    match GpuEngine::open(Selection::Any, Precision::F32, Arc::new(CpuEngine)) {
        Ok(engine) => Some(engine),
        Err(OpenError::NoAdapter { .. }) if std::env::var_os("NULLSWEEP_NO_GPU").is_some() => None,
        Err(error) => panic!("{error}"),
    }
}

/// Matrices for an invocation, a workgroup, and blocks of columns that rounds finish: more than one chunk.
fn batch() -> Vec<Matrix> {
    let mut state = 1_u32;
    let mut entry = move |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24) - 0.5
    };
    [(6, 4), (30, 20), (90, 80), (5, 9), (12, 12), (80, 90)].map(|(n, d)| Matrix::from_fn(n, d, &mut entry)).into()
}

/// Checks every answer against the CPU engine's and returns the routes.
fn routes(engine: &GpuEngine, batch: &[Matrix]) -> Vec<Route> {
    let batch: Vec<&Matrix> = batch.iter().collect();
    let found = engine.factor(&batch, Vectors::Right).unwrap().factors;
    let expected = CpuEngine.factor(&batch, Vectors::None).unwrap().factors;
    for (found, expected) in found.iter().zip(&expected) {
        for (sigma, truth) in found.sigma.iter().zip(&expected.sigma) {
            assert!((sigma - truth).abs() <= 1e-4 * expected.sigma[0], "{sigma} is not {truth}");
        }
    }
    found.into_iter().map(|factors| factors.route).collect()
}

#[test]
fn a_device_lost_in_mid_chunk_is_opened_again() {
    let Some(engine) = engine() else { return };
    let batch = batch();
    for nth in [1, 2, 5, 9] {
        let before = engine.incidents();
        engine.session().device.sabotage().lose_at(nth, 0);
        assert!(routes(&engine, &batch).iter().all(|route| *route == Route::GpuF32), "loss at submission {nth}");
        let after = engine.incidents();
        assert_eq!((after.lost, after.reopened), (before.lost + 1, before.reopened + 1));
    }
    assert_eq!(engine.incidents().by_fallback, 0);
    engine.session().device.sabotage().lose_at(1, 0);
    assert!(routes(&engine, &batch).iter().all(|route| *route == Route::CpuF64), "five losses are too many");
    assert_eq!(engine.incidents().by_fallback, batch.len() as u64);
}

#[test]
fn a_device_that_stays_lost_leaves_everything_to_the_cpu() {
    let Some(engine) = engine() else { return };
    engine.session().device.sabotage().lose_at(3, u32::MAX);
    let batch = batch();
    for _ in 0..2 {
        assert!(routes(&engine, &batch).iter().all(|route| *route == Route::CpuF64));
    }
    let incidents = engine.incidents();
    assert_eq!((incidents.lost, incidents.reopened), (1, 0), "it is not tried again for every chunk: {incidents:?}");
    let grams = engine.gram_spectra(&batch.iter().collect::<Vec<_>>()).unwrap();
    assert!(grams.iter().all(|gram| gram.route == Route::CpuF64));
}

#[test]
fn a_dispatch_that_never_ran_is_sent_once_more() {
    let Some(engine) = engine() else { return };
    // All the submissions of the first chunk: its states keep what they were filled with.
    engine.session().device.sabotage().swallow(4);
    assert!(routes(&engine, &batch()).iter().all(|route| *route == Route::GpuF32));
    let incidents = engine.incidents();
    assert!(incidents.unanswered > 0 && incidents.by_fallback == 0, "{incidents:?}");
    assert_eq!((incidents.lost, incidents.reopened), (0, 1), "nothing was lost: it was given up");
}

#[test]
fn a_triangle_that_lacks_a_reflection_is_formed_once_more() {
    let Some(engine) = engine() else { return };
    // The first 8 of 20 columns.
    engine.session().device.sabotage().swallow(1);
    let batch = [noise(1, 50, 20), noise(2, 20, 60)];
    assert!(routes(&engine, &batch).iter().all(|route| *route == Route::GpuF32));
    let incidents = engine.incidents();
    assert_eq!((incidents.unanswered, incidents.by_fallback), (2, 0), "{incidents:?}");
}

#[test]
fn a_kernel_that_never_runs_is_given_up() {
    let Some(engine) = engine() else { return };
    engine.session().device.sabotage().swallow(u32::MAX);
    assert!(routes(&engine, &batch()).iter().all(|route| *route == Route::CpuF64));
    let incidents = engine.incidents();
    assert!(incidents.unanswered > 0 && incidents.by_fallback == 6, "{incidents:?}");
}

#[test]
fn a_chunk_without_memory_is_halved_until_it_fits() {
    let Some(engine) = engine() else { return };
    let batch: Vec<Matrix> =
        (0..16).map(|k| Matrix::from_fn(20, 10, |i, j| ((i * 7 + j * j + k) % 11) as f64)).collect();
    // A has 20 x 10 words, and so has its triangle with the passengers: five fit, eight do not.
    engine.session().device.sabotage().limit_memory(4 * 1000);
    assert!(routes(&engine, &batch).iter().all(|route| *route == Route::GpuF32));
    let incidents = engine.incidents();
    assert_eq!((incidents.halved, incidents.lost, incidents.by_fallback), (3, 0, 0), "16 -> 8 -> 4: {incidents:?}");

    engine.session().device.sabotage().limit_memory(700);
    assert!(routes(&engine, &batch).iter().all(|route| *route == Route::CpuF64), "not even one fits");
}

/// Where the time of `batch` went, and what it took by the host's clock from call to return.
fn seconds(engine: &GpuEngine, batch: &[Matrix]) -> (EngineSeconds, f64) {
    let batch: Vec<&Matrix> = batch.iter().collect();
    let start = Instant::now();
    let answer = engine.factor(&batch, Vectors::Right).unwrap();
    let host = start.elapsed().as_secs_f64();
    assert!(answer.factors.iter().all(|factors| factors.route == Route::GpuF32));
    (answer.seconds, host)
}

#[test]
fn kernels_are_timed_by_the_clock_of_the_device_where_it_has_one() {
    let Some(engine) = engine() else { return };
    let clock = if engine.report().features.timestamp_query { Clock::Device } else { Clock::Host };
    assert_eq!(engine.report().kernel_clock, Some(clock));
    let (seconds, host) = seconds(&engine, &batch());
    assert_eq!(seconds.kernel_clock, Some(clock));
    // The slack is for the rates of two clocks: the kernels run within the call.
    assert!(seconds.kernel > 0.0 && seconds.kernel <= 1.05 * host, "{seconds:?} within {host} s");
}

#[test]
fn a_device_without_a_clock_is_timed_by_the_host() {
    let Some(engine) = engine() else { return };
    let adapter = adapter::find(engine.report()).unwrap();
    {
        let mut session = engine.session();
        session.device = Device::timed_by(Clock::Host, &adapter).unwrap();
        session.kernels = Kernels::new(Precision::F32);
    }
    let (seconds, host) = seconds(&engine, &batch());
    assert_eq!(seconds.kernel_clock, Some(Clock::Host));
    assert!(seconds.kernel > 0.0 && seconds.kernel <= host, "{seconds:?} within {host} s");
}

#[test]
fn a_clock_that_lies_costs_nothing_but_its_answer() {
    let Some(engine) = engine() else { return };
    engine.session().device.sabotage().run_the_clock_backwards();
    let (seconds, host) = seconds(&engine, &batch());
    assert_eq!(seconds.kernel_clock, Some(Clock::Host));
    assert!(seconds.kernel > 0.0 && seconds.kernel <= host, "{seconds:?} within {host} s");
    assert!(engine.incidents().is_none());
}

#[test]
fn more_passes_than_there_is_room_for_are_not_timed() {
    let Some(engine) = engine() else { return };
    let device = &engine.session().device;
    let word = device.upload("word", &[7_u32]);
    for (passes, timed) in [(2, engine.report().features.timestamp_query), (clock::MOST_PASSES + 1, false)] {
        let mut watch = device.stopwatch();
        for _ in 0..passes {
            device.submit_timed("empty", &mut watch, |_| ());
        }
        assert_eq!(device.read_timed::<u32>(&word, 1, &mut watch), Ok(vec![7]));
        assert_eq!(watch.seconds().is_some(), timed, "{passes} passes");
    }
}

/// A device with kernels of `precision`; `None` where it lacks the type, or where the environment says that there is none.
fn device(precision: Precision) -> Option<(Device, Kernels)> {
    let adapter = match adapter::candidates(Selection::Any) {
        Ok(candidates) => candidates.into_iter().next().unwrap().1,
        Err(OpenError::NoAdapter { .. }) if std::env::var_os("NULLSWEEP_NO_GPU").is_some() => return None,
        Err(error) => panic!("{error}"),
    };
    let device = Device::open(&adapter).unwrap();
    (precision != Precision::F64 || device.has_f64()).then(|| (device, Kernels::new(precision)))
}

fn noise(seed: u32, n: usize, d: usize) -> Matrix {
    let mut state = seed;
    Matrix::from_fn(n, d, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24) - 0.5
    })
}

/// The answers to `batch` by `way`.
fn answers(open: &mut (Device, Kernels), way: Way, batch: &[Matrix]) -> Vec<Result<Factors, Unusable>> {
    let (device, kernels) = open;
    let members: Vec<&Matrix> = batch.iter().collect();
    with_word!(kernels.precision, factor_chunk(device, kernels, way, &members, Vectors::Right)).unwrap().factors
}

#[test]
fn every_way_serves_mixed_shapes_and_nobody_minds_a_neighbour_that_is_not_a_number() {
    for precision in Precision::ALL {
        let Some(mut open) = device(precision) else { continue };
        let sound: Vec<Matrix> = [(29, 18), (12, 3), (29, 18), (3, 12), (34, 33), (29, 18), (20, 17)]
            .iter()
            .zip(1..)
            .map(|(&(n, d), seed)| noise(seed, n, d))
            .collect();
        let mut poisoned = sound.clone();
        poisoned[2] = Matrix::from_fn(29, 18, |i, j| if (i, j) == (4, 2) { f64::NAN } else { sound[2][(i, j)] });
        let shape = TallShape { p: 34, q: 33, rows: 67 };
        let mut offered = vec![PairSums::WorkgroupMemory];
        if open.0.shuffles_across(jacobi_workgroup::LANES_PER_PAIR) {
            offered.push(PairSums::Subgroup);
        }
        let ways: Vec<Way> =
            offered.iter().flat_map(|&sums| Choice::new(&open.0, precision, sums).all_ways(shape)).collect();
        for way in ways {
            let expected = answers(&mut open, way, &sound);
            for (k, (x, factors)) in sound.iter().zip(&expected).enumerate() {
                let sigma = &factors.as_ref().unwrap().sigma;
                let truth = CpuEngine.factor(&[x], Vectors::None).unwrap().factors.remove(0).sigma;
                for (got, want) in sigma.iter().zip(&truth) {
                    let error = (got - want).abs() / (truth[0] * 34.0 * precision.unit_roundoff());
                    assert!(error <= 30.0, "{precision} {way} matrix {k}: {got} is not {want}");
                }
            }
            for (k, (found, expected)) in answers(&mut open, way, &poisoned).iter().zip(&expected).enumerate() {
                if k == 2 {
                    let why = found.as_ref().err();
                    assert!(matches!(why, Some(Unusable::Unconverged | Unusable::Wrong)), "{precision} {way}: {why:?}");
                } else {
                    let (found, expected) = (found.as_ref().unwrap(), expected.as_ref().unwrap());
                    assert_eq!(
                        (&found.sigma, &found.v),
                        (&expected.sigma, &expected.v),
                        "{precision} {way} matrix {k}"
                    );
                }
            }
        }
    }
}
