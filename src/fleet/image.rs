//! Image references: what they are made of, and which version they name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Arn, Container, Definition, Task, TaskStatus};
use crate::text::clean;

/// An image reference taken apart: `[registry/]name[:tag][@digest]`, tag and digest also together.
///
/// Source of the grammar: <https://pkg.go.dev/github.com/distribution/reference>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The registry's host, as in `111122223333.dkr.ecr.us-east-1.amazonaws.com`; nothing for Docker Hub's short names.
    pub registry: Option<String>,
    /// The repository's name, which may contain slashes.
    pub name: String,
    /// The tag; `latest` where neither tag nor digest is written.
    pub tag: Option<String>,
    /// The digest, as in `sha256:9f1c…`.
    pub digest: Option<String>,
}

/// A private ECR registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ecr<'a> {
    /// Whose it is: twelve digits.
    pub account: &'a str,
    /// Where it is.
    pub region: &'a str,
}

impl Image {
    /// Takes `reference` apart. Whatever it holds, the parts put together say no more than it does.
    pub fn parse(reference: &str) -> Self {
        let (rest, digest) = match reference.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.to_owned()).filter(|digest| !digest.is_empty())),
            None => (reference, None),
        };
        // A colon before the last slash belongs to the registry's port.
        let last = rest.rfind('/').map_or(0, |at| at + 1);
        let (rest, tag) = match rest[last..].split_once(':') {
            Some((name, tag)) => (&rest[..last + name.len()], Some(tag.to_owned()).filter(|tag| !tag.is_empty())),
            None => (rest, None),
        };
        let (registry, name) = match rest.split_once('/') {
            Some((host, name)) if host.contains(['.', ':']) || host == "localhost" => (Some(host.to_owned()), name),
            _ => (None, rest),
        };
        let tag = tag.or_else(|| digest.is_none().then(|| "latest".to_owned()));
        Self { registry, name: name.to_owned(), tag, digest }
    }

    /// The account whose registry holds it, if that is a private ECR registry of `region`.
    ///
    /// See [`Image::ecr`].
    pub fn ecr_account(&self, region: &str) -> Option<&str> {
        self.ecr().filter(|ecr| ecr.region == region).map(|ecr| ecr.account)
    }

    /// Which private ECR registry holds it, if one does.
    ///
    /// `ACCOUNT.dkr.ecr.REGION.amazonaws.com`, with `-fips` or `.cn`, or the dual-stack form
    /// `ACCOUNT.dkr-ecr.REGION.on.aws`.
    /// Source: <https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html>
    pub fn ecr(&self) -> Option<Ecr<'_>> {
        let (account, host) = self.registry.as_deref()?.split_once('.')?;
        let digits = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        let rest = ["dkr.ecr.", "dkr-ecr.", "dkr.ecr-fips."].iter().find_map(|kind| host.strip_prefix(kind))?;
        let (region, domain) = rest.split_once('.')?;
        let known = ["amazonaws.com", "amazonaws.com.cn", "on.aws"].contains(&domain);
        (digits && !region.is_empty() && known).then_some(Ecr { account, region })
    }

    /// Its repository, `HOST/NAME`: the same for all hosts that lead to one private ECR registry.
    pub fn repository(&self) -> String {
        let Some(Ecr { account, region }) = self.ecr() else {
            let host = self.registry.as_ref().map(|host| format!("{host}/")).unwrap_or_default();
            return format!("{host}{}", self.name);
        };
        let end = if region.starts_with("cn-") { ".cn" } else { "" };
        format!("{account}.dkr.ecr.{region}.amazonaws.com{end}/{}", self.name)
    }

    /// Its version as shown: the tag, or else the beginning of the digest.
    pub fn version(&self) -> String {
        match (&self.tag, &self.digest) {
            (Some(tag), _) => clean(tag).into_owned(),
            (None, Some(digest)) => short_digest(digest),
            (None, None) => "latest".to_owned(),
        }
    }
}

/// What decides which image a new task gets for a container.
///
/// An agent shows the digest that it resolved a tag to, alone or, from version 1.83 on, beside the tag: what a task
/// shows says nothing about that (<https://github.com/aws/amazon-ecs-agent/issues/4226>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The tag: whichever digest it has by then.
    Tag,
    /// The digest that the task definition itself writes; a tag beside it is there to be read by people.
    Digest,
    /// Not known: the task shows a digest, and its definition has not been read, or does not name the container.
    Unclear,
}

/// The reference by which `container`'s image was asked for, and what new tasks go by: as its task's `definition`
/// writes it wherever the task shows more than a tag. Nothing where neither says.
pub fn asked<'a>(container: &'a Container, definition: Option<&'a Definition>) -> Option<(&'a str, Basis)> {
    let pins = |reference: &str| Image::parse(reference).digest.is_some();
    let told = |reference: &&str| !reference.is_empty();
    let shown = container.image.as_deref().filter(told);
    // No agent leaves a digest out that the definition has.
    if let Some(tagged) = shown.filter(|reference| !pins(reference)) {
        return Some((tagged, Basis::Tag));
    }
    let defined = definition.and_then(|known| known.containers.iter().find(|defined| defined.name == container.name));
    match defined.map(|defined| defined.image.as_str()).filter(told) {
        Some(written) => Some((written, if pins(written) { Basis::Digest } else { Basis::Tag })),
        None => Some((shown?, Basis::Unclear)),
    }
}

/// The beginning of a digest: `sha256:9f1c2ab` for `sha256:9f1c2ab…`, seven digits as in git.
pub fn short_digest(digest: &str) -> String {
    let (algorithm, hex) = digest.split_once(':').unwrap_or(("sha256", digest));
    let hex: String = hex.chars().take(7).collect();
    clean(&format!("{algorithm}:{hex}")).into_owned()
}

/// The container whose image is shown for the task: the essential one where the definition is known,
/// else the one whose name is the service's or the family's, else the first that is not a known helper.
fn main_container<'a>(task: &'a Task, definition: Option<&Definition>) -> Option<&'a Container> {
    let with_image = || task.containers.iter().filter(|container| container.image.is_some());
    let family = task.definition.name().split(':').next().unwrap_or_default();
    let first = definition.and_then(|definition| definition.main()).map(|container| container.name.as_str());
    let named = |name: &str| with_image().find(|container| container.name == name);
    let named = first.and_then(named).or_else(|| task.service().and_then(named)).or_else(|| named(family));
    named.or_else(|| with_image().find(|container| !is_helper(&container.name))).or_else(|| with_image().next())
}

/// Whether a container of this name is a helper of the one that matters.
///
/// Names that ECS, AWS and common agents give theirs.
pub fn is_helper(name: &str) -> bool {
    const HELPERS: [&str; 14] = [
        "ecs-service-connect",
        "aws-guardduty-agent",
        "aws-otel",
        "adot",
        "otel",
        "xray",
        "datadog",
        "fluent",
        "log_router",
        "log-router",
        "envoy",
        "cloudwatch-agent",
        "newrelic",
        "init",
    ];
    let name = name.to_lowercase();
    HELPERS.iter().any(|helper| name.starts_with(helper))
}

impl Definition {
    /// The container that its service is about: the first essential one that is no known helper,
    /// else the first.
    pub fn main(&self) -> Option<&super::ContainerDefinition> {
        let essential = |container: &&super::ContainerDefinition| {
            container.essential == super::Essential::Yes && !is_helper(&container.name)
        };
        self.containers.iter().find(essential).or(self.containers.first())
    }
}

/// Task definitions that have been read, by ARN.
pub type Definitions = BTreeMap<Arn, Arc<Definition>>;

/// The version that `task` runs, by its own containers.
pub fn version_of_task(task: &Task, definitions: &Definitions) -> Option<String> {
    let definition = definitions.get(&task.definition).map(Arc::as_ref);
    let image = main_container(task, definition)?.image.as_deref()?;
    Some(Image::parse(image).version())
}

/// The version of a task definition: by itself where it has been read, else by one of
/// `tasks` that was made from it, else its name and revision (`web:41`).
pub fn version<'a>(definition: &Arn, tasks: impl IntoIterator<Item = &'a Task>, definitions: &Definitions) -> String {
    let known = definitions.get(definition).and_then(|known| known.main());
    let known = known.map(|container| Image::parse(&container.image).version());
    let of_task = || {
        let mut made = tasks.into_iter().filter(|task| task.definition == *definition);
        made.find_map(|task| version_of_task(task, definitions))
    };
    known.or_else(of_task).unwrap_or_else(|| clean(definition.name()).into_owned())
}

/// Versions that run, each once, in order; helpers beside the main containers do not count.
pub fn versions<'a>(tasks: impl IntoIterator<Item = &'a Task>, definitions: &Definitions) -> BTreeSet<String> {
    let running = tasks.into_iter().filter(|task| task.status == TaskStatus::Running);
    running.filter_map(|task| version_of_task(task, definitions)).collect()
}

/// Versions in the width of a column: the only one, or `3 versions`; nothing where none is known.
pub fn summary(versions: &BTreeSet<String>) -> Option<String> {
    match versions.len() {
        0 => None,
        1 => versions.first().cloned(),
        several => Some(format!("{several} versions")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_taken_apart() {
        let image = |registry: Option<&str>, name: &str, tag: Option<&str>, digest: Option<&str>| Image {
            registry: registry.map(str::to_owned),
            name: name.to_owned(),
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        };
        let ecr = "111122223333.dkr.ecr.us-east-1.amazonaws.com";
        for (text, expected, version) in [
            ("nginx", image(None, "nginx", Some("latest"), None), "latest"),
            ("nginx:1.27", image(None, "nginx", Some("1.27"), None), "1.27"),
            ("library/nginx", image(None, "library/nginx", Some("latest"), None), "latest"),
            (&format!("{ecr}/team/web:v2"), image(Some(ecr), "team/web", Some("v2"), None), "v2"),
            (
                &format!("{ecr}/web:v2@sha256:0123456789"),
                image(Some(ecr), "web", Some("v2"), Some("sha256:0123456789")),
                "v2",
            ),
            ("web@sha256:0123456789", image(None, "web", None, Some("sha256:0123456789")), "sha256:0123456"),
            ("localhost:5000/web", image(Some("localhost:5000"), "web", Some("latest"), None), "latest"),
            ("localhost:5000/a/web:1", image(Some("localhost:5000"), "a/web", Some("1"), None), "1"),
            ("", image(None, "", Some("latest"), None), "latest"),
            ("web:@", image(None, "web", Some("latest"), None), "latest"),
            ("web:\x1b", image(None, "web", Some("\x1b"), None), "␛"),
        ] {
            let parsed = Image::parse(text);
            assert_eq!(parsed.version(), version, "{text}");
            assert_eq!(parsed, expected, "{text}");
        }
    }

    #[test]
    fn an_image_in_ecr_says_whose_registry_it_is_in() {
        for (reference, found) in [
            ("111122223333.dkr.ecr.us-east-1.amazonaws.com/humangov/web:v1", Some("111122223333")),
            ("111122223333.dkr-ecr.us-east-1.on.aws/web:v1", Some("111122223333")),
            ("111122223333.dkr.ecr-fips.us-east-1.amazonaws.com/web", Some("111122223333")),
            ("111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:v1", None),
            ("public.ecr.aws/nginx/nginx:1", None),
            ("nginx", None),
            ("1.dkr.ecr.us-east-1.amazonaws.com/web:v1", None),
        ] {
            assert_eq!(Image::parse(reference).ecr_account("us-east-1"), found, "{reference}");
        }
    }

    #[test]
    fn hosts_that_lead_to_one_registry_give_one_repository() {
        for (reference, repository) in [
            (
                "111122223333.dkr.ecr.us-east-1.amazonaws.com/a/web:v1",
                "111122223333.dkr.ecr.us-east-1.amazonaws.com/a/web",
            ),
            (
                "111122223333.dkr-ecr.us-east-1.on.aws/a/web@sha256:1",
                "111122223333.dkr.ecr.us-east-1.amazonaws.com/a/web",
            ),
            (
                "111122223333.dkr.ecr-fips.us-east-1.amazonaws.com/web",
                "111122223333.dkr.ecr.us-east-1.amazonaws.com/web",
            ),
            (
                "111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/web",
                "111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/web",
            ),
            ("public.ecr.aws/nginx/nginx:1", "public.ecr.aws/nginx/nginx"),
            ("nginx", "nginx"),
        ] {
            let found = Image::parse(reference).repository();
            assert_eq!(found, repository, "{reference}");
            assert_eq!(Image::parse(&found).repository(), repository, "again");
        }
    }

    #[test]
    fn the_version_of_a_task_is_that_of_the_container_it_is_about() {
        use crate::fleet::sample::{container, stopped, task};
        let none = Definitions::new();
        let mut helped = task("1", "a", "registry.example/web:v2");
        helped.containers.insert(0, container("datadog-agent", "datadog/agent:7"));
        assert_eq!(version_of_task(&helped, &none), Some("v2".to_owned()));

        let mut unnamed = helped.clone();
        unnamed.containers[1].name = "app".to_owned();
        assert_eq!(version_of_task(&unnamed, &none), Some("v2".to_owned()));

        let bare = Task { containers: vec![], ..helped.clone() };
        assert_eq!(version_of_task(&bare, &none), None);
        assert_eq!(version(&bare.definition, [&bare], &none), "web:41");
        assert_eq!(version(&bare.definition, [&bare, &helped], &none), "v2");

        let over = stopped(task("2", "a", "web:v1"), 1, "UserInitiated", "");
        let other = task("3", "a", "web:v3");
        assert_eq!(summary(&versions([&helped, &over], &none)), Some("v2".to_owned()));
        assert_eq!(summary(&versions([&helped, &over, &other], &none)), Some("2 versions".to_owned()));
        assert_eq!(summary(&versions([&bare], &none)), None);
    }
}
