//! One tab in a profile of its own.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use base64::Engine as _;
use serde_json::{Value, json};

use crate::{chromium::Chromium, keyboard, locator::Locator, watch::Watch};

/// What does not happen within this does not happen.
pub const DEADLINE: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(20);

pub struct Page {
    chromium: &'static Arc<Chromium>,
    context: String,
    session: String,
    watch: Arc<Watch>,
    base: String,
}

impl Page {
    /// A new tab that may ask only `base`; it signs in with this session, if there is one.
    pub async fn open(chromium: &'static Arc<Chromium>, base: &str, token: Option<&str>) -> Self {
        let call = async |method: &str, params: Value| chromium.call(None, method, params).await.unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let context = call("Target.createBrowserContext", json!({"disposeOnDetach": true})).await;
        let context = text(&context["browserContextId"]);
        if let Some(token) = token {
            let cookie =
                json!({"name": "mp_session", "value": token, "url": base, "httpOnly": true, "sameSite": "Lax"});
            call("Storage.setCookies", json!({"browserContextId": context, "cookies": [cookie]})).await;
        }
        let permissions = json!(["clipboardReadWrite", "clipboardSanitizedWrite", "videoCapture"]);
        let granted = json!({"browserContextId": context, "origin": base, "permissions": permissions});
        call("Browser.grantPermissions", granted).await;
        let target = json!({"url": "about:blank", "browserContextId": context, "width": 1280, "height": 800});
        let target = call("Target.createTarget", target).await;
        let session = call("Target.attachToTarget", json!({"targetId": target["targetId"], "flatten": true})).await;
        let session = text(&session["sessionId"]);
        let watch = Arc::new(Watch::new(base));
        chromium.watch(&session, watch.clone());
        let page = Self { chromium, context, session, watch, base: base.into() };
        for domain in ["Page", "Runtime", "Log", "Network", "DOM", "Audits"] {
            page.call(&format!("{domain}.enable"), json!({})).await.unwrap();
        }
        page.call("Emulation.setFocusEmulationEnabled", json!({"enabled": true})).await.unwrap();
        page.size(1280, 800).await;
        page
    }

    /// A command of the protocol to this tab.
    pub async fn call(&self, method: &str, params: Value) -> Result<Value, String> {
        self.chromium.call(Some(&self.session), method, params).await
    }

    /// Goes to a path of the appliance and waits until it is loaded.
    pub async fn go(&self, path: &str) {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        let gone = self.call("Page.navigate", json!({"url": url})).await.unwrap();
        assert!(gone.get("errorText").is_none(), "{url}: {gone}");
        self.loaded().await;
    }

    /// As a person presses the reload button.
    pub async fn reload(&self) {
        self.evaluate("window.__before = true").await.unwrap();
        self.call("Page.reload", json!({})).await.unwrap();
        self.holds("!window.__before").await;
        self.loaded().await;
    }

    async fn loaded(&self) {
        self.holds("document.readyState === 'complete'").await;
    }

    /// Waits until all that the page asked for has come and is drawn.
    pub async fn settles(&self) {
        const REST: &str = "new Promise((rest) => requestAnimationFrame(() => requestAnimationFrame(() => \
            rest(document.readyState === 'complete' && !document.querySelector('[aria-busy=true]')))))";
        self.until("the page settles", async || {
            let is_quiet = || if self.watch.is_quiet() { Ok(()) } else { Err("requests are open".to_owned()) };
            is_quiet()?;
            // What an answer sets off begins within two frames.
            for _ in 0..2 {
                if self.evaluate(REST).await? != true {
                    return Err("it is busy".into());
                }
                is_quiet()?;
            }
            Ok(())
        })
        .await;
    }

    /// Where the page is: path and query.
    pub async fn path(&self) -> String {
        let path = self.evaluate("location.pathname + location.search").await.unwrap();
        path.as_str().unwrap().to_owned()
    }

    /// Waits until the page is at this path.
    pub async fn arrives(&self, path: &str) {
        let wanted = json!(path);
        self.holds(&format!("location.pathname === {wanted} || location.pathname + location.search === {wanted}"))
            .await;
        self.loaded().await;
    }

    /// The value of an expression; a promise's value is awaited.
    pub async fn evaluate(&self, expression: &str) -> Result<Value, String> {
        let how = json!({
            "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true,
        });
        value_of(&self.call("Runtime.evaluate", how).await?)
    }

    /// Waits until the expression is true.
    pub async fn holds(&self, expression: &str) {
        self.until(expression, async || match self.evaluate(expression).await? {
            Value::Bool(true) => Ok(()),
            other => Err(format!("is {other}")),
        })
        .await;
    }

    /// Tries again and again until it succeeds; past the deadline, fails with what was seen.
    pub async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut() -> Result<T, String>) -> T {
        let began = Instant::now();
        loop {
            match look().await {
                Ok(found) => return found,
                Err(_) if began.elapsed() < DEADLINE => tokio::time::sleep(LOOK_EVERY).await,
                Err(why) => self.fail(&format!("{what}: {why}")).await,
            }
        }
    }

    /// Fails with everything that helps to see why.
    async fn fail(&self, what: &str) -> ! {
        let seen = self.evaluate("location.href + '\\n' + document.body.innerText.slice(0, 3000)").await;
        let seen = seen.map_or_else(|e| e, |text| text.as_str().unwrap_or_default().to_owned());
        let picture = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("failed-{}.png", self.session));
        // Only what the window shows: a page may be miles high.
        let how = json!({"format": "png", "captureBeyondViewport": false});
        self.shoot(how, &picture).await;
        let faults = self.watch.faults().join("\n");
        panic!("{what}\n--- the page, {}\n{seen}\n--- faults\n{faults}", picture.display());
    }

    /// The one element of this role and accessible name.
    pub fn role(&self, role: &str, name: &str) -> Locator<'_> {
        Locator::new(self).role(role, name)
    }

    /// Elements of this role whose accessible name holds `part`.
    pub fn like(&self, role: &str, part: &str) -> Locator<'_> {
        Locator::new(self).like(role, part)
    }

    /// Elements by a CSS selector, where a person would point.
    pub fn css(&self, selector: &str) -> Locator<'_> {
        Locator::new(self).css(selector)
    }

    pub fn button(&self, name: &str) -> Locator<'_> {
        self.role("button", name)
    }

    pub fn link(&self, name: &str) -> Locator<'_> {
        self.role("link", name)
    }

    /// A text field.
    pub fn field(&self, name: &str) -> Locator<'_> {
        self.role("textbox", name)
    }

    /// Waits until a person can read this on the page.
    pub async fn sees(&self, text: &str) {
        let wanted = json!(text);
        self.until(&format!("the page says {wanted}"), async || {
            let said = self.text().await?;
            if said.contains(text) { Ok(()) } else { Err("it doesn't".into()) }
        })
        .await;
    }

    /// Waits until this can't be read on the page any more.
    pub async fn sees_no(&self, text: &str) {
        self.until(&format!("the page no longer says {text:?}"), async || {
            let said = self.text().await?;
            if said.contains(text) { Err("it does".into()) } else { Ok(()) }
        })
        .await;
    }

    /// All that can be read, white space made one space.
    pub async fn text(&self) -> Result<String, String> {
        let text = self.evaluate("document.body.innerText").await?;
        Ok(text.as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Presses a key or a chord, such as `Tab` or `Control+a`.
    pub async fn press(&self, name: &str) {
        for event in keyboard::chord(name) {
            self.call("Input.dispatchKeyEvent", event).await.unwrap();
        }
    }

    /// Types a text key by key into whatever has the focus.
    pub async fn keys(&self, text: &str) {
        for c in text.chars() {
            self.press(&c.to_string()).await;
        }
    }

    /// Tabs until the element that has the focus has this role and name; fails after `most` steps.
    pub async fn tab_to(&self, role: &str, name: &str, most: usize) {
        let mut been = Vec::new();
        for _ in 0..most {
            self.press("Tab").await;
            let focused = self.focused().await;
            if focused == (role.to_owned(), name.to_owned()) {
                return;
            }
            been.push(format!("{} {:?}", focused.0, focused.1));
        }
        self.fail(&format!("Tab reaches {role} {name:?}; it went to {}", been.join(", "))).await;
    }

    /// Role and accessible name of the element that has the focus.
    pub async fn focused(&self) -> (String, String) {
        let how = json!({"expression": "document.activeElement"});
        let element = self.call("Runtime.evaluate", how).await.unwrap();
        let how = json!({"objectId": element["result"]["objectId"], "fetchRelatives": false});
        let tree = self.call("Accessibility.getPartialAXTree", how).await.unwrap();
        let text = |value: &Value| value["value"].as_str().unwrap_or_default().to_owned();
        (text(&tree["nodes"][0]["role"]), text(&tree["nodes"][0]["name"]))
    }

    /// The window's size in CSS pixels.
    pub async fn size(&self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", size).await.unwrap();
    }

    /// What the person's system prefers: `light` or `dark`.
    pub async fn scheme(&self, scheme: &str) {
        let features = json!([
            {"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"},
        ]);
        self.call("Emulation.setEmulatedMedia", json!({"features": features})).await.unwrap();
    }

    /// Saves what the page shows, all of its height, as a PNG.
    pub async fn picture(&self, file: &Path) {
        self.shoot(json!({"format": "png", "captureBeyondViewport": true}), file).await;
    }

    async fn shoot(&self, how: Value, file: &Path) {
        if let Ok(shot) = self.call("Page.captureScreenshot", how).await {
            let bytes = base64::engine::general_purpose::STANDARD.decode(shot["data"].as_str().unwrap()).unwrap();
            std::fs::write(file, bytes).unwrap();
        }
    }

    /// Drops these files where the element is, as from a file manager.
    pub async fn drop_files(&self, onto: &Locator<'_>, files: &[PathBuf]) {
        let (x, y) = onto.point().await;
        let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        for kind in ["dragEnter", "dragOver", "drop"] {
            let data = json!({"items": [], "files": files, "dragOperationsMask": 1});
            let event = json!({"type": kind, "x": x, "y": y, "data": data});
            self.call("Input.dispatchDragEvent", event).await.unwrap();
        }
    }

    /// Lets what is downloaded lie in this folder.
    pub async fn download_to(&self, folder: &Path) {
        let how = json!({"behavior": "allow", "browserContextId": self.context, "downloadPath": folder.display().to_string()});
        self.chromium.call(None, "Browser.setDownloadBehavior", how).await.unwrap();
    }

    /// Forgets who is signed in, as when the session has ended elsewhere and the cookie with it.
    pub async fn forget_cookies(&self) {
        let how = json!({"browserContextId": self.context});
        self.chromium.call(None, "Storage.clearCookies", how).await.unwrap();
    }

    /// Expects faults whose text holds `part`, such as `401 ` for a refused sign-in.
    pub fn permit(&self, part: &str) {
        self.watch.permit(part);
    }

    /// Forgets what was seen so far and what was expected.
    pub fn begin_again(&self) {
        self.watch.begin_again();
    }

    /// What the page did that it never should.
    pub fn faults(&self) -> Vec<String> {
        self.watch.faults()
    }

    /// Every request so far, as `GET http://…`.
    pub fn requests(&self) -> Vec<String> {
        self.watch.requests()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.chromium.forget(&self.session);
        self.chromium.tell("Target.disposeBrowserContext", &json!({"browserContextId": self.context}));
        if !std::thread::panicking() {
            let faults = self.faults();
            assert!(faults.is_empty(), "the page did what it should not:\n{}", faults.join("\n"));
        }
    }
}

/// What a script gave; what it threw is an error.
pub fn value_of(answer: &Value) -> Result<Value, String> {
    match answer.get("exceptionDetails") {
        None => Ok(answer["result"]["value"].clone()),
        Some(details) => Err(details["exception"]["description"].as_str().unwrap_or("threw").to_owned()),
    }
}
