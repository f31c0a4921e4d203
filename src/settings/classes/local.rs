//! `LocalAuthenticator`, the mix-in for users of the machine, and JupyterHub's own authenticators
//! (`jupyterhub/auth.py`, `jupyterhub/authenticators/shared.py`).

use crate::settings::instance::{Instance, Raise};
use crate::settings::option::{ClassDef, DICT, Declared, DefaultDef, Kind, ObserverDef, Plain, ValidatorDef, option};
use crate::value::Value;

const LOCAL_BASES: &[&str] = &["LocalAuthenticator", "Authenticator"];

/// `jupyterhub.auth.LocalAuthenticator`.
pub static LOCAL: ClassDef = ClassDef {
    name: "LocalAuthenticator",
    module: "jupyterhub.auth",
    options: &[
        option("add_user_cmd", Kind::Command, "the command that makes a system user; the name is appended"),
        option("allowed_groups", Kind::Set(&Kind::Any), "names of groups of the system whose members may come in"),
        option("create_system_users", Kind::Bool, "whether a system user is made for a name that has none"),
        option("group_whitelist", Kind::Set(&Kind::Any), "an old name of allowed_groups, read no more")
            .replaced_by("allowed_groups"),
        option("uids", DICT, "names to numeric ids, for making system users"),
    ],
    bases: &["Authenticator"],
    entry_points: &[],
    attributes: &[],
    defaults: &[DefaultDef {
        option: "add_user_cmd",
        method: "_add_user_cmd_default",
        // On BSD it is another command; what the hub's machine is cannot be seen, and Linux is what hubs run on.
        compute: |_| Ok(texts(&["adduser", "-q", "--gecos", "\"\"", "--disabled-password"])),
    }],
    validators: &[],
    observers: &[],
    aliases: &[],
};

/// `jupyterhub.auth.PAMAuthenticator`, the hub's default.
pub static PAM: ClassDef = ClassDef {
    name: "PAMAuthenticator",
    module: "jupyterhub.auth",
    entry_points: &["pam", "default"],
    options: &[
        option("admin_groups", Kind::Set(&Kind::Any), "names of groups of the system whose members are admins"),
        option("check_account", Kind::Bool, "whether PAM is asked if the account may log in at all")
            .default(Declared::Bool(true)),
        option("encoding", Kind::Unicode, "the text encoding of the conversation with PAM")
            .default(Declared::Text("utf8")),
        option("executor_threads", Kind::Int, "how many logins PAM works on at a time").default(Declared::Int(4)),
        option("open_sessions", Kind::Bool, "whether a PAM session is opened when a server starts"),
        option(
            "pam_normalize_username",
            Kind::Bool,
            "whether a name is looked up and replaced by the system's own spelling",
        ),
        option("service", Kind::Unicode, "the PAM service").default(Declared::Text("login")),
    ],
    bases: LOCAL_BASES,
    attributes: &[],
    defaults: &[],
    validators: &[],
    observers: &[],
    aliases: &[],
};

/// `jupyterhub.auth.DummyAuthenticator`.
pub static DUMMY: ClassDef = ClassDef {
    name: "DummyAuthenticator",
    module: "jupyterhub.auth",
    entry_points: &["dummy"],
    options: &[option("password", Kind::Unicode, "one password for everybody; none where empty").secret()],
    bases: &["Authenticator"],
    attributes: &[],
    defaults: &[DefaultDef {
        option: "allow_all",
        method: "_allow_all_default",
        compute: |instance| {
            let users = instance.get("allowed_users")?;
            Ok(users.truth().map_or(users, |some| Value::Bool(!some)))
        },
    }],
    validators: &[],
    observers: &[ObserverDef {
        options: &["password"],
        method: "_password_changed",
        run: |instance, change| {
            let message = "DummyAuthenticator.password is deprecated in JupyterHub 5.3. Use \
                           SharedPasswordAuthenticator.user_password instead.";
            instance.warn(&change.name, message.to_owned());
            Ok(())
        },
    }],
    aliases: &[],
};

/// `jupyterhub.auth.NullAuthenticator`.
pub static NULL: ClassDef = ClassDef {
    name: "NullAuthenticator",
    module: "jupyterhub.auth",
    entry_points: &["null"],
    options: &[],
    bases: &["Authenticator"],
    attributes: &[("auto_login", Plain::Bool(true)), ("login_service", Plain::Text("null"))],
    defaults: &[],
    validators: &[],
    observers: &[],
    aliases: &[],
};

/// `jupyterhub.authenticators.shared.SharedPasswordAuthenticator`.
pub static SHARED_PASSWORD: ClassDef = ClassDef {
    name: "SharedPasswordAuthenticator",
    module: "jupyterhub.authenticators.shared",
    entry_points: &["shared-password"],
    options: &[
        option("admin_password", Kind::Unicode, "the password that all admins share; at least 32 characters")
            .default(Declared::None)
            .or_none()
            .secret(),
        option(
            "password_groups",
            Kind::Dict { key: &Kind::Unicode, value: &Kind::List(&Kind::Unicode) },
            "passwords to the groups that whoever uses them is put in",
        )
        .secret(),
        option(
            "user_password",
            Kind::Unicode,
            "the password that all users but the admins share; at least 8 characters",
        )
        .default(Declared::None)
        .or_none()
        .secret(),
    ],
    bases: &["Authenticator"],
    attributes: &[],
    defaults: &[],
    validators: &[
        ValidatorDef { option: "admin_password", method: "_validate_admin_password", run: admin_password },
        ValidatorDef { option: "user_password", method: "_validate_password", run: user_password },
        ValidatorDef { option: "password_groups", method: "_validate_password_groups", run: password_groups },
    ],
    observers: &[],
    aliases: &[],
};

const USER_LENGTH: usize = 8;
const ADMIN_LENGTH: usize = 32;

fn admin_password(instance: &mut Instance<'_>, value: Value) -> Result<Value, Raise> {
    let Some(password) = value.as_str().filter(|password| !password.is_empty()) else { return Ok(Value::None) };
    let class = instance.class.name.clone();
    let length = password.chars().count();
    if length < ADMIN_LENGTH {
        let message = format!("{class}.admin_password must be at least {ADMIN_LENGTH} characters, not {length}.");
        return Err(bad(instance, message, "admin_password", "choose a longer password"));
    }
    if instance.get("user_password")? == value {
        let message = format!("{class}.user_password and {class}.admin_password cannot be the same");
        return Err(bad(instance, message, "admin_password", "choose two different passwords"));
    }
    Ok(value)
}

fn user_password(instance: &mut Instance<'_>, value: Value) -> Result<Value, Raise> {
    let Some(password) = value.as_str().filter(|password| !password.is_empty()) else { return Ok(Value::None) };
    let class = instance.class.name.clone();
    let length = password.chars().count();
    if length < USER_LENGTH {
        let message =
            format!("{class}.user_password must be at least {USER_LENGTH} characters long, got {length} characters");
        return Err(bad(instance, message, "user_password", "choose a longer password"));
    }
    if instance.get("admin_password")? == value {
        let message = format!("{class}.user_password and {class}.admin_password cannot be the same");
        return Err(bad(instance, message, "user_password", "choose two different passwords"));
    }
    Ok(value)
}

fn password_groups(instance: &mut Instance<'_>, value: Value) -> Result<Value, Raise> {
    if value.truth() == Some(false) {
        // Upstream's validator returns nothing here, which a dictionary trait then refuses.
        return Ok(Value::None);
    }
    if instance.get("manage_groups")?.truth() == Some(false) {
        let class = instance.class.name.clone();
        let message = format!(
            "{class}.password_groups is set, but {class}.manage_groups is not set. Explicitly set \
             {class}.manage_groups to True"
        );
        return Err(bad(instance, message, "password_groups", "set manage_groups = True"));
    }
    Ok(value)
}

fn bad(instance: &Instance<'_>, message: String, option: &str, fix: &str) -> Raise {
    instance.raise("ValueError", message, option, "bad-shared-password", fix)
}

pub(super) fn texts(items: &[&str]) -> Value {
    Value::List(items.iter().map(|item| Value::str(*item)).collect())
}
