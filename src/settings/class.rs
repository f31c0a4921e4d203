//! The class that runs: from the value of `JupyterHub.authenticator_class` to a method resolution order
//! (`jupyterhub.traitlets.EntryPointType`, `traitlets.Type.validate`, Python's C3).

use super::Fatal;
use super::classes;
use super::coerce::describe;
use super::multi;
use super::option::{ClassDef, OptionDef, Plain};
use super::suggest;
use crate::source::{ANY_NAME, ClassAttribute};
use crate::span::{Origin, Span};
use crate::value::{Class, Method, Touches, Unknown, Value};

/// The sections that every configurable object reads, below those of its own classes.
pub const ROOT_SECTIONS: [&str; 2] = ["LoggingConfigurable", "Configurable"];

/// The authenticator class that the hub would make an instance of.
#[derive(Clone, Debug)]
pub struct RunningClass {
    /// Its bare name: that of its section, and of upstream's messages.
    pub name: String,
    /// The nearest class of upstream's that it is or derives from; an OAuthenticator where there is one.
    pub def: &'static ClassDef,
    /// The names of its sections, the most derived first.
    pub mro: Vec<String>,
    /// The classes among them that the configuration defines, the most derived first.
    pub locals: Vec<Class>,
    /// The methods these define; of several with one name the one that counts.
    pub overrides: Vec<Method>,
    /// What of it cannot be seen from here: a class of another package, or one that is derived from such a class.
    pub unseen: Option<Unknown>,
    pub(super) chain: Vec<Link>,
}

/// A class in the method resolution order.
#[derive(Clone, Debug)]
pub(super) enum Link {
    /// One that the configuration defines.
    Local(Box<Class>),
    /// One of upstream's.
    Stock(&'static ClassDef),
}

/// Why there is no running class.
#[derive(Clone, Debug)]
pub enum NoClass {
    /// The hub does not start.
    Fatal(Box<Fatal>),
    /// Which class it is cannot be known.
    Unknown(Unknown),
}

/// What upstream looks up on the class and calls, and a class body may assign as well as define.
const CALLED: &[&str] = &[
    "login_handler",
    "callback_handler",
    "logout_handler",
    "get_handlers",
    "authenticate",
    "build_access_tokens_request_params",
    "get_token_info",
    "token_to_user",
    "user_info_to_username",
    "normalize_username",
    "validate_username",
    "build_auth_state_dict",
    "update_auth_model",
    "get_user_groups",
    "check_blocked_users",
    "check_allowed",
    "is_admin",
    "refresh_user",
    "fetch",
    "httpfetch",
    "get_callback_url",
];

/// What Python and traitlets call while the object is made, or whenever an attribute is asked for.
const MAKING: &[&str] =
    &["__init__", "__new__", "__getattribute__", "__setattr__", "setup_instance", "_load_config", "update_config"];

/// The methods of a class body, and what it assigns in place of one. What a body gives that only looks like a method is
/// never asked for.
fn own_methods(class: &Class) -> Vec<Method> {
    let is_instead = |name: &str, value: &Value| {
        let is_data = matches!(value, Value::None | Value::Str(_) | Value::List(_) | Value::Dict(_) | Value::Set(_));
        CALLED.contains(&name) || !is_data && !class.methods.iter().any(|method| method.name == name)
    };
    let instead = class.attributes.iter().filter(|(name, value, _)| is_instead(name, value));
    let instead = instead.map(|(name, _, span)| assigned(name, span));
    class.methods.iter().cloned().chain(instead).map(with_reach).collect()
}

/// A method that makes the object may change anything about it.
fn with_reach(mut method: Method) -> Method {
    if MAKING.contains(&method.name.as_str()) && !only_adds(&method) {
        method.touches = Touches::Anything;
    }
    method
}

/// Whether an `__init__` does no more than to begin as its base does, to log, and to keep plain things in attributes of
/// its own, one a line.
fn only_adds(method: &Method) -> bool {
    let own = |line: &str| {
        let Some((name, value)) = line.strip_prefix("self.").and_then(|rest| rest.split_once(" = ")) else {
            return false;
        };
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let known = CALLED.contains(&name) || classes::classes().iter().any(|def| def.own_option(name).is_some());
        is_name && !known && ["{}", "[]", "set()", "dict()", "list()", "None", "0", "False", "True"].contains(&value)
    };
    let harmless = |line: &str| {
        line.is_empty() || line == "pass" || line.starts_with('#') || line.starts_with("super().__init__(") || own(line)
    };
    method.name == "__init__" && method.source.lines().skip(1).all(|line| harmless(line.trim()))
}

fn assigned(name: &str, span: &Span) -> Method {
    let source = String::new();
    Method {
        name: name.to_owned(),
        default_of: None,
        returns: None,
        source,
        span: span.clone(),
        touches: Touches::Nothing,
    }
}

/// The methods that count: those of the most derived class that comes before upstream's own.
fn overrides(chain: &[Link]) -> Vec<Method> {
    let mut found: Vec<Method> = Vec::new();
    let mut below_local = false;
    for link in chain {
        match link {
            Link::Stock(def) if def.is_oauthenticator() => break,
            Link::Stock(_) => below_local = true,
            Link::Local(class) => {
                for mut method in own_methods(class) {
                    if found.iter().any(|seen| seen.name == method.name) {
                        continue;
                    }
                    if below_local {
                        // `LocalAuthenticator` comes first, and calls it or does not.
                        method.source.clear();
                    }
                    found.push(method);
                }
            }
        }
    }
    found
}

impl RunningClass {
    /// The running class of a class of upstream's.
    pub fn of(def: &'static ClassDef) -> RunningClass {
        let bases = def.bases.iter().filter_map(|name| classes::class(name));
        RunningClass::new(std::iter::once(def).chain(bases).map(Link::Stock).collect(), None)
    }

    fn new(chain: Vec<Link>, unseen: Option<Unknown>) -> RunningClass {
        let stock = || {
            chain.iter().filter_map(|link| match link {
                Link::Stock(def) => Some(*def),
                Link::Local(_) => None,
            })
        };
        let def = stock().find(|def| def.is_oauthenticator()).or_else(|| stock().next());
        let locals: Vec<Class> = chain
            .iter()
            .filter_map(|link| match link {
                Link::Local(class) => Some((**class).clone()),
                Link::Stock(_) => None,
            })
            .collect();
        let overrides = overrides(&chain);
        let mut mro: Vec<String> = chain.iter().map(|link| link.name().to_owned()).collect();
        mro.extend(ROOT_SECTIONS.map(str::to_owned));
        RunningClass {
            name: mro[0].clone(),
            def: def.unwrap_or(&classes::AUTHENTICATOR),
            mro,
            locals,
            overrides,
            unseen,
            chain,
        }
    }

    /// The class that `MultiAuthenticator` derives from this one, for an entry of its list. It keeps the name that its
    /// operator knows.
    pub(super) fn wrapped(self) -> RunningClass {
        let wrapper = Class {
            name: multi::WRAPPER.to_owned(),
            import: None,
            bases: Vec::new(),
            attributes: Vec::new(),
            methods: Vec::new(),
            span: None,
        };
        let name = self.name;
        let mut chain = vec![Link::Local(Box::new(wrapper))];
        chain.extend(self.chain);
        RunningClass { name, ..RunningClass::new(chain, self.unseen) }
    }

    /// Whether it is such a class.
    pub(super) fn is_wrapped(&self) -> bool {
        self.mro[0] == multi::WRAPPER && self.name != multi::WRAPPER
    }

    /// `Class.method = function`, assigned on one of its classes from outside.
    pub(super) fn patch(&mut self, patches: &[ClassAttribute]) {
        for patch in patches {
            let is_module = ["oauthenticator.", "jupyterhub."].iter().any(|package| patch.class.starts_with(package));
            if is_module || patch.attribute == ANY_NAME && self.derives_from(&patch.class) {
                let reason = format!("{} is changed", patch.class);
                note(&mut self.unseen, reason, Some(patch.span.clone()));
            } else if self.derives_from(&patch.class) && self.overridden(&patch.attribute).is_none() {
                self.overrides.push(assigned(&patch.attribute, &patch.span));
            }
        }
    }

    /// Whether it is an OAuthenticator, as far as can be seen.
    pub fn is_oauthenticator(&self) -> bool {
        self.mro.iter().any(|name| name == "OAuthenticator")
    }

    /// Whether it is mixed with `LocalAuthenticator`, which asks the system about users and groups.
    pub fn is_local(&self) -> bool {
        self.derives_from("LocalAuthenticator")
    }

    /// Whether it is or derives from the class of that name.
    pub fn derives_from(&self, name: &str) -> bool {
        self.mro.iter().any(|section| section == name)
    }

    /// The method of that name in the classes that the configuration defines.
    pub fn overridden(&self, method: &str) -> Option<&Method> {
        self.overrides.iter().find(|found| found.name == method)
    }

    /// Whether a class of the configuration's defines a method or a property of that name.
    pub(super) fn has_method(&self, name: &str) -> bool {
        self.chain.iter().any(|link| match link {
            Link::Local(class) => class.methods.iter().any(|method| method.name == name),
            Link::Stock(_) => false,
        })
    }

    /// The option of that name and the class of upstream's that declares it, by the method resolution order.
    pub fn option(&self, name: &str) -> Option<(&'static ClassDef, &'static OptionDef)> {
        self.stock().find_map(|def| def.own_option(name).map(|option| (def, option)))
    }

    /// A plain class attribute, such as `user_auth_state_key`: that of a local class, else upstream's.
    pub fn attribute(&self, name: &str) -> Option<Value> {
        self.chain.iter().find_map(|link| match link {
            Link::Local(class) => class
                .attributes
                .iter()
                .rev()
                .find(|(attribute, ..)| attribute == name)
                .map(|(_, value, _)| value.clone()),
            Link::Stock(def) => def.attribute(name).map(Plain::value),
        })
    }

    /// `user_auth_state_key`, where it is a known text.
    pub fn user_auth_state_key(&self) -> Option<String> {
        self.attribute("user_auth_state_key").and_then(|value| value.as_str().map(str::to_owned))
    }

    /// The nearest class of upstream's: itself, or the one that the configuration's class derives from.
    pub fn stock_name(&self) -> &'static str {
        self.stock().next().map_or("Authenticator", |def| def.name)
    }

    pub(super) fn stock(&self) -> impl Iterator<Item = &'static ClassDef> + '_ {
        self.chain.iter().filter_map(|link| match link {
            Link::Stock(def) => Some(*def),
            Link::Local(_) => None,
        })
    }

    /// The names of all options, sorted as `dir()` sorts them.
    pub(super) fn option_names(&self) -> Vec<&'static str> {
        let mut names: Vec<&str> = self.stock().flat_map(|def| def.options).map(|option| option.name).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

impl ClassDef {
    /// Whether it is or derives from `OAuthenticator`.
    pub fn is_oauthenticator(&self) -> bool {
        self.name == "OAuthenticator" || self.bases.contains(&"OAuthenticator")
    }

    /// The options that instances have, each with the class that declares it, the most derived first.
    pub fn all_options(&'static self) -> impl Iterator<Item = (&'static ClassDef, &'static OptionDef)> {
        let bases = self.bases.iter().filter_map(|name| classes::class(name));
        let mut seen: Vec<&str> = Vec::new();
        let mut all = Vec::new();
        for class in std::iter::once(self).chain(bases) {
            for option in class.options {
                if !seen.contains(&option.name) {
                    seen.push(option.name);
                    all.push((class, option));
                }
            }
        }
        all.into_iter()
    }

    /// A plain attribute of its own body.
    pub(super) fn attribute(&self, name: &str) -> Option<Plain> {
        self.attributes.iter().find(|(attribute, _)| *attribute == name).map(|(_, value)| *value)
    }
}

impl Link {
    pub(super) fn name(&self) -> &str {
        match self {
            Link::Local(class) => &class.name,
            Link::Stock(def) => def.name,
        }
    }

    /// What tells two classes apart, also two of one name.
    fn identity(&self) -> (String, Option<Span>) {
        match self {
            Link::Local(class) => (class.name.clone(), class.span.clone()),
            Link::Stock(def) => (format!("{}.{}", def.module, def.name), None),
        }
    }
}

/// What a name or dotted path leads to.
enum Found {
    Class(&'static ClassDef),
    /// A package that is not ours to see.
    Elsewhere,
    /// Python would raise an `ImportError`.
    Missing,
}

/// `JupyterHub.authenticator_class` as a class. `value` is what is configured, `origin` where.
pub(super) fn running_class(value: Option<&Value>, origin: &Origin, setting: &str) -> Result<RunningClass, NoClass> {
    match value {
        None => Ok(RunningClass::of(&classes::PAM)),
        Some(Value::Unknown(unknown)) => Err(NoClass::Unknown(unknown.clone())),
        Some(Value::Str(path)) => named(path, origin, setting),
        Some(Value::Class(class)) => of_class(class, origin, setting),
        Some(other) => Err(refused(
            format!(
                "The 'authenticator_class' trait of a JupyterHub instance expected a subclass of \
                 'jupyterhub.auth.Authenticator', not {}.",
                describe(other)
            ),
            origin,
            setting,
            "give a short name such as \"generic-oauth\", a dotted path, or a class".to_owned(),
        )),
    }
}

fn named(path: &str, origin: &Origin, setting: &str) -> Result<RunningClass, NoClass> {
    if let Some(def) = classes::entry_point(path) {
        return Ok(RunningClass::of(def));
    }
    if path.is_empty() || path.starts_with('.') {
        return Err(NoClass::Fatal(Box::new(Fatal {
            exception: "ValueError",
            message: "Empty module name".into(),
            setting: Some(setting.to_owned()),
            span: origin.span().cloned(),
            code: "unknown-authenticator",
            fix: "give a short name such as \"generic-oauth\", or a dotted path".into(),
        })));
    }
    match import(path) {
        Found::Class(def) => Ok(RunningClass::of(def)),
        Found::Elsewhere => Ok(elsewhere(path, origin.span().cloned())),
        Found::Missing => Err(refused(
            format!(
                "The 'authenticator_class' trait of <jupyterhub.app.JupyterHub object at 0x…> instance must be a type, \
                 but '{path}' could not be imported"
            ),
            origin,
            setting,
            instead_of(path),
        )),
    }
}

fn refused(message: String, origin: &Origin, setting: &str, fix: String) -> NoClass {
    NoClass::Fatal(Box::new(Fatal {
        exception: "TraitError",
        message,
        setting: Some(setting.to_owned()),
        span: origin.span().cloned(),
        code: "unknown-authenticator",
        fix,
    }))
}

/// A class of a package that we do not know: of its bases only `Authenticator` is sure.
fn elsewhere(path: &str, span: Option<Span>) -> RunningClass {
    let name = path.rsplit('.').next().unwrap_or(path).to_owned();
    let unseen = Unknown { reason: format!("{path} is not part of oauthenticator or jupyterhub"), span: span.clone() };
    let class = Class {
        name,
        import: Some(path.to_owned()),
        bases: Vec::new(),
        attributes: Vec::new(),
        methods: Vec::new(),
        span,
    };
    RunningClass::new(vec![Link::Local(Box::new(class)), Link::Stock(&classes::AUTHENTICATOR)], Some(unseen))
}

/// `traitlets.utils.importstring.import_item`, for the packages we know.
fn import(path: &str) -> Found {
    let Some((module, name)) = path.rsplit_once('.') else {
        let known = classes::FOREIGN_ENTRY_POINTS.contains(&path.to_lowercase().as_str());
        return if known { Found::Elsewhere } else { Found::Missing };
    };
    if let Some(def) = classes::in_module(module, name) {
        return Found::Class(def);
    }
    match module.split('.').next() {
        Some("oauthenticator" | "jupyterhub") => Found::Missing,
        _ => Found::Elsewhere,
    }
}

/// What to use in place of a class that oauthenticator once had, named as `authenticator_class` names it.
pub fn gone(path: &str) -> Option<&'static str> {
    classes::REMOVED.iter().find(|(word, _)| path.to_lowercase().contains(word)).map(|(_, hint)| *hint)
}

/// What to write in place of a name that leads nowhere.
fn instead_of(path: &str) -> String {
    let name = path.rsplit('.').next().unwrap_or(path);
    if let Some(hint) = gone(path) {
        return hint.to_owned();
    }
    if let Some(def) = classes::class(name) {
        let short = def.entry_points.first().map(|short| format!("\"{short}\" or ")).unwrap_or_default();
        return format!("write {short}\"{}.{}\"", def.module, def.name);
    }
    if let Some(def) = classes::known_as(name).and_then(classes::class) {
        let short = def.entry_points.first().copied().unwrap_or(def.name);
        return format!("there is no such class; \"{short}\" serves this provider");
    }
    let known: Vec<&str> = classes::classes()
        .iter()
        .flat_map(|def| def.entry_points.iter().copied().chain(std::iter::once(def.name)))
        .collect();
    let near = suggest::nearest(&name.to_lowercase(), known.iter().copied(), str::to_lowercase)
        .or_else(|| known.iter().copied().find(|short| short.starts_with(&name.to_lowercase())));
    match near.map(|near| (near, classes::class(near))) {
        Some((_, Some(def))) => format!("did you mean \"{}.{}\"?", def.module, def.name),
        Some((short, None)) => format!("did you mean \"{short}\"?"),
        None => {
            "use one of the short names, such as \"generic-oauth\" or \"github\", or a dotted path that the hub can \
                 import"
                .to_owned()
        }
    }
}

fn of_class(class: &Class, origin: &Origin, setting: &str) -> Result<RunningClass, NoClass> {
    let mut unseen = None;
    let chain = linearize(class, &mut unseen, 0).map_err(|error| match error {
        Broken::Missing(path) => {
            let (module, name) = path.rsplit_once('.').unwrap_or((&path, ""));
            let known = module == "oauthenticator" || classes::classes().iter().any(|def| def.module == module);
            let (exception, message) = if known {
                ("ImportError", format!("cannot import name '{name}' from '{module}'"))
            } else {
                ("ModuleNotFoundError", format!("No module named '{module}'"))
            };
            NoClass::Fatal(Box::new(Fatal {
                exception,
                message,
                setting: Some(setting.to_owned()),
                span: class.span.clone().or_else(|| origin.span().cloned()),
                code: "unknown-authenticator",
                fix: instead_of(&path),
            }))
        }
        Broken::Order => refused(
            "Cannot create a consistent method resolution order (MRO) for bases".into(),
            origin,
            setting,
            "put the more derived base first".into(),
        ),
    })?;
    let running = RunningClass::new(chain, unseen);
    if running.unseen.is_none() && running.stock().next().is_none() {
        return Err(refused(
            format!(
                "The 'authenticator_class' trait of a JupyterHub instance expected a subclass of \
                 'jupyterhub.auth.Authenticator', not {}.",
                describe(&Value::Class(Box::new(class.clone())))
            ),
            origin,
            setting,
            format!("derive {} from an authenticator class", class.name),
        ));
    }
    Ok(running)
}

enum Broken {
    /// An import that Python refuses, by its path.
    Missing(String),
    /// No order satisfies all bases.
    Order,
}

const DEEPEST: usize = 50;

/// Python's C3 linearization. What cannot be seen is left out of the order and remembered in `unseen`.
fn linearize(class: &Class, unseen: &mut Option<Unknown>, depth: usize) -> Result<Vec<Link>, Broken> {
    if let Some(path) = &class.import {
        return match import(path) {
            Found::Class(def) => Ok(RunningClass::of(def).chain),
            Found::Missing => Err(Broken::Missing(path.clone())),
            Found::Elsewhere if depth == 0 => {
                let running = elsewhere(path, class.span.clone());
                *unseen = running.unseen;
                Ok(running.chain)
            }
            Found::Elsewhere => {
                note(unseen, format!("{path} is not part of oauthenticator or jupyterhub"), class.span.clone());
                Ok(Vec::new())
            }
        };
    }
    let mut orders: Vec<Vec<Link>> = Vec::new();
    for base in &class.bases {
        match base {
            Value::Class(base) if depth < DEEPEST => orders.push(linearize(base, unseen, depth + 1)?),
            Value::Unknown(unknown) => note(unseen, unknown.reason.clone(), unknown.span.clone()),
            other => note(unseen, format!("its base is {}", describe(other)), class.span.clone()),
        }
    }
    orders.retain(|order| !order.is_empty());
    let heads: Vec<Link> = orders.iter().map(|order| order[0].clone()).collect();
    orders.push(heads);
    let mut chain = vec![Link::Local(Box::new(class.clone()))];
    chain.extend(merge(orders).ok_or(Broken::Order)?);
    if depth == 0 && unseen.is_some() && !chain.iter().any(|link| matches!(link, Link::Stock(_))) {
        // Whatever its bases are, the hub takes nothing but an Authenticator.
        chain.push(Link::Stock(&classes::AUTHENTICATOR));
    }
    Ok(chain)
}

fn note(unseen: &mut Option<Unknown>, reason: String, span: Option<Span>) {
    unseen.get_or_insert(Unknown { reason, span });
}

fn merge(mut orders: Vec<Vec<Link>>) -> Option<Vec<Link>> {
    let mut merged = Vec::new();
    loop {
        orders.retain(|order| !order.is_empty());
        if orders.is_empty() {
            return Some(merged);
        }
        let good = orders.iter().map(|order| &order[0]).find(|candidate| {
            let identity = candidate.identity();
            !orders.iter().any(|order| order[1..].iter().any(|link| link.identity() == identity))
        })?;
        let good = good.clone();
        let identity = good.identity();
        for order in &mut orders {
            if order[0].identity() == identity {
                order.remove(0);
            }
        }
        merged.push(good);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(value: Value) -> Result<RunningClass, NoClass> {
        running_class(Some(&value), &Origin::Default, "JupyterHub.authenticator_class")
    }

    fn local(name: &str, bases: Vec<Value>) -> Class {
        Class { name: name.into(), import: None, bases, attributes: vec![], methods: vec![], span: None }
    }

    fn imported(path: &str) -> Value {
        let name = path.rsplit('.').next().unwrap_or_default().to_owned();
        Value::Class(Box::new(Class { import: Some(path.into()), ..local(&name, vec![]) }))
    }

    fn fix(value: &str) -> String {
        match from(Value::str(value)) {
            Err(NoClass::Fatal(fatal)) => fatal.fix,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn names_paths_and_classes_lead_to_the_class() {
        assert_eq!(running_class(None, &Origin::Default, "").unwrap().name, "PAMAuthenticator");
        for value in ["generic-oauth", "Generic-OAuth", "oauthenticator.generic.GenericOAuthenticator"] {
            assert_eq!(from(Value::str(value)).unwrap().name, "GenericOAuthenticator", "{value}");
        }
        let pam = from(imported("jupyterhub.auth.PAMAuthenticator")).unwrap();
        assert_eq!(
            pam.mro,
            ["PAMAuthenticator", "LocalAuthenticator", "Authenticator", "LoggingConfigurable", "Configurable"]
        );
    }

    #[test]
    fn a_name_that_leads_nowhere_names_the_nearest() {
        assert!(fix("generic").contains("generic-oauth"), "{}", fix("generic"));
        assert!(fix("oauthenticator.GenericOAuthenticator").contains("oauthenticator.generic.GenericOAuthenticator"));
        assert!(fix("githb").contains("github"));
        assert!(fix("oauthenticator.awscognito.AWSCognitoAuthenticator").contains("generic-oauth"));
    }

    #[test]
    fn a_class_of_another_package_is_unseen_and_not_wrong() {
        let running = from(Value::str("nativeauthenticator.NativeAuthenticator")).unwrap();
        assert_eq!(running.mro[..2], ["NativeAuthenticator", "Authenticator"]);
        assert!(running.unseen.is_some());
        let derived = local("Mine", vec![imported("elsewhere.Base")]);
        assert!(from(Value::Class(Box::new(derived))).unwrap().unseen.is_some());
    }

    #[test]
    fn local_classes_are_linearized_as_python_does() {
        let mine = local("Mine", vec![imported("oauthenticator.generic.GenericOAuthenticator")]);
        let both = local("Both", vec![imported("jupyterhub.auth.LocalAuthenticator"), Value::Class(Box::new(mine))]);
        let running = from(Value::Class(Box::new(both))).unwrap();
        assert_eq!(
            running.mro,
            [
                "Both",
                "LocalAuthenticator",
                "Mine",
                "GenericOAuthenticator",
                "OAuthenticator",
                "Authenticator",
                "LoggingConfigurable",
                "Configurable"
            ]
        );
        assert_eq!(running.def.name, "GenericOAuthenticator");
        assert_eq!(running.user_auth_state_key().as_deref(), Some("oauth_user"));
    }

    #[test]
    fn what_is_no_authenticator_is_refused() {
        for value in [Value::None, Value::int(3), Value::str(""), Value::Class(Box::new(local("Plain", vec![])))] {
            assert!(matches!(from(value), Err(NoClass::Fatal(_))));
        }
    }
}
