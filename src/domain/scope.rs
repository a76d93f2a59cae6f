//! What an API key may do: a set of scopes, all of them unless the person who made it said otherwise.

use std::{fmt, str::FromStr};

use super::field::nearest;

/// One thing that a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// See assets and fetch their bytes.
    AssetsRead,
    /// Upload and delete assets.
    AssetsWrite,
    /// See jobs, follow them, ask for prices.
    JobsRead,
    /// Create, cancel and delete jobs: this spends credits.
    JobsWrite,
    /// See credits, ledger, usage, plans and the names of keys.
    AccountRead,
}

impl Scope {
    /// Every scope, in the order the API lists them.
    pub const ALL: [Self; 5] =
        [Self::AssetsRead, Self::AssetsWrite, Self::JobsRead, Self::JobsWrite, Self::AccountRead];

    /// The name in the API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AssetsRead => "assets:read",
            Self::AssetsWrite => "assets:write",
            Self::JobsRead => "jobs:read",
            Self::JobsWrite => "jobs:write",
            Self::AccountRead => "account:read",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of scopes, never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// Everything that a key can do.
    pub const ALL: Self = Self((1 << Scope::ALL.len()) - 1);

    /// The scopes of these names; none named means all. The error is one sentence for a person.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let known = Scope::ALL.map(Scope::as_str);
        let mut bits = 0;
        for name in names {
            let Some(scope) = Scope::ALL.into_iter().find(|scope| scope.as_str() == name) else {
                let hint = nearest(name, &known).map_or(String::new(), |near| format!(" Did you mean `{near}`?"));
                return Err(format!("`{name}` is no scope; there are {}.{hint}", known.join(", ")));
            };
            bits |= scope.bit();
        }
        Ok(if bits == 0 { Self::ALL } else { Self(bits) })
    }

    /// Whether the scope is among them.
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// The scopes, in the order the API lists them.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.contains(*scope))
    }
}

/// The names between spaces.
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(Scope::as_str).collect();
        f.write_str(&names.join(" "))
    }
}

impl FromStr for Scopes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text.split_whitespace())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_what_they_are_called() {
        let some = Scopes::parse(["jobs:write", "assets:read", "jobs:write"]).unwrap();
        assert_eq!(some.to_string(), "assets:read jobs:write");
        assert_eq!(some.to_string().parse(), Ok(some));
        assert!(some.contains(Scope::JobsWrite) && !some.contains(Scope::JobsRead));
        assert_eq!(Scopes::parse([]), Ok(Scopes::ALL));
        assert_eq!(Scopes::parse(Scope::ALL.map(Scope::as_str)), Ok(Scopes::ALL));
        let wrong = Scopes::parse(["job:read"]).unwrap_err();
        assert!(wrong.contains("`jobs:read`"), "{wrong}");
    }
}
