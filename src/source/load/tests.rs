use super::*;

/// A folder with files, gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Folder {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("oauthctl-load-{}-{number}", std::process::id()));
        for (name, text) in files {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    fn load(&self, config: Option<&str>, base: &[&str], set: &[&str]) -> Result<Loaded, LoadError> {
        load(&Request {
            config: config.map(PathBuf::from),
            base: base.iter().map(PathBuf::from).collect(),
            set: set.iter().map(|&set| set.to_owned()).collect(),
            folder: self.0.clone(),
            ..Request::default()
        })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn repr(loaded: &Loaded, class: &str, option: &str) -> String {
    loaded.config.section(class).unwrap().entry(option).unwrap().value().unwrap().repr()
}

fn rules(loaded: &Loaded) -> Vec<&'static str> {
    loaded.diagnostics.iter().map(|finding| finding.rule).collect()
}

#[test]
fn the_usual_names_are_looked_for() {
    let empty = Folder::new(&[]);
    let error = empty.load(None, &[], &[]).unwrap_err();
    assert!(matches!(&error, LoadError::Unreadable(message) if message.contains("jupyterhub_config.py, values.yaml")));
    let folder = Folder::new(&[("values.yaml", "hub: {config: {A: {b: 1}}}"), ("config.yaml", "users: {}")]);
    let loaded = folder.load(None, &[], &[]).unwrap();
    assert_eq!((loaded.kind, loaded.path), (Kind::Z2jh, Some("values.yaml".into())));
    let loaded = empty.load(None, &[], &["A.b=1"]).unwrap();
    assert_eq!((loaded.path.as_deref(), repr(&loaded, "A", "b").as_str()), (None, "1"));
}

#[test]
fn python_lies_over_its_bases_and_json_beside_it_over_both() {
    let folder = Folder::new(&[
        ("base.py", "c.A.x = 1\nc.A.low = 1\n"),
        ("conf.py", "c.A.x = 2\nc.A.mid = 2\n"),
        ("conf.json", "{\"version\": 1,\n \"A\": {\"x\": 3, \"mid\": 2}}"),
    ]);
    for name in ["conf.py", "conf.json"] {
        let loaded = folder.load(Some(name), &["base.py"], &["A.x=4"]).unwrap();
        assert_eq!(repr(&loaded, "A", "x"), "4");
        assert_eq!(repr(&loaded, "A", "low"), "1");
        let entry = loaded.config.section("A").unwrap().entry("x").unwrap();
        let below: Vec<String> = entry.shadowed.iter().map(|below| below.value.as_ref().unwrap().repr()).collect();
        assert_eq!(below, ["3", "2", "1"]);
        assert_eq!(rules(&loaded), ["config-collision"]);
        assert_eq!(loaded.diagnostics[0].span.as_ref().unwrap().line, 2);
        assert!(loaded.texts.iter().any(|(label, text)| &**label == "conf.py" && text.starts_with("c.A.x = 2")));
    }
}

#[test]
fn a_file_that_does_not_parse_is_fatal_with_its_place() {
    let folder = Folder::new(&[
        ("a.json", "{\n \"A\": {,}}"),
        ("b.json", "{\"version\": 2}"),
        ("c.json", "[]"),
        ("d.yaml", "a: b: c\n"),
        ("e.yaml", "services: {web: {}}\n"),
    ]);
    let fatal = |name: &str| folder.load(Some(name), &[], &[]).unwrap().fatal.unwrap();
    let error = fatal("a.json");
    assert_eq!(
        (error.rule, error.span.as_ref().unwrap().line, error.span.as_ref().unwrap().column),
        ("syntax-error", 2, 8)
    );
    assert!(error.message.contains("Expecting property name"));
    assert_eq!(fatal("b.json").rule, "json-version");
    assert_eq!(fatal("c.json").rule, "syntax-error");
    assert_eq!(fatal("d.yaml").rule, "syntax-error");
    assert_eq!(fatal("e.yaml").rule, "no-hub");
}

#[test]
fn a_file_that_cannot_be_opened_is_an_error() {
    let folder = Folder::new(&[("sub/x", ""), ("a.py", ""), ("v.yaml", "hub: {config: {}}")]);
    for (config, base, words) in
        [("none.py", None, "no such file"), ("sub", None, "folder"), ("a.py", Some("none.py"), "no such file")]
    {
        let error = folder.load(Some(config), &base.into_iter().collect::<Vec<_>>(), &[]).unwrap_err();
        assert!(matches!(&error, LoadError::Unreadable(message) if message.contains(words)), "{error}");
    }
    assert!(matches!(folder.load(Some("v.yaml"), &["a.py"], &[]), Err(LoadError::Usage(_))));
    assert!(matches!(folder.load(Some("a.py"), &[], &["nonsense"]), Err(LoadError::Usage(_))));
}

#[test]
fn values_files_layer_and_every_value_keeps_its_file() {
    let folder = Folder::new(&[
        ("base.yaml", "jupyterhub: {hub: {config: {A: {x: 1, list: [1]}}, extraEnv: {E: base}}}"),
        ("hub.yaml", "jupyterhub:\n  hub:\n    config:\n      A:\n        list: [2]\n"),
    ]);
    let loaded = folder.load(Some("hub.yaml"), &["base.yaml"], &[]).unwrap();
    assert_eq!(loaded.kind, Kind::Z2jh);
    assert_eq!((repr(&loaded, "A", "x").as_str(), repr(&loaded, "A", "list").as_str()), ("1", "[2]"));
    let list = loaded.config.section("A").unwrap().entry("list").unwrap();
    assert_eq!(list.origin.span().unwrap().to_string(), "hub.yaml:5:9");
    assert_eq!(&*list.shadowed[0].origin.span().unwrap().file, "base.yaml");
    assert_eq!(loaded.env_at_import.text("E"), Some("base"));
    assert_eq!(authenticator_class(&loaded.config).unwrap().0, &Value::str("dummy"));
}

#[test]
fn tljh_takes_the_python_beside_its_config() {
    let folder = Folder::new(&[
        ("config.yaml", "auth: {type: github}\nusers: {admin: [ann]}\n"),
        ("jupyterhub_config.d/b.py", "c.Authenticator.admin_users = [\"bob\"]\n"),
        ("jupyterhub_config.d/a.py", "c.Authenticator.admin_users = [\"art\"]\n"),
        ("jupyterhub_config.d/ignored.txt", "nonsense"),
    ]);
    let loaded = folder.load(None, &[], &[]).unwrap();
    assert_eq!(loaded.kind, Kind::Tljh);
    assert_eq!(repr(&loaded, "Authenticator", "admin_users"), "['bob']");
    assert_eq!(repr(&loaded, "JupyterHub", "authenticator_class"), "'github'");
}

#[test]
fn an_env_file_replaces_our_environment() {
    let folder = Folder::new(&[("a.py", ""), ("env", "A=file\nB='x'\n"), ("users", "ann\n# bob\n")]);
    let request = Request {
        config: Some("a.py".into()),
        env: Env::new([("C".to_owned(), "ours".to_owned())]),
        env_file: Some("env".into()),
        folder: folder.0.clone(),
        ..Request::default()
    };
    let loaded = load(&request).unwrap();
    assert_eq!((loaded.env.text("A"), loaded.env.text("C")), (Some("file"), None));
    assert_eq!(rules(&loaded), ["quoted-env"]);
    assert_eq!(existing_users(Path::new("users"), &folder.0).unwrap(), ["ann"]);
}

#[test]
fn python_in_a_config_map_is_read_in_place() {
    let text = "apiVersion: v1\nkind: ConfigMap\ndata:\n  jupyterhub_config.py: |\n    # x\n    c.A.b = 1\n";
    let folder = Folder::new(&[("map.yaml", text)]);
    let loaded = folder.load(Some("map.yaml"), &[], &[]).unwrap();
    assert_eq!(loaded.kind, Kind::Python);
    let span = loaded.config.section("A").unwrap().entry("b").unwrap().origin.span().unwrap().clone();
    assert_eq!(span.to_string(), "map.yaml:6:5");
}
