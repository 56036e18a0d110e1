//! Comma-separated values, as files of API keys are written ("API Gateway API key file format"): fields may be in double
//! or in single quotes, in which a quote is written twice.

/// The records of a file, each with at least one field; lines with nothing in them are none.
pub fn records(text: &str) -> Vec<Vec<String>> {
    let mut records = vec![vec![String::new()]];
    let mut quote = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let record = records.last_mut().expect("there is one from the start");
        let field = record.last_mut().expect("a record has a field from the start");
        match (quote, character) {
            (Some(open), found) if found == open => match characters.next_if_eq(&open) {
                Some(_) => field.push(open),
                None => quote = None,
            },
            (Some(_), found) => field.push(found),
            // Quotes within a field are part of it.
            (None, '"' | '\'') if field.trim().is_empty() => {
                field.clear();
                quote = Some(character);
            }
            (None, ',') => record.push(String::new()),
            (None, '\n') => records.push(vec![String::new()]),
            (None, '\r') => {}
            (None, found) => field.push(found),
        }
    }
    records.retain(|record| record.iter().any(|field| !field.is_empty()));
    records
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tables() {
        for (text, expected) in [
            ("", "[]"),
            ("\n\r\n", "[]"),
            ("a", r#"[["a"]]"#),
            ("a,b\nc,\n", r#"[["a", "b"], ["c", ""]]"#),
            ("a,b\r\n\r\nc,d", r#"[["a", "b"], ["c", "d"]]"#),
            ("\"a,b\",'c,d'", r#"[["a,b", "c,d"]]"#),
            ("\"a\nb\" ,c", r#"[["a\nb ", "c"]]"#),
            ("\"say \"\"hi\"\"\"", r#"[["say \"hi\""]]"#),
            ("it's,  'x'", r#"[["it's", "x"]]"#),
            ("\"open", r#"[["open"]]"#),
        ] {
            assert_eq!(format!("{:?}", records(text)), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_quoted_is_read_back(table in proptest::collection::vec(proptest::collection::vec("[a-z'\", \n]{0,8}", 1..4), 0..4)) {
            let lines = table.iter().map(|record| {
                let fields = record.iter().map(|field| format!("\"{}\"", field.replace('"', "\"\"")));
                fields.collect::<Vec<_>>().join(",")
            });
            let text = lines.collect::<Vec<_>>().join("\n");
            let kept: Vec<_> = table.into_iter().filter(|record| record.iter().any(|field| !field.is_empty())).collect();
            prop_assert_eq!(records(&text), kept);
        }
    }
}
