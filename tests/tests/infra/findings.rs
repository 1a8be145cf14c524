//! What checks have in common: they compare, and say what is not as it should be.

use runtime::http::endpoint::{
    BandwidthEndpoint, ConsoleEndpoint, FunctionEndpoint as _, PortOutEndpoint, ProtectEndpoint,
    ProvisionEndpoint, SetPinEndpoint, StatusEndpoint,
};
use serde_json::Value;

/// The functions, by the name of their resource and their own.
pub const FUNCTIONS: [(&str, &str); 7] = [
    ("SetPinFunction", SetPinEndpoint::FUNCTION),
    ("StatusFunction", StatusEndpoint::FUNCTION),
    ("PortOutFunction", PortOutEndpoint::FUNCTION),
    ("BandwidthFunction", BandwidthEndpoint::FUNCTION),
    ("ProvisionFunction", ProvisionEndpoint::FUNCTION),
    ("ProtectFunction", ProtectEndpoint::FUNCTION),
    ("ConsoleFunction", ConsoleEndpoint::FUNCTION),
];

/// Returns nothing if the value is as expected, else one sentence.
pub fn differs(what: &str, value: &Value, wanted: &Value) -> Vec<String> {
    require(value == wanted, || format!("{what} is {value}, not {wanted}"))
}

/// Nothing if it holds, else one sentence.
pub fn require(holds: bool, sentence: impl FnOnce() -> String) -> Vec<String> {
    if holds { Vec::new() } else { vec![sentence()] }
}

/// Compares two sets and returns a sentence for each element that only one has.
pub fn same<T: PartialEq + std::fmt::Debug>(what: &str, these: &[T], those: &[T]) -> Vec<String> {
    let only = |a: &[T], b: &[T]| {
        a.iter().filter(|it| !b.contains(it)).map(|it| format!("{it:?}")).collect::<Vec<_>>()
    };
    let (more, fewer) = (only(these, those), only(those, these));
    let more = more.into_iter().map(|it| format!("{what}: {it} should not be there"));
    more.chain(fewer.into_iter().map(|it| format!("{what}: {it} is missing"))).collect()
}
