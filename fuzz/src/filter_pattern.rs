//! Filter patterns of CloudWatch Logs: any text is read or refused, and only JSON fits a pattern of JSON.

use gatelet::control::logs::pattern::Pattern;

/// A pattern, and after the first line's end an event.
pub fn filter_pattern(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (pattern, event) = text.split_once('\n').unwrap_or((&text, ""));
    let Ok(read) = Pattern::of(pattern) else { return };
    let fits = read.fits(event);
    assert_eq!(fits, read.fits(event), "a pattern is asked many times");
    match read {
        Pattern::Json(_) => {
            assert!(!fits || serde_json::from_str::<serde_json::Value>(event).is_ok());
            // No JSON ends so.
            assert!(!read.fits(&format!("{event}x")), "what is no JSON fits no pattern of it");
        }
        Pattern::Terms(_) => assert!(!pattern.trim().is_empty() || fits, "nothing is asked for"),
    }
}
