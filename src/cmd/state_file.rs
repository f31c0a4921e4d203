//! The file that holds a user's auth_state: what `login --save` writes, and what `refresh` and `logout` read. Also the
//! value as it stands in the hub's database.

use std::io::{Read as _, Write as _};
use std::path::Path;

use serde_json::json;

use crate::crypt::{self, Keys};
use crate::failure::{Failure, Stage};
use crate::json;
use crate::source::disk;
use crate::value::Value;

const SCHEMA: &str = "oauthctl.auth-state/1";

/// The most that is read of standard input.
const MOST: u64 = 16 * 1024 * 1024;

/// A user's auth_state.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The user's name, where the file says it.
    pub user: Option<String>,
    /// The auth_state; `None` where the hub has none.
    pub auth_state: Value,
}

/// Writes an auth_state, readable by its owner only; encrypted as the hub would with keys. An existing file is
/// replaced only if it was written by us.
pub fn write(path: &Path, user: &str, auth_state: &Value, keys: Option<&[[u8; 32]]>) -> Result<(), Failure> {
    if path.exists() && read_bytes(path).is_ok_and(|bytes| !is_ours(&bytes)) {
        return Err(failure(
            format!("{} exists, and is no auth_state that oauthctl saved", path.display()),
            "choose another name for --save, so that nothing of yours is lost",
        ));
    }
    let state = match keys.map(|keys| crypt::encrypt(keys, &json::write(auth_state, false))) {
        None => serde_json::Value::from(auth_state),
        Some(Some(token)) => json!(token),
        Some(None) => return Err(failure("auth_state cannot be encrypted".into(), "look at JUPYTERHUB_CRYPT_KEY")),
    };
    let document = json!({"schema": SCHEMA, "user": user, "auth_state": state});
    let text = json::finish(&serde_json::to_string_pretty(&document).unwrap_or_default()) + "\n";
    write_private(path, text.as_bytes()).map_err(|error| {
        failure(format!("{} cannot be written: {error}", path.display()), "choose another name for --save")
    })
}

/// Writes beside the file and moves it there, so that nobody ever sees half of it, or all of it with wide permissions.
pub fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written =
        options.open(&part).and_then(|mut file| file.write_all(bytes)).and_then(|()| std::fs::rename(&part, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    written
}

fn is_ours(bytes: &[u8]) -> bool {
    json::parse_bytes(bytes).is_ok_and(|value| value.get("schema").and_then(Value::as_str) == Some(SCHEMA))
}

fn read_bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().take(MOST).read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    disk::read(path)
}

/// Reads a saved auth_state: our own document, the bare dictionary, or the encrypted text of the hub's database.
pub fn read(path: &Path, keys: &Keys) -> Result<Saved, Failure> {
    let shown = path.display();
    let bytes = read_bytes(path).map_err(|error| {
        failure(format!("{shown} cannot be read: {error}"), "name a file that `login --save` wrote")
    })?;
    let text = String::from_utf8_lossy(&bytes).trim().to_owned();
    let value = match json::parse(&text) {
        Ok(value) => value,
        // sqlite shows the column as b'…'.
        Err(_) => Value::str(text.trim_start_matches("b'").trim_matches(['\'', '"'])),
    };
    let ours = value.get("schema").and_then(Value::as_str) == Some(SCHEMA);
    let user = value.get("user").and_then(Value::as_str).filter(|_| ours).map(str::to_owned);
    let state = if ours { value.get("auth_state").cloned().unwrap_or(Value::None) } else { value };
    let auth_state = match state {
        Value::Str(token) => decrypt(&token, keys, &shown.to_string())?,
        state @ (Value::Dict(_) | Value::None) => state,
        other => {
            let message = format!("{shown} holds a {} where an auth_state is a dictionary", other.type_name());
            return Err(failure(
                message,
                "name a file that `login --save` wrote, or a value out of the hub's database",
            ));
        }
    };
    Ok(Saved { user, auth_state })
}

fn decrypt(token: &str, keys: &Keys, shown: &str) -> Result<Value, Failure> {
    let Keys::Usable(keys) = keys else {
        return Err(failure(
            format!("{shown} is encrypted, and there is no key to it here"),
            "set JUPYTERHUB_CRYPT_KEY to the hub's key",
        ));
    };
    let text = crypt::decrypt(keys, token).ok_or_else(|| {
        failure(
            format!("{shown} is neither JSON nor encrypted with a key that is here"),
            "set JUPYTERHUB_CRYPT_KEY to the key that the hub had when it saved this",
        )
    })?;
    json::parse(&text).map_err(|error| failure(format!("{shown} decrypts to no JSON: {error}"), "save it anew"))
}

fn failure(message: String, fix: &str) -> Failure {
    Failure { stage: Stage::AuthState, code: "auth-state-file", message, fix: fix.into(), ..Failure::none() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_else_is_replaced() {
        let folder = std::env::temp_dir().join(format!("oauthctl-state-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("state.json");
        let state = Value::dict([("access_token", Value::str("a"))]);
        let keys = [[7; 32]];
        for keys in [None, Some(&keys[..])] {
            write(&path, "alice", &state, keys).unwrap();
            let known = keys.map_or(Keys::Absent, |keys| Keys::Usable(keys.to_vec()));
            let saved = read(&path, &known).unwrap();
            assert_eq!((saved.user.as_deref(), &saved.auth_state), (Some("alice"), &state));
        }
        assert!(read(&path, &Keys::Absent).unwrap_err().message.contains("encrypted"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let other = folder.join("mine.txt");
        std::fs::write(&other, "mine").unwrap();
        assert!(write(&other, "alice", &state, None).is_err());
        assert_eq!(std::fs::read_to_string(&other).unwrap(), "mine");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
