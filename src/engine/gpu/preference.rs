//! A Jacobi kernel asked for by name, so that kernels can be compared on one GPU.

use std::fmt;
use std::str::FromStr;

/// Which Jacobi kernel serves a matrix. A matrix that does not fit the one preferred has that of its shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preference {
    /// That of its shape.
    #[default]
    ByShape,
    /// `jacobi_thread`.
    Thread,
    /// `jacobi_subgroup`.
    Subgroup,
    /// `jacobi_workgroup`.
    Workgroup,
    /// `jacobi_block`.
    Block,
    /// `jacobi_round`.
    Round,
}

impl Preference {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::ByShape, Self::Thread, Self::Subgroup, Self::Workgroup, Self::Block, Self::Round];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ByShape => "auto",
            Self::Thread => "thread",
            Self::Subgroup => "subgroup",
            Self::Workgroup => "workgroup",
            Self::Block => "block",
            Self::Round => "round",
        }
    }

    /// Whether `kernels`, as [`crate::engine::Engine::kernels_for`] names them, are what is preferred.
    pub fn is_met_by(self, kernels: &str) -> bool {
        self == Self::ByShape || kernels.split(' ').any(|name| name.strip_prefix("jacobi_") == Some(self.name()))
    }
}

impl FromStr for Preference {
    /// What is allowed.
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|preference| preference.name() == text);
        known.ok_or_else(|| format!("allowed: {}", Self::ALL.map(Self::name).join(", ")))
    }
}

impl fmt::Display for Preference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_refused_with_what_is_allowed() {
        for preference in Preference::ALL {
            assert_eq!(preference.name().parse(), Ok(preference));
        }
        assert!("threads".parse::<Preference>().is_err_and(|why| why.contains("thread, subgroup")));
    }

    #[test]
    fn a_preference_is_met_by_its_own_kernel_alone() {
        assert!(Preference::Thread.is_met_by("triangle and jacobi_thread"));
        assert!(!Preference::Workgroup.is_met_by("jacobi_subgroup"));
        assert!(Preference::ByShape.is_met_by("jacobi_round"));
    }
}
