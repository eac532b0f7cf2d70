//! A batch over the device chunk by chunk, and what is tried again when the device fails: a chunk without memory in
//! halves, a lost chunk and matrices without an answer once more on a device opened afresh. What is still missing then
//! is left to the caller's fallback.

use std::collections::VecDeque;

use super::choice::Way;
use super::device::Device;
use super::fault::{Fault, FaultKind};
use super::kernels::Kernels;
use super::plan::Chunk;
use super::session::Session;
use super::unpack::Unusable;
use crate::matrix::Matrix;

/// One answer per matrix of a chunk.
pub(super) type Answers<T> = Vec<Result<T, Unusable>>;

/// How often a chunk has been sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Try {
    First,
    Last,
}

/// Answers for `batch`, whose matrices `chunks` contain each at most once; `None` where the device gave none that can
/// be used.
pub(super) fn by_chunks<T>(
    session: &mut Session,
    batch: &[&Matrix],
    chunks: Vec<Chunk>,
    mut send: impl FnMut(&Device, &mut Kernels, Way, &[&Matrix]) -> Result<Answers<T>, Fault>,
) -> Vec<Option<T>> {
    let mut results: Vec<Option<T>> = batch.iter().map(|_| None).collect();
    let mut queue: VecDeque<(Chunk, Try)> = chunks.into_iter().map(|chunk| (chunk, Try::First)).collect();
    while let Some((chunk, attempt)) = queue.pop_front() {
        if session.revive().is_err() {
            break;
        }
        let members: Vec<&Matrix> = chunk.members.iter().map(|&index| batch[index]).collect();
        match send(&session.device, &mut session.kernels, chunk.way, &members) {
            Ok(answers) => {
                let mut unanswered = Vec::new();
                for (index, answer) in chunk.members.into_iter().zip(answers) {
                    if answer.as_ref().is_err_and(|why| *why == Unusable::Unanswered) {
                        unanswered.push(index);
                    }
                    results[index] = answer.ok();
                }
                if attempt == Try::First && !unanswered.is_empty() {
                    session.incidents.unanswered += unanswered.len() as u64;
                    if session.renew().is_err() {
                        break;
                    }
                    queue.push_front((Chunk { way: chunk.way, members: unanswered }, Try::Last));
                }
            }
            Err(fault) => match fault.kind {
                FaultKind::OutOfMemory if chunk.members.len() > 1 => {
                    session.incidents.halved += 1;
                    session.chunk_bytes = (session.chunk_bytes / 2).max(1);
                    let (first, second) = chunk.halves();
                    queue.push_front((second, attempt));
                    queue.push_front((first, attempt));
                }
                FaultKind::Lost if attempt == Try::First => queue.push_front((chunk, Try::Last)),
                // The same work would meet the same refusal.
                FaultKind::OutOfMemory | FaultKind::Lost | FaultKind::Refused => {}
            },
        }
    }
    results
}
