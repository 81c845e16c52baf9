//! The life of an article as one explicit state machine: which action is allowed in which state, and what it does.
//!
//! States are worked out from what is stored; the clock moves an article from scheduled to published, out of an embargo and
//! into expiry by itself (`jobs/transitions.rs`). Only a restore leads out of `killed`, and it leads to `unpublished`.

use serde::Serialize;
use strum::{AsRefStr, EnumString, VariantArray};
use utoipa::ToSchema;

use super::Status;
use super::visibility::{Terms, Visibility, status_at};
use crate::clock::Timestamp;
use crate::records::{ArticleRecord, CorrectionRecord, KillRecord};

/// Where an article stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema, EnumString, AsRefStr, VariantArray)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum State {
    /// In the making.
    Draft,
    /// To go live by itself at `published_at`.
    Scheduled,
    /// Published, and until `embargo_until` visible only to keys with the scope `content:embargoed`.
    Embargoed,
    /// Anyone may see it.
    Published,
    /// Was taken back by the newsroom.
    Unpublished,
    /// Was taken back by itself at `expires_at`.
    Expired,
    /// Withdrawn for good; its address answers 410.
    Killed,
}

impl State {
    /// The state that goes with what is stored.
    pub fn of(terms: Terms, now: Timestamp) -> Self {
        let visibility = Visibility::of(terms, now);
        match status_at(terms.status, terms.published_at, now) {
            Status::Draft => Self::Draft,
            Status::Withdrawn => Self::Unpublished,
            Status::Killed => Self::Killed,
            Status::Scheduled => Self::Scheduled,
            Status::Published if visibility.embargoed => Self::Embargoed,
            Status::Published if visibility.public => Self::Published,
            Status::Published => Self::Expired,
        }
    }

    /// Whether an edit would be seen, now or by the clock alone: it then takes the right to publish.
    pub fn is_exposed(self) -> bool {
        matches!(self, Self::Scheduled | Self::Embargoed | Self::Published)
    }
}

/// What can be done with an article beyond editing it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Make it public now, dated `at` where that is given and past.
    Publish { at: Option<Timestamp>, expires_at: Option<Timestamp> },
    /// Let it go live by itself.
    Schedule { at: Timestamp, expires_at: Option<Timestamp> },
    /// Take it back.
    Unpublish,
    /// Hold it back until then, or with `None` no longer.
    Embargo { until: Option<Timestamp> },
    /// Say in public what was wrong.
    Correct { text: String },
    /// Withdraw it for good.
    Kill { reason: String, replaced_by: Option<String> },
    /// Bring a killed article back, unpublished.
    Restore,
}

/// Why an action can't be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not in this state.
    #[error("the article is {}, and {action} is for one that is {allowed}", state.as_ref())]
    State { state: State, action: &'static str, allowed: String },
    /// Not with this value.
    #[error("{reason}")]
    Value { field: &'static str, reason: &'static str },
}

impl Action {
    /// Its name in the audit trail and in revisions.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Publish { .. } => "publish_article",
            Self::Schedule { .. } => "schedule_article",
            Self::Unpublish => "unpublish_article",
            Self::Embargo { .. } => "embargo_article",
            Self::Correct { .. } => "correct_article",
            Self::Kill { .. } => "kill_article",
            Self::Restore => "restore_article",
        }
    }

    /// The states from which it is possible: the whole machine is in this table.
    fn allowed(&self) -> &'static [State] {
        use State::{Draft, Embargoed, Expired, Killed, Published, Scheduled, Unpublished};
        match self {
            Self::Publish { .. } => &[Draft, Scheduled, Unpublished, Expired],
            Self::Schedule { .. } => &[Draft, Scheduled, Unpublished, Expired],
            Self::Unpublish => &[Scheduled, Embargoed, Published, Expired],
            Self::Embargo { .. } => &[Draft, Scheduled, Embargoed, Published, Unpublished],
            Self::Correct { .. } => &[Embargoed, Published, Unpublished, Expired],
            Self::Kill { .. } => &[Draft, Scheduled, Embargoed, Published, Unpublished, Expired],
            Self::Restore => &[Killed],
        }
    }

    /// Does it to an article in `state`.
    pub fn apply(self, state: State, now: Timestamp, article: &mut ArticleRecord) -> Result<(), Refusal> {
        if !self.allowed().contains(&state) {
            let allowed: Vec<&str> = self.allowed().iter().map(AsRef::as_ref).collect();
            let action = self.name().trim_end_matches("_article");
            return Err(Refusal::State { state, action, allowed: allowed.join(", ") });
        }
        match self {
            Self::Publish { at, expires_at } => publish(article, now, at, expires_at)?,
            Self::Schedule { at, expires_at } => {
                require(now < at, "published_at", "is not in the future; publish it instead")?;
                article.status = Status::Scheduled;
                article.published_at = Some(at);
                article.expires_at = expires_at.or(article.expires_at.filter(|end| *end > at));
            }
            Self::Unpublish => article.status = Status::Withdrawn,
            Self::Embargo { until } => {
                require(until.is_none_or(|until| now < until), "until", "is not in the future")?;
                article.embargo_until = until;
            }
            Self::Correct { text } => {
                require(!text.trim().is_empty(), "text", "is empty")?;
                article.corrections.push(CorrectionRecord { at: now, text });
            }
            Self::Kill { reason, replaced_by } => {
                require(!reason.trim().is_empty(), "reason", "is empty")?;
                article.status = Status::Killed;
                article.kill = Some(KillRecord { at: now, reason, replaced_by });
            }
            Self::Restore => {
                article.status = Status::Withdrawn;
                article.kill = None;
            }
        }
        Ok(())
    }
}

/// A story that was public before keeps its date, unless another one is given; an expiry that is past is dropped.
fn publish(
    article: &mut ArticleRecord,
    now: Timestamp,
    at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
) -> Result<(), Refusal> {
    require(at.is_none_or(|at| at <= now), "published_at", "is in the future; schedule it instead")?;
    require(expires_at.is_none_or(|end| now < end), "expires_at", "is not in the future")?;
    let known = article.published_at.filter(|at| article.first_published_at.is_some() && *at <= now);
    article.status = Status::Published;
    article.published_at = at.or(known).or(Some(now));
    article.expires_at = expires_at.or(article.expires_at.filter(|end| now < *end));
    Ok(())
}

fn require(holds: bool, field: &'static str, reason: &'static str) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(Refusal::Value { field, reason }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [State; 7] = [
        State::Draft,
        State::Scheduled,
        State::Embargoed,
        State::Published,
        State::Unpublished,
        State::Expired,
        State::Killed,
    ];

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000).expect("in range")
    }

    /// An article that is in a state at second 1000.
    fn article(state: State) -> ArticleRecord {
        let json = r#"{"slug":"a","title":"A","kind":"news","lang":"en","status":"draft","body":""}"#;
        let mut article: ArticleRecord = serde_json::from_str(json).expect("a record");
        let (status, published_at) = match state {
            State::Draft => (Status::Draft, None),
            State::Scheduled => (Status::Scheduled, Some(at(2000))),
            State::Embargoed | State::Published | State::Expired => (Status::Published, Some(at(500))),
            State::Unpublished => (Status::Withdrawn, Some(at(500))),
            State::Killed => (Status::Killed, Some(at(500))),
        };
        article.status = status;
        article.published_at = published_at;
        article.first_published_at = published_at.filter(|at| at.micros() < 1_000_000_000);
        article.embargo_until = (state == State::Embargoed).then(|| at(3000));
        article.expires_at = (state == State::Expired).then(|| at(900));
        article.kill =
            (state == State::Killed).then(|| KillRecord { at: at(800), reason: "x".into(), replaced_by: None });
        article
    }

    fn state(article: &ArticleRecord) -> State {
        let ArticleRecord { status, published_at, embargo_until, expires_at, .. } = *article;
        State::of(Terms { status, published_at, embargo_until, expires_at }, at(1000))
    }

    fn after(from: State, action: Action) -> Result<State, Refusal> {
        let mut article = article(from);
        assert_eq!(state(&article), from, "the builder");
        action.apply(from, at(1000), &mut article).map(|()| state(&article))
    }

    /// The whole machine: for each state, where each action leads, `-` where it is refused.
    #[test]
    fn every_action_in_every_state() {
        let actions = [
            Action::Publish { at: None, expires_at: None },
            Action::Schedule { at: at(1500), expires_at: None },
            Action::Unpublish,
            Action::Embargo { until: Some(at(4000)) },
            Action::Embargo { until: None },
            Action::Correct { text: "It was blue.".into() },
            Action::Kill { reason: "Wrong.".into(), replaced_by: None },
            Action::Restore,
        ];
        let row = |from: State| {
            let cells = actions.iter().map(|action| match after(from, action.clone()) {
                Ok(state) => state.as_ref().to_owned(),
                Err(Refusal::State { .. }) => "-".to_owned(),
                Err(other) => panic!("{other}"),
            });
            format!("{}: {}", from.as_ref(), cells.collect::<Vec<_>>().join(" "))
        };
        let expected = [
            "draft: published scheduled - draft draft - killed -",
            "scheduled: published scheduled unpublished scheduled scheduled - killed -",
            "embargoed: - - unpublished embargoed published embargoed killed -",
            "published: - - unpublished embargoed published published killed -",
            "unpublished: published scheduled - unpublished unpublished unpublished killed -",
            "expired: published scheduled unpublished - - expired killed -",
            "killed: - - - - - - - unpublished",
        ];
        assert_eq!(ALL.map(row), expected);
    }

    #[test]
    fn instants_must_make_sense() {
        let refused = |from, action: Action| matches!(after(from, action), Err(Refusal::Value { .. }));
        assert!(refused(State::Draft, Action::Publish { at: Some(at(1001)), expires_at: None }));
        assert!(refused(State::Draft, Action::Publish { at: None, expires_at: Some(at(1000)) }));
        assert!(refused(State::Draft, Action::Schedule { at: at(1000), expires_at: None }));
        assert!(refused(State::Draft, Action::Embargo { until: Some(at(1000)) }));
        assert!(refused(State::Published, Action::Correct { text: " ".into() }));
        assert!(refused(State::Published, Action::Kill { reason: String::new(), replaced_by: None }));
    }

    #[test]
    fn a_story_that_comes_back_keeps_its_date() {
        let publish = |from| {
            let mut article = article(from);
            Action::Publish { at: None, expires_at: None }.apply(from, at(1000), &mut article).expect("allowed");
            (article.published_at, article.expires_at)
        };
        assert_eq!(publish(State::Unpublished), (Some(at(500)), None));
        assert_eq!(publish(State::Expired), (Some(at(500)), None), "an expiry that is past is dropped");
        assert_eq!(publish(State::Scheduled), (Some(at(1000)), None));
        assert_eq!(publish(State::Draft), (Some(at(1000)), None));
    }
}
