//! The studio: one form that makes any of the four kinds of work, and what was made.

use axum::extract::State;
use maud::{Markup, html};

use super::{PageResult, personal, signed_in};
use crate::{
    domain::{job::Mode, request::TEXT_CHARS_MAX},
    web::{WebState, auth::Person, errors::ApiResult},
};

pub(super) async fn show(State(state): State<WebState>, person: ApiResult<Person>) -> PageResult {
    let person = signed_in(person)?;
    let body = html! {
        div id="studio" class="studio" {
            section class="panel make" aria-labelledby="make-title" {
                h1 id="make-title" { "Make something" }
                form id="make" { (form_fields(&state)) }
            }
            section class="made" aria-labelledby="made-title" {
                h2 id="made-title" { "Your work" }
                p id="empty" class="quiet" hidden { "Nothing yet. Your first picture costs one credit." }
                div id="jobs" class="cards" {}
                button id="more" type="button" class="plain" hidden { "Show more" }
            }
        }
        noscript { p class="notice" { "The studio needs JavaScript. The API and the account page don't." } }
        script type="module" src="/static/studio.js" {}
    };
    Ok(personal("Studio", &person, &body))
}

fn title(mode: Mode) -> &'static str {
    match mode {
        Mode::TextToImage => "Picture",
        Mode::ImageToImage => "Restyle",
        Mode::Audio => "Voice",
        Mode::ImageToVideo => "Talking video",
    }
}

fn form_fields(state: &WebState) -> Markup {
    html! {
        fieldset class="tabs" {
            legend class="hidden" { "What to make" }
            @for mode in Mode::ALL {
                label {
                    input type="radio" name="mode" value=(mode) checked[mode == Mode::TextToImage];
                    span { (title(mode)) }
                }
            }
        }
        label data-modes="image_to_image image_to_video" {
            "Picture to start from"
            input type="file" name="image" accept="image/png,image/jpeg,image/webp,image/gif,image/bmp";
        }
        label data-modes="text_to_image image_to_image image_to_video" {
            span id="prompt-label" { "Prompt" }
            textarea name="prompt" rows="4" maxlength=(TEXT_CHARS_MAX)
                placeholder="Editorial product photo of a ceramic cup on brushed steel" {}
        }
        label data-modes="audio image_to_video" {
            "What to say"
            textarea name="voice_text" rows="4" maxlength=(TEXT_CHARS_MAX)
                placeholder="Here is a quick launch update from the studio." {}
        }
        label data-modes="audio image_to_video" {
            "Voice"
            select name="voice_id" {
                @for voice in state.app().voices() {
                    option value=(voice.id) { (voice.id.replace('_', " ")) " (" (voice.language) ")" }
                }
            }
        }
        p id="fault" class="notice" role="alert" hidden {}
        div class="row" {
            button type="submit" { "Make" }
            span id="price" class="quiet" aria-live="polite" {}
            span id="balance" class="quiet" aria-live="polite" {}
        }
    }
}
