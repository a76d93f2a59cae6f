//! Webhooks as an integrator meets them: a receiver that verifies, fails, hangs; and what must never suffer from it.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use magicpixels::domain::clock::{Clock, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    receiver::{Manner, Receiver},
    server::{Answer, Client, Person, Server},
};

fn picture(prompt: &str, url: &str) -> Value {
    json!({"mode": "text_to_image", "prompt": prompt, "webhook_url": url})
}

async fn put_endpoint(session: &Client, url: Value) -> Answer {
    Answer::read(session.request(Method::PUT, "/v1/webhooks/endpoint").json(&json!({"url": url}))).await
}

async fn secret(person: &Person) -> String {
    person.session.get("/v1/webhooks/secret").await.expect(200)["secret"].as_str().unwrap().to_owned()
}

/// Polls the newest delivery until it stands so.
async fn delivery(session: &Client, status: &str) -> Value {
    let mut last = Value::Null;
    for _ in 0..400 {
        last = session.get("/v1/webhooks/deliveries?limit=1").await.expect(200)["data"][0].clone();
        if last["status"] == status {
            return last;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it does not become {status}: {last}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_job_is_told_signed_and_logged() {
    let receiver = Receiver::start().await;
    let server = Server::with(&receiver.settings()).await;
    let ada = server.person("ada@example.com", 10).await;
    let accepted = ada.live.job(picture("a cup", &receiver.url())).await;
    assert_eq!(accepted["webhook_url"], receiver.url());
    let job = ada.live.finished(&accepted).await;
    let told = receiver.wait_for(1).await.remove(0);
    assert_eq!(told.path, "/hook");
    assert!(told.is_signed_by(&secret(&ada).await), "verified by another implementation of HMAC");
    assert!(!told.is_signed_by("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    let body = told.json();
    assert_eq!((&body["type"], &body["created_at"]), (&json!("job.completed"), &job["finished_at"]));
    assert_eq!(body["data"], job, "the job as the API shows it");
    let logged = delivery(&ada.session, "delivered").await;
    assert_eq!((&logged["id"], &logged["job_id"]), (&json!(told.header("webhook-id")), &job["id"]));
    assert_eq!((&logged["payload"], logged["attempts"].as_array().unwrap().len()), (&body, 1));
    assert_eq!((&logged["attempts"][0]["status_code"], &logged["attempts"][0]["error"]), (&json!(204), &Value::Null));
    let sent_at: i64 = told.header("webhook-timestamp").parse().unwrap();
    let now = Clock::System.now().millis() / 1000;
    assert!((now - 60..=now).contains(&sent_at));

    // Test keys rehearse it: the same, with nothing spent and `livemode` false.
    let aborted = ada.test.job(picture("test:abort", &receiver.url())).await;
    ada.test.finished(&aborted).await;
    let slow = ada.test.job(picture("test:slow", &receiver.url())).await;
    ada.test.running(&slow).await;
    let cancelled = ada.test.post(&format!("/v1/jobs/{}/cancel", slow["id"].as_str().unwrap()), json!({})).await;
    cancelled.expect(200);
    let told = receiver.wait_for(3).await;
    for (told, code) in [(&told[1], "model_failed"), (&told[2], "cancelled")] {
        let body = told.json();
        assert_eq!((&body["type"], &body["data"]["error"]["code"]), (&json!("job.aborted"), &json!(code)));
        assert_eq!(body["data"]["livemode"], false);
    }
    let of_job = format!("/v1/webhooks/deliveries?job_id={}", slow["id"].as_str().unwrap());
    assert_eq!(ada.test.get(&of_job).await.expect(200)["data"].as_array().unwrap().len(), 1);
    assert_eq!(ada.live.get(&of_job).await.expect(200)["data"], json!([]), "a live key sees no test deliveries");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_an_address_for_jobs_that_name_none() {
    let receiver = Receiver::start().await;
    let server = Server::with(&receiver.settings()).await;
    let ada = server.person("ada@example.com", 10).await;
    let bob = server.person("bob@example.com", 10).await;
    let none = ada.session.get("/v1/webhooks/endpoint").await.expect(200);
    assert_eq!(none, json!({"url": null, "enabled": true, "allow": [receiver.origin]}));
    let own = format!("{}/own", receiver.origin);
    put_endpoint(&ada.session, json!(own)).await.expect(200);
    put_endpoint(&ada.live, json!(own)).await.refused(403, "forbidden");
    assert_eq!(ada.session.get("/v1/webhooks/endpoint").await.expect(200)["url"], own);
    bob.live.painted("a jug").await;
    ada.live.painted("a cup").await;
    assert_eq!(receiver.wait_for(1).await[0].path, "/own");
    let named = ada.live.job(picture("a bowl", &receiver.url())).await;
    ada.live.finished(&named).await;
    assert_eq!(receiver.wait_for(2).await[1].path, "/hook", "the job's own address wins");
    put_endpoint(&ada.session, Value::Null).await.expect(200);
    ada.live.painted("a cup").await;
    let sent = ada.session.post("/v1/webhooks/test", json!({"url": receiver.url()})).await.expect(202);
    assert_eq!((&sent["type"], &sent["status"]), (&json!("webhook.test"), &json!("pending")));
    let told = receiver.wait_for(3).await;
    assert_eq!((told.len(), &told[2].json()["type"]), (3, &json!("webhook.test")), "nothing came in between");
    assert!(told[2].is_signed_by(&secret(&ada).await) && !told[2].is_signed_by(&secret(&bob).await));
    assert_eq!(ada.session.post("/v1/webhooks/test", json!({})).await.faults(), [("url".into(), "missing".into())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_the_operator_does_not_permit_are_refused_by_name() {
    let off = Server::start().await;
    let ada = off.person("ada@example.com", 10).await;
    let refused = ada.live.post("/v1/jobs", picture("a cup", "https://hooks.example.com/")).await;
    assert!(refused.text().contains("Webhooks are off"), "{}", refused.text());
    assert_eq!(refused.faults(), [("webhook_url".into(), "unsupported".into())]);
    assert_eq!(ada.live.credits().await, 11, "nothing was charged");
    assert_eq!(put_endpoint(&ada.session, json!("https://a.example")).await.faults()[0].1, "unsupported");
    let told = put_endpoint(&ada.session, Value::Null).await.expect(200);
    assert_eq!(told, json!({"url": null, "enabled": false, "allow": []}));

    let server = Server::with("[webhooks]\nallow = [\"https://hooks.example.com\"]\n").await;
    let ada = server.person("ada@example.com", 10).await;
    for (url, code) in [
        ("http://hooks.example.com/", "unsupported"),
        ("https://hooks.example.com.evil.example/", "unsupported"),
        ("http://169.254.169.254/latest/meta-data", "unsupported"),
        ("https://user:secret@hooks.example.com/", "invalid"),
        ("javascript:alert(1)", "invalid"),
        ("<script>alert(1)</script>", "invalid"),
        ("", "invalid"),
    ] {
        for path in ["/v1/jobs", "/v1/quote"] {
            let faults = ada.live.post(path, picture("a cup", url)).await.faults();
            assert_eq!(faults, [("webhook_url".into(), code.into())], "{path} {url}");
        }
        assert_eq!(put_endpoint(&ada.session, json!(url)).await.faults(), [("url".into(), code.into())], "{url}");
        let test = ada.session.post("/v1/webhooks/test", json!({"url": url})).await.faults();
        assert_eq!(test, [("url".into(), code.into())], "{url}");
    }
    let both =
        ada.live.post("/v1/jobs", json!({"mode": "text_to_image", "prompt": "", "webhook_url": 3})).await.faults();
    let both: BTreeSet<&str> = both.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(both, BTreeSet::from(["prompt", "webhook_url"]), "with all other faults at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn private_networks_are_refused_after_the_name_is_looked_up() {
    let receiver = Receiver::start().await;
    let port = receiver.origin.rsplit(':').next().unwrap().to_owned();
    let server = Server::with(&format!("[webhooks]\nallow = [\"http://localhost:{port}\"]\n")).await;
    let ada = server.person("ada@example.com", 0).await;
    let url = format!("http://localhost:{port}/hook");
    ada.session.post("/v1/webhooks/test", json!({"url": url})).await.expect(202);
    let tried = loop {
        let pending = delivery(&ada.session, "pending").await;
        if pending["attempts"] != json!([]) {
            break pending;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    };
    assert!(tried["attempts"][0]["error"].as_str().unwrap().contains("private"), "{tried}");
    assert_eq!(tried["attempts"][0]["status_code"], Value::Null);
    assert!(receiver.received().is_empty(), "nobody was connected to");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_webhook_comes_again_later_each_time_under_the_same_id() {
    let clock = Clock::standing_at(Timestamp::parse("2026-11-22T09:30:00Z").unwrap());
    let receiver = Receiver::start().await;
    receiver.behave(Manner::Answer(500));
    let server = Server::with_clock(&receiver.settings(), clock.clone()).await;
    let ada = server.person("ada@example.com", 10).await;
    let job = ada.live.job(picture("a cup", &receiver.url())).await;
    ada.live.finished(&job).await;
    let mut waits = Vec::new();
    for count in 1..=10_usize {
        receiver.wait_for(count).await;
        let status = if count < 10 { "pending" } else { "failed" };
        let logged = loop {
            let logged = delivery(&ada.session, status).await;
            if logged["attempts"].as_array().unwrap().len() == count {
                break logged;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        assert_eq!(logged["attempts"][count - 1]["error"], "the receiver answered 500");
        let Some(next) = logged["next_attempt_at"].as_str() else { break };
        let wait = Timestamp::parse(next).unwrap().since(clock.now());
        waits.push(wait.as_secs_f64());
        clock.advance(wait.saturating_sub(Duration::from_millis(1)));
        tokio::time::sleep(Duration::from_millis(60)).await;
        assert_eq!(receiver.received().len(), count, "not before its time");
        clock.advance(Duration::from_millis(1));
    }
    assert_eq!(waits.len(), 9);
    for (wait, expected) in waits.iter().zip([5.0, 20.0, 80.0, 320.0, 1280.0, 5120.0, 20480.0, 43200.0, 43200.0]) {
        assert!((0.74..=1.26).contains(&(wait / expected)), "{waits:?}");
    }
    let received = receiver.received();
    let key = secret(&ada).await;
    let ids: BTreeSet<&str> = received.iter().map(|told| told.header("webhook-id")).collect();
    let times: BTreeSet<&str> = received.iter().map(|told| told.header("webhook-timestamp")).collect();
    assert_eq!((ids.len(), times.len()), (1, 10), "one id, a time of its own each");
    assert!(received.iter().all(|told| told.is_signed_by(&key) && told.body == received[0].body));

    // Given up is not for ever: a person sends it again when the receiver is well.
    receiver.behave(Manner::Answer(200));
    let id = ids.first().unwrap();
    let path = format!("/v1/webhooks/deliveries/{id}/replay");
    ada.live.post(&path, json!({})).await.refused(403, "forbidden");
    assert_eq!(ada.session.post(&path, json!({})).await.expect(202)["status"], "pending");
    assert_eq!(delivery(&ada.session, "delivered").await["attempts"].as_array().unwrap().len(), 11);
    assert_eq!(receiver.received()[10].header("webhook-id"), *id);
    ada.session.post(&path, json!({})).await.expect(202);
    receiver.wait_for(12).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_are_not_followed_and_gone_means_gone() {
    let receiver = Receiver::start().await;
    let server = Server::with(&receiver.settings()).await;
    let ada = server.person("ada@example.com", 0).await;
    receiver.behave(Manner::Answer(410));
    ada.session.post("/v1/webhooks/test", json!({"url": receiver.url()})).await.expect(202);
    let gone = delivery(&ada.session, "failed").await;
    assert_eq!(gone["attempts"].as_array().unwrap().len(), 1, "the receiver wants no more");
    receiver.behave(Manner::Redirect);
    ada.session.post("/v1/webhooks/test", json!({"url": receiver.url()})).await.expect(202);
    receiver.wait_for(2).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let received = receiver.received();
    assert!(received.iter().all(|told| told.path == "/hook"), "nothing went elsewhere");
}

/// The promise that matters most: whatever receivers do, jobs run as if there were no webhooks.
#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_hangs_delays_no_job_and_no_other_account() {
    let (silent, good) = (Receiver::start().await, Receiver::start().await);
    silent.behave(Manner::Hang);
    let settings = format!(
        "[webhooks]\nallow = [\"{}\", \"{}\", \"http://127.0.0.1:9\"]\nallow_private = true\n",
        silent.origin, good.origin
    );
    let server = Server::with(&settings).await;
    let ada = server.person("ada@example.com", 100).await;
    let bob = server.person("bob@example.com", 100).await;
    let begun = Instant::now();
    let mut jobs = Vec::new();
    for number in 0..20 {
        let url = if number % 2 == 0 { silent.url() } else { "http://127.0.0.1:9/refuses".into() };
        jobs.push(ada.live.job(picture(&format!("cup {number}"), &url)).await);
    }
    for job in &jobs {
        assert_eq!(ada.live.finished(job).await["status"], "completed");
    }
    let job = bob.live.job(picture("a jug", &good.url())).await;
    assert_eq!(bob.live.finished(&job).await["status"], "completed");
    good.wait_for(1).await;
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(8), "less than one time-out of one receiver: {took:?}");
    assert!(!silent.received().is_empty(), "and it did hang");
    assert!(silent.received().len() <= 2, "an account has two lanes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_secret_signs_beside_the_new_one_for_a_day() {
    let clock = Clock::standing_at(Timestamp::parse("2026-11-22T09:30:00Z").unwrap());
    let receiver = Receiver::start().await;
    let server = Server::with_clock(&receiver.settings(), clock.clone()).await;
    let ada = server.person("ada@example.com", 0).await;
    let old = secret(&ada).await;
    assert_eq!(secret(&ada).await, old);
    ada.live.get("/v1/webhooks/secret").await.refused(403, "forbidden");
    let new = ada.session.post("/v1/webhooks/secret/rotate", json!({})).await.expect(200);
    let new = new["secret"].as_str().unwrap();
    assert_ne!(new, old);
    ada.session.post("/v1/webhooks/test", json!({"url": receiver.url()})).await.expect(202);
    let told = receiver.wait_for(1).await.remove(0);
    assert!(told.is_signed_by(new) && told.is_signed_by(&old));
    clock.advance(Duration::from_hours(24));
    let session = json!({"email": "ada@example.com", "password": crate::server::PASSWORD});
    let token = server.stranger().post("/v1/sessions", session).await.expect(201)["token"].clone();
    let session = server.client(token.as_str().unwrap());
    session.post("/v1/webhooks/test", json!({"url": receiver.url()})).await.expect(202);
    let told = receiver.wait_for(2).await.remove(1);
    assert!(told.is_signed_by(new) && !told.is_signed_by(&old));
}
