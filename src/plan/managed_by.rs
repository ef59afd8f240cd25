//! What a service's tags say of who manages it.

use crate::fleet::Tags;
use crate::text::clean;

/// Who manages what bears `tags`, in words: `CloudFormation stack humangov-web`, `Terraform`.
///
/// `CloudFormation` passes its own tags on to what it makes
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html>);
/// for other tools the keys and values are habits.
pub(super) fn owner(tags: &Tags) -> Option<String> {
    if let Some(stack) = tags.get("aws:cloudformation:stack-name") {
        return Some(format!("CloudFormation stack {}", clean(stack)));
    }
    if tags.keys().any(|key| key.starts_with("aws:cdk:") || key.starts_with("aws-cdk:")) {
        return Some("the AWS CDK".to_owned());
    }
    tags.iter().find_map(|(key, value)| by_habit(key, value)).map(str::to_owned)
}

/// `managed-by = terraform`, `Terraform = true`, and the like.
fn by_habit(key: &str, value: &str) -> Option<&'static str> {
    const KEYS: [&str; 7] = ["managedby", "provisioner", "provisionedby", "createdby", "createdwith", "iac", "tool"];
    const TOOLS: [(&str, &str); 4] =
        [("terraform", "Terraform"), ("opentofu", "OpenTofu"), ("tofu", "OpenTofu"), ("pulumi", "Pulumi")];
    let key: String = key.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    let value = value.trim().to_lowercase();
    let known = |tool: &str| TOOLS.iter().find(|(word, _)| tool.contains(word)).map(|(_, name)| *name);
    if KEYS.contains(&key.as_str()) {
        return known(&value);
    }
    let exact = TOOLS.iter().find(|(word, _)| *word == key).map(|(_, name)| *name);
    exact.filter(|_| !["false", "no", "0", ""].contains(&value.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_tell_who_manages_a_service() {
        for (pairs, owned) in [
            (
                &[("aws:cloudformation:stack-name", "humangov-web"), ("Terraform", "true")][..],
                Some("CloudFormation stack humangov-web"),
            ),
            (&[("aws:cdk:path", "App/Web")], Some("the AWS CDK")),
            (&[("managed-by", "terraform")], Some("Terraform")),
            (&[("ManagedBy", "Terraform Cloud")], Some("Terraform")),
            (&[("managed_by", "pulumi")], Some("Pulumi")),
            (&[("terraform", "true")], Some("Terraform")),
            (&[("Terraform", "false")], None),
            (&[("managed-by", "the web team")], None),
            (&[("team", "terraform")], None),
            (&[], None),
        ] {
            let tags: Tags = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            assert_eq!(owner(&tags).as_deref(), owned, "{pairs:?}");
        }
    }
}
