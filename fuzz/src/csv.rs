//! Files of API keys: any text is read, and what was read and written again says the same.

use gatelet::control::apigateway::api_key::csv::records;

/// A file.
pub fn csv(data: &[u8]) {
    let read = records(&String::from_utf8_lossy(data));
    let lines = read.iter().map(|record| {
        let fields = record.iter().map(|field| format!("\"{}\"", field.replace('"', "\"\"")));
        fields.collect::<Vec<_>>().join(",")
    });
    assert_eq!(records(&lines.collect::<Vec<_>>().join("\n")), read);
}
