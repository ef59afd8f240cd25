//! The handle of the embedded AWS, and the stages that each request passes through.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;
use serde_json::Value;

use super::ecs::WriteTime;
use super::random::Random;
use super::request_body::RequestBody;
use super::throttle::Buckets;
use super::wire::{self, Api, ApiCall, ApiError, Output, Protocol};
use super::world::{Location, Region};
use super::{Fault, Reply, World, ecr, ecs, logs, scaling, sts};

/// The duration of a response with [`Fault::Slow`].
const SLOW_RESPONSE: Duration = Duration::from_secs(7);

/// The number of recorded requests. Older ones are dropped.
const MAX_RECORDED: usize = 100_000;

/// The whole embedded AWS: a world, its faults and the requests it received. Clones share the same state.
#[derive(Clone)]
pub struct Aws {
    shared: Arc<Shared>,
}

/// A request that was received, whatever its outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedRequest {
    /// `ecs`, `ecr`, `logs`, `application-autoscaling` or `sts`.
    pub service: &'static str,
    /// The operation, as in `ListClusters`.
    pub operation: String,
    /// The region in the credential scope.
    pub region: String,
    /// The access key id of the caller.
    pub access_key: String,
    /// When it was received, by the injected clock.
    pub at: Timestamp,
    /// The body; null if it is not JSON.
    pub body: Value,
    /// The app name in the SDK's config, as in `wharf-…`.
    ///
    /// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-appid.html>
    pub app: Option<String>,
}

struct Shared {
    now: Box<dyn Fn() -> Timestamp + Send + Sync>,
    state: Mutex<State>,
}

struct State {
    world: World,
    faults: Vec<ScriptedFault>,
    buckets: Buckets,
    requests: VecDeque<RecordedRequest>,
    ids: Random,
}

/// A fault, the operation it applies to (`None`: all), and the number of calls that still succeed before it applies.
struct ScriptedFault {
    operation: Option<String>,
    skip: u32,
    fault: Fault,
}

impl Aws {
    /// An AWS with this `world`. `now` is its clock.
    pub fn new(world: World, now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        let state = State {
            world,
            faults: vec![],
            buckets: Buckets::default(),
            requests: VecDeque::new(),
            ids: Random::from_words(&["request ids"]),
        };
        Self { shared: Arc::new(Shared { now: Box::new(now), state: Mutex::new(state) }) }
    }

    /// Handles one HTTP request in one of AWS's wire protocols.
    ///
    /// Never fails: an invalid request gets AWS's own error. Returns at once, except with [`Fault::Slow`].
    pub async fn respond(&self, request: Request<Bytes>) -> Reply {
        let now = (self.shared.now)();
        let (response, fault) = self.state().handle(request, now);
        match fault {
            Some(Fault::Silent | Fault::Lost) => Reply::NoResponse,
            Some(Fault::CutOff) => Reply::CutOff(response),
            Some(Fault::Slow) => {
                tokio::time::sleep(SLOW_RESPONSE).await;
                Reply::Complete(response)
            }
            _ => Reply::Complete(response),
        }
    }

    /// Applies this fault to every operation, or ends all faults.
    pub fn set_fault(&self, fault: Option<Fault>) {
        let scripted = |fault| ScriptedFault { operation: None, skip: 0, fault };
        self.state().faults = fault.map(scripted).into_iter().collect();
    }

    /// Applies a fault to one operation, as in `ListServices`, in addition to the faults that are set already.
    pub fn set_fault_for(&self, operation: &str, fault: Fault) {
        self.set_fault_after(operation, 0, fault);
    }

    /// Like [`Aws::set_fault_for`], but the next `skip` calls still succeed: an error on the second page, for example.
    pub fn set_fault_after(&self, operation: &str, skip: u32, fault: Fault) {
        self.state().faults.push(ScriptedFault { operation: Some(operation.to_owned()), skip, fault });
    }

    /// The requests so far in order of arrival: the newest 100,000.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.state().requests.iter().cloned().collect()
    }

    /// Advances the world to the present and changes it directly, without a request.
    pub fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let now = (self.shared.now)();
        let mut state = self.state();
        state.world.advance(now);
        change(&mut state.world)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Only a test's closure can panic while it holds the lock. The world is still usable then.
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Aws")
    }
}

impl State {
    /// Identity, faults, throttling and the operation, in this order.
    fn handle(&mut self, request: Request<Bytes>, now: Timestamp) -> (Response<Bytes>, Option<Fault>) {
        let id = self.ids.uuid();
        let call = match wire::parse_call(request) {
            Ok(call) => call,
            Err((protocol, error)) => return (wire::error_response(protocol, &error, &id), None),
        };
        self.record(&call, now);
        let fault = self.fault(&call.operation);
        self.world.advance(now);
        let outcome = match self.check_call(&call, fault, now) {
            Some(error) => Err(error),
            // The request never reaches AWS.
            None if fault == Some(Fault::Silent) => return (Response::default(), fault),
            None => run_operation(&mut self.world, &call, now),
        };
        let response = match outcome {
            Ok(output) => wire::success_response(output, &id),
            Err(error) => wire::error_response(call.api.protocol(), &error, &id),
        };
        (response, fault)
    }

    fn record(&mut self, call: &ApiCall, at: Timestamp) {
        if self.requests.len() == MAX_RECORDED {
            self.requests.pop_front();
        }
        self.requests.push_back(RecordedRequest {
            service: call.api.name(),
            operation: call.operation.clone(),
            region: call.region.clone(),
            access_key: call.access_key.clone(),
            at,
            body: serde_json::from_slice(&call.body).unwrap_or_default(),
            app: call.app.clone(),
        });
    }

    /// The fault of this call: the first one that applies to its operation and has no calls to skip.
    fn fault(&mut self, operation: &str) -> Option<Fault> {
        let mut found = None;
        for scripted in &mut self.faults {
            if scripted.operation.as_deref().is_none_or(|named| named == operation) {
                if scripted.skip > 0 {
                    scripted.skip -= 1;
                } else {
                    found = found.or(Some(scripted.fault));
                }
            }
        }
        found
    }

    /// The error of a call that fails before its operation runs.
    fn check_call(&mut self, call: &ApiCall, fault: Option<Fault>, now: Timestamp) -> Option<ApiError> {
        let json = call.api.protocol() == Protocol::Json;
        match fault {
            Some(Fault::Expired) => {
                let code = if json { "ExpiredTokenException" } else { "ExpiredToken" };
                return Some(ApiError::new(code, "The security token included in the request is expired"));
            }
            // GetCallerIdentity needs no permission and cannot be denied:
            // https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
            Some(Fault::Denied) if call.api != Api::Sts => return Some(access_denied(&self.world, call)),
            _ => {}
        }
        let location =
            Location::new(self.world.account(&call.access_key).map_or("", |account| &account.id), &call.region);
        let throttled = !self.buckets.try_take(&location, call.api, &call.operation, now);
        (throttled || fault == Some(Fault::Throttled))
            .then(|| ApiError::new(if json { "ThrottlingException" } else { "Throttling" }, "Rate exceeded"))
    }
}

/// Runs the operation.
fn run_operation(world: &mut World, call: &ApiCall, now: Timestamp) -> Result<Output, ApiError> {
    let write = match call.api {
        Api::Ecs => ecs::write_operation(&call.operation),
        Api::Logs => logs::write_operation(&call.operation),
        Api::Scaling => scaling::write_operation(&call.operation),
        Api::Ecr | Api::Sts => None,
    };
    if let Some(write) = write {
        let request = RequestBody::parse(&call.body)?;
        let time = WriteTime { now, visible_at: now + world.timings.read_lag };
        return write(world.region(&call.access_key, &call.region), &request, time).map(Output::Json);
    }
    let account = world.account(&call.access_key);
    let location = Location::new(account.map_or("", |account| &account.id), &call.region);
    // A region without any resources.
    let empty = Region::new(location);
    let region = account.and_then(|account| account.region(&call.region)).unwrap_or(&empty);
    match call.api {
        Api::Ecs => ecs::read(region, &call.operation, &call.body).map(Output::Json),
        Api::Ecr => ecr::read(region, &call.operation, &call.body).map(Output::Json),
        Api::Logs => logs::read(region, &call.operation, &call.body, now).map(Output::Json),
        Api::Scaling => scaling::read(region, &call.operation, &call.body).map(Output::Json),
        Api::Sts => {
            sts::read(account, &call.operation).map(|result| Output::Xml { operation: call.operation.clone(), result })
        }
    }
}

/// AWS's message for an operation that the caller's policies do not allow.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
fn access_denied(world: &World, call: &ApiCall) -> ApiError {
    let account = world.account(&call.access_key);
    let location = Location::new(account.map_or("", |account| &account.id), &call.region);
    let action = format!("{}:{}", call.api.name(), call.operation);
    let resource = match call.api {
        Api::Ecs => ecs::denied_resource(&location, &call.operation, &call.body),
        Api::Ecr => ecr::denied_resource(&location, &call.body),
        Api::Logs => logs::denied_resource(&location, &call.body),
        Api::Scaling | Api::Sts => "*".to_owned(),
    };
    let message = format!(
        "User: {} is not authorized to perform: {action} on resource: {resource} because no identity-based policy \
         allows the {action} action",
        account.map_or("", |account| &account.caller)
    );
    ApiError::new("AccessDeniedException", message)
}
