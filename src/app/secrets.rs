//! Passwords and tokens: how they are made, kept and compared.
//!
//! Passwords are hashed with Argon2id (RFC 9106; 19 MiB, 2 passes, 1 lane: OWASP's first choice). Tokens carry 256
//! bits from the system's generator and only their SHA-256 is kept. Comparisons take constant time.

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq as _;

use super::AppError;
use crate::{
    db::{Db, settings},
    domain::{digest::Digest, field::FieldError},
};

/// The shortest password, in characters (NIST SP 800-63B asks for eight).
const PASSWORD_CHARS_MIN: usize = 8;
/// The longest password, in bytes: hashing must not become a way to keep the machine busy.
const PASSWORD_BYTES_MAX: usize = 1024;

/// Bytes that nobody can guess.
pub(super) fn random<const N: usize>() -> Result<[u8; N], AppError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|e| AppError::Internal(format!("no randomness: {e}")))?;
    Ok(bytes)
}

/// A fresh secret in URL-safe text.
pub(super) fn token() -> Result<String, AppError> {
    Ok(URL_SAFE_NO_PAD.encode(random::<32>()?))
}

/// What is wrong with a new password, as a fault of `field`.
pub(super) fn password_fault(field: &str, password: &str) -> Option<FieldError> {
    let message = if password.chars().count() < PASSWORD_CHARS_MIN {
        format!("`{field}` must have at least {PASSWORD_CHARS_MIN} characters.")
    } else if password.len() > PASSWORD_BYTES_MAX {
        format!("`{field}` must have at most {PASSWORD_BYTES_MAX} bytes.")
    } else {
        return None;
    };
    Some(FieldError::new(field, "invalid", message))
}

/// The hash of a new password, in PHC string format; a weak one is a fault of `field`.
pub(super) fn hash_password(field: &str, password: &str) -> Result<String, AppError> {
    if let Some(fault) = password_fault(field, password) {
        return Err(AppError::Invalid(vec![fault]));
    }
    let hash = Argon2::default().hash_password(password.as_bytes());
    Ok(hash.map_err(|e| AppError::Internal(format!("the password can't be hashed: {e}")))?.to_string())
}

/// Whether the password is the one that was hashed. Without a hash it takes as long and is never right, so that an
/// unknown address can't be told from a wrong password by the clock.
pub(super) fn is_password(password: &str, hash: Option<&str>) -> bool {
    const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5$\
                          EomKHqWDT5v2wAL4eSrVPwIRMq6B4PaiYqoZeYTVuZ8";
    if password.len() > PASSWORD_BYTES_MAX {
        return false;
    }
    let verified = Argon2::default().verify_password(password.as_bytes(), hash.unwrap_or(NOBODY)).is_ok();
    verified && hash.is_some()
}

/// Whether the secret is the one whose digest was kept.
pub(super) fn is_secret(secret: &str, kept: &Digest) -> bool {
    Digest::of(secret.as_bytes()).as_bytes().ct_eq(kept.as_bytes()).into()
}

/// The instance's own secret for signed links, made once.
pub(super) fn link_secret(db: &Db) -> Result<[u8; 32], AppError> {
    own_secret(db, "link_secret")
}

/// The seed of the instance's own key for the packs that it exports, made once.
pub(super) fn pack_seed(db: &Db) -> Result<[u8; 32], AppError> {
    own_secret(db, "pack_seed")
}

fn own_secret(db: &Db, name: &'static str) -> Result<[u8; 32], AppError> {
    let fresh = URL_SAFE_NO_PAD.encode(random::<32>()?);
    let text: String = db.write(move |tx| -> Result<_, AppError> {
        if let Some(known) = settings::get(tx, name)? {
            return Ok(known);
        }
        settings::set(tx, name, &fresh)?;
        Ok(fresh)
    })?;
    let bytes = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    bytes.ok_or_else(|| AppError::Internal(format!("`{name}` in the database is damaged")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_right_or_wrong_and_a_weak_one_refused() {
        let hash = hash_password("password", "correct horse").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(is_password("correct horse", Some(&hash)));
        assert!(!is_password("correct horsf", Some(&hash)));
        assert!(!is_password("correct horse", None));
        assert_ne!(hash, hash_password("password", "correct horse").unwrap(), "each hash has its own salt");
        assert!(matches!(hash_password("password", "short"), Err(AppError::Invalid(_))));
        assert!(matches!(hash_password("password", &"x".repeat(2000)), Err(AppError::Invalid(_))));
    }

    #[test]
    fn tokens_differ_and_match_their_digest_only() {
        let (a, b) = (token().unwrap(), token().unwrap());
        assert_ne!(a, b);
        assert!(is_secret(&a, &Digest::of(a.as_bytes())));
        assert!(!is_secret(&b, &Digest::of(a.as_bytes())));
    }
}
