//! Both sides of HTTP/1.1 against tables of bytes, each run whole, split everywhere and byte by byte.

mod requests;

/// The ways in which the same bytes may arrive: whole, in two parts, byte by byte.
fn segmentations(length: usize) -> impl Iterator<Item = Vec<std::ops::Range<usize>>> {
    let whole = std::iter::once(vec![0..length]);
    let halves = (1..length).map(move |at| vec![0..at, at..length]);
    let bytes = std::iter::once((0..length).map(|at| at..at + 1).collect());
    whole.chain(halves).chain(bytes)
}
