//! The app as its user has it: keys go in, answers go in, effects and screens come out.

mod asking;
pub mod changing;
mod chaos;
pub mod images;
pub mod logging;
mod moving;
mod safety;
mod searching;
mod subjects;
pub mod watching;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use wharf::app::{
    Chord, Colours, Effect, Key, Keymap, Message, Pressure, Run, State, Ticket, list, update, update_all,
};
use wharf::fleet::tenancy::Rules;
use wharf::fleet::{
    Arn, CloudError, Fleet, Manifest, Payload, Priority, Query, QueryKind, Response, Service, Tagged, Task, TaskFilter,
    Trouble,
};
use wharf::plan::Policy;

use crate::fixture::{after, cluster, cluster_arn, context, identity, start};

/// The app on the fleet screen, with AWS played by the test.
pub struct App {
    pub state: State,
    seconds: u64,
    /// Milliseconds that went by while keys were pressed.
    pub pressing: u64,
    asked: Vec<(Ticket, Query, Priority)>,
}

impl App {
    /// What the footer says of the last key.
    pub fn notice(&self) -> Option<String> {
        self.state.notice.as_ref().map(ToString::to_string)
    }

    /// An app that has just started.
    pub fn new() -> Self {
        let run = Run { banner: None, policy: Policy::default(), warnings: vec![], colours: Colours::Sixteen, seed: 7 };
        let keymap = Arc::new(Keymap::load(None).unwrap());
        let state = State::new(Fleet::new([context()]), Arc::new(Rules::default()), keymap, run, start());
        let mut app = Self { state, seconds: 0, pressing: 0, asked: vec![] };
        app.wait(0);
        app
    }

    /// An app that has read `services` to the end.
    pub fn showing(services: &[Service]) -> Self {
        let mut app = Self::new();
        app.read(services);
        app
    }

    /// Presses keys one after the other, half a second apart, each read after the frame of the one before.
    pub fn press(&mut self, keys: &str) -> Vec<Effect> {
        let mut effects = vec![];
        for chord in chords(keys) {
            self.pressing += 500;
            effects.extend(self.take(Message::Pressed(chord, self.now())));
        }
        self.wait(0);
        effects
    }

    /// Presses keys all at once: those that are there when a plan has been drawn are dropped, as the loop does.
    pub fn burst(&mut self, keys: &str) -> Vec<Effect> {
        let mut effects = vec![];
        let mut chords: VecDeque<Chord> = chords(keys).into();
        while let Some(chord) = chords.pop_front() {
            self.pressing += 1;
            effects.extend(self.take_only(Message::Pressed(chord, self.now())));
            if self.state.must_discard_typeahead() {
                let dropped = chords.drain(..).collect();
                effects.extend(self.take(Message::PlanDrawn(self.now(), dropped)));
            }
        }
        effects
    }

    /// The time at which a key would be read now.
    pub fn now(&self) -> Timestamp {
        after(self.seconds).checked_add(Duration::from_millis(self.pressing)).unwrap()
    }

    /// Lets so many seconds pass.
    pub fn wait(&mut self, seconds: u64) -> Vec<Effect> {
        self.seconds += seconds;
        self.take(Message::Ticked(after(self.seconds), Pressure::default()))
    }

    /// Answers every question under way, and those that follow, from `services`, until none is left.
    pub fn read(&mut self, services: &[Service]) {
        self.read_all(services, &[]);
    }

    /// Likewise, with tasks.
    pub fn read_all(&mut self, services: &[Service], tasks: &[Task]) {
        self.answer_all(services, tasks);
        self.wait(0);
    }

    /// Likewise, without a frame after it.
    pub fn answer_all(&mut self, services: &[Service], tasks: &[Task]) {
        while !self.asked.is_empty() {
            let asked = std::mem::take(&mut self.asked);
            let answers = asked.into_iter().map(|(ticket, ask, _)| {
                Message::Answered(ticket, Box::new(Response::Complete(facts(&ask, services, tasks))))
            });
            let answers: Vec<Message> = answers.collect();
            let effects = update_all(&mut self.state, answers);
            self.note(&effects);
        }
    }

    /// Answers what is under way now, but not what is asked about log lines.
    pub fn answer_all_but_logs(&mut self, services: &[Service], tasks: &[Task]) {
        let is_logs = |ask: &Query| matches!(ask.kind, QueryKind::LogEvents(..));
        let (kept, asked) = std::mem::take(&mut self.asked).into_iter().partition(|(_, ask, _)| is_logs(ask));
        self.asked = kept;
        let answers = asked.into_iter().map(|(ticket, ask, _)| {
            Message::Answered(ticket, Box::new(Response::Complete(facts(&ask, services, tasks))))
        });
        let answers: Vec<Message> = answers.collect();
        let effects = update_all(&mut self.state, answers);
        self.note(&effects);
    }

    /// What is on the screen is read again, now from `services`.
    pub fn shows(&mut self, services: &[Service]) {
        self.wait(20);
        self.read(services);
    }

    /// Minutes later, everything is read again, now from `services`.
    pub fn shows_later(&mut self, services: &[Service]) {
        self.wait(400);
        self.read(services);
    }

    /// Questions that AWS has not answered yet.
    pub fn asked(&self) -> Vec<&Query> {
        self.asked.iter().map(|(_, ask, _)| ask).collect()
    }

    /// Answers the first question about which `about` holds.
    pub fn answer(&mut self, about: impl Fn(&QueryKind) -> bool, answer: Response) -> Vec<Effect> {
        let at = self.asked.iter().position(|(_, ask, _)| about(&ask.kind)).expect("that was asked");
        let (ticket, ..) = self.asked.remove(at);
        self.take(Message::Answered(ticket, Box::new(answer)))
    }

    /// The rows of the table on the screen, by the names they show.
    pub fn rows(&self) -> Vec<String> {
        self.state.body.rows().iter().map(name).collect()
    }

    /// The name of what is selected.
    pub fn selected(&self) -> Option<String> {
        list::selected(&self.state).as_ref().map(name)
    }

    /// Tells the app `message`; the frame that follows is drawn, with nothing typed ahead of it.
    pub fn take(&mut self, message: Message) -> Vec<Effect> {
        let mut effects = self.take_only(message);
        if self.state.must_discard_typeahead() {
            effects.extend(self.take_only(Message::PlanDrawn(self.now(), vec![])));
        }
        effects
    }

    /// Tells the app `message`, and nothing more.
    pub fn take_only(&mut self, message: Message) -> Vec<Effect> {
        let effects = update(&mut self.state, message);
        self.note(&effects);
        effects.into_iter().filter(|effect| !matches!(effect, Effect::Read(..))).collect()
    }

    fn note(&mut self, effects: &[Effect]) {
        for effect in effects {
            if let Effect::Read(ticket, ask, lane) = effect {
                self.asked.push((*ticket, ask.clone(), *lane));
            }
        }
    }
}

/// Chords as keymaps write them; words without meaning there are typed letter by letter.
pub fn chords(keys: &str) -> Vec<Chord> {
    let chords = keys.split(' ').flat_map(|word| match word.parse::<Chord>() {
        Ok(chord) => vec![chord],
        Err(_) => word.chars().map(|c| Chord::plain(Key::Char(c))).collect(),
    });
    chords.collect()
}

/// An AWS that asks for patience.
pub fn error(operation: &str) -> CloudError {
    CloudError {
        kind: Trouble::Throttled,
        operation: operation.to_owned(),
        on: "cluster c".to_owned(),
        code: Some("ThrottlingException".to_owned()),
        message: "Rate exceeded".to_owned(),
        request_id: Some("r-1".to_owned()),
        advice: "It is asked again by itself.".to_owned(),
    }
}

/// The name that an item shows.
pub fn name(item: &wharf::app::Item) -> String {
    use wharf::app::Item;
    match item {
        Item::Home(home) => home.path(),
        Item::Service(arn) | Item::Task(arn) => arn.name().to_owned(),
        Item::Plan(id) => id.to_string(),
        Item::Line(line) => line.clone(),
    }
}

/// What an AWS with `services` and `tasks` says to `ask`.
pub fn facts(ask: &Query, services: &[Service], tasks: &[Task]) -> Payload {
    let of = |cluster: &Arn| services.iter().filter(|service| service.cluster == *cluster).cloned().collect::<Vec<_>>();
    match &ask.kind {
        QueryKind::Identity => Payload::Identity(identity()),
        QueryKind::Clusters => {
            let mut names: Vec<&str> = services.iter().map(|service| service.cluster.name()).collect();
            names.dedup();
            Payload::Clusters(names.into_iter().map(cluster).collect())
        }
        QueryKind::ServiceArns(cluster) => {
            Payload::ServiceArns(of(cluster).into_iter().map(|service| service.arn).collect())
        }
        QueryKind::Services(cluster, asked) => {
            let (known, services): (Vec<Arn>, Vec<Service>) = of(cluster)
                .into_iter()
                .filter(|service| asked.contains(&service.arn))
                .map(|service| (service.arn.clone(), service))
                .unzip();
            Payload::Services(services, asked.iter().filter(|arn| !known.contains(arn)).cloned().collect())
        }
        QueryKind::Tasks(cluster, which) => {
            let fits = |task: &&Task| task.cluster == *cluster && task.is_over() == (*which == TaskFilter::Stopped);
            Payload::Tasks(tasks.iter().filter(fits).cloned().collect())
        }
        QueryKind::ScalableTargets(_) => Payload::ScalableTargets(vec![]),
        QueryKind::Deployments { .. } => Payload::Deployments(vec![]),
        QueryKind::ImageTag(reference) => Payload::ImageTag(Tagged {
            reference: reference.clone(),
            digest: Some("sha256:0123456789".to_owned()),
            manifest: Manifest::Image,
            pushed_at: None,
        }),
        QueryKind::Images(_) => Payload::Images(vec![]),
        QueryKind::ImageIndexes(..) => Payload::ImageIndexes(vec![]),
        QueryKind::LogEvents(..) => Payload::LogEvents(vec![]),
        QueryKind::TaskDefinition(_) | QueryKind::RawJson(_) => Payload::RawJson("{}".to_owned()),
    }
}

/// A cluster's ARN, to compare with.
pub fn arn(cluster: &str) -> Arn {
    cluster_arn(cluster)
}
