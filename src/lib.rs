//! gatelet: AWS API Gateway on your own machine.

pub mod base;
pub mod control;
pub mod gateway;
pub mod lambda;
pub mod live;
pub mod model;
pub mod proto;
