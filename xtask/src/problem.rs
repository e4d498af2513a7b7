//! What can go wrong in a command, classed by the exit code that the caller sees.

use std::fmt;
use std::io;
use std::path::Path;

/// Why a command stopped. Each class has its own exit code.
#[derive(Debug)]
pub enum Problem {
    /// The command line made no sense: exit code 2.
    Usage(String),
    /// Something has to be installed by hand; the text says what to type: exit code 3.
    Missing(String),
    /// A step failed: exit code 1.
    Failed(String),
    /// A step failed and has said so already: its exit code is passed through.
    Reported(u8),
}

impl Problem {
    /// The exit code of the process.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Missing(_) => 3,
            Self::Failed(_) => 1,
            Self::Reported(code) => *code,
        }
    }

    /// A problem with a file, naming it.
    #[must_use]
    pub fn file(doing: &str, path: &Path, error: &io::Error) -> Self {
        Self::Failed(format!("could not {doing} {}: {error}", path.display()))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) | Self::Missing(text) | Self::Failed(text) => f.write_str(text),
            Self::Reported(code) => write!(f, "a step ended with exit code {code}"),
        }
    }
}
