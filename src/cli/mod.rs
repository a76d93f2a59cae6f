//! The command line: one subcommand a function. Parses, wires, runs, prints; decides nothing.
//!
//! Exit codes: 0 done, 1 failed (the reason on standard error), 2 wrong usage, 3 a check found something wrong.

use std::{io::Write as _, path::PathBuf, process::ExitCode};

use clap::{ArgMatches, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, parser::ValueSource};

use crate::{
    app::{App, AppError},
    config::{Config, Overrides, Source},
    domain::clock::Clock,
    engine::{
        lipsync,
        registry::{Engine, EngineOptions},
    },
};

mod check;
mod copies;
mod demo;
mod models;
mod operator;
mod serve;

/// A whole MagicPixels studio on this machine: pictures, speech and talking video behind one local HTTP API.
#[derive(Debug, Parser)]
#[command(name = "magicpixels", version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    instance: Instance,
    #[command(subcommand)]
    command: Command,
}

/// Which instance, and how to answer.
#[derive(Debug, Clone, Args)]
struct Instance {
    /// The instance's folder: database, media, settings.
    #[arg(long, global = true, env = "MAGICPIXELS_DATA", default_value = "data", value_name = "DIR")]
    data: PathBuf,
    /// Answer in JSON.
    #[arg(long, global = true)]
    json: bool,
    /// Which settings are from the environment and which from the command line.
    #[arg(skip)]
    sources: Vec<(&'static str, Source)>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API, the studio and the documentation.
    Serve(serve::Serve),
    /// Show everything once: four jobs through the HTTP API, results in a folder.
    Demo(demo::Demo),
    /// People's accounts.
    #[command(subcommand)]
    Account(operator::Account),
    /// API keys.
    #[command(subcommand)]
    Key(operator::Key),
    /// Credits.
    #[command(subcommand)]
    Credits(operator::Credits),
    /// The ledger of all credits.
    #[command(subcommand)]
    Ledger(check::Ledger),
    /// The models: those in this binary, and packs that were brought.
    #[command(subcommand)]
    Models(models::Models),
    /// Jobs that ran.
    #[command(subcommand)]
    Job(check::Job),
    /// Copy the whole instance into one file; works beside a running server.
    Backup(copies::Backup),
    /// Make an instance from such a file, in a folder that has none.
    Restore(copies::Restore),
    /// Look whether this machine and this instance are fit.
    Doctor(check::Doctor),
}

/// How a command ended, when it ended in order.
enum Outcome {
    Done,
    /// A check found something wrong.
    Found,
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let matches = Cli::command().get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let instance = Instance { sources: sources(&matches), ..cli.instance };
    let result = match cli.command {
        Command::Serve(command) => command.run(&instance),
        Command::Demo(command) => command.run(),
        Command::Account(command) => command.run(&instance),
        Command::Key(command) => command.run(&instance),
        Command::Credits(command) => command.run(&instance),
        Command::Ledger(command) => command.run(&instance),
        Command::Models(command) => command.run(&instance),
        Command::Job(command) => command.run(&instance),
        Command::Backup(command) => command.run(&instance),
        Command::Restore(command) => command.run(&instance),
        Command::Doctor(command) => command.run(&instance),
    };
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Found) => ExitCode::from(3),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "magicpixels: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Where the settings that the command line and the environment may set are from. A global argument is told by every
/// level below the one that it was given at, as set there; the level that knows better than the default wins.
fn sources(matches: &ArgMatches) -> Vec<(&'static str, Source)> {
    let mut found = Vec::new();
    let mut level = Some(matches);
    while let Some(matches) = level {
        for name in ["data", "listen", "public_url"] {
            let is_known = matches.try_contains_id(name).unwrap_or(false);
            let source = is_known.then(|| matches.value_source(name)).flatten();
            found.extend(match source {
                Some(ValueSource::EnvVariable) => Some((name, Source::Environment)),
                Some(ValueSource::CommandLine) => Some((name, Source::CommandLine)),
                _ => None,
            });
        }
        level = matches.subcommand().map(|(_, below)| below);
    }
    found
}

/// The models in the binary and the operator's packs.
fn load_engine(config: &Config) -> Engine {
    let options = EngineOptions { threads: config.file.work.threads, device: config.device };
    Engine::built_in(options).with_packs(&config.data.join(lipsync::pack::FOLDER), options)
}

impl Instance {
    fn config(&self, overrides: Overrides) -> anyhow::Result<Config> {
        Ok(Config::load(&self.data, overrides)?.with_sources(&self.sources))
    }

    /// The instance, opened beside whatever server may be running on it: its cache is left alone.
    fn open(&self) -> anyhow::Result<App> {
        let config = self.config(Overrides::default())?;
        let engine = load_engine(&config);
        App::open_beside(config, engine, Clock::System).map_err(explain)
    }

    /// Prints the JSON value where JSON was asked for, else the text.
    fn print(&self, json: &serde_json::Value, text: &str) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        if self.json {
            writeln!(out, "{}", serde_json::to_string_pretty(json)?)?;
        } else {
            writeln!(out, "{text}")?;
        }
        Ok(())
    }
}

/// The fields' own messages in place of their number.
fn explain(error: AppError) -> anyhow::Error {
    match error {
        AppError::Invalid(faults) => {
            anyhow::anyhow!(faults.into_iter().map(|fault| fault.message).collect::<Vec<_>>().join(" "))
        }
        other => other.into(),
    }
}

/// Prints one line of human-readable output.
fn say(text: impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_tells_which_settings_it_sets() {
        let given = |args: &[&str]| {
            let matches = Cli::command().get_matches_from([&["magicpixels"], args].concat());
            sources(&matches)
        };
        let all = given(&["--data", "x", "serve", "--listen", "127.0.0.1:1"]);
        assert!(
            all.contains(&("data", Source::CommandLine)) && all.contains(&("listen", Source::CommandLine)),
            "{all:?}"
        );
        assert!(!all.iter().any(|(name, _)| *name == "public_url"), "{all:?}");
        assert!(given(&["serve", "--data", "x"]).contains(&("data", Source::CommandLine)));
        assert!(given(&["doctor"]).iter().all(|(_, source)| *source != Source::CommandLine));
    }
}
