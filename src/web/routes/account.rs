//! The account: credits, ledger, usage, plans.

use axum::{Json, extract::State};
use utoipa::ToSchema;

use crate::{
    domain::{clock::Timestamp, ids::TransferId},
    web::{
        WebState,
        auth::Auth,
        errors::{
            ApiResult,
            openapi::{ListRefusals, PersonRefusals, Refusals},
        },
        extract::{JsonBody, Object, Params},
        views::{AccountBody, ListBody, PlanBody, TransferBody, UsageBody},
    },
};

/// Tells of the caller's account: premium status, billing tier, remaining credits, monthly grant, free credits left.
#[utoipa::path(
    get, path = "/v1/account", tag = "Account", operation_id = "getAccount",
    responses((status = 200, body = AccountBody), Refusals)
)]
pub(super) async fn get(State(state): State<WebState>, Auth { caller, .. }: Auth) -> ApiResult<Json<AccountBody>> {
    let livemode = caller.livemode;
    let account = state.call(move |app| app.account(&caller)).await?;
    Ok(Json(AccountBody::new(account, livemode)))
}

/// Lists the movements of the account's credits, the newest first.
#[utoipa::path(
    get, path = "/v1/account/ledger", tag = "Account", operation_id = "listLedger",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Items at most; 20 if not given."),
        ("after" = Option<String>, Query, description = "The last item's id of the piece before."),
    ),
    responses((status = 200, body = ListBody<TransferBody>), ListRefusals)
)]
pub(super) async fn ledger(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    mut params: Params,
) -> ApiResult<Json<ListBody<TransferBody>>> {
    let page = params.page::<TransferId>();
    params.finish()?;
    let found = state.call(move |app| app.ledger(&caller, page)).await?;
    Ok(Json(ListBody { data: found.items.into_iter().map(Into::into).collect(), has_more: found.has_more }))
}

/// Tells what was made and charged, by day and mode, in the year up to a date.
#[utoipa::path(
    get, path = "/v1/account/usage", tag = "Account", operation_id = "listUsage",
    params(
        (
            "as_of" = Option<String>, Query,
            description = "A date (counted to its end, UTC) or a moment in RFC 3339; now if not given."
        ),
        ("group_by" = Option<String>, Query, description = "`key`: a row a key, and one for the studio."),
    ),
    responses((status = 200, body = ListBody<UsageBody>), ListRefusals)
)]
pub(super) async fn usage(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    mut params: Params,
) -> ApiResult<Json<ListBody<UsageBody>>> {
    let as_of = params.with("as_of", "a date such as 2026-11-22 or a moment in RFC 3339", |text| {
        Timestamp::parse(text).or_else(|| Timestamp::parse(&format!("{text}T23:59:59.999Z")))
    });
    let by_key = params.with("group_by", "key", |text| (text == "key").then_some(())).is_some();
    params.finish()?;
    let rows = state.call(move |app| app.usage(&caller, as_of, by_key)).await?;
    Ok(Json(ListBody::whole(rows.into_iter().map(|row| UsageBody::new(row, by_key)).collect())))
}

/// Lists the plans that people may take.
#[utoipa::path(
    get, path = "/v1/plans", tag = "Account", operation_id = "listPlans",
    responses((status = 200, body = ListBody<PlanBody>), Refusals)
)]
pub(super) async fn plans(State(state): State<WebState>, _: Auth) -> Json<ListBody<PlanBody>> {
    Json(ListBody::whole(state.app().plans().iter().map(Into::into).collect()))
}

/// A plan to take.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape for the OpenAPI document; the body is read field by field")]
pub(super) struct ChoosePlan {
    /// The plan's id, from `GET /v1/plans`.
    #[schema(example = "studio")]
    plan: String,
}

/// Takes a plan, at once or after the operator's approval. Needs a browser session.
#[utoipa::path(
    post, path = "/v1/account/plan", tag = "Account", operation_id = "choosePlan",
    request_body(content = ChoosePlan, content_type = "application/json"),
    responses((status = 200, body = AccountBody), PersonRefusals)
)]
pub(super) async fn choose_plan(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    JsonBody(body): JsonBody,
) -> ApiResult<Json<AccountBody>> {
    let mut body = Object::new(body)?;
    let plan = body.text("plan");
    body.finish()?;
    let livemode = caller.livemode;
    let account = state.call(move |app| app.choose_plan(&caller, &plan)).await?;
    Ok(Json(AccountBody::new(account, livemode)))
}
