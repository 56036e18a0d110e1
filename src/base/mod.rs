//! What every other room stands on, and what knows nothing of them: keys and tables, deadlines, published
//! snapshots, spans, times, ids and small text helpers. Each file is a noun.

pub mod clock;
pub mod ebb;
pub mod ids;
pub mod map;
pub mod published;
pub mod span;
pub mod table;
pub mod timers;

pub use clock::Now;
pub use ebb::Ebb;
pub use ids::Rng;
pub use published::{Published, Reader};
pub use span::Span;
pub use table::{Key, Table};
pub use timers::Timers;
