//! [`Metrics`]: what the reactor counts, as plain integers of its own, and how Prometheus reads them.
//!
//! Counting is an index and an addition; the text is made when it is asked for.

use std::fmt::{self, Write};
use std::time::Duration;

/// Whom a request was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An HTTP API.
    HttpApi,
    /// A REST API.
    RestApi,
    /// A WebSocket API: a handshake, a message, an end.
    WebSocketApi,
    /// An AWS operation.
    Control,
    /// One of our own endpoints, or nobody.
    Internal,
}

/// How an invocation of a function ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With a payload.
    Ok,
    /// With an error: thrown, timed out, crashed.
    Error,
    /// It never ran: too many at once.
    Throttled,
    /// It never ran: gatelet is stopping.
    Stopping,
}

/// What is measured at the moment of asking.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gauges {
    /// Clients' connections that are open.
    pub connections: u64,
    /// Workers, busy ones included.
    pub workers: u64,
    /// Workers that run an event.
    pub workers_busy: u64,
    /// Requests that wait for their answer.
    pub exchanges_in_flight: u64,
    /// [`crate::log::Logger::dropped`]
    pub log_lines_dropped: u64,
    /// Events of CloudWatch Logs that had to make room.
    pub log_events_dropped: u64,
}

/// What is counted since the start.
#[derive(Debug)]
pub struct Metrics {
    connections: u64,
    invocations: [u64; OUTCOMES.len()],
    kinds: [Requests; KINDS.len()],
}

#[derive(Debug)]
struct Requests {
    by_status: Box<[u64; STATUSES]>,
    /// By the first of [`BOUNDS`] that is not exceeded, else the last one.
    by_duration: [u64; BOUNDS.len() + 1],
    duration_us: u64,
}

const KINDS: [(Kind, &str); 5] = [
    (Kind::HttpApi, "http_api"),
    (Kind::RestApi, "rest_api"),
    (Kind::WebSocketApi, "websocket_api"),
    (Kind::Control, "control"),
    (Kind::Internal, "internal"),
];

const OUTCOMES: [(Outcome, &str); 4] = [
    (Outcome::Ok, "ok"),
    (Outcome::Error, "error"),
    (Outcome::Throttled, "throttled"),
    (Outcome::Stopping, "stopping"),
];

/// RFC 9110 section 15: "values outside the range 100..599 are invalid"; they are counted as 0.
const STATUSES: usize = 600;

/// Upper bounds of the histogram in microseconds, with their spelling in seconds: from what the gateway answers
/// itself to the 30 seconds that an integration may take.
const BOUNDS: [(u64, &str); 16] = [
    (50, "0.00005"),
    (100, "0.0001"),
    (250, "0.00025"),
    (500, "0.0005"),
    (1_000, "0.001"),
    (2_500, "0.0025"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (25_000, "0.025"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (250_000, "0.25"),
    (1_000_000, "1"),
    (3_000_000, "3"),
    (10_000_000, "10"),
    (30_000_000, "30"),
];

impl Default for Metrics {
    fn default() -> Self {
        let requests = || Requests {
            by_status: Box::new([0; STATUSES]),
            by_duration: [0; BOUNDS.len() + 1],
            duration_us: 0,
        };
        Self {
            connections: 0,
            invocations: [0; OUTCOMES.len()],
            kinds: [requests(), requests(), requests(), requests(), requests()],
        }
    }
}

impl Metrics {
    /// A client connected.
    pub fn connection(&mut self) {
        self.connections += 1;
    }

    /// A request was answered.
    pub fn request(&mut self, kind: Kind, status: u16, duration: Duration) {
        let requests = &mut self.kinds[kind as usize];
        let status = usize::from(status);
        requests.by_status[if status < STATUSES { status } else { 0 }] += 1;
        let us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        requests.by_duration[BOUNDS.iter().position(|(bound, _)| us <= *bound).unwrap_or(BOUNDS.len())] += 1;
        requests.duration_us = requests.duration_us.saturating_add(us);
    }

    /// An invocation ended, or was refused.
    pub fn invocation(&mut self, outcome: Outcome) {
        self.invocations[outcome as usize] += 1;
    }

    /// All of it in Prometheus' text format, version 0.0.4.
    pub fn render(&self, gauges: &Gauges) -> String {
        let mut text = String::with_capacity(8 * 1024);
        self.write(gauges, &mut text).expect("a String takes all that is written");
        text
    }

    fn write(&self, gauges: &Gauges, out: &mut String) -> fmt::Result {
        single(out, "gatelet_connections", "gauge", "Open client connections.", gauges.connections)?;
        let help = "Client connections accepted.";
        single(out, "gatelet_connections_total", "counter", help, self.connections)?;
        let help = "Requests that wait for their answer.";
        single(out, "gatelet_exchanges_in_flight", "gauge", help, gauges.exchanges_in_flight)?;

        head(
            out,
            "gatelet_requests_total",
            "counter",
            "Requests answered, by whom they were for and status.",
        )?;
        for ((_, kind), requests) in KINDS.iter().zip(&self.kinds) {
            for (status, count) in requests.by_status.iter().enumerate().filter(|(_, count)| **count > 0) {
                writeln!(out, "gatelet_requests_total{{kind=\"{kind}\",status=\"{status}\"}} {count}")?;
            }
        }
        self.write_durations(out)?;

        head(out, "gatelet_invocations_total", "counter", "Function invocations, by how they ended.")?;
        for ((_, outcome), count) in OUTCOMES.iter().zip(self.invocations) {
            writeln!(out, "gatelet_invocations_total{{outcome=\"{outcome}\"}} {count}")?;
        }
        head(out, "gatelet_workers", "gauge", "Function processes.")?;
        let idle = gauges.workers.saturating_sub(gauges.workers_busy);
        for (state, count) in [("idle", idle), ("busy", gauges.workers_busy)] {
            writeln!(out, "gatelet_workers{{state=\"{state}\"}} {count}")?;
        }
        let help = "Log lines dropped because stderr was not read.";
        single(out, "gatelet_log_lines_dropped_total", "counter", help, gauges.log_lines_dropped)?;
        let help = "Events of CloudWatch Logs dropped, the oldest first, to make room.";
        single(out, "gatelet_log_events_dropped_total", "counter", help, gauges.log_events_dropped)
    }

    fn write_durations(&self, out: &mut String) -> fmt::Result {
        const NAME: &str = "gatelet_request_duration_seconds";
        head(out, NAME, "histogram", "From a request's last byte to its answer.")?;
        for ((_, kind), requests) in KINDS.iter().zip(&self.kinds) {
            let mut count = 0;
            let bounds = BOUNDS.iter().map(|(_, le)| *le).chain(["+Inf"]);
            for (le, within) in bounds.zip(requests.by_duration) {
                count += within;
                writeln!(out, "{NAME}_bucket{{kind=\"{kind}\",le=\"{le}\"}} {count}")?;
            }
            let (seconds, rest) = (requests.duration_us / 1_000_000, requests.duration_us % 1_000_000);
            writeln!(out, "{NAME}_sum{{kind=\"{kind}\"}} {seconds}.{rest:06}")?;
            writeln!(out, "{NAME}_count{{kind=\"{kind}\"}} {count}")?;
        }
        Ok(())
    }
}

fn single(out: &mut String, name: &str, kind: &str, help: &str, value: u64) -> fmt::Result {
    head(out, name, kind, help)?;
    writeln!(out, "{name} {value}")
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) -> fmt::Result {
    writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_in_the_order_of_the_enums() {
        assert!(KINDS.iter().enumerate().all(|(n, (kind, _))| *kind as usize == n));
        assert!(OUTCOMES.iter().enumerate().all(|(n, (outcome, _))| *outcome as usize == n));
        assert!(BOUNDS.is_sorted_by_key(|(bound, _)| *bound));
        for (bound, seconds) in BOUNDS {
            let spelled: f64 = seconds.parse().unwrap();
            assert!((spelled * 1e6 - bound as f64).abs() < 1e-6, "{seconds}");
        }
    }

    #[test]
    fn what_is_counted_is_rendered() {
        let mut metrics = Metrics::default();
        metrics.connection();
        metrics.request(Kind::HttpApi, 200, Duration::from_micros(50));
        metrics.request(Kind::HttpApi, 200, Duration::from_micros(51));
        metrics.request(Kind::HttpApi, 999, Duration::MAX);
        metrics.request(Kind::Control, 404, Duration::from_millis(1500));
        metrics.invocation(Outcome::Ok);
        metrics.invocation(Outcome::Throttled);
        let gauges = Gauges {
            connections: 3,
            workers: 5,
            workers_busy: 2,
            exchanges_in_flight: 4,
            log_lines_dropped: 6,
            log_events_dropped: 7,
        };
        let text = metrics.render(&gauges);
        for line in [
            "gatelet_connections 3",
            "gatelet_connections_total 1",
            "gatelet_exchanges_in_flight 4",
            "gatelet_requests_total{kind=\"http_api\",status=\"200\"} 2",
            "gatelet_requests_total{kind=\"http_api\",status=\"0\"} 1",
            "gatelet_requests_total{kind=\"control\",status=\"404\"} 1",
            "gatelet_request_duration_seconds_bucket{kind=\"http_api\",le=\"0.00005\"} 1",
            "gatelet_request_duration_seconds_bucket{kind=\"http_api\",le=\"0.0001\"} 2",
            "gatelet_request_duration_seconds_bucket{kind=\"http_api\",le=\"30\"} 2",
            "gatelet_request_duration_seconds_bucket{kind=\"http_api\",le=\"+Inf\"} 3",
            "gatelet_request_duration_seconds_count{kind=\"http_api\"} 3",
            "gatelet_request_duration_seconds_sum{kind=\"control\"} 1.500000",
            "gatelet_invocations_total{outcome=\"ok\"} 1",
            "gatelet_invocations_total{outcome=\"throttled\"} 1",
            "gatelet_workers{state=\"idle\"} 3",
            "gatelet_workers{state=\"busy\"} 2",
            "gatelet_log_lines_dropped_total 6",
            "gatelet_log_events_dropped_total 7",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is missing:\n{text}");
        }
        for line in text.lines() {
            assert!(line.starts_with("# ") || line.starts_with("gatelet_"), "{line}");
        }
        let names = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), text.matches("# TYPE ").count(), "each name has one type");
    }
}
