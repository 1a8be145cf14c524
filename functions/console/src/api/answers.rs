//! What the API answers, as far as the pages show it.

use jiff::civil::Date;
use runtime::clock::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Status of a PIN.
#[derive(Debug, Clone, Deserialize)]
pub struct PinStatus {
    /// Whether there is one.
    pub pin_set: bool,
    /// How often it was set; a form that was made under another version is out of date.
    pub pin_version: u64,
    /// When it was set.
    pub updated_at: Option<Timestamp>,
    /// By whom.
    pub updated_by: Option<String>,
    /// Codes of what blocks every port-out.
    pub blocked_by: Vec<String>,
    /// Wrong PINs since it was set.
    pub failed_attempts: u64,
    /// Wrong PINs in a row.
    pub consecutive_failures: u64,
    /// When the last wrong PIN came.
    pub last_failed_at: Option<Timestamp>,
    /// Warnings about a PIN that was just set.
    #[serde(default)]
    pub warnings: Vec<Warning>,
}

/// Warning about a PIN that was just set.
#[derive(Debug, Clone, Deserialize)]
pub struct Warning {
    /// In a sentence.
    pub detail: String,
}

/// Port protection, with the open port-outs.
#[derive(Debug, Clone, Deserialize)]
pub struct Protection {
    /// Whether it is on.
    pub enabled: bool,
    /// When it was switched.
    pub updated_at: Option<Timestamp>,
    /// By whom.
    pub updated_by: Option<String>,
    /// Port-outs that hold numbers.
    pub open_port_outs: Vec<PortOut>,
}

/// A port-out.
#[derive(Debug, Clone, Deserialize)]
pub struct PortOut {
    /// Which one.
    pub id: String,
    /// The carrier.
    pub spid: String,
    /// The carrier's own name for it.
    pub pon: String,
    /// Which version of it.
    pub version: String,
    /// The numbers that it asked for.
    pub telephone_numbers: Vec<String>,
    /// What became of it.
    pub status: String,
    /// When the numbers move.
    pub foc_date: Option<Date>,
    /// Numbers that have moved.
    pub ported_numbers: Vec<String>,
    /// When it was received.
    pub received_at: Timestamp,
    /// Whether the provider's porting desk has to tell the carrier about a cancellation.
    #[serde(default)]
    pub carrier_must_be_told: bool,
}

/// Part of the audit trail.
#[derive(Debug, Clone, Deserialize)]
pub struct EventPage {
    /// The events, the oldest first.
    pub events: Vec<Event>,
    /// The last one that was looked at.
    pub next_after: Option<String>,
}

/// An event.
#[derive(Debug, Clone, Deserialize)]
pub struct Event {
    /// What happened.
    #[serde(rename = "type")]
    pub kind: String,
    /// When.
    pub occurred_at: Timestamp,
    /// Who did it.
    pub actor: String,
    /// The rest, which depends on the type.
    pub data: Map<String, Value>,
}
