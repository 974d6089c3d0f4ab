//! What a run is called, and the rules that W&B has for it. Text in, checked text out.

use std::fmt;
use std::str::FromStr;

/// W&B takes no longer ones.
const MAX_NAME: usize = 128;
const MAX_TAG: usize = 64;

/// Why a label is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// Nothing there.
    #[error("it is empty")]
    Empty,
    /// Too long.
    #[error("it has {found} characters, but W&B takes at most {most}")]
    Long {
        /// How many there are.
        found: usize,
        /// How many may be.
        most: usize,
    },
    /// A character with a meaning of its own in W&B's addresses.
    #[error("it has {found:?} in it, which W&B does not take there (nor any other of {refused})")]
    Character {
        /// The first one.
        found: char,
        /// All of them.
        refused: &'static str,
    },
    /// White space around it, or a control character in it.
    #[error("it has white space at an end, or a control character in it")]
    Blank,
}

/// Checks what all labels have in common.
fn check(text: &str, most: usize, refused: &'static str) -> Result<(), LabelError> {
    if text.is_empty() {
        return Err(LabelError::Empty);
    }
    if text.trim() != text || text.contains(char::is_control) {
        return Err(LabelError::Blank);
    }
    let found = text.chars().count();
    if found > most {
        return Err(LabelError::Long { found, most });
    }
    match text.chars().find(|&c| refused.contains(c)) {
        Some(found) => Err(LabelError::Character { found, refused }),
        None => Ok(()),
    }
}

macro_rules! label {
    ($(#[$doc:meta])* $name:ident, $most:expr, $refused:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = LabelError;

            fn from_str(text: &str) -> Result<Self, LabelError> {
                check(text, $most, $refused)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

label! {
    /// What identifies a run in its project, for ever.
    RunId, MAX_NAME, r#"/\#?%:;,'""#
}
label! {
    /// Where the run goes.
    Project, MAX_NAME, r"/\#?%:"
}
label! {
    /// Whose project it is: a user or a team.
    Entity, MAX_NAME, r"/\#?%:"
}
label! {
    /// What the run is called in tables and charts.
    DisplayName, MAX_NAME, ""
}
label! {
    /// A word to find the run by.
    Tag, MAX_TAG, ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_wandb_refuses_is_refused() {
        for id in [
            "", " a", "a ", "a/b", "../x", "a:b", "a;b", "a,b", "a#b", "a?b", "a'b", "a\nb",
        ] {
            assert!(id.parse::<RunId>().is_err(), "{id:?}");
        }
        assert!("x".repeat(129).parse::<RunId>().is_err());
        assert!("2026-11 run_7.ü".parse::<RunId>().is_ok());
        assert!("a:b".parse::<Project>().is_err() && "a,b c".parse::<Project>().is_ok());
        assert!("t".repeat(65).parse::<Tag>().is_err() && "ü".repeat(64).parse::<Tag>().is_ok());
        assert!("a/b: 50 %".parse::<DisplayName>().is_ok());
    }
}
