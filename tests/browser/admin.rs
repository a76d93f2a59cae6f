//! What whoever runs the appliance does for its people and its machine.

use reqwest::Method;
use serde_json::json;

use crate::{
    server::{Answer, PASSWORD, unpack_tiny_packs},
    stage::Stage,
};

const PLANS: &str = "[[plan]]\nid = \"free\"\nname = \"Free\"\nmonthly_credit_grant = 0\n\
    [[plan]]\nid = \"studio\"\nname = \"Studio\"\nmonthly_credit_grant = 1000\nneeds_approval = true\n";

#[tokio::test(flavor = "multi_thread")]
async fn credits_are_given_with_a_reason() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 0).await;
    let grace = stage.server.person("grace@example.com", 0).await;
    let page = stage.visit(&ada, "/admin/accounts").await;
    page.button("Manage grace@example.com").click().await;
    page.role("dialog", "grace@example.com").button("Give credits").click().await;
    let dialog = page.role("dialog", "Give credits to grace@example.com");
    dialog.role("spinbutton", "Credits").fill("50").await;
    dialog.field("Reason").fill("for the poster").await;
    dialog.button("Give credits").click().await;
    page.sees("grace@example.com has 50 credits more.").await;
    assert_eq!(grace.session.credits().await, 51);
    let theirs = stage.visit(&grace, "/account").await;
    theirs.sees("for the poster").await;
    page.go("/admin/audit").await;
    page.sees("for the poster").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_needs_approval_begins_when_it_is_approved() {
    let Some(stage) = Stage::with(PLANS).await else { return };
    let ada = stage.server.person("ada@example.com", 0).await;
    let grace = stage.server.person("grace@example.com", 0).await;
    let theirs = stage.visit(&grace, "/account").await;
    theirs.button("Take Studio").click().await;
    theirs.sees("You asked for Studio.").await;
    assert_eq!(grace.session.credits().await, 1);

    let page = stage.visit(&ada, "/admin").await;
    page.sees("1 person waits for a plan.").await;
    page.go("/admin/accounts").await;
    page.button("Manage grace@example.com").click().await;
    let dialog = page.role("dialog", "grace@example.com");
    dialog.button("Approve").click().await;
    dialog.button("Approve").goes().await;
    assert_eq!(grace.session.credits().await, 1001);
    theirs.reload().await;
    theirs.sees("Your plan").await;
    theirs.sees("1,001").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_queue_keeps_jobs_waiting_and_a_job_is_cancelled_for_its_owner() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 0).await;
    let grace = stage.server.person("grace@example.com", 5).await;
    let page = stage.visit(&ada, "/admin/queue").await;
    page.button("Pause").click().await;
    page.role("dialog", "Pause").button("Pause").click().await;
    page.sees("Paused by ada@example.com.").await;

    let first = grace.session.job(json!({"mode": "text_to_image", "prompt": "the first"})).await;
    let second = grace.session.job(json!({"mode": "text_to_image", "prompt": "the second"})).await;
    let theirs = stage.visit(&grace, "/").await;
    theirs.sees("The queue is paused by the operator").await;
    page.button("Cancel job “the first”").click().await;
    page.role("dialog", "Cancel somebody’s job?").button("Cancel job").click().await;
    page.button("Cancel job “the first”").goes().await;
    assert_eq!(grace.session.finished(&first).await["error"]["code"], "cancelled");

    page.button("Resume").click().await;
    assert_eq!(grace.session.finished(&second).await["status"], "completed");
    page.sees("Nobody waits").await;
    page.go("/admin/jobs").await;
    page.sees("the second").await;
    page.css("tr").saying("the first").says("grace@example.com").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_disabled_enabled_and_given_a_new_password() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 0).await;
    let grace = stage.server.person("grace@example.com", 0).await;
    let page = stage.visit(&ada, "/admin/accounts").await;
    page.button("Manage grace@example.com").click().await;
    let dialog = page.role("dialog", "grace@example.com");
    dialog.button("Disable").click().await;
    page.role("dialog", "Disable grace@example.com?").button("Disable").click().await;
    dialog.button("Enable").shows().await;
    grace.session.get("/v1/account").await.refused(401, "unauthorized");
    assert!(grace.live.get("/v1/account").await.status.is_client_error(), "keys stop");

    dialog.button("Enable").click().await;
    dialog.button("Disable").shows().await;
    grace.live.get("/v1/account").await.expect(200);
    dialog.button("Reset password").click().await;
    page.role("dialog", "Reset the password of grace@example.com?").button("Reset password").click().await;
    let password = page.css("[data-testid=new-password]").text().await;
    let theirs = stage.stranger("/sign-in").await;
    theirs.field("E-mail address").fill("grace@example.com").await;
    theirs.field("Password").fill(&password).await;
    theirs.press("Enter").await;
    theirs.arrives("/").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_lets_one_person_in() {
    let Some(stage) = Stage::with("sign_up = \"invitation\"").await else { return };
    let ada = stage.server.person("ada@example.com", 0).await;
    let page = stage.visit(&ada, "/admin/accounts").await;
    page.button("Invite").click().await;
    let dialog = page.role("dialog", "Invite");
    dialog.field("For whom").fill("Grace, for the posters").await;
    dialog.button("Invite").click().await;
    let url = page.css("[data-testid=invitation-url]").text().await;

    let theirs = stage.stranger(&url).await;
    theirs.sees("You were invited.").await;
    theirs.field("E-mail address").fill("grace@example.com").await;
    theirs.field("Password").fill(PASSWORD).await;
    theirs.button("Make my account").click().await;
    theirs.arrives("/").await;

    let late = stage.stranger(&url).await;
    late.permit("403 ");
    late.field("E-mail address").fill("mallory@example.com").await;
    late.field("Password").fill(PASSWORD).await;
    late.button("Make my account").click().await;
    late.role("alert", "").shows().await;

    page.go("/admin/accounts").await;
    page.css("tr").saying("Grace, for the posters").says("used").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_made_downloaded_staged_and_deleted() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 5).await;
    ada.session.painted("kept for later").await;
    let page = stage.visit(&ada, "/admin/backups").await;
    page.sees("No backup yet").await;
    page.button("Back up now").click().await;
    page.like("button", "Delete ").shows().await;
    page.sees("done").await;
    let folder = tempfile::tempdir().unwrap();
    page.download_to(folder.path()).await;
    page.like("link", "Download ").click().await;
    page.until("the backup comes", async || {
        let found = std::fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.path());
        let whole = found.filter(|path| !path.ends_with(".crdownload")).find_map(|path| {
            let mut archive = tar::Archive::new(std::fs::File::open(path).ok()?);
            let names = archive.entries().ok()?.map(|entry| Some(entry.ok()?.path().ok()?.display().to_string()));
            names.collect::<Option<Vec<String>>>()
        });
        match whole {
            Some(names) if names.iter().any(|name| name.ends_with("magicpixels.sqlite3")) => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;

    page.like("button", "Restore ").nth(1).click().await;
    page.like("dialog", "Restore").button("Restore").click().await;
    page.sees("At the next start everything is replaced").await;
    page.button("Don’t").click().await;
    page.sees_no("At the next start everything is replaced by").await;
    page.like("button", "Delete ").click().await;
    page.like("dialog", "Delete").button("Delete").click().await;
    page.sees("No backup yet").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn models_storage_settings_logs_and_findings_are_told() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 5).await;
    ada.session.painted("anything").await;
    let page = stage.visit(&ada, "/admin/models").await;
    page.button("Verify test").click().await;
    page.sees("Every byte is what was pinned.").await;
    page.button("Unload test").click().await;
    page.sees("not loaded").await;
    page.go("/admin/storage").await;
    page.sees("ada@example.com").await;
    page.button("Sweep now").click().await;
    page.role("dialog", "Sweep now").button("Sweep now").click().await;
    page.sees("are gone").await;
    page.go("/admin/settings").await;
    page.sees("workers").await;
    page.go("/admin/doctor").await;
    page.button("Examine again").shows().await;
    page.go("/admin/metrics").await;
    page.sees("This process").await;
    page.go("/admin/logs").await;
    page.sees("The last 2,000 lines").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_is_installed_from_a_path_and_removed() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 0).await;
    let brought = tempfile::tempdir().unwrap();
    unpack_tiny_packs(brought.path());
    let page = stage.visit(&ada, "/admin/models").await;
    page.button("Install a pack").click().await;
    let dialog = page.role("dialog", "Install a pack");
    dialog.field("Path on this machine").fill(&brought.path().join("sd15").display().to_string()).await;
    dialog.field("Licence").fill("MIT").await;
    dialog.button("Install a pack").click().await;
    page.sees("sd15 is installed.").await;
    page.button("Remove sd15").click().await;
    page.role("dialog", "Remove sd15").button("Remove").click().await;
    page.button("Remove sd15").goes().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_seen_ended_one_by_one_and_everywhere() {
    let Some(stage) = Stage::open().await else { return };
    let ada = stage.server.person("ada@example.com", 0).await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    let other = Answer::read(stage.server.stranger().request(Method::POST, "/v1/sessions").json(&body)).await;
    let other = stage.server.client(other.json()["token"].as_str().unwrap());
    let page = stage.visit(&ada, "/account/security").await;
    page.sees("this browser").await;
    page.like("button", "Sign out API").nth(0).click().await;
    page.until("the other session ends", async || {
        let status = other.get("/v1/account").await.status;
        if status == 401 { Ok(()) } else { Err(format!("it answers {status}")) }
    })
    .await;
    // A new password, and the old one is no good.
    page.field("Current password").fill(PASSWORD).await;
    page.field("New password").fill("a new horse").await;
    page.button("Change password").click().await;
    page.sees("The password is changed.").await;
    page.button("Sign out everywhere").click().await;
    page.role("dialog", "Sign out everywhere").button("Sign out everywhere").click().await;
    page.arrives("/sign-in").await;
    page.permit("401 ");
    page.field("E-mail address").fill("ada@example.com").await;
    page.field("Password").fill(PASSWORD).await;
    page.press("Enter").await;
    page.sees("don’t belong together").await;
    page.field("Password").fill("a new horse").await;
    page.press("Enter").await;
    page.arrives("/").await;
}
