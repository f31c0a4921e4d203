use super::*;
use crate::value::Value;

fn term(text: &str, option: &str) -> Result<Term, String> {
    let part = Part { text: text.to_owned(), label: "f".into(), first_line: 1 };
    let line = text.lines().position(|line| line.contains(&format!("c.A.{option} "))).unwrap() + 1;
    Module::new(&[part]).setting(&Span::point(&"f".into(), line, 1), "A", option)
}

fn code(text: &str, option: &str) -> Code {
    match term(text, option) {
        Ok(Term::Code(code)) => code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn variables_are_seen_as_such() {
    for text in ["c.A.b = os.environ['X']", "x = os.environ['X']\nc.A.b = x"] {
        assert!(matches!(term(text, "b"), Ok(Term::Env { name, default: None }) if name == "X"), "{text}");
    }
    let got = term("c.A.b = os.getenv('X', 'y')", "b");
    assert!(matches!(got, Ok(Term::Env { default: Some(Value::Str(text)), .. }) if text == "y"));
}

#[test]
fn an_expression_comes_with_what_it_needs() {
    let text = "\
import os, re
from m import (a, b)
# who they are
PEOPLE = []
PEOPLE.append(a)
OTHER = 1
def hook(x, y=re.X):
    z = [q for q in PEOPLE]
    return helper(x, z)
def helper(*args):
    return args
c.A.hook = lambda who: hook(who)
";
    let code = code(text, "hook");
    assert_eq!(code.text, "lambda who: hook(who)");
    assert_eq!(
        code.imports.iter().map(String::as_str).collect::<BTreeSet<_>>(),
        ["from m import a", "import re"].into()
    );
    assert_eq!(code.needs[0], "# who they are\nPEOPLE = []");
    assert_eq!(code.needs[1], "PEOPLE.append(a)");
    assert_eq!(code.needs.len(), 4);
}

#[test]
fn what_cannot_stand_elsewhere_is_told() {
    assert!(term("c.A.b = c.B.x + 1", "b").unwrap_err().contains("other settings"));
    assert!(term("c.A.b = open(__file__)", "b").unwrap_err().contains("where the file lies"));
    assert!(term("if x:\n    c.A.b = 1", "b").is_err());
}

#[test]
fn sets_are_carried_with_what_fills_them() {
    let text = "\
c.A.listed = listed = set()
c.A.admins = admins = set()
root = 'x'
with open(root) as file:
    for line in file:
        listed.add(line)
        admins.add(line)
";
    let part = Part { text: text.to_owned(), label: "f".into(), first_line: 1 };
    let module = Module::new(&[part]);
    let span = Span::point(&"f".into(), 1, 1);
    assert!(module.setting(&span, "A", "listed").unwrap_err().contains("further down"));
    let whole = module.whole(&span).unwrap();
    let code = module.carry(&whole);
    assert_eq!(code.needs, ["root = 'x'"]);
    assert!(code.text.starts_with("c.A.listed = listed = set()\nc.A.admins") && code.text.ends_with("(line)"));
    assert_eq!(whole.len(), 3);
}

#[test]
fn a_condition_is_carried_as_a_whole() {
    let text = "import os\nx = 'y'\nif os.environ.get('D'):\n    c.A.b = x\n";
    let part = Part { text: text.to_owned(), label: "f".into(), first_line: 1 };
    let module = Module::new(&[part]);
    let whole = module.whole(&Span::point(&"f".into(), 4, 5)).unwrap();
    assert_eq!(module.lines(*whole.first().unwrap()), ("f".into(), 3..=4));
    let code = module.carry(&whole);
    assert_eq!(code.imports, ["import os"]);
    assert_eq!(code.needs, ["x = 'y'"]);
    assert_eq!(code.text, "if os.environ.get('D'):\n    c.A.b = x");
}

#[test]
fn what_other_text_may_define_is_carried_with_that_text() {
    let text = "exec(open('/srv/more.py').read())\nc.A.hook = named_there\n";
    let module = Module::new(&[Part { text: text.to_owned(), label: "f".into(), first_line: 1 }]);
    let Ok(Term::Code(code)) = module.setting(&Span::point(&"f".into(), 2, 1), "A", "hook") else { panic!() };
    assert_eq!(code.needs, ["exec(open('/srv/more.py').read())"]);
}
