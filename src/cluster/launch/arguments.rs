//! What a person's arguments for an engine's programs say: which options they give.

/// Whether `arg`, one argument of a command line, gives the option `--LONG`, or `-SHORT` with or without its value in the same
/// word. Any beginning of the long name counts: `getopt_long` takes those too.
pub(super) fn gives(arg: &str, long: &str, short: Option<char>) -> bool {
    match arg.strip_prefix("--") {
        Some(rest) => {
            let name = rest.split('=').next().unwrap_or(rest);
            !name.is_empty() && long.starts_with(name)
        }
        None => short.is_some_and(|short| arg.strip_prefix('-').is_some_and(|rest| rest.starts_with(short))),
    }
}

/// An option that the hand-over itself relies on.
pub(super) struct Reserved {
    /// Without its hyphens.
    pub(super) long: &'static str,
    /// Its letter, if it has one.
    pub(super) short: Option<char>,
    /// Why it is not a person's to give.
    pub(super) why: &'static str,
}

/// Why `arg` is not a person's to give, if it is one of `reserved`.
pub(super) fn reserved_for(arg: &str, reserved: &[Reserved]) -> Option<&'static str> {
    reserved.iter().find(|option| gives(arg, option.long, option.short)).map(|option| option.why)
}

#[cfg(test)]
mod tests {
    use super::gives;

    #[test]
    fn an_option_is_known_in_every_way_of_giving_it() {
        for arg in ["--job-name=x", "--job-name", "--job=x", "-Jx", "-J=x", "-J"] {
            assert!(gives(arg, "job-name", Some('J')), "{arg}");
        }
        for arg in ["--job-name-not=x", "-j2", "--", "--jobs=1", "J", "job-name"] {
            assert!(!gives(arg, "job-name", Some('J')), "{arg}");
        }
        assert!(!gives("--wait-all-nodes=1", "wait", Some('W')));
    }
}
