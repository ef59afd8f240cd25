//! What runs where, by which tag it was asked for, and what has become of the tag.

use std::sync::Arc;

use jiff::SignedDuration;

use super::*;
use crate::fleet::sample::{ago, cluster, container, context, defined, fleet, service, stopped, task};
use crate::fleet::{Context, ContextId, Identity, IndexEntry, Manifest, Service};

const WEB: &str = "111122223333.dkr.ecr.us-east-1.amazonaws.com/web";

fn image(digest: &str, tags: &[&str], minutes: i64) -> StoredImage {
    StoredImage {
        digest: digest.to_owned(),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        size: Some(1),
        pushed_at: Some(ago(minutes)),
        pulled_at: None,
        manifest: Manifest::Image,
        subject: None,
        status: None,
        scan: None,
    }
}

fn index(digest: &str, tags: &[&str], minutes: i64) -> StoredImage {
    StoredImage { manifest: Manifest::Index, ..image(digest, tags, minutes) }
}

/// A task of `cluster`'s `group` that runs `reference`, and `digest` behind it.
fn run(cluster: &str, id: &str, group: &str, reference: &str, digest: Option<&str>) -> Task {
    let mut task = task(id, "a", reference);
    task.arn = Arn::new(format!("arn:aws:ecs:us-east-1:1:task/{cluster}/{id}"));
    task.cluster = Arn::new(format!("arn:aws:ecs:us-east-1:1:cluster/{cluster}"));
    task.group = group.to_owned();
    task.containers[0].digest = digest.map(str::to_owned);
    task
}

fn web(tag: &str) -> String {
    format!("{WEB}:{tag}")
}

/// What the repository `web` comes to, with `images` in it and `tasks` beside.
fn known(images: Option<Vec<StoredImage>>, tasks: &[Task], extent: Completeness) -> RepositoryUsage {
    read(images, tasks, extent, &[])
}

/// Likewise, with what some indexes list: the digest of each, and those in it with their platforms.
fn read(
    images: Option<Vec<StoredImage>>,
    tasks: &[Task],
    extent: Completeness,
    lists: &[(&str, &[(&str, &str)])],
) -> RepositoryUsage {
    let clusters = ["ca", "tx"].map(|name| cluster("1", name));
    let services: Vec<Service> = clusters.iter().map(|cluster| service(cluster, "web")).collect();
    let mut fleet = fleet(&clusters, &services, tasks);
    fleet.images.extend(images.map(|images| (WEB.to_owned(), Arc::new(images))));
    let listed = |(digest, platform): &(&str, &str)| IndexEntry {
        digest: (*digest).to_owned(),
        platform: Some((*platform).to_owned()).filter(|platform| !platform.is_empty()),
    };
    let lists = lists.iter().map(|(index, lists)| ((*index).to_owned(), Arc::new(lists.iter().map(listed).collect())));
    fleet.indexes.extend(lists);
    repository_usage(&fleet, WEB, extent)
}

/// Each image with the tasks that run it, place by place.
fn told(found: &RepositoryUsage) -> Vec<(String, Vec<(String, usize)>)> {
    let place = |run: &Usage| (format!("{}/{}", run.cluster.name(), run.name), run.tasks());
    let name = |held: &UsedImage| held.digest.clone().unwrap_or_else(|| held.reference.clone());
    found.images.iter().map(|held| (name(held), held.usages.iter().map(place).collect())).collect()
}

fn said(places: &[(&str, usize)]) -> Vec<(String, usize)> {
    places.iter().map(|(place, tasks)| ((*place).to_owned(), *tasks)).collect()
}

#[test]
fn each_image_tells_where_in_the_fleet_it_runs() {
    let dual = "111122223333.dkr-ecr.us-east-1.on.aws/web@sha256:a";
    let mut twice = run("tx", "4", "service:web", &web("v1"), Some("sha256:a"));
    twice.containers.push(twice.containers[0].clone());
    let mut dead = run("tx", "5", "service:web", &web("v1"), Some("sha256:b"));
    "STOPPED".clone_into(&mut dead.containers[0].status);
    let tasks = [
        run("ca", "1", "service:web", &web("v1"), Some("sha256:a")),
        run("ca", "2", "service:web", dual, Some("sha256:a")),
        run("ca", "3", "family:migrate", &web("v1"), Some("sha256:a")),
        twice,
        dead,
        stopped(run("tx", "6", "service:web", &web("v1"), Some("sha256:b")), 1, "UserInitiated", ""),
        run("tx", "7", "service:web", "111122223333.dkr.ecr.us-east-1.amazonaws.com/webby:v1", Some("sha256:a")),
        run("tx", "8", "service:web", "444455556666.dkr.ecr.us-east-1.amazonaws.com/web:v1", Some("sha256:a")),
    ];
    let found =
        known(Some(vec![image("sha256:b", &["v2"], 5), image("sha256:a", &["v1"], 9)]), &tasks, Completeness::Complete);
    let everywhere = said(&[("ca/migrate", 1), ("ca/web", 2), ("tx/web", 1)]);
    assert_eq!(told(&found), [("sha256:b".to_owned(), vec![]), ("sha256:a".to_owned(), everywhere)]);
    let services: Vec<Option<&str>> =
        found.images[1].usages.iter().map(|run| run.service.as_ref().map(Arn::as_str)).collect();
    let arn = |cluster: &str| format!("arn:aws:ecs:us-east-1:1:service/{cluster}/web");
    assert_eq!(services, [None, Some(arn("ca").as_str()), Some(arn("tx").as_str())]);
}

#[test]
fn what_runs_and_is_not_in_the_repository_stands_first() {
    let tasks = [
        run("ca", "1", "service:web", &web("v1"), Some("sha256:gone")),
        run("ca", "2", "service:web", &web("v9"), None),
    ];
    let found = known(Some(vec![image("sha256:b", &["v2"], 5)]), &tasks, Completeness::Complete);
    let once = || said(&[("ca/web", 1)]);
    assert_eq!(
        told(&found),
        [(web("v9"), once()), ("sha256:gone".to_owned(), once()), ("sha256:b".to_owned(), vec![])]
    );
    let unread = known(None, &tasks, Completeness::Partial);
    assert_eq!(told(&unread), [(web("v9"), once()), ("sha256:gone".to_owned(), once())]);
    assert_eq!(unread.images[1].requests(), [("v1", &TagState::Unknown)]);
}

#[test]
fn signatures_are_left_out_and_counted_unless_they_run() {
    let signature = |digest: &str| StoredImage { subject: Some("sha256:a".to_owned()), ..image(digest, &[], 4) };
    let images = vec![signature("sha256:s1"), signature("sha256:s2"), image("sha256:a", &["v1"], 5)];
    let tasks = [run("ca", "1", "service:web", &format!("{WEB}@sha256:s2"), Some("sha256:s2"))];
    let found = known(Some(images), &tasks, Completeness::Complete);
    assert_eq!(found.attachments, 1);
    assert_eq!(told(&found), [("sha256:s2".to_owned(), said(&[("ca/web", 1)])), ("sha256:a".to_owned(), vec![])]);
}

#[test]
fn what_has_become_of_a_tag_is_told_as_far_as_it_is_known() {
    let a = || image("sha256:a", &["v1"], 9);
    let elsewhere = || TagState::Moved("sha256:b".to_owned());
    let index_b = || TagState::MovedToIndex("sha256:b".to_owned());
    let pushed = |seconds: i64| {
        let pushed_at = image("", &[], 9).pushed_at.map(|at| at + SignedDuration::from_secs(seconds));
        StoredImage { pushed_at, ..index("sha256:b", &["v1"], 9) }
    };
    let child = || image("sha256:a", &[], 9);
    for (images, digest, extent, stands) in [
        (Some(vec![a()]), Some("sha256:a"), Completeness::Complete, TagState::Current),
        (Some(vec![image("sha256:b", &["v1"], 5), child()]), Some("sha256:a"), Completeness::Complete, elsewhere()),
        (
            Some(vec![image("sha256:b", &["v1"], 5), image("sha256:a", &["v0"], 9)]),
            Some("sha256:a"),
            Completeness::Partial,
            elsewhere(),
        ),
        (Some(vec![image("sha256:b", &["v1"], 5)]), Some("sha256:a"), Completeness::Complete, elsewhere()),
        (Some(vec![pushed(0), child()]), Some("sha256:a"), Completeness::Complete, TagState::CurrentPlatform),
        (Some(vec![pushed(60), child()]), Some("sha256:a"), Completeness::Complete, TagState::CurrentPlatform),
        (Some(vec![pushed(61), child()]), Some("sha256:a"), Completeness::Complete, index_b()),
        (Some(vec![pushed(-1), child()]), Some("sha256:a"), Completeness::Complete, index_b()),
        (Some(vec![pushed(5)]), Some("sha256:a"), Completeness::Complete, index_b()),
        (Some(vec![pushed(5), image("sha256:a", &["v0"], 9)]), Some("sha256:a"), Completeness::Complete, elsewhere()),
        (Some(vec![pushed(5), index("sha256:a", &[], 9)]), Some("sha256:a"), Completeness::Complete, elsewhere()),
        (Some(vec![pushed(5)]), Some("sha256:b"), Completeness::Complete, TagState::Current),
        (Some(vec![image("sha256:b", &["v2"], 5)]), Some("sha256:a"), Completeness::Complete, TagState::Missing),
        (Some(vec![image("sha256:b", &["v2"], 5)]), None, Completeness::Complete, TagState::Missing),
        (Some(vec![image("sha256:b", &["v2"], 5)]), Some("sha256:a"), Completeness::Partial, TagState::Unknown),
        (Some(vec![a()]), None, Completeness::Complete, TagState::Unknown),
        (None, Some("sha256:a"), Completeness::Complete, TagState::Unknown),
    ] {
        let tasks = [run("ca", "1", "service:web", &web("v1"), digest)];
        let found = known(images.clone(), &tasks, extent);
        let held = found.images.iter().find(|held| !held.usages.is_empty());
        let asked: Vec<_> = held.map(UsedImage::requests).unwrap_or_default();
        assert_eq!(asked, [("v1", &stands)], "{images:?} {digest:?}");
        assert_eq!(held.map(UsedImage::has_moved), Some(stands == elsewhere()));
    }
}

/// What becomes of a container that shows `reference`, is known to come from `written`, and runs `digest`: what it was
/// asked for by, how that stands, and whether its definition is wanted.
fn made(images: &[StoredImage], reference: &str, written: Option<&str>, digest: &str) -> (RequestedBy, TagState, bool) {
    let home = cluster("1", "ca");
    let of_web = service(&home, "web");
    let task = run("ca", "1", "service:web", reference, Some(digest));
    let mut fleet = fleet(&[home], std::slice::from_ref(&of_web), std::slice::from_ref(&task));
    fleet.images.insert(WEB.to_owned(), Arc::new(images.to_vec()));
    let known = written.map(|image| defined(&of_web.definition, &[("web", image)]));
    fleet.definitions.extend(known.map(|known| (known.arn.clone(), Arc::new(known))));
    let found = repository_usage(&fleet, WEB, Completeness::Complete);
    let held = found.images.iter().find(|held| !held.usages.is_empty());
    let held = held.unwrap_or_else(|| panic!("nothing runs: {found:?}"));
    let copied = &held.usages[0].containers[0];
    assert_eq!(held.has_moved(), matches!(copied.tag_state, TagState::Moved(_)));
    let wanted = (task.context, task.definition);
    assert!(
        found.unread_definitions.is_empty() || found.unread_definitions == BTreeSet::from([wanted]),
        "{:?}",
        found.unread_definitions
    );
    (copied.requested_by.clone(), copied.tag_state.clone(), !found.unread_definitions.is_empty())
}

#[test]
fn only_the_definition_tells_whether_new_tasks_go_by_a_tag_or_by_a_digest() {
    let a = || "sha256:a".to_owned();
    let (tag, both, alone) = (web("v1"), format!("{WEB}:v1@sha256:a"), format!("{WEB}@sha256:a"));
    let moved = [image("sha256:b", &["v1"], 5), image(&a(), &[], 9)];
    let stays = [image(&a(), &["v1"], 9)];
    let gone = [image(&a(), &[], 9)];
    let v1 = || Some("v1".to_owned());
    let elsewhere = || TagState::Moved("sha256:b".to_owned());
    let beside = || TagState::ByDigest(Some("sha256:b".to_owned()));
    for (images, shown, written, expected) in [
        (&moved[..], &tag, None, (RequestedBy::Tag("v1".to_owned()), elsewhere(), false)),
        (&moved, &both, Some(&tag), (RequestedBy::Tag("v1".to_owned()), elsewhere(), false)),
        (&moved, &alone, Some(&tag), (RequestedBy::Tag("v1".to_owned()), elsewhere(), false)),
        (&gone, &both, Some(&tag), (RequestedBy::Tag("v1".to_owned()), TagState::Missing, false)),
        (&moved, &both, Some(&both), (RequestedBy::Digest(v1()), TagState::Unknown, false)),
        (&gone, &both, Some(&both), (RequestedBy::Digest(v1()), TagState::Unknown, false)),
        (&moved, &alone, Some(&alone), (RequestedBy::Digest(None), TagState::Unknown, false)),
        (&moved, &both, None, (RequestedBy::Unclear(v1()), beside(), true)),
        (&gone, &both, None, (RequestedBy::Unclear(v1()), TagState::ByDigest(None), true)),
        (&stays, &both, None, (RequestedBy::Unclear(v1()), TagState::Current, false)),
        (&moved, &alone, None, (RequestedBy::Unclear(None), TagState::Unknown, false)),
    ] {
        assert_eq!(made(images, shown, written.map(String::as_str), &a()), expected, "{shown} {written:?}");
    }
}

#[test]
fn no_index_is_read_for_the_sake_of_a_tag_beside_a_digest_that_the_definition_writes() {
    let pinned = format!("{WEB}:v1@sha256:a");
    let home = cluster("1", "ca");
    let of_web = service(&home, "web");
    let task = run("ca", "1", "service:web", &pinned, Some("sha256:a"));
    let mut fleet = fleet(&[home], std::slice::from_ref(&of_web), &[task]);
    fleet.images.insert(WEB.to_owned(), Arc::new(vec![index("sha256:i", &["v1"], 5), image("sha256:a", &[], 90)]));
    assert_eq!(
        repository_usage(&fleet, WEB, Completeness::Complete).unread_indexes,
        BTreeSet::from(["sha256:i".to_owned()])
    );
    fleet.definitions.insert(of_web.definition.clone(), Arc::new(defined(&of_web.definition, &[("web", &pinned)])));
    assert_eq!(repository_usage(&fleet, WEB, Completeness::Complete).unread_indexes, BTreeSet::new());
}

#[test]
fn an_untagged_image_is_called_that_of_an_index_only_if_they_were_pushed_together() {
    let images =
        vec![index("sha256:i", &["v2", "latest"], 5), image("sha256:arm", &[], 5), image("sha256:old", &[], 90)];
    let found = known(Some(images), &[], Completeness::Complete);
    let guess = PartOf { index: "sha256:i".to_owned(), tag: Some("v2".to_owned()), by: Evidence::Push };
    let of: Vec<Option<&PartOf>> = found.images.iter().map(|held| held.part_of.as_ref()).collect();
    assert_eq!(of, [None, Some(&guess), None]);
    assert_eq!(found.unread_indexes, BTreeSet::new(), "nothing of it runs");
}

/// What runs of `images` as `digest`, asked for by `reference`, once these indexes have been read: what has become of
/// the tag, what it is part of, and which indexes are still to be read.
fn judged(
    images: &[StoredImage],
    reference: &str,
    digest: &str,
    lists: &[(&str, &[(&str, &str)])],
) -> (TagState, Option<PartOf>, Vec<String>) {
    let tasks = [run("ca", "1", "service:web", reference, Some(digest))];
    let found = read(Some(images.to_vec()), &tasks, Completeness::Complete, lists);
    let held = found.images.iter().find(|held| !held.usages.is_empty());
    let held = held.unwrap_or_else(|| panic!("nothing runs: {found:?}"));
    let stands = held.usages[0].containers[0].tag_state.clone();
    (stands, held.part_of.clone(), found.unread_indexes.iter().cloned().collect())
}

#[test]
fn an_index_that_was_read_says_what_is_part_of_it_whatever_the_times_of_pushing_suggest() {
    let part = |index: &str, tag: Option<&str>, by: Evidence| {
        Some(PartOf { index: index.to_owned(), tag: tag.map(str::to_owned), by })
    };
    let manifest = |platform: &str| Evidence::Manifest(Some(platform.to_owned()));
    let elsewhere = |digest: &str| TagState::Moved(digest.to_owned());
    let (i, j, arm, amd) = ("sha256:i", "sha256:j", "sha256:arm", "sha256:amd");
    // The tag moved from the index i to j; arm was pushed with i.
    let moved = [index(j, &["v1"], 5), index(i, &[], 9), image(arm, &[], 9)];
    let stays = [index(j, &["v1"], 5), image(arm, &[], 9)];
    let both: &[(&str, &[(&str, &str)])] = &[(i, &[(arm, "linux/arm64")]), (j, &[(amd, "linux/amd64")])];
    let lists_arm: &[(&str, &[(&str, &str)])] = &[(j, &[(amd, "linux/amd64"), (arm, "linux/arm64")])];
    let v1 = web("v1");
    for (says, images, reference, lists, judgement) in [
        ("unread", &moved[..], &v1, &[][..], (TagState::MovedToIndex(j.to_owned()), None, vec![j])),
        (
            "j does not list it: it is asked which index it was pushed for",
            &moved,
            &v1,
            &both[1..],
            (elsewhere(j), None, vec![i]),
        ),
        ("moved", &moved, &v1, both, (elsewhere(j), part(i, None, manifest("linux/arm64")), vec![])),
        (
            "an index created again of the same images",
            &stays,
            &v1,
            lists_arm,
            (TagState::CurrentPlatform, part(j, Some("v1"), manifest("linux/arm64")), vec![]),
        ),
        (
            "a part with a tag of its own",
            &[index(j, &["v1"], 5), image(arm, &["v1-arm64"], 5)],
            &v1,
            lists_arm,
            (TagState::CurrentPlatform, part(j, Some("v1"), manifest("linux/arm64")), vec![]),
        ),
        (
            "what times suggest is not so",
            &[index(j, &["v1"], 9), image(arm, &[], 9)],
            &v1,
            &both[1..],
            (elsewhere(j), None, vec![]),
        ),
        (
            "no platform is known",
            &stays,
            &v1,
            &[(j, &[(arm, "")])],
            (TagState::CurrentPlatform, part(j, Some("v1"), Evidence::Manifest(None)), vec![]),
        ),
        (
            "asked for by its digest",
            &[index(i, &["v0"], 9), image(arm, &[], 9)],
            &format!("{WEB}@{arm}"),
            &[],
            (TagState::Unknown, part(i, Some("v0"), Evidence::Push), vec![i]),
        ),
    ] {
        let (stands, part_of, unread) = judgement;
        let unread = unread.into_iter().map(str::to_owned).collect();
        assert_eq!(judged(images, reference, arm, lists), (stands, part_of, unread), "{says}");
    }
}

#[test]
fn no_index_is_asked_about_that_nothing_which_runs_needs() {
    let archived = |image: StoredImage| StoredImage { status: Some("ARCHIVED".to_owned()), ..image };
    let signature = StoredImage { subject: Some("sha256:i".to_owned()), ..image("sha256:arm", &[], 9) };
    let unread = |images: &[StoredImage], tag: &str| judged(images, &web(tag), "sha256:arm", &[]).2;
    let arm = || image("sha256:arm", &[], 9);
    for (says, images, asked) in [
        ("the tag names what runs", &[image("sha256:arm", &["v1"], 9), index("sha256:i", &["v2"], 9)][..], 0),
        ("an index runs", &[index("sha256:arm", &["v0"], 9), index("sha256:i", &["v1"], 9)], 0),
        ("its tag is on an image too", &[index("sha256:i", &["v1"], 9), signature], 0),
        ("none was pushed with it", &[index("sha256:i", &["v2"], 7), arm(), image("sha256:b", &["v1"], 5)], 0),
        ("an archived one cannot be read", &[archived(index("sha256:i", &["v1"], 9)), arm()], 0),
        ("its tag names an index", &[index("sha256:i", &["v1"], 5), arm()], 1),
        ("it is not in the repository any more", &[index("sha256:i", &["v1"], 5)], 1),
        ("its tag is gone", &[index("sha256:i", &["v2"], 9), arm()], 1),
    ] {
        assert_eq!(unread(images, "v1").len(), asked, "{says}");
    }
}

#[test]
fn repositories_of_a_service_come_from_its_definition_and_its_tasks() {
    let ca = cluster("1", "ca");
    let of_web = service(&ca, "web");
    let mut one = run("ca", "1", "service:web", &web("v1"), None);
    one.containers.push(container("router", "444455556666.dkr.ecr.us-east-1.amazonaws.com/router:2"));
    one.containers.push(container("agent", "111122223333.dkr.ecr.eu-west-1.amazonaws.com/agent:3"));
    let mut fleet = fleet(&[ca], std::slice::from_ref(&of_web), &[one]);
    let written = defined(&of_web.definition, &[("proxy", "nginx:1.27"), ("web", &web("v2"))]);
    fleet.definitions.insert(of_web.definition.clone(), Arc::new(written));
    let own = ContextId::new("1");
    let wanted = |name: &str, image: &str| vec![(name.to_owned(), image.to_owned())];
    let unreached = Unreachable::NoContext { account: "111122223333".to_owned(), region: "eu-west-1".to_owned() };
    let agent = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/agent";
    let expected = |agents: Result<ContextId, Unreachable>, webs: &str| {
        vec![
            Reference {
                repository: "nginx".to_owned(),
                context: Err(Unreachable::OutsideEcr),
                containers: wanted("proxy", "nginx:1.27"),
            },
            Reference {
                repository: WEB.to_owned(),
                context: Ok(ContextId::new(webs)),
                containers: wanted("web", &web("v2")),
            },
            Reference {
                repository: "444455556666.dkr.ecr.us-east-1.amazonaws.com/router".to_owned(),
                context: Ok(own.clone()),
                containers: vec![],
            },
            Reference { repository: agent.to_owned(), context: agents, containers: vec![] },
        ]
    };
    assert_eq!(references(&fleet, &of_web.arn), expected(Err(unreached), "1"));
    for (name, region) in [("home", "us-east-1"), ("ireland", "eu-west-1")] {
        let identity = Identity { account: "111122223333".to_owned(), arn: String::new() };
        let found = Context { region: region.to_owned(), identity: Some(identity), ..context(name) };
        fleet.contexts.insert(found.id.clone(), found);
    }
    assert_eq!(references(&fleet, &of_web.arn), expected(Ok(ContextId::new("ireland")), "home"));
    assert_eq!(references(&fleet, &Arn::new("arn:aws:ecs:us-east-1:1:service/ca/gone")), []);
}
