//! The refusals of each route, for the OpenAPI document.

use std::collections::BTreeMap;

use utoipa::{
    IntoResponses,
    openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder},
};

use super::Code;

/// What every call may be refused with, whatever it is.
const EVERYWHERE: [Code; 4] = [Code::Malformed, Code::Misdirected, Code::Internal, Code::Unavailable];

/// The documented answers for `codes`, and for what every call may meet; codes of one status share an answer.
fn describe(codes: &[Code]) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<u16, Vec<String>> = BTreeMap::new();
    for entry in codes.iter().chain(&EVERYWHERE).map(|code| code.entry()) {
        by_status.entry(entry.status.as_u16()).or_default().push(format!("`{}`: {}", entry.name, entry.doc));
    }
    let answer = |lines: Vec<String>| {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Error"))).build();
        RefOr::T(ResponseBuilder::new().description(lines.join("\n\n")).content("application/json", content).build())
    };
    by_status.into_iter().map(|(status, lines)| (status.to_string(), answer(lines))).collect()
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident: $($code:ident)+;)*) => {
        $(
            $(#[$doc])*
            pub(in crate::web) struct $name;

            impl IntoResponses for $name {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    describe(&[$(Code::$code),+])
                }
            }
        )*
    };
}

refusals! {
    /// Of a route that takes a credential and names nothing.
    Refusals: Unauthorized MissingScope RateLimited;
    /// Of a list.
    ListRefusals: Unauthorized MissingScope InvalidFields RateLimited;
    /// Of a route that names an object.
    ObjectRefusals: Unauthorized MissingScope NotFound Expired RateLimited;
    /// Of the shape of a sound.
    PeaksRefusals: Unauthorized MissingScope NotFound Expired InvalidFields DamagedMedia RateLimited;
    /// Of a route that sends bytes.
    ContentRefusals: Unauthorized MissingScope NotFound Expired RangeNotSatisfiable InvalidFields RateLimited;
    /// Of an upload.
    UploadRefusals: Unauthorized MissingScope CrossSite TooLarge UnsupportedMediaType UnsupportedMedia InvalidFields DamagedMedia
        RateLimited StorageFull;
    /// Of the deletion of an asset.
    DeleteAssetRefusals: Unauthorized MissingScope CrossSite NotFound AssetInUse RateLimited;
    /// Of a price question.
    QuoteRefusals: InvalidJson Unauthorized MissingScope CrossSite NotFound TooLarge UnsupportedMediaType InvalidFields RateLimited;
    /// Of a job's submission.
    SubmitRefusals: InvalidJson Unauthorized InsufficientCredits MissingScope CrossSite NotFound IdempotencyInFlight TooLarge
        UnsupportedMediaType InvalidFields IdempotencyMismatch QueueFull RateLimited StorageFull;
    /// Of the deletion of a job.
    DeleteJobRefusals: Unauthorized MissingScope CrossSite NotFound JobRunning RateLimited;
    /// Of a cancellation.
    CancelRefusals: Unauthorized MissingScope CrossSite NotFound JobFinished RateLimited;
    /// Of what only a person in a session may do.
    PersonRefusals: InvalidJson Unauthorized Forbidden CrossSite NotFound Conflict TooLarge UnsupportedMediaType
        InvalidFields RateLimited;
    /// Of signing in.
    SignInRefusals: InvalidJson Unauthorized CrossSite TooLarge UnsupportedMediaType InvalidFields RateLimited;
    /// Of the ways to an account of one's own.
    EntranceRefusals: InvalidJson Forbidden CrossSite Conflict TooLarge UnsupportedMediaType InvalidFields RateLimited;
    /// Of what anyone may ask.
    EveryoneRefusals: RateLimited;
    /// Of what the operator looks at.
    AdminRefusals: Unauthorized Forbidden NotFound InvalidFields RateLimited;
    /// Of what the operator does.
    AdminActRefusals: InvalidJson Unauthorized Forbidden CrossSite NotFound Conflict JobFinished TooLarge
        UnsupportedMediaType InvalidFields RateLimited StorageFull;
    /// Of a service route.
    ServiceRefusals: Unavailable;
}
