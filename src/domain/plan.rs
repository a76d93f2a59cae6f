//! Plans: what a person is subscribed to, and what it grants each month.

use serde::{Deserialize, Serialize};
use time::{Date, Month, OffsetDateTime};

use super::{clock::Timestamp, credits::Credits};

/// One plan that people may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The name in the API (`billing_tier`) and in the configuration.
    pub id: String,
    /// The name that people see.
    pub name: String,
    /// Credits granted on the day it is taken and on that day of every month after.
    pub monthly_credit_grant: Credits,
    /// Whether `GET /v1/account` answers `premium: true`.
    #[serde(default)]
    pub premium: bool,
    /// Whether the operator must approve it before it begins.
    #[serde(default)]
    pub needs_approval: bool,
}

impl Plan {
    /// The plan that every new account has.
    pub const FREE: &'static str = "free";

    /// The plans of an appliance whose operator configured none.
    pub fn defaults() -> Vec<Self> {
        let plan = |id: &str, name: &str, grant, premium| Self {
            id: id.into(),
            name: name.into(),
            monthly_credit_grant: Credits::new(grant),
            premium,
            needs_approval: false,
        };
        vec![plan(Self::FREE, "Free", 0, false), plan("studio", "Studio", 1000, true), plan("pro", "Pro", 10_000, true)]
    }
}

/// The moment of grant number `index` (0 is the day the plan was taken) of a plan taken at `anchor`.
///
/// The same day of the month as the anchor, or the month's last day where it has no such day; the anchor itself
/// never drifts, so a plan taken on the 31st grants on 28 February and on 31 March.
pub fn grant_moment(anchor: Timestamp, index: u32) -> Timestamp {
    let start = anchor.to_utc();
    let months = i64::from(start.year()) * 12 + i64::from(u8::from(start.month())) - 1 + i64::from(index);
    let year = i32::try_from(months.div_euclid(12)).unwrap_or(i32::MAX);
    let month = Month::try_from((months.rem_euclid(12) + 1) as u8).unwrap_or(Month::December);
    let day = start.day().min(month.length(year));
    Date::from_calendar_date(year, month, day).map_or(Timestamp::from_millis(i64::MAX), |date| {
        let moment = OffsetDateTime::new_utc(date, start.time());
        Timestamp::from_millis((moment.unix_timestamp_nanos() / 1_000_000) as i64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_fall_on_the_anchors_day() {
        let anchor = Timestamp::parse("2026-01-31T09:30:00Z").unwrap();
        let days: Vec<String> = (0..5).map(|i| grant_moment(anchor, i).to_string()).collect();
        assert_eq!(
            days,
            [
                "2026-01-31T09:30:00Z",
                "2026-02-28T09:30:00Z",
                "2026-03-31T09:30:00Z",
                "2026-04-30T09:30:00Z",
                "2026-05-31T09:30:00Z"
            ]
        );
        assert_eq!(grant_moment(anchor, 25).to_string(), "2028-02-29T09:30:00Z");
    }
}
