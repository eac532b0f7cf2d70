//! Asking an engine through its own programs (`sbatch`, `squeue`, `hq`), with patience that ends.

use std::fmt;
use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::quote::command_line;

/// How long a question may take.
pub(super) const QUESTION: Duration = Duration::from_secs(10);
/// How long a submission may take: a busy controller answers late, and giving up leaves it open whether the job is there.
pub(super) const SUBMISSION: Duration = Duration::from_mins(2);

/// Why an engine's program gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandError {
    /// There is no such program, or it cannot be started.
    Missing {
        /// Its name.
        program: String,
        /// What the system says.
        why: String,
    },
    /// It ended with an error.
    Refused {
        /// The command line.
        command: String,
        /// The exit code, or the signal.
        status: String,
        /// What it said on stderr, or else on stdout.
        said: String,
    },
    /// It did not end.
    Silent {
        /// The command line.
        command: String,
        /// How long it was waited for.
        seconds: u64,
    },
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { program, why } => write!(
                f,
                "{program}: cannot be started here: {why}\n  run this where the engine's commands are (a login node), or \
                 use --dry-run and start the scripts by hand"
            ),
            Self::Refused { command, status, said } => write!(f, "{command}: {status}: {}", said.trim_end()),
            Self::Silent { command, seconds } => write!(
                f,
                "{command}: no answer in {seconds} s\n  it is not known whether that was carried out: look at the engine's \
                 own list of jobs, then run this again"
            ),
        }
    }
}

impl std::error::Error for CommandError {}

/// What `program` prints, if it ends well within `patience`.
///
/// # Errors
/// [`CommandError`].
pub(super) fn ask(program: &str, args: &[&str], patience: Duration) -> Result<String, CommandError> {
    let missing = |why: std::io::Error| CommandError::Missing { program: program.to_owned(), why: why.to_string() };
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(missing)?;
    let (out, err) = (read(child.stdout.take()), read(child.stderr.take()));
    let command = || command_line([program].into_iter().chain(args.iter().copied()));
    let silent = || CommandError::Silent { command: command(), seconds: patience.as_secs() };
    let start = Instant::now();
    let status = wait(&mut child, patience).map_err(missing)?.ok_or_else(silent)?;
    let left = || patience.saturating_sub(start.elapsed());
    let (out, err) = (out.recv_timeout(left()).unwrap_or_default(), err.recv_timeout(left()).unwrap_or_default());
    if status.success() {
        return Ok(out);
    }
    let said = if err.trim().is_empty() { out } else { err };
    Err(CommandError::Refused { command: command(), status: status.to_string(), said })
}

/// Reads a pipe to its end on a thread of its own: a full pipe would stop the program that fills it.
fn read(pipe: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was read before an error is what there is.
            let _ = pipe.read_to_end(&mut bytes);
        }
        // Nobody listens any more after a timeout.
        let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver
}

/// How the child ended; `None` if it had to be killed.
fn wait(child: &mut Child, patience: Duration) -> std::io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() >= patience {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(5));
    }
}

#[cfg(all(test, unix))]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn an_answer_however_long_is_read_whole() {
        let text = ask("sh", &["-c", "head -c 300000 /dev/zero | tr '\\0' x"], SUBMISSION).unwrap();
        assert_eq!(text.len(), 300_000);
    }

    #[test]
    fn each_way_of_not_answering_has_its_words() {
        let missing = ask("nullsweep-no-such-program", &[], QUESTION).unwrap_err();
        assert!(missing.to_string().contains("--dry-run"), "{missing}");
        let refused = ask("sh", &["-c", "echo no room >&2; exit 3"], QUESTION).unwrap_err().to_string();
        assert!(refused.contains("exit status: 3: no room"), "{refused}");
        let silent = ask("sleep", &["60"], Duration::from_millis(20)).unwrap_err().to_string();
        assert!(silent.starts_with("sleep 60: no answer in"), "{silent}");
    }
}
