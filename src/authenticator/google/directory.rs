//! The groups of a member, from the Directory API (`GoogleOAuthenticator._fetch_member_groups`).

use super::service_account::{Credentials, refreshed};
use crate::authenticator::{Context, base, python};
use crate::failure::{Raised, Stage};
use crate::http::Call;
use crate::value::{Set, Value};

/// The Directory API. Upstream writes it out, whatever `google_api_url` says.
const GROUPS_URL: &str = "https://www.googleapis.com/admin/directory/v1/groups";

/// How deep groups within groups may lie, before Python's stack would end.
const DEEPEST: usize = 900;

/// What one look-up gathers: upstream hands these sets from call to call.
struct Search<'a, 'b> {
    cx: &'a Context<'b>,
    domain: &'a Value,
    credentials: Option<Credentials>,
    checked: Set,
    processed: Set,
}

/// What upstream's look-up is made of.
const PIECES: &[&str] = &[
    "_fetch_member_groups",
    "_service_client_credentials",
    "_setup_service_credentials",
    "_get_service_credentials",
    "_is_token_valid",
];

/// The names of the groups that the address is a member of, without their domain; with `include_nested_groups` also of
/// those that these are members of.
pub(super) fn member_groups(cx: &Context<'_>, email: &str, domain: &Value) -> Result<Set, Raised> {
    cx.none_overridden(PIECES)?;
    let mut search = Search { cx, domain, credentials: None, checked: Set::new(), processed: Set::new() };
    search.look_up(email, 0)?;
    Ok(search.checked)
}

impl Search<'_, '_> {
    fn look_up(&mut self, email: &str, depth: usize) -> Result<(), Raised> {
        if depth > DEEPEST {
            return Err(Raised::exception("RecursionError", "maximum recursion depth exceeded"));
        }
        let token = self.token()?;
        let groups = self.direct_groups(email, &token)?;
        for group in groups.iter() {
            python::add(&mut self.checked, group.clone())?;
        }
        if !self.cx.settings.bool("include_nested_groups")? {
            return Ok(());
        }
        for group in groups.iter() {
            if self.processed.contains(group) {
                continue;
            }
            python::add(&mut self.processed, group.clone())?;
            let address = format!("{}@{}", group.to_text(), self.domain.to_text());
            self.look_up(&address, depth + 1)?;
        }
        Ok(())
    }

    /// The service account's token; a new one where the last has run out, or is about to.
    fn token(&mut self) -> Result<String, Raised> {
        let now = (self.cx.now)();
        if let Some(credentials) = self.credentials.as_ref().filter(|credentials| credentials.is_valid(now)) {
            return Ok(credentials.token.to_text());
        }
        let credentials = refreshed(self.cx, self.domain)?;
        let token = credentials.token.to_text();
        self.credentials = Some(credentials);
        Ok(token)
    }

    /// Page by page. Upstream puts the address and the page's token into the URL as they are.
    fn direct_groups(&self, email: &str, token: &str) -> Result<Set, Raised> {
        let mut names = Set::new();
        let mut next = Some(format!("{GROUPS_URL}?userKey={email}"));
        while let Some(url) = next {
            let page = base::fetch_json(self.cx, &call(url, token))?;
            let groups = python::get(&page, "groups")?.cloned().unwrap_or(Value::List(Vec::new()));
            for group in python::iterate(&groups)? {
                if let Some(address) = python::get(&group, "email")?.filter(|address| python::truth(address)) {
                    let address = python::text(address, "split")?;
                    python::add(&mut names, Value::str(address.split('@').next().unwrap_or(address)))?;
                }
            }
            let page_token = python::get(&page, "nextPageToken")?.filter(|token| python::truth(token));
            next = page_token.map(|token| format!("{GROUPS_URL}?userKey={email}&pageToken={}", token.to_text()));
        }
        Ok(names)
    }
}

fn call(url: String, token: &str) -> Call {
    Call {
        stage: Stage::Decision,
        method: "GET",
        url,
        headers: vec![("Authorization".to_owned(), format!("Bearer {token}"))],
        body: None,
        form: Vec::new(),
        validate_cert: None,
    }
}
