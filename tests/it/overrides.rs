//! A class that overrides a method is not judged by upstream's: for every method that a login calls, overridden so that
//! it raises, oauthctl fails as upstream does, or says that only Python can run it. It never passes over it.

use crate::login_differential::compare_each;
use oauthctl::value::Value;

#[test]
fn what_is_overridden_is_never_passed_over() {
    let mut wrong = Vec::new();
    for compared in compare_each("override_cases.py", "overrides", 20) {
        let outcome = compared.login.document.get("outcome").map_or_else(String::new, Value::to_text);
        let upstream = compared.upstream.split(' ').nth(1).unwrap_or_default();
        if upstream != outcome {
            wrong.push(format!("{}: upstream {}, oauthctl {outcome}", compared.name, compared.upstream));
        }
    }
    assert!(wrong.is_empty(), "{} of them\n{}", wrong.len(), wrong.join("\n"));
}
