//! Items as types, and back. Each file lists the attributes of its kind beside their reader.

pub mod account;
pub mod attempts;
pub mod number;
pub mod pin;
pub mod pon;
pub mod port_out;

use std::sync::LazyLock;

use crate::store::deliveries::Delivered;

/// The attributes that a decision needs, of every kind of item that it reads: the union of their own lists, so that
/// none can lack what its reader asks for.
pub static SNAPSHOT_ATTRIBUTES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    union(&[
        &["pk", "sk", "pin_digest", "pin_fingerprint"],
        account::ATTRIBUTES,
        pin::STATUS_ATTRIBUTES,
        pin::PARAMETERS,
        attempts::ATTRIBUTES,
        number::ATTRIBUTES,
        pon::ATTRIBUTES,
        port_out::ATTRIBUTES,
        Delivered::ATTRIBUTES,
    ])
});

/// Returns every attribute of these lists once, in order.
pub fn union(lists: &[&[&'static str]]) -> Vec<&'static str> {
    let mut all = lists.concat();
    all.sort_unstable();
    all.dedup();
    all
}
