//! What a page should never do, collected while it does anything else.

use std::{collections::HashMap, sync::Mutex};

use serde_json::Value;

/// The faults of one page since it was opened.
pub struct Watch {
    /// The only host that a page may ask.
    base: String,
    faults: Mutex<Vec<String>>,
    permitted: Mutex<Vec<String>>,
    requests: Mutex<Vec<String>>,
    /// Requests that are not answered yet, with the document that asked; streams and media, which may never end, are
    /// not counted.
    open: Mutex<HashMap<String, String>>,
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// Whether it asks for a stream or for media.
fn may_never_end(params: &Value) -> bool {
    let path = text(&params["request"], "url").split('?').next().unwrap_or_default();
    ["EventSource", "Media"].contains(&text(params, "type")) || path.ends_with("/events")
}

impl Watch {
    pub fn new(base: &str) -> Self {
        Self {
            base: base.into(),
            faults: Mutex::default(),
            permitted: Mutex::default(),
            requests: Mutex::default(),
            open: Mutex::default(),
        }
    }

    /// Takes one event of the debugging protocol.
    pub fn hear(&self, event: &str, params: &Value) {
        let id = text(params, "requestId");
        match event {
            "Network.requestWillBeSent" if !may_never_end(params) => {
                self.open.lock().unwrap().insert(id.into(), text(params, "loaderId").into());
            }
            "Network.loadingFinished" | "Network.loadingFailed" => {
                self.open.lock().unwrap().remove(id);
            }
            // What the document before still asked for is not told any more.
            "Page.frameNavigated" if params["frame"].get("parentId").is_none() => {
                let loader = text(&params["frame"], "loaderId");
                self.open.lock().unwrap().retain(|_, asking| asking == loader);
            }
            _ => {}
        }
        if let Some(fault) = self.judge(event, params) {
            self.faults.lock().unwrap().push(fault);
        }
    }

    fn judge(&self, event: &str, params: &Value) -> Option<String> {
        match event {
            "Runtime.consoleAPICalled" if ["error", "assert"].contains(&text(params, "type")) => {
                let words = params["args"].as_array()?.iter().map(|arg| {
                    arg["value"]
                        .as_str()
                        .or(arg["description"].as_str())
                        .map_or(arg["value"].to_string(), str::to_owned)
                });
                Some(format!("console: {}", words.collect::<Vec<_>>().join(" ")))
            }
            "Runtime.exceptionThrown" => {
                let details = &params["exceptionDetails"];
                let said = details["exception"]["description"].as_str();
                Some(format!("uncaught: {}", said.unwrap_or_else(|| text(details, "text"))))
            }
            // Failed requests are told better by the network's own events.
            "Log.entryAdded"
                if text(&params["entry"], "level") == "error" && text(&params["entry"], "source") != "network" =>
            {
                Some(format!("log: {}", text(&params["entry"], "text")))
            }
            "Audits.issueAdded" if text(&params["issue"], "code") == "ContentSecurityPolicyIssue" => {
                Some(format!("content policy: {}", params["issue"]["details"]["contentSecurityPolicyIssueDetails"]))
            }
            "Network.requestWillBeSent" => {
                let (method, url) = (text(&params["request"], "method"), text(&params["request"], "url"));
                self.requests.lock().unwrap().push(format!("{method} {url}"));
                let is_own = ["data:", "blob:", "about:"].iter().any(|scheme| url.starts_with(scheme))
                    || url
                        .strip_prefix(&self.base)
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']));
                (!is_own).then(|| format!("asks another host: {url}"))
            }
            "Network.responseReceived" => {
                let (status, url) = (params["response"]["status"].as_u64()?, text(&params["response"], "url"));
                (status >= 400).then(|| format!("{status} {url}"))
            }
            "Network.loadingFailed" => {
                let is_aborted = params["canceled"] == true || text(params, "errorText") == "net::ERR_ABORTED";
                let blocked = text(params, "blockedReason");
                (!is_aborted || !blocked.is_empty()).then(|| {
                    format!("request failed: {} {} {blocked}", text(params, "type"), text(params, "errorText"))
                })
            }
            "Page.javascriptDialogOpening" => {
                Some(format!("dialog ({}): {}", text(params, "type"), text(params, "message")))
            }
            "Inspector.targetCrashed" => Some("the page crashed".into()),
            _ => None,
        }
    }

    /// Expects faults whose text holds `part`.
    pub fn permit(&self, part: &str) {
        self.permitted.lock().unwrap().push(part.into());
    }

    /// Forgets what was seen so far and what was expected.
    pub fn begin_again(&self) {
        self.permitted.lock().unwrap().clear();
        self.faults.lock().unwrap().clear();
    }

    /// What was seen and not expected.
    pub fn faults(&self) -> Vec<String> {
        let permitted = self.permitted.lock().unwrap();
        let faults = self.faults.lock().unwrap();
        faults.iter().filter(|fault| !permitted.iter().any(|part| fault.contains(part.as_str()))).cloned().collect()
    }

    /// Whether every request has been answered.
    pub fn is_quiet(&self) -> bool {
        self.open.lock().unwrap().is_empty()
    }

    /// Every request so far, as `GET http://…`.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}
