//! Installing the applications: pinned versions, once, into a folder of the person's cache.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Kind;
use crate::browser::Done;

/// Where llama.cpp's pages lie in the source package, and how deep.
const PAGES: &str = "llama_cpp_python-0.3.22/vendor/llama.cpp/tools/server/public";
const PAGES_DEPTH: usize = 6;
/// Written last, so that it is there exactly when all is.
const STAMP: &str = "installed";

/// An application that is there.
#[derive(Clone, Debug)]
pub struct Installed {
    /// Which.
    pub kind: Kind,
    /// Its folder: pages, or a Python environment.
    pub folder: PathBuf,
}

impl Installed {
    /// A program of its Python environment.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }
}

/// The folder with what the project itself adds to an application.
#[must_use]
pub fn own_files(kind: Kind) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("apps").join(kind.name())
}

/// Installs an application, where it is not there yet. `tell` hears what takes its time.
///
/// # Errors
/// What to type where something is missing, or what the installer said.
pub fn install(kind: Kind, tell: &dyn Fn(&str)) -> Done<Installed> {
    let python = python()?;
    let wanted = own_files(kind).join("requirements.txt");
    let list = std::fs::read(&wanted)?;
    let folder = cache()?.join(format!("{}-{:08x}", kind.name(), mark(&list, &python.version)));
    let installed = Installed { kind, folder };
    if installed.folder.join(STAMP).exists() {
        return Ok(installed);
    }
    tell(&format!("installing {} into {} …", kind.name(), installed.folder.display()));
    if installed.folder.exists() {
        std::fs::remove_dir_all(&installed.folder)?;
    }
    std::fs::create_dir_all(&installed.folder)?;
    match kind {
        Kind::LlamaCpp => pages(&python, &wanted, &installed.folder)?,
        Kind::OpenWebUi | Kind::Chainlit | Kind::AssistantUi => {
            environment(&python, &installed.folder)?;
            let list = ["install", "--no-deps", "--no-compile", "--requirement"];
            pip(&installed.folder, &list, &wanted)?;
        }
    }
    std::fs::write(installed.folder.join(STAMP), python.version)?;
    Ok(installed)
}

/// Unpacks llama.cpp's pages out of the source package that holds them.
fn pages(python: &Python, wanted: &Path, folder: &Path) -> Done<()> {
    let work = crate::browser::fresh_folder("llamacpp")?;
    let unpacked = environment(python, &work.join("python")).and_then(|()| {
        let fetch = ["download", "--no-deps", "--no-binary", "llama-cpp-python", "--dest"];
        let package = work.join("package");
        let list = [Path::new("--require-hashes"), Path::new("--requirement"), wanted];
        run(pip_command(&work.join("python"), &fetch).arg(&package).args(list))?;
        let archive = std::fs::read_dir(&package)?.next().ok_or("pip fetched nothing")??;
        run(Command::new("tar")
            .arg("xzf")
            .arg(archive.path())
            .arg(format!("--strip-components={PAGES_DEPTH}"))
            .arg("-C")
            .arg(folder)
            .arg(PAGES))
    });
    // A leftover in the temporary folder is no failure of a run.
    let _ = std::fs::remove_dir_all(&work);
    unpacked
}

/// A Python that can make environments.
struct Python {
    program: PathBuf,
    version: String,
}

/// The oldest minor version of Python 3 for which the pinned libraries are made.
const PYTHON_MINOR: u32 = 11;

fn python() -> Done<Python> {
    let program = std::env::var_os("SHIM_PYTHON").map_or_else(|| "python3".into(), PathBuf::from);
    let version = "import venv, ensurepip, sys; print('%d.%d' % sys.version_info[:2])";
    let said = Command::new(&program).args(["-c", version]).output();
    let name = program.display();
    let missing = |what: &str| {
        format!(
            "{what}, which the real applications need. On Debian type:\n\n    \
             sudo apt-get install python3 python3-venv\n\nelsewhere install Python \
             3.{PYTHON_MINOR} or newer and set SHIM_PYTHON to it; then run this again."
        )
    };
    let said = said.map_err(|error| missing(&format!("{name} does not start ({error})")))?;
    if !said.status.success() {
        return Err(missing(&format!("{name} has no venv")).into());
    }
    let version = String::from_utf8_lossy(&said.stdout).trim().to_owned();
    let minor = version.strip_prefix("3.").and_then(|minor| minor.parse::<u32>().ok());
    if minor.is_none_or(|minor| minor < PYTHON_MINOR) {
        return Err(missing(&format!("{name} is {version}, too old")).into());
    }
    Ok(Python { program, version })
}

fn environment(python: &Python, folder: &Path) -> Done<()> {
    run(Command::new(&python.program).args(["-m", "venv"]).arg(folder))
}

fn pip_command(environment: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(environment.join("bin").join("python"));
    command.args(["-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input"]);
    // A person's own settings may name an environment that is not this one.
    command.args(arguments).env_remove("PIP_TARGET").env_remove("PYTHONPATH");
    command
}

fn pip(environment: &Path, arguments: &[&str], list: &Path) -> Done<()> {
    // Kept nowhere twice: the environments themselves are the cache.
    run(pip_command(environment, arguments).arg(list).arg("--no-cache-dir"))
}

/// Runs a program; what it said is the error.
fn run(command: &mut Command) -> Done<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{name} does not start: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{name} ended with {}:\n{}", output.status, said.trim()).into())
}

/// Where applications are kept: `SHIM_APPS`, else a folder of the person's cache.
fn cache() -> Done<PathBuf> {
    let absolute =
        |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = || {
        let own = absolute("XDG_CACHE_HOME");
        let cache = own.or_else(|| absolute("HOME").map(|home| home.join(".cache")))?;
        Some(cache.join("shim").join("apps"))
    };
    let found = absolute("SHIM_APPS").or_else(cache);
    Ok(found.ok_or("no home folder is known: set SHIM_APPS to where applications are to go")?)
}

/// Another list, or another Python, is another folder.
fn mark(list: &[u8], version: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    (list, version).hash(&mut hasher);
    (hasher.finish() & 0xffff_ffff) as u32
}
