//! The methods that a class may override, and what upstream expects of each (`oauthenticator/oauth2.py`,
//! `jupyterhub/auth.py`).

/// A method that can be overridden.
pub struct Method {
    /// Its name.
    pub name: &'static str,
    /// Its first line, without `async`.
    pub signature: &'static str,
    /// Whether it is a coroutine.
    pub is_async: bool,
    /// What upstream gives it and expects of it, a sentence a line.
    pub contract: &'static [&'static str],
    /// A body that changes nothing yet.
    pub body: &'static [&'static str],
}

/// In the order in which a login comes by.
pub static METHODS: &[Method] = &[
    Method {
        name: "build_access_tokens_request_params",
        signature: "(self, handler, data=None)",
        is_async: false,
        contract: &[
            "The form that is posted to token_url in exchange for the code.",
            "`handler` is the callback's; its get_argument gives what the provider sent along.",
            "Return a dictionary of texts; what is left out is not sent.",
        ],
        body: &["params = super().build_access_tokens_request_params(handler, data)", "return params"],
    },
    Method {
        name: "build_token_info_request_headers",
        signature: "(self)",
        is_async: false,
        contract: &["The headers of the request to token_url.", "With basic_auth they carry the client's credentials."],
        body: &["headers = super().build_token_info_request_headers()", "return headers"],
    },
    Method {
        name: "get_token_info",
        signature: "(self, handler, params)",
        is_async: true,
        contract: &[
            "Asks token_url, and returns its answer as a dictionary with at least `access_token` and `token_type`.",
            "Also called by a refresh, with `handler` None. Raise tornado's HTTPError to refuse.",
        ],
        body: &["token_info = await super().get_token_info(handler, params)", "return token_info"],
    },
    Method {
        name: "build_userdata_request_headers",
        signature: "(self, access_token, token_type)",
        is_async: false,
        contract: &["The headers of the request to userdata_url."],
        body: &["headers = super().build_userdata_request_headers(access_token, token_type)", "return headers"],
    },
    Method {
        name: "token_to_user",
        signature: "(self, token_info)",
        is_async: true,
        contract: &[
            "Finds out who it is: returns the userdata as a dictionary.",
            "More requests can be made with self.httpfetch(url, method=\"GET\", headers=…).",
        ],
        body: &["user_info = await super().token_to_user(token_info)", "return user_info"],
    },
    Method {
        name: "user_info_to_username",
        signature: "(self, user_info)",
        is_async: false,
        contract: &[
            "The user's name, out of the userdata. It must be one that never passes to somebody else.",
            "normalize_username still follows. Raise an exception rather than return nothing.",
        ],
        body: &["username = super().user_info_to_username(user_info)", "return username"],
    },
    Method {
        name: "normalize_username",
        signature: "(self, username)",
        is_async: false,
        contract: &[
            "The name as the hub keeps it. A login comes by twice, and the hub's start does it to the names in",
            "admin_users and allowed_users, so doing it again must change nothing.",
        ],
        body: &["return super().normalize_username(username)"],
    },
    Method {
        name: "build_auth_state_dict",
        signature: "(self, token_info, user_info)",
        is_async: false,
        contract: &[
            "What is kept of the login, encrypted, where enable_auth_state is on. It must be made of JSON's types.",
            "A refresh needs `token_response` and `refresh_token`; the userdata stand under user_auth_state_key.",
        ],
        body: &["auth_state = super().build_auth_state_dict(token_info, user_info)", "return auth_state"],
    },
    Method {
        name: "update_auth_model",
        signature: "(self, auth_model)",
        is_async: true,
        contract: &[
            "The last word on the auth model before it is judged: `name`, `admin` (True, False, or None for as it is)",
            "and `auth_state`. Collect here what check_allowed will need. Return the model.",
        ],
        body: &["return auth_model"],
    },
    Method {
        name: "get_user_groups",
        signature: "(self, auth_state)",
        is_async: true,
        contract: &["The user's groups as a set of texts. Called with manage_groups only."],
        body: &["groups = await super().get_user_groups(auth_state)", "return groups"],
    },
    Method {
        name: "validate_username",
        signature: "(self, username)",
        is_async: false,
        contract: &[
            "Whether a normalised name is one at all. The hub does not start with one in its lists that is not.",
        ],
        body: &["return super().validate_username(username)"],
    },
    Method {
        name: "check_blocked_users",
        signature: "(self, username, authentication=None)",
        is_async: false,
        contract: &["False turns the user away, whatever else allows them."],
        body: &["return super().check_blocked_users(username, authentication)"],
    },
    Method {
        name: "check_allowed",
        signature: "(self, username, auth_model)",
        is_async: true,
        contract: &[
            "True lets the user in. Not asked at all where allow_all is on.",
            "Raise tornado's HTTPError(403, message) to turn somebody away with a reason.",
        ],
        body: &["if await super().check_allowed(username, auth_model):", "    return True", "return False"],
    },
    Method {
        name: "is_admin",
        signature: "(self, handler, authentication)",
        is_async: false,
        contract: &["Asked where the model's `admin` is None: True, False, or None for as it is."],
        body: &["return super().is_admin(handler, authentication)"],
    },
    Method {
        name: "refresh_user",
        signature: "(self, user, handler=None, **kwargs)",
        is_async: true,
        contract: &[
            "True: all is well. False: the user has to log in again. A new auth model: it takes the old one's place.",
            "The auth_state there is comes from `await user.get_auth_state()`.",
        ],
        body: &["return await super().refresh_user(user, handler, **kwargs)"],
    },
];

/// What else can be overridden: a class of its own for the way to the provider.
pub const LOGIN_HANDLER: &str = "login_handler";

/// Every name that `--override` takes.
pub fn names() -> Vec<&'static str> {
    METHODS.iter().map(|method| method.name).chain([LOGIN_HANDLER]).collect()
}
