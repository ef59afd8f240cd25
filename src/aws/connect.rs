//! Sets the way to every context up, without sending anything.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::identity::IdentityCache;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::identity::SharedIdentityCache;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;

use super::client::{ATTEMPT, ATTEMPTS, CONNECT, ContextClient, Endpoints, Login, OPERATION, Principal};
use super::limiter::{AccountBudgets, Limiter};
use super::network::Networks;
use super::profiles::{ConnectError, Files, ProcessEnv, Settings};
use super::{Clock, Cloud, ConnectOptions, ContextSelection};
use crate::fleet::operation::{AwsService, OPERATIONS};
use crate::fleet::{Context, ContextId};

/// Sets the way to every selection context up. Reads files and the environment, and sends nothing.
///
/// The retry mode of the environment and of profiles is not looked at: our own budgets pace us, and
/// some of its values would end the program within the SDK.
pub async fn connect(selection: &ContextSelection, options: ConnectOptions) -> Result<Cloud, ConnectError> {
    if let Some(inside) = options.embedded.clone() {
        let client = within(&options, inside.http, inside.region, &inside.label);
        return Ok(Cloud { clients: Arc::new(vec![client]), warnings: Arc::default(), pools: Arc::default() });
    }
    let files = Files::read(&options.env).await?;
    let places = places(selection, &options.env, &files)?;
    let mut warnings = vec![];
    let mut networks = Networks::default();
    let mut accounts: BTreeMap<Option<String>, Account> = BTreeMap::new();
    let (mut clients, mut labels) = (vec![], BTreeSet::new());
    for place in places {
        if !accounts.contains_key(&place.profile) {
            let account = Account::open(&options, &files, &place, &mut networks, &mut warnings).await?;
            accounts.insert(place.profile.clone(), account);
        }
        let Some(account) = accounts.get(&place.profile) else { continue };
        let id = label(&place, &mut labels);
        clients.push(account.client(&options, place, id));
    }
    Ok(Cloud { clients: Arc::new(clients), warnings: Arc::new(warnings), pools: Arc::new(AccountBudgets::default()) })
}

/// One context to be: a profile (none for the default chain) and a region.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    profile: Option<String>,
    region: String,
    /// The profile whose settings count: the one asked for, or the default chain's.
    settings: String,
}

/// What contexts of one profile share: its credentials, and the connections.
struct Account {
    config: SdkConfig,
    settings: Settings,
    login: Login,
    /// The profile to name in advice: the default chain's only if it is defined.
    profile: Option<String>,
}

/// Every profile in every region, each once, in the order they were asked for.
fn places(selection: &ContextSelection, env: &ProcessEnv, files: &Files) -> Result<Vec<Place>, ConnectError> {
    let named = !selection.profiles.is_empty() || !selection.regions.is_empty();
    let (pairs, from) = match selection.pairs.as_slice() {
        pairs if !named && !pairs.is_empty() => (pairs.to_vec(), "the config"),
        _ => (product(&selection.profiles, &selection.regions), "--profile"),
    };
    let mut places: Vec<Place> = vec![];
    for (profile, region) in pairs {
        let place = place(profile, region, from, env, files)?;
        if !places.contains(&place) {
            places.push(place);
        }
    }
    Ok(places)
}

fn product(profiles: &[String], regions: &[String]) -> Vec<(Option<String>, Option<String>)> {
    let each = |names: &[String]| -> Vec<Option<String>> {
        if names.is_empty() { vec![None] } else { names.iter().cloned().map(Some).collect() }
    };
    let regions = each(regions);
    each(profiles)
        .into_iter()
        .flat_map(|profile| regions.iter().map(move |region| (profile.clone(), region.clone())))
        .collect()
}

/// A profile that is asked for brings its own region; for the default chain the environment comes first.
fn place(
    profile: Option<String>,
    region: Option<String>,
    from: &'static str,
    env: &ProcessEnv,
    files: &Files,
) -> Result<Place, ConnectError> {
    let set = |name: &str| env.variable(name);
    let of_environment = || set("AWS_REGION").or_else(|| set("AWS_DEFAULT_REGION"));
    let (settings, own) = match (&profile, set("AWS_PROFILE")) {
        (Some(name), _) => {
            let own = files.profile(name, from)?.get("region").map(str::to_owned);
            (name.clone(), own.or_else(of_environment))
        }
        (None, Some(name)) => {
            let own = files.profile(&name, "AWS_PROFILE")?.get("region").map(str::to_owned);
            (name, of_environment().or(own))
        }
        (None, None) => {
            let profile = files.profile("default", "the default").ok();
            let own = profile.and_then(|profile| profile.get("region")).map(str::to_owned);
            ("default".to_owned(), of_environment().or(own))
        }
    };
    let principal = || match &profile {
        Some(name) => format!("profile `{name}`"),
        None => "the default credentials".to_owned(),
    };
    let region = region.or(own).ok_or_else(|| ConnectError::NoRegion { principal: principal() })?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if region.is_empty() || !region.chars().all(plain) {
        return Err(ConnectError::BadRegion { name: region });
    }
    Ok(Place { profile, region, settings })
}

/// `humangov-prod us-east-1`, and a number behind it should that be taken.
fn label(place: &Place, taken: &mut BTreeSet<String>) -> ContextId {
    let label = format!("{} {}", place.profile.as_deref().unwrap_or(&place.settings), place.region);
    let numbered = (2..).map(|number| format!("{label} ({number})"));
    let free = std::iter::once(label.clone()).chain(numbered).find(|label| !taken.contains(label)).unwrap_or(label);
    taken.insert(free.clone());
    ContextId::new(free)
}

impl Account {
    async fn open(
        options: &ConnectOptions,
        files: &Files,
        place: &Place,
        networks: &mut Networks,
        warnings: &mut Vec<String>,
    ) -> Result<Self, ConnectError> {
        let name = &place.settings;
        if files.wants_mfa(name) {
            warnings.push(format!(
                "Profile {name} wants an MFA code (mfa_serial), which cannot be asked for here: give another profile \
                 `credential_process = aws configure export-credentials --profile {name} --format process`, and use that."
            ));
        }
        let keys = options.env.variable("AWS_ACCESS_KEY_ID").is_some();
        if let (Some(profile), true) = (&place.profile, keys) {
            warnings.push(format!(
                "AWS_ACCESS_KEY_ID is set, but profile {profile} was asked for: its own credentials are used."
            ));
        }
        let settings = files.settings(name).await;
        let http = networks.client(options, &settings).await?;
        let credentials = credentials(options, files, place, &http).await;
        let mut config = config(&options.clock, http, credentials, &place.region).into_builder();
        config.set_use_fips(settings.is_on("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"));
        config.set_use_dual_stack(settings.is_on("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"));
        let profile = Some(name.clone()).filter(|name| files.profile(name, "").is_ok());
        Ok(Self { config: config.build(), settings, login: files.login(name), profile })
    }

    fn client(&self, options: &ConnectOptions, place: Place, id: ContextId) -> ContextClient {
        let config = self.config.to_builder().region(Region::new(place.region.clone())).build();
        let endpoints = endpoints(&self.settings);
        let context = Context {
            id,
            profile: place.profile,
            region: place.region,
            endpoint: shown(&endpoints).cloned(),
            identity: None,
            same_as: None,
        };
        client(options, config, endpoints, context, self.login, self.profile.clone())
    }
}

/// What the environment and the profile say of endpoints, unless it is to be ignored.
fn endpoints(settings: &Settings) -> Endpoints {
    if settings.is_on("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls") == Some(true) {
        return Endpoints::default();
    }
    let services: BTreeSet<AwsService> = OPERATIONS.iter().map(|info| info.service).collect();
    let endpoint = |service: &AwsService| settings.get("AWS_ENDPOINT_URL", "endpoint_url", Some(service.id()));
    services.into_iter().filter_map(|service| Some((service, endpoint(&service)?))).collect()
}

/// The endpoint to show: that of ECS first.
fn shown(endpoints: &Endpoints) -> Option<&String> {
    let order = [AwsService::Ecs, AwsService::Sts, AwsService::ApplicationAutoScaling];
    order.iter().find_map(|service| endpoints.get(service))
}

fn client(
    options: &ConnectOptions,
    config: SdkConfig,
    endpoints: Endpoints,
    context: Context,
    login: Login,
    profile: Option<String>,
) -> ContextClient {
    let limiter = Arc::new(Limiter::new(Arc::clone(&options.clock)));
    let principal = Principal { profile, region: context.region.clone(), endpoint: context.endpoint.clone(), login };
    ContextClient::new(context, principal, options.access, limiter, config, endpoints)
}

/// The one context of the AWS inside, which takes any credentials.
fn within(options: &ConnectOptions, http: SharedHttpClient, region: String, label: &str) -> ContextClient {
    let any = Credentials::new("inside", "inside", None, None, "the AWS inside");
    let config = config(&options.clock, http, SharedCredentialsProvider::new(any), &region);
    let id = ContextId::new(label);
    let context = Context { id, profile: None, region, endpoint: None, identity: None, same_as: None };
    client(options, config, Endpoints::default(), context, Login::Other, None)
}

/// What every client has in common. The retry mode is always given, so that no other is looked for.
fn config(clock: &Clock, http: SharedHttpClient, credentials: SharedCredentialsProvider, region: &str) -> SdkConfig {
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .http_client(http)
        .credentials_provider(credentials)
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .time_source(SharedTimeSource::new(Now(Arc::clone(clock))))
        .retry_config(retries())
        .timeout_config(limits())
        // Limits on whole attempts end a stalled answer already, and follow tokio's own clock.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    let cache: SharedIdentityCache = IdentityCache::lazy().build();
    config.set_identity_cache(Some(cache));
    config.set_app_name(AppName::new("wharf").ok());
    config.build()
}

fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(ATTEMPTS)
}

fn limits() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build()
}

/// A profile's own credentials where one is asked for, or else the default chain's.
///
/// The default chain would prefer keys of the environment to a profile that was asked for, and go on
/// to the instance's role for a profile that does not exist.
async fn credentials(
    options: &ConnectOptions,
    files: &Files,
    place: &Place,
    http: &SharedHttpClient,
) -> SharedCredentialsProvider {
    let region = Region::new(place.region.clone());
    let provider = ProviderConfig::without_region()
        .with_region(Some(region.clone()))
        .with_http_client(http.clone())
        .with_sleep_impl(TokioSleep::new())
        .with_time_source(Now(Arc::clone(&options.clock)))
        .with_retry_config(retries());
    if let Some(profile) = &place.profile {
        let own = ProfileFileCredentialsProvider::builder().configure(&provider).profile_files(files.sources());
        return SharedCredentialsProvider::new(own.profile_name(profile).build());
    }
    let chain = DefaultCredentialsChain::builder().configure(provider).region(region).profile_name(&place.settings);
    let keys = Keys(options.env.clone());
    SharedCredentialsProvider::new(
        CredentialsProviderChain::first_try("Environment", keys).or_else("Default", chain.build().await),
    )
}

/// Keys of the environment.
#[derive(Debug)]
struct Keys(ProcessEnv);

impl ProvideCredentials for Keys {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let given = |name| self.0.variable(name);
        let keys = given("AWS_ACCESS_KEY_ID").zip(given("AWS_SECRET_ACCESS_KEY"));
        future::ProvideCredentials::ready(match keys {
            Some((id, secret)) => Ok(Credentials::new(id, secret, given("AWS_SESSION_TOKEN"), None, "Environment")),
            None => Err(CredentialsError::not_loaded("no keys in the environment")),
        })
    }
}

/// The injected clock as the SDK wants it.
struct Now(Clock);

impl TimeSource for Now {
    fn now(&self) -> SystemTime {
        (self.0)().into()
    }
}

impl fmt::Debug for Now {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Now")
    }
}
