//! What the measuring programs share: figures of samples, tables and a plot of them, and the bare DynamoDB calls.

pub mod calls;
pub mod chart;
pub mod stats;
pub mod table;
