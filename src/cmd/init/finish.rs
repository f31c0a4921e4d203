//! The end of `oauthctl init`: the file written, checked, and what comes next.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use colored::Colorize as _;

use super::args::{InitArgs, OutputArgs};
use super::names::{Sample, name_of};
use super::prompt::wrap;
use crate::check;
use crate::cmd::common::{ConfigArgs, print};
use crate::cmd::disk_facts::DiskFacts;
use crate::cmd::prepare::request;
use crate::cmd::{CANNOT, NO, YES};
use crate::diagnostic::{Diagnostic, Level};
use crate::init::answers::{Answers, Secret};
use crate::init::document::document;
use crate::init::register::{Guide, guide, next_steps, variable};
use crate::report::snippet;
use crate::secret::Redactor;
use crate::source::load::load;
use crate::source::{Env, Loaded};
use crate::sys::{self, World, to_stderr};
use crate::value::Value;
use crate::write::{Form, Written, write};

/// The name of the file that holds a secret that was typed.
pub(super) const ENV_FILE: &str = "hub.env";

impl OutputArgs {
    /// Where to write; `None` is standard output.
    pub(super) fn path(&self, answers: &Answers) -> Option<PathBuf> {
        match &self.output {
            Some(path) if path == Path::new("-") => None,
            Some(path) => Some(path.clone()),
            None => Some(PathBuf::from(answers.form().file_name())),
        }
    }
}

/// Whether a file may be written.
pub(in crate::cmd) fn free(path: &Path, force: bool) -> Result<(), String> {
    let Ok(found) = path.symlink_metadata() else { return Ok(()) };
    if found.is_dir() {
        return Err(format!("{} is a folder; name a file with --output", path.display()));
    }
    if force {
        return Ok(());
    }
    Err(format!("{} exists; choose another file with --output, or write over it with --force", path.display()))
}

/// Writes a file whole or not at all; `private` where only its owner may read it.
pub(in crate::cmd) fn put(path: &Path, text: &str, private: bool, force: bool) -> Result<(), String> {
    let told = |error: std::io::Error| format!("{}: {error}", path.display());
    free(path, force)?;
    // A link stays a link.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if !target.exists() {
        return fill(&target, text, private).map_err(told);
    }
    // A file beside the old one, with its rights, takes its place in one step.
    let name = target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = target.with_file_name(format!(".{name}.{}.oauthctl", std::process::id()));
    let filled = fill(&beside, text, true).and_then(|()| {
        let rights = std::fs::metadata(&target)?.permissions();
        if private { Ok(()) } else { std::fs::set_permissions(&beside, rights) }
    });
    let moved = filled.and_then(|()| {
        std::fs::rename(&beside, &target).inspect_err(|_| {
            let _ = std::fs::remove_file(&beside);
        })
    });
    moved.map_err(told)
}

/// A new file; nothing is left of it where it cannot be written to its end.
fn fill(path: &Path, text: &str, private: bool) -> std::io::Result<()> {
    let mut file = create(path, private)?;
    let filled = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    filled.inspect_err(|_| {
        let _ = std::fs::remove_file(path);
    })
}

#[cfg(unix)]
fn create(path: &Path, private: bool) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mode = if private { 0o600 } else { 0o666 };
    File::options().write(true).create_new(true).mode(mode).open(path)
}

#[cfg(not(unix))]
fn create(path: &Path, _: bool) -> std::io::Result<File> {
    File::create_new(path)
}

/// The configuration as text. What the form cannot hold is an error: it would not work without.
pub(super) fn render(answers: &Answers) -> Result<Written, String> {
    let document = document(answers).ok_or("something is still missing")?;
    let written = write(&document, answers.form());
    match written.left_out.first() {
        None => Ok(written),
        Some(remark) => Err(format!(
            "a configuration of the form {} cannot hold {}: {}",
            answers.form().name(),
            remark.setting,
            remark.reason
        )),
    }
}

/// Writes without asking, and reports.
pub(super) fn run(args: &InitArgs, answers: &Answers, world: &World) -> u8 {
    let written = match render(answers) {
        Ok(written) => written,
        Err(message) => return crate::cmd::usage(&message),
    };
    let say: fn(&str) = match args.output.path(answers) {
        Some(_) => print,
        // Standard output holds nothing but the configuration.
        None => to_stderr,
    };
    let name = args.userdata().map(|path| Sample::read(path).and_then(|sample| name_of(answers, &sample)));
    if let Some(Err(message)) = &name {
        to_stderr(&format!("error: {message}\n"));
        return CANNOT;
    }
    let path = match args.output.path(answers) {
        Some(path) => {
            if let Err(message) = put(&path, &written.text, false, args.output.force) {
                to_stderr(&format!("error: {message}\n"));
                return CANNOT;
            }
            path
        }
        None => {
            print(&written.text);
            PathBuf::from(answers.form().file_name())
        }
    };
    let mut out = String::new();
    if args.output.path(answers).is_some() {
        out += &format!("{} wrote {}\n", "✔".green(), path.display());
    }
    if let Some(Ok(name)) = name {
        out += &format!("  these userdata are the user {}\n", sys::printable(&name).bold());
    }
    if let Some(guide) = guide(answers) {
        out += &format!("\n{}", guide_text(answers, &guide, world.width));
    }
    let findings = args.output.path(answers).map(|path| findings(&path, answers, world)).unwrap_or_default();
    for (_, shown) in &findings {
        out += &format!("\n{shown}\n");
    }
    out += &format!("\n{}", next_text(answers, &path, None, world.width));
    say(&out);
    exit_code(&findings)
}

/// Errors in what was written are a no.
pub(super) fn exit_code(findings: &[(Level, String)]) -> u8 {
    if findings.iter().any(|(level, _)| *level == Level::Error) { NO } else { YES }
}

/// What to do at the provider, as a numbered list.
pub(super) fn guide_text(answers: &Answers, guide: &Guide, width: usize) -> String {
    let mut out = format!("{}\n", format!("At {}", answers.provider()).bold());
    let mut item = |mark: String, text: &str| {
        for (index, line) in wrap(text, width, 5).into_iter().enumerate() {
            let mark = if index == 0 { mark.as_str() } else { "" };
            out += &format!("{mark:>4} {line}\n");
        }
    };
    item("  ".into(), &guide.place);
    let groups = guide.groups.iter().filter(|_| answers.uses_groups());
    for (index, step) in guide.steps.iter().chain(groups).enumerate() {
        item(format!("{}.", index + 1), step);
    }
    for remark in &guide.remarks {
        item("-".into(), remark);
    }
    out
}

/// What to do with the file, ending in the command that comes next.
pub(super) fn next_text(answers: &Answers, path: &Path, env_file: Option<&Path>, width: usize) -> String {
    let mut out = format!("{}\n", "Next".bold());
    let name = path.display().to_string();
    let env_name = env_file.map(|path| path.display().to_string());
    // A pod's secret is out of our reach, but for the file that it is made from.
    let pod = answers.form() == Form::Z2jh && !matches!(answers.secret, Some(Secret::File(_)));
    let env_given = env_name.clone().or_else(|| pod.then(|| ENV_FILE.to_owned()));
    let env_argument = env_given.map(|name| format!(" --env-file {name}")).unwrap_or_default();
    let mut steps = next_steps(answers, &name, env_name.as_deref());
    let login = format!("oauthctl login {name}{env_argument}   (logs in as the hub would)");
    steps.insert(steps.len().saturating_sub(1), login);
    for step in steps {
        for (index, line) in wrap(&step, width, 4).into_iter().enumerate() {
            out += &format!("{}{line}\n", if index == 0 { "  - " } else { "    " });
        }
    }
    out
}

/// What our own checks have to object to in the file, each with its level; notes stand in it as comments. The hub's environment is taken to hold what it
/// has to hold.
pub(super) fn findings(path: &Path, answers: &Answers, world: &World) -> Vec<(Level, String)> {
    let config = ConfigArgs { config: Some(path.to_owned()), ..ConfigArgs::default() };
    let mut request = request(&config, world);
    let mut env = Env::new(world.vars().map(|(name, value)| (name.to_owned(), value.to_owned())));
    let name = variable(answers.secret.as_ref());
    if !matches!(answers.secret, Some(Secret::File(_))) && world.filled(name).is_none() {
        let stand_in = sys::random::<16>().unwrap_or_default().map(|byte| format!("{byte:02x}")).concat();
        env.set(name, Value::Str(stand_in), None);
    }
    request.env = env;
    let loaded = match load(&request) {
        Ok(loaded) => loaded,
        Err(error) => return vec![(Level::Error, format!("{error:?}"))],
    };
    let redactor = Redactor::new(false);
    crate::cmd::common::learn_secrets(&loaded, &redactor);
    let checked = check::check(&loaded, &DiskFacts::default());
    let worth = |finding: &Diagnostic| finding.level != Level::Note && !is_of_the_hubs_machine(finding, answers);
    let worth = checked.findings.into_iter().filter(worth);
    worth.map(|finding| (finding.level, shown(&finding, &loaded, &redactor, world))).collect()
}

/// A secret file on the hub's machine need not be on this one.
fn is_of_the_hubs_machine(finding: &Diagnostic, answers: &Answers) -> bool {
    match &answers.secret {
        Some(Secret::File(file)) => finding.message.contains(file.as_str()) && !Path::new(file).exists(),
        _ => false,
    }
}

fn shown(finding: &Diagnostic, loaded: &Loaded, redactor: &Redactor, world: &World) -> String {
    let colour = colored::control::SHOULD_COLORIZE.should_colorize();
    snippet::render(finding, &loaded.texts, redactor, colour, world.width)
}

/// The file with the secret, as `--env-file`, systemd and kubectl read it.
pub(super) fn env_text(answers: &Answers, secret: &str) -> String {
    format!("{}={secret}\n", variable(answers.secret.as_ref()))
}

/// Where that file is written: beside the configuration.
pub(super) fn env_path(config: &Path) -> PathBuf {
    config.with_file_name(ENV_FILE)
}

/// What a form is called, with a word about it.
pub(super) fn form_words(form: Form) -> &'static str {
    match form {
        Form::Python => "jupyterhub_config.py",
        Form::Z2jh => "Zero to JupyterHub: values for helm",
        Form::Tljh => "The Littlest JupyterHub: config.yaml",
        Form::Json => "traitlets JSON",
    }
}
