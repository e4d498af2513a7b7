//! Starting and stopping the applications.

use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::install::own_files;
use super::model::{MODEL, Model};
use super::{Installed, Kind};
use crate::browser::{Done, Running, free_port, fresh_folder, until_within};

/// Open WebUI takes half a minute on an idle machine.
const PATIENCE: Duration = Duration::from_secs(240);
/// Lines of its own words that are told where it does not start.
const LAST_LINES: usize = 20;

/// A running application. Dropping it stops it.
pub struct App {
    /// Which.
    pub kind: Kind,
    /// Its address, without a path.
    pub origin: String,
    /// The model that it asks.
    pub model: Model,
    running: Option<Running>,
    folder: PathBuf,
}

/// Starts an application and its model, and waits until it answers.
///
/// # Errors
/// When it ends or does not answer in time: its last words are told.
pub async fn start(installed: &Installed) -> Done<App> {
    let kind = installed.kind;
    let folder = fresh_folder(kind.name())?;
    if kind == Kind::LlamaCpp {
        let model = Model::start(0, Some(installed.folder.clone())).await?;
        return Ok(App { kind, origin: model.origin(), model, running: None, folder });
    }
    let model = Model::start(0, None).await?;
    let port = free_port()?;
    let log = folder.join("log.txt");
    let mut command = match kind {
        Kind::OpenWebUi => open_webui(installed, &folder, &model.origin(), port),
        Kind::Chainlit => chainlit(installed, &folder, &model.origin(), port)?,
        Kind::AssistantUi | Kind::LlamaCpp => {
            assistant_ui(installed, &folder, &model.origin(), port)?
        }
    };
    let out = File::create(&log)?;
    command
        .current_dir(&folder)
        .env("PYTHONUNBUFFERED", "1")
        .env("OPENAI_API_KEY", "none")
        .env("OPENAI_BASE_URL", format!("{}/v1", model.origin()))
        .stdout(Stdio::from(out.try_clone()?))
        .stderr(Stdio::from(out));
    let running = Some(Running::start(&mut command)?);
    let origin = format!("http://127.0.0.1:{port}");
    let mut app = App { kind, origin, model, running, folder };
    let path = if kind == Kind::OpenWebUi { "/health" } else { "/" };
    until_within(PATIENCE, &format!("{} to answer", kind.name()), async || {
        if app.running.as_mut().is_some_and(Running::ended) {
            return Err(said(&log).into());
        }
        Ok(answers(port, path).then_some(()))
    })
    .await
    .map_err(|error| format!("{error}\n{}", said(&log)))?;
    Ok(app)
}

impl Drop for App {
    fn drop(&mut self) {
        if let Some(running) = &mut self.running {
            running.kill();
        }
        // A leftover in the temporary folder is no failure of a run.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Without an account, without what it learns documents with, and never on the network.
fn open_webui(installed: &Installed, data: &Path, model: &str, port: u16) -> Command {
    let tools = serde_json::json!([{
        "type": "openapi", "url": model, "path": "openapi.json", "auth_type": "none", "key": "",
        "config": { "enable": true, "access_grants": [
            { "principal_type": "user", "principal_id": "*", "permission": "read" }] },
        "info": { "id": "lab", "name": "Lab", "description": "Tools of the scripted model" },
    }]);
    let mut command = Command::new(installed.program("python"));
    command.arg(installed.program("open-webui")).args(["serve", "--host", "127.0.0.1"]);
    command.args(["--port", &port.to_string()]);
    command.env("DATA_DIR", data).env("STATIC_DIR", data.join("static"));
    command.env("OPENAI_API_BASE_URL", format!("{model}/v1"));
    command.env("RAG_OPENAI_API_BASE_URL", format!("{model}/v1"));
    command.env("TOOL_SERVER_CONNECTIONS", tools.to_string());
    command.envs([
        ("WEBUI_AUTH", "False"),
        ("WEBUI_SECRET_KEY", "for tests"),
        ("ENABLE_PERSISTENT_CONFIG", "False"),
        ("ENABLE_OLLAMA_API", "False"),
        ("ENABLE_OPENAI_API", "True"),
        ("DEFAULT_MODELS", MODEL),
        ("BYPASS_MODEL_ACCESS_CONTROL", "True"),
        ("ENABLE_EVALUATION_ARENA_MODELS", "False"),
        ("USE_SLIM_DOCKER", "true"),
        ("VECTOR_DB", "pgvector"),
        ("RAG_EMBEDDING_ENGINE", "openai"),
        ("RAG_OPENAI_API_KEY", "none"),
        ("AUDIO_STT_ENGINE", "openai"),
        ("OFFLINE_MODE", "True"),
        ("HF_HUB_OFFLINE", "1"),
        ("ENABLE_VERSION_UPDATE_CHECK", "False"),
        ("ENABLE_COMMUNITY_SHARING", "False"),
        ("ANONYMIZED_TELEMETRY", "False"),
        ("DO_NOT_TRACK", "true"),
        ("SCARF_NO_ANALYTICS", "true"),
        ("GLOBAL_LOG_LEVEL", "WARNING"),
        ("USER_AGENT", "shim"),
    ]);
    command
}

/// Chainlit carries out a file of one's own: ours is `webdriver/apps/chainlit/app.py`.
fn chainlit(installed: &Installed, folder: &Path, model: &str, port: u16) -> Done<Command> {
    std::fs::copy(own_files(installed.kind).join("app.py"), folder.join("app.py"))?;
    let mut command = Command::new(installed.program("python"));
    command.args(["-m", "chainlit", "run", "app.py", "--headless", "--host", "127.0.0.1"]);
    command.args(["--port", &port.to_string()]).env("SHIM_MODEL", model);
    Ok(command)
}

/// Its server carries out a file of one's own: ours is `webdriver/apps/assistantui/app.py`.
fn assistant_ui(installed: &Installed, folder: &Path, model: &str, port: u16) -> Done<Command> {
    std::fs::copy(own_files(installed.kind).join("app.py"), folder.join("app.py"))?;
    let mut command = Command::new(installed.program("python"));
    command.args(["-m", "uvicorn", "app:app", "--host", "127.0.0.1"]);
    command.args(["--port", &port.to_string()]);
    command.env("UI_PRESET", "minimal").env("SHIM_MODEL", model);
    Ok(command)
}

/// Whether a server answers this path with success.
fn answers(port: u16, path: &str) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(stream, "GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n")?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        Ok(head.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}

/// Its last words.
fn said(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines.get(lines.len().saturating_sub(LAST_LINES)..).unwrap_or_default().join("\n")
}
