//! One headless Chromium for the whole binary, spoken to over its debugging pipe.
//!
//! The pipe (two file descriptors, messages of JSON that end with a zero byte) needs no port and no websocket, and a
//! Chromium whose other end is gone ends by itself, however the tests end.

use std::{
    collections::HashMap,
    env,
    io::{BufRead, BufReader, Write},
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{ChildStdin, Command, Stdio},
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::watch::Watch;

/// Chromium reads from descriptor 3 and writes to 4; its profile goes when it does.
const START: &str = r#"profile="$1"; shift
"$@" 3<&0 4>&1 </dev/null >/dev/null 2>/dev/null
rm -rf "$profile""#;

const FLAGS: [&str; 14] = [
    "--headless",
    "--remote-debugging-pipe",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--hide-scrollbars",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
];

/// No command of the protocol takes this long unless Chromium hangs.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

type Answer = Result<Value, String>;

pub struct Chromium {
    to: Mutex<ChildStdin>,
    waiting: Mutex<HashMap<u64, oneshot::Sender<Answer>>>,
    watches: Mutex<HashMap<String, Arc<Watch>>>,
    next: AtomicU64,
}

static SHARED: OnceLock<Option<Arc<Chromium>>> = OnceLock::new();

/// The binary's Chromium; `None` where there is none and none is demanded.
pub fn shared() -> Option<&'static Arc<Chromium>> {
    let shared = SHARED.get_or_init(|| {
        if let Some(program) = find() {
            return Some(Chromium::start(&program));
        }
        assert!(env::var("CI").as_deref() != Ok("true"), "CI=true demands Chromium, and there is none in PATH");
        // Past the capture of the test's output: whoever runs the tests is to see it.
        let _ = std::io::stderr().write_all(b"no Chromium in PATH: the browser tests are passed over\n");
        None
    });
    shared.as_ref()
}

fn find() -> Option<PathBuf> {
    if let Some(given) = env::var_os("CHROMIUM").filter(|value| !value.is_empty()) {
        return Some(given.into());
    }
    let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?).collect();
    ["chromium", "chromium-browser", "google-chrome"]
        .iter()
        .find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file()))
}

impl Chromium {
    fn start(program: &Path) -> Arc<Self> {
        let profile = tempfile::Builder::new().prefix("magicpixels-chromium-").tempdir().unwrap().keep();
        let mut command = Command::new("sh");
        command.args(["-c", START, "sh"]).arg(&profile).arg(program).args(FLAGS);
        command.arg(format!("--user-data-dir={}", profile.display()));
        if std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0) {
            command.arg("--no-sandbox");
        }
        // A group of its own: an interrupted test run leaves it the time to clean up.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (to, from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let chromium = Arc::new(Self {
            to: Mutex::new(to),
            waiting: Mutex::default(),
            watches: Mutex::default(),
            next: AtomicU64::new(1),
        });
        let hearing = chromium.clone();
        std::thread::spawn(move || {
            for message in BufReader::new(from).split(0) {
                let Ok(message) = message else { break };
                hearing.hear(&serde_json::from_slice(&message).unwrap());
            }
            // Whoever still waits is told by the dropped sender.
            hearing.waiting.lock().unwrap().clear();
            let _ = child.wait();
        });
        chromium
    }

    fn hear(&self, message: &Value) {
        if let Some(id) = message["id"].as_u64() {
            let Some(waiting) = self.waiting.lock().unwrap().remove(&id) else { return };
            let answer = match message.get("error") {
                Some(error) => Err(error["message"].as_str().unwrap_or_default().to_owned()),
                None => Ok(message["result"].clone()),
            };
            let _ = waiting.send(answer);
        } else if let (Some(session), Some(method)) = (message["sessionId"].as_str(), message["method"].as_str()) {
            let watch = self.watches.lock().unwrap().get(session).cloned();
            if let Some(watch) = watch {
                watch.hear(method, &message["params"]);
            }
            if method == "Page.javascriptDialogOpening" {
                self.send(Some(session), "Page.handleJavaScriptDialog", &json!({"accept": true}));
            }
        }
    }

    /// Sends a command; its number.
    fn send(&self, session: Option<&str>, method: &str, params: &Value) -> u64 {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        self.write(id, session, method, params);
        id
    }

    fn write(&self, id: u64, session: Option<&str>, method: &str, params: &Value) {
        let mut message = json!({"id": id, "method": method, "params": params});
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        // A broken pipe shows where the answer is awaited.
        let _ = self.to.lock().unwrap().write_all(&bytes);
    }

    /// Sends a command and awaits its answer; what the protocol refuses is an error to retry or to fail on.
    pub async fn call(&self, session: Option<&str>, method: &str, params: Value) -> Answer {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, answer) = oneshot::channel();
        self.waiting.lock().unwrap().insert(id, sender);
        self.write(id, session, method, &params);
        let answer = tokio::time::timeout(ANSWER_WITHIN, answer).await;
        let answer = answer.unwrap_or_else(|_| panic!("{method} was not answered"));
        answer.expect("Chromium has ended").map_err(|message| format!("{method}: {message}"))
    }

    /// Sends a command whose answer nobody needs.
    pub fn tell(&self, method: &str, params: &Value) {
        self.send(None, method, params);
    }

    /// Has `watch` hear every event of the session.
    pub fn watch(&self, session: &str, watch: Arc<Watch>) {
        self.watches.lock().unwrap().insert(session.to_owned(), watch);
    }

    pub fn forget(&self, session: &str) {
        self.watches.lock().unwrap().remove(session);
    }
}
