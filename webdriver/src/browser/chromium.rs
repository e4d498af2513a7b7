//! Chromium: started by us, driven through ChromeDriver.

use super::process::{Running, command_line, family, kill, program};
use super::{Done, Identity, Options, until};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};
use thirtyfour::{ChromiumLikeCapabilities, DesiredCapabilities, WebDriver};

/// Switches that keep the browser quiet and off the network.
const QUIET: [&str; 9] = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-search-engine-choice-screen",
    "--ignore-certificate-errors",
];

/// Starts browser and driver.
pub async fn start(options: &Options, profile: &Path) -> Done<(Running, Running, WebDriver)> {
    allow_reloads(profile)?;
    let port_file = profile.join("DevToolsActivePort");
    let _ = std::fs::remove_file(&port_file);
    let map: Vec<String> =
        options.hosts.iter().map(|(host, port)| format!("MAP {host} 127.0.0.1:{port}")).collect();
    let mut command = Command::new(program("SHIM_CHROMIUM", "chromium"));
    command
        .args(QUIET)
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("--load-extension={}", options.dist.join("chrome").display()))
        .arg(format!("--host-resolver-rules={}", map.join(",")))
        .args(["--remote-debugging-port=0", "--window-size=1280,900", "about:blank"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if options.headless {
        command.arg("--headless=new");
    }
    if std::env::var_os("SHIM_NO_SANDBOX").is_some() {
        command.arg("--no-sandbox");
    }
    let running = Running::start(&mut command)?;
    let debugging = until("Chromium's debugging port", async || {
        let text = std::fs::read_to_string(&port_file).unwrap_or_default();
        Ok(text.lines().next().and_then(|line| line.parse::<u16>().ok()))
    })
    .await?;
    let (driving, port) = until("a chromedriver", async || start_driver().map(Some)).await?;
    let mut caps = DesiredCapabilities::chrome();
    caps.set_debugger_address(&format!("127.0.0.1:{debugging}"))?;
    let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), caps).await?;
    Ok((running, driving, driver))
}

/// Starts a driver and says its port. It asks for a free one of IPv4, takes that of IPv6 too, and
/// ends where somebody else has that: then another try finds another.
fn start_driver() -> Done<(Running, String)> {
    let mut driving = Running::start(
        Command::new(program("SHIM_CHROMEDRIVER", "chromedriver"))
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null()),
    )?;
    let line = driving.wait_for_line("started successfully on port")?;
    let port = line.rsplit(' ').next().unwrap_or_default().trim_end_matches('.').to_owned();
    Ok((driving, port))
}

/// Without developer mode, an extension from a folder that reloads itself stays switched off.
fn allow_reloads(profile: &Path) -> Done<()> {
    let folder = profile.join("Default");
    let preferences = folder.join("Preferences");
    if !preferences.exists() {
        std::fs::create_dir_all(folder)?;
        std::fs::write(preferences, r#"{"extensions":{"ui":{"developer_mode":true}}}"#)?;
    }
    Ok(())
}

/// `chrome://crash` makes the renderer of the tab in view crash itself.
pub async fn crash_tab(driver: &WebDriver) -> Done<()> {
    match driver.goto("chrome://crash").await {
        Err(error) if error.to_string().contains("crash") => Ok(()),
        Err(error) => Err(error.into()),
        Ok(()) => Err("the tab did not crash".into()),
    }
}

/// Quits the browser as a person does. Its answer may be lost with it.
pub async fn quit(driver: &WebDriver) {
    let _ = driver.cdp().send_raw("Browser.close", serde_json::json!({})).await;
}

/// Waits until the tab that is driven is in view. A tab opened just before, on a loaded machine,
/// comes into view after this one was asked for; a tab out of view draws nothing and hears nothing.
///
/// # Errors
/// When another tab stays in view.
pub async fn in_view(driver: &WebDriver) -> Done<()> {
    until("the tab to come into view", async || {
        let seen = driver.execute("return document.visibilityState", Vec::new()).await;
        // A page that crashed tells nothing, and there is nothing to see of it.
        if seen.map_or(true, |seen| seen.json() == "visible") {
            return Ok(Some(()));
        }
        driver.cdp().send_raw("Page.bringToFront", serde_json::json!({})).await?;
        Ok(None)
    })
    .await
}

/// Frees what the page in view does not need any more.
pub async fn collect_garbage(driver: &WebDriver) -> Done<()> {
    driver.cdp().send_raw("HeapProfiler.collectGarbage", serde_json::json!({})).await?;
    Ok(())
}

/// Runs a script at the beginning of every document that the tab in view loads from now on.
pub async fn at_the_beginning(driver: &WebDriver, script: &str) -> Done<()> {
    let source = serde_json::json!({ "source": script });
    driver.cdp().send_raw("Page.addScriptToEvaluateOnNewDocument", source).await?;
    Ok(())
}

/// Kills the processes of all pages of sites with -9, in view or not.
pub fn kill_pages(running: &Running) -> Done<()> {
    let page = |pid: &u32| {
        command_line(*pid)
            .is_some_and(|l| l.contains("--type=renderer") && !l.contains("--extension-process"))
    };
    let found: Vec<u32> = family(running.id()).into_iter().filter(page).collect();
    if found.is_empty() {
        return Err("no process of a page runs".into());
    }
    found.into_iter().for_each(kill);
    Ok(())
}

/// The worker lives in a process that is marked as an extension's: that is killed with -9.
pub fn kill_worker(running: &Running) -> Done<()> {
    let ours = |pid: &u32| command_line(*pid).is_some_and(|l| l.contains("--extension-process"));
    let found: Vec<u32> = family(running.id()).into_iter().filter(ours).collect();
    if found.is_empty() {
        return Err("no process of the extension runs".into());
    }
    found.into_iter().for_each(kill);
    Ok(())
}

/// Whether the browser lists a running worker of the extension.
pub async fn worker_runs(driver: &WebDriver, identity: &Identity) -> Done<bool> {
    let targets = driver.cdp().send_raw("Target.getTargets", serde_json::json!({})).await?;
    let list = targets.get("targetInfos").and_then(Value::as_array).cloned().unwrap_or_default();
    let word = |target: &Value, name| Some(target.get(name)?.as_str()?.to_owned());
    Ok(list.iter().any(|target| {
        word(target, "type").is_some_and(|kind| kind == "service_worker")
            && word(target, "url").is_some_and(|url| url.contains(&identity.chrome_id))
    }))
}
