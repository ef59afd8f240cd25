//! Good files, and bad ones with what is said of them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use super::*;
use crate::fleet::tenancy::{Environment, EnvironmentId, Tenant};
use crate::plan::Access;

const WHOLE: &str = r#"
protected = ["prod*", "acme/staging"]

[[context]]
profile = "humangov-prod"
region = "us-east-1"

[[context]]
region = "eu-west-1"

[tenants]
patterns = ["{tenant}-{environment}-*", "cluster:{tenant}"]
environments = ["blue"]
accounts = { "111122223333" = "acme/production" }
profiles.clinic = "clinic"

[tenants.fixed]
"humangov/zz-*" = "california/production"
"humangov/*" = "humangov"

[[deny]]
target = "california/production"
verbs = ["park", "teardown"]
reason = "the state's contract"
"#;

fn read(text: &str) -> Result<Config, String> {
    parse(Path::new("config.toml"), text).map_err(|error| error.to_string())
}

fn given(tenant: &str, environment: Option<&str>) -> Owner {
    Owner { tenant: tenant.to_owned(), environment: environment.map(str::to_owned) }
}

#[test]
fn a_whole_file_becomes_the_types_that_the_rooms_own() {
    let fixed = |services: &str, given: Owner| Fixed { services: Glob::new(services), owner: given };
    let expected = Config {
        contexts: vec![
            Wanted { profile: Some("humangov-prod".to_owned()), region: Some("us-east-1".to_owned()) },
            Wanted { profile: None, region: Some("eu-west-1".to_owned()) },
        ],
        rules: Rules {
            patterns: ["{tenant}-{environment}-*", "cluster:{tenant}"].map(|text| Pattern::parse(text).unwrap()).into(),
            environments: vec!["blue".to_owned()],
            accounts: [("111122223333".to_owned(), given("acme", Some("production")))].into(),
            profiles: [("clinic".to_owned(), given("clinic", None))].into(),
            fixed: vec![
                fixed("humangov/zz-*", given("california", Some("production"))),
                fixed("humangov/*", given("humangov", None)),
            ],
        },
        policy: Policy {
            access: Access::ReadWrite,
            protected: vec![Glob::new("prod*"), Glob::new("acme/staging")],
            denied: vec![Deny {
                target: Glob::new("california/production"),
                verbs: vec!["park".to_owned(), "teardown".to_owned()],
                reason: "the state's contract".to_owned(),
            }],
        },
    };
    assert_eq!(read(WHOLE), Ok(expected));
}

#[test]
fn an_empty_file_is_as_good_as_none() {
    assert_eq!(read(""), Ok(Config::default()));
    assert_eq!(read("# nothing yet\n"), Ok(Config::default()));
    let live = EnvironmentId::new(Tenant::Named("acme".to_owned()), Some(Environment::new("prd")));
    assert!(read("").unwrap().policy.is_protected(&live));
}

#[test]
fn what_cannot_be_meant_is_refused_with_its_line_and_what_would_be_right() {
    for (text, said) in [
        ("\nprotectd = []", "config.toml:2: `protectd`: unknown key; did you mean `protected`?"),
        ("zzzzzzzz = 1", "config.toml:1: `zzzzzzzz`: unknown key; known are `context`, `tenants`, `protected`, `deny`"),
        ("protected = \"prod\"", "config.toml:1: `\"prod\"`: a list is expected here, not a text"),
        ("protected = [\n1]", "config.toml:2: `1`: a text in quotes is expected here, not a number"),
        ("protected = [\"\"]", "config.toml:1: `\"\"`: it is empty, or has spaces around it"),
        ("context = 5", "config.toml:1: `5`: a list is expected here, not a number"),
        ("context = [true]", "config.toml:1: `true`: a table is expected here, not true or false"),
        ("[[context]]", "config.toml:1: `[[context]]`: a context needs `profile`, `region` or both"),
        ("[[context]]\nregoin = \"x\"", "config.toml:2: `regoin`: unknown key; did you mean `region`?"),
        (
            "[[context]]\nregion = \"x\"\n[[context]]\nregion = \"x\"",
            "config.toml:3: `[[context]]`: this context is in the file twice",
        ),
        ("tenants = []", "config.toml:1: `[]`: a table is expected here, not a list"),
        ("[tenants]\npattern = []", "config.toml:2: `pattern`: unknown key; did you mean `patterns`?"),
        (
            "[tenants]\npatterns = [\"{tenat}-*\"]",
            "config.toml:2: `\"{tenat}-*\"`: `{tenat}` is none of `{tenant}`, `{environment}`, `{service}`",
        ),
        ("[tenants.accounts]\n1111 = \"acme\"", "config.toml:2: `1111`: an account is twelve digits, in quotes"),
        (
            "[tenants.profiles]\nx = \"acme/prod/web\"",
            "config.toml:2: `\"acme/prod/web\"`: `tenant` or `tenant/environment` is expected, without spaces and parentheses",
        ),
        (
            "[tenants.profiles]\nx = \"/prod\"",
            "config.toml:2: `\"/prod\"`: `tenant` or `tenant/environment` is expected, without spaces and parentheses",
        ),
        (
            "[tenants.fixed]\nweb = \"acme\"",
            "config.toml:2: `web`: `cluster/service` is expected, either with `*` in it, or a service's ARN",
        ),
        ("[[deny]]\ntarget = \"a/b\"", "config.toml:1: `[[deny]]`: a deny rule needs `reason`"),
        (
            "[[deny]]\ntarget = \"a/b\"\nreason = \"r\"\nverbs = [\"parc\"]",
            "config.toml:4: `\"parc\"`: unknown verb; did you mean `park`?",
        ),
        (
            "[[deny]]\ntarget = \"a/b\"\nreason = \"r\"\nverbs = []",
            "config.toml:4: `[]`: it names no verb; leave it out to deny every change",
        ),
        (
            "[[deny]]\ntarget = \"acme\"\nreason = \"r\"",
            "config.toml:2: `\"acme\"`: `tenant/environment` is expected; `*` matches anything, as in `*/production`",
        ),
    ] {
        assert_eq!(read(text), Err(said.to_owned()), "{text}");
    }
}

#[test]
fn what_is_not_toml_is_refused_with_its_line() {
    for (text, line) in [("a = 1\nb", 2), ("[tenants", 1), ("protected = [\"a\"\n\n= 3", 3), ("a = 1\na = 2", 2)] {
        let error = parse(Path::new("config.toml"), text).unwrap_err();
        assert_eq!((error.line, error.what.starts_with("not TOML: ")), (Some(line), true), "{error}");
    }
}

#[test]
fn a_missing_file_is_fine_only_where_it_was_not_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    assert_eq!(load(None, Some(&path)), Ok(Config::default()));
    assert_eq!(load(None, None), Ok(Config::default()));
    let said = load(Some(&path), None).unwrap_err().to_string();
    assert_eq!(said, format!("{}: there is no such file; leave --config out to do without one", path.display()));

    fs::write(&path, [0xff, 0xfe]).unwrap();
    let said = load(None, Some(&path)).unwrap_err().to_string();
    assert_eq!(said, format!("{}: it is not text in UTF-8", path.display()));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[\\[\\]{}a-z*=\"\\n #.é/-]{0,60}") {
        let _ = read(&text);
    }
}
