//! Assembles the loadable extensions, and refuses a manifest that names what is not there.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use crate::args::Browser;
use crate::manifest;
use crate::problem::Problem;
use crate::repo::Repo;
use crate::wasm::ENTRIES;

/// The packed Firefox extension, for a temporary installation.
const FIREFOX_ZIP: &str = "shim-firefox.zip";

/// Builds `dist/chrome`, `dist/firefox` and the zip of the latter from `extension/`,
/// `manifest.json` and `pkg/`.
///
/// # Errors
/// When an input is missing, a static file hides a built one, or the manifest names a file
/// that does not exist.
pub fn assemble(repo: &Repo) -> Result<(), Problem> {
    let source = read_manifest(&repo.root.join("manifest.json"))?;
    let dist = repo.dist();
    for (browser, name) in [(Browser::Chromium, "chrome"), (Browser::Firefox, "firefox")] {
        // Made aside and moved: a browser or a second build never sees half an extension.
        let aside = dist.join(format!(".{name}-{}", std::process::id()));
        clear(&aside)?;
        let made = fill(repo, &source, browser, &aside);
        if made.is_err() {
            clear(&aside)?;
        }
        made?;
        let place = dist.join(name);
        clear(&place)?;
        fs::rename(&aside, &place).map_err(|error| Problem::file("place", &place, &error))?;
    }
    pack(&dist.join("firefox"), &dist.join(FIREFOX_ZIP))
}

fn read_manifest(path: &Path) -> Result<Map<String, Value>, Problem> {
    let text = fs::read_to_string(path).map_err(|error| Problem::file("read", path, &error))?;
    match serde_json::from_str(&text) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(Problem::Failed("manifest.json holds no object".to_owned())),
        Err(error) => Err(Problem::Failed(format!("manifest.json is not JSON: {error}"))),
    }
}

fn fill(
    repo: &Repo,
    source: &Map<String, Value>,
    browser: Browser,
    into: &Path,
) -> Result<(), Problem> {
    let statics = repo.root.join("extension");
    copy_tree(&statics, into)?;
    add_wasm(&repo.pkg(), into)?;
    let derived = manifest::derive(source, browser);
    let text = serde_json::to_string_pretty(&Value::Object(derived.clone()))
        .map_err(|error| Problem::Failed(format!("manifest.json could not be written: {error}")))?;
    write_new(&into.join("manifest.json"), format!("{text}\n").as_bytes())?;
    let missing: Vec<_> =
        manifest::files(&derived).into_iter().filter(|name| !into.join(name).is_file()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Problem::Failed(format!(
        "manifest.json names files that the extension for {browser} does not have: {}",
        missing.join(", ")
    )))
}

/// Puts the glue and wasm of every entry in place, the content entry's bytes as a script.
fn add_wasm(pkg: &Path, into: &Path) -> Result<(), Problem> {
    for entry in ENTRIES {
        let glue = read(&entry.glue(pkg))?;
        write_new(&into.join(format!("{}_glue.js", entry.name)), &glue)?;
        let wasm = read(&entry.wasm(pkg))?;
        if entry.module {
            write_new(&into.join(format!("{}_bg.wasm", entry.name)), &wasm)?;
        } else {
            // Inlined: 4.5 ms to ready instead of 31-40 ms for a fetch, and nothing that a
            // page could probe. A content script's globals are invisible to the page.
            let script = inlined(&wasm);
            write_new(&into.join(format!("{}_wasm.js", entry.name)), script.as_bytes())?;
        }
    }
    let snippets = pkg.join("snippets");
    if snippets.is_dir() { copy_tree(&snippets, &into.join("snippets")) } else { Ok(()) }
}

/// The first script of a chat page. It tells the scripts after it when the first line ran, since
/// reading the bytes is a part of what the start costs.
fn inlined(wasm: &[u8]) -> String {
    let bytes = STANDARD.encode(wasm);
    format!("var SHIM_BEGAN_MS = performance.now();\nvar SHIM_WASM = \"{bytes}\";\n")
}

/// Writes `path`, refusing to replace a static file of that name.
fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    let mut file = File::create_new(path).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Problem::Failed(format!(
            "extension/ holds {}, which the build makes: remove it there",
            path.file_name().unwrap_or_default().to_string_lossy()
        )),
        _ => Problem::file("create", path, &error),
    })?;
    file.write_all(bytes).map_err(|error| Problem::file("write", path, &error))
}

fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    fs::read(path).map_err(|error| Problem::file("read", path, &error))
}

fn clear(dir: &Path) -> Result<(), Problem> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(Problem::file("clear", dir, &error))
        }
        _ => Ok(()),
    }
}

fn copy_tree(from: &Path, to: &Path) -> Result<(), Problem> {
    fs::create_dir_all(to).map_err(|error| Problem::file("make", to, &error))?;
    for (name, path) in list(from)? {
        let target = to.join(name);
        if path.is_dir() {
            copy_tree(&path, &target)?;
        } else {
            fs::copy(&path, &target).map_err(|error| Problem::file("copy", &path, &error))?;
        }
    }
    Ok(())
}

/// The entries of a folder by name, without hidden ones (an editor's or a system's litter).
fn list(dir: &Path) -> Result<Vec<(String, PathBuf)>, Problem> {
    let failed = |error| Problem::file("list", dir, &error);
    let mut entries = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().into_string().map_err(|name| {
            Problem::Failed(format!("{} holds a name that is not UTF-8: {name:?}", dir.display()))
        })?;
        if !name.starts_with('.') {
            entries.push((name, entry.path()));
        }
    }
    entries.sort();
    Ok(entries)
}

/// Packs a folder. Names sorted and no dates: the same input gives the same bytes.
fn pack(dir: &Path, zip: &Path) -> Result<(), Problem> {
    let file = File::create(zip).map_err(|error| Problem::file("create", zip, &error))?;
    let mut writer = zip::ZipWriter::new(file);
    add_to_zip(&mut writer, dir, "")?;
    writer.finish().map_err(|error| Problem::Failed(format!("{}: {error}", zip.display())))?;
    Ok(())
}

fn add_to_zip(writer: &mut zip::ZipWriter<File>, dir: &Path, prefix: &str) -> Result<(), Problem> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, path) in list(dir)? {
        let inside = format!("{prefix}{name}");
        if path.is_dir() {
            add_to_zip(writer, &path, &format!("{inside}/"))?;
            continue;
        }
        writer
            .start_file(inside.as_str(), options)
            .map_err(|error| Problem::Failed(format!("packing {inside}: {error}")))?;
        writer.write_all(&read(&path)?).map_err(|error| Problem::file("pack", &path, &error))?;
    }
    Ok(())
}
