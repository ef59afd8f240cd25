//! Notices about changes and their plans.

use std::fmt;

use crate::plan::{BoundsPolicy, Count, VerbName};

/// One sentence about a change.
///
/// Fields named after a command hold the key that is bound to it. Names from AWS are cleaned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeNotice {
    /// The count would be below zero.
    BelowZero {
        /// The service's name.
        service: String,
        /// Its desired count.
        desired: u32,
        /// The count that was typed.
        count: Count,
    },
    /// The count would be below zero for each of several services.
    BelowZeroEverywhere(Count),
    /// None of the marked rows has services any more.
    NoServicesLeft,
    /// Another plan is on the screen, and waits for an answer.
    PlanFirst {
        /// The key that leaves it.
        back: String,
    },
    /// Another plan changes the resource.
    Busy {
        /// The resource's name.
        resource: String,
        /// The verb of the other plan.
        verb: VerbName,
        /// The key that shows it.
        plans: String,
    },
    /// No change of this session has ended.
    NothingToUndo,
    /// The change was undone before.
    AlreadyUndone,
    /// Steps of the change to undo are in progress.
    UndoTooEarly,
    /// No step of the change to undo was done.
    NothingDone,
    /// All resources of a plan are left out.
    NothingToDo {
        /// The path of the resource, if there is only one.
        path: Option<String>,
        /// Each reason, and for how many resources it holds.
        reasons: Vec<(String, usize)>,
    },
    /// A key was pressed before its plan was shown.
    BeforePlan {
        /// The key.
        key: String,
    },
    /// Keys were pressed before their plan was shown.
    TypedAhead,
    /// Enter is not an answer.
    EnterIsNoAnswer {
        /// The key that confirms, unless that is enter itself.
        confirm: Option<String>,
    },
    /// A key that is held down is not an answer.
    Held {
        /// The key.
        key: String,
    },
    /// Requests of the plan are in progress.
    StillReading,
    /// The screen has not shown the plan yet.
    NotShown,
    /// A filter hides lines of the plan.
    PartlyHidden {
        /// The key that ends the filter.
        back: String,
    },
    /// Another source changed what the plan shows.
    Outdated {
        /// The key that builds it again.
        refresh: String,
    },
    /// The plan does not exist any more.
    PlanGone,
    /// The plan has ended.
    Over,
    /// The plan was confirmed before.
    AlreadyConfirmed,
    /// The plan has no steps.
    NothingToConfirm,
    /// The plan is built again, from new reads.
    Rebuilt,
    /// The plan is built again, with the other bounds.
    RebuiltWithBounds(BoundsPolicy),
    /// The plan was confirmed: its steps are fixed.
    ConfirmedIsFixed,
    /// The count is within autoscaling's bounds.
    BoundsFit,
    /// No step of the plan is in progress.
    NotInProgress,
    /// A plan was left before anybody confirmed it.
    NothingChanged,
    /// The plan continues without its screen.
    Continues {
        /// Whether it is paused.
        paused: bool,
        /// The key that shows it.
        plans: String,
    },
    /// An unfinished change was dismissed.
    Dismissed,
    /// An unfinished change could not be dismissed.
    NotDismissed {
        /// Why its journal was not written.
        why: String,
    },
    /// A change has ended, or its steps have.
    Ended {
        /// Its verb, and what it is about.
        subject: String,
        /// How many steps ended how.
        tally: String,
    },
}

impl fmt::Display for ChangeNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BelowZero { service, desired, count } => {
                write!(f, "{service} has a desired count of {desired}: {count} would be below zero")
            }
            Self::BelowZeroEverywhere(count) => write!(f, "{count} would be below zero for every service"),
            Self::NoServicesLeft => f.write_str("the marked rows no longer have services"),
            Self::PlanFirst { back } => write!(f, "answer this plan first; {back} changes nothing"),
            Self::Busy { resource, verb, plans } => {
                write!(f, "{resource} is being changed by another plan ({verb}); {plans} shows it")
            }
            Self::NothingToUndo => f.write_str("no change of this session can be undone"),
            Self::AlreadyUndone => f.write_str("it was already undone"),
            Self::UndoTooEarly => f.write_str("it is still in progress; it can be undone once its steps have ended"),
            Self::NothingDone => f.write_str("none of its steps was done: there is nothing to undo"),
            Self::NothingToDo { path, reasons } => f.write_str(&nothing_to_do(path.as_deref(), reasons)),
            Self::BeforePlan { key } => write!(f, "`{key}` was ignored: the plan was not ready yet"),
            Self::TypedAhead => f.write_str("keys pressed before the plan was shown were ignored"),
            Self::EnterIsNoAnswer { confirm: None } => f.write_str("enter does not confirm a plan"),
            Self::EnterIsNoAnswer { confirm: Some(key) } => {
                write!(f, "enter does not confirm a plan; {key} carries it out")
            }
            Self::Held { key } => write!(f, "`{key}` is held down: release it, then press it once"),
            Self::StillReading => f.write_str("not yet: requests to AWS are in progress"),
            Self::NotShown => f.write_str("not yet: the plan has not been shown"),
            Self::PartlyHidden { back } => write!(f, "part of the plan is hidden; {back} shows all of it"),
            Self::Outdated { refresh } => {
                write!(f, "no longer as the plan shows; {refresh} builds the plan again")
            }
            Self::PlanGone => f.write_str("this plan no longer exists"),
            Self::Over => f.write_str("this plan has ended"),
            Self::AlreadyConfirmed => f.write_str("this plan was already confirmed"),
            Self::NothingToConfirm => f.write_str("there is nothing to confirm"),
            Self::Rebuilt => f.write_str("built again from new reads"),
            Self::RebuiltWithBounds(BoundsPolicy::Widen) => {
                f.write_str("built again: the bounds follow the desired count")
            }
            Self::RebuiltWithBounds(BoundsPolicy::Keep) => f.write_str("built again: the bounds stay as they are"),
            Self::ConfirmedIsFixed => f.write_str("a confirmed plan cannot be built again"),
            Self::BoundsFit => f.write_str("the desired count is within the autoscaling bounds"),
            Self::NotInProgress => f.write_str("nothing is in progress here"),
            Self::NothingChanged => f.write_str("nothing was changed"),
            Self::Continues { paused: false, plans } => write!(f, "it continues; {plans} shows it"),
            Self::Continues { paused: true, plans } => write!(f, "it stays paused; {plans} shows it"),
            Self::Dismissed => f.write_str("dismissed: nothing more is changed; its journal records this"),
            Self::NotDismissed { why } => write!(f, "not dismissed: the journal could not be written: {why}"),
            Self::Ended { subject, tally } => write!(f, "{subject}: {tally}"),
        }
    }
}

fn nothing_to_do(path: Option<&str>, reasons: &[(String, usize)]) -> String {
    match (reasons, path) {
        ([(reason, _)], Some(path)) => format!("{path}: {reason}"),
        ([(reason, all)], None) => format!("{all} services: {reason}"),
        ([], _) => "there is nothing to do".to_owned(),
        (several, _) => {
            let counted: Vec<String> = several.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
            format!("nothing to do: {}", counted.join(", "))
        }
    }
}
