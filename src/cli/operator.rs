//! What the operator does to accounts, keys and credits: `account`, `key`, `credits`.

use std::{io::Read as _, path::PathBuf, time::Duration};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::json;

use super::{Instance, Outcome, explain};
use crate::{
    app::{invitations::WORKS_FOR, keys::KeySpec},
    domain::{credits, scope::Scopes},
};

/// People's accounts.
#[derive(Debug, Subcommand)]
pub(super) enum Account {
    /// Make an account; the first one runs the appliance.
    Create(Person),
    /// Set a new password and end every session.
    Reset(Person),
    /// Make an invitation and print its address; it is told this once and works once.
    Invite {
        /// Whom it is for.
        #[arg(long, default_value = "")]
        note: String,
        /// How long it works, for example `12h` or `30d`; a week if not given.
        #[arg(long, value_name = "TIME", value_parser = parse_duration)]
        expires_in: Option<Duration>,
    },
}

/// Whose account, and its password.
#[derive(Debug, Args)]
pub(super) struct Person {
    /// The e-mail address.
    email: String,
    /// A file whose first line is the password, or `-` for standard input.
    #[arg(long, value_name = "FILE")]
    password_file: PathBuf,
}

impl Person {
    fn password(&self) -> anyhow::Result<String> {
        let mut text = String::new();
        if self.password_file.as_os_str() == "-" {
            std::io::stdin().read_to_string(&mut text).context("standard input")?;
        } else {
            text = std::fs::read_to_string(&self.password_file)
                .with_context(|| self.password_file.display().to_string())?;
        }
        Ok(text.lines().next().unwrap_or_default().to_owned())
    }
}

impl Account {
    pub(super) fn run(self, instance: &Instance) -> anyhow::Result<Outcome> {
        let app = instance.open()?;
        match self {
            Self::Create(person) => {
                let id = app.create_account(&person.email, &person.password()?).map_err(explain)?;
                instance.print(&json!({"id": id, "email": person.email}), &id.to_string())?;
            }
            Self::Reset(person) => {
                app.reset_password(&person.email, &person.password()?).map_err(explain)?;
                let text = format!("{} has a new password; every session was ended.", person.email);
                instance.print(&json!({"email": person.email, "reset": true}), &text)?;
            }
            Self::Invite { note, expires_in } => {
                let new = app.invite_as_operator(&note, expires_in.unwrap_or(WORKS_FOR)).map_err(explain)?;
                let base = app.config.public_url.clone().unwrap_or_else(|| format!("http://{}", app.config.listen));
                let url = format!("{base}/sign-up?invitation={}", new.token);
                let invitation = &new.invitation;
                let json = json!({"id": invitation.id, "url": url, "expires_at": invitation.expires_at});
                instance.print(&json, &url)?;
            }
        }
        Ok(Outcome::Done)
    }
}

/// A number with its unit: minutes, hours, days or weeks.
fn parse_duration(text: &str) -> Result<Duration, String> {
    let minutes = match text.chars().last() {
        Some('m') => 1,
        Some('h') => 60,
        Some('d') => 24 * 60,
        Some('w') => 7 * 24 * 60,
        _ => 0,
    };
    let number = text.get(..text.len().saturating_sub(1)).and_then(|digits| digits.parse::<u64>().ok());
    let length = number.filter(|_| minutes > 0).and_then(|number| number.checked_mul(minutes * 60));
    length
        .filter(|seconds| *seconds > 0)
        .map(Duration::from_secs)
        .ok_or_else(|| "must be like 90m, 12h, 30d or 4w".into())
}

/// API keys.
#[derive(Debug, Subcommand)]
pub(super) enum Key {
    /// Make a key and print it, alone, on standard output; it is told this once.
    Create {
        /// Whose, by e-mail address.
        #[arg(long, value_name = "EMAIL")]
        account: String,
        /// A test key: no model runs, no credit is spent.
        #[arg(long)]
        test: bool,
        /// What the key is for.
        #[arg(long, default_value = "command line")]
        name: String,
        /// What it may do, for example `jobs:write`; repeat it for more. Everything if not given.
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        /// How long it works, for example `12h` or `30d`; until it is revoked if not given.
        #[arg(long, value_name = "TIME", value_parser = parse_duration)]
        expires_in: Option<Duration>,
    },
}

impl Key {
    pub(super) fn run(self, instance: &Instance) -> anyhow::Result<Outcome> {
        let Self::Create { account, test, name, scopes, expires_in } = self;
        let scopes = Scopes::parse(scopes.iter().map(String::as_str)).map_err(anyhow::Error::msg)?;
        let app = instance.open()?;
        let account = app.account_by_email(&account).map_err(explain)?;
        let expires_at = expires_in.map(|length| app.clock.now().plus(length));
        let key = app.create_key_for(account.id, &KeySpec { name, is_test: test, scopes, expires_at });
        let key = key.map_err(explain)?;
        instance.print(&json!({"id": key.key.id, "key": key.token, "test": test}), &key.token)?;
        Ok(Outcome::Done)
    }
}

/// Credits.
#[derive(Debug, Subcommand)]
pub(super) enum Credits {
    /// Give credits to an account.
    Grant {
        /// Whose, by e-mail address.
        email: String,
        /// How many.
        amount: u32,
        /// Why; it stands in the ledger for good.
        #[arg(long)]
        reason: String,
    },
}

impl Credits {
    pub(super) fn run(self, instance: &Instance) -> anyhow::Result<Outcome> {
        let Self::Grant { email, amount, reason } = self;
        let amount = credits::Credits::new(amount);
        let account = instance.open()?.grant_credits(&email, amount, &reason).map_err(explain)?;
        let text = format!("{email} has {} credits", account.credits_remaining);
        instance.print(&json!({"email": email, "credits_remaining": account.credits_remaining}), &text)?;
        Ok(Outcome::Done)
    }
}
