//! `oauthctl explain`: the built-in reference of rules, failures, options and classes, so that nobody needs the web.

mod class;
mod facts;
mod option;

use std::fmt::Write as _;

use clap::{Args, ValueEnum};
use colored::Colorize as _;
use serde_json::{Value as Json, json};

use self::facts::short_names;
use crate::check::{self, Check};
use crate::cmd::candidates;
use crate::cmd::common::print;
use crate::cmd::init::wrap;
use crate::cmd::{HELP, USAGE, YES};
use crate::failure::codes::{self, Code};
use crate::report::json as document;
use crate::settings::suggest::close_matches;
use crate::settings::{self, ClassDef, OptionDef, RunningClass};
use crate::sys::World;

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

/// Runs the command.
pub fn run(args: &ExplainArgs, world: &World) -> u8 {
    let width = if world.stdout_is_terminal { world.width.min(100) } else { usize::MAX };
    let Some(name) = &args.name else {
        print(&overview(args.format, width));
        return YES;
    };
    let Some(page) = find(name) else {
        crate::sys::to_stderr(&format!("error: nothing is called `{name}`{}\n", nearest(name)));
        return USAGE;
    };
    print(&match args.format {
        PageFormat::Human => as_text(&page.markdown(), width),
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

fn overview(format: PageFormat, width: usize) -> String {
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
    if format == PageFormat::Markdown { text } else { as_text(&text, width) }
}

impl Page {
    fn markdown(&self) -> String {
        match self {
            Page::Rule(check) => rule(check),
            Page::Code(code) => code_page(code),
            Page::Option(found) => {
                found.iter().map(|(def, option)| option::page(def, option)).collect::<Vec<_>>().join("\n")
            }
            Page::Class(def) => class::page(def),
        }
    }

    fn json(&self) -> Json {
        let mut page = match self {
            Page::Rule(check) => json!({"kind": "rule", "rule": rule_json(check), "page": check.doc}),
            Page::Code(code) => json!({"kind": "failure", "failure": code_json(code), "page": code_page(code)}),
            Page::Option(found) => json!({
                "kind": "option",
                "options": found.iter().map(|(def, option)| option::json(def, def, option)).collect::<Vec<_>>(),
            }),
            Page::Class(def) => json!({
                "kind": "class", "class": def.name, "module": def.module, "names": def.entry_points,
                "bases": def.bases,
                "options": def.all_options().map(|(of, option)| option::json(def, of, option)).collect::<Vec<_>>(),
                "auth_state": class::auth_state(def).iter().map(|(key, what)| json!({"key": key, "holds": what})).collect::<Vec<_>>(),
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

/// Markdown for a terminal: headings in bold right above what they head, code blocks indented, no marks.
fn as_text(markdown: &str, width: usize) -> String {
    let mut out = String::new();
    let mut blocks: Vec<Vec<&str>> = Vec::new();
    let mut lines = markdown.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
            code(&mut out, info, &block, blocks.contains(&block));
            blocks.push(block);
        } else if let Some(heading) = line.strip_prefix("# ").or(line.strip_prefix("## ")) {
            let _ = writeln!(out, "{}", heading.bold());
            if line.starts_with("## ") {
                while lines.next_if(|next| next.is_empty()).is_some() {}
            }
        } else if !(line.is_empty() && out.ends_with("\n\n")) {
            let indent = if line.starts_with("- ") { "  " } else { "" };
            for (index, part) in wrap(&line.replace('`', ""), width, indent.len()).into_iter().enumerate() {
                let _ = writeln!(out, "{}{part}", if index == 0 { "" } else { indent });
            }
        }
    }
    out
}

/// A block of code; of an answer that has been shown already, its name.
fn code(out: &mut String, info: &str, block: &[&str], shown: bool) {
    if info != "python" && info != "yaml" {
        let again = if shown { " (as above)" } else { "" };
        let _ = writeln!(out, "    {}{again}", caption(info).dimmed());
        if shown {
            return;
        }
    }
    block.iter().for_each(|line| {
        let _ = writeln!(out, "{}", format!("    {line}").trim_end());
    });
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

    // What upstream's instances have.
    #[test]
    fn a_class_has_its_own_defaults() {
        let page = find("LocalOpenShiftOAuthenticator").unwrap().json();
        let options = page["options"].as_array().unwrap();
        let default = |name: &str| options.iter().find(|option| option["option"] == name).unwrap()["default"].clone();
        assert_eq!(default("login_service"), "OpenShift");
        assert_eq!(default("scope"), json!(["user:info"]));
    }

    #[test]
    fn text_keeps_to_the_width_and_says_nothing_twice() {
        let page = "# x\n\n## Example\n\n```http\nGET /\n```\n\n## Instead\n\n```http\nGET /\n```\n\n- `a b` c d e f\n";
        let text = as_text(page, 10);
        assert_eq!(text.matches("GET /").count(), 1, "{text}");
        assert!(text.contains("\n- a b c d\n  e f\n"), "{text}");
    }

    #[test]
    fn every_page_can_be_printed() {
        for check in check::checks() {
            assert!(as_text(&rule(check), 100).contains("What it does"), "{}", check.id);
        }
        for def in settings::classes() {
            assert!(class::page(def).contains(def.name));
        }
        assert!(overview(PageFormat::Human, 100).contains("nobody-allowed"));
    }
}
