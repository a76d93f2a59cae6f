//! `magicpixels serve`.

use clap::Args;
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{LevelFilter, Targets},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use super::{Instance, Outcome, load_engine, say};
use crate::{config::Overrides, domain::clock::Clock, logbook, startup};

/// Serve the API, the studio and the documentation.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Where to listen; port 0 lets the system choose.
    #[arg(long, env = "MAGICPIXELS_LISTEN", value_name = "ADDR")]
    listen: Option<String>,
    /// The address under which clients reach the appliance, for absolute URLs.
    #[arg(long, env = "MAGICPIXELS_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// What to log: `error`, `warn`, `info`, `debug`, or per module as tracing-subscriber's `EnvFilter` reads it.
    #[arg(long, env = "MAGICPIXELS_LOG", default_value = "info", value_name = "FILTER")]
    log: String,
    /// Log one JSON object a line.
    #[arg(long)]
    log_json: bool,
}

impl Serve {
    pub(super) fn run(self, instance: &Instance) -> anyhow::Result<Outcome> {
        start_log(&self.log, self.log_json)?;
        let config = instance.config(Overrides { listen: self.listen, public_url: self.public_url })?;
        let engine = load_engine(&config);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let running = startup::start(config, engine, Clock::System).await?;
            say(format_args!("MagicPixels appliance {} on http://{}", env!("CARGO_PKG_VERSION"), running.addr));
            if let Some(url) = &running.set_up_url {
                say(format_args!("\nMake the first account here (the address works once):\n  {url}\n"));
            }
            stop_signal().await?;
            tracing::info!("stopping");
            running.stop().await;
            Ok(Outcome::Done)
        })
    }
}

/// Waits for Ctrl-C or SIGTERM.
pub(super) async fn stop_signal() -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result,
        _ = terminate.recv() => Ok(()),
    }
}

/// Logs to standard error, and keeps the last lines for the operator's page: at least what is worth an operator's look,
/// and more where the filter asks for more.
pub(super) fn start_log(filter: &str, json: bool) -> anyhow::Result<()> {
    // Runtime libraries that operators bring tell of every allocation: who wants to read that names `ort`.
    let wanted = EnvFilter::try_new(format!("ort=warn,{filter}"))?;
    let kept = match filter.parse::<LevelFilter>() {
        Ok(level) if level > LevelFilter::INFO => Targets::new().with_default(level),
        _ => Targets::new().with_default(LevelFilter::WARN).with_target("magicpixels", LevelFilter::INFO),
    };
    let plain = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let printed: Box<dyn Layer<_> + Send + Sync> = if json { Box::new(plain.json()) } else { Box::new(plain) };
    let log = tracing_subscriber::registry().with(printed.with_filter(wanted)).with(logbook::layer().with_filter(kept));
    log.try_init()?;
    Ok(())
}
