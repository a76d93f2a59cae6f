//! Assets: list, look, delete, link. Uploads and bytes have modules of their own.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};

use super::library::{asset_filter, skip};
use crate::{
    db::assets::Filter,
    domain::ids::AssetId,
    web::{
        WebState,
        auth::Auth,
        errors::{
            ApiResult,
            openapi::{DeleteAssetRefusals, ListRefusals, ObjectRefusals},
        },
        extract::{self, Base, Params},
        views::{AssetBody, LinkBody, ListBody},
    },
};

/// Lists the caller's assets, the newest first.
#[utoipa::path(
    get, path = "/v1/assets", tag = "Assets", operation_id = "listAssets",
    params(
        ("q" = Option<String>, Query, description = "Words, in whatever case, that all occur in the file's name or in the prompt of its job."),
        ("kind" = Option<String>, Query, description = "`image`, `audio` or `video`."),
        ("source" = Option<String>, Query, description = "`upload` or `job`."),
        ("created_from" = Option<String>, Query, description = "Stored at this moment or later (RFC 3339)."),
        ("created_before" = Option<String>, Query, description = "Stored earlier than this moment (RFC 3339)."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Items at most; 20 if not given."),
        ("after" = Option<String>, Query, description = "The last item's id of the piece before."),
        ("skip" = Option<u32>, Query, maximum = 10_000_000, description = "Items to pass over before the piece begins: with the timeline, a window of a long list begins anywhere."),
    ),
    responses((status = 200, body = ListBody<AssetBody>), ListRefusals)
)]
pub(super) async fn list(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    Base(base): Base,
    mut params: Params,
) -> ApiResult<Json<ListBody<AssetBody>>> {
    let filter = Filter { skip: skip(&mut params), ..asset_filter(&mut params) };
    let page = params.page::<AssetId>();
    params.finish()?;
    let found = state.call(move |app| app.list_assets(&caller, &filter, page)).await?;
    let data = found.items.into_iter().map(|asset| AssetBody::new(asset, &base)).collect();
    Ok(Json(ListBody { data, has_more: found.has_more }))
}

/// Tells of one asset.
#[utoipa::path(
    get, path = "/v1/assets/{id}", tag = "Assets", operation_id = "getAsset",
    params(("id" = String, Path, description = "The asset's id.")),
    responses((status = 200, body = AssetBody), ObjectRefusals)
)]
pub(super) async fn get(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    Base(base): Base,
    Path(id): Path<String>,
) -> ApiResult<Json<AssetBody>> {
    let id = extract::id(&id, "asset")?;
    let asset = state.call(move |app| app.asset(&caller, id)).await?;
    Ok(Json(AssetBody::new(asset, &base)))
}

/// Deletes an asset, unless a queued or running job needs it. Its bytes go when nobody else owns the same.
#[utoipa::path(
    delete, path = "/v1/assets/{id}", tag = "Assets", operation_id = "deleteAsset",
    params(("id" = String, Path, description = "The asset's id.")),
    responses((status = 204, description = "It is gone."), DeleteAssetRefusals)
)]
pub(super) async fn delete(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    Path(id): Path<String>,
) -> ApiResult<StatusCode> {
    let id = extract::id(&id, "asset")?;
    state.call(move |app| app.delete_asset(&caller, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a link to the asset's bytes that works without a credential for an hour, for `<video>` and `<audio>` tags.
#[utoipa::path(
    post, path = "/v1/assets/{id}/links", tag = "Assets", operation_id = "linkAsset",
    params(("id" = String, Path, description = "The asset's id.")),
    responses((status = 201, body = LinkBody), ObjectRefusals)
)]
pub(super) async fn link(
    State(state): State<WebState>,
    Auth { caller, .. }: Auth,
    Base(base): Base,
    Path(id): Path<String>,
) -> ApiResult<(StatusCode, Json<LinkBody>)> {
    let id: AssetId = extract::id(&id, "asset")?;
    let query = state.call(move |app| app.signed_link(&caller, id)).await?;
    let url = format!("{base}/v1/assets/{id}/content?{query}");
    Ok((StatusCode::CREATED, Json(LinkBody { url })))
}
