//! The tests that need more than one module: processes, sockets, files, upstream.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod arguments;
mod bridge;
mod bridge_clients;
mod bridge_corpus;
mod bridge_hostile;
mod bridge_secrets;
mod bridge_sources;
mod check_corpus;
mod check_differential;
mod check_formats;
mod completions;
mod convert;
mod corpus;
mod demo_by_upstream;
mod form_browser;
mod functions_differential;
mod generated;
mod init;
mod init_wizard;
mod interrupt;
mod json_differential;
mod listener;
mod local_differential;
mod login_differential;
mod login_documents;
mod login_driver;
mod mediawiki;
mod login_in_process;
mod logout_differential;
mod online;
mod online_hostile;
mod provider_words;
mod pure_differential;
mod reader_differential;
mod overrides;
mod recorded_hub;
mod refresh_differential;
mod scaffold;
mod secrets;
mod settings_differential;
mod support;
mod third_party;
mod tidy;
