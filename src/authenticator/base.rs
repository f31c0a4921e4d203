//! `oauthenticator.oauth2.OAuthenticator`, method by method: what `super()` reaches. `jupyterhub.auth.Authenticator`
//! where that class defines the method.

mod handlers;
mod rules;

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub use handlers::{begin, begin_with, check_arguments};
pub use rules::{check_allowed, check_blocked_users, check_local_groups};

use super::multi;
use super::python;
use super::{AuthModel, Authenticator, Awaits, Callback, Context, callable};
use crate::diagnostic::Diagnostic;
use crate::failure::{Raised, Stage};
use crate::http::{Answer, Call, Options};
use crate::json;
use crate::jwt;
use crate::pyurl::{url_concat, urlencode};
use crate::settings::Settings;
use crate::source::disk;
use crate::value::{Dict, Set, Value};

/// The header that makes providers see the hub.
const USER_AGENT: (&str, &str) = ("User-Agent", "JupyterHub");

/// `authenticate`: the code becomes an auth model. No class overrides it.
pub fn authenticate(
    auth: &dyn Authenticator,
    cx: &Context<'_>,
    callback: &Callback,
    at: &mut Stage,
) -> Result<AuthModel, Raised> {
    *at = Stage::Token;
    cx.not_overridden("authenticate")?;
    cx.not_overridden("build_access_tokens_request_params")?;
    let params = auth.build_access_tokens_request_params(cx, callback)?;
    cx.not_overridden("get_token_info")?;
    let token_info = auth.get_token_info(cx, callback, &params)?;
    let model = token_to_auth_model(auth, cx, &token_info, at)?;
    Ok(AuthModel { name: multi::outer_name(auth, cx, model.name)?, ..model })
}

/// `_token_to_auth_model`: shared by a login and a refresh.
pub fn token_to_auth_model(
    auth: &dyn Authenticator,
    cx: &Context<'_>,
    token_info: &Value,
    at: &mut Stage,
) -> Result<AuthModel, Raised> {
    *at = Stage::Userdata;
    cx.not_overridden("_token_to_auth_model")?;
    cx.not_overridden("token_to_user")?;
    cx.not_overridden("build_userdata_request_headers")?;
    let user_info = auth.token_to_user(cx, token_info)?;
    *at = Stage::Username;
    let username = match cx.own_method("user_info_to_username", Awaits::Never, std::slice::from_ref(&user_info))? {
        Some(username) => username,
        None => auth.user_info_to_username(cx, &user_info)?,
    };
    let username = normalized(auth, cx, &username)?;
    *at = Stage::AuthState;
    let given = [token_info.clone(), user_info.clone()];
    let mut auth_state = match cx.own_method("build_auth_state_dict", Awaits::Either, &given)? {
        Some(auth_state) => auth_state,
        None => auth.build_auth_state_dict(cx, token_info, &user_info)?,
    };
    if let Some((modified, _)) = cx.hook("modify_auth_state_hook", std::slice::from_ref(&auth_state))? {
        auth_state = modified;
    }
    let admin = if is_listed(cx, "admin_users", &username)? { Value::Bool(true) } else { Value::None };
    let model = AuthModel { name: username, admin, groups: None, auth_state };
    *at = Stage::Decision;
    let model = match cx.own_method_with_effects("update_auth_model", Awaits::Always, &[model.to_value()])? {
        // A model that is none, or has more in it, is for Python to go on with.
        Some((updated, _)) => match AuthModel::of_value(&updated) {
            Some(model) => model,
            None => return cx.not_overridden("update_auth_model").map(|()| model),
        },
        None => auth.update_auth_model(cx, model)?,
    };
    if cx.settings.bool("manage_groups")? { apply_managed_groups(auth, cx, model) } else { Ok(model) }
}

/// `value in self.option`, where an unknown item in the set may be that very value.
pub fn is_listed(cx: &Context<'_>, option: &str, value: &Value) -> Result<bool, Raised> {
    let listed = python::is_in(value, cx.settings.set(option)?)?;
    if !listed {
        cx.settings.complete(option)?;
    }
    Ok(listed)
}

/// `normalize_username`, also the configuration's own.
pub fn normalized(auth: &dyn Authenticator, cx: &Context<'_>, name: &Value) -> Result<Value, Raised> {
    match cx.own_method("normalize_username", Awaits::Never, std::slice::from_ref(name))? {
        Some(normalized) => Ok(normalized),
        None => auth.normalize_username(cx, name),
    }
}

/// `_apply_managed_groups`.
fn apply_managed_groups(auth: &dyn Authenticator, cx: &Context<'_>, mut model: AuthModel) -> Result<AuthModel, Raised> {
    cx.not_overridden("_apply_managed_groups")?;
    let groups = match cx.own_method("get_user_groups", Awaits::Either, std::slice::from_ref(&model.auth_state))? {
        Some(groups) => groups,
        None => auth.get_user_groups(cx, &model.auth_state)?,
    };
    let groups = python::to_set(&groups)?;
    model.groups = Some(python::sorted(&groups)?);
    cx.settings.complete("admin_groups")?;
    let admin_groups = cx.settings.set("admin_groups")?;
    if !admin_groups.is_empty() && !python::truth(&model.admin) {
        model.admin = Value::Bool(groups.intersects(admin_groups));
    }
    Ok(model)
}

fn pairs(dict: &Dict) -> Vec<(String, &Value)> {
    dict.iter().map(|(name, value)| (name.to_text(), value)).collect()
}

/// `build_access_tokens_request_params`, with the literal `data=None` that upstream sends.
pub fn build_access_tokens_request_params(cx: &Context<'_>, callback: &Callback) -> Result<Value, Raised> {
    let settings = cx.settings;
    let code = match callback.argument("code") {
        Some("") => return Err(Raised::http(400, "Authentication Cancelled.")),
        Some(code) => code,
        None => return Err(Raised::http(400, "Missing argument code")),
    };
    let mut params = Dict::new();
    params.insert("code", Value::str(code));
    params.insert("grant_type", Value::str("authorization_code"));
    params.insert("redirect_uri", Value::str(&callback.redirect_uri));
    params.insert("data", Value::None);
    if settings.bool("enable_pkce")? {
        match callback.session.0.get("code_verifier") {
            Some(verifier) => params.insert("code_verifier", verifier.clone()),
            None => return Err(Raised::http(400, "Missing code_verifier")),
        }
    }
    add_client(settings, &mut params)?;
    settings.complete("token_params")?;
    for (name, value) in settings.dict("token_params")?.iter() {
        params.insert(name.to_text(), value.clone());
    }
    Ok(Value::Dict(params))
}

/// `build_refresh_token_request_params`.
pub fn build_refresh_token_request_params(settings: &Settings, refresh_token: &Value) -> Result<Value, Raised> {
    let mut params = Dict::new();
    params.insert("grant_type", Value::str("refresh_token"));
    params.insert("refresh_token", refresh_token.clone());
    add_client(settings, &mut params)?;
    Ok(Value::Dict(params))
}

fn add_client(settings: &Settings, params: &mut Dict) -> Result<(), Raised> {
    if !settings.bool("basic_auth")? {
        params.insert("client_id", Value::str(settings.str("client_id")?));
        params.insert("client_secret", Value::str(settings.str("client_secret")?));
    }
    Ok(())
}

/// `build_token_info_request_headers`. The Basic credentials are not form-url-encoded.
fn build_token_info_request_headers(settings: &Settings) -> Result<Vec<(String, String)>, Raised> {
    let mut headers = vec![
        ("Accept".to_owned(), "application/json".to_owned()),
        ("Content-Type".to_owned(), "application/x-www-form-urlencoded; charset=utf-8".to_owned()),
        (USER_AGENT.0.to_owned(), USER_AGENT.1.to_owned()),
    ];
    if settings.bool("basic_auth")? {
        let credentials = format!("{}:{}", settings.str("client_id")?, settings.str("client_secret")?);
        headers.push(("Authorization".to_owned(), format!("Basic {}", STANDARD.encode(credentials))));
    }
    Ok(headers)
}

/// `get_token_info`.
pub fn get_token_info(cx: &Context<'_>, params: &Value) -> Result<Value, Raised> {
    let settings = cx.settings;
    let params = python::dict(params, "items")?;
    cx.not_overridden("build_token_info_request_headers")?;
    let call = Call {
        stage: Stage::Token,
        method: "POST",
        url: settings.str("token_url")?.to_owned(),
        headers: build_token_info_request_headers(settings)?,
        body: Some(urlencode(pairs(params))),
        form: params.iter().map(|(name, value)| (name.to_text(), value.to_text())).collect(),
        validate_cert: Some(settings.bool("validate_server_cert")?),
    };
    let token_info = fetch_json(cx, &call)?;
    if python::contains(&token_info, "error_description")? {
        let description = python::index(&token_info, "error_description")?.to_text();
        return Err(Raised::http(403, format!("An access token was not returned: {description}")));
    }
    if !python::contains(&token_info, "access_token")? {
        return Err(Raised::http(500, format!("Bad response: {}", token_info.repr())));
    }
    Ok(token_info)
}

/// tornado's client, with `http_request_kwargs`.
pub fn http_options(settings: &Settings) -> Result<Options, Raised> {
    settings.complete("http_request_kwargs")?;
    let kwargs = settings.dict("http_request_kwargs")?;
    Ok(Options::from_kwargs(kwargs, &|path| disk::read(Path::new(path))))
}

/// A request of a class's own, for its decision: a GET with these headers.
pub fn decision_call(url: String, headers: Vec<(String, String)>, validate_cert: Option<bool>) -> Call {
    Call { stage: Stage::Decision, method: "GET", url, headers, body: None, form: Vec::new(), validate_cert }
}

/// `auth_model["auth_state"]["token_response"]["access_token"]`, and its `token_type`.
pub fn tokens(model: &AuthModel) -> Result<(Value, Value), Raised> {
    let response = python::index(&model.auth_state, "token_response")?;
    let access_token = python::index(response, "access_token")?.clone();
    Ok((access_token, python::index(response, "token_type")?.clone()))
}

/// `httpfetch(parse_json=True)`: an empty body is `None`.
pub fn fetch_json(cx: &Context<'_>, call: &Call) -> Result<Value, Raised> {
    parse_json(&cx.fetch(call)?)
}

/// The body of an answer as `json.loads` reads it.
pub fn parse_json(answer: &Answer) -> Result<Value, Raised> {
    if answer.body.is_empty() {
        return Ok(Value::None);
    }
    json::parse(&answer.text()).map_err(|error| Raised::exception(error.kind.exception(), error.to_string()))
}

/// `token_to_user`: the claims of the id_token, or the answer of `userdata_url`.
pub fn token_to_user(cx: &Context<'_>, token_info: &Value) -> Result<Value, Raised> {
    let settings = cx.settings;
    if settings.bool("userdata_from_id_token")? {
        return user_from_id_token(cx, token_info);
    }
    let access_token = python::index(token_info, "access_token")?;
    let token_type = python::index(token_info, "token_type")?;
    let userdata_url = settings.str("userdata_url")?;
    if userdata_url.is_empty() {
        let message = "authenticator.userdata_url is missing. Please configure it.";
        return Err(Raised::exception("ValueError", message));
    }
    settings.complete("userdata_params")?;
    let mut url = url_concat(userdata_url, pairs(settings.dict("userdata_params")?));
    if settings.str("userdata_token_method")? == "url" {
        url = url_concat(&url, [("access_token", access_token)]);
    }
    let call = Call {
        stage: Stage::Userdata,
        method: "GET",
        url,
        headers: build_userdata_request_headers(access_token, token_type)?,
        body: None,
        form: Vec::new(),
        validate_cert: Some(settings.bool("validate_server_cert")?),
    };
    fetch_json(cx, &call)
}

fn user_from_id_token(cx: &Context<'_>, token_info: &Value) -> Result<Value, Raised> {
    let id_token = python::get(token_info, "id_token")?.filter(|token| python::truth(token));
    let Some(id_token) = id_token else {
        let message =
            format!("An id token was not returned: {}\nPlease configure authenticator.userdata_url", token_info.repr());
        return Err(Raised::http(500, message));
    };
    let verify = jwt::Verify { audience: Some(cx.settings.str("client_id")?), now: Some((cx.now)()) };
    jwt::decode(id_token, verify)
        .map_err(|error| Raised::http(500, format!("Unable to decode id token: {}\n{error}", id_token.to_text())))
}

/// `build_userdata_request_headers`.
pub fn build_userdata_request_headers(
    access_token: &Value,
    token_type: &Value,
) -> Result<Vec<(String, String)>, Raised> {
    let kind = python::lower(token_type)?;
    let kind = if kind.as_str() == Some("bearer") { "Bearer".to_owned() } else { token_type.to_text() };
    Ok(vec![
        ("Accept".to_owned(), "application/json".to_owned()),
        (USER_AGENT.0.to_owned(), USER_AGENT.1.to_owned()),
        ("Authorization".to_owned(), format!("{kind} {}", access_token.to_text())),
    ])
}

/// `user_info_to_username`.
pub fn user_info_to_username(cx: &Context<'_>, user_info: &Value) -> Result<Value, Raised> {
    let claim = cx.settings.value("username_claim")?;
    let username = match callable(claim) {
        Some(callable) => Some(cx.call("username_claim", &callable, Awaits::Never, user_info)?),
        None => python::dict(user_info, "get")?.get_value(claim).cloned(),
    };
    match username {
        Some(username) if python::truth(&username) => Ok(username),
        _ => {
            let message = format!(
                "No {} found in {}. Maybe the hub needs to be configured to request more scopes?",
                claim.to_text(),
                user_info.repr()
            );
            Err(Raised::exception("ValueError", message))
        }
    }
}

/// `jupyterhub.auth.Authenticator.normalize_username`: lower case, then the map.
pub fn normalize_username(cx: &Context<'_>, username: &Value) -> Result<Value, Raised> {
    let lower = python::lower(username)?;
    cx.settings.complete("username_map")?;
    Ok(cx.settings.dict("username_map")?.get_value(&lower).cloned().unwrap_or(lower))
}

/// `self.user_auth_state_key`, which a class of the configuration's may set anew.
pub fn user_auth_state_key(cx: &Context<'_>) -> Result<String, Raised> {
    cx.settings.class().user_auth_state_key().ok_or_else(|| Raised::Unsupported {
        what: format!("user_auth_state_key of {} is unknown", cx.settings.class().name),
        setting: None,
        span: None,
    })
}

/// The keys that `build_auth_state_dict` makes beside `user_auth_state_key`, with what they hold.
pub const AUTH_STATE_KEYS: &[(&str, &str)] = &[
    ("access_token", "for the provider's API"),
    ("refresh_token", "for a new access token, or None"),
    ("id_token", "who logged in, as the provider signed it, or None"),
    ("scope", "the scopes that were granted"),
    ("token_response", "all that the token endpoint answered"),
];

/// `build_auth_state_dict`.
pub fn build_auth_state_dict(cx: &Context<'_>, token_info: &Value, user_info: &Value) -> Result<Value, Raised> {
    let access_token = python::index(token_info, "access_token")?;
    let token = python::dict(token_info, "get")?;
    let or_none = |key: &str| token.get(key).cloned().unwrap_or(Value::None);
    let scope = match token.get("scope") {
        None => Value::List(vec![Value::str("")]),
        Some(Value::Str(text)) => Value::List(text.split(' ').map(Value::str).collect()),
        Some(other) => other.clone(),
    };
    let user_key = user_auth_state_key(cx)?;
    Ok(Value::dict([
        ("access_token", access_token.clone()),
        ("refresh_token", or_none("refresh_token")),
        ("id_token", or_none("id_token")),
        ("scope", scope),
        ("token_response", token_info.clone()),
        (user_key.as_str(), user_info.clone()),
    ]))
}

/// `get_user_groups`: by a key with dots, from the top of auth_state.
pub fn get_user_groups(cx: &Context<'_>, auth_state: &Value) -> Result<Value, Raised> {
    let key = cx.settings.value("auth_state_groups_key")?;
    if let Some(callable) = callable(key) {
        return cx.call("auth_state_groups_key", &callable, Awaits::Either, auth_state);
    }
    let key = key.to_text();
    let mut found = Some(auth_state);
    for part in key.split('.') {
        found = match found {
            Some(Value::Dict(dict)) => dict.get(part),
            _ => None,
        };
    }
    let groups = found.filter(|groups| !matches!(groups, Value::None));
    let Some(groups) = groups else {
        let keys: Vec<String> = python::dict(auth_state, "keys")?.keys().map(Value::to_text).collect();
        cx.warn(groups_warning(cx, format!("`{key}` is not in auth_state"), &keys.join(", ")));
        return Ok(Value::Set(Set::new()));
    };
    match python::to_set(groups) {
        Ok(set) => {
            if matches!(groups, Value::Str(_)) {
                let note = "a text becomes the set of its letters; the hub expects a list";
                cx.warn(groups_warning(cx, format!("`{key}` holds a text, not a list"), note));
            }
            Ok(Value::Set(set))
        }
        Err(_) => {
            cx.warn(groups_warning(cx, format!("`{key}` is no list of names"), &groups.repr()));
            Ok(Value::Set(Set::new()))
        }
    }
}

fn groups_warning(cx: &Context<'_>, message: String, note: &str) -> Diagnostic {
    let setting = cx.settings.name_of("auth_state_groups_key");
    let what = if note.contains(' ') { note.to_owned() } else { format!("what is there: {note}") };
    Diagnostic::warning("groups-not-found", format!("{message}, so this user gets no groups from it"))
        .with_span(cx.settings.span_of("auth_state_groups_key").cloned())
        .with_setting(setting)
        .with_note(what)
        .with_fix("name the key from the top of auth_state, such as `oauth_user.groups`")
}
