//! The account page: credits, plan, keys.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use maud::{Markup, html};

use super::{PageResult, checked, csrf_field, notice, personal, signed_in};
use crate::{
    app::{account::AccountOverview, keys::NewKey},
    db::keys::Key,
    domain::{clock::Timestamp, ids::KeyId},
    web::{
        WebState,
        auth::{Person, csrf_token},
        errors::{ApiResult, Code},
        extract::{self, Form},
    },
};

/// What the page tells beside the account itself.
#[derive(Default)]
struct News {
    key: Option<NewKey>,
    fault: Option<String>,
}

pub(super) async fn show(State(state): State<WebState>, person: ApiResult<Person>) -> PageResult {
    let person = signed_in(person)?;
    render(&state, &person, News::default()).await
}

pub(super) async fn choose_plan(State(state): State<WebState>, person: ApiResult<Person>, form: Form) -> PageResult {
    let person = checked(person, &form)?;
    let (caller, plan) = (person.0.caller.clone(), form.get("plan").to_owned());
    state.call(move |app| app.choose_plan(&caller, &plan)).await?;
    Ok(Redirect::to("/account").into_response())
}

pub(super) async fn create_key(State(state): State<WebState>, person: ApiResult<Person>, form: Form) -> PageResult {
    let person = checked(person, &form)?;
    let (caller, name, test) = (person.0.caller.clone(), form.get("name").to_owned(), form.get("test") == "on");
    let news = match state.call(move |app| app.create_key(&caller, &name, test)).await {
        Ok(key) => News { key: Some(key), fault: None },
        Err(error) if matches!(error.code, Code::InvalidFields | Code::Conflict) => {
            News { key: None, fault: Some(error.message) }
        }
        Err(error) => return Err(error.into()),
    };
    render(&state, &person, news).await
}

pub(super) async fn revoke_key(
    State(state): State<WebState>,
    person: ApiResult<Person>,
    Path(id): Path<String>,
    form: Form,
) -> PageResult {
    let person = checked(person, &form)?;
    let id: KeyId = extract::id(&id, "key")?;
    state.call(move |app| app.revoke_key(&person.0.caller, id)).await?;
    Ok(Redirect::to("/account").into_response())
}

async fn render(state: &WebState, person: &Person, news: News) -> PageResult {
    let caller = person.0.caller.clone();
    let (account, keys) = state.call(move |app| Ok((app.account(&caller)?, app.list_keys(&caller)?))).await?;
    let csrf = csrf_field(&csrf_token(&person.0.token));
    let body = html! {
        h1 { "Account" }
        p class="quiet" { (account.email) }
        @if let Some(new) = &news.key {
            section class="panel good" role="status" {
                h2 { "Your new key “" (new.key.name) "”" }
                p { "Copy it now. It is shown this once and can't be looked up again." }
                p { code class="secret" { (new.token) } }
            }
        }
        (credits(&account))
        (plans(state, &account, &csrf))
        (key_list(&keys, &csrf, news.fault.as_deref()))
    };
    Ok(personal("Account", person, &body))
}

fn credits(account: &AccountOverview) -> Markup {
    let figure = |value: String, label: &str| html! { div { dt { (label) } dd { (value) } } };
    html! {
        section class="panel" {
            h2 { "Credits" }
            dl class="figures" {
                (figure(account.credits_remaining.to_string(), "remaining"))
                (figure(account.credits_held.to_string(), "held for jobs"))
                (figure(account.free_signup_credits_remaining.to_string(), "of the free ones left"))
                (figure(account.monthly_credit_grant.to_string(), "granted each month"))
                @if let Some(next) = account.next_grant_at { (figure(day(next), "next grant")) }
            }
        }
    }
}

fn plans(state: &WebState, account: &AccountOverview, csrf: &Markup) -> Markup {
    html! {
        section class="panel" {
            h2 { "Plan" }
            @if let Some(pending) = &account.pending_plan {
                p class="notice" { "The plan “" (pending) "” waits for the operator's approval." }
            }
            div class="choices" {
                @for plan in state.app().plans() {
                    form method="post" action="/account/plan" class="choice" {
                        (csrf)
                        input type="hidden" name="plan" value=(plan.id);
                        h3 { (plan.name) }
                        p class="quiet" { (plan.monthly_credit_grant) " credits a month" }
                        @if plan.id == account.billing_tier {
                            button type="button" disabled { "Your plan" }
                        } @else {
                            button type="submit" { "Take " (plan.name) }
                        }
                    }
                }
            }
        }
    }
}

fn key_list(keys: &[Key], csrf: &Markup, fault: Option<&str>) -> Markup {
    html! {
        section class="panel" id="keys" {
            h2 { "API keys" }
            (notice(fault))
            @if keys.is_empty() {
                p class="quiet" { "A program needs a key. Make one here; it is shown once." }
            } @else {
                div class="scroll" {
                    table {
                        thead { tr { th { "Name" } th { "Kind" } th { "Made" } th { "Last used" } th { } } }
                        tbody { @for key in keys { (key_row(key, csrf)) } }
                    }
                }
            }
            form method="post" action="/account/keys" class="row" {
                (csrf)
                label { "Name" input name="name" maxlength="100" placeholder="build server" required; }
                label class="check" { input type="checkbox" name="test"; "Test key: no model run, no credit spent" }
                button type="submit" { "Make a key" }
            }
        }
    }
}

fn key_row(key: &Key, csrf: &Markup) -> Markup {
    html! {
        tr {
            td { (key.name) }
            td { @if key.livemode { "live" } @else { "test" } }
            td { (day(key.created_at)) }
            td { @if let Some(used) = key.last_used_at { (day(used)) } @else { "never" } }
            td {
                @if key.revoked_at.is_some() {
                    span class="quiet" { "revoked" }
                } @else {
                    form method="post" action={ "/account/keys/" (key.id) "/revoke" } {
                        (csrf)
                        button class="link danger" type="submit" aria-label={ "Revoke " (key.name) } { "Revoke" }
                    }
                }
            }
        }
    }
}

fn day(moment: Timestamp) -> String {
    moment.to_utc().date().to_string()
}
