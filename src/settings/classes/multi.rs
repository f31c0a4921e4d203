//! `MultiAuthenticator` of the package jupyterhub-multiauthenticator 0.4.0, as data; what it does with its list is in
//! [`crate::settings::multi`].

use crate::settings::option::{ClassDef, Declared, Kind, option};

/// `multiauthenticator.multiauthenticator.MultiAuthenticator`.
pub static MULTI: ClassDef = ClassDef {
    name: "MultiAuthenticator",
    module: "multiauthenticator.multiauthenticator",
    bases: &["Authenticator"],
    entry_points: &["multiauthenticator"],
    attributes: &[],
    options: &[
        option(
            "authenticators",
            Kind::List(&Kind::Any),
            "the login services of the hub: dictionaries with authenticator_class, url_prefix and config",
        ),
        option(
            "username_prefix",
            Kind::Unicode,
            "what stands before every user's name in place of the login service and a colon; may be empty",
        )
        .default(Declared::None)
        .or_none(),
    ],
    defaults: &[],
    validators: &[],
    observers: &[],
    aliases: &[],
};
