//! [`Now`]: the time as an argument, and the spellings of it that AWS and HTTP use.
//!
//! Only `net/` reads a clock. Everything else is told what time it is, so tests choose it.

use std::fmt::Write;
use std::time::Instant;

/// One reading of the clocks: monotonic for deadlines, Unix milliseconds for what people read.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// For deadlines and durations.
    pub instant: Instant,
    /// Milliseconds since 1970, UTC.
    pub unix_ms: u64,
}

impl Now {
    /// Seconds since 1970, UTC.
    pub fn unix_seconds(self) -> u64 {
        self.unix_ms / 1000
    }

    /// Days since 1970, UTC.
    pub fn day(self) -> u32 {
        (self.unix_seconds() / 86_400) as u32
    }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// `2020-04-08T19:05:45Z`: timestamps of API Gateway V2.
pub fn iso8601(unix_seconds: u64) -> String {
    let c = Civil::from(unix_seconds);
    format!("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", c.year, c.month, c.day, c.hour, c.minute, c.second)
}

/// `2020-04-08T19:05:45.000+0000`: `LastModified` of Lambda.
pub fn iso8601_millis(unix_ms: u64) -> String {
    let c = Civil::from(unix_ms / 1000);
    let ms = unix_ms % 1000;
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{ms:03}+0000",
        c.year, c.month, c.day, c.hour, c.minute, c.second
    )
}

/// `14/Apr/2025:22:13:56 +0000`: `requestContext.time` of events, and the common log format.
pub fn clf(out: &mut String, unix_seconds: u64) {
    let c = Civil::from(unix_seconds);
    let month = MONTHS[c.month as usize - 1];
    let _ =
        write!(out, "{:02}/{month}/{:04}:{:02}:{:02}:{:02} +0000", c.day, c.year, c.hour, c.minute, c.second);
}

/// `May 28 12:30:02 2019 GMT`, `Aug  5 …`: validity of certificates in events, as OpenSSL prints it.
pub fn spoken(unix_seconds: u64) -> String {
    let c = Civil::from(unix_seconds);
    let month = MONTHS[c.month as usize - 1];
    format!("{month} {:>2} {:02}:{:02}:{:02} {} GMT", c.day, c.hour, c.minute, c.second, c.year)
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`: the `Date` header (RFC 9110 section 5.6.7), always 29 characters.
pub fn http_date(unix_seconds: u64) -> String {
    let c = Civil::from(unix_seconds);
    let (day, month) = (DAYS[(unix_seconds / 86_400 % 7) as usize], MONTHS[c.month as usize - 1]);
    format!("{day}, {:02} {month} {:04} {:02}:{:02}:{:02} GMT", c.day, c.year, c.hour, c.minute, c.second)
}

/// The reverse of [`http_date`]: seconds since 1970. `None`: it is no such date, or one before 1970.
pub fn parse_http_date(text: &str) -> Option<u64> {
    let (_, date) = text.trim().split_once(", ")?;
    let parts: Vec<&str> = date.split(' ').collect();
    let [day, month, year, time, "GMT"] = parts[..] else { return None };
    let month = MONTHS.iter().position(|known| *known == month)? as u64 + 1;
    let numbers: Option<Vec<u64>> = time.split(':').map(|part| part.parse().ok()).collect();
    let [hour, minute, second] = numbers?[..] else { return None };
    seconds_of(year.parse().ok()?, month, day.parse().ok()?, hour, minute, second)
}

/// `2020-04-08` of a day since 1970.
pub fn date(day: u32) -> String {
    let c = Civil::from(u64::from(day) * 86_400);
    format!("{:04}-{:02}-{:02}", c.year, c.month, c.day)
}

/// The reverse of [`date`]: days since 1970. `None`: it is no such date.
pub fn parse_date(text: &str) -> Option<u32> {
    let is_date = text.len() == 10 && text.is_ascii() && &text[4..5] == "-" && &text[7..8] == "-";
    let number = |range| text.get::<std::ops::Range<usize>>(range)?.parse::<u64>().ok();
    let seconds = match is_date {
        true => seconds_of(number(0..4)?, number(5..7)?, number(8..10)?, 0, 0, 0)?,
        false => return None,
    };
    u32::try_from(seconds / 86_400).ok().filter(|day| date(*day) == text)
}

/// Which day of its month a day since 1970 is, from 1 on.
pub fn day_of_month(day: u32) -> u32 {
    Civil::from(u64::from(day) * 86_400).day as u32
}

/// `20261101T065319Z`, as signatures write times.
pub fn basic(unix_seconds: u64) -> String {
    let c = Civil::from(unix_seconds);
    format!("{:04}{:02}{:02}T{:02}{:02}{:02}Z", c.year, c.month, c.day, c.hour, c.minute, c.second)
}

/// The reverse of [`basic`]: seconds since 1970. `None`: it is no such time.
pub fn parse_basic(text: &str) -> Option<u64> {
    let is_time = text.len() == 16 && text.is_ascii() && &text[8..9] == "T" && &text[15..] == "Z";
    let number = |range| text.get::<std::ops::Range<usize>>(range)?.parse::<u64>().ok();
    match is_time {
        true => seconds_of(
            number(0..4)?,
            number(4..6)?,
            number(6..8)?,
            number(9..11)?,
            number(11..13)?,
            number(13..15)?,
        ),
        false => None,
    }
}

/// The reverse of [`iso8601`]: seconds since 1970; a fraction of one is cut off. `None`: it is no such time, or one
/// that is not in UTC.
pub fn parse_iso8601(text: &str) -> Option<u64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let time = time.split_once('.').map_or(time, |(time, _)| time);
    parse_basic(&format!("{}T{}Z", date.replace('-', ""), time.replace(':', "")))
}

fn seconds_of(year: u64, month: u64, day: u64, hour: u64, minute: u64, second: u64) -> Option<u64> {
    let sound = (1970..10_000).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !sound {
        return None;
    }
    // The reverse of Howard Hinnant's algorithm below.
    let (year, from_march) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = (era * 146_097 + day_of_era).checked_sub(719_468)?;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

struct Civil {
    year: u64,
    month: u64,
    day: u64,
    hour: u64,
    minute: u64,
    second: u64,
}

impl From<u64> for Civil {
    /// Days to a date by Howard Hinnant's algorithm, years from 1 March so that the leap day comes last.
    fn from(unix_seconds: u64) -> Self {
        let (days, rest) = (unix_seconds / 86_400, unix_seconds % 86_400);
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = era * 400 + year_of_era + u64::from(month <= 2);
        Self { year, month, day, hour: rest / 3600, minute: rest / 60 % 60, second: rest % 60 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        for (unix, iso, http) in [
            (0, "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "2000-02-29T00:00:00Z", "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_744_668_836, "2025-04-14T22:13:56Z", "Mon, 14 Apr 2025 22:13:56 GMT"),
            (4_107_542_400, "2100-03-01T00:00:00Z", "Mon, 01 Mar 2100 00:00:00 GMT"),
        ] {
            assert_eq!(iso8601(unix), iso);
            assert_eq!(http_date(unix), http);
            assert_eq!(parse_http_date(http), Some(unix));
            assert_eq!(parse_iso8601(iso), Some(unix));
        }
        for (day, text) in [(0, "1970-01-01"), (11_016, "2000-02-29"), (20_192, "2025-04-14")] {
            assert_eq!((date(day).as_str(), parse_date(text)), (text, Some(day)));
        }
        for wrong in ["", "2025-02-29", "2025-13-01", "2025-1-1", "20250414", "+025-04-14", "2025-04-1é"] {
            assert_eq!(parse_date(wrong), None, "{wrong}");
        }
        assert_eq!(spoken(1_565_000_000), "Aug  5 10:13:20 2019 GMT");
        assert_eq!(parse_basic("20250414T221356Z"), Some(1_744_668_836));
        assert_eq!(basic(1_744_668_836), "20250414T221356Z");
        for wrong in
            ["", "20250414T221356", "20251314T221356Z", "2025-04-14T22:13Z", "éééééééé", "+2250414T221356Z"]
        {
            assert_eq!(parse_basic(wrong), None, "{wrong}");
        }
        for wrong in
            ["", "0", "Sun, 06 Nov 1994", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT"]
        {
            assert_eq!(parse_http_date(wrong), None, "{wrong}");
        }
        let mut out = String::new();
        clf(&mut out, 1_744_668_836);
        assert_eq!(out, "14/Apr/2025:22:13:56 +0000");
        assert_eq!(iso8601_millis(1_744_668_836_573), "2025-04-14T22:13:56.573+0000");
    }
}
