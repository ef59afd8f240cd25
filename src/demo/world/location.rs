//! An account and a region, and the ARNs of the resources in them.

/// An account in a region.
///
/// Formats: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html>
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Location {
    /// Twelve digits.
    pub account: String,
    /// The region name, as in `us-east-1`.
    pub region: String,
}

impl Location {
    /// The region `region` of the account `account`.
    pub fn new(account: &str, region: &str) -> Self {
        Self { account: account.to_owned(), region: region.to_owned() }
    }

    /// `arn:aws:ecs:us-east-1:111122223333:` followed by `resource`.
    pub fn ecs_arn(&self, resource: &str) -> String {
        format!("arn:aws:ecs:{}:{}:{resource}", self.region, self.account)
    }

    /// A cluster's ARN.
    pub fn cluster_arn(&self, cluster: &str) -> String {
        self.ecs_arn(&format!("cluster/{cluster}"))
    }

    /// A service's ARN.
    pub fn service_arn(&self, cluster: &str, service: &str) -> String {
        self.ecs_arn(&format!("service/{cluster}/{service}"))
    }

    /// A task's ARN.
    pub fn task_arn(&self, cluster: &str, id: &str) -> String {
        self.ecs_arn(&format!("task/{cluster}/{id}"))
    }

    /// The ARN of the task definition `name`, `family:revision`.
    pub fn definition_arn(&self, name: &str) -> String {
        self.ecs_arn(&format!("task-definition/{name}"))
    }

    /// A service deployment's ARN.
    pub fn service_deployment_arn(&self, cluster: &str, service: &str, id: &str) -> String {
        self.ecs_arn(&format!("service-deployment/{cluster}/{service}/{id}"))
    }

    /// A service revision's ARN.
    pub fn service_revision_arn(&self, cluster: &str, service: &str, id: &str) -> String {
        self.ecs_arn(&format!("service-revision/{cluster}/{service}/{id}"))
    }

    /// The image URI of a repository and a tag, as a task definition names it.
    pub fn image_uri(&self, name: &str, tag: &str) -> String {
        format!("{}/{name}:{tag}", self.registry_host())
    }

    /// The host name of the account's ECR registry.
    pub fn registry_host(&self) -> String {
        format!("{}.dkr.ecr.{}.amazonaws.com", self.account, self.region)
    }

    /// A role's ARN.
    pub fn role_arn(&self, name: &str) -> String {
        format!("arn:aws:iam::{}:role/{name}", self.account)
    }

    /// A target group's ARN.
    pub fn target_group_arn(&self, name: &str, id: &str) -> String {
        format!("arn:aws:elasticloadbalancing:{}:{}:targetgroup/{name}/{id}", self.region, self.account)
    }

    /// The zone at `index`: 0 is a.
    pub fn zone_name(&self, index: usize) -> String {
        let letter = char::from(b'a' + u8::try_from(index % 6).unwrap_or(0));
        format!("{}{letter}", self.region)
    }

    /// The id of the subnet in the zone at `index`.
    pub fn subnet_id(&self, index: usize) -> String {
        format!("subnet-{}", super::super::random::Random::from_words(&["subnet", &self.zone_name(index)]).hex(17))
    }

    /// The resource part of `arn`, such as `service/prod/web`. `None` unless it is an ECS ARN of this account and
    /// region.
    pub fn ecs_resource<'a>(&self, arn: &'a str) -> Option<&'a str> {
        let mut parts = arn.splitn(6, ':');
        let here = parts.next() == Some("arn")
            && parts.next().is_some()
            && parts.next() == Some("ecs")
            && parts.next() == Some(&self.region)
            && parts.next() == Some(&self.account);
        parts.next().filter(|_| here)
    }
}
