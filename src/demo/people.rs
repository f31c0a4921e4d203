//! The people who can sign in at the demo provider: plain data.

/// Somebody with an account at the demo provider.
#[derive(Debug, PartialEq, Eq)]
pub struct Person {
    /// What `--demo-user` takes, and what the provider says in lower case where it speaks of user names.
    pub name: &'static str,
    /// The user name where it has to be ASCII, as its owner wrote it; also for keyboards that lack the letters.
    pub login: &'static str,
    /// What stands on the page where one picks a person.
    pub summary: &'static str,
    /// The subject: stable, and never reused (OpenID Connect Core section 2).
    pub sub: &'static str,
    /// The same as a number, for providers that count their users.
    pub number: u32,
    /// The user name, as its owner wrote it.
    pub preferred_username: &'static str,
    /// The whole name.
    pub display_name: &'static str,
    /// The given name.
    pub given_name: &'static str,
    /// The family name.
    pub family_name: &'static str,
    /// The e-mail address.
    pub email: &'static str,
    /// Whether the provider has seen that the address is theirs.
    pub email_verified: bool,
    /// The groups they belong to.
    pub groups: &'static [&'static str],
}

/// Everybody, the plain user first: that is who signs in where nobody is named.
static PEOPLE: [Person; 6] = [
    Person {
        name: "grace",
        login: "grace",
        summary: "a plain user, in no group",
        sub: "5f0d9a52-0002-4c6e-9d5a-6f2b8a1c0e02",
        number: 1002,
        preferred_username: "grace",
        display_name: "Grace Hopper",
        given_name: "Grace",
        family_name: "Hopper",
        email: "grace@example.org",
        email_verified: true,
        groups: &[],
    },
    Person {
        name: "ada",
        login: "ada",
        summary: "an administrator",
        sub: "5f0d9a52-0001-4c6e-9d5a-6f2b8a1c0e01",
        number: 1001,
        preferred_username: "ada",
        display_name: "Ada Lovelace",
        given_name: "Ada",
        family_name: "Lovelace",
        email: "ada@example.org",
        email_verified: true,
        groups: &["admins", "staff"],
    },
    Person {
        name: "linus",
        login: "linus",
        summary: "a member of several groups",
        sub: "5f0d9a52-0003-4c6e-9d5a-6f2b8a1c0e03",
        number: 1003,
        preferred_username: "linus",
        display_name: "Linus Pauling",
        given_name: "Linus",
        family_name: "Pauling",
        email: "linus@example.org",
        email_verified: true,
        groups: &["chemistry", "research", "staff"],
    },
    Person {
        name: "mallory",
        login: "mallory",
        summary: "somebody the hub blocks",
        sub: "5f0d9a52-0004-4c6e-9d5a-6f2b8a1c0e04",
        number: 1004,
        preferred_username: "mallory",
        display_name: "Mallory Banks",
        given_name: "Mallory",
        family_name: "Banks",
        email: "mallory@example.org",
        email_verified: true,
        groups: &["research"],
    },
    Person {
        name: "eve",
        login: "eve",
        summary: "a stranger whose e-mail address is unverified",
        sub: "5f0d9a52-0005-4c6e-9d5a-6f2b8a1c0e05",
        number: 1005,
        preferred_username: "eve",
        display_name: "Eve Moneypenny",
        given_name: "Eve",
        family_name: "Moneypenny",
        email: "eve@example.net",
        email_verified: false,
        groups: &[],
    },
    Person {
        name: "øystein",
        login: "Oystein",
        summary: "somebody whose name takes more than ASCII",
        sub: "5f0d9a52-0006-4c6e-9d5a-6f2b8a1c0e06",
        number: 1006,
        preferred_username: "Øystein",
        display_name: "Øystein Ångström-Łukasiewicz 計算",
        given_name: "Øystein",
        family_name: "Ångström-Łukasiewicz",
        email: "oystein@example.org",
        email_verified: true,
        groups: &["blåbær", "research"],
    },
];

/// Everybody who can sign in; the first is the plain user.
pub fn people() -> &'static [Person] {
    &PEOPLE
}

/// Finds a person by user name, in ASCII too, or by e-mail address, in any case.
pub fn person(name: &str) -> Option<&'static Person> {
    let wanted = name.trim().to_lowercase();
    PEOPLE
        .iter()
        .find(|person| person.name == wanted || person.login.to_lowercase() == wanted || person.email == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_found_by_every_name() {
        for one in people() {
            for name in [one.name, one.login, one.email, one.preferred_username, &one.name.to_uppercase()] {
                assert_eq!(person(name).map(|found| found.sub), Some(one.sub), "{name}");
            }
        }
        assert_eq!(person("nobody"), None);
    }

    #[test]
    fn nobody_shares_a_subject() {
        for (at, one) in people().iter().enumerate() {
            assert!(people()[at + 1..].iter().all(|other| other.sub != one.sub && other.number != one.number));
        }
    }
}
