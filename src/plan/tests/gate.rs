//! What is asked before a change, and what does not pass.

use super::*;
use crate::fleet::Glob;

fn track(at: usize, home: &str, protection: Protection, steps: Vec<Step>) -> Track {
    let service = Arn::new(format!("arn:aws:ecs:us-east-1:1:service/c/s{at}"));
    let target = Target {
        resource: Resource::Service { arn: service, cluster: super::home().arn },
        context: ContextId::new("1"),
        path: format!("{home}/s{at}"),
        environment: home.to_owned(),
        tenant: home.split('/').next().unwrap_or_default().to_owned(),
        protection,
    };
    Track { target, after: vec![], steps }
}

fn plan(verb: VerbName, tracks: Vec<Track>) -> Plan {
    Plan {
        id: PlanId::new(1),
        verb,
        made_at: now(),
        undoes: None,
        reason: None,
        locations: vec![],
        tracks,
        left_out: vec![],
        warnings: vec![],
    }
}

fn count(from: u32, to: u32) -> Vec<Step> {
    vec![Step::DesiredCount(steps::DesiredCount { from, to })]
}

fn new_tasks(next: &[NextImage]) -> Vec<Step> {
    let image = |next: &NextImage| ImageChange { reference: "web:v1".to_owned(), runs: None, next: next.clone() };
    let (definition, replaces) = (Arn::new("web:41"), "ecs-svc/1".to_owned());
    vec![Step::Redeploy(steps::Redeploy { definition, replaces, images: next.iter().map(image).collect() })]
}

fn words(text: &str) -> Demand {
    Demand::Words(text.to_owned())
}

const CALIFORNIA: &str = "california/production";

/// Scales California's production down: its path is asked for.
fn grave() -> Plan {
    plan(verbs::SCALE.verb_name(), vec![track(0, CALIFORNIA, Protection::Protected, count(3, 1))])
}

#[test]
fn how_much_is_asked_goes_by_what_is_lost_where_and_by_how_many_environments() {
    let (same, other) = (NextImage::Same, NextImage::Other("sha256:b".to_owned()));
    let unknown = NextImage::Unknown("no answer".to_owned());
    let bounds = |to: (u32, u32)| {
        Step::ScalingBounds(steps::ScalingBounds {
            from: Range { minimum: 2, maximum: 6 },
            to: Range { minimum: to.0, maximum: to.1 },
        })
    };
    for (verb, steps, protected) in [
        (verbs::REDEPLOY.verb_name(), new_tasks(&[]), Demand::Yes),
        (verbs::REDEPLOY.verb_name(), new_tasks(&[same.clone(), same.clone()]), Demand::Yes),
        (verbs::REDEPLOY.verb_name(), new_tasks(&[same.clone(), other]), words(CALIFORNIA)),
        (verbs::REDEPLOY.verb_name(), new_tasks(&[unknown, same]), words(CALIFORNIA)),
        (verbs::SCALE.verb_name(), count(3, 4), Demand::Yes),
        (verbs::SCALE.verb_name(), count(0, 1), Demand::Yes),
        (verbs::SCALE.verb_name(), count(3, 2), words(CALIFORNIA)),
        (verbs::SCALE.verb_name(), count(3, 0), words(CALIFORNIA)),
        (verbs::SCALE.verb_name(), [vec![bounds((2, 8))], count(3, 8)].concat(), words(CALIFORNIA)),
        (verbs::SCALE.verb_name(), vec![bounds((1, 6))], words(CALIFORNIA)),
    ] {
        let of = |homes: &[(&str, Protection)]| {
            let tracks = homes.iter().enumerate().map(|(at, (home, guard))| track(at, home, *guard, steps.clone()));
            demand(&plan(verb, tracks.collect()))
        };
        let (california, staging) = ((CALIFORNIA, Protection::Protected), ("california/staging", Protection::Open));
        assert_eq!(of(&[staging]), Demand::Yes, "{steps:?}");
        assert_eq!(of(&[staging, staging]), Demand::Yes, "{steps:?}");
        assert_eq!(of(&[california]), protected, "{steps:?}");
        assert_eq!(of(&[california, california]), protected, "{steps:?}");
        assert_eq!(of(&[california, staging]), words("2 services"), "{steps:?}");
        assert_eq!(of(&[staging, ("texas/staging", Protection::Open), staging]), words("3 services"), "{steps:?}");
    }
}

#[test]
fn one_grave_step_among_harmless_ones_is_enough() {
    let tracks = vec![
        track(0, CALIFORNIA, Protection::Protected, count(1, 2)),
        track(1, CALIFORNIA, Protection::Protected, count(2, 1)),
    ];
    assert_eq!(demand(&plan(verbs::SCALE.verb_name(), tracks)), words(CALIFORNIA));
}

#[test]
fn what_could_act_on_a_terminal_is_asked_for_as_it_is_shown() {
    let tracks = vec![track(0, "ev\u{1b}il/production", Protection::Protected, count(3, 1))];
    let plan = plan(verbs::SCALE.verb_name(), tracks);
    assert_eq!(demand(&plan), words("ev␛il/production"));
    let said = Answer::Words("ev␛il/production".to_owned());
    assert!(gate(plan, &said, &Policy::default()).is_ok());
}

#[test]
fn only_the_very_words_let_a_plan_pass_that_asks_for_words() {
    let refused = Err(Refusal::Unconfirmed(words(CALIFORNIA)));
    let said = |text: &str| Answer::Words(text.to_owned());
    let policy = Policy::default();
    for answer in [
        Answer::Yes,
        said(""),
        said("y"),
        said("yes"),
        said("california"),
        said("california/prod"),
        said("California/production"),
        said("california/production "),
        said(" california/production"),
        said("california/production/s0"),
        said("1 services"),
    ] {
        assert_eq!(gate(grave(), &answer, &policy).map(|_| ()), refused, "{answer:?}");
    }
    let approved = gate(grave(), &said(CALIFORNIA), &policy);
    assert_eq!(approved.map(|approved| approved.plan().clone()), Ok(grave()));
}

#[test]
fn y_lets_a_plan_pass_that_asks_for_no_more_and_so_do_the_words_of_a_graver_one() {
    let harmless = || plan(verbs::SCALE.verb_name(), vec![track(0, CALIFORNIA, Protection::Protected, count(1, 2))]);
    let policy = Policy::default();
    for (answer, passes) in [
        (Answer::Yes, true),
        (Answer::Words(CALIFORNIA.to_owned()), true),
        (Answer::Words("texas/production".to_owned()), false),
        (Answer::Words("y".to_owned()), false),
        (Answer::Words(String::new()), false),
    ] {
        let passed = gate(harmless(), &answer, &policy);
        assert_eq!(passed.is_ok(), passes, "{answer:?}");
        assert!(passes || passed == Err(Refusal::Unconfirmed(Demand::Yes)), "{answer:?}");
    }
}

#[test]
fn the_number_of_services_is_the_words_for_several_environments() {
    let tracks = ["texas/staging", "nevada/staging"];
    let tracks = tracks.iter().enumerate().map(|(at, home)| track(at, home, Protection::Open, count(1, 2)));
    let several = plan(verbs::SCALE.verb_name(), tracks.collect());
    for (text, passes) in [("2 services", true), ("2", false), ("two services", false), ("3 services", false)] {
        let passed = gate(several.clone(), &Answer::Words(text.to_owned()), &Policy::default());
        assert_eq!(passed.is_ok(), passes, "{text}");
    }
    assert!(gate(several, &Answer::Yes, &Policy::default()).is_err());
}

#[test]
fn nothing_passes_in_a_run_that_only_reads_whatever_is_said() {
    let only_reads = Policy { access: Access::ReadOnly, ..Policy::default() };
    let harmless = plan(verbs::SCALE.verb_name(), vec![track(0, CALIFORNIA, Protection::Protected, count(1, 2))]);
    for (plan, answer) in [(harmless, Answer::Yes), (grave(), Answer::Words(CALIFORNIA.to_owned()))] {
        assert_eq!(gate(plan.clone(), &answer, &only_reads), Err(Refusal::ReadOnly));
        assert!(gate(plan, &answer, &Policy::default()).is_ok(), "it would pass otherwise");
    }
}

#[test]
fn a_rule_refuses_its_verb_wherever_it_fits_in_any_spelling() {
    let cases = [
        (CALIFORNIA, "california/production", &["scale"][..], true),
        (CALIFORNIA, "california/prod", &["scale"], true),
        (CALIFORNIA, "*/PRD", &[], true),
        (CALIFORNIA, "CALIFORNIA/*", &["redeploy", "scale"], true),
        (CALIFORNIA, "california/production", &["redeploy", "park"], false),
        (CALIFORNIA, "california/staging", &[], false),
        ("acme @ctx us-east-1/production", "acme/prod", &[], true),
        ("acme @ctx us-east-1/production", "acme @ctx us-east-1/production", &[], true),
        ("california/unknown", "california/unknown", &[], true),
        ("(unassigned)", "(unassigned)/*", &[], true),
        ("(unassigned)", "california/*", &[], false),
    ];
    for (home, target, verbs, refused) in cases {
        let verbs = verbs.iter().map(|verb| (*verb).to_owned()).collect();
        let deny = Deny { target: Glob::new(target), verbs, reason: "by contract".to_owned() };
        let policy = Policy { denied: vec![deny], ..Policy::default() };
        // The first track is fine by the rule: one that is not is enough.
        let tracks = vec![
            track(0, "texas/dev", Protection::Open, count(1, 2)),
            track(1, home, Protection::Protected, count(1, 2)),
        ];
        let answer = gate(plan(verbs::SCALE.verb_name(), tracks), &Answer::Words("2 services".to_owned()), &policy);
        let denied = Refusal::Denied { environment: home.to_owned(), reason: "by contract".to_owned() };
        let expected = if refused { Err(denied) } else { Ok(()) };
        assert_eq!(answer.map(|_| ()), expected, "{home} by {target}");
    }
}

#[test]
fn a_plan_that_does_nothing_does_not_pass() {
    assert_eq!(gate(plan(verbs::SCALE.verb_name(), vec![]), &Answer::Yes, &Policy::default()), Err(Refusal::Nothing));
}

#[test]
fn a_refusal_says_what_is_asked_for() {
    for (refusal, says) in [
        (Refusal::ReadOnly, "wharf runs read-only: nothing can be changed"),
        (Refusal::Nothing, "there is nothing to do"),
        (Refusal::Unconfirmed(Demand::Yes), "not confirmed: `y` is required"),
        (Refusal::Unconfirmed(words("2 services")), "not confirmed: `2 services` is required"),
        (
            Refusal::Denied { environment: "a/b".to_owned(), reason: "by\u{1b} law".to_owned() },
            "refused in a/b by a rule of the config: by␛ law",
        ),
    ] {
        assert_eq!(refusal.to_string(), says);
    }
}
