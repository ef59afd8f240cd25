//! What holds of every verb: what is refused, who owns what, where it happens, how long it takes.

use std::collections::BTreeSet;
use std::time::Duration;

use super::*;
use crate::fleet::sample::ago;
use crate::fleet::{Controller, Glob, Identity, Management, ServiceStatus};

#[test]
fn a_service_that_ecs_does_not_deploy_itself_or_that_is_gone_is_refused_with_what_to_do_instead() {
    type Change = fn(&mut Service);
    let cases: [(Change, &str); 7] = [
        (|web| web.controller = Controller::CodeDeploy, "CodeDeploy carries out its deployments; use CodeDeploy"),
        (
            |web| web.controller = Controller::External,
            "an external controller makes its deployments as task sets; use that controller",
        ),
        (
            |web| web.controller = Controller::Other("NEW\u{7}".to_owned()),
            "its deployment controller NEW␇ is not known to wharf; use that controller",
        ),
        (
            |web| web.management = Management::Ecs,
            "ECS manages this Express service; change it with UpdateExpressGatewayService",
        ),
        (|web| web.status = ServiceStatus::Draining, "it was deleted and is draining; create it again to have it back"),
        (|web| web.status = ServiceStatus::Inactive, "it was deleted; create it again to have it back"),
        (
            |web| web.status = ServiceStatus::Other("ODD".to_owned()),
            "its status is ODD, which wharf does not know; look at it in the AWS console",
        ),
    ];
    for (change, says) in cases {
        for proposal in [redeploying(), scaling(Count::To(5), BoundsPolicy::Keep)] {
            let plan = World::web(change).draft(&proposal);
            assert_eq!(why(&plan), Some(&Reason::Refused(says.to_owned())), "{:?}", proposal.verb);
            assert_eq!((plan.is_empty(), &plan.warnings, &plan.locations), (true, &vec![], &vec![]), "{says}");
        }
    }
}

#[test]
fn a_rule_of_the_config_refuses_before_anything_is_asked_of_a_person() {
    let deny =
        Deny { target: Glob::new("california/prod"), verbs: vec!["scale".to_owned()], reason: "frozen".to_owned() };
    let mut world = World::web(|_| ());
    world.policy.denied.push(deny);
    let plan = world.draft(&scaling(Count::To(5), BoundsPolicy::Keep));
    assert_eq!(why(&plan), Some(&Reason::Refused("a rule of the config refuses it: frozen".to_owned())));
    assert_eq!(why(&world.draft(&redeploying())), None);
}

#[test]
fn what_was_not_read_since_the_wish_is_not_changed() {
    let look = QueryKind::Services(home().arn, vec![web().arn]);
    let mut stale = World::web(|_| ());
    stale.fleet.services.get_mut(&web().arn).unwrap().snapshot.as_mut().unwrap().at = ago(1);
    assert_eq!(why(&stale.draft(&redeploying())), Some(&Reason::Unread("AWS has not described it".to_owned())));
    let mut stale = stale.failing(look);
    assert_eq!(why(&stale.draft(&redeploying())), Some(&Reason::Unread(DENIED.to_owned())));
    stale.fleet.services.clear();
    assert_eq!(why(&stale.draft(&redeploying())), Some(&Reason::Unread(DENIED.to_owned())));
    stale.failed.clear();
    let says = "ECS does not know it; it may have been deleted just now";
    assert_eq!(why(&stale.draft(&redeploying())), Some(&Reason::Refused(says.to_owned())));
}

#[test]
fn a_service_that_is_named_twice_is_changed_once() {
    let verb = scale_verb(Count::To(5), BoundsPolicy::Keep);
    let plan = World::web(|_| ()).draft(&proposal(verb, vec![web().arn, web().arn]));
    assert_eq!(steps(&plan), [Step::DesiredCount(steps::DesiredCount { from: 3, to: 5 })]);
}

#[test]
fn a_rule_for_a_verb_covers_what_amounts_to_it() {
    for (verbs, refused) in [(&["scale"][..], true), (&[], true), (&["redeploy"], false)] {
        let verbs = verbs.iter().map(|verb| (*verb).to_owned()).collect();
        let deny = Deny { target: Glob::new("california/prod"), verbs, reason: "frozen".to_owned() };
        let mut world = World::web(|_| ());
        let step = Step::DesiredCount(steps::DesiredCount { from: 5, to: 4 });
        let undo = restoring(vec![(web().arn, vec![step])]);
        let harmless = world.draft(&undo);
        world.policy.denied.push(deny);
        let says = Reason::Refused("a rule of the config refuses it: frozen".to_owned());
        assert_eq!(why(&world.draft(&undo)), refused.then_some(&says));
        // The gate goes by the rules of its own time.
        let answer = Answer::Words("california/production".to_owned());
        let passed = gate(harmless, &answer, &world.policy);
        assert_eq!(matches!(passed, Err(Refusal::Denied { .. })), refused, "{passed:?}");
    }
}

#[test]
fn a_track_names_its_service_its_home_and_whether_that_is_protected() {
    let guess = || service(&home(), "site");
    for (service, path, home, tenant, protection) in [
        (web(), "california/production/web", "california/production", "california", Protection::Protected),
        (
            Service { tags: tags(&[("tenant", "california"), ("env", "dev")]), ..web() },
            "california/dev/web",
            "california/dev",
            "california",
            Protection::Open,
        ),
        (guess(), "c @1/unknown/site", "c @1/unknown", "c @1", Protection::Protected),
    ] {
        let verb = scale_verb(Count::To(5), BoundsPolicy::Keep);
        let plan = World::new(std::slice::from_ref(&service), &[]).draft(&proposal(verb, vec![service.arn.clone()]));
        let target = Target {
            resource: Resource::Service { arn: service.arn, cluster: super::home().arn },
            context: ContextId::new("1"),
            path: path.to_owned(),
            environment: home.to_owned(),
            tenant: tenant.to_owned(),
            protection,
        };
        assert_eq!(plan.tracks[0].target, target);
    }
}

#[test]
fn a_plan_says_in_which_account_and_as_whom() {
    let mut world = World::web(|_| ());
    let nameless =
        Location { context: ContextId::new("1"), account: None, region: "us-east-1".to_owned(), caller: None };
    let proposal = scaling(Count::To(5), BoundsPolicy::Keep);
    assert_eq!(world.draft(&proposal).locations, std::slice::from_ref(&nameless));
    let caller = "arn:aws:iam::111122223333:user/ops".to_owned();
    let identity = Identity { account: "111122223333".to_owned(), arn: caller.clone() };
    world.fleet.contexts.get_mut(&ContextId::new("1")).unwrap().identity = Some(identity);
    let known = Location { account: Some("111122223333".to_owned()), caller: Some(caller), ..nameless };
    assert_eq!(world.draft(&proposal).locations, [known]);
    let nobody = World::web(|_| ()).failing(QueryKind::Identity).draft(&proposal);
    assert_eq!(warnings(&nobody), [(WarningKind::Unread, format!("could not be read: {DENIED}").as_str())]);
}

#[test]
fn who_owns_a_service_is_warned_of() {
    let world = World::web(|web| {
        web.tags.insert("aws:cloudformation:stack-name".to_owned(), "humangov-web".to_owned());
    });
    let plan = world.draft(&scaling(Count::To(5), BoundsPolicy::Keep));
    let says = "owned by CloudFormation stack humangov-web: what manages it may change this again";
    assert_eq!(warnings(&plan), [(WarningKind::Owned, says)]);
}

#[test]
fn a_lost_zone_is_warned_of_where_tasks_remain_that_could_be_in_it() {
    let at = |id: &str, zone: &str, name: &str| Task { group: format!("service:{name}"), ..task(id, zone, "web:v1") };
    let tasks = [
        at("1", "a", "web"),
        at("2", "a", "web"),
        at("3", "a", "web"),
        at("4", "a", "api"),
        at("5", "b", "api"),
        at("6", "b", "api"),
    ];
    let world = World::new(&[web(), named("api")], &tasks);
    let says = "a zone of the service has no tasks (all 3 in zone a, b empty): new ones may not start there";
    for (to, warned) in
        [(5, vec![(WarningKind::ZoneLost, says)]), (2, vec![(WarningKind::ZoneLost, says)]), (1, vec![])]
    {
        assert_eq!(warnings(&world.draft(&scaling(Count::To(to), BoundsPolicy::Keep))), warned, "to {to}");
    }
}

#[test]
fn a_warning_is_said_once_with_all_the_paths_it_is_true_of() {
    let names = ["web", "api", "jobs", "mail", "cron"];
    let services: Vec<Service> = names
        .iter()
        .enumerate()
        .map(|(at, name)| Service { desired: u32::try_from(at).unwrap(), ..named(name) })
        .collect();
    let mut world = World::new(&services, &[]);
    for service in &services {
        let scaling = Scaling { service: service.arn.clone(), min: 2, max: 6, suspended: vec![] };
        world.fleet.scaling.insert(service.arn.clone(), Some(scaling));
    }
    let (verb, arns) =
        (scale_verb(Count::By(7), BoundsPolicy::Keep), services.iter().map(|service| service.arn.clone()).collect());
    let plan = world.draft(&proposal(verb, arns));
    let paths = names.map(|name| format!("california/production/{name}"));
    let says = "outside of autoscaling's bounds (7, bounds 2-6; 8, bounds 2-6; 9, bounds 2-6; 2 more): it may bring \
                the count back when it next acts, unless its bounds are moved too";
    let warning = Warning { about: WarningKind::OutOfBounds, paths: paths.to_vec(), says: says.to_owned() };
    assert_eq!(plan.warnings, [warning]);

    let services = [named("web"), named("api")];
    let mut world = World::new(&services, &[]).bounded(2, 6, &[]);
    let alike = Scaling { service: named("api").arn, min: 2, max: 6, suspended: vec![] };
    world.fleet.scaling.insert(named("api").arn, Some(alike));
    let (verb, arns) =
        (scale_verb(Count::To(5), BoundsPolicy::Keep), services.iter().map(|service| service.arn.clone()).collect());
    let plan = world.draft(&proposal(verb, arns));
    let says = "autoscaling may move the count again (bounds 2-6)".to_owned();
    assert_eq!(plan.warnings, [Warning { about: WarningKind::Autoscaled, paths: paths[..2].to_vec(), says }]);
}

#[test]
fn a_plan_takes_as_long_as_its_slowest_bucket_or_its_longest_row() {
    let services = |count: usize| -> Plan {
        let services: Vec<Service> = (0..count).map(|at| named(&format!("s{at}"))).collect();
        let (verb, arns) = (
            scale_verb(Count::By(1), BoundsPolicy::Keep),
            services.iter().map(|service| service.arn.clone()).collect(),
        );
        World::new(&services, &[]).draft(&proposal(verb, arns))
    };
    for (count, millis, says) in [
        (0, 0, "a few seconds"),
        (1, 2_000, "a few seconds"),
        (8, 2_800, "about 3 s"),
        (10, 4_000, "about 4 s"),
        (50, 28_000, "about 30 s"),
        (100, 58_000, "about 60 s"),
        (1_000, 764_000, "about 13 min"),
    ] {
        let length = duration(&services(count));
        assert_eq!((length.as_millis(), about(length).as_str()), (millis, says), "{count} services");
    }
    assert_eq!(about(Duration::from_secs(99)), "about 100 s");
}

#[test]
fn every_verb_is_in_the_table_under_its_own_name() {
    let names: BTreeSet<&str> = verbs::VERBS.iter().map(|info| info.name).collect();
    assert_eq!(names.len(), verbs::VERBS.len());
    for info in verbs::VERBS {
        let verb = match info.argument {
            Argument::None(make) => make(),
            Argument::Count(make) => make(Count::To(1), BoundsPolicy::Keep),
            Argument::Plan => continue,
        };
        assert_eq!(verb.name().as_str(), info.name);
        assert!(!info.help.is_empty() && info.examples.contains(&format!("wharf {}", info.name)), "{}", info.name);
    }
    let known = deniable_verbs();
    for name in ["redeploy", "scale", "rollback", "deploy", "stop", "park", "wake", "teardown"] {
        assert_eq!(known.iter().filter(|known| **known == name).count(), 1, "{name}");
    }
    let read = |name: &str| serde_json::from_value::<VerbName>(name.into());
    assert_eq!(read("undo").ok(), VerbName::find("undo"));
    assert!(read("juggle").is_err_and(|error| error.to_string().contains("unknown verb `juggle`")));
}
