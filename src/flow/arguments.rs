//! A callback's arguments as tornado reads them (`tornado.escape.parse_qs_bytes`, `RequestHandler.get_argument`),
//! since that is what the hub sees of the address.

use super::FlowError;

/// tornado's bound on the fields of one query (`_DEFAULT_PARSE_BODY_CONFIG.urlencoded.max_arguments`).
const MAX_FIELDS: usize = 1000;

/// The arguments in the order they came: names, and values not yet decoded.
#[derive(Clone, PartialEq, Eq)]
pub struct CallbackArgs {
    fields: Vec<(String, Vec<u8>)>,
    form_post: bool,
}

impl CallbackArgs {
    /// Reads a query (what follows the `?`).
    pub fn parse(query: &str) -> Result<CallbackArgs, FlowError> {
        CallbackArgs::read(query.as_bytes(), false)
    }

    /// Reads the body of a form that was posted to the callback (`response_mode=form_post`).
    pub fn parse_form(body: &[u8]) -> Result<CallbackArgs, FlowError> {
        CallbackArgs::read(body, true)
    }

    fn read(text: &[u8], form_post: bool) -> Result<CallbackArgs, FlowError> {
        let pieces = text.split(|byte| *byte == b'&');
        if pieces.clone().count() > MAX_FIELDS {
            let message = "Invalid query string: Max number of fields exceeded";
            return Err(FlowError::new("bad-arguments", message).with_hub_status(400));
        }
        let fields = pieces.filter(|piece| !piece.is_empty()).map(|piece| {
            let (name, value) = match piece.iter().position(|byte| *byte == b'=') {
                Some(at) => (&piece[..at], &piece[at + 1..]),
                None => (piece, &piece[piece.len()..]),
            };
            // tornado takes names for latin-1.
            let name = unquote(name).into_iter().map(char::from).collect();
            (name, unquote(value))
        });
        Ok(CallbackArgs { fields: fields.collect(), form_post })
    }

    /// `get_argument(name, None)`: the last value, stripped, without control characters. Like tornado it fails when
    /// *any* value of that name isn't UTF-8.
    pub fn get(&self, name: &str) -> Result<Option<String>, FlowError> {
        let mut last = None;
        for (_, value) in self.fields.iter().filter(|(key, _)| key == name) {
            let text = std::str::from_utf8(value).map_err(|_| {
                let message = format!("Invalid unicode in {name}");
                FlowError::new("bad-arguments", message).with_hub_status(400)
            })?;
            last = Some(clean(text));
        }
        Ok(last)
    }

    /// Every value of that name, in order, each read like the last one that [`CallbackArgs::get`] gives.
    pub fn all(&self, name: &str) -> Result<Vec<String>, FlowError> {
        self.get(name)?;
        let values = self.fields.iter().filter(|(key, _)| key == name);
        Ok(values.map(|(_, value)| clean(&String::from_utf8_lossy(value))).collect())
    }

    /// The names, in order, as often as they came.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(name, _)| name.as_str())
    }

    /// Whether there is an argument of that name.
    pub fn has(&self, name: &str) -> bool {
        self.names().any(|each| each == name)
    }

    /// Whether there are none at all.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Whether they came in a posted form, which the hub refuses.
    pub fn is_form_post(&self) -> bool {
        self.form_post
    }
}

/// Only the names: the values are codes and states.
impl std::fmt::Debug for CallbackArgs {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_list().entries(self.names()).finish()
    }
}

/// `RequestHandler._remove_control_chars_regex`, then `str.strip`.
fn clean(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if is_removed(c) { ' ' } else { c }).collect();
    spaced.trim().to_owned()
}

fn is_removed(c: char) -> bool {
    matches!(c, '\u{0}'..='\u{8}' | '\u{e}'..='\u{1f}')
}

/// `urllib.parse.unquote_to_bytes` after `+` has become a space; a `%` without two hex digits stays.
fn unquote(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let escaped = match (first, after) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)),
            _ => None,
        };
        match escaped {
            Some((high, low)) => {
                bytes.push(high * 16 + low);
                rest = &after[2..];
            }
            None => {
                bytes.push(if *first == b'+' { b' ' } else { *first });
                rest = after;
            }
        }
    }
    bytes
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(query: &str, name: &str) -> Option<String> {
        CallbackArgs::parse(query).unwrap().get(name).unwrap()
    }

    #[test]
    fn the_last_value_wins_and_is_stripped() {
        assert_eq!(get("code=a&state=s&code=+b+", "code").as_deref(), Some("b"));
        assert_eq!(get("code=a&code=", "code").as_deref(), Some(""));
        assert_eq!(get("code", "code").as_deref(), Some(""));
        assert_eq!(get("a=1", "code"), None);
    }

    #[test]
    fn all_values_come_in_order() {
        let args = CallbackArgs::parse("a=1&b=2&a=+3&a=").unwrap();
        assert_eq!(args.all("a").unwrap(), ["1", "3", ""]);
        assert_eq!(args.all("c").unwrap(), [""; 0]);
        assert!(CallbackArgs::parse("a=1&a=%ff").unwrap().all("a").is_err());
    }

    #[test]
    fn names_and_values_are_unquoted() {
        assert_eq!(get("%63ode=a%2Bb+c%zz%4", "code").as_deref(), Some("a+b c%zz%4"));
        assert_eq!(get("code=a=b", "code").as_deref(), Some("a=b"));
        assert_eq!(get("code=a%00b%1Fc%0Ad", "code").as_deref(), Some("a b c\nd"));
    }

    #[test]
    fn one_bad_value_spoils_the_name() {
        let args = CallbackArgs::parse("state=%ff&state=good&code=c").unwrap();
        assert_eq!(args.get("state").unwrap_err().hub_status, Some(400));
        assert_eq!(args.get("code").unwrap().as_deref(), Some("c"));
    }

    #[test]
    fn too_many_fields_are_refused() {
        assert!(CallbackArgs::parse(&"a&".repeat(999)).is_ok());
        assert_eq!(CallbackArgs::parse(&"a&".repeat(1000)).unwrap_err().hub_status, Some(400));
    }

    #[test]
    fn debugging_shows_no_value() {
        let args = CallbackArgs::parse("code=topsecret").unwrap();
        assert_eq!(format!("{args:?}"), r#"["code"]"#);
    }
}
