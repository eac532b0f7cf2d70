//! Shards as child processes of this one, some at a time: the same commands that any other engine starts.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::Job;
use super::script::{ATTEMPTS, INTERRUPTED, PAUSE_SECONDS, PAUSE_VARIABLE, TRANSIENT};
use crate::record::RecordError;

/// How a shard's processes ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It has its part.
    Done {
        /// Which one.
        shard: u32,
    },
    /// It failed in a way that may pass, and will be started again.
    Again {
        /// Which one.
        shard: u32,
        /// How the process ended: `exit status: 75`.
        how: String,
    },
    /// It failed for good, or too often.
    Failed {
        /// Which one.
        shard: u32,
        /// How the process ended.
        how: String,
    },
}

/// How it all ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every shard was tried to its end.
    Ended,
    /// A signal came, and the processes were told to stop.
    Interrupted,
}

/// A shard that waits for its turn.
struct Waiting {
    shard: u32,
    attempt: u32,
    not_before: Instant,
}

/// A shard under way.
struct Running {
    shard: u32,
    attempt: u32,
    child: Child,
}

/// Computes the shards `missing`, `at_a_time` processes at a time, and tells `told` of each one's end. When `stop_asked`
/// says so, no other is started and those that run are told to stop; what they have by then they keep.
///
/// # Errors
/// [`RecordError::Io`], where a process cannot be started or its log cannot be written.
pub fn run(
    job: &Job,
    missing: &[u32],
    at_a_time: usize,
    stop_asked: &dyn Fn() -> bool,
    told: &mut dyn FnMut(Event),
) -> Result<Outcome, RecordError> {
    let now = Instant::now();
    let mut waiting: VecDeque<Waiting> =
        missing.iter().map(|&shard| Waiting { shard, attempt: 1, not_before: now }).collect();
    let mut running: Vec<Running> = Vec::new();
    let mut stopping = false;
    let mut failure = None;
    loop {
        if !stopping && (failure.is_some() || stop_asked()) {
            stopping = true;
            waiting.clear();
            for one in &mut running {
                stop(&mut one.child);
            }
        }
        while running.len() < at_a_time.max(1)
            && let Some(place) = waiting.iter().position(|waiting| waiting.not_before <= Instant::now())
            && let Some(Waiting { shard, attempt, .. }) = waiting.remove(place)
        {
            match start(job, shard) {
                Ok(child) => running.push(Running { shard, attempt, child }),
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        let mut still = Vec::with_capacity(running.len());
        for mut one in running.drain(..) {
            match one.child.try_wait() {
                Ok(None) => still.push(one),
                Ok(Some(status)) => {
                    if let Some(again) = judge(&one, status, stopping, told) {
                        waiting.push_back(again);
                    }
                }
                Err(error) => failure = failure.or(Some(RecordError::io("wait for", &job.layout().folder())(error))),
            }
        }
        running = still;
        if running.is_empty() && (waiting.is_empty() || failure.is_some()) {
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    match failure {
        Some(error) => Err(error),
        None => Ok(if stopping { Outcome::Interrupted } else { Outcome::Ended }),
    }
}

/// Tells of the end of `one`; the shard once more, if it is worth another attempt.
fn judge(one: &Running, status: ExitStatus, stopping: bool, told: &mut dyn FnMut(Event)) -> Option<Waiting> {
    let (shard, how) = (one.shard, status.to_string());
    if status.success() {
        told(Event::Done { shard });
        return None;
    }
    if stopping {
        return None;
    }
    // No code: killed, by a person or for want of memory. Interrupted, although nobody asked this process to stop: somebody
    // told the shard alone.
    let may_pass = matches!(status.code(), None | Some(TRANSIENT | INTERRUPTED));
    if !may_pass || one.attempt >= ATTEMPTS {
        told(Event::Failed { shard, how });
        return None;
    }
    told(Event::Again { shard, how });
    Some(Waiting { shard, attempt: one.attempt + 1, not_before: Instant::now() + pause() })
}

fn pause() -> Duration {
    let seconds = std::env::var(PAUSE_VARIABLE).ok().and_then(|text| text.parse().ok()).unwrap_or(PAUSE_SECONDS);
    Duration::from_secs(seconds.into())
}

/// Starts shard `shard`, with its words in its log.
fn start(job: &Job, shard: u32) -> Result<Child, RecordError> {
    let folder = job.layout().logs();
    let path = folder.join(format!("local-{shard}.log"));
    let log = || -> io::Result<(File, File)> {
        std::fs::create_dir_all(&folder)?;
        let log = OpenOptions::new().create(true).append(true).open(&path)?;
        Ok((log.try_clone()?, log))
    };
    let (out, err) = log().map_err(RecordError::io("write", &path))?;
    let words = job.shard_command();
    let program = &job.options().program;
    let mut command = Command::new(program);
    command.args(&words[1..]).args(["--index", &shard.to_string()]);
    command.stdin(Stdio::null()).stdout(out).stderr(err);
    // Ctrl-C in a terminal is for this process, which passes it on once: twice would mean "at once" to a shard.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn().map_err(RecordError::io("start", program))
}

/// Tells a shard to stop after what is under way.
fn stop(child: &mut Child) {
    #[cfg(unix)]
    {
        use nix::sys::signal::{Signal, kill};
        use nix::unistd::Pid;

        // A child that has ended meanwhile is waited for all the same.
        if let Ok(pid) = i32::try_from(child.id()) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
    }
    #[cfg(not(unix))]
    {
        let _ = child.kill();
    }
}
