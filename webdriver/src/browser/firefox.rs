//! Firefox: started by us with Marionette, driven through geckodriver.
//!
//! geckodriver's own Firefox goes down with a killed content process, ours stays.

use super::card::Raw;
use super::process::{Running, free_port, kill, program};
use super::{Done, Identity, Options, until};
use std::fmt::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use thirtyfour::extensions::addons::firefox::FirefoxTools;
use thirtyfour::{CapabilitiesHelper, DesiredCapabilities, WebDriver};

/// Starts browser and driver, and installs the extension for this run.
pub async fn start(
    options: &Options,
    profile: &Path,
    identity: &Identity,
) -> Done<(Running, Running, WebDriver)> {
    let marionette = free_port()?;
    std::fs::write(profile.join("user.js"), preferences(options, marionette, identity)?)?;
    let mut command = Command::new(program("SHIM_FIREFOX", "firefox-esr"));
    command
        .args(["-marionette", "-remote-allow-system-access", "-no-remote", "-profile"])
        .arg(profile)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if options.headless {
        command.arg("-headless");
    }
    let running = Running::start(&mut command)?;
    until("Firefox's Marionette port", async || {
        Ok(TcpStream::connect(("127.0.0.1", marionette)).is_ok().then_some(()))
    })
    .await?;
    let port = free_port()?;
    let mut driving = Running::start(
        Command::new(program("SHIM_GECKODRIVER", "geckodriver"))
            .args(["--connect-existing", "--allow-system-access"])
            .args(["--marionette-port", &marionette.to_string()])
            .args(["--port", &port.to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::null()),
    )?;
    driving.wait_for_line("Listening on")?;
    let mut caps = DesiredCapabilities::firefox();
    caps.accept_insecure_certs(true)?;
    let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), caps).await?;
    // What was made on the spot is not packed.
    let packed = options.dist.join("shim-firefox.zip");
    let package = if packed.exists() { packed } else { options.dist.join("firefox") };
    let package = package.to_str().ok_or("the path of dist is no text")?;
    FirefoxTools::new(driver.handle().clone()).install_addon(package, Some(true)).await?;
    Ok((running, driving, driver))
}

fn preferences(options: &Options, marionette: u16, identity: &Identity) -> Done<String> {
    let uuids = serde_json::json!({ &identity.firefox_id: &identity.firefox_uuid }).to_string();
    let (domains, ports) = mapped(&options.hosts)?;
    let pairs: [(&str, serde_json::Value); 18] = [
        ("marionette.port", marionette.into()),
        ("network.dns.localDomains", domains.into()),
        ("network.socket.forcePort", ports.into()),
        ("extensions.webextensions.uuids", uuids.into()),
        ("browser.shell.checkDefaultBrowser", false.into()),
        ("browser.startup.page", 0.into()),
        ("browser.tabs.warnOnClose", false.into()),
        ("browser.aboutwelcome.enabled", false.into()),
        ("browser.tabs.crashReporting.sendReport", false.into()),
        ("datareporting.policy.dataSubmissionEnabled", false.into()),
        ("toolkit.startup.max_resumed_crashes", (-1).into()),
        // An extension that is installed for one run would lose its store with it.
        ("extensions.webextensions.keepStorageOnUninstall", true.into()),
        ("extensions.webextensions.keepUuidOnUninstall", true.into()),
        ("browser.sessionstore.resume_from_crash", false.into()),
        ("network.captive-portal-service.enabled", false.into()),
        ("network.connectivity-service.enabled", false.into()),
        ("app.update.disabledForTesting", true.into()),
        // What the browser would ask a person is taken as granted: no driver can answer it.
        ("extensions.webextOptionalPermissionPrompts", false.into()),
    ];
    let mut text = String::new();
    for (name, value) in pairs {
        writeln!(text, "user_pref(\"{name}\", {value});")?;
    }
    Ok(text)
}

/// The values of the two preferences that lead host names to a port of this machine. Without a
/// host both are empty, so that those of an earlier run on the same profile do not stay.
fn mapped(hosts: &[(String, u16)]) -> Done<(String, String)> {
    let Some((_, port)) = hosts.first() else { return Ok(Default::default()) };
    if hosts.iter().any(|(_, other)| other != port) {
        // Firefox can change a port for all hosts at once, and no other way.
        return Err("Firefox leads all mapped hosts to one port: give each the same".into());
    }
    let names: Vec<&str> = hosts.iter().map(|(host, _)| host.as_str()).collect();
    Ok((names.join(","), format!("80,443={port}")))
}

/// Changes between the rights of a page and those of the browser.
async fn context(driver: &WebDriver, name: &str) -> Done<()> {
    let (method, path) = (http::Method::POST, "/moz/context".to_owned());
    let body = Some(serde_json::json!({ "context": name }));
    driver.handle().cmd(Raw { method, path, body }).await?;
    Ok(())
}

/// Runs a script with the browser's own rights.
async fn in_browser(driver: &WebDriver, script: &str) -> Done<serde_json::Value> {
    context(driver, "chrome").await?;
    let answer = driver.execute_async(script, Vec::new()).await;
    context(driver, "content").await?;
    Ok(answer?.json().clone())
}

/// Quits the browser as a person does. Its answer may be lost with it.
pub async fn quit(driver: &WebDriver) {
    let script = "arguments[arguments.length - 1](true); \
        setTimeout(() => Services.startup.quit(Ci.nsIAppStartup.eAttemptQuit), 0);";
    let _ = in_browser(driver, script).await;
}

/// The processes of sites' pages, and those of extensions, as the browser tells.
pub async fn renderers(driver: &WebDriver) -> Done<(Vec<u32>, Vec<u32>)> {
    let script = "const [done] = arguments; ChromeUtils.requestProcInfo().then((info) => { \
        const of = (is) => info.children.filter(({ type }) => is(type)).map(({ pid }) => pid); \
        done([of((type) => type.startsWith('web')), of((type) => type === 'extension')]); }, \
        (why) => done(String(why)));";
    let said = in_browser(driver, script).await?;
    Ok(serde_json::from_value(said.clone()).map_err(|e| format!("{e}: {said}"))?)
}

/// Frees what no process of the browser needs any more, as when memory is short.
pub async fn minimize_memory(driver: &WebDriver) -> Done<()> {
    let script = "const [done] = arguments; \
        Services.obs.notifyObservers(null, 'memory-pressure', 'heap-minimize'); \
        Services.tm.dispatchToMainThread(() => done(true));";
    in_browser(driver, script).await?;
    Ok(())
}

/// Kills the content process of `host` with -9, and waits until a tab of it that is in view shows
/// so.
pub async fn crash_tab(driver: &WebDriver, host: &str) -> Done<()> {
    let script = format!(
        "const done = arguments[arguments.length - 1]; \
         ChromeUtils.requestProcInfo().then((info) => done( \
         info.children.filter((p) => p.windows.some((w) => w.documentURI?.asciiHost \
         === {host:?})).map((p) => p.pid)), (e) => done(String(e)));"
    );
    let pids = in_browser(driver, &script).await?;
    let pids = pids.as_array().ok_or_else(|| format!("Firefox does not say: {pids}"))?;
    if pids.is_empty() {
        return Err(format!("no process of Firefox shows {host}").into());
    }
    for pid in pids.iter().filter_map(|pid| u32::try_from(pid.as_u64()?).ok()) {
        kill(pid);
    }
    // A tab that is not in view when Firefox notices is emptied instead, which is another case.
    let shown = format!(
        "const tab = gBrowser.selectedTab; arguments[arguments.length - 1]( \
         tab.hasAttribute('crashed') || !tab.linkedBrowser.currentURI.spec.includes({host:?}));"
    );
    until("Firefox to show the crash", async || {
        Ok((in_browser(driver, &shown).await? == serde_json::json!(true)).then_some(()))
    })
    .await
}

fn of_background(identity: &Identity, act: &str) -> String {
    format!(
        "const done = arguments[arguments.length - 1]; const e = \
         WebExtensionPolicy.getByID({:?})?.extension; {act}",
        identity.firefox_id
    )
}

/// Ends the event page, as Firefox itself does when it is idle.
pub async fn kill_worker(driver: &WebDriver, identity: &Identity) -> Done<()> {
    let act = "e.terminateBackground({ ignoreDevToolsAttached: true }).then(() => done(true), \
               (why) => done(String(why)));";
    let answer = in_browser(driver, &of_background(identity, act)).await?;
    if answer == serde_json::Value::Bool(true) { Ok(()) } else { Err(format!("{answer}").into()) }
}

/// Whether the event page runs.
pub async fn worker_runs(driver: &WebDriver, identity: &Identity) -> Done<bool> {
    let act = "done(e?.backgroundState === 'running');";
    Ok(in_browser(driver, &of_background(identity, act)).await?.as_bool().unwrap_or(false))
}
