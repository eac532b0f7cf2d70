//! Tells the program which commit it is built from, for the manifest of a run. Without git or a repository (a source
//! archive, `cargo install`) it says nothing, and the manifest leaves the revision out.

use std::path::Path;
use std::process::Command;

fn main() {
    // Cargo takes a path that does not exist for one that changes all the time.
    for source in ["src", "shaders", "Cargo.lock"].into_iter().filter(|path| Path::new(path).exists()) {
        println!("cargo::rerun-if-changed={source}");
    }
    // A commit changes the log of HEAD even where it leaves every source as it was.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={log}");
    }
    // A repository that merely contains an unpacked archive is not ours.
    if git(&["ls-files", "--error-unmatch", "Cargo.toml"]).is_none() {
        return;
    }
    if let Some(commit) = git(&["rev-parse", "--short=12", "HEAD"]) {
        let changes = git(&["status", "--porcelain", "--", "src", "shaders", "Cargo.toml", "Cargo.lock", "build.rs"]);
        let suffix = if changes.is_some_and(|changes| changes.is_empty()) { "" } else { "-dirty" };
        println!("cargo::rustc-env=NULLSWEEP_GIT_REVISION={commit}{suffix}");
    }
}

/// Output of a git command, trimmed; `None` if it fails or there is no git.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
