//! The command `apps`: installs real applications, or starts one for a person.

use std::process::ExitCode;

use super::{Kind, install, start};
use crate::cli::failed;

/// Usage of `apps`.
pub const USAGE: &str = "\
usage: shim-webdriver apps install [NAME …]   fetches them, pinned, into the person's cache
       shim-webdriver apps serve NAME         starts one against the scripted model
  NAME: llamacpp, openwebui, chainlit or assistantui; none: all of them";

/// Carries out what was asked for.
pub async fn run(words: Vec<String>) -> ExitCode {
    let Some((what, names)) = words.split_first() else { return failed(USAGE) };
    let kinds: Option<Vec<Kind>> = names.iter().map(|name| Kind::from_name(name)).collect();
    match (what.as_str(), kinds.as_deref()) {
        ("install", Some([])) => install_all(&Kind::ALL),
        ("install", Some(kinds)) => install_all(kinds),
        ("serve", Some([kind])) => serve(*kind).await,
        _ => failed(USAGE),
    }
}

fn tell(text: &str) {
    println!("      {text}");
}

fn install_all(kinds: &[Kind]) -> ExitCode {
    for kind in kinds {
        match install(*kind, &tell) {
            Ok(installed) => tell(&format!("{}: {}", kind.name(), installed.folder.display())),
            Err(failure) => return failed(&format!("{}: {failure}", kind.name())),
        }
    }
    ExitCode::SUCCESS
}

async fn serve(kind: Kind) -> ExitCode {
    let started = match install(kind, &tell) {
        Ok(installed) => start(&installed).await,
        Err(failure) => Err(failure),
    };
    match started {
        Ok(app) => {
            println!("READY {} (model: {}/v1)", app.origin, app.model.origin());
            // An error here means that no signal can be waited for: then it ends at once.
            let _ = tokio::signal::ctrl_c().await;
            ExitCode::SUCCESS
        }
        Err(failure) => failed(&format!("{}: {failure}", kind.name())),
    }
}
