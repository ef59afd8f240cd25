//! Plans that redeploy.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::*;
use crate::fleet::sample::{definition, deployment, stopped};
use crate::fleet::{Deployment, DeploymentStatus, IndexEntry, Rollout, TaskFilter};

/// The digest that the sample task shows.
const RUNS: &str = "sha256:aaaaaaaaaa";
const OTHER: &str = "sha256:bbbbbbbbbb";

fn unknown(why: &str) -> NextImage {
    NextImage::Unknown(why.to_owned())
}

#[test]
fn a_redeploy_is_one_step_that_names_what_it_replaces() {
    let plan = World::web(|_| ()).tagged("v1", Some(RUNS), Manifest::Image).draft(&redeploying());
    let image = ImageChange { reference: format!("{ECR}:v1"), runs: Some(RUNS.to_owned()), next: NextImage::Same };
    let step = Step::Redeploy(steps::Redeploy {
        definition: definition("web:41"),
        replaces: "ecs-svc/new".to_owned(),
        images: vec![image],
    });
    assert_eq!(steps(&plan), [step]);
    assert_eq!(warnings(&plan), []);
}

#[test]
fn what_stands_behind_the_tag_is_compared_with_what_runs() {
    let runs = |digests: &[Option<&str>]| -> Vec<Task> {
        let task = |(at, digest): (usize, Option<&str>)| running(&at.to_string(), &format!("{ECR}:v1"), digest);
        digests.iter().copied().enumerate().map(task).collect()
    };
    let other = || NextImage::Other(OTHER.to_owned());
    let several = "one tag for several platforms, and tasks show another digest than its own";
    for (digests, behind, manifest, shown, next) in [
        (&[Some(RUNS)][..], Some(RUNS), Manifest::Image, Some(RUNS), NextImage::Same),
        (&[Some(RUNS), None], Some(RUNS), Manifest::Image, Some(RUNS), NextImage::Same),
        (&[Some(RUNS)], Some(RUNS), Manifest::Index, Some(RUNS), NextImage::Same),
        (&[Some(RUNS)], Some(OTHER), Manifest::Image, Some(RUNS), other()),
        (&[Some(RUNS), Some(OTHER)], Some(OTHER), Manifest::Image, Some(RUNS), other()),
        (&[Some(RUNS)], Some(OTHER), Manifest::Index, Some(RUNS), unknown(several)),
        (&[None], Some(OTHER), Manifest::Image, None, unknown("ECS reports no digest for the running tasks")),
        (
            &[Some(RUNS)],
            None,
            Manifest::Image,
            Some(RUNS),
            unknown("ECR has no such tag any more: new tasks could not start"),
        ),
    ] {
        let world = World::new(&[web()], &runs(digests)).tagged("v1", behind, manifest);
        let plan = world.draft(&redeploying());
        assert_eq!(images(&plan), [(format!("{ECR}:v1").as_str(), shown, &next)], "{digests:?} {behind:?}");
    }
}

#[test]
fn a_tag_for_several_platforms_is_compared_by_what_its_index_lists() {
    let list = |digests: &[&str]| -> Vec<IndexEntry> {
        let listed = |digest: &&str| IndexEntry { digest: (*digest).to_owned(), platform: None };
        digests.iter().map(listed).collect()
    };
    let index = "sha256:1111111111";
    let stays = || NextImage::Listed(index.to_owned());
    let other = || NextImage::Other(index.to_owned());
    for (runs, lists, shown, next, says) in [
        (&[RUNS][..], &[OTHER, RUNS][..], RUNS, stays(), None),
        (&[RUNS, OTHER, index], &[OTHER, RUNS], RUNS, stays(), None),
        (&[RUNS], &[OTHER], RUNS, other(), Some("web:v1 sha256:aaaaaaa > sha256:1111111")),
        (&[RUNS, OTHER], &[RUNS], OTHER, other(), Some("web:v1 sha256:bbbbbbb > sha256:1111111")),
        (&[RUNS], &[], RUNS, other(), Some("web:v1 sha256:aaaaaaa > sha256:1111111")),
    ] {
        let tasks = runs.iter().map(|digest| running(digest, &format!("{ECR}:v1"), Some(digest))).collect::<Vec<_>>();
        let mut world = World::new(&[web()], &tasks).tagged("v1", Some(index), Manifest::Index);
        let tag = Query { context: ContextId::new("1"), kind: QueryKind::ImageTag(format!("{ECR}:v1")) };
        let asks = |world: &World| {
            let asks = world.reads(&redeploying(), &BTreeSet::from([tag.clone()]));
            asks.into_iter()
                .map(|ask| ask.kind)
                .filter(|about| matches!(about, QueryKind::ImageIndexes(..)))
                .collect::<Vec<_>>()
        };
        assert_eq!(asks(&world), [QueryKind::ImageIndexes(ECR.to_owned(), vec![index.to_owned()])]);
        world.fleet.indexes.insert(index.to_owned(), Arc::new(list(lists)));
        assert_eq!(asks(&world), [], "it is read once");
        let plan = world.draft(&redeploying());
        assert_eq!(images(&plan), [(format!("{ECR}:v1").as_str(), Some(shown), &next)], "{runs:?} {lists:?}");
        let expected = says.map(|says| format!("the tag has moved, new tasks run another image: {says}"));
        assert_eq!(warnings(&plan).into_iter().map(|(_, says)| says).collect::<Vec<_>>(), Vec::from_iter(expected));
    }
}

#[test]
fn without_the_right_to_read_an_index_it_is_told_that_what_will_run_is_not_known() {
    let indexes = QueryKind::ImageIndexes(ECR.to_owned(), vec![OTHER.to_owned()]);
    let world = World::web(|_| ()).tagged("v1", Some(OTHER), Manifest::Index).failing(indexes);
    let about: Vec<WarningKind> = warnings(&world.draft(&redeploying())).into_iter().map(|(about, _)| about).collect();
    assert_eq!(about, [WarningKind::UnknownImage, WarningKind::Unread]);
}

#[test]
fn an_image_that_may_have_moved_is_warned_of() {
    let world = |digest| World::web(|_| ()).tagged("v1", Some(digest), Manifest::Image);
    assert_eq!(
        warnings(&world(OTHER).draft(&redeploying())),
        [(
            WarningKind::OtherImage,
            "the tag has moved, new tasks run another image: web:v1 sha256:aaaaaaa > sha256:bbbbbbb"
        )]
    );
    let tag = QueryKind::ImageTag(format!("{ECR}:v1"));
    let plan = world(RUNS).failing(tag).draft(&redeploying());
    let unread = format!("could not be read: {DENIED}");
    assert_eq!(
        warnings(&plan),
        [
            (
                WarningKind::UnknownImage,
                "it is not known whether new tasks run another image: web:v1, its tag could not be read"
            ),
            (WarningKind::Unread, &unread),
        ]
    );
    let unasked = World::web(|_| ()).draft(&redeploying());
    assert_eq!(images(&unasked)[0].2, &unknown("its tag was not read"));
}

#[test]
fn images_outside_of_ecr_may_move_unless_the_definition_writes_a_digest() {
    let pinned = format!("{ECR}:v1@{RUNS}");
    for (image, next) in [
        ("nginx", unknown("not in ECR here")),
        ("public.ecr.aws/nginx/nginx:1", unknown("not in ECR here")),
        ("111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:v1", unknown("not in ECR here")),
        (&format!("nginx@{RUNS}"), NextImage::Same),
        (&format!("nginx:1@{RUNS}"), NextImage::Same),
        (&pinned, NextImage::Same),
    ] {
        let world = World::new(&[web()], &[running("1", image, None)]).defined(&[("web", image)]);
        assert_eq!(images(&world.draft(&redeploying())), [(image, None, &next)], "{image}");
    }
}

#[test]
fn a_digest_that_a_task_shows_pins_nothing_where_the_definition_has_the_tag_alone() {
    let tag = format!("{ECR}:v1");
    for shown in [format!("{tag}@{RUNS}"), format!("{ECR}@{RUNS}"), tag.clone()] {
        let world = World::new(&[web()], &[running("1", &shown, Some(RUNS))]).defined(&[("web", &tag)]);
        let moved = world.tagged("v1", Some(OTHER), Manifest::Image).draft(&redeploying());
        assert_eq!(images(&moved), [(tag.as_str(), Some(RUNS), &NextImage::Other(OTHER.to_owned()))], "{shown}");
        let says = "the tag has moved, new tasks run another image: web:v1 sha256:aaaaaaa > sha256:bbbbbbb";
        assert_eq!(warnings(&moved), [(WarningKind::OtherImage, says)], "{shown}");
        let asked = demand(&moved);
        assert_eq!(asked, Demand::Words("california/production".to_owned()), "{shown}");
    }
}

#[test]
fn what_the_definition_pins_stays_wherever_its_tag_stands_and_the_tag_is_not_asked_about() {
    let pinned = format!("{ECR}:v1@{RUNS}");
    let world = World::new(&[web()], &[running("1", &pinned, Some(RUNS))]).defined(&[("web", &pinned)]);
    assert_eq!(world.images_asked(), []);
    let plan = world.tagged("v1", Some(OTHER), Manifest::Image).draft(&redeploying());
    assert_eq!((images(&plan), warnings(&plan)), (vec![(pinned.as_str(), None, &NextImage::Same)], vec![]));
}

#[test]
fn a_digest_beside_a_tag_is_no_pin_as_long_as_the_definition_is_not_known() {
    let (tag, alone) = (format!("{ECR}:v1"), format!("{ECR}@{RUNS}"));
    let both = format!("{tag}@{RUNS}");
    let of_web = QueryKind::TaskDefinition(definition("web:41"));
    let missing = "ECR has no such tag any more, and the task definition could not be read";
    let moved = "its tag points to sha256:bbbbbbb now, and the task definition could not be read";
    let unread = "the task definition could not be read";
    for (shown, reference, behind, next) in [
        (&both, &tag, Some(RUNS), NextImage::Same),
        (&both, &tag, Some(OTHER), unknown(moved)),
        (&both, &tag, None, unknown(missing)),
        (&alone, &alone, Some(RUNS), unknown(unread)),
    ] {
        let world = World::new(&[web()], &[running("1", shown, Some(RUNS))]).tagged("v1", behind, Manifest::Image);
        let wanted =
            [vec![of_web.clone()], (shown == &both).then(|| QueryKind::ImageTag(tag.clone())).into_iter().collect()];
        assert_eq!(world.images_asked(), wanted.concat(), "{shown}");
        let plan = world.failing(of_web.clone()).draft(&redeploying());
        assert_eq!(images(&plan), [(reference.as_str(), Some(RUNS), &next)], "{shown} {behind:?}");
        let about: Vec<WarningKind> = warnings(&plan).into_iter().map(|(about, _)| about).collect();
        let unknown = (next != NextImage::Same).then_some(WarningKind::UnknownImage);
        assert_eq!(about, unknown.into_iter().chain([WarningKind::Unread]).collect::<Vec<_>>(), "{shown} {behind:?}");
    }
}

#[test]
fn a_container_that_ecs_adds_is_pinned_by_nothing_that_its_task_shows() {
    let (tag, agent) = (format!("{ECR}:v1"), format!("{ECR}-agent:v7@{OTHER}"));
    let task = with_helper(running("1", &tag, Some(RUNS)), "aws-guardduty-agent-x", &agent);
    let world = World::new(&[web()], &[task]).tagged("v1", Some(RUNS), Manifest::Image).defined(&[("web", &tag)]);
    assert_eq!(world.images_asked(), [QueryKind::ImageTag(tag.clone())]);
    let added = unknown("ECS adds it, the task definition does not name it");
    let agent = format!("{ECR}-agent:v7");
    let expected = [(tag.as_str(), Some(RUNS), &NextImage::Same), (agent.as_str(), None, &added)];
    assert_eq!(images(&world.draft(&redeploying())), expected);
}

#[test]
fn helpers_stand_last_and_count_too() {
    let task = with_helper(running("1", &format!("{ECR}:v1"), Some(RUNS)), "datadog-agent", "a.io/agent:7");
    let task = with_helper(task, "ecs-service-connect-x", "");
    let plan = World::new(&[web()], &[task]).tagged("v1", Some(RUNS), Manifest::Image).draft(&redeploying());
    let helper = unknown("a helper, not in ECR here");
    assert_eq!(
        images(&plan),
        [(format!("{ECR}:v1").as_str(), Some(RUNS), &NextImage::Same), ("a.io/agent:7", None, &helper)]
    );
    assert_eq!(
        warnings(&plan),
        [(
            WarningKind::UnknownImage,
            "it is not known whether new tasks run another image: agent:7, a helper, not in ECR here"
        )]
    );
}

#[test]
fn only_running_tasks_of_the_services_own_definition_tell_what_new_ones_run() {
    let old = Task { definition: definition("web:40"), ..running("2", &format!("{ECR}:v0"), Some(OTHER)) };
    let over = stopped(running("3", &format!("{ECR}:v9"), Some(OTHER)), 5, "UserInitiated", "");
    let own = running("1", &format!("{ECR}:v1"), Some(RUNS));
    let world = World::new(&[web()], &[own, old.clone(), over]).tagged("v1", Some(RUNS), Manifest::Image);
    assert_eq!(images(&world.draft(&redeploying())), [(format!("{ECR}:v1").as_str(), Some(RUNS), &NextImage::Same)]);

    let mut none = World::new(&[web()], &[old]);
    let why = unknown("no task of web:41 runs to compare with");
    assert_eq!(images(&none.draft(&redeploying())), [("web:41", None, &why)]);
    none = none.defined(&[("web", "web:v1"), ("x", "x@sha256:1")]);
    assert_eq!(images(&none.draft(&redeploying())), [("web:v1", None, &why), ("x@sha256:1", None, &NextImage::Same)]);
}

#[test]
fn tasks_that_could_not_be_read_tell_nothing() {
    let mut world = World::web(|_| ()).tagged("v1", Some(RUNS), Manifest::Image);
    world.fleet.tasks_read.clear();
    let mut world = world.failing(QueryKind::Tasks(home().arn, TaskFilter::Running));
    let plan = world.draft(&redeploying());
    assert_eq!(images(&plan), [("web:41", None, &unknown("its tasks could not be read"))]);
    assert!(
        warnings(&plan).contains(&(WarningKind::Unread, format!("could not be read: {DENIED}").as_str())),
        "{plan:?}"
    );
    // Nor does a count of none that none runs.
    let parked = Arc::new(Service { desired: 0, ..web() });
    world.fleet.services.get_mut(&web().arn).unwrap().snapshot.as_mut().unwrap().service = parked;
    assert_eq!(images(&world.draft(&redeploying())), [("web:41", None, &unknown("its tasks could not be read"))]);
}

#[test]
fn percentages_that_let_nothing_move_are_warned_of() {
    for (desired, minimum, maximum, stuck) in [
        (2, Some(75), Some(100), true),
        (2, Some(75), Some(149), true),
        (2, Some(75), Some(150), false),
        (3, Some(100), Some(125), true),
        (3, Some(100), Some(134), false),
        (4, Some(75), Some(100), false),
        (1, Some(100), Some(100), true),
        (1, Some(100), Some(200), false),
        (1, Some(0), Some(100), false),
        (u32::MAX, Some(u32::MAX), Some(100), true),
        (3, None, Some(100), false),
        (3, Some(100), None, false),
    ] {
        let world = World::web(|web| {
            (web.desired, web.minimum_percent, web.maximum_percent) = (desired, minimum, maximum);
        });
        let plan = world.tagged("v1", Some(RUNS), Manifest::Image).draft(&redeploying());
        let warned = warnings(&plan).iter().any(|(about, _)| *about == WarningKind::Deadlock);
        assert_eq!(warned, stuck, "{desired} {minimum:?} {maximum:?}");
    }
    let plan = World::web(|web| web.maximum_percent = Some(100)).draft(&redeploying());
    let says = "no task could be stopped or started (desired count 3, minimum 100 %, maximum 100 %): the deployment \
                would not progress; change the percentages first";
    assert_eq!(warnings(&plan)[0], (WarningKind::Deadlock, says));
}

#[test]
fn a_deployment_in_progress_and_a_service_without_tasks_are_warned_of() {
    type Change<'a> = &'a dyn Fn(&mut Service);
    let rolling = |web: &mut Service| web.deployments[0].rollout = Some(Rollout::InProgress);
    let draining = |web: &mut Service| {
        let old = Deployment { status: DeploymentStatus::Active, ..deployment("old", "web:40", 1) };
        web.deployments.push(old);
    };
    let parked = |web: &mut Service| web.desired = 0;
    let in_flight = "a deployment is in progress (web:41 3 of 3): this stops it and starts another";
    let none = "no tasks will run (desired count 0): the deployment ends at once and proves nothing";
    let cases: [(Change<'_>, (WarningKind, &str)); 3] = [
        (&rolling, (WarningKind::InFlight, in_flight)),
        (&draining, (WarningKind::InFlight, in_flight)),
        (&parked, (WarningKind::NoTasks, none)),
    ];
    for (change, warned) in cases {
        let plan = World::web(change).tagged("v1", Some(RUNS), Manifest::Image).draft(&redeploying());
        assert_eq!(warnings(&plan), [warned]);
    }
    let empty = Service { desired: 0, running: 0, ..web() };
    let plan = World::new(&[empty], &[]).draft(&redeploying());
    assert_eq!(images(&plan), [], "nothing runs, and nothing new will");
}

#[test]
fn a_service_without_a_deployment_to_replace_is_refused() {
    let plan = World::web(|web| web.deployments.clear()).draft(&redeploying());
    let says = "ECS names no deployment of it that could be replaced; look at it in the AWS console";
    assert_eq!(why(&plan), Some(&Reason::Refused(says.to_owned())));
}
