//! `dump`: what the store in a browser's profile holds.
//!
//! The profile is not touched: what the extension stored there is copied into a fresh one, and a
//! real browser reads it. SHIM itself does not run in it: its start would already write what it
//! thinks of chats that were open. In its place stands an extension of the same identity with
//! one empty page.

use crate::browser::{Browser, Done, Kind, Options, fresh_folder, identity};
use crate::cli;
use crate::stored::Held;
use serde::Serialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What `--help` prints.
pub const HELP: &str =
    concat!(include_str!("../help/dump.txt"), "\n", include_str!("../help/stored.txt"));

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DumpOptions {
    /// Whose profile it is.
    pub kind: Kind,
    /// The profile's folder.
    pub profile: PathBuf,
    /// Where the JSON goes.
    pub json: PathBuf,
}

/// What is written.
#[derive(Clone, Debug, Serialize)]
struct Told<'a> {
    tool: &'static str,
    browser: String,
    profile: &'a Path,
    note: Option<&'static str>,
    #[serde(flatten)]
    held: Held,
}

/// Reads the options.
///
/// # Errors
/// A sentence for the person who typed them.
pub fn options(mut args: impl Iterator<Item = String>) -> Result<DumpOptions, String> {
    let (mut kind, mut profile, mut json) = (None, None, None);
    while let Some(name) = args.next() {
        let value = args.next().ok_or_else(|| format!("`{name}` wants a value"))?;
        match name.as_str() {
            "--browser" => kind = Some(cli::kind(&value)?),
            "--profile" => profile = Some(PathBuf::from(value)),
            "--json" => json = Some(PathBuf::from(value)),
            _ => return Err(format!("unknown option `{name}`")),
        }
    }
    Ok(DumpOptions {
        kind: kind.ok_or("`--browser B` is missing")?,
        profile: profile.ok_or("`--profile DIR` is missing")?,
        json: json.ok_or("`--json OUT` is missing")?,
    })
}

/// Reads the store, writes the JSON and tells in short what is in it.
pub async fn run(options: DumpOptions) -> ExitCode {
    let told = match tell(&options).await {
        Ok(told) => told,
        Err(failure) => return cli::failed(&format!("nothing was read: {failure}")),
    };
    if let Err(reason) = cli::written(&options.json, &told) {
        return cli::failed(&reason);
    }
    println!("{}", told.held.summary());
    if let Some(note) = told.note {
        println!("  {note}");
    }
    println!("  written to {}", options.json.display());
    ExitCode::SUCCESS
}

async fn tell(options: &DumpOptions) -> Done<Told<'_>> {
    let held = read(options.kind, &options.profile).await?;
    let note = held.is_none().then_some("The extension has stored nothing in this profile.");
    let browser = options.kind.version()?;
    let held = held.unwrap_or_default();
    Ok(Told { tool: "dump", browser, profile: &options.profile, note, held })
}

/// What the store in this profile holds; none: the extension has no store there.
///
/// # Errors
/// When the profile is in use, or a step with files or browser fails.
pub async fn read(kind: Kind, profile: &Path) -> Done<Option<Held>> {
    if let Some(pid) = kind.runs_on(profile) {
        return Err(format!(
            "a browser (process {pid}) runs on {}: close it first, for what it holds is still \
             changing",
            profile.display()
        )
        .into());
    }
    let mut options = Options::from_env(kind, 0)?;
    let (names, uuid) = stores(&options, profile)?;
    if names.is_empty() {
        return Ok(None);
    }
    let work = fresh_folder("dump")?;
    let read = read_copy(&mut options, profile, &names, uuid, &work).await;
    // A leftover in the temporary folder is no failure of a run.
    let _ = std::fs::remove_dir_all(&work);
    read.map(Some)
}

async fn read_copy(
    options: &mut Options,
    profile: &Path,
    names: &[PathBuf],
    uuid: Option<String>,
    work: &Path,
) -> Done<Held> {
    let copy = work.join("profile");
    for name in names {
        copy_tree(&profile.join(name), &copy.join(name))?;
    }
    options.dist = empty_extension(&options.dist, &work.join("dist"))?;
    options.profile = Some(copy);
    options.firefox_uuid = uuid;
    options.pages_only = true;
    options.hosts.clear();
    let browser = Browser::start(options).await?;
    Ok(Held::of(&browser.dump().await?))
}

/// The folders of the profile that hold what the extension stored, and its UUID in Firefox.
fn stores(options: &Options, profile: &Path) -> Done<(Vec<PathBuf>, Option<String>)> {
    let identity = identity(&options.dist)?;
    match options.kind {
        Kind::Chromium => {
            let mark = format!("chrome-extension_{}_", identity.chrome_id);
            Ok((named(profile, "Default/IndexedDB", &mark)?, None))
        }
        Kind::Firefox => {
            let own = uuid_in(profile, &identity.firefox_id);
            let uuid = own.unwrap_or(identity.firefox_uuid);
            let mark = format!("moz-extension+++{uuid}");
            Ok((named(profile, "storage/default", &mark)?, Some(uuid)))
        }
    }
}

/// Folders in `profile`/`inside` whose names begin with `mark`.
fn named(profile: &Path, inside: &str, mark: &str) -> Done<Vec<PathBuf>> {
    let Ok(entries) = std::fs::read_dir(profile.join(inside)) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        if name.to_string_lossy().starts_with(mark) {
            found.push(Path::new(inside).join(name));
        }
    }
    Ok(found)
}

/// The UUID that this profile of Firefox gave the extension, where it is written down.
fn uuid_in(profile: &Path, id: &str) -> Option<String> {
    let prefs = std::fs::read_to_string(profile.join("prefs.js")).ok()?;
    let start = "user_pref(\"extensions.webextensions.uuids\", ";
    let line = prefs.lines().find_map(|line| line.strip_prefix(start)?.strip_suffix(");"))?;
    // A text of JSON in a text of JSON.
    let text: String = serde_json::from_str(line).ok()?;
    let map: Value = serde_json::from_str(&text).ok()?;
    Some(map.get(id)?.as_str()?.to_owned())
}

/// An extension with the identity of the one in `dist` and one empty page.
fn empty_extension(dist: &Path, at: &Path) -> Done<PathBuf> {
    for browser in ["chrome", "firefox"] {
        let own = std::fs::read_to_string(dist.join(browser).join("manifest.json"))?;
        let own: Value = serde_json::from_str(&own)?;
        let mut manifest =
            json!({ "manifest_version": 3, "name": "SHIM's store, read only", "version": "0" });
        for name in ["key", "browser_specific_settings"] {
            if let (Some(value), Some(map)) = (own.get(name), manifest.as_object_mut()) {
                map.insert(name.to_owned(), value.clone());
            }
        }
        let folder = at.join(browser);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("manifest.json"), manifest.to_string())?;
        std::fs::write(folder.join("popup.html"), "<!doctype html><title>SHIM</title>")?;
    }
    Ok(at.to_owned())
}

/// Copies a folder with all in it; links are left out.
pub(crate) fn copy_tree(from: &Path, to: &Path) -> Done<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (kind, to) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            copy_tree(&entry.path(), &to)?;
        } else if kind.is_file() {
            std::fs::copy(entry.path(), &to)?;
        }
    }
    Ok(())
}
