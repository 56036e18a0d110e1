//! gatelet: AWS API Gateway on your own machine.

pub mod app;
pub mod base;
pub mod config;
pub mod control;
pub mod gateway;
pub mod lambda;
pub mod live;
pub mod log;
pub mod metrics;
pub mod model;
pub mod net;
pub mod proto;
