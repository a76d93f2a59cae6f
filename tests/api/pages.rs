//! The pages as a browser without scripts uses them, and what keeps other sites from using them.

use reqwest::Method;
use serde_json::json;

use crate::server::{Answer, Client, PASSWORD, Server};

/// A browser: it keeps the session's cookie and says where its requests come from.
struct Browser {
    client: Client,
    cookie: String,
}

impl Browser {
    fn new(server: &Server) -> Self {
        Self { client: server.stranger(), cookie: String::new() }
    }

    async fn get(&self, path: &str) -> Answer {
        let request = self.client.request(Method::GET, path).header("cookie", &self.cookie);
        Answer::read(request.header("accept", "text/html")).await
    }

    async fn send(&mut self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let mut request = self.client.request(Method::POST, path).header("cookie", &self.cookie);
        request = request.header("content-type", "application/x-www-form-urlencoded").header("accept", "text/html");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = Answer::read(request.body(body.join("&"))).await;
        if let Some(cookie) = answer.headers.get("set-cookie") {
            let text = cookie.to_str().unwrap();
            assert!(text.contains("HttpOnly") && text.contains("SameSite=Lax") && text.contains("Path=/"), "{text}");
            text.split(';').next().unwrap().clone_into(&mut self.cookie);
        }
        answer
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(path, fields, &[("sec-fetch-site", "same-origin")]).await
    }

    /// The CSRF token that a page was given.
    async fn csrf(&self) -> String {
        let page = self.get("/account").await.text();
        page.split("name=\"csrf-token\" content=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sets_up_takes_a_plan_and_makes_a_key_without_scripts() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    assert_eq!(browser.get("/").await.header("location"), "/sign-in");
    assert!(browser.get("/sign-in").await.text().contains("no account yet"));
    let url = server.running().set_up_url.clone().unwrap();
    let token = url.split("token=").nth(1).unwrap().to_owned();
    assert!(browser.get(&url).await.text().contains("Set up your studio"));
    let wrong = browser.post("/setup", &[("token", "x"), ("email", "ada@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(wrong.status, 403);
    let weak = browser.post("/setup", &[("token", &token), ("email", "ada@example.com"), ("password", "short")]).await;
    assert_eq!(weak.status, 422);
    assert!(weak.text().contains("at least 8"), "{}", weak.text());
    let fields = [("token", &*token), ("email", "ada@example.com"), ("password", PASSWORD)];
    let done = browser.post("/setup", &fields).await;
    assert_eq!((done.status.as_u16(), done.header("location")), (303, "/account"));
    assert_eq!(browser.post("/setup", &fields).await.status, 403, "the token works once");

    let csrf = browser.csrf().await;
    let taken = browser.post("/account/plan", &[("csrf_token", &csrf), ("plan", "studio")]).await;
    assert_eq!(taken.status, 303);
    assert!(browser.get("/account").await.text().contains("1001"));
    let made = browser.post("/account/keys", &[("csrf_token", &csrf), ("name", "<b>build</b>")]).await.text();
    assert!(made.contains("&lt;b&gt;build&lt;/b&gt;") && !made.contains("<b>build"), "everything is escaped");
    let token = format!("mp_live_{}", made.split("mp_live_").nth(1).unwrap().split('<').next().unwrap());
    server.client(&token).get("/v1/account").await.expect(200);
    assert!(!browser.get("/account").await.text().contains("mp_live_"), "it is shown once");
    assert!(browser.get("/").await.text().contains("Make something"));
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_and_out_by_form() {
    let server = Server::start().await;
    server.person("ada@example.com", 0).await;
    let mut browser = Browser::new(&server);
    let wrong = browser.post("/sign-in", &[("email", "ada@example.com"), ("password", "wrong horse")]).await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.text().contains("belong together"));
    let done = browser.post("/sign-in", &[("email", "ada@example.com"), ("password", PASSWORD)]).await;
    assert_eq!((done.status.as_u16(), done.header("location")), (303, "/"));
    let (old, csrf) = (browser.cookie.clone(), browser.csrf().await);
    browser.post("/sign-out", &[("csrf_token", &csrf)]).await;
    browser.cookie = old;
    assert_eq!(
        browser.get("/account").await.header("location"),
        "/sign-in",
        "the session is over, not only the cookie"
    );
    assert_eq!(browser.get("/sign-up").await.status, 403);
    assert_eq!(browser.post("/sign-up", &[("email", "eve@example.com"), ("password", PASSWORD)]).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_sites_cannot_use_the_session() {
    let server = Server::start().await;
    server.person("ada@example.com", 10).await;
    let mut browser = Browser::new(&server);
    browser.post("/sign-in", &[("email", "ada@example.com"), ("password", PASSWORD)]).await;
    let csrf = browser.csrf().await;
    let own = format!("http://{}", server.base.trim_start_matches("http://"));
    for headers in [
        vec![],
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site")],
        vec![("origin", "http://evil.example")],
        vec![("origin", "null")],
    ] {
        let fields = [("csrf_token", &*csrf), ("name", "stolen")];
        assert_eq!(browser.send("/account/keys", &fields, &headers).await.status, 403, "{headers:?}");
    }
    assert_eq!(browser.post("/account/keys", &[("name", "stolen")]).await.status, 403, "no token");
    let sign_in = [("email", "ada@example.com"), ("password", PASSWORD)];
    assert_eq!(browser.send("/sign-in", &sign_in, &[("sec-fetch-site", "cross-site")]).await.status, 403);

    let job = json!({"mode": "text_to_image", "prompt": "a cup"});
    let call = |headers: Vec<(&'static str, String)>| {
        let mut request = browser.client.request(Method::POST, "/v1/jobs").header("cookie", &browser.cookie);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        Answer::read(request.json(&job))
    };
    let same = || ("sec-fetch-site", "same-origin".to_owned());
    call(vec![]).await.refused(403, "cross_site");
    call(vec![same()]).await.refused(403, "cross_site");
    call(vec![("x-csrf-token", csrf.clone())]).await.refused(403, "cross_site");
    call(vec![("sec-fetch-site", "cross-site".into()), ("x-csrf-token", csrf.clone())])
        .await
        .refused(403, "cross_site");
    call(vec![same(), ("x-csrf-token", csrf.clone())]).await.expect(201);
    call(vec![("origin", own), ("x-csrf-token", csrf)]).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_have_nothing_inline_and_their_files_are_there() {
    let server = Server::start().await;
    server.person("ada@example.com", 0).await;
    let mut browser = Browser::new(&server);
    browser.post("/sign-in", &[("email", "ada@example.com"), ("password", PASSWORD)]).await;
    for path in ["/", "/account", "/docs/errors", "/no-such-page"] {
        let page = browser.get(path).await;
        assert!(page.header("content-type").starts_with("text/html"), "{path}");
        assert!(page.header("content-security-policy").contains("script-src 'self'"), "{path}");
        let text = page.text();
        assert!(!text.contains("style=\"") && !text.contains("onclick") && !text.contains("<script>"), "{path}");
        for rest in text.split("/static/").skip(1) {
            let file = browser.get(&format!("/static/{}", rest.split('"').next().unwrap())).await;
            assert_eq!(file.status, 200);
        }
    }
}
