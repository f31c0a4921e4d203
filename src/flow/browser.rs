//! Whether a browser is started, and which. The decision is a plain function of the [`World`]; the address is printed
//! before anything is started, so that a browser which doesn't come up costs nothing but a copy and paste.

use crate::sys::{self, Belongs, Platform, World};

use super::listener::Handle;

/// What the user asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// `--no-browser`.
    pub never: bool,
    /// `--browser-cmd`.
    pub command: Option<String>,
}

/// What will be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Start the first of these programs that starts. `%s` stands for the address; without one it comes last.
    Run {
        /// Programs with their arguments.
        candidates: Vec<Vec<String>>,
        /// Who named them: `--browser-cmd` or `$BROWSER`.
        named_by: &'static str,
        /// Whose they are.
        belongs: Belongs,
    },
    /// Hand the address to the desktop.
    Desktop,
    /// Start nothing, because of this.
    Nothing(String),
}

/// Decides. `$BROWSER` counts before the look around, since a remote desktop or an editor sets it to something that
/// opens the browser where the user sits.
pub fn decide(wish: &Wish, world: &World) -> Plan {
    if wish.never {
        return Plan::Nothing("--no-browser was given".to_owned());
    }
    if let Some(command) = &wish.command {
        return match split_words(command, world.platform) {
            Ok(words) if !words.is_empty() => {
                Plan::Run { candidates: vec![words], named_by: "--browser-cmd", belongs: Belongs::ToUs }
            }
            Ok(_) => Plan::Nothing("--browser-cmd is empty".to_owned()),
            Err(error) => Plan::Nothing(format!("--browser-cmd: {error}")),
        };
    }
    let mut set_aside = None;
    if let Some(list) = world.filled("BROWSER") {
        let separator = if world.platform == Platform::Windows { ';' } else { ':' };
        let words = list.split(separator).filter_map(|entry| split_words(entry, world.platform).ok());
        let (text, candidates): (Vec<_>, Vec<_>) =
            words.filter(|words| !words.is_empty()).partition(|words| is_text_browser(&words[0]));
        if !candidates.is_empty() {
            return Plan::Run { candidates, named_by: "$BROWSER", belongs: Belongs::ToTheUser };
        }
        set_aside = text.into_iter().next();
    }
    match (reason_not_to(world), set_aside) {
        (Some(reason), None) => Plan::Nothing(reason),
        (_, Some(words)) => Plan::Nothing(format!("$BROWSER names {}, which needs the terminal for itself", words[0])),
        (None, None) => Plan::Desktop,
    }
}

/// Why the desktop's browser would come up where nobody sees it, or not at all.
fn reason_not_to(world: &World) -> Option<String> {
    if let Some(name) =
        ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"].into_iter().find(|name| world.filled(name).is_some())
    {
        return Some(format!("this is a remote session ({name} is set)"));
    }
    let display = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| world.filled(name).is_some());
    if world.platform == Platform::Linux && !display {
        return Some("there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)".to_owned());
    }
    None
}

fn remote_variable(world: &World) -> Option<&'static str> {
    ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"].into_iter().find(|name| world.filled(name).is_some())
}

/// Whether the user sits at another machine, whose browser has loopback addresses of its own.
pub fn is_remote(world: &World) -> bool {
    remote_variable(world).is_some()
}

/// Browsers that draw on the terminal, which is ours.
fn is_text_browser(program: &str) -> bool {
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
    ["w3m", "lynx", "links", "links2", "elinks", "browsh", "www-browser"].contains(&name)
}

/// Only what a browser is for: the desktop would start something else for other schemes.
pub fn is_web_address(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Does what was planned, with an address that has been printed already. What goes wrong later is told through the
/// handle.
pub fn open(plan: &Plan, url: &str, handle: Option<Handle>) -> Result<(), String> {
    if !is_web_address(url) {
        return Err("the address to open is neither http nor https".to_owned());
    }
    match plan {
        Plan::Nothing(_) => Ok(()),
        Plan::Desktop => sys::open_on_desktop(url),
        Plan::Run { candidates, named_by, belongs } => {
            let mut failure = "no program was named".to_owned();
            for words in candidates {
                let (program, handle) = (words[0].clone(), handle.clone());
                let ended = move |status: std::process::ExitStatus| {
                    if let (false, Some(handle)) = (status.success(), handle) {
                        handle.say(format!("the browser command `{program}` ended with {status}"));
                    }
                };
                match sys::start(&with_address(words, url), *belongs, ended) {
                    Ok(()) => return Ok(()),
                    Err(error) => failure = error,
                }
            }
            Err(format!("{named_by} does not start: {failure}"))
        }
    }
}

/// The words with the address put in: for `%s` (and `%%` for a percent sign), else as the last word.
fn with_address(words: &[String], url: &str) -> Vec<String> {
    let holds = |word: &String| word.replace("%%", "").contains("%s");
    // The program itself is never replaced.
    let mut argv: Vec<String> = words.to_vec();
    if !words.iter().skip(1).any(holds) {
        argv.push(url.to_owned());
        return argv;
    }
    for word in argv.iter_mut().skip(1) {
        let pieces: Vec<String> = word.split("%%").map(|piece| piece.replace("%s", url)).collect();
        *word = pieces.join("%");
    }
    argv
}

/// Splits a command as a shell would: blanks, both quotes, and a backslash where that isn't a path's separator.
fn split_words(text: &str, platform: Platform) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('\\', None | Some('"')) if platform != Platform::Windows => {
                let escaped = rest.next().ok_or("it ends in a backslash")?;
                word.get_or_insert_default().push(escaped);
            }
            (c, Some(_)) => word.get_or_insert_default().push(c),
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, None) if c.is_whitespace() => words.extend(word.take()),
            (c, None) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err("a quote is not closed".to_owned());
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(candidates: &[&[&str]], named_by: &'static str) -> Plan {
        let owned = |words: &&[&str]| words.iter().map(|word| word.to_string()).collect();
        let belongs = if named_by == "$BROWSER" { Belongs::ToTheUser } else { Belongs::ToUs };
        Plan::Run { candidates: candidates.iter().map(owned).collect(), named_by, belongs }
    }

    fn decided(wish: &Wish, platform: Platform, variables: &[(&str, &str)]) -> Plan {
        decide(wish, &World::of(platform, variables.iter().copied()))
    }

    #[test]
    fn the_world_decides_where_the_user_does_not() {
        let display = ("DISPLAY", ":0");
        for (platform, variables, opens) in [
            (Platform::Linux, vec![], false),
            (Platform::Linux, vec![("DISPLAY", "")], false),
            (Platform::Linux, vec![display], true),
            (Platform::Linux, vec![("WAYLAND_DISPLAY", "wayland-0")], true),
            (Platform::Linux, vec![display, ("SSH_CONNECTION", "1 2 3 4")], false),
            (Platform::Linux, vec![display, ("SSH_CLIENT", "1")], false),
            (Platform::Linux, vec![display, ("SSH_TTY", "/dev/pts/0")], false),
            (Platform::Linux, vec![display, ("BROWSER", "w3m")], false),
            (Platform::Wsl, vec![], true),
            (Platform::Wsl, vec![("SSH_TTY", "/dev/pts/0")], false),
            (Platform::MacOs, vec![], true),
            (Platform::MacOs, vec![("SSH_CONNECTION", "1")], false),
            (Platform::Windows, vec![], true),
            (Platform::Windows, vec![("SSH_CONNECTION", "1")], false),
        ] {
            let plan = decided(&Wish::default(), platform, &variables);
            assert_eq!(plan == Plan::Desktop, opens, "{platform:?} {variables:?}: {plan:?}");
        }
    }

    #[test]
    fn the_user_comes_first() {
        let never = Wish { never: true, command: Some("firefox".to_owned()) };
        assert!(matches!(decided(&never, Platform::MacOs, &[("BROWSER", "x")]), Plan::Nothing(_)));
        let command = Wish { never: false, command: Some("'my browser' --new %s".to_owned()) };
        assert_eq!(
            decided(&command, Platform::Linux, &[("BROWSER", "x"), ("SSH_TTY", "t")]),
            run(&[&["my browser", "--new", "%s"]], "--browser-cmd")
        );
        let broken = Wish { never: false, command: Some("'unclosed".to_owned()) };
        assert!(matches!(decided(&broken, Platform::Linux, &[]), Plan::Nothing(_)));
    }

    #[test]
    fn browser_is_a_list() {
        let wish = Wish::default();
        assert_eq!(
            decided(&wish, Platform::Linux, &[("BROWSER", "lynx:firefox -P work:chromium %s"), ("SSH_TTY", "t")]),
            run(&[&["firefox", "-P", "work"], &["chromium", "%s"]], "$BROWSER")
        );
        assert_eq!(
            decided(&wish, Platform::Windows, &[("BROWSER", r#""C:\Program Files\b.exe";other"#)]),
            run(&[&[r"C:\Program Files\b.exe"], &["other"]], "$BROWSER")
        );
    }

    #[test]
    fn the_address_takes_its_place() {
        let with = |words: &[&str]| {
            with_address(&words.iter().map(|word| word.to_string()).collect::<Vec<_>>(), "http://a/?x=%s").join(" ")
        };
        assert_eq!(with(&["b"]), "b http://a/?x=%s");
        assert_eq!(with(&["b", "-u=%s", "end"]), "b -u=http://a/?x=%s end");
        assert_eq!(with(&["b", "100%%", "%s"]), "b 100% http://a/?x=%s");
        assert_eq!(with(&["b", "%%s"]), "b %%s http://a/?x=%s");
    }

    #[test]
    fn only_web_addresses_are_opened() {
        for (url, web) in [
            ("https://idp.example.org/authorize?x=1", true),
            ("http://127.0.0.1:8400/", true),
            ("file:///etc/passwd", false),
            ("javascript:alert(1)", false),
            ("-flag", false),
            ("", false),
        ] {
            assert_eq!(is_web_address(url), web, "{url}");
        }
        assert!(open(&Plan::Desktop, "file:///etc/passwd", None).is_err());
    }

    #[test]
    fn words_are_split_as_a_shell_does() {
        let split = |text| split_words(text, Platform::Linux);
        assert_eq!(split(r#" a  "b c"'d' e\ f "" "#).unwrap(), ["a", "b cd", "e f", ""]);
        assert!(split("a\\").is_err() && split("\"a").is_err());
        assert_eq!(split_words(r"C:\a b", Platform::Windows).unwrap(), [r"C:\a", "b"]);
    }
}
