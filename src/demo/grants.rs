//! What the demo provider has given out: codes, access tokens and refresh tokens, all bounded in number and time.

use std::time::{Duration, Instant};

use indexmap::IndexMap;

use super::people::Person;

/// How many of each kind are kept; the oldest goes first.
const MAX_KEPT: usize = 2048;

/// What a person granted to the client.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    /// The provider shape it was granted at: what one gives out, no other takes.
    pub(crate) shape: &'static str,
    pub(crate) person: &'static Person,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) nonce: Option<String>,
    /// The `S256` code challenge (RFC 7636 section 4.3).
    pub(crate) challenge: Option<String>,
    /// Seconds since the epoch at which the person signed in.
    pub(crate) auth_time: u64,
    /// Everything that came of one authorization goes together.
    pub(crate) family: u64,
}

impl Grant {
    pub(crate) fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }
}

struct Held {
    grant: Grant,
    ends: Instant,
    spent: bool,
}

/// Tokens of one kind.
#[derive(Default)]
struct Kind(IndexMap<String, Held>);

impl Kind {
    fn put(&mut self, token: String, grant: Grant, lifetime: Duration) {
        let now = Instant::now();
        self.0.retain(|_, held| held.ends > now);
        while self.0.len() >= MAX_KEPT {
            self.0.shift_remove_index(0);
        }
        self.0.insert(token, Held { grant, ends: now + lifetime, spent: false });
    }

    fn live(&self, token: &str) -> Option<&Held> {
        self.0.get(token).filter(|held| held.ends > Instant::now())
    }

    fn forget(&mut self, family: u64) {
        self.0.retain(|_, held| held.grant.family != family);
    }
}

/// What became of something that is good only once.
pub(crate) enum Redeemed {
    /// It was good, and is spent now.
    Good(Grant),
    /// It had been used before, so everything that came of it is revoked (RFC 9700 sections 4.5 and 4.14).
    Reused,
    /// Nobody knows it, or no longer.
    Unknown,
}

/// Everything given out.
#[derive(Default)]
pub(crate) struct Grants {
    codes: Kind,
    access: Kind,
    refresh: Kind,
    families: u64,
}

impl Grants {
    pub(crate) fn new_family(&mut self) -> u64 {
        self.families += 1;
        self.families
    }

    pub(crate) fn put_code(&mut self, code: String, grant: Grant, lifetime: Duration) {
        self.codes.put(code, grant, lifetime);
    }

    pub(crate) fn put_access(&mut self, token: String, grant: Grant, lifetime: Duration) {
        self.access.put(token, grant, lifetime);
    }

    pub(crate) fn put_refresh(&mut self, token: String, grant: Grant, lifetime: Duration) {
        self.refresh.put(token, grant, lifetime);
    }

    /// The grant behind a code, without using it.
    pub(crate) fn code(&self, code: &str) -> Option<&Grant> {
        self.codes.live(code).map(|held| &held.grant)
    }

    /// The grant behind a refresh token, without using it.
    pub(crate) fn refresh(&self, token: &str) -> Option<&Grant> {
        self.refresh.live(token).map(|held| &held.grant)
    }

    /// The grant behind an access token.
    pub(crate) fn access(&self, token: &str) -> Option<&Grant> {
        self.access.live(token).map(|held| &held.grant)
    }

    pub(crate) fn redeem_code(&mut self, code: &str) -> Redeemed {
        let redeemed = redeem(&mut self.codes, code);
        self.revoke_if_reused(redeemed)
    }

    pub(crate) fn redeem_refresh(&mut self, token: &str) -> Redeemed {
        let redeemed = redeem(&mut self.refresh, token);
        self.revoke_if_reused(redeemed)
    }

    fn revoke_if_reused(&mut self, redeemed: Result<Grant, Option<u64>>) -> Redeemed {
        match redeemed {
            Ok(grant) => Redeemed::Good(grant),
            Err(Some(family)) => {
                self.forget(family);
                Redeemed::Reused
            }
            Err(None) => Redeemed::Unknown,
        }
    }

    /// Revokes a token: an access token alone, a refresh token with all that came of it (RFC 7009 section 2.1).
    pub(crate) fn revoke(&mut self, token: &str) {
        self.access.0.shift_remove(token);
        if let Some(family) = self.refresh.0.get(token).map(|held| held.grant.family) {
            self.forget(family);
        }
    }

    fn forget(&mut self, family: u64) {
        self.access.forget(family);
        self.refresh.forget(family);
    }
}

/// Spends a token; the error is the family of one that was spent before.
fn redeem(kind: &mut Kind, token: &str) -> Result<Grant, Option<u64>> {
    let now = Instant::now();
    let held = kind.0.get_mut(token).filter(|held| held.ends > now).ok_or(None)?;
    if held.spent {
        return Err(Some(held.grant.family));
    }
    held.spent = true;
    Ok(held.grant.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::people::people;

    fn grant(family: u64) -> Grant {
        Grant {
            shape: "oidc",
            person: &people()[0],
            client_id: String::new(),
            redirect_uri: String::new(),
            scopes: Vec::new(),
            nonce: None,
            challenge: None,
            auth_time: 0,
            family,
        }
    }

    #[test]
    fn memory_stays_bounded_and_the_oldest_goes_first() {
        let mut grants = Grants::default();
        for number in 0..=MAX_KEPT {
            grants.put_code(number.to_string(), grant(0), Duration::from_secs(60));
        }
        assert_eq!(grants.codes.0.len(), MAX_KEPT);
        assert!(grants.code("0").is_none() && grants.code("1").is_some());
    }

    #[test]
    fn what_has_expired_is_unknown() {
        let mut grants = Grants::default();
        grants.put_code("code".to_owned(), grant(1), Duration::ZERO);
        assert!(matches!(grants.redeem_code("code"), Redeemed::Unknown));
    }

    #[test]
    fn a_second_use_revokes_its_own_family_only() {
        let mut grants = Grants::default();
        let hour = Duration::from_secs(3600);
        for family in [1, 2] {
            grants.put_code(format!("code{family}"), grant(family), hour);
            grants.put_access(format!("access{family}"), grant(family), hour);
        }
        assert!(matches!(grants.redeem_code("code1"), Redeemed::Good(_)));
        assert!(matches!(grants.redeem_code("code1"), Redeemed::Reused));
        assert!(grants.access("access1").is_none() && grants.access("access2").is_some());
    }
}
