//! The life of a job, and what each turn of it does to the credits held for it.
//!
//! [`JobState::next`] is the only place where a state changes: the worker, cancellation, deletion and crash recovery
//! all pass through it, and the database applies state and ledger effect in one transaction.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::credits::Credits;

/// What a job makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// A picture from a prompt.
    TextToImage,
    /// A picture from a picture and a prompt.
    ImageToImage,
    /// Speech from text.
    Audio,
    /// A talking film from a portrait and a voice.
    ImageToVideo,
}

impl Mode {
    /// Every mode, in the order the API lists them.
    pub const ALL: [Self; 4] = [Self::TextToImage, Self::ImageToImage, Self::Audio, Self::ImageToVideo];

    /// The name in the API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TextToImage => "text_to_image",
            Self::ImageToImage => "image_to_image",
            Self::Audio => "audio",
            Self::ImageToVideo => "image_to_video",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Mode {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == text).ok_or(())
    }
}

/// Why a job was aborted: a stable code for programs and a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AbortReason {
    /// Which of the known reasons it is.
    pub code: AbortCode,
    /// One sentence for a person.
    pub message: String,
}

impl AbortReason {
    /// A reason of `code` told by `message`.
    pub fn new(code: AbortCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// The known reasons for which a job ends `aborted`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AbortCode {
    /// The owner asked for it.
    Cancelled,
    /// What was given could not be used, for example a portrait that is too small.
    InputUnusable,
    /// The model failed.
    ModelFailed,
    /// The run took longer than the operator allows.
    Timeout,
    /// The appliance stopped in the middle of the run as often as it may.
    AttemptsExhausted,
    /// The disk had no room for the result.
    StorageFull,
    /// A prompt of a test key asked for this outcome.
    TestOutcome,
}

/// Where a job stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobState {
    /// Waiting; `attempt` runs were begun before.
    Queued {
        /// Runs begun so far.
        attempt: u32,
    },
    /// A worker has it; this is run number `attempt`, counted from 1.
    Running {
        /// Runs begun so far, this one included.
        attempt: u32,
    },
    /// Done, and `charged` for.
    Completed {
        /// Credits taken for it.
        charged: Credits,
    },
    /// Ended without a result; nothing was charged.
    Aborted {
        /// Why.
        reason: AbortReason,
    },
    /// Deleted by its owner; the row goes with this transition.
    Removed,
}

impl JobState {
    /// The name of the state in the database and, but for `Removed`, in the API.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Queued { .. } => "queued",
            Self::Running { .. } => "running",
            Self::Completed { .. } => "completed",
            Self::Aborted { .. } => "aborted",
            Self::Removed => "removed",
        }
    }

    /// Whether nothing more will happen to the job but its deletion.
    pub const fn is_finished(&self) -> bool {
        matches!(self, Self::Completed { .. } | Self::Aborted { .. })
    }
}

/// What happens to a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobEvent {
    /// A worker takes it.
    Claimed,
    /// The result is stored; it truly cost this much.
    Finished {
        /// The true cost, known now that the duration is.
        cost: Credits,
    },
    /// The run failed for good.
    Failed {
        /// Why.
        reason: AbortReason,
    },
    /// The owner wants it stopped.
    Cancelled,
    /// The appliance starts and finds it running: whoever ran it is gone.
    Orphaned {
        /// Runs a job may begin before it is given up.
        attempts_max: u32,
    },
    /// The owner deletes it.
    Deleted,
}

/// What a transition does to the credits held for the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerEffect {
    /// The hold stays (or was resolved before).
    Keep,
    /// This much of the hold is taken, the rest goes back.
    Settle(Credits),
    /// The whole hold goes back.
    Release,
}

/// An event that makes no sense in the job's state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a {state} job cannot take the event {event:?}")]
pub struct IllegalTransition {
    /// The state the job is in.
    pub state: &'static str,
    /// What was asked of it.
    pub event: JobEvent,
}

impl JobState {
    /// The state after `event`, and what it does to the `held` credits.
    ///
    /// A true cost above the hold is charged at the hold: a quote is never exceeded.
    pub fn next(&self, event: &JobEvent, held: Credits) -> Result<(Self, LedgerEffect), IllegalTransition> {
        use JobEvent as E;
        Ok(match (self, event) {
            (Self::Queued { attempt }, E::Claimed) => (Self::Running { attempt: attempt + 1 }, LedgerEffect::Keep),
            (Self::Running { .. }, E::Finished { cost }) => {
                let charged = (*cost).min(held);
                (Self::Completed { charged }, LedgerEffect::Settle(charged))
            }
            (Self::Running { .. }, E::Failed { reason }) => {
                (Self::Aborted { reason: reason.clone() }, LedgerEffect::Release)
            }
            (Self::Queued { .. } | Self::Running { .. }, E::Cancelled) => {
                let reason =
                    AbortReason::new(AbortCode::Cancelled, "The job was cancelled; its credits were released.");
                (Self::Aborted { reason }, LedgerEffect::Release)
            }
            (Self::Running { attempt }, E::Orphaned { attempts_max }) if attempt < attempts_max => {
                (Self::Queued { attempt: *attempt }, LedgerEffect::Keep)
            }
            (Self::Running { attempt }, E::Orphaned { .. }) => {
                let message =
                    format!("The appliance stopped during each of {attempt} attempts; the credits were released.");
                (
                    Self::Aborted { reason: AbortReason::new(AbortCode::AttemptsExhausted, message) },
                    LedgerEffect::Release,
                )
            }
            // The seed: credits charged for a deleted job are not refunded.
            (Self::Queued { .. }, E::Deleted) => (Self::Removed, LedgerEffect::Settle(held)),
            (Self::Completed { .. } | Self::Aborted { .. }, E::Deleted) => (Self::Removed, LedgerEffect::Keep),
            _ => return Err(IllegalTransition { state: self.as_str(), event: event.clone() }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELD: Credits = Credits::new(44);

    fn states() -> Vec<JobState> {
        vec![
            JobState::Queued { attempt: 0 },
            JobState::Running { attempt: 1 },
            JobState::Completed { charged: Credits::new(22) },
            JobState::Aborted { reason: AbortReason::new(AbortCode::ModelFailed, "no") },
            JobState::Removed,
        ]
    }

    fn events() -> Vec<JobEvent> {
        vec![
            JobEvent::Claimed,
            JobEvent::Finished { cost: Credits::new(22) },
            JobEvent::Failed { reason: AbortReason::new(AbortCode::ModelFailed, "no") },
            JobEvent::Cancelled,
            JobEvent::Orphaned { attempts_max: 3 },
            JobEvent::Deleted,
        ]
    }

    /// Every pair of state and event, written out: `.` is illegal, else the next state's and the effect's initials.
    #[test]
    fn the_whole_table() {
        let table: Vec<String> = states()
            .iter()
            .map(|state| {
                let cells = events().into_iter().map(|event| match state.next(&event, HELD) {
                    Err(_) => ". ".to_owned(),
                    Ok((next, effect)) => format!(
                        "{}{}",
                        &next.as_str()[..2],
                        match effect {
                            LedgerEffect::Keep => "k",
                            LedgerEffect::Settle(_) => "s",
                            LedgerEffect::Release => "r",
                        }
                    ),
                });
                cells.collect::<Vec<_>>().join(" ")
            })
            .collect();
        assert_eq!(
            table,
            [
                "ruk .  .  abr .  res",
                ".  cos abr abr quk . ",
                ".  .  .  .  .  rek",
                ".  .  .  .  .  rek",
                ".  .  .  .  .  . ",
            ]
        );
    }

    #[test]
    fn a_cost_above_the_hold_is_charged_at_the_hold() {
        let (state, effect) =
            JobState::Running { attempt: 1 }.next(&JobEvent::Finished { cost: Credits::new(66) }, HELD).unwrap();
        assert_eq!((state, effect), (JobState::Completed { charged: HELD }, LedgerEffect::Settle(HELD)));
    }

    #[test]
    fn attempts_are_counted_and_capped() {
        let mut state = JobState::Queued { attempt: 0 };
        for attempt in 1..=3 {
            state = state.next(&JobEvent::Claimed, HELD).unwrap().0;
            assert_eq!(state, JobState::Running { attempt });
            let (next, effect) = state.next(&JobEvent::Orphaned { attempts_max: 3 }, HELD).unwrap();
            if attempt == 3 {
                assert_eq!(effect, LedgerEffect::Release);
                assert!(matches!(next, JobState::Aborted { reason } if reason.code == AbortCode::AttemptsExhausted));
                return;
            }
            assert_eq!(effect, LedgerEffect::Keep);
            state = next;
        }
        panic!("the third orphaning must end the job");
    }
}
