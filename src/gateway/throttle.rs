//! [`Buckets`]: who still gets a token. A bucket is one point in time, that at which it is full again (the generic cell
//! rate algorithm, which allows exactly what a bucket of tokens does): a full one is as good as none, and is forgotten.

use std::collections::HashMap;
use std::time::Instant;

use crate::live::throttle::Pace;

/// Most buckets that are not full at one time, some 100 bytes each.
const MOST: usize = 65_536;

/// As many are kept before the full ones among them are looked for.
const FEW: usize = 64;

/// See the module.
pub(super) struct Buckets {
    /// When each is full again.
    full: HashMap<Box<str>, Instant>,
    /// At how many to look for full ones.
    crowded: usize,
    most: usize,
}

impl Buckets {
    /// No bucket yet: all are full.
    pub(super) fn new() -> Self {
        Self { full: HashMap::new(), crowded: FEW, most: MOST }
    }

    /// Takes a token of the bucket, which fills at this pace. `false`: there is none.
    pub(super) fn take(&mut self, now: Instant, bucket: &str, pace: Pace) -> bool {
        let Pace::Tokens { every, ahead } = pace else { return false };
        if let Some(full) = self.full.get_mut(bucket) {
            let passes = full.saturating_duration_since(now) <= ahead;
            if passes {
                *full = now.max(*full) + every;
            }
            return passes;
        }
        if self.full.len() >= self.crowded {
            self.sweep(now);
        }
        self.full.insert(bucket.into(), now + every);
        true
    }

    /// Forgets what is full. With too many others, all begin anew: a burst more passes of each.
    fn sweep(&mut self, now: Instant) {
        self.full.retain(|_, full| *full > now);
        if self.full.len() >= self.most {
            self.full.clear();
        }
        self.crowded = (self.full.len() * 2).clamp(FEW, self.most);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn who_gets_a_token() {
        let many = (0..9).map(|_| 0).collect::<Vec<_>>();
        for (rate, burst, times, expected) in [
            (1.0, 1, &[0, 0, 999, 1000, 1999, 2000][..], "y--y-y"),
            (1.0, 3, &[0, 0, 0, 0, 1000, 1000, 9000, 9000, 9000, 9000], "yyy-y-yyy-"),
            (0.5, 1, &[0, 1999, 2000, 3999, 4000], "y-y-y"),
            (10.0, 2, &[0, 0, 0, 50, 100, 100, 200, 250, 300], "yy--y-y-y"),
            (3.0, 1, &[0, 333, 334, 667, 668], "y-y-y"),
            (0.0, 5, &[0, 1000], "--"),
            (5.0, 0, &[0, 1000], "--"),
            (1e-300, 2, &[0, 0, 1_000_000_000], "yy-"),
            (1e300, 1, &many, "yyyyyyyyy"),
            (f64::MAX, i64::MAX, &many, "yyyyyyyyy"),
            // A clock that goes backwards gives no tokens.
            (1.0, 2, &[5000, 0, 0, 5000, 6000], "y--yy"),
        ] {
            let (start, mut buckets) = (Instant::now(), Buckets::new());
            let pace = Pace::new(rate, burst);
            let take = |ms: &u64| buckets.take(start + Duration::from_millis(*ms), "b", pace);
            let found: String = times.iter().map(take).map(|passes| if passes { 'y' } else { '-' }).collect();
            assert_eq!(found, expected, "{burst} at once, then {rate} a second");
        }
    }

    #[test]
    fn only_buckets_that_are_not_full_are_kept() {
        let (start, mut buckets) = (Instant::now(), Buckets::new());
        let at = |ms| start + Duration::from_millis(ms);
        for n in 0..10_000 {
            assert!(buckets.take(at(n * 10), &n.to_string(), Pace::new(10.0, 1)));
            assert!(buckets.full.len() <= FEW, "all but ten have filled again");
        }
        // One that is kept keeps what it knows.
        let slow = Pace::new(0.001, 1);
        assert!(buckets.take(at(200_000), "slow", slow));
        for n in 0..1000 {
            assert!(buckets.take(at(200_000 + n), &n.to_string(), Pace::new(1000.0, 1)));
        }
        assert!(!buckets.take(at(201_000), "slow", slow));
    }

    #[test]
    fn there_is_a_limit() {
        let (now, mut buckets) = (Instant::now(), Buckets { most: 100, ..Buckets::new() });
        for n in 0..1000 {
            assert!(buckets.take(now, &n.to_string(), Pace::new(1.0, 1)));
            assert!(buckets.full.len() <= 100);
        }
    }

    /// A bucket as everybody draws it, in nanoseconds instead of tokens.
    struct Model {
        level: u64,
        at: u64,
    }

    impl Model {
        fn take(&mut self, now: u64, every: u64, burst: u64) -> bool {
            self.level = (self.level + (now - self.at)).min(every * burst);
            self.at = now;
            let passes = self.level >= every;
            self.level -= if passes { every } else { 0 };
            passes
        }
    }

    proptest! {
        #[test]
        fn as_buckets_of_tokens(
            every_ms in 1_u64..2000,
            burst in 1_u64..20,
            steps in proptest::collection::vec((0_u64..3_000_000_000, 0_usize..3), 1..200),
        ) {
            let every = every_ms * 1_000_000;
            let pace = Pace::Tokens {
                every: Duration::from_nanos(every),
                ahead: Duration::from_nanos(every * (burst - 1)),
            };
            let names = ["a", "b", "c"];
            let mut models = [(); 3].map(|()| Model { level: every * burst, at: 0 });
            let (start, mut now) = (Instant::now(), 0);
            let mut buckets = Buckets { crowded: 2, ..Buckets::new() };
            for (step, which) in steps {
                // Half of the steps are short: bursts.
                now += if step % 2 == 0 { step } else { step / 1000 };
                let passes = buckets.take(start + Duration::from_nanos(now), names[which], pace);
                prop_assert_eq!(passes, models[which].take(now, every, burst));
            }
        }
    }
}
