//! Clocks: the `Date` of the answers (RFC 9110, section 6.6.1) against this machine's time.

use super::Run;
use crate::diagnostic::Level;
use crate::http::Answer;

/// A difference that matters nowhere.
const HARMLESS: f64 = 60.0;

/// A wiki's identity is refused beyond ten seconds (`mwoauth.identify`, leeway); half of it is the warning.
const WIKI: f64 = 5.0;

/// How far this machine's clock is ahead of a host's (behind, where negative).
#[derive(Clone, Debug, PartialEq)]
pub struct Skew {
    /// The host.
    pub host: String,
    /// Seconds.
    pub seconds: f64,
}

impl Skew {
    /// What an answer that came just now tells; one from a cache tells nothing.
    pub fn of(answer: &Answer, host: &str, now: f64) -> Option<Skew> {
        let cached = answer.header("age").is_some_and(|age| age.trim() != "0");
        let date = answer.header("date").filter(|_| !cached).and_then(seconds)?;
        Some(Skew { host: host.to_owned(), seconds: now - date })
    }
}

pub(super) fn judge(run: &Run<'_>) {
    let Some(skew) = (run.asking.skew)() else { return };
    let wiki = run.cx.runs(&["MWOAuthenticator"]);
    if skew.seconds.abs() < if wiki { WIKI } else { HARMLESS } {
        return;
    }
    let side = if skew.seconds > 0.0 { "ahead of" } else { "behind" };
    let message = format!("the clock of this machine is {} {side} that of {}", length(skew.seconds.abs()), skew.host);
    let from_id_token = run.cx.on("userdata_from_id_token") || run.cx.runs(&["AzureAdOAuthenticator"]);
    let consequence = if wiki {
        "if the hub's clock is wrong by so much, the wiki's identity counts as expired or issued in the future: every login fails"
    } else if from_id_token && skew.seconds > 0.0 {
        "if the hub's clock is wrong by so much, id_tokens count as expired before they are read: logins fail with 500"
    } else {
        "if the hub's clock is wrong by so much, it refreshes tokens too early or too late"
    };
    let option = if wiki { "mw_index_url" } else { "token_url" };
    let finding = run.at("clock-skew", Level::Warning, option, message).with_note(consequence);
    run.tell("", finding.with_fix("set the clocks of this machine and of the hub's by NTP (`timedatectl`)"));
}

/// A length of time in its largest unit.
pub(super) fn length(seconds: f64) -> String {
    let (count, unit) = match seconds {
        s if s >= 2.0 * 86_400.0 => (s / 86_400.0, "day"),
        s if s >= 2.0 * 3_600.0 => (s / 3_600.0, "hour"),
        s if s >= 120.0 => (s / 60.0, "minute"),
        s => (s, "second"),
    };
    let count = count.round() as u64;
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` as seconds since 1970.
fn seconds(date: &str) -> Option<f64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = date.split_once(", ")?.1.split(' ');
    let day: i64 = words.next()?.parse().ok()?;
    let month = words.next()?;
    let month = MONTHS.iter().position(|name| *name == month)? as i64 + 1;
    let year: i64 = words.next()?.parse().ok().filter(|year| (1970..10_000).contains(year))?;
    let mut clock = words.next()?.split(':').map(|part| part.parse::<i64>().ok());
    let (hours, minutes, rest) = (clock.next()??, clock.next()??, clock.next()??);
    // Days since 1970 in the Gregorian calendar, with years that begin in March.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1 - 719_468;
    Some((days * 86_400 + hours * 3_600 + minutes * 60 + rest) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    // `date -u -d @N`.
    #[test]
    fn dates_are_those_of_the_calendar() {
        for (date, expected) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777.0),
            ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199.0),
            ("Fri, 01 Mar 2024 00:00:00 GMT", 1_709_251_200.0),
        ] {
            assert_eq!(seconds(date), Some(expected), "{date}");
        }
        for no in ["", "yesterday", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 99999999999999999999 08:49:37 GMT"] {
            assert_eq!(seconds(no), None, "{no}");
        }
    }
}
