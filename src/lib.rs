//! gatelet: AWS API Gateway on your own machine, in one small binary.
//!
//! This page is the architecture: what the rooms are, how a request passes through them, and what always holds.
//! Start here, then read the modules in the order in which they stand below.
//!
//! # The one idea
//!
//! A [`Key`](base::Key) names everything that can be waited for. One 8-byte, typed, generation-checked key is at
//! once the slab index, the mio token, the timer entry and the continuation of an exchange. A key whose occupant
//! is gone misses. So there are no futures, no callbacks, no reference from one connection to another, no
//! cancellation protocol (remove the occupant; late answers find nobody), and no stale events.
//!
//! # What always holds
//!
//! 1. **Only [`net`] does I/O.** No other room names a socket, a file, a process, a thread, or reads a clock;
//!    time comes in as [`Now`](base::Now). (`tests/architecture.rs` checks it.)
//! 2. **The data plane never blocks.** It reads one immutable [`Live`](live::Live) per request, and takes a lock
//!    only to pick up one that has changed.
//! 3. **The control plane is one writer.** One mutex, one [`Store`](model::Store); each change compiles and
//!    publishes before it is answered, so a client always sees its own write.
//! 4. **Everything has a limit, and a named answer when it is reached.**
//! 5. **A peer can never cause a panic.** Assertions are about us, errors are about them. `unsafe` is forbidden.
//!
//! # The rooms
//!
//! ```text
//! main ─ app ─ net ─┬─ gateway ─┬─ live ─ model ─┐          a room may name only what stands to its right
//!                   ├─ lambda ──┼────────────────┼─ proto ─ base
//!                   └─ control ─┴─ live ─ model ─┘
//! ```
//!
//! [`gateway`], [`lambda`] and [`control`] don't know each other: the gateway says
//! [`Effect::Invoke`](gateway::Effect::Invoke), the pool is generic over who waits, the control plane changes the
//! store and publishes. [`net`] introduces them.
//!
//! # The life of a request
//!
//! ```text
//!  socket ─ readable ─> Conn::fill ─> http1::Decoder ─> Engine::request(now, live, peer, request)
//!                                          │                 │ find api, stage, route
//!                                          │ no api's        v
//!                                          v              Exchange ─ Step ─> Invoke / Fetch ─ ... ─> answer
//!                                    Control::call                              │                      │
//!                                          │                          Pool / back end's Conn           │
//!  socket <─ flush <─ outbox <─────────────┴──────────────── Reply <───────────────────────────────────┘
//! ```
//!
//! *Bytes in.* A request owns its bytes; method, target, headers are spans into them. With nothing pipelined
//! behind it the connection's buffer itself becomes the request. *Route.* On an `Arc<Live>` that the exchange
//! keeps: a deployment in mid-flight can't change a request that is under way. *Authorize,
//! integrate.* Each at most: push an effect that carries the exchange's key, store the step, return. *Lambda.* The pool hands the event to a
//! parked worker's pipe on the same reactor, and the answer finds the exchange by its key. *Bytes out.* All that
//! one read asked for is answered into one buffer and one write. Bodies are buffered whole, as API Gateway does; but
//! for objects of S3, which go to disk and come from there piece by piece.

pub mod base;

pub mod proto;

pub mod model;

pub mod live;

pub mod gateway;

pub mod lambda;

pub mod control;

pub mod log;
pub mod metrics;

pub mod config;
pub mod net;

pub mod app;
