//! A server and the people before it.

use std::sync::Arc;

use magicpixels::domain::clock::Clock;

use crate::{
    chromium::{self, Chromium},
    page::Page,
    server::{Person, Server},
};

/// A running appliance that tests look at through Chromium.
pub struct Stage {
    pub server: Server,
    chromium: &'static Arc<Chromium>,
}

impl Stage {
    /// `None` where there is no Chromium and none is demanded.
    pub async fn open() -> Option<Self> {
        Self::with("").await
    }

    /// With this settings file.
    pub async fn with(settings: &str) -> Option<Self> {
        Self::with_clock(settings, Clock::System).await
    }

    /// With this settings file and clock.
    pub async fn with_clock(settings: &str, clock: Clock) -> Option<Self> {
        let chromium = chromium::shared()?;
        Some(Self { server: Server::with_clock(settings, clock).await, chromium })
    }

    /// A tab of somebody without a session.
    pub async fn stranger(&self, path: &str) -> Page {
        let page = Page::open(self.chromium, &self.server.base, None).await;
        page.go(path).await;
        page
    }

    /// A tab of a person who is signed in.
    pub async fn visit(&self, person: &Person, path: &str) -> Page {
        let page = Page::open(self.chromium, &self.server.base, person.session.token.as_deref()).await;
        page.go(path).await;
        page
    }
}
