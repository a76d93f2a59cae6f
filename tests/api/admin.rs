//! What whoever runs the appliance sees and does, and that nobody else does.

use std::time::Duration;

use magicpixels::logbook;
use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Answer, PASSWORD, Server};

/// The admin's routes, from the document: a new one can't be forgotten.
async fn routes(server: &Server) -> Vec<(Method, String)> {
    let document = server.stranger().get("/openapi.json").await.expect(200);
    let paths = document["paths"].as_object().unwrap().iter().filter(|(path, _)| path.starts_with("/v1/admin/"));
    paths
        .flat_map(|(path, methods)| {
            let path = path.replace("{id}", "x").replace("{name}", "x");
            let methods = methods.as_object().unwrap().keys().map(|method| method.to_uppercase().parse().unwrap());
            methods.map(move |method| (method, path.clone()))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_an_admin_in_a_session_reaches_an_admin_route() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 0).await;
    let bob = server.person("bob@example.com", 0).await;
    let routes = routes(&server).await;
    assert!(routes.len() >= 32, "{routes:?}");
    for (method, path) in routes {
        for client in [&ada.live, &ada.test, &bob.session, &bob.live, &bob.test] {
            Answer::read(client.request(method.clone(), &path)).await.refused(403, "forbidden");
        }
        Answer::read(server.stranger().request(method.clone(), &path)).await.refused(401, "unauthorized");
    }
    let overview = ada.session.get("/v1/admin/overview").await.expect(200);
    assert_eq!(overview["accounts"], json!({"total": 2, "disabled": 0}), "nothing was done by those who were refused");
    let audit = ada.session.get("/v1/admin/audit?q=queue").await.expect(200);
    assert_eq!(audit["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_admin_answer_has_a_secret_in_it() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 5).await;
    let bob = server.person("bob@example.com", 5).await;
    bob.live.painted("a cup").await;
    let secret = |client: &crate::server::Client| client.token.clone().unwrap();
    let tokens = [&ada.session, &ada.live, &ada.test, &bob.session, &bob.live].map(secret);
    let id = ada.session.get("/v1/admin/accounts").await.expect(200)["data"][0]["id"].as_str().unwrap().to_owned();
    let mut looked = 0;
    let account = format!("/v1/admin/accounts/{id}");
    for (method, path) in routes(&server).await {
        if method != Method::GET || path.ends_with("/events") || path.ends_with("/x") {
            continue;
        }
        let text = ada.session.get(&path).await.text();
        let digest = |token: &str| magicpixels::domain::digest::Digest::of(token.as_bytes()).to_string();
        for token in &tokens {
            // A secret may have underscores in it: only the whole of it is one.
            let part = token.rsplit('.').next().unwrap().trim_start_matches("mp_session_");
            assert!(!text.contains(part) && !text.contains(&digest(token)) && !text.contains(&digest(part)), "{path}");
        }
        assert!(
            !text.contains("argon2") && !text.contains("password_hash") && !text.contains("_hash"),
            "{path}: {text}"
        );
        looked += 1;
    }
    assert!(looked >= 11, "{looked}");
    assert!(!ada.session.get(&account).await.text().contains("argon2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_queue_keeps_jobs_until_it_is_resumed() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 5).await;
    let running = ada.test.job(json!({"mode": "text_to_image", "prompt": "test:slow"})).await;
    ada.test.running(&running).await;
    let queue = ada.session.post("/v1/admin/queue/pause", json!({})).await.expect(200);
    assert_eq!((&queue["paused"], &queue["paused_by"]), (&json!(true), &json!("ada@example.com")));
    let again = ada.session.post("/v1/admin/queue/pause", json!({})).await.expect(200);
    assert_eq!(again["paused_at"], queue["paused_at"], "a pause begins once");
    let job = ada.live.job(json!({"mode": "text_to_image", "prompt": "a patient cup"})).await;
    assert_eq!((&job["status"], &job["queue_paused"]), (&json!("queued"), &json!(true)));
    let queue = ada.session.get("/v1/admin/queue").await.expect(200);
    let worker = queue["workers"].as_array().unwrap().iter().find(|worker| worker["livemode"] == false).unwrap();
    assert_eq!(worker["job"]["id"], running["id"], "what ran goes on: {queue}");
    assert!(worker["fraction"].as_f64().is_some() && worker["stage"] == "waiting", "{worker}");
    assert_eq!(queue["counts"], json!({"queued": 1, "running": 1}));
    assert_eq!((&queue["queued"][0]["id"], &queue["queued"][0]["prompt"]), (&job["id"], &json!("a patient cup")));
    assert_eq!(ada.session.get("/v1/admin/overview").await.expect(200)["queue"]["paused"], true);
    assert_eq!(ada.test.finished(&running).await["status"], "completed");
    tokio::time::sleep(Duration::from_millis(300)).await;
    let path = format!("/v1/jobs/{}", job["id"].as_str().unwrap());
    assert_eq!(ada.live.get(&path).await.expect(200)["status"], "queued");

    let resumed = ada.session.post("/v1/admin/queue/resume", json!({})).await.expect(200);
    assert_eq!((&resumed["paused"], &resumed["paused_at"]), (&json!(false), &Value::Null));
    let done = ada.live.finished(&job).await;
    assert_eq!((&done["status"], &done["queue_paused"]), (&json!("completed"), &json!(false)));
    let audit = ada.session.get("/v1/admin/audit?q=queue").await.expect(200);
    let actions: Vec<&str> = audit["data"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["queue.resume", "queue.pause"]);
    assert_eq!(audit["data"][0]["actor_email"], "ada@example.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_jobs_are_found_and_cancelled() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 5).await;
    let bob = server.person("bob@example.com", 5).await;
    let done = bob.live.painted("A Ceramic CUP on brushed steel").await;
    ada.session.post("/v1/admin/queue/pause", json!({})).await.expect(200);
    let waiting = bob.live.job(json!({"mode": "audio", "voice_text": "Good morning"})).await;
    let find = |query: &'static str| {
        let session = ada.session.clone();
        async move {
            let list = session.get(&format!("/v1/admin/jobs?{query}")).await.expect(200);
            list["data"].as_array().unwrap().iter().map(|job| job["id"].clone()).collect::<Vec<_>>()
        }
    };
    assert_eq!(find("").await, [waiting["id"].clone(), done["id"].clone()]);
    assert_eq!(find("q=cup%20ceramic").await, [done["id"].clone()]);
    assert_eq!(find("q=morning&status=queued").await, [waiting["id"].clone()]);
    assert_eq!(find("mode=audio").await, [waiting["id"].clone()]);
    assert_eq!(find("account=bob@example.com&status=completed").await, [done["id"].clone()]);
    assert_eq!(find("account=ada@example.com").await, Vec::<Value>::new());
    assert_eq!(find("account=nobody@example.com").await, Vec::<Value>::new());
    let first = ada.session.get("/v1/admin/jobs?limit=1").await.expect(200);
    assert_eq!((first["has_more"].clone(), first["data"][0]["id"].clone()), (json!(true), waiting["id"].clone()));
    let line = &ada.session.get("/v1/admin/jobs?status=completed").await.expect(200)["data"][0];
    assert_eq!((&line["account_email"], &line["credits"]), (&json!("bob@example.com"), &json!(1)));
    assert!(line["run_seconds"].as_f64().is_some());
    assert_eq!(ada.session.get("/v1/admin/jobs?status=done").await.faults()[0].0, "status");

    let path = format!("/v1/admin/jobs/{}/cancel", waiting["id"].as_str().unwrap());
    let before = bob.live.credits().await;
    let line = ada.session.post(&path, json!({})).await.expect(200);
    assert_eq!((&line["status"], &line["error"]["code"]), (&json!("aborted"), &json!("cancelled")));
    assert_eq!(bob.live.credits().await, before + 1, "the hold went back");
    ada.session.post(&path, json!({})).await.refused(409, "job_finished");
    ada.session.post("/v1/admin/jobs/job_x/cancel", json!({})).await.refused(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_made_given_credits_disabled_and_let_in_again() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 0).await;
    let body = json!({"email": "Eve@example.com", "password": PASSWORD});
    let eve = ada.session.post("/v1/admin/accounts", body.clone()).await.expect(201);
    assert_eq!((&eve["is_admin"], &eve["credits_remaining"]), (&json!(false), &json!(1)));
    ada.session.post("/v1/admin/accounts", body).await.refused(409, "conflict");
    let weak = ada.session.post("/v1/admin/accounts", json!({"email": "x@example.com", "password": "short"})).await;
    assert_eq!(weak.faults()[0].0, "password");
    let path = |act: &str| format!("/v1/admin/accounts/{}{act}", eve["id"].as_str().unwrap());

    let granted = ada.session.post(&path("/grant"), json!({"amount": 41, "reason": "a present"})).await.expect(200);
    assert_eq!(granted["credits_remaining"], 42);
    let faults = ada.session.post(&path("/grant"), json!({"amount": 0, "raeson": " "})).await.faults();
    assert_eq!(faults.iter().map(|f| f.0.as_str()).collect::<Vec<_>>(), ["amount", "reason", "raeson"]);
    assert_eq!(ada.session.post(&path("/grant"), json!({"amount": 1, "reason": " "})).await.faults()[0].0, "reason");
    assert_eq!(ada.session.post(&path("/grant"), json!({"amount": -1, "reason": "x"})).await.faults()[0].0, "amount");
    let planned = ada.session.post(&path("/plan"), json!({"plan": "studio"})).await.expect(200);
    assert_eq!((&planned["billing_tier"], &planned["credits_remaining"]), (&json!("studio"), &json!(1042)));
    assert_eq!(ada.session.post(&path("/plan"), json!({"plan": "gold"})).await.faults()[0].0, "plan");
    ada.session.post(&path("/plan/decline"), json!({})).await.refused(409, "conflict");

    let sign_in = |password: String| {
        let stranger = server.stranger();
        async move { stranger.post("/v1/sessions", json!({"email": "eve@example.com", "password": password})).await }
    };
    let session = sign_in(PASSWORD.into()).await.expect(201);
    let hers = server.client(session["token"].as_str().unwrap());
    let key = hers.post("/v1/keys", json!({"name": "k"})).await.expect(201);
    let key = server.client(key["token"].as_str().unwrap());
    key.get("/v1/account").await.expect(200);
    let listed = ada.session.get("/v1/admin/accounts?q=EVE").await.expect(200);
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    assert!(!listed["data"][0]["last_seen_at"].is_null());
    assert_eq!(ada.session.post(&path("/disable"), json!({})).await.expect(200)["is_disabled"], true);
    hers.get("/v1/account").await.refused(401, "unauthorized");
    key.get("/v1/account").await.refused(401, "unauthorized");
    sign_in(PASSWORD.into()).await.refused(401, "unauthorized");
    ada.session.post(&path("/enable"), json!({})).await.expect(200);
    key.get("/v1/account").await.expect(200);
    hers.get("/v1/account").await.refused(401, "unauthorized");

    let password = ada.session.post(&path("/reset-password"), json!({})).await.expect(200);
    let password = password["password"].as_str().unwrap().to_owned();
    assert!(password.len() >= 16, "{password}");
    sign_in(PASSWORD.into()).await.refused(401, "unauthorized");
    sign_in(password.clone()).await.expect(201);
    assert!(!ada.session.get("/v1/admin/audit?limit=100").await.text().contains(&password), "it is told once");
    let audit = ada.session.get("/v1/admin/audit?q=credits.grant").await.expect(200);
    assert_eq!(audit["data"][0]["detail"], json!({"amount": 41, "reason": "a present"}));
    assert_eq!(audit["data"].as_array().unwrap().len(), 1);

    let me = ada.session.get("/v1/account").await.expect(200)["id"].as_str().unwrap().to_owned();
    ada.session.post(&format!("/v1/admin/accounts/{me}/disable"), json!({})).await.refused(409, "conflict");
    ada.session.post("/v1/admin/accounts/acc_x/disable", json!({})).await.refused(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_accounts_jobs_end_and_their_holds_go_back() {
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 5).await;
    let eve = server.person("eve@example.com", 5).await;
    let remaining = || async { eve.live.get("/v1/account").await.expect(200)["credits_remaining"].clone() };
    let listed = ada.session.get("/v1/admin/accounts?q=eve").await.expect(200);
    let path = |act: &str| format!("/v1/admin/accounts/{}/{act}", listed["data"][0]["id"].as_str().unwrap());
    let queue = |act: &'static str| {
        let ada = &ada.session;
        async move { ada.post(&format!("/v1/admin/queue/{act}"), json!({})).await.expect(200) }
    };
    let before = remaining().await;
    let running = eve.test.job(json!({"mode": "text_to_image", "prompt": "test:slow"})).await;
    eve.test.running(&running).await;
    queue("pause").await;
    let queued = eve.live.job(json!({"mode": "text_to_image", "prompt": "a cup"})).await;
    assert_ne!(remaining().await, before, "a credit is held");
    ada.session.post(&path("disable"), json!({})).await.expect(200);
    let audit = ada.session.get("/v1/admin/audit?q=account.disable").await.expect(200);
    assert_eq!(audit["data"][0]["detail"], json!({"jobs_cancelled": 2}));
    queue("resume").await;
    ada.session.post(&path("enable"), json!({})).await.expect(200);
    for (client, job) in [(&eve.test, &running), (&eve.live, &queued)] {
        let job = client.finished(job).await;
        assert_eq!((&job["status"], &job["error"]["code"]), (&json!("aborted"), &json!("cancelled")), "{job}");
    }
    assert_eq!(remaining().await, before, "the hold went back");

    // Let in a moment before the account was disabled, and queued a moment after.
    queue("pause").await;
    let late = eve.live.job(json!({"mode": "text_to_image", "prompt": "a cup"})).await;
    let database = rusqlite::Connection::open(server.dir.path().join("magicpixels.sqlite3")).unwrap();
    database.execute("UPDATE accounts SET is_disabled = 1 WHERE email = 'eve@example.com'", []).unwrap();
    queue("resume").await;
    ada.live.painted("another cup").await;
    let jobs = ada.session.get("/v1/admin/jobs").await.expect(200);
    let line = jobs["data"].as_array().unwrap().iter().find(|line| line["id"] == late["id"]).unwrap().clone();
    assert_eq!(line["status"], "aborted", "{line}");
    ada.session.post(&path("enable"), json!({})).await.expect(200);
    assert_eq!(eve.live.finished(&late).await["error"]["code"], "cancelled");
    assert_eq!(remaining().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_needs_approval_waits_for_the_operator() {
    let plans = "[[plan]]\nid = 'free'\nname = 'Free'\nmonthly_credit_grant = 0\n\
                 [[plan]]\nid = 'gold'\nname = 'Gold'\nmonthly_credit_grant = 500\npremium = true\nneeds_approval = true\n";
    let server = Server::with(plans).await;
    let ada = server.person("ada@example.com", 0).await;
    let bob = server.person("bob@example.com", 0).await;
    let ask = || async { bob.session.post("/v1/account/plan", json!({"plan": "gold"})).await.expect(200) };
    assert_eq!(ask().await["pending_plan"], "gold");
    assert_eq!(ada.session.get("/v1/admin/overview").await.expect(200)["pending"]["plans"], 1);
    let list = ada.session.get("/v1/admin/accounts?q=bob").await.expect(200);
    let waiting = &list["data"][0];
    assert_eq!((&waiting["pending_plan"], waiting["pending_since"].is_null()), (&json!("gold"), false));
    let path = format!("/v1/admin/accounts/{}/plan", waiting["id"].as_str().unwrap());
    let declined = ada.session.post(&format!("{path}/decline"), json!({})).await.expect(200);
    assert_eq!((&declined["billing_tier"], &declined["pending_plan"]), (&json!("free"), &Value::Null));
    ask().await;
    ada.session.post(&path, json!({"plan": "gold"})).await.expect(200);
    let account = bob.session.get("/v1/account").await.expect(200);
    assert_eq!((&account["billing_tier"], &account["credits_remaining"]), (&json!("gold"), &json!(501)));
}

#[tokio::test(flavor = "multi_thread")]
async fn models_settings_metrics_storage_and_findings_are_told() {
    let server = Server::with("signup_credits = 2\n[retention]\nuploads_days = 30\n").await;
    let ada = server.person("ada@example.com", 5).await;
    ada.live.painted("a cup").await;
    ada.live.picture().await;

    let models = ada.session.get("/v1/admin/models").await.expect(200);
    let model = &models["data"][0];
    assert_eq!((&model["is_loaded"], &model["built_in"]), (&json!(true), &json!(true)));
    assert!(!model["last_used_at"].is_null() && model["run_seconds"].as_f64().unwrap() >= 0.0, "{model}");
    let path = |act: &str| format!("/v1/admin/models/{}/{act}", model["id"].as_str().unwrap());
    assert_eq!(ada.session.post(&path("verify"), json!({})).await.expect(200), json!({"ok": true, "findings": []}));
    ada.session.post(&path("unload"), json!({})).await.expect(204);
    let after = ada.session.get("/v1/admin/models").await.expect(200);
    assert_eq!((&after["data"][0]["is_loaded"], &after["data"][0]["memory_bytes"]), (&json!(false), &Value::Null));
    ada.session.post("/v1/admin/models/none/unload", json!({})).await.refused(404, "not_found");

    let settings = ada.session.get("/v1/admin/settings").await.expect(200);
    let setting = |name: &str| {
        let all = settings["data"].as_array().unwrap();
        all.iter().find(|setting| setting["name"] == name).unwrap_or_else(|| panic!("{name}")).clone()
    };
    assert_eq!(
        setting("signup_credits"),
        json!({"name": "signup_credits", "value": 2, "default": 1, "source": "file"})
    );
    assert_eq!(setting("listen")["source"], "command line");
    assert_eq!(setting("work.workers")["source"], "default");

    server.app().take_sample();
    let metrics = ada.session.get("/v1/admin/metrics").await.expect(200);
    let hour = &metrics["hours"][0];
    assert_eq!((&hour["mode"], &hour["completed"], &hour["aborted"]), (&json!("text_to_image"), &json!(1), &json!(0)));
    let requests: u64 = metrics["samples"].as_array().unwrap().iter().map(|s| s["requests"].as_u64().unwrap()).sum();
    assert!(requests >= 5, "{metrics}");
    assert!(metrics["samples"][0]["rss_bytes"].as_u64().unwrap() > 1 << 20);

    let storage = ada.session.get("/v1/admin/storage").await.expect(200);
    assert_eq!(storage["media"]["files"], 2);
    assert_eq!(storage["by_account"][0]["email"], "ada@example.com");
    assert_eq!(storage["by_account"][0]["bytes"], storage["media"]["bytes"]);
    let kinds: Vec<(&str, u64)> = storage["by_kind"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sum| (sum["source"].as_str().unwrap(), sum["count"].as_u64().unwrap()))
        .collect();
    assert_eq!(kinds, [("job", 1), ("upload", 1)]);
    assert_eq!((&storage["retention"]["uploads_days"], &storage["orphans"]["files"]), (&json!(30), &json!(0)));
    assert!(storage["database_bytes"].as_u64().unwrap() > 4096 && !storage["disk"]["free_bytes"].is_null());

    let findings = ada.session.get("/v1/admin/doctor").await.expect(200);
    let names: Vec<&str> =
        findings["data"].as_array().unwrap().iter().map(|finding| finding["name"].as_str().unwrap()).collect();
    for name in ["settings", "runtime", "models", "memory", "disk", "database", "ledger", "media", "queue", "backup"] {
        assert!(names.contains(&name), "{name}: {findings}");
    }
    let state =
        |name: &str| findings["data"].as_array().unwrap().iter().find(|f| f["name"] == name).unwrap()["state"].clone();
    assert_eq!((state("ledger"), state("media"), state("backup")), (json!("ok"), json!("ok"), json!("warning")));

    let overview = ada.session.get("/v1/admin/overview").await.expect(200);
    assert_eq!((&overview["jobs"]["completed_24h"], &overview["credits"]["revenue"]), (&json!(1), &json!(1)));
    assert_eq!(overview["version"], env!("CARGO_PKG_VERSION"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_shown_and_followed() {
    use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};
    let _ = tracing_subscriber::registry().with(logbook::layer()).try_init();
    let server = Server::start().await;
    let ada = server.person("ada@example.com", 0).await;
    let token = ada.session.token.clone().unwrap();
    let mut stream =
        ada.session.request(Method::GET, "/v1/admin/logs/events?level=warn&q=tailed").send().await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    tracing::info!("tailed but not severe");
    tracing::warn!(credential = token, "tailed <b>warning</b>");
    let mut heard = String::new();
    while !heard.contains("\n\n") || !heard.contains("tailed") {
        let chunk = tokio::time::timeout(Duration::from_secs(10), stream.chunk()).await.unwrap().unwrap().unwrap();
        heard.push_str(&String::from_utf8_lossy(&chunk));
    }
    assert!(heard.contains("event: log") && heard.contains("tailed <b>warning</b>"), "{heard}");
    assert!(!heard.contains("not severe") && !heard.contains(&token), "{heard}");
    let list = ada.session.get("/v1/admin/logs?q=tailed").await.expect(200);
    let levels: Vec<&str> = list["data"].as_array().unwrap().iter().map(|l| l["level"].as_str().unwrap()).collect();
    assert_eq!(levels, ["warn", "info"]);
    assert_eq!(list["data"][0]["fields"]["credential"], "mp_session_…");
    let one = ada.session.get("/v1/admin/logs?q=tailed&limit=1").await.expect(200);
    assert_eq!((one["data"].as_array().unwrap().len(), &one["has_more"]), (1, &json!(true)));
    assert_eq!(ada.session.get("/v1/admin/logs?level=loud").await.faults()[0].0, "level");
}
