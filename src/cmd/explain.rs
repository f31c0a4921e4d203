//! `oauthctl explain`: the built-in reference of rules, failures, options and classes, so that nobody needs the web.

use std::fmt::Write as _;

use clap::{Args, ValueEnum};
use colored::Colorize as _;
use serde_json::{Value as Json, json};

use crate::authenticator;
use crate::check::{self, Check};
use crate::cmd::candidates;
use crate::cmd::common::print;
use crate::cmd::{HELP, USAGE, YES};
use crate::failure::codes::{self, Code};
use crate::report::json as document;
use crate::settings::suggest::close_matches;
use crate::settings::{self, ClassDef, Kind, OptionDef, RunningClass, Settings};
use crate::source::load::{Request, load_text};
use crate::value::Value;

const EXAMPLES: &str = "\
Examples:
  oauthctl explain nobody-allowed                       a rule of validate-config
  oauthctl explain redirect-uri-mismatch                the code of a failed login
  oauthctl explain GitHubOAuthenticator.scope           an option
  oauthctl explain globus                               a class

Exit codes:
  0  found        2  nothing has that name";

/// Arguments of `explain`.
#[derive(Args, Clone, Debug, Default)]
#[command(after_help = EXAMPLES, help_template = HELP)]
pub struct ExplainArgs {
    /// A rule, a failure's code, an option (with or without its class) or a class; without any, a list of them all
    #[arg(value_name = "NAME", add = candidates::explained())]
    name: Option<String>,
    /// How to print the page
    #[arg(long, value_enum, default_value_t = PageFormat::Human)]
    format: PageFormat,
}

/// The formats of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum PageFormat {
    /// For people
    #[default]
    Human,
    /// One JSON document on standard output
    Json,
    /// Markdown
    Markdown,
}

/// Options that mean something only together: each line is a circle of them.
const TOGETHER: &[&[&str]] = &[
    &["allow_all", "allowed_users", "allow_existing_users", "allowed_groups", "admin_users", "blocked_users"],
    &["manage_groups", "auth_state_groups_key", "allowed_groups", "admin_groups", "modify_auth_state_hook"],
    &["userdata_url", "userdata_from_id_token", "userdata_params", "userdata_token_method"],
    &["scope", "allowed_scopes", "extra_authorize_params"],
    &["username_claim", "username_map", "username_pattern", "scope"],
    &["enable_auth_state", "refresh_pre_spawn", "refresh_pre_stop", "auth_refresh_age", "refresh_user_hook"],
    &["client_id", "client_secret", "basic_auth", "token_url"],
    &["authorize_url", "token_url", "userdata_url", "oauth_callback_url"],
    &["token_params", "token_url"],
    &["validate_server_cert", "http_request_kwargs"],
    &["hosted_domain", "strip_domain", "allow_all"],
    &["allowed_google_groups", "admin_google_groups", "google_service_account_keys", "gsuite_administrator"],
    &["allowed_organizations", "populate_teams_in_auth_state", "scope", "github_url"],
    &["allowed_gitlab_groups", "allowed_project_ids", "scope", "gitlab_url"],
    &["idps", "allow_all", "scope"],
    &["allowed_globus_groups", "admin_globus_groups", "manage_groups", "scope"],
    &["tenant_id", "authorize_url", "token_url", "graph_url"],
    &["auth0_domain", "auth0_subdomain"],
    &["auto_login", "extra_authorize_params"],
    &["logout_redirect_url", "auto_login"],
];

/// Runs the command.
pub fn run(args: &ExplainArgs) -> u8 {
    let Some(name) = &args.name else {
        print(&overview(args.format));
        return YES;
    };
    let Some(page) = find(name) else {
        crate::sys::to_stderr(&format!("error: nothing is called `{name}`{}\n", nearest(name)));
        return USAGE;
    };
    print(&match args.format {
        PageFormat::Human => as_text(&page.markdown()),
        PageFormat::Markdown => page.markdown(),
        PageFormat::Json => document::text(&page.json()),
    });
    YES
}

enum Page {
    Rule(&'static Check),
    Code(&'static Code),
    Option(Vec<(&'static ClassDef, &'static OptionDef)>),
    Class(&'static ClassDef),
}

fn find(name: &str) -> Option<Page> {
    let bare = name.strip_prefix("c.").unwrap_or(name);
    if let Some(check) = check::named(bare) {
        return Some(Page::Rule(check));
    }
    if let Some(code) = codes::find(bare) {
        return Some(Page::Code(code));
    }
    let same = |def: &&&ClassDef| def.name.eq_ignore_ascii_case(bare) || def.entry_points.contains(&bare);
    if let Some(def) = settings::classes().iter().find(same) {
        return Some(Page::Class(def));
    }
    if let Some((class, option)) = bare.rsplit_once('.') {
        let def = settings::classes().iter().find(|def| def.name.eq_ignore_ascii_case(class))?;
        let (_, option) = RunningClass::of(def).option(option)?;
        return Some(Page::Option(vec![(def, option)]));
    }
    let declared: Vec<_> =
        settings::classes().iter().filter_map(|def| def.own_option(bare).map(|option| (*def, option))).collect();
    (!declared.is_empty()).then_some(Page::Option(declared))
}

fn nearest(name: &str) -> String {
    let bare = name.rsplit('.').next().unwrap_or(name);
    let rules = check::checks().map(|check| check.id);
    let classes = settings::classes().iter().map(|def| def.name);
    let options = settings::classes().iter().flat_map(|def| def.options).map(|option| option.name);
    let codes = codes::codes().iter().map(|code| code.id);
    let mut names: Vec<&str> = rules.chain(codes).chain(classes).chain(options).collect();
    names.sort_unstable();
    names.dedup();
    match close_matches(bare, names).as_slice() {
        [] => "; `oauthctl explain` lists everything".to_owned(),
        near => format!("; did you mean {}?", near.join(" or ")),
    }
}

fn overview(format: PageFormat) -> String {
    if format == PageFormat::Json {
        let rules: Vec<Json> = check::checks().map(rule_json).collect();
        let classes: Vec<&str> = settings::classes().iter().map(|def| def.name).collect();
        let codes: Vec<Json> = codes::codes().iter().map(code_json).collect();
        return document::text(
            &json!({"schema": "oauthctl.explain/1", "rules": rules, "failures": codes, "classes": classes}),
        );
    }
    let mut text = "# Rules\n\n".to_owned();
    for check in check::checks() {
        let _ = writeln!(text, "- `{}` ({}): {}", check.id, check.level.name(), check.summary);
    }
    text.push_str("\n# Failures\n\n");
    for code in codes::codes() {
        let _ = writeln!(text, "- `{}`: {}", code.id, code.meaning);
    }
    text.push_str("\n# Classes\n\n");
    for def in settings::classes() {
        let _ = writeln!(text, "- `{}`{}", def.name, short_names(def));
    }
    if format == PageFormat::Markdown { text } else { as_text(&text) }
}

fn short_names(def: &ClassDef) -> String {
    match def.entry_points {
        [] => String::new(),
        names => format!(" (`{}`)", names.join("`, `")),
    }
}

impl Page {
    fn markdown(&self) -> String {
        match self {
            Page::Rule(check) => rule(check),
            Page::Code(code) => code_page(code),
            Page::Option(found) => {
                found.iter().map(|(def, option)| option_page(def, option)).collect::<Vec<_>>().join("\n")
            }
            Page::Class(def) => class_page(def),
        }
    }

    fn json(&self) -> Json {
        let mut page = match self {
            Page::Rule(check) => json!({"kind": "rule", "rule": rule_json(check), "page": check.doc}),
            Page::Code(code) => json!({"kind": "failure", "failure": code_json(code), "page": code_page(code)}),
            Page::Option(found) => json!({
                "kind": "option",
                "options": found.iter().map(|(def, option)| option_json(def, option)).collect::<Vec<_>>(),
            }),
            Page::Class(def) => json!({
                "kind": "class", "class": def.name, "module": def.module, "names": def.entry_points,
                "bases": def.bases,
                "options": def.all_options().map(|(of, option)| option_json(of, option)).collect::<Vec<_>>(),
                "auth_state": auth_state(def).iter().map(|(key, what)| json!({"key": key, "holds": what})).collect::<Vec<_>>(),
            }),
        };
        page["schema"] = json!("oauthctl.explain/1");
        page
    }
}

fn rule_json(check: &Check) -> Json {
    json!({"id": check.id, "level": check.level.name(), "since": check.since, "summary": check.summary})
}

fn code_json(code: &Code) -> Json {
    json!({"code": code.id, "meaning": code.meaning, "causes": code.causes, "next": code.next})
}

fn code_page(code: &Code) -> String {
    let mut page = format!("# {}\n\nfailure\n\n## What it means\n\n{}\n", code.id, code.meaning);
    if !code.causes.is_empty() {
        page.push_str("\n## Usual causes\n\n");
        code.causes.iter().for_each(|cause| page.push_str(&format!("- {cause}\n")));
    }
    page + &format!("\n## What to do\n\n{}\n", code.next)
}

/// A rule's page, with its level below the heading.
fn rule(check: &Check) -> String {
    let since = if check.since.is_empty() { String::new() } else { format!(", since oauthenticator {}", check.since) };
    let (heading, rest) = check.doc.split_once('\n').unwrap_or((check.doc, ""));
    format!("{heading}\n\n{}{since}\n{rest}", check.level.name())
}

fn option_json(def: &ClassDef, option: &OptionDef) -> Json {
    let default = default_of(def, option);
    json!({
        "class": def.name,
        "option": option.name,
        "type": kind_name(option.kind),
        "may_be_none": option.allow_none,
        "default": default.as_ref().map(Json::from),
        "default_is_computed": computed(def, option).is_some(),
        "environment": option.env,
        "since": option.since,
        "replaced_by": option.replaced_by,
        "old_names": old_names(def, option),
        "secret": option.secret,
        "help": option.help,
        "see_also": related(def, option),
    })
}

fn option_page(def: &ClassDef, option: &OptionDef) -> String {
    let mut page = format!("# {}.{}\n\n{}\n\n", def.name, option.name, option.help);
    let none = if option.allow_none && option.kind != Kind::Any { " or None" } else { "" };
    let mut row = |name: &str, value: String| {
        let _ = writeln!(page, "- {name}: {value}");
    };
    row("type", format!("`{}`{none}", kind_name(option.kind)));
    match (default_of(def, option), computed(def, option)) {
        (Some(default), Some(method)) => row("default", format!("`{}`, computed by `{method}`", default.repr())),
        (Some(default), None) => row("default", format!("`{}`", default.repr())),
        (None, Some(method)) => row("default", format!("computed by `{method}`")),
        (None, None) => {}
    }
    if let Some(variable) = option.env {
        let when = if option.env_read_at_import() { ", read before the configuration is" } else { "" };
        row("environment variable", format!("`{variable}`{when}"));
    }
    if let Some(since) = option.since {
        row(
            "since",
            if since.starts_with("jupyterhub") { since.to_owned() } else { format!("oauthenticator {since}") },
        );
    }
    if let Some(new) = option.replaced_by {
        row("deprecated", format!("use `{new}`"));
    }
    let old = old_names(def, option);
    if !old.is_empty() {
        row("old names", format!("`{}`", old.join("`, `")));
    }
    if option.secret {
        row("secret", "never shown unmasked".into());
    }
    let see = related(def, option);
    if !see.is_empty() {
        row("goes together with", format!("`{}`", see.join("`, `")));
    }
    page
}

fn class_page(def: &'static ClassDef) -> String {
    let mut page = format!("# {}\n\n`{}.{}`{}\n", def.name, def.module, def.name, short_names(def));
    if !def.bases.is_empty() {
        let _ = writeln!(page, "Reads the sections of `{}`, too; its own wins.", def.bases.join("`, `"));
    }
    let defaults = defaults(def);
    let (own, inherited): (Vec<_>, Vec<_>) = def.all_options().partition(|(class, _)| class.name == def.name);
    let (old, own): (Vec<_>, Vec<_>) = own.into_iter().partition(|(_, option)| option.replaced_by.is_some());
    if !own.is_empty() {
        page.push_str("\n## Its own options\n\n");
        for (_, option) in own {
            let _ = writeln!(page, "- `{}`{}: {}", option.name, shown_default(defaults.as_ref(), option), option.help);
        }
    }
    let (changed, rest): (Vec<_>, Vec<_>) = inherited.into_iter().partition(|(class, option)| {
        default_in(defaults.as_ref(), option).is_some_and(|value| default_of(class, option).as_ref() != Some(value))
    });
    if !changed.is_empty() {
        page.push_str("\n## Inherited, with a default of its own\n\n");
        for (_, option) in changed {
            let _ = writeln!(page, "- `{}`{}", option.name, shown_default(defaults.as_ref(), option));
        }
    }
    let rest: Vec<_> = rest.into_iter().filter(|(_, option)| option.replaced_by.is_none()).collect();
    for base in def.bases {
        let names: Vec<&str> = rest.iter().filter(|(class, _)| class.name == *base).map(|(_, it)| it.name).collect();
        if !names.is_empty() {
            let _ = writeln!(page, "\n## Inherited from {base}\n\n`{}`", names.join("`, `"));
        }
    }
    if !old.is_empty() {
        let pairs = old.iter().map(|(_, old)| format!("`{}` → `{}`", old.name, old.replaced_by.unwrap_or_default()));
        let _ = writeln!(page, "\n## Deprecated\n\n{}", pairs.collect::<Vec<_>>().join(", "));
    }
    let kept = auth_state(def);
    if !kept.is_empty() {
        page.push_str("\n## auth_state\n\n");
        kept.iter().for_each(|(key, what)| page.push_str(&format!("- `{key}`: {what}\n")));
    }
    page
}

/// What a login leaves in auth_state: keys, each with what it holds. Nothing for classes that do not log in themselves.
fn auth_state(def: &'static ClassDef) -> Vec<(String, &'static str)> {
    let class = RunningClass::of(def);
    let (Some(authenticator), Some(key)) = (authenticator::for_class(class.stock_name()), class.user_auth_state_key())
    else {
        return Vec::new();
    };
    let keys = authenticator.auth_state_keys().into_iter().map(|(key, what)| (key.to_owned(), what));
    keys.chain([(key, "the userdata")]).collect()
}

fn shown_default(defaults: Option<&Settings>, option: &OptionDef) -> String {
    match default_in(defaults, option) {
        Some(value) => format!(" ({}, default `{}`)", kind_name(option.kind), value.repr()),
        None => format!(" ({}, default computed)", kind_name(option.kind)),
    }
}

/// The value that an instance has where nothing at all is configured.
fn default_of(def: &ClassDef, option: &OptionDef) -> Option<Value> {
    default_in(defaults(def).as_ref(), option).cloned()
}

fn default_in<'a>(defaults: Option<&'a Settings>, option: &OptionDef) -> Option<&'a Value> {
    let setting = defaults?.get(option.name)?;
    (setting.raises.is_none() && setting.value.find_unknown().is_none()).then_some(&setting.value)
}

fn defaults(def: &ClassDef) -> Option<Settings> {
    let class = settings::class(def.name)?;
    let nothing = load_text("", &Request::default()).ok()?;
    settings::resolve_class(&nothing, RunningClass::of(class)).settings
}

/// Upstream's method that computes the default, in the class or the nearest base that has one.
fn computed(def: &ClassDef, option: &OptionDef) -> Option<&'static str> {
    let chain = std::iter::once(def.name).chain(def.bases.iter().copied()).filter_map(settings::class);
    chain.flat_map(|class| class.defaults).find(|default| default.option == option.name).map(|default| default.method)
}

fn old_names(def: &ClassDef, option: &OptionDef) -> Vec<&'static str> {
    let chain = std::iter::once(def.name).chain(def.bases.iter().copied()).filter_map(settings::class);
    let options = chain.flat_map(|class| class.options);
    options.filter(|old| old.replaced_by == Some(option.name)).map(|old| old.name).collect()
}

fn related(def: &ClassDef, option: &OptionDef) -> Vec<&'static str> {
    let class = settings::class(def.name).map(RunningClass::of);
    let exists = |name: &str| {
        class.as_ref().is_some_and(|class| class.option(name).is_some())
            || settings::classes()
                .iter()
                .any(|other| other.bases.contains(&def.name) && other.own_option(name).is_some())
    };
    let mut names: Vec<&str> = Vec::new();
    for circle in TOGETHER.iter().filter(|circle| circle.contains(&option.name)) {
        for name in circle.iter().filter(|name| **name != option.name && exists(name)) {
            if !names.contains(name) {
                names.push(name);
            }
        }
    }
    names
}

/// The trait type as upstream's `options.tsv` and documentation write it.
fn kind_name(kind: Kind) -> String {
    match kind {
        Kind::Any => "Any".into(),
        Kind::Bool => "Bool".into(),
        Kind::Int => "Int".into(),
        Kind::Float => "Float".into(),
        Kind::Unicode => "Unicode".into(),
        Kind::CUnicode => "CUnicode".into(),
        Kind::Callable => "Callable".into(),
        Kind::Command => "Command".into(),
        Kind::List(item) => container("List", item),
        Kind::Set(item) => container("Set", item),
        Kind::Dict { value, .. } => container("Dict", value),
        Kind::Union(kinds) => {
            let names: Vec<String> = kinds.iter().map(|kind| kind_name(*kind)).collect();
            format!("Union[{}]", names.join(", "))
        }
    }
}

fn container(name: &str, item: &Kind) -> String {
    if *item == Kind::Any { name.to_owned() } else { format!("{name}[{}]", kind_name(*item)) }
}

/// Markdown for a terminal: headings in bold, code blocks indented, no marks.
fn as_text(markdown: &str) -> String {
    let mut out = String::new();
    let mut in_code = false;
    for line in markdown.lines() {
        if let Some(info) = line.strip_prefix("```") {
            in_code = !in_code;
            if in_code && info != "python" && info != "yaml" {
                let _ = writeln!(out, "    {}", caption(info).dimmed());
            }
        } else if in_code {
            let _ = writeln!(out, "    {line}");
        } else if let Some(heading) = line.strip_prefix("# ").or(line.strip_prefix("## ")) {
            let _ = writeln!(out, "{}", heading.bold());
        } else {
            let _ = writeln!(out, "{}", line.replace('`', ""));
        }
    }
    out
}

fn caption(info: &str) -> String {
    match info {
        "env" => "in the environment:".into(),
        "json" => "jupyterhub_config.json:".into(),
        other => format!("{}:", other.split(' ').next_back().unwrap_or(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_options_and_classes_are_found_by_their_names() {
        assert!(matches!(find("nobody-allowed"), Some(Page::Rule(_))));
        assert!(matches!(find("github"), Some(Page::Class(def)) if def.name == "GitHubOAuthenticator"));
        assert!(matches!(find("c.GitHubOAuthenticator.scope"), Some(Page::Option(found)) if found.len() == 1));
        assert!(matches!(find("allow_all"), Some(Page::Option(_))));
        assert!(find("allow_al").is_none());
        assert!(nearest("allow_al").contains("allow_all"));
    }

    #[test]
    fn an_option_shows_what_upstream_declares() {
        let page = find("GitHubOAuthenticator.authorize_url").unwrap().markdown();
        assert!(page.contains("https://github.com/login/oauth/authorize"), "{page}");
        assert!(page.contains("OAUTH2_AUTHORIZE_URL"), "{page}");
        let json = find("GenericOAuthenticator.username_claim").unwrap().json();
        assert_eq!(json["options"][0]["type"], "Union[Unicode, Callable]");
        assert_eq!(json["options"][0]["default"], "username");
        assert_eq!(json["options"][0]["old_names"][0], "username_key");
        assert_eq!(json["options"][0]["since"], "16.0");
    }

    #[test]
    fn every_page_can_be_printed() {
        for check in check::checks() {
            assert!(as_text(&rule(check)).contains("What it does"), "{}", check.id);
        }
        for def in settings::classes() {
            assert!(class_page(def).contains(def.name));
        }
        assert!(overview(PageFormat::Human).contains("nobody-allowed"));
    }

    #[test]
    fn what_goes_together_exists() {
        let known: Vec<&str> =
            settings::classes().iter().flat_map(|def| def.options).map(|option| option.name).collect();
        for name in TOGETHER.iter().copied().flatten() {
            assert!(known.contains(name), "{name}");
        }
    }
}
