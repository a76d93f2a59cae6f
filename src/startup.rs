//! From settings to a running appliance, and back to rest.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{
    app::{
        App, AppError,
        restore::{self, Applied},
        vitals::{HOUSEKEEPING_EVERY, SAMPLE_EVERY},
        webhooks::Dispatcher,
        worker::Workers,
    },
    config::Config,
    domain::clock::Clock,
    engine::{
        device::{self, Placement},
        registry::Engine,
    },
    failpoint, web,
};

/// Why the appliance does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken or not ours.
    #[error("cannot listen on {addr}: {source}")]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// Another process has the data folder.
    #[error("{0} is in use by another MagicPixels process")]
    InUse(String),
    /// The instance does not open.
    #[error(transparent)]
    App(#[from] AppError),
}

/// A running appliance.
pub struct Running {
    /// Where it listens; with port 0 the system chose the port.
    pub addr: SocketAddr,
    /// The use cases, for whoever runs in the same process.
    pub app: Arc<App>,
    /// The address at which the first account is made, while there is none.
    pub set_up_url: Option<String>,
    stop: watch::Sender<bool>,
    server: JoinHandle<std::io::Result<()>>,
    housekeeper: JoinHandle<()>,
    sampler: JoinHandle<()>,
    workers: Workers,
    dispatcher: Dispatcher,
    _lock: std::fs::File,
}

/// Starts the appliance: opens the instance, recovers what a stop left, starts workers and listens.
pub async fn start(config: Config, engine: Engine, clock: Clock) -> Result<Running, StartError> {
    let lock = lock(&config)?;
    let addr = config.listen;
    let listener = TcpListener::bind(addr).await.map_err(|source| StartError::Listen { addr, source })?;
    let addr = listener.local_addr().map_err(|source| StartError::Listen { addr, source })?;
    let restored = restore_if_staged(&config, &clock)?;
    let app = Arc::new(App::open(config, engine, clock)?);
    app.recover()?;
    app.give_due_grants()?;
    if let Applied::Restored(staged) = restored {
        failpoint::reach("restore_opened");
        app.note_restored(staged.as_ref())?;
        restore::settle(&app.config.data)?;
    }
    let set_up_url = app.new_set_up_token()?.map(|token| {
        let base = app.config.public_url.clone().unwrap_or_else(|| format!("http://{addr}"));
        format!("{base}/setup?token={token}")
    });
    match device::place(app.config.device) {
        Placement { device, note: Some(note) } => tracing::warn!(%device, "{note}"),
        Placement { device, note: None } => tracing::info!(%device, "packs run on this device"),
    }
    let workers = Workers::start(&app)?;
    let dispatcher = Dispatcher::start(&app)?;
    let (stop, stopped) = watch::channel(false);
    let housekeeper = tokio::spawn(keep_house(app.clone(), stopped.clone()));
    let sampler = tokio::spawn(take_samples(app.clone()));
    let service = web::router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let mut until = stopped;
    let server = tokio::spawn(async move {
        axum::serve(listener, service)
            .with_graceful_shutdown(async move {
                let _ = until.wait_for(|stop| *stop).await;
            })
            .await
    });
    Ok(Running { addr, app, set_up_url, stop, server, housekeeper, sampler, workers, dispatcher, _lock: lock })
}

impl Running {
    /// Stops listening, lets answers under way finish for a moment, interrupts the runs and waits for all of it.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        self.housekeeper.abort();
        self.sampler.abort();
        let abort = self.server.abort_handle();
        if tokio::time::timeout(Duration::from_secs(3), self.server).await.is_err() {
            abort.abort();
        }
        let (workers, dispatcher) = (self.workers, self.dispatcher);
        let stopped = tokio::task::spawn_blocking(move || {
            workers.stop();
            dispatcher.stop();
        });
        if stopped.await.is_err() {
            tracing::error!("the workers did not stop in order");
        }
    }
}

/// Puts a staged restore in the instance's place; one that doesn't open gives way to the instance that it replaced.
fn restore_if_staged(config: &Config, clock: &Clock) -> Result<Applied, StartError> {
    let applied = restore::apply(&config.data)?;
    if applied == Applied::Nothing {
        return Ok(applied);
    }
    let trial = App::open_beside(config.clone(), Engine::fake(), clock.clone()).and_then(|app| app.is_ready());
    match trial {
        Ok(()) => Ok(applied),
        Err(error) if restore::roll_back(&config.data)? => {
            tracing::error!(%error, "the restored instance does not open; the one before it is back");
            Ok(Applied::Nothing)
        }
        Err(error) => Err(error.into()),
    }
}

/// One process at a time has a data folder; the lock goes with the process however it ends.
fn lock(config: &Config) -> Result<std::fs::File, StartError> {
    let refuse = |e: std::io::Error| StartError::App(AppError::Internal(format!("{}: {e}", config.data.display())));
    std::fs::create_dir_all(&config.data).map_err(refuse)?;
    let file = std::fs::File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(config.data.join("magicpixels.lock"))
        .map_err(refuse)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StartError::InUse(config.data.display().to_string())),
        Err(std::fs::TryLockError::Error(e)) => Err(refuse(e)),
    }
}

async fn keep_house(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    loop {
        let app = app.clone();
        if tokio::task::spawn_blocking(move || app.keep_house()).await.is_err() {
            tracing::error!("housekeeping panicked");
        }
        tokio::select! {
            () = tokio::time::sleep(HOUSEKEEPING_EVERY) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}

async fn take_samples(app: Arc<App>) {
    let mut beat = tokio::time::interval(SAMPLE_EVERY);
    loop {
        beat.tick().await;
        let app = app.clone();
        if tokio::task::spawn_blocking(move || app.take_sample()).await.is_err() {
            tracing::error!("a sample panicked");
        }
    }
}
