//! `watch`: a real browser with the extension on any page, driven by a script, and then everything
//! that SHIM stored.

pub mod script;
mod steps;

use crate::browser::{Browser, Done, Kind, Options};
use crate::cli;
use crate::lab::{Csp, Lab, LabOptions, Site};
use crate::stored::Held;
use script::{Line, Step};
use serde::Serialize;
use shim::base::origin;
use shim::sites;
use shim::wire::records::Settings;
use shim::wire::ui::Ask;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use steps::Stage;

/// What `--help` prints.
pub const HELP: &str =
    concat!(include_str!("../help/watch.txt"), "\n", include_str!("../help/stored.txt"));

/// What was asked for.
#[derive(Clone, Debug)]
pub struct WatchOptions {
    /// The page opened first.
    pub url: String,
    /// In which browser.
    pub kind: Kind,
    /// What is done there.
    pub script: Vec<Line>,
    /// The lab's pages stand for the sites; which one under any other name.
    pub lab: Option<Site>,
    /// The lab's policy.
    pub csp: Csp,
    /// Host names that lead to a port of this machine.
    pub hosts: Vec<(String, u16)>,
    /// The profile, which is kept; none: a fresh one, deleted at the end.
    pub profile: Option<PathBuf>,
    /// Without a window.
    pub headless: bool,
    /// How long each step may take.
    pub patience: Duration,
    /// The built-in tables do not count.
    pub by_shape: bool,
}

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Watched {
    tool: &'static str,
    /// Browser and version.
    pub browser: String,
    /// The page opened first.
    pub url: String,
    /// The site that it belongs to; none: SHIM does not read it.
    pub site: Option<String>,
    /// What a reader should know.
    pub note: Option<String>,
    /// The steps that were made.
    pub steps: Vec<Made>,
    /// The step that could not be made; the ones after it were not tried.
    pub failed: Option<Failed>,
    /// What SHIM stored.
    #[serde(flatten)]
    pub held: Held,
}

/// A step that was made.
#[derive(Clone, Debug, Serialize)]
pub struct Made {
    line: usize,
    step: String,
    took_ms: u64,
}

/// A step that was not.
#[derive(Clone, Debug, Serialize)]
pub struct Failed {
    line: usize,
    step: String,
    /// What happened.
    pub why: String,
}

impl WatchOptions {
    /// A page watched in a fresh profile, without a window and a script.
    #[must_use]
    pub fn new(kind: Kind, url: &str) -> Self {
        Self {
            url: url.to_owned(),
            kind,
            script: Vec::new(),
            lab: None,
            csp: Csp::default(),
            hosts: Vec::new(),
            profile: None,
            headless: true,
            patience: crate::browser::PATIENCE,
            by_shape: false,
        }
    }
}

/// Reads the options; the second value is where the JSON goes.
///
/// # Errors
/// A sentence for the person who typed them, or for the one who wrote the script.
pub fn options(mut args: impl Iterator<Item = String>) -> Result<(WatchOptions, PathBuf), String> {
    let mut options = WatchOptions::new(Kind::Chromium, "");
    let mut json = None;
    while let Some(name) = args.next() {
        match name.as_str() {
            "--window" => {
                options.headless = false;
                continue;
            }
            "--by-shape" => {
                options.by_shape = true;
                continue;
            }
            _ => {}
        }
        let value = args.next().ok_or_else(|| format!("`{name}` wants a value"))?;
        let bad = || format!("`{name} {value}` is not understood");
        match name.as_str() {
            "--url" => options.url = value,
            "--browser" => options.kind = cli::kind(&value)?,
            "--script" => options.script = read_script(Path::new(&value))?,
            "--lab" => options.lab = Some(Site::from_name(&value).ok_or_else(bad)?),
            "--csp" => options.csp = Csp::from_name(&value).ok_or_else(bad)?,
            "--map" => options.hosts.push(host_and_port(&value).ok_or_else(bad)?),
            "--profile" => options.profile = Some(value.into()),
            "--patience" => {
                options.patience = Duration::from_secs(value.parse().map_err(|_| bad())?);
            }
            "--json" => json = Some(value.into()),
            _ => return Err(format!("unknown option `{name}`")),
        }
    }
    if options.url.is_empty() {
        return Err("`--url URL` is missing".to_owned());
    }
    Ok((options, json.ok_or("`--json OUT` is missing")?))
}

/// `claude.ai=8443`
fn host_and_port(text: &str) -> Option<(String, u16)> {
    let (host, port) = text.split_once('=')?;
    Some((host.to_owned(), port.parse().ok()?)).filter(|_| !host.is_empty())
}

/// Pictures are named from where the script lies.
fn read_script(path: &Path) -> Result<Vec<Line>, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut lines = script::parse(&text).map_err(|bad| format!("{}: {bad}", path.display()))?;
    for line in &mut lines {
        if let (Step::Picture(file), Some(folder)) = (&mut line.step, path.parent()) {
            *file = folder.join(&*file);
        }
    }
    Ok(lines)
}

/// Watches, writes the JSON and tells in short what is in it.
pub async fn run((options, json): (WatchOptions, PathBuf)) -> ExitCode {
    let watched = match watch(&options).await {
        Ok(watched) => watched,
        Err(failure) => return cli::failed(&format!("nothing was watched: {failure}")),
    };
    if let Err(reason) = cli::written(&json, &watched) {
        return cli::failed(&reason);
    }
    println!("{}", watched.held.summary());
    if let Some(note) = &watched.note {
        println!("  {note}");
    }
    println!("  written to {}", json.display());
    match watched.failed {
        None => ExitCode::SUCCESS,
        Some(Failed { line, step, why }) => {
            cli::failed(&format!("line {line}, `{step}`, could not be done: {why}"))
        }
    }
}

/// Opens the page, makes the steps and reads what is stored then. A step that cannot be made is
/// told in the result.
///
/// # Errors
/// When the lab or the browser does not start, or the store cannot be read.
pub async fn watch(options: &WatchOptions) -> Done<Watched> {
    let mut hosts = options.hosts.clone();
    let lab = match options.lab {
        None => None,
        Some(site) => {
            let lab = LabOptions { csp: options.csp, site, ..LabOptions::default() };
            Some(Lab::start(lab).await?)
        }
    };
    if let Some(lab) = &lab {
        let own = origin::host(&options.url);
        let listed = all_hosts().filter(|host| *host != own).map(str::to_owned);
        let own = Some(own.to_owned()).filter(|host| !host.is_empty());
        hosts.extend(listed.chain(own).map(|host| (host, lab.port)));
    }
    let browser = start(options, hosts).await?;
    if options.by_shape {
        let by_shape = vec![origin::of(&options.url).unwrap_or_default().to_owned()];
        let settings = Settings { by_shape, ..Settings::default() };
        browser.ask(&Ask::Change(settings)).await?;
    }
    let (mut steps, mut failed) = (Vec::new(), None);
    let mut stage = Stage::new(&browser, options.patience);
    for line in &whole_script(options) {
        let began = Instant::now();
        if let Err(why) = stage.make(&line.step).await {
            let (line, step) = (line.number, line.text.clone());
            failed = Some(Failed { line, step, why: why.to_string() });
            break;
        }
        let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        steps.push(Made { line: line.number, step: line.text.clone(), took_ms });
    }
    let held = Held::of(&browser.dump().await?);
    // It is killed, as in a power cut; a profile that was named stays.
    drop(browser);
    let site = sites::for_url(&options.url).map(|site| site.name.to_owned());
    let stored = held.sessions.first().and_then(|session| session.head.get("site"));
    let site = site.or_else(|| stored.and_then(|site| site.as_str()).map(str::to_owned));
    let (url, note) = (options.url.clone(), note(options, &held));
    Ok(Watched {
        tool: "watch",
        browser: options.kind.version()?,
        url,
        site,
        note,
        steps,
        failed,
        held,
    })
}

async fn start(options: &WatchOptions, hosts: Vec<(String, u16)>) -> Done<Browser> {
    let mut how = Options::from_env(options.kind, 0)?;
    (how.hosts, how.headless) = (hosts, options.headless);
    if sites::granted_for_url(&options.url).is_none() {
        how.granted.extend(origin::pattern(&options.url));
    }
    if let Some(profile) = &options.profile {
        if let Some(pid) = options.kind.runs_on(profile) {
            let profile = profile.display();
            return Err(format!("a browser (process {pid}) runs on {profile}: close it").into());
        }
        std::fs::create_dir_all(profile)?;
        how.profile = Some(profile.clone());
    }
    Browser::start(&how).await
}

/// The page is opened before the first line; without a script what it shows is waited for.
fn whole_script(options: &WatchOptions) -> Vec<Line> {
    let line = |text: String, step| Line { number: 0, text, step };
    let url = options.url.clone();
    let mut lines = vec![line(format!("open {url}"), Step::Open(url))];
    lines.extend(options.script.iter().cloned());
    if options.script.is_empty() {
        lines.push(line("wait-idle".to_owned(), Step::WaitIdle));
    }
    lines
}

fn all_hosts() -> impl Iterator<Item = &'static str> {
    let granted = sites::ALL.iter().filter(|site| site.granted);
    granted.flat_map(|site| site.hosts.iter().copied())
}

fn note(options: &WatchOptions, held: &Held) -> Option<String> {
    if origin::pattern(&options.url).is_none() {
        let text = "SHIM reads pages of `http` and `https` addresses only: it runs no script here.";
        return Some(text.to_owned());
    }
    (held.sessions.is_empty() && sites::for_url(&options.url).is_none()).then(|| {
        "No built-in table is for this address: the page was looked at by the marks of known \
         applications and by its shape, and no conversation with both its sides was found in it."
            .to_owned()
    })
}
