//! What a shell may offer for a value, from the same tables that decide.

use std::ffi::OsStr;

use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter, CompletionCandidate};

use crate::failure::codes::codes;
use crate::settings::{self, ClassDef, Kind, OptionDef, Release, RunningClass};
use crate::{check, demo};

/// `Class.option=`, and after it the values of an option that has but a few.
pub fn settings() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| typed.to_str().map(setting).unwrap_or_default())
}

/// The names of rules.
pub fn rules() -> ArgValueCandidates {
    ArgValueCandidates::new(|| check::checks().map(|check| candidate(check.id, check.summary)).collect())
}

/// Everything that has a page.
pub fn explained() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| typed.to_str().map(pages).unwrap_or_default())
}

/// The classes that the embedded provider stands in for.
pub fn demo_classes() -> ArgValueCandidates {
    ArgValueCandidates::new(|| demo::SHAPES.iter().map(|shape| candidate(shape.entry_point, shape.class)).collect())
}

/// Who can sign in at the embedded provider.
pub fn demo_people() -> ArgValueCandidates {
    ArgValueCandidates::new(|| demo::people().iter().map(|person| candidate(person.name, person.summary)).collect())
}

/// What can go wrong at the embedded provider.
pub fn demo_faults() -> ArgValueCandidates {
    ArgValueCandidates::new(|| demo::FAULTS.iter().map(|fault| candidate(fault.name, fault.summary)).collect())
}

/// The releases of oauthenticator that were looked at, the newest first.
pub fn oauthenticators() -> ArgValueCandidates {
    ArgValueCandidates::new(|| releases(Release::oauthenticator, "oauthenticator"))
}

/// The releases of jupyterhub that go with them, the newest first.
pub fn jupyterhubs() -> ArgValueCandidates {
    ArgValueCandidates::new(|| releases(Release::jupyterhub, "jupyterhub"))
}

fn releases(version: fn(Release) -> &'static str, package: &str) -> Vec<CompletionCandidate> {
    let mut versions: Vec<&str> = Release::all().rev().map(version).collect();
    versions.dedup();
    versions.into_iter().map(|version| candidate(version, package)).collect()
}

fn candidate(value: impl Into<String>, help: &str) -> CompletionCandidate {
    // A shell shows it in a line.
    let first = help.split_once(". ").map_or(help, |(first, _)| first);
    CompletionCandidate::new(value.into()).help(Some(first.to_owned().into()))
}

fn pages(typed: &str) -> Vec<CompletionCandidate> {
    if typed.contains('.') {
        let named =
            every_option().map(|(class, option)| candidate(format!("{}.{}", class.name, option.name), option.help));
        return starting(typed, named);
    }
    let rules = check::checks().map(|check| candidate(check.id, check.summary));
    let codes = codes().iter().map(|code| candidate(code.id, code.meaning));
    let classes = settings::classes().iter().map(|class| candidate(class.name, class.module));
    let options =
        settings::classes().iter().flat_map(|class| class.options).map(|option| candidate(option.name, option.help));
    let mut all = starting(typed, rules.chain(codes).chain(classes).chain(options));
    all.sort_by(|a, b| a.get_value().cmp(b.get_value()));
    all.dedup_by(|a, b| a.get_value() == b.get_value());
    all
}

fn setting(typed: &str) -> Vec<CompletionCandidate> {
    if let Some((name, _)) = typed.split_once('=') {
        let option = name.split_once('.').and_then(|(class, option)| {
            settings::class(class).and_then(|class| RunningClass::of(class).option(option))
        });
        let values: &[&str] = match option {
            Some((_, option)) if option.kind == Kind::Bool => &["true", "false"],
            _ => &[],
        };
        return starting(typed, values.iter().map(|value| candidate(format!("{name}={value}"), "")));
    }
    starting(
        typed,
        every_option().map(|(class, option)| candidate(format!("{}.{}=", class.name, option.name), option.help)),
    )
}

/// Every option by every class that has it, inherited ones too.
fn every_option() -> impl Iterator<Item = (&'static ClassDef, &'static OptionDef)> {
    settings::classes().iter().flat_map(|class| class.all_options().map(move |(_, option)| (*class, option)))
}

fn starting(typed: &str, all: impl Iterator<Item = CompletionCandidate>) -> Vec<CompletionCandidate> {
    all.filter(|candidate| candidate.get_value().to_str().is_some_and(|value| value.starts_with(typed))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(candidates: &[CompletionCandidate]) -> Vec<&str> {
        candidates.iter().filter_map(|candidate| candidate.get_value().to_str()).collect()
    }

    #[test]
    fn a_setting_is_offered_by_each_class_that_has_it() {
        let generic = setting("GenericOAuthenticator.allow_a");
        assert_eq!(
            offered(&generic),
            ["GenericOAuthenticator.allow_all="],
            "inherited, and with the sign that follows"
        );
        assert_eq!(offered(&setting("GenericOAuthenticator.allow_all=t")), ["GenericOAuthenticator.allow_all=true"]);
        assert!(setting("GenericOAuthenticator.client_id=").is_empty());
    }

    #[test]
    fn pages_of_every_kind_are_offered_once() {
        assert_eq!(offered(&pages("nobody-")), ["nobody-allowed"], "a rule and a code of one name");
        assert!(offered(&pages("username_")).contains(&"username_claim"));
        assert!(offered(&pages("GitHub")).contains(&"GitHubOAuthenticator"));
        assert!(offered(&pages("GitHubOAuthenticator.sc")).contains(&"GitHubOAuthenticator.scope"));
    }
}
