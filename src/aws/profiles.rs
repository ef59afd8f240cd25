//! What the environment and AWS's config files say: profiles, regions, endpoints, certificates.

use std::fmt;
use std::path::PathBuf;

use aws_config::profile::{Profile, ProfileSet};
use aws_runtime::env_config::EnvConfigValue;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_types::os_shim_internal::{Env, Fs};

use super::client::Login;

/// Environment variables and files: the process's own, or given ones.
#[derive(Clone, Debug)]
pub struct ProcessEnv {
    env: Env,
    files: Fs,
}

/// Why no connection can be set up. Nothing was sent yet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// A profile is asked for that no file defines.
    #[error("profile `{name}` ({from}) is not defined; looked in {looked}. {hint}")]
    NoProfile {
        /// Its name.
        name: String,
        /// Who asked for it: `--profile`, `AWS_PROFILE`, or the config.
        from: &'static str,
        /// The files, and which of them do not exist.
        looked: String,
        /// The nearest name that is defined, or how to define one.
        hint: String,
    },
    /// Nothing says which region to look in.
    #[error("no region for {principal}. Give one with --region, AWS_REGION, or `region` in the profile")]
    NoRegion {
        /// The profile, or the default credentials.
        principal: String,
    },
    /// A region's name could not be part of a host's name.
    #[error("`{name}` is not a region: expected something like us-east-1")]
    BadRegion {
        /// The name.
        name: String,
    },
    /// A file of AWS's cannot be read or understood.
    #[error("{file}: {reason}. Correct the file, or point {variable} to another")]
    BadFile {
        /// Its path.
        file: String,
        /// What is wrong with it.
        reason: String,
        /// The environment variable that names it.
        variable: &'static str,
    },
}

/// AWS's two files, read and understood.
pub(super) struct Files {
    env: ProcessEnv,
    sources: EnvConfigFiles,
    looked: Vec<String>,
    all: ProfileSet,
}

/// What the environment and one profile set.
pub(super) struct Settings {
    env: Env,
    selected: ProfileSet,
}

impl ProcessEnv {
    /// The process's own environment and files.
    pub fn process() -> Self {
        Self { env: Env::real(), files: Fs::real() }
    }

    /// Given variables, and given files by path, in place of the process's.
    ///
    /// Only where neither they nor a profile give credentials, the SDK's default chain goes on to look at the
    /// process's own.
    pub fn given(variables: &[(&str, &str)], files: &[(&str, &str)]) -> Self {
        Self { env: Env::from_slice(variables), files: Fs::from_slice(files) }
    }

    /// The value of a variable; an empty one counts as none.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        self.env.get(name).ok().filter(|value| !value.trim().is_empty())
    }

    /// The content of a file.
    pub(super) async fn file(&self, path: &str) -> std::io::Result<Vec<u8>> {
        self.files.read_to_end(path).await
    }
}

impl Files {
    /// Reads the config and the credentials file. One that does not exist is empty.
    pub(super) async fn read(env: &ProcessEnv) -> Result<Self, ConnectError> {
        let kinds = [
            (EnvConfigFileKind::Config, "AWS_CONFIG_FILE", "config"),
            (EnvConfigFileKind::Credentials, "AWS_SHARED_CREDENTIALS_FILE", "credentials"),
        ];
        let mut sources = EnvConfigFiles::builder();
        let mut looked = vec![];
        for (kind, variable, name) in kinds {
            let path = path(env, variable, name);
            let bad = |reason: String| ConnectError::BadFile { file: path.clone(), reason, variable };
            let content = match env.file(&path).await {
                Ok(content) => {
                    looked.push(path.clone());
                    String::from_utf8(content).map_err(|_| bad("is not UTF-8 text".to_owned()))?
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    looked.push(format!("{path} (does not exist)"));
                    String::new()
                }
                Err(error) => return Err(bad(error.to_string())),
            };
            let alone = EnvConfigFiles::builder().with_contents(kind, content.clone()).build();
            load(env, &alone, "default").await.map_err(bad)?;
            sources = sources.with_contents(kind, content);
        }
        let sources = sources.build();
        let bad = |reason| ConnectError::BadFile { file: looked.join(" and "), reason, variable: "AWS_CONFIG_FILE" };
        let all = load(env, &sources, "default").await.map_err(bad)?;
        Ok(Self { env: env.clone(), sources, looked, all })
    }

    /// The files as the SDK wants them.
    pub(super) fn sources(&self) -> EnvConfigFiles {
        self.sources.clone()
    }

    /// The profile `name`, asked for by `from`.
    pub(super) fn profile(&self, name: &str, from: &'static str) -> Result<&Profile, ConnectError> {
        self.all.get_profile(name).ok_or_else(|| {
            let hint = match nearest(name, self.all.profiles()) {
                Some(near) => format!("Is `{near}` meant?"),
                None => format!("`aws configure --profile {name}` defines it."),
            };
            ConnectError::NoProfile { name: name.to_owned(), from, looked: self.looked.join(" and "), hint }
        })
    }

    /// The settings of one profile.
    pub(super) async fn settings(&self, profile: &str) -> Settings {
        // A profile's `[services]` section is found through the profile that is selected.
        let selected = load(&self.env, &self.sources, profile).await.unwrap_or_else(|_| self.all.clone());
        Settings { env: self.env.env.clone(), selected }
    }

    /// How the credentials of a profile are renewed, following `source_profile`.
    pub(super) fn login(&self, name: &str) -> Login {
        let has = |key: &str| self.chain(name).any(|profile| profile.get(key).is_some());
        if has("sso_session") || has("sso_start_url") {
            Login::Sso
        } else if has("login_session") {
            Login::Console
        } else {
            Login::Other
        }
    }

    /// Whether a profile, or one that it builds on, wants a code that the SDK cannot ask for.
    pub(super) fn wants_mfa(&self, name: &str) -> bool {
        self.chain(name).any(|profile| profile.get("mfa_serial").is_some() && profile.get("role_arn").is_some())
    }

    /// A profile and those it builds on. Circles end: there are at most as many as are defined.
    fn chain<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Profile> {
        let first = self.all.get_profile(name);
        let next = |profile: &&'a Profile| self.all.get_profile(profile.get("source_profile")?);
        std::iter::successors(first, next).take(self.all.profiles().count())
    }
}

impl Settings {
    /// What the environment variable or else the profile's `key` says; of a service, its own forms of
    /// either come first.
    pub(super) fn get(&self, variable: &str, key: &str, service: Option<&str>) -> Option<String> {
        let mut value = EnvConfigValue::new().env(variable).profile(key);
        if let Some(service) = service {
            value = value.service_id(service);
        }
        let (value, _) = value.load(&self.env, Some(&self.selected))?;
        Some(value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// Whether a switch is on; nothing where it is not set.
    pub(super) fn is_on(&self, variable: &str, key: &str) -> Option<bool> {
        self.get(variable, key, None).map(|value| value.eq_ignore_ascii_case("true"))
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files").field("looked", &self.looked).finish_non_exhaustive()
    }
}

async fn load(env: &ProcessEnv, sources: &EnvConfigFiles, profile: &str) -> Result<ProfileSet, String> {
    let (files, env) = (&env.files, &env.env);
    let selected = Some(profile.to_owned().into());
    let loaded = aws_config::profile::load(files, env, sources, selected).await;
    loaded.map_err(|error| match std::error::Error::source(&error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    })
}

/// Where a file of AWS's lies: where its variable says, or in `~/.aws`.
fn path(env: &ProcessEnv, variable: &str, name: &str) -> String {
    let home = || env.variable("HOME").or_else(|| env.variable("USERPROFILE"));
    let given = env.variable(variable).unwrap_or_else(|| format!("~/.aws/{name}"));
    match (given.strip_prefix("~/"), home()) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest).to_string_lossy().into_owned(),
        _ => given,
    }
}

/// The one of `names` that is the fewest typing mistakes away, if those are few.
fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut near: Vec<(usize, &str)> =
        names.map(|other| (strsim::osa_distance(&name.to_lowercase(), &other.to_lowercase()), other)).collect();
    near.sort_unstable();
    near.into_iter().find(|(far, _)| *far <= 2.max(name.chars().count() / 3)).map(|(_, name)| name)
}
