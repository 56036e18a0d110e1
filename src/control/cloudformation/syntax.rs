//! How functions are written: an object with one member, and names within a text.

use serde_json::{Map, Value};

/// The one member of an object that has no more.
pub fn only(members: &Map<String, Value>) -> Option<(&str, &Value)> {
    let mut members = members.iter();
    let (name, value) = members.next()?;
    if members.next().is_some() { None } else { Some((name, value)) }
}

/// Whether an object with only this member is a function.
pub fn is_function(name: &str) -> bool {
    name == "Ref" || name.starts_with("Fn::")
}

/// Part of the text of `Fn::Sub`.
#[derive(Debug, PartialEq)]
pub enum Piece<'t> {
    /// It stands for itself.
    Text(&'t str),
    /// `${Name}`
    Name(&'t str),
}

/// The pieces of a text of `Fn::Sub`. `${!Literal}` is the text `${Literal}`; what never ends is text.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, behind)) = after.split_once('}') else { break };
        pieces.push(Piece::Text(before));
        match name.strip_prefix('!') {
            Some(literal) => pieces.extend([Piece::Text("${"), Piece::Text(literal), Piece::Text("}")]),
            None => pieces.push(Piece::Name(name.trim())),
        }
        rest = behind;
    }
    pieces.push(Piece::Text(rest));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_in_pieces() {
        for (text, expected) in [
            ("", ""),
            ("a", "a"),
            ("${a}", "<a>"),
            ("x${a}y${ B.c }z", "x<a>y<B.c>z"),
            ("${!a}", "${a}"),
            ("${a", "${a"),
            ("$ {a} $${a}", "$ {a} $<a>"),
            ("${}", "<>"),
        ] {
            let shown = pieces(text).into_iter().map(|piece| match piece {
                Piece::Text(text) => text.to_owned(),
                Piece::Name(name) => format!("<{name}>"),
            });
            assert_eq!(shown.collect::<String>(), expected, "{text}");
        }
    }
}
