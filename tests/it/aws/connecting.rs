//! Profiles, regions and endpoints: who is asked, where, with whose credentials.

use wharf::aws::{Access, ConnectError, ConnectOptions, ContextSelection, ProcessEnv, connect};
use wharf::fleet::{Identity, Payload, QueryKind, Trouble};

use super::script::{Reply, Script};
use super::{clock, facts_of, read};

const CONFIG: &str = "/home/me/.aws/config";

/// What comes of connecting with these variables, this config file, profiles and regions.
async fn connecting(
    variables: &[(&str, &str)],
    config: &str,
    selection: &ContextSelection,
    script: &Script,
) -> Result<wharf::aws::Cloud, ConnectError> {
    let mut all = vec![("HOME", "/home/me")];
    all.extend_from_slice(variables);
    let env = ProcessEnv::given(&all, &[(CONFIG, config)]);
    let options = ConnectOptions { env, http: Some(script.client()), ..ConnectOptions::new(clock(), Access::ReadOnly) };
    connect(selection, options).await
}

fn selection(profiles: &[&str], regions: &[&str]) -> ContextSelection {
    let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    ContextSelection { profiles: owned(profiles), regions: owned(regions), pairs: vec![] }
}

async fn labels(variables: &[(&str, &str)], config: &str, selection: &ContextSelection) -> Vec<String> {
    let cloud = connecting(variables, config, selection, &nobody()).await.unwrap();
    cloud.contexts().iter().map(|context| context.id.to_string()).collect()
}

/// What somebody who cannot connect is told.
async fn told(variables: &[(&str, &str)], config: &str, selection: &ContextSelection) -> String {
    match connecting(variables, config, selection, &nobody()).await {
        Ok(cloud) => panic!("connected to {:?}", cloud.contexts()),
        Err(error) => error.to_string(),
    }
}

/// An AWS that is never asked while connecting.
fn nobody() -> Script {
    Script::new(|operation, _, _| panic!("{operation} was sent"))
}

const TWO: &str =
    "[profile prod]\nregion = us-east-1\n[profile stage]\nregion = eu-west-1\n[default]\nregion = ca-central-1\n";

#[tokio::test(start_paused = true)]
async fn every_profile_in_every_region_is_a_context() {
    for (variables, asked, expected) in [
        (&[][..], selection(&[], &[]), &["default ca-central-1"][..]),
        (&[("AWS_REGION", "us-west-2")], selection(&[], &[]), &["default us-west-2"]),
        (&[("AWS_DEFAULT_REGION", "us-west-2")], selection(&[], &[]), &["default us-west-2"]),
        (&[("AWS_PROFILE", "prod")], selection(&[], &[]), &["prod us-east-1"]),
        (&[("AWS_REGION", "us-west-2")], selection(&["prod", "stage"], &[]), &["prod us-east-1", "stage eu-west-1"]),
        (&[], selection(&["prod", "prod"], &["a-1", "b-1", "a-1"]), &["prod a-1", "prod b-1"]),
        (&[], selection(&["stage", "prod"], &["a-1", "b-1"]), &["stage a-1", "stage b-1", "prod a-1", "prod b-1"]),
        (&[], selection(&[], &["a-1", "b-1"]), &["default a-1", "default b-1"]),
        (&[], selection(&["default"], &[]), &["default ca-central-1"]),
    ] {
        assert_eq!(labels(variables, TWO, &asked).await, expected, "{asked:?} with {variables:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn contexts_of_the_config_count_unless_the_command_line_names_some() {
    let pair = |profile: Option<&str>, region: Option<&str>| (profile.map(str::to_owned), region.map(str::to_owned));
    let pairs =
        vec![pair(Some("prod"), None), pair(Some("stage"), Some("a-1")), pair(None, None), pair(Some("default"), None)];
    let config = ContextSelection { pairs: pairs.clone(), ..ContextSelection::default() };
    let expected = ["prod us-east-1", "stage a-1", "default ca-central-1", "default ca-central-1 (2)"];
    assert_eq!(labels(&[], TWO, &config).await, expected);
    let both = ContextSelection { pairs, ..selection(&["prod"], &[]) };
    assert_eq!(labels(&[], TWO, &both).await, ["prod us-east-1"]);
}

#[tokio::test(start_paused = true)]
async fn what_keeps_us_from_connecting_is_told_with_what_to_do() {
    let files = "/home/me/.aws/config and /home/me/.aws/credentials (does not exist)";
    for (variables, config, asked, expected) in [
        (
            &[][..],
            TWO,
            selection(&["prd"], &[]),
            format!("profile `prd` (--profile) is not defined; looked in {files}. Is `prod` meant?"),
        ),
        (
            &[("AWS_PROFILE", "entirely-else")],
            TWO,
            selection(&[], &[]),
            format!(
                "profile `entirely-else` (AWS_PROFILE) is not defined; looked in {files}. `aws configure --profile entirely-else` defines it."
            ),
        ),
        (
            &[],
            "[profile bare]\noutput = json\n",
            selection(&["bare"], &[]),
            "no region for profile `bare`. Give one with --region, AWS_REGION, or `region` in the profile".to_owned(),
        ),
        (
            &[],
            "",
            selection(&[], &[]),
            "no region for the default credentials. Give one with --region, AWS_REGION, or `region` in the profile"
                .to_owned(),
        ),
        (
            &[],
            TWO,
            selection(&[], &["us east 1"]),
            "`us east 1` is not a region: expected something like us-east-1".to_owned(),
        ),
    ] {
        assert_eq!(told(variables, config, &asked).await, expected);
    }
    let broken = told(&[], "[profile x\nregion = y\n", &selection(&["x"], &[])).await;
    assert!(broken.starts_with("/home/me/.aws/config: "), "{broken}");
    assert!(broken.contains("AWS_CONFIG_FILE"), "{broken}");
}

#[tokio::test(start_paused = true)]
async fn no_retry_mode_and_no_number_of_attempts_ends_the_program() {
    for variables in [
        &[("AWS_RETRY_MODE", "legacy")][..],
        &[("AWS_RETRY_MODE", "nonsense")],
        &[("AWS_MAX_ATTEMPTS", "0")],
        &[("AWS_MAX_ATTEMPTS", "many")],
    ] {
        assert_eq!(labels(variables, TWO, &selection(&["prod"], &[])).await, ["prod us-east-1"]);
    }
    for setting in ["retry_mode = legacy", "max_attempts = 0", "retry_mode = adaptive", "defaults_mode = legacy"] {
        let config = format!("[profile x]\nregion = a-1\n{setting}\n");
        assert_eq!(labels(&[], &config, &selection(&["x"], &[])).await, ["x a-1"], "{setting}");
    }
}

const CALLER: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
<Arn>arn:aws:iam::111122223333:user/ops</Arn><UserId>U</UserId><Account>111122223333</Account></GetCallerIdentityResult>\
</GetCallerIdentityResponse>";

fn caller() -> Script {
    Script::new(|_, _, _| Reply::Says(200, "text/xml", CALLER.to_owned()))
}

const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKIDOFTHEENVIRONMENT"), ("AWS_SECRET_ACCESS_KEY", "s")];

#[tokio::test(start_paused = true)]
async fn keys_of_the_environment_count_only_where_no_profile_is_asked_for() {
    for (asked, key, warned) in
        [(selection(&["ops"], &[]), "AKIDOFTHEPROFILE", 1), (selection(&[], &["eu-west-1"]), "AKIDOFTHEENVIRONMENT", 0)]
    {
        let script = caller();
        let cloud = connecting(&KEYS, super::CONFIG, &asked, &script).await.unwrap();
        let identity =
            Identity { account: "111122223333".to_owned(), arn: "arn:aws:iam::111122223333:user/ops".to_owned() };
        assert_eq!(facts_of(read(&cloud, QueryKind::Identity).await), Payload::Identity(identity));
        let sent = script.sent();
        assert!(sent.iter().all(|sent| sent.signature.contains(key)), "{sent:?}");
        assert!(sent.iter().all(|sent| sent.agent.contains("app/wharf")), "{sent:?}");
        assert_eq!(cloud.warnings().len(), warned, "{:?}", cloud.warnings());
    }
}

#[tokio::test(start_paused = true)]
async fn a_profile_without_credentials_says_so_and_asks_nobody_else() {
    let script = Script::new(|operation, _, _| panic!("{operation} was sent"));
    let cloud = connecting(&KEYS, TWO, &selection(&["prod"], &[]), &script).await.unwrap();
    let error = super::error_of(read(&cloud, QueryKind::Clusters).await);
    assert_eq!(error.kind, Trouble::Credentials, "{error}");
    assert!(error.advice.contains("profile prod"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_profile_of_sso_without_a_session_is_told_how_to_sign_in() {
    let config = "[profile x]\nregion = a-1\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n\
                  [sso-session s]\nsso_region = a-1\nsso_start_url = https://s\n";
    let cloud = connecting(&[], config, &selection(&["x"], &[]), &nobody()).await.unwrap();
    let error = super::error_of(read(&cloud, QueryKind::Clusters).await);
    assert_eq!(error.kind, Trouble::Credentials, "{error}");
    assert_eq!(error.advice, "Run: aws sso login --profile x --use-device-code.");
}

#[tokio::test(start_paused = true)]
async fn what_keeps_credentials_from_being_fetched_is_told_apart() {
    let base = "[profile base]\naws_access_key_id = a\naws_secret_access_key = s\n";
    let role = "region = a-1\nrole_arn = arn:aws:iam::1:role/r\n";
    for (settings, script, kind, advice) in [
        (
            "source_profile = base\n",
            Script::new(|_, _, _| Reply::Refused),
            Trouble::Unreachable,
            "Check the network, the proxy and that region a-1 exists.",
        ),
        (
            "source_profile = base\n",
            Script::always(
                403,
                "text/xml",
                "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>",
            ),
            Trouble::Credentials,
            "Renew the credentials of profile x; nothing needs a restart.",
        ),
        (
            "source_profile = x2\n[profile x2]\nrole_arn = r\nsource_profile = x\n",
            nobody(),
            Trouble::Credentials,
            "Correct profile x in AWS's config file.",
        ),
    ] {
        let config = format!("{base}[profile x]\n{role}{settings}");
        let cloud = connecting(&[], &config, &selection(&["x"], &[]), &script).await.unwrap();
        let error = super::error_of(read(&cloud, QueryKind::Clusters).await);
        assert_eq!((error.kind, error.advice.as_str()), (kind, advice), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn endpoints_come_from_the_environment_and_from_profiles_and_are_shown() {
    let section = "[profile ops]\nregion = eu-west-1\nservices = dev\naws_access_key_id = a\naws_secret_access_key = s\n\
                   endpoint_url = http://profile:1\n[services dev]\necs =\n  endpoint_url = http://section:1\n";
    for (variables, config, host) in [
        (&[][..], super::CONFIG, "ecs.eu-west-1.amazonaws.com"),
        (&[("AWS_ENDPOINT_URL", "http://all:1")], super::CONFIG, "all:1"),
        (&[("AWS_ENDPOINT_URL", "http://all:1"), ("AWS_ENDPOINT_URL_ECS", "http://ecs:1")], super::CONFIG, "ecs:1"),
        (&[], section, "section:1"),
        (&[("AWS_ENDPOINT_URL", "http://all:1")], section, "all:1"),
        (&[("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")], section, "ecs.eu-west-1.amazonaws.com"),
    ] {
        let script = Script::always(200, "application/json", r#"{"clusterArns": []}"#);
        let cloud = connecting(variables, config, &selection(&["ops"], &[]), &script).await.unwrap();
        read(&cloud, QueryKind::Clusters).await;
        let hosts: Vec<String> = script.sent().into_iter().map(|sent| sent.host).collect();
        assert_eq!(hosts, [host], "{variables:?}");
        let shown = cloud.contexts().into_iter().next().unwrap().endpoint;
        assert_eq!(shown, (!host.contains("amazonaws")).then(|| format!("http://{host}")));
    }
}

#[tokio::test(start_paused = true)]
async fn a_profile_that_wants_an_mfa_code_is_warned_about() {
    let config = "[profile base]\naws_access_key_id = a\naws_secret_access_key = s\n\
                  [profile x]\nregion = a-1\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\nmfa_serial = m\n";
    let cloud = connecting(&[], config, &selection(&["x"], &[]), &nobody()).await.unwrap();
    let warnings = cloud.warnings();
    assert!(
        matches!(warnings.as_slice(), [one] if one.contains("mfa_serial") && one.contains("profile x")),
        "{warnings:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_bundle_of_certificates_that_is_none_is_refused_before_anything_is_sent() {
    for (content, reason) in [
        ("", "holds no certificate"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "holds no certificate that can be trusted"),
    ] {
        let variables = [("HOME", "/home/me"), ("AWS_CA_BUNDLE", "/ca.pem")];
        let env = ProcessEnv::given(&variables, &[(CONFIG, super::CONFIG), ("/ca.pem", content)]);
        let options = ConnectOptions { env, ..ConnectOptions::new(clock(), Access::ReadOnly) };
        let error = connect(&selection(&["ops"], &[]), options).await.err().unwrap().to_string();
        assert!(error.starts_with("/ca.pem: ") && error.contains(reason), "{error}");
    }
}
