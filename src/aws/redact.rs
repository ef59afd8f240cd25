//! Takes secrets out of what is shown: of raw answers, and of messages.

use serde_json::Value;

/// What replaces a secret.
const HIDDEN: &str = "(hidden)";

/// Words in a name that make its value a secret.
const TELLING: [&str; 9] =
    ["password", "passwd", "passphrase", "secret", "token", "credential", "apikey", "accesskey", "privatekey"];

/// Replaces every value in `value` that could be a secret; order and names stay.
///
/// Values of environment variables always; values under names that suggest a secret (options, labels, tags);
/// arguments such as `--password=…`; and passwords within URLs. References to secrets
/// (`valueFrom`) stay: they name where the secret is kept.
pub(super) fn redact(value: &mut Value) {
    match value {
        Value::Object(members) => {
            let tells = ["name", "key", "Name", "Key"]
                .iter()
                .any(|naming| members.get(*naming).and_then(Value::as_str).is_some_and(is_telling));
            for (name, member) in members.iter_mut() {
                if name.eq_ignore_ascii_case("environment") {
                    hide_values(member);
                } else if name.eq_ignore_ascii_case("options") || name.eq_ignore_ascii_case("driverOpts") {
                    hide_options(member);
                } else if let (true, Value::String(text)) = (is_telling(name) || tells && name == "value", &mut *member)
                {
                    HIDDEN.clone_into(text);
                } else {
                    redact(member);
                }
            }
        }
        Value::Array(items) => redact_list(items),
        Value::String(text) => *text = inline(text),
        _ => {}
    }
}

/// `text` without access keys, session tokens, and passwords: for messages of AWS and of helpers.
pub(super) fn scrub(text: &str) -> String {
    // What follows is the canonical request, with the headers that were signed.
    let text = text.split("The Canonical String for this request").next().unwrap_or(text).trim_end();
    inline(text)
        .split_inclusive(char::is_whitespace)
        .map(|word| if is_key(word) { hide_key(word) } else { word.to_owned() })
        .collect()
}

/// Of an environment, names stay: `[{name, value}]` as ECS has it, or a map.
fn hide_values(environment: &mut Value) {
    match environment {
        Value::Array(items) => items.iter_mut().for_each(|item| match item {
            Value::Object(members) => {
                for (name, member) in members.iter_mut() {
                    if !name.eq_ignore_ascii_case("name") && !name.eq_ignore_ascii_case("valueFrom") {
                        hide_all(member);
                    }
                }
            }
            other => hide_all(other),
        }),
        other => hide_all(other),
    }
}

fn hide_all(value: &mut Value) {
    match value {
        Value::Object(members) => members.values_mut().for_each(hide_all),
        Value::Array(items) => items.iter_mut().for_each(hide_all),
        Value::Null => {}
        other => *other = Value::String(HIDDEN.to_owned()),
    }
}

/// Options of log drivers and volumes: `splunk-token`, `apikey`, `Shared_Key`, ….
fn hide_options(options: &mut Value) {
    let Value::Object(members) = options else { return redact(options) };
    for (name, member) in members.iter_mut() {
        if is_telling(name) || name.to_ascii_lowercase().contains("key") {
            hide_all(member);
        } else {
            redact(member);
        }
    }
}

/// An argument that names a secret (`--password`) hides the one that follows.
fn redact_list(items: &mut [Value]) {
    let mut hide = false;
    for item in items {
        match item {
            Value::String(text) if hide && !text.starts_with('-') => {
                hide = false;
                HIDDEN.clone_into(text);
            }
            Value::String(text) => {
                hide = text.starts_with('-') && !text.contains('=') && is_telling(text);
                *text = inline(text);
            }
            other => redact(other),
        }
    }
}

fn is_telling(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    // `secretOptions` and `secrets` hold references, `nextToken` and the like are no secrets.
    let reference =
        ["secrets", "secretoptions", "nexttoken", "clienttoken", "credentialspecs", "repositorycredentials"];
    !reference.contains(&plain.as_str())
        && !plain.ends_with("arn")
        && !plain.ends_with("credentialsparameter")
        && TELLING.iter().any(|word| plain.contains(word))
}

/// `text` without the passwords of URLs and of `name=value` and `"name": "value"` pairs that name a secret.
fn inline(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for word in text.split_inclusive(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '&')) {
        let (body, end) = split_end(word);
        let carried = carries(&shown);
        match body.split_once(['=', ':']) {
            _ if carried && !body.is_empty() => shown.push_str(HIDDEN),
            Some((name, value))
                if is_telling(name) && !value.is_empty() && !value.starts_with("//") && !is_arn(name) =>
            {
                shown.push_str(&body[..=name.len()]);
                shown.push_str(HIDDEN);
            }
            _ => shown.push_str(&without_password(body)),
        }
        shown.push_str(end);
    }
    shown
}

/// Whether the last word of `shown` names a secret and its value is still to come, as in `"Token": `.
///
/// Prose that merely speaks of a token, as in `failed to load the token: …`, does not.
fn carries(shown: &str) -> bool {
    let trimmed = shown.trim_end();
    if trimmed.len() == shown.len() || !trimmed.ends_with([':', '=']) {
        return false;
    }
    let name = trimmed.rsplit(char::is_whitespace).next().unwrap_or_default();
    is_telling(name) && (name.ends_with('=') || name.contains(['"', '\'', '-', '_']))
}

fn split_end(word: &str) -> (&str, &str) {
    let body = word.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '&'));
    word.split_at(body.len())
}

fn is_arn(name: &str) -> bool {
    name == "arn"
}

/// `postgres://web:(hidden)@db/web` for `postgres://web:hunter2@db/web`.
fn without_password(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else { return word.to_owned() };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let Some((user_info, _)) = authority.rsplit_once('@') else { return word.to_owned() };
    let Some((user, _)) = user_info.split_once(':') else { return word.to_owned() };
    format!("{scheme}://{user}:{HIDDEN}{}", &rest[user_info.len()..])
}

/// An access key id: `AKIA` or `ASIA`, and sixteen more.
fn is_key(word: &str) -> bool {
    ["AKIA", "ASIA"].iter().any(|start| {
        word.match_indices(start).any(|(at, _)| {
            word[at..].bytes().take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()).count() >= 20
        })
    })
}

fn hide_key(word: &str) -> String {
    let mut shown = String::new();
    let mut run = String::new();
    for c in word.chars().chain(std::iter::once('\0')) {
        if c.is_ascii_uppercase() || c.is_ascii_digit() {
            run.push(c);
            continue;
        }
        shown.push_str(if is_key(&run) { HIDDEN } else { &run });
        run.clear();
        if c != '\0' {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_that_could_be_secrets_are_hidden_and_names_and_order_stay() {
        for (before, after) in [
            (
                json!({"environment": [{"name": "A", "value": "x"}]}),
                json!({"environment": [{"name": "A", "value": HIDDEN}]}),
            ),
            (
                json!({"Environment": {"A": "x", "B": 1, "C": null}}),
                json!({"Environment": {"A": HIDDEN, "B": HIDDEN, "C": null}}),
            ),
            (
                json!({"overrides": {"containerOverrides": [{"environment": [{"name": "A", "value": "x"}]}]}}),
                json!({"overrides": {"containerOverrides": [{"environment": [{"name": "A", "value": HIDDEN}]}]}}),
            ),
            (
                json!({"secrets": [{"name": "DB_PASSWORD", "valueFrom": "arn:s"}]}),
                json!({"secrets": [{"name": "DB_PASSWORD", "valueFrom": "arn:s"}]}),
            ),
            (
                json!({"options": {"splunk-token": "x", "Shared_Key": "x", "awslogs-group": "/g"}}),
                json!({"options": {"splunk-token": HIDDEN, "Shared_Key": HIDDEN, "awslogs-group": "/g"}}),
            ),
            (
                json!({"secretOptions": [{"name": "splunk-token", "valueFrom": "arn:s"}]}),
                json!({"secretOptions": [{"name": "splunk-token", "valueFrom": "arn:s"}]}),
            ),
            (
                json!({"dockerLabels": {"apiKey": "x", "team": "t"}}),
                json!({"dockerLabels": {"apiKey": HIDDEN, "team": "t"}}),
            ),
            (
                json!([{"key": "deploy-token", "value": "x"}, {"key": "Tenant", "value": "t"}]),
                json!([{"key": "deploy-token", "value": HIDDEN}, {"key": "Tenant", "value": "t"}]),
            ),
            (
                json!({"command": ["run", "--password", "x", "-v", "--secret=x"]}),
                json!({"command": ["run", "--password", HIDDEN, "-v", "--secret=(hidden)"]}),
            ),
            (
                json!({"driverOpts": {"o": "username=u,password=x"}}),
                json!({"driverOpts": {"o": "username=u,password=(hidden)"}}),
            ),
            (
                json!({"executionRoleArn": "arn:aws:iam::1:role/token-reader", "nextToken": "n"}),
                json!({"executionRoleArn": "arn:aws:iam::1:role/token-reader", "nextToken": "n"}),
            ),
            (
                json!({"message": "(service web) has reached a steady state."}),
                json!({"message": "(service web) has reached a steady state."}),
            ),
        ] {
            let mut value = before.clone();
            redact(&mut value);
            assert_eq!(value, after, "{before}");
        }
    }

    #[test]
    fn messages_lose_keys_tokens_and_passwords() {
        for (before, after) in [
            ("Rate exceeded", "Rate exceeded"),
            ("key AKIAIOSFODNN7EXAMPLE, bad", "key (hidden), bad"),
            ("(ASIAIOSFODNN7EXAMPLE)", "((hidden))"),
            ("AKIASHORT stays", "AKIASHORT stays"),
            (
                r#"stderr: {"SecretAccessKey": "x", "Version": 1}"#,
                r#"stderr: {"SecretAccessKey": (hidden), "Version": 1}"#,
            ),
            (r#"{"SessionToken":"x"}"#, r#"{"SessionToken":(hidden)"#),
            ("x-amz-security-token: IQoJb3Jp", "x-amz-security-token: (hidden)"),
            (
                "loading credentials: failed to load the token: timed out",
                "loading credentials: failed to load the token: timed out",
            ),
            ("aws_secret_access_key=x y", "aws_secret_access_key=(hidden) y"),
            ("http://me:x@proxy:3128/ refused", "http://me:(hidden)@proxy:3128/ refused"),
            (
                "The security token included in the request is expired",
                "The security token included in the request is expired",
            ),
            (
                "is not authorized to perform: ecs:ListServices on resource: arn:aws:ecs:a:1:service/token/x",
                "is not authorized to perform: ecs:ListServices on resource: arn:aws:ecs:a:1:service/token/x",
            ),
        ] {
            assert_eq!(scrub(before), after);
        }
    }
}
