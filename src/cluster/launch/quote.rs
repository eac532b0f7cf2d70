//! Text that a shell, a batch system or a manifest takes for exactly what it is.

/// `text` as one word of a POSIX shell.
pub(crate) fn shell(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./=+:,@%".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A command line of words.
pub(crate) fn command_line<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(shell).collect::<Vec<_>>().join(" ")
}

/// `text` as one word of a `#SBATCH` line, which Slurm splits at blanks, with quotes and backslashes of its own.
pub(super) fn sbatch(text: &str) -> String {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'\\#".contains(&byte)) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}

/// `text` as a YAML scalar in double quotes: a JSON string is one.
pub(super) fn yaml(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn plain_words_stay_and_all_others_are_quoted() {
        assert_eq!(shell("/a/b-1.2_c=3"), "/a/b-1.2_c=3");
        assert_eq!(shell("two words"), "'two words'");
        assert_eq!(shell(""), "''");
        assert_eq!(shell("it's $HOME `x`"), r"'it'\''s $HOME `x`'");
        assert_eq!(sbatch("--constraint=a100&nvlink"), "--constraint=a100&nvlink");
        assert_eq!(sbatch(r#"--comment=say "hi" \o/"#), r#""--comment=say \"hi\" \\o/""#);
        assert_eq!(yaml("a: \"b\"\n"), r#""a: \"b\"\n""#);
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_gives_back_what_was_quoted() {
        for text in ["a", "", "a b", "it's", "$HOME", "`ls`", "a\nb", "*", "~", "\\", "\"", "é;&|", "-n"] {
            let script = format!("printf %s {}", shell(text));
            let out = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(out.stdout).unwrap(), text);
        }
    }
}
