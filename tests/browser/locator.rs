//! Elements, found anew each time as a person or a screen reader finds them, and used with a real mouse and keyboard.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::page::{Page, value_of};

/// One narrowing: from the elements found so far to some inside them.
#[derive(Clone, Debug)]
enum Step {
    /// Role and whole accessible name; any name where it is empty.
    Role(String, String),
    /// Role and a part of the accessible name.
    Like(String, String),
    Css(String),
    /// Only those in which this can be read.
    Saying(String),
    /// Only the n-th, from 0.
    Nth(usize),
}

/// Where an element is, not the element: pages may draw it anew meanwhile.
#[derive(Clone)]
pub struct Locator<'p> {
    page: &'p Page,
    steps: Vec<Step>,
}

/// Answers the middle of the element once it rests, can be seen and is not covered; a text says why it can't be hit.
const POINT: &str = r"async function () {
  if (!this.isConnected) return 'is gone';
  if (this.matches(':disabled, [aria-disabled=true]')) return 'is disabled';
  const frame = () => new Promise((next) => requestAnimationFrame(next));
  // A control that is drawn by its label is used by its label.
  const isDrawn = (r) => r.width > 3 && r.height > 3;
  const shown = isDrawn(this.getBoundingClientRect()) ? this : (this.labels?.[0] ?? this);
  shown.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
  const place = () => { const r = shown.getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; };
  await frame();
  const before = place();
  await frame();
  const [x, y, width, height] = place();
  if (before.join() !== [x, y, width, height].join()) return 'moves';
  const visible = (from, size, all) => (Math.max(from, 0) + Math.min(from + size, all)) / 2;
  const at = { x: visible(x, width, innerWidth), y: visible(y, height, innerHeight) };
  if (!width || !height) return 'has no size';
  const hit = document.elementFromPoint(at.x, at.y);
  const isHit = hit && (hit === shown || shown.contains(hit) || hit.closest('label')?.control === this);
  return isHit ? at : `is covered by ${hit?.outerHTML.slice(0, 200)}`;
}";

/// Keeps the next click from everything but this element: what moves between the look and the press is missed, not hit.
const AIM: &str = r"function () {
  const shown = [this, ...(this.labels ?? [])];
  const aim = (window.__aim = { missed: false });
  const guard = (event) => {
    if (window.__aim !== aim) return;
    if (event.type === 'pointerdown') aim.missed = !shown.some((one) => event.composedPath().includes(one));
    if (!aim.missed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  for (const type of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click']) {
    window.addEventListener(type, guard, { capture: true, once: true });
  }
}";

/// What can be read in an element.
const TEXT: &str = "function () { return this.innerText ?? this.textContent; }";

/// White space made one space.
fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl<'p> Locator<'p> {
    pub fn new(page: &'p Page) -> Self {
        Self { page, steps: Vec::new() }
    }

    fn then(&self, step: Step) -> Self {
        let mut longer = self.clone();
        longer.steps.push(step);
        longer
    }

    pub fn role(&self, role: &str, name: &str) -> Self {
        self.then(Step::Role(role.into(), name.into()))
    }

    pub fn like(&self, role: &str, part: &str) -> Self {
        self.then(Step::Like(role.into(), part.into()))
    }

    pub fn css(&self, selector: &str) -> Self {
        self.then(Step::Css(selector.into()))
    }

    pub fn saying(&self, text: &str) -> Self {
        self.then(Step::Saying(text.into()))
    }

    pub fn nth(&self, n: usize) -> Self {
        self.then(Step::Nth(n))
    }

    pub fn button(&self, name: &str) -> Self {
        self.role("button", name)
    }

    pub fn link(&self, name: &str) -> Self {
        self.role("link", name)
    }

    pub fn field(&self, name: &str) -> Self {
        self.role("textbox", name)
    }

    fn describe(&self) -> String {
        self.steps.iter().map(|step| format!("{step:?}")).collect::<Vec<_>>().join(" > ")
    }

    /// The backend ids of all that match now.
    async fn find_all(&self) -> Result<Vec<u64>, String> {
        let document = self.page.call("DOM.getDocument", json!({"depth": 0})).await?;
        let mut found = vec![number(&document["root"]["backendNodeId"])];
        for step in &self.steps {
            found = match step {
                Step::Nth(n) => found.get(*n).copied().into_iter().collect(),
                Step::Css(selector) => self.query(&found, selector).await?,
                Step::Saying(text) => {
                    let mut saying = Vec::new();
                    for node in found {
                        let said = self.apply_to(node, TEXT, &json!([])).await?;
                        if said.as_str().is_some_and(|said| squeeze(said).contains(text.as_str())) {
                            saying.push(node);
                        }
                    }
                    saying
                }
                Step::Role(role, name) => {
                    self.query_tree(&found, role, |given| name.is_empty() || given == name).await?
                }
                Step::Like(role, part) => self.query_tree(&found, role, |given| given.contains(part.as_str())).await?,
            };
        }
        Ok(found)
    }

    async fn query_tree(&self, roots: &[u64], role: &str, fits: impl Fn(&str) -> bool) -> Result<Vec<u64>, String> {
        let mut found = Vec::new();
        for root in roots {
            let how = json!({"backendNodeId": root, "role": role});
            let tree = self.page.call("Accessibility.queryAXTree", how).await?;
            for node in tree["nodes"].as_array().into_iter().flatten() {
                let name = node["name"]["value"].as_str().unwrap_or_default();
                let name = squeeze(name);
                let id = number(&node["backendDOMNodeId"]);
                if node["ignored"] != true && fits(&name) && id != *root && !found.contains(&id) {
                    found.push(id);
                }
            }
        }
        Ok(found)
    }

    async fn query(&self, roots: &[u64], selector: &str) -> Result<Vec<u64>, String> {
        let how = json!({"backendNodeIds": roots});
        let roots = self.page.call("DOM.pushNodesByBackendIdsToFrontend", how).await?;
        let mut found = Vec::new();
        for root in roots["nodeIds"].as_array().unwrap() {
            let how = json!({"nodeId": root, "selector": selector});
            let matching = self.page.call("DOM.querySelectorAll", how).await?;
            for node in matching["nodeIds"].as_array().unwrap() {
                let node = self.page.call("DOM.describeNode", json!({"nodeId": node})).await?;
                found.push(number(&node["node"]["backendNodeId"]));
            }
        }
        Ok(found)
    }

    /// The one that matches now.
    async fn find(&self) -> Result<u64, String> {
        match self.find_all().await?[..] {
            [one] => Ok(one),
            [] => Err("is not there".into()),
            ref many => Err(format!("there are {}", many.len())),
        }
    }

    /// Calls a function with the element as `this`, as soon as there is one.
    async fn apply(&self, function: &str, arguments: &Value) -> Result<Value, String> {
        self.apply_to(self.find().await?, function, arguments).await
    }

    async fn apply_to(&self, node: u64, function: &str, arguments: &Value) -> Result<Value, String> {
        let object = self.page.call("DOM.resolveNode", json!({"backendNodeId": node})).await?;
        let arguments: Vec<Value> =
            arguments.as_array().into_iter().flatten().map(|value| json!({"value": value})).collect();
        let how = json!({
            "objectId": object["object"]["objectId"], "functionDeclaration": function, "arguments": arguments,
            "awaitPromise": true, "returnByValue": true, "userGesture": true,
        });
        value_of(&self.page.call("Runtime.callFunctionOn", how).await?)
    }

    /// What the function answers of the element, waiting until there is one.
    pub async fn ask(&self, function: &str) -> Value {
        self.page.until(&self.describe(), async || self.apply(function, &json!([])).await).await
    }

    /// How many there are now.
    pub async fn count(&self) -> usize {
        self.find_all().await.map_or(0, |found| found.len())
    }

    /// Waits until it is there.
    pub async fn shows(&self) {
        self.page.until(&self.describe(), async || self.find().await).await;
    }

    /// Waits until there are exactly these many.
    pub async fn counts(&self, wanted: usize) {
        self.page
            .until(&self.describe(), async || match self.find_all().await?.len() {
                count if count == wanted => Ok(()),
                count => Err(format!("there are {count}, not {wanted}")),
            })
            .await;
    }

    /// Waits until it is gone.
    pub async fn goes(&self) {
        self.counts(0).await;
    }

    /// Where to click: waits until the element rests and nothing lies over it.
    pub async fn point(&self) -> (f64, f64) {
        self.page
            .until(&self.describe(), async || match self.apply(POINT, &json!([])).await? {
                Value::String(why) => Err(why),
                at => Ok((at["x"].as_f64().unwrap(), at["y"].as_f64().unwrap())),
            })
            .await
    }

    /// Clicks it with the mouse, again where it moved away under the pointer.
    pub async fn click(&self) {
        self.page
            .until(&self.describe(), async || {
                let (x, y) = self.point().await;
                self.apply(AIM, &json!([])).await?;
                for (kind, buttons) in [("mouseMoved", 0), ("mousePressed", 1), ("mouseReleased", 0)] {
                    let button = if kind == "mouseMoved" { "none" } else { "left" };
                    let event =
                        json!({"type": kind, "x": x, "y": y, "button": button, "buttons": buttons, "clickCount": 1});
                    self.page.call("Input.dispatchMouseEvent", event).await.unwrap();
                }
                // Where the click led to another page, nobody is left to ask: it hit.
                match self.page.evaluate("window.__aim?.missed === true").await {
                    Ok(Value::Bool(true)) => Err("moved away before it was hit".into()),
                    _ => Ok(()),
                }
            })
            .await;
    }

    /// Gives it the focus, as a screen reader does.
    pub async fn focus(&self) {
        self.ask("function () { this.focus(); return true; }").await;
    }

    /// Replaces what stands in the field.
    pub async fn fill(&self, text: &str) {
        self.click().await;
        self.page.press("Control+a").await;
        self.page.press("Delete").await;
        self.page.call("Input.insertText", json!({"text": text})).await.unwrap();
    }

    /// Chooses an option of a `<select>` by what it says or by its value.
    pub async fn choose(&self, option: &str) {
        const CHOOSE: &str = r"function (wanted) {
          const option = [...this.options].find((o) => o.value === wanted || o.label.trim() === wanted);
          if (!option) throw new Error(`no option ${wanted} among ${[...this.options].map((o) => o.label)}`);
          this.focus();
          this.value = option.value;
          this.dispatchEvent(new Event('input', { bubbles: true }));
          this.dispatchEvent(new Event('change', { bubbles: true }));
          return true;
        }";
        self.page.until(&self.describe(), async || self.apply(CHOOSE, &json!([option])).await).await;
    }

    /// Puts files into a file field, as its dialog does.
    pub async fn set_files(&self, files: &[PathBuf]) {
        let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        let node = self.page.until(&self.describe(), async || self.find().await).await;
        self.page.call("DOM.setFileInputFiles", json!({"backendNodeId": node, "files": files})).await.unwrap();
    }

    /// What can be read in it, white space made one space.
    pub async fn text(&self) -> String {
        squeeze(self.ask(TEXT).await.as_str().unwrap_or_default())
    }

    /// What stands in the field.
    pub async fn value(&self) -> String {
        self.ask("function () { return this.value; }").await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until this can be read in it.
    pub async fn says(&self, wanted: &str) {
        self.page
            .until(&format!("{} says {wanted:?}", self.describe()), async || {
                let text = self.apply(TEXT, &json!([])).await?;
                let text = squeeze(text.as_str().unwrap_or_default());
                if text.contains(wanted) { Ok(()) } else { Err(format!("it says {text:?}")) }
            })
            .await;
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}
