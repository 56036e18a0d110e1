//! [`Meter`]: how often a key was used under a usage plan, day by day.
//!
//! The control plane reads what every reactor counts, so the counters are shared, and changed without locks. What was
//! counted belongs to no snapshot: a change of the plan doesn't lose it.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Period, Quota};
use crate::base::clock;

/// How many days are remembered: AWS shows 90 of them, and the longest period of a quota has 31.
pub const DAYS: usize = 92;

/// See the module.
#[derive(Default)]
pub struct Meter {
    /// A day's slot is the day modulo [`DAYS`]: the day in the upper half, how often in the lower one. There are none
    /// before the key is used for the first time.
    days: OnceLock<Box<[AtomicU64; DAYS]>>,
    /// What UpdateUsage gave: the day on which the period began in the upper half, how many more (or less, as
    /// an `i32`) in the lower one.
    extra: AtomicU64,
}

impl Meter {
    /// Counts a use on this day (days since 1970), unless the quota is used up. `false`: it is.
    ///
    /// Reactors that ask at the same moment for the last use may both get it.
    pub fn take(&self, day: u32, quota: Option<Quota>) -> bool {
        if quota.is_some_and(|quota| self.remaining(day, quota) <= 0) {
            return false;
        }
        let count = |slot: u64| match unpacked(slot) {
            (known, uses) if known == day => Some(packed(day, uses.saturating_add(1))),
            _ => Some(packed(day, 1)),
        };
        let days = self.days.get_or_init(|| Box::new([const { AtomicU64::new(0) }; DAYS]));
        let slot = &days[day as usize % DAYS];
        let counted = slot.fetch_update(Ordering::Relaxed, Ordering::Relaxed, count);
        debug_assert!(counted.is_ok(), "a count always has a successor");
        true
    }

    /// How often the key was used on this day; nothing is known of days that are too long ago.
    pub fn used(&self, day: u32) -> u32 {
        let Some(days) = self.days.get() else { return 0 };
        match unpacked(days[day as usize % DAYS].load(Ordering::Relaxed)) {
            (known, uses) if known == day => uses,
            _ => 0,
        }
    }

    /// How often the key can still be used at the end of this day.
    pub fn remaining(&self, day: u32, quota: Quota) -> i64 {
        let start = quota.start(day);
        let used: i64 = (start..=day).map(|day| i64::from(self.used(day))).sum();
        let extra = match unpacked(self.extra.load(Ordering::Relaxed)) {
            (known, extra) if known == start => i64::from(extra.cast_signed()),
            _ => 0,
        };
        quota.limit + extra - used
    }

    /// Lets the key be used so many times more in the period of this day.
    pub fn grant(&self, day: u32, quota: Quota, remaining: i64) {
        let start = quota.start(day);
        self.extra.store(packed(start, 0), Ordering::Relaxed);
        let extra = remaining - self.remaining(day, quota);
        let extra = extra.clamp(i32::MIN.into(), i32::MAX.into()) as i32;
        self.extra.store(packed(start, extra.cast_unsigned()), Ordering::Relaxed);
    }
}

/// What was used changes by itself: a dump of what is configured doesn't show it.
impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meter")
    }
}

impl Quota {
    /// The day on which the period of this day began.
    pub fn start(self, day: u32) -> u32 {
        let offset = u32::try_from(self.offset).unwrap_or_default();
        match self.period {
            Period::Day => day,
            // 1970 began on a Thursday, the day 4 of a week that begins on Sunday.
            Period::Week => day.saturating_sub((day + 4 + 7 - offset % 7) % 7),
            Period::Month => {
                let first = |day: u32| day + 1 - clock::day_of_month(day);
                let this = first(day) + offset;
                // Before the day on which it starts, the period is the one that started in the month before.
                if this <= day { this } else { first(first(day).saturating_sub(1)) + offset }
            }
        }
    }
}

fn packed(day: u32, low: u32) -> u64 {
    u64::from(day) << 32 | u64::from(low)
}

fn unpacked(slot: u64) -> (u32, u32) {
    ((slot >> 32) as u32, slot as u32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `2025-04-14` as days since 1970.
    fn day(date: &str) -> u32 {
        clock::parse_date(date).unwrap()
    }

    #[test]
    fn periods() {
        for (period, offset, date, expected) in [
            (Period::Day, 0, "2025-04-14", "2025-04-14"),
            // A Monday.
            (Period::Week, 0, "2025-04-14", "2025-04-13"),
            (Period::Week, 1, "2025-04-14", "2025-04-14"),
            (Period::Week, 2, "2025-04-14", "2025-04-08"),
            (Period::Week, 6, "2025-04-14", "2025-04-12"),
            (Period::Week, 0, "2025-04-13", "2025-04-13"),
            (Period::Week, 0, "2025-04-19", "2025-04-13"),
            (Period::Month, 0, "2025-04-14", "2025-04-01"),
            (Period::Month, 0, "2025-04-01", "2025-04-01"),
            (Period::Month, 13, "2025-04-14", "2025-04-14"),
            (Period::Month, 14, "2025-04-14", "2025-03-15"),
            (Period::Month, 27, "2025-01-01", "2024-12-28"),
            (Period::Month, 27, "2024-02-29", "2024-02-28"),
        ] {
            let quota = Quota { limit: 1, offset, period };
            assert_eq!(quota.start(day(date)), day(expected), "{period:?} {offset} {date}");
        }
    }

    #[test]
    fn a_quota_is_used_up_and_filled_again() {
        let meter = Meter::default();
        let quota = Quota { limit: 2, offset: 0, period: Period::Week };
        let limited = Some(quota);
        let (sunday, saturday) = (day("2025-04-13"), day("2025-04-19"));
        assert!(meter.take(sunday, limited));
        assert!(meter.take(saturday, limited));
        assert!(!meter.take(saturday, limited), "both of the week are used");
        assert_eq!((meter.used(sunday), meter.used(saturday), meter.used(sunday + 1)), (1, 1, 0));
        assert!(meter.take(saturday, None), "and nothing else limits");
        assert_eq!(meter.remaining(saturday, quota), -1);
        meter.grant(saturday, quota, 1);
        assert_eq!(meter.remaining(saturday, quota), 1);
        assert!(meter.take(saturday, Some(quota)));
        assert!(!meter.take(saturday, Some(quota)));
        assert!(meter.take(saturday + 1, Some(quota)), "a week begins");
        assert_eq!(meter.remaining(saturday + 1, quota), 1, "what was granted was for the week before");
        assert_eq!(meter.used(sunday + DAYS as u32), 0, "a day of another round is not this one");
    }

    proptest! {
        #[test]
        fn a_period_holds_its_day(day in 100_u32..100_000, offset in 0_i64..28) {
            for period in super::super::PERIODS {
                let quota = Quota { limit: 1, offset, period };
                let start = quota.start(day);
                prop_assert!(start <= day && day - start < 31);
                prop_assert_eq!(quota.start(start), start);
                // The next day is of the same period, or begins one.
                let next = quota.start(day + 1);
                prop_assert!(next == start || next == day + 1);
            }
        }
    }
}
