//! The wire between wharf and the AWS inside, which can be cut at any point.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use serde_json::Value;
use tokio::sync::Notify;

use crate::requests::{is_write, operation};

/// When everything ends at once, as if the machine had lost its power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    Never,
    /// Once so many lines of the journal have been written.
    AfterLine(usize),
    /// When the write of that number is sent, before AWS gets it.
    BeforeWrite(usize),
    /// When AWS has carried the write of that number out, before the answer comes.
    AfterWrite(usize),
}

/// What becomes of one write without a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// It does not reach AWS.
    Before,
    /// AWS carries it out, and the connection breaks before the answer.
    After,
}

/// The wire to AWS. Clones are one wire.
#[derive(Clone)]
pub struct Wire {
    inner: SharedHttpClient,
    state: Arc<Mutex<State>>,
    /// Notified when everything has ended.
    pub over: Arc<Notify>,
    /// Notified when the plug is pulled behind a write.
    pub pulled: Arc<Notify>,
}

#[derive(Default)]
struct State {
    writes: Vec<Value>,
    crash: Option<Crash>,
    losses: Vec<(usize, Loss)>,
    dead: bool,
    unplugged: bool,
    /// Whether the plug is pulled behind the next write.
    unplugs: bool,
}

impl Wire {
    /// A wire to `inner`.
    pub fn new(inner: SharedHttpClient) -> Self {
        Self { inner, state: Arc::default(), over: Arc::default(), pulled: Arc::default() }
    }

    /// Bodies of the writes that left since it was armed, in order, whether or not they arrived.
    pub fn writes(&self) -> Vec<Value> {
        self.state.lock().unwrap().writes.clone()
    }

    /// From now on everything is to end at `crash`.
    pub fn arm(&self, crash: Crash) {
        let mut state = self.state.lock().unwrap();
        (state.crash, state.dead) = (Some(crash), false);
        state.writes.clear();
    }

    /// The write of this number, counted from one, meets with this.
    pub fn lose(&self, write: usize, loss: Loss) {
        self.state.lock().unwrap().losses.push((write, loss));
    }

    /// From now on everything can be reached again.
    pub fn plug_in(&self) {
        self.state.lock().unwrap().unplugged = false;
    }

    /// Pulls the plug behind the next write.
    pub fn unplug_after_a_write(&self) {
        self.state.lock().unwrap().unplugs = true;
    }

    pub fn is_dead(&self) -> bool {
        self.state.lock().unwrap().dead
    }

    pub fn die(&self) {
        self.state.lock().unwrap().dead = true;
        self.over.notify_one();
    }
}

/// What is to be done with a request.
enum Course {
    Pass,
    Pend,
    Break,
    PassAndDie,
    PassAndBreak,
}

impl State {
    fn course(&mut self, operation: &str, body: &[u8]) -> Course {
        if self.dead {
            return Course::Pend;
        }
        if !is_write(operation) {
            return if self.unplugged { Course::Break } else { Course::Pass };
        }
        let form = || Value::String(String::from_utf8_lossy(body).into_owned());
        self.writes.push(serde_json::from_slice(body).unwrap_or_else(|_| form()));
        let number = self.writes.len();
        let loss = self.losses.iter().find(|(write, _)| *write == number).map(|(_, loss)| *loss);
        match (self.crash, loss) {
            (Some(Crash::BeforeWrite(at)), _) if at == number => {
                self.dead = true;
                Course::Pend
            }
            (Some(Crash::AfterWrite(at)), _) if at == number => Course::PassAndDie,
            (_, Some(Loss::Before)) => Course::Break,
            (_, Some(Loss::After)) => Course::PassAndBreak,
            _ if self.unplugged => Course::Break,
            _ => Course::Pass,
        }
    }
}

#[derive(Clone)]
struct Socket {
    wire: Wire,
    inner: SharedHttpConnector,
}

impl HttpClient for Wire {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Socket { wire: self.clone(), inner })
    }
}

impl HttpConnector for Socket {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let operation = operation(&request);
        let body = request.body().bytes().unwrap_or_default().to_vec();
        let (course, pulled) = {
            let mut state = self.wire.state.lock().unwrap();
            let course = state.course(&operation, &body);
            let pulled = state.unplugs && is_write(&operation);
            (state.unplugs, state.unplugged) = (state.unplugs && !pulled, state.unplugged || pulled);
            (course, pulled)
        };
        if pulled {
            self.wire.pulled.notify_one();
        }
        let broken = || ConnectorError::other("connection closed before message completed".into(), None);
        let (wire, inner) = (self.wire.clone(), self.inner.clone());
        match course {
            Course::Pass => inner.call(request),
            Course::Pend => {
                if wire.is_dead() {
                    wire.over.notify_one();
                }
                HttpConnectorFuture::new(std::future::pending())
            }
            Course::Break => HttpConnectorFuture::ready(Err(broken())),
            Course::PassAndDie => HttpConnectorFuture::new(async move {
                let _ = inner.call(request).await;
                wire.die();
                std::future::pending().await
            }),
            Course::PassAndBreak => HttpConnectorFuture::new(async move {
                let _ = inner.call(request).await;
                Err(broken())
            }),
        }
    }
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wire")
    }
}

impl std::fmt::Debug for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Socket")
    }
}
