//! What the operator does to accounts, keys and credits: `account`, `key`, `credits`.

use std::{io::Read as _, path::PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::json;

use super::{Instance, Outcome, explain};
use crate::domain::credits;

/// People's accounts.
#[derive(Debug, Subcommand)]
pub(super) enum Account {
    /// Make an account; the first one runs the appliance.
    Create(Person),
    /// Set a new password and end every session.
    Reset(Person),
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
        }
        Ok(Outcome::Done)
    }
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
    },
}

impl Key {
    pub(super) fn run(self, instance: &Instance) -> anyhow::Result<Outcome> {
        let Self::Create { account, test, name } = self;
        let app = instance.open()?;
        let account = app.account_by_email(&account).map_err(explain)?;
        let key = app.create_key_for(account.id, &name, test).map_err(explain)?;
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
