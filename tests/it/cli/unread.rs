//! An AWS that lets us down: the exit code says so, the message what to do, and the time is bounded.

use std::net::TcpListener;

use super::{Server, Wharf};

const SSO: &str = "[profile prod]\nregion = us-east-1\nsso_start_url = https://example.awsapps.com/start\n\
                   sso_region = us-east-1\nsso_account_id = 111122223333\nsso_role_name = Ops\n";

#[test]
fn expired_credentials_are_to_be_renewed() {
    let server = Server::start("--demo-fault expired");
    let ended = Wharf::new("status").at(&server.url).run();
    ended.said(5, &["ExpiredTokenException", "(request ", "renew the credentials", "AWS was not read fully"]);
}

#[test]
fn a_profile_that_has_not_signed_in_is_told_how() {
    let ended = Wharf::new("status --profile prod").file(".aws/config", SSO).run();
    ended.said(5, &["aws sso login --profile prod --use-device-code"]);
}

#[test]
fn what_is_denied_names_the_action_to_allow() {
    let server = Server::start("--demo-fault denied");
    let ended = Wharf::new("status").at(&server.url).run();
    ended.said(5, &["AccessDeniedException", "Allow ecs:ListClusters to the caller", "(request "]);
    assert!(ended.out.contains("(111122223333, as Operator/ops@humangov)"), "{ended:#?}");
}

#[test]
fn an_endpoint_that_is_down_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    Wharf::new("status").at(&url).run().said(5, &[&url, "could not be reached", "Check that", "AWS_ENDPOINT_URL"]);
}

#[test]
fn an_endpoint_that_never_answers_is_given_up_within_the_limits() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    // The kernel takes the connections; nobody ever reads from them.
    let ended = Wharf::new("status --json").at(&url).run();
    ended.said(5, &["ListClusters", "no answer within 20 s", &url, "AWS was not read fully"]);
    let document: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((&document["complete"], &document["services"]), (&false.into(), &serde_json::json!([])));
    drop(listener);
}

#[test]
fn an_error_in_the_document_is_told_in_parts() {
    let ended = Wharf::new("status --demo --json --demo-fault denied").run();
    let document: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    let error = &document["errors"][0];
    let parts: Vec<&String> = error.as_object().unwrap().keys().collect();
    assert_eq!(parts, ["context", "operation", "on", "code", "message", "request_id", "advice"]);
    assert_eq!(
        (&error["context"], &error["operation"], &error["code"]),
        (&"demo us-east-1".into(), &"ListClusters".into(), &"AccessDeniedException".into())
    );
}

#[test]
fn two_ways_to_one_account_are_read_once_and_said() {
    let server = Server::start("");
    let keys = "region = us-east-1\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = secret\n";
    let profiles = format!("[profile a]\n{keys}[profile b]\n{keys}");
    let wharf = Wharf::new("tenants --profile a --profile b").file(".aws/config", &profiles);
    let twice = wharf.env("AWS_ENDPOINT_URL", &server.url).run();
    twice.said(0, &["is left out: it leads to account", "in the same region"]);
    let wharf = Wharf::new("tenants --profile a").file(".aws/config", &profiles);
    let once = wharf.env("AWS_ENDPOINT_URL", &server.url).run();
    assert_eq!(twice.out, once.out);
}
