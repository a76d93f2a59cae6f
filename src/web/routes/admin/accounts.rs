//! People's accounts.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use utoipa::ToSchema;

use crate::{
    app::{App, AppError, admin::Operator},
    db::roster::Member,
    domain::{credits::Credits, ids::AccountId},
    web::{
        WebState,
        auth::Admin,
        errors::{
            ApiResult,
            openapi::{AdminActRefusals, AdminRefusals},
        },
        extract::{self, JsonBody, Object, Params},
        views::{
            ListBody,
            admin::{AdminAccountBody, NewPasswordBody},
        },
    },
};

/// Lists the accounts, the newest first.
#[utoipa::path(
    get, path = "/v1/admin/accounts", tag = "Admin", operation_id = "adminListAccounts",
    params(
        ("q" = Option<String>, Query, description = "Words, in whatever case, that all occur in the e-mail address."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Items at most; 20 if not given."),
        ("after" = Option<String>, Query, description = "The last item's id of the piece before."),
    ),
    responses((status = 200, body = ListBody<AdminAccountBody>), AdminRefusals)
)]
pub(super) async fn list(
    State(state): State<WebState>,
    _: Admin,
    mut params: Params,
) -> ApiResult<Json<ListBody<AdminAccountBody>>> {
    let query = params.text("q").unwrap_or_default();
    let page = params.page::<AccountId>();
    params.finish()?;
    let found = state.call(move |app| app.members(&query, page)).await?;
    Ok(Json(ListBody { data: found.items.into_iter().map(Into::into).collect(), has_more: found.has_more }))
}

/// Tells of one account.
#[utoipa::path(
    get, path = "/v1/admin/accounts/{id}", tag = "Admin", operation_id = "adminGetAccount",
    params(("id" = String, Path, description = "The account's id.")),
    responses((status = 200, body = AdminAccountBody), AdminRefusals)
)]
pub(super) async fn get(
    State(state): State<WebState>,
    _: Admin,
    Path(id): Path<String>,
) -> ApiResult<Json<AdminAccountBody>> {
    let id = extract::id(&id, "account")?;
    Ok(Json(state.call(move |app| app.member(id)).await?.into()))
}

/// An account to make.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape for the OpenAPI document; the body is read field by field")]
pub(super) struct CreateAccount {
    /// The e-mail address.
    email: String,
    /// The password, of at least 8 characters.
    password: String,
}

/// Makes an account for someone.
#[utoipa::path(
    post, path = "/v1/admin/accounts", tag = "Admin", operation_id = "adminCreateAccount",
    request_body(content = CreateAccount, content_type = "application/json"),
    responses((status = 201, body = AdminAccountBody), AdminActRefusals)
)]
pub(super) async fn create(
    State(state): State<WebState>,
    Admin { operator, .. }: Admin,
    JsonBody(body): JsonBody,
) -> ApiResult<(StatusCode, Json<AdminAccountBody>)> {
    let mut body = Object::new(body)?;
    let (email, password) = (body.text("email"), body.text("password"));
    body.finish()?;
    let member = state.call(move |app| app.add_member(&operator, &email, &password)).await?;
    Ok((StatusCode::CREATED, Json(member.into())))
}

/// Credits to give.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape for the OpenAPI document; the body is read field by field")]
pub(super) struct GrantCredits {
    /// How many.
    #[schema(minimum = 1)]
    amount: u32,
    /// Why; it stands in the ledger for good.
    #[schema(max_length = 200)]
    reason: String,
}

/// Gives credits to an account.
#[utoipa::path(
    post, path = "/v1/admin/accounts/{id}/grant", tag = "Admin", operation_id = "adminGrantCredits",
    params(("id" = String, Path, description = "The account's id.")),
    request_body(content = GrantCredits, content_type = "application/json"),
    responses((status = 200, body = AdminAccountBody), AdminActRefusals)
)]
pub(super) async fn grant(
    State(state): State<WebState>,
    Admin { operator, .. }: Admin,
    Path(id): Path<String>,
    JsonBody(body): JsonBody,
) -> ApiResult<Json<AdminAccountBody>> {
    let mut body = Object::new(body)?;
    let amount = body.number("amount", 1..=u64::from(u32::MAX));
    let reason = body.text("reason");
    body.finish()?;
    let amount = Credits::new(amount.and_then(|amount| u32::try_from(amount).ok()).unwrap_or(0));
    act(&state, &id, move |app, id| {
        app.grant(&operator, id, amount, &reason)?;
        app.member(id)
    })
    .await
}

/// A plan to set.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape for the OpenAPI document; the body is read field by field")]
pub(super) struct SetPlan {
    /// The plan's id: the pending one to approve it, or another.
    #[schema(example = "studio")]
    plan: String,
}

/// Puts an account on a plan: the one that waits for approval, which approves it, or another.
#[utoipa::path(
    post, path = "/v1/admin/accounts/{id}/plan", tag = "Admin", operation_id = "adminSetPlan",
    params(("id" = String, Path, description = "The account's id.")),
    request_body(content = SetPlan, content_type = "application/json"),
    responses((status = 200, body = AdminAccountBody), AdminActRefusals)
)]
pub(super) async fn set_plan(
    State(state): State<WebState>,
    Admin { operator, .. }: Admin,
    Path(id): Path<String>,
    JsonBody(body): JsonBody,
) -> ApiResult<Json<AdminAccountBody>> {
    let mut body = Object::new(body)?;
    let plan = body.text("plan");
    body.finish()?;
    act(&state, &id, move |app, id| app.set_plan(&operator, id, &plan)).await
}

/// Refuses the plan that waits for approval.
#[utoipa::path(
    post, path = "/v1/admin/accounts/{id}/plan/decline", tag = "Admin", operation_id = "adminDeclinePlan",
    params(("id" = String, Path, description = "The account's id.")),
    responses((status = 200, body = AdminAccountBody), AdminActRefusals)
)]
pub(super) async fn decline_plan(
    State(state): State<WebState>,
    Admin { operator, .. }: Admin,
    Path(id): Path<String>,
) -> ApiResult<Json<AdminAccountBody>> {
    simple_act(&state, operator, &id, App::decline_plan).await
}

/// Disables an account: its sessions end, its keys stop, nothing is deleted. One's own can't be.
#[utoipa::path(
    post, path = "/v1/admin/accounts/{id}/disable", tag = "Admin", operation_id = "adminDisableAccount",
    params(("id" = String, Path, description = "The account's id.")),
    responses((status = 200, body = AdminAccountBody), AdminActRefusals)
)]
pub(super) async fn disable(
    State(state): State<WebState>,
    Admin { operator, .. }: Admin,
    Path(id): Path<String>,
) -> ApiResult<Json<AdminAccountBody>> {
    simple_act(&state, operator, &id, App::disable).await
}

/// Enables an account again.
#[utoipa::path(
    post, path = "/v1/admin/accounts/{id}/enable", tag = "Admin", operation_id = "adminEnableAccount",
    params(("id" = String, Path, description = "The account's id.")),
    responses((status = 200, body = AdminAccountBody), AdminActRefusals)
)]
pub(super) async fn enable(
    State(state): State<WebState>,
    Admin { operator, .. }: Admin,
    Path(id): Path<String>,
) -> ApiResult<Json<AdminAccountBody>> {
    simple_act(&state, operator, &id, App::enable).await
}

/// Draws a new password for someone locked out and ends every session of theirs. The password is told this once.
#[utoipa::path(
    post, path = "/v1/admin/accounts/{id}/reset-password", tag = "Admin", operation_id = "adminResetPassword",
    params(("id" = String, Path, description = "The account's id.")),
    responses((status = 200, body = NewPasswordBody), AdminActRefusals)
)]
pub(super) async fn reset_password(
    State(state): State<WebState>,
    Admin { operator, .. }: Admin,
    Path(id): Path<String>,
) -> ApiResult<Json<NewPasswordBody>> {
    let id: AccountId = extract::id(&id, "account")?;
    let password = state.call(move |app| app.draw_password(&operator, id)).await?;
    Ok(Json(NewPasswordBody { password }))
}

async fn act(
    state: &WebState,
    id: &str,
    work: impl FnOnce(&App, AccountId) -> Result<Member, AppError> + Send + 'static,
) -> ApiResult<Json<AdminAccountBody>> {
    let id: AccountId = extract::id(id, "account")?;
    Ok(Json(state.call(move |app| work(app, id)).await?.into()))
}

async fn simple_act(
    state: &WebState,
    operator: Operator,
    id: &str,
    work: fn(&App, &Operator, AccountId) -> Result<Member, AppError>,
) -> ApiResult<Json<AdminAccountBody>> {
    act(state, id, move |app, id| work(app, &operator, id)).await
}
