//! What holds of every verb: what is refused, who owns what, where it happens, how long it takes.

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
            "its deployments are made as task sets by another controller; use that one",
        ),
        (
            |web| web.controller = Controller::Other("NEW\u{7}".to_owned()),
            "its deployment controller NEW␇ is not known to wharf; use that one",
        ),
        (
            |web| web.management = Management::Ecs,
            "ECS manages this Express service; change it with UpdateExpressGatewayService",
        ),
        (|web| web.status = ServiceStatus::Draining, "it was deleted and is draining; make it anew to have it back"),
        (|web| web.status = ServiceStatus::Inactive, "it was deleted; make it anew to have it back"),
        (
            |web| web.status = ServiceStatus::Other("ODD".to_owned()),
            "it is ODD, which wharf does not know; look at it in the AWS console",
        ),
    ];
    for (change, says) in cases {
        for proposal in [redeploying(), scaling(Count::To(5), Bounds::Stay)] {
            let plan = World::web(change).draft(&proposal);
            assert_eq!(why(&plan), Some(&Why::Refused(says.to_owned())), "{:?}", proposal.verb);
            assert_eq!((plan.is_empty(), &plan.warnings, &plan.wheres), (true, &vec![], &vec![]), "{says}");
        }
    }
}

#[test]
fn a_rule_of_the_config_refuses_before_anything_is_asked_of_a_person() {
    let deny =
        Deny { target: Glob::new("california/prod"), verbs: vec!["scale".to_owned()], reason: "frozen".to_owned() };
    let mut world = World::web(|_| ());
    world.policy.denied.push(deny);
    let plan = world.draft(&scaling(Count::To(5), Bounds::Stay));
    assert_eq!(why(&plan), Some(&Why::Refused("a rule of the config refuses it: frozen".to_owned())));
    assert_eq!(why(&world.draft(&redeploying())), None);
}

#[test]
fn what_was_not_read_since_the_wish_is_not_changed() {
    let look = About::Look(home().arn, vec![web().arn]);
    let mut stale = World::web(|_| ());
    stale.fleet.services.get_mut(&web().arn).unwrap().look.as_mut().unwrap().at = ago(1);
    assert_eq!(why(&stale.draft(&redeploying())), Some(&Why::Unread("AWS has not said how it is".to_owned())));
    let mut stale = stale.failing(look);
    assert_eq!(why(&stale.draft(&redeploying())), Some(&Why::Unread(DENIED.to_owned())));
    stale.fleet.services.clear();
    assert_eq!(why(&stale.draft(&redeploying())), Some(&Why::Unread(DENIED.to_owned())));
    stale.failed.clear();
    let says = "ECS does not know it; it may have been deleted just now";
    assert_eq!(why(&stale.draft(&redeploying())), Some(&Why::Refused(says.to_owned())));
}

#[test]
fn different_wishes_for_one_service_cancel_one_another_and_equal_ones_are_one() {
    let to = |count| (web().arn, Wanted::Count(Count::To(count)));
    let plan = World::web(|_| ()).draft(&proposal(Verb::Scale, vec![to(5), to(5)], Bounds::Stay));
    assert_eq!(steps(&plan), [Step::Count { from: 3, to: 5 }]);
    let plan = World::web(|_| ()).draft(&proposal(Verb::Scale, vec![to(5), to(0)], Bounds::Stay));
    let says = "different things are wished of it; ask for one at a time";
    assert_eq!(why(&plan), Some(&Why::Refused(says.to_owned())));
}

#[test]
fn a_wish_under_the_name_of_another_verb_is_refused_so_that_no_rule_is_passed_by() {
    let count = Wanted::Count(Count::To(0));
    let plan = World::web(|_| ()).draft(&proposal(Verb::Redeploy, vec![(web().arn, count)], Bounds::Stay));
    assert_eq!(why(&plan), Some(&Why::Refused("that is no redeploy; ask for it by its own verb".to_owned())));
    let plan = World::web(|_| ()).draft(&proposal(Verb::Scale, vec![(web().arn, Wanted::NewTasks)], Bounds::Stay));
    assert_eq!(why(&plan), Some(&Why::Refused("that is no scale; ask for it by its own verb".to_owned())));
}

#[test]
fn a_track_names_its_service_its_home_and_whether_that_is_protected() {
    let guess = || service(&home(), "site");
    for (service, path, home, tenant, guard) in [
        (web(), "california/production/web", "california/production", "california", Guard::Protected),
        (
            Service { tags: tags(&[("tenant", "california"), ("env", "dev")]), ..web() },
            "california/dev/web",
            "california/dev",
            "california",
            Guard::Open,
        ),
        (guess(), "c @1/unknown/site", "c @1/unknown", "c @1", Guard::Protected),
    ] {
        let wishes = vec![(service.arn.clone(), Wanted::Count(Count::To(5)))];
        let plan = World::new(std::slice::from_ref(&service), &[]).draft(&proposal(Verb::Scale, wishes, Bounds::Stay));
        let target = Target {
            service: service.arn,
            cluster: super::home().arn,
            context: ContextId::new("1"),
            path: path.to_owned(),
            home: home.to_owned(),
            tenant: tenant.to_owned(),
            guard,
        };
        assert_eq!(plan.tracks[0].target, target);
    }
}

#[test]
fn a_plan_says_in_which_account_and_as_whom() {
    let mut world = World::web(|_| ());
    let nameless = Where { context: ContextId::new("1"), account: None, region: "us-east-1".to_owned(), caller: None };
    let proposal = scaling(Count::To(5), Bounds::Stay);
    assert_eq!(world.draft(&proposal).wheres, std::slice::from_ref(&nameless));
    let caller = "arn:aws:iam::111122223333:user/ops".to_owned();
    let identity = Identity { account: "111122223333".to_owned(), arn: caller.clone() };
    world.fleet.contexts.get_mut(&ContextId::new("1")).unwrap().identity = Some(identity);
    let known = Where { account: Some("111122223333".to_owned()), caller: Some(caller), ..nameless };
    assert_eq!(world.draft(&proposal).wheres, [known]);
    let nobody = World::web(|_| ()).failing(About::Identity).draft(&proposal);
    assert_eq!(warnings(&nobody), [(Caution::Unread, format!("could not be read: {DENIED}").as_str())]);
}

#[test]
fn who_owns_a_service_is_warned_of() {
    let world = World::web(|web| {
        web.tags.insert("aws:cloudformation:stack-name".to_owned(), "humangov-web".to_owned());
    });
    let plan = world.draft(&scaling(Count::To(5), Bounds::Stay));
    let says = "owned by CloudFormation stack humangov-web: what manages it may change this again";
    assert_eq!(warnings(&plan), [(Caution::Owned, says)]);
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
    let says = "a zone where tasks could be stands empty (all 3 in zone a, b empty): new ones may not start there";
    for (to, warned) in [(5, vec![(Caution::ZoneLost, says)]), (2, vec![(Caution::ZoneLost, says)]), (1, vec![])] {
        assert_eq!(warnings(&world.draft(&scaling(Count::To(to), Bounds::Stay))), warned, "to {to}");
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
    let wishes = services.iter().map(|service| (service.arn.clone(), Wanted::Count(Count::By(7)))).collect();
    let plan = world.draft(&proposal(Verb::Scale, wishes, Bounds::Stay));
    let paths = names.map(|name| format!("california/production/{name}"));
    let says = "outside of autoscaling's bounds (7, bounds 2-6; 8, bounds 2-6; 9, bounds 2-6; 2 more): it may bring \
                the count back when it next acts, unless its bounds are moved too";
    let warning = Warning { about: Caution::OutOfBounds, paths: paths.to_vec(), says: says.to_owned() };
    assert_eq!(plan.warnings, [warning]);

    let services = [named("web"), named("api")];
    let mut world = World::new(&services, &[]).bounded(2, 6, &[]);
    let alike = Scaling { service: named("api").arn, min: 2, max: 6, suspended: vec![] };
    world.fleet.scaling.insert(named("api").arn, Some(alike));
    let wishes = services.iter().map(|service| (service.arn.clone(), Wanted::Count(Count::To(5)))).collect();
    let plan = world.draft(&proposal(Verb::Scale, wishes, Bounds::Stay));
    let says = "autoscaling may move the count again (bounds 2-6)".to_owned();
    assert_eq!(plan.warnings, [Warning { about: Caution::Autoscaled, paths: paths[..2].to_vec(), says }]);
}

#[test]
fn a_plan_takes_as_long_as_its_slowest_bucket_or_its_longest_row() {
    let services = |count: usize| -> Plan {
        let services: Vec<Service> = (0..count).map(|at| named(&format!("s{at}"))).collect();
        let wishes = services.iter().map(|service| (service.arn.clone(), Wanted::Count(Count::By(1)))).collect();
        World::new(&services, &[]).draft(&proposal(Verb::Scale, wishes, Bounds::Stay))
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
        let pace = pace(&services(count));
        assert_eq!((pace.as_millis(), about(pace).as_str()), (millis, says), "{count} services");
    }
    assert_eq!(about(Duration::from_secs(99)), "about 100 s");
}
