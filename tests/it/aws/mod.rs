//! The way to AWS, on answers that are scripted and in time that is moved by hand.

mod changing;
mod connecting;
mod following;
mod images;
mod inside;
mod log_file;
mod logs;
mod oddities;
mod paging;
mod script;
mod troubles;
mod waiting;
mod whose;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use script::Script;
use wharf::aws::{Access, Clock, Cloud, ConnectOptions, ContextSelection, ProcessEnv, connect};
use wharf::fleet::{Arn, CloudError, Payload, Priority, Query, QueryKind, Response};

/// A clock that follows tokio's own, which these tests pause.
fn clock() -> Clock {
    let start = tokio::time::Instant::now();
    let then: Timestamp = "2026-11-20T03:12:00Z".parse().unwrap();
    Arc::new(move || then + SignedDuration::try_from(start.elapsed()).unwrap())
}

/// A profile with keys of its own, in Ireland.
const CONFIG: &str =
    "[profile ops]\nregion = eu-west-1\naws_access_key_id = AKIDOFTHEPROFILE\naws_secret_access_key = s\n";

fn config() -> [(&'static str, &'static str); 1] {
    [("/home/me/.aws/config", CONFIG)]
}

/// The profile `ops`, answered by `script`.
async fn cloud(script: &Script) -> Cloud {
    let env = ProcessEnv::given(&[("HOME", "/home/me")], &config());
    let selection = ContextSelection { profiles: vec!["ops".to_owned()], ..ContextSelection::default() };
    let options = ConnectOptions { env, http: Some(script.client()), ..ConnectOptions::new(clock(), Access::ReadOnly) };
    connect(&selection, options).await.unwrap()
}

/// What comes back for `about` from the first context.
async fn read(cloud: &Cloud, about: QueryKind) -> Response {
    let context = cloud.contexts().into_iter().next().unwrap().id;
    cloud.read(&Query { context, kind: about }, Priority::Screen).await
}

fn cluster() -> Arn {
    Arn::new("arn:aws:ecs:eu-west-1:111122223333:cluster/main")
}

fn service(name: &str) -> Arn {
    Arn::new(format!("arn:aws:ecs:eu-west-1:111122223333:service/main/{name}"))
}

fn error_of(answer: Response) -> CloudError {
    match answer {
        Response::Failed(error) | Response::Partial(_, error) => error,
        Response::Complete(facts) => panic!("no error but {facts:?}"),
    }
}

fn facts_of(answer: Response) -> Payload {
    match answer {
        Response::Complete(facts) => facts,
        other => panic!("not whole: {other:?}"),
    }
}
