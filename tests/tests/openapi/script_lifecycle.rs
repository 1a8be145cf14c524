//! What becomes of port-outs: supplements, the porting desk, and the owner's cancellation, protection, and events.

use serde_json::json;

use crate::script::{A123, Body, CONTOSO, Line, NOT_SHOWN, ORDERS, PIN, Who, order};

/// Version 04 of TX-1001.
const FOURTH: &str = "/v1/port-outs/fabe323ea9a783a2c2676cc16f1cf94b/cancellation";

pub fn supplements() -> Vec<Line> {
    let one = json!({"pon": "TX-4001", "telephone_numbers": ["+12065550104"]});
    vec![
        ("POST", ORDERS, A123, Body::Example("DueDateRequest"), 201, "PortOutMoved"),
        ("POST", ORDERS, A123, order("01", one), 201, NOT_SHOWN),
        ("POST", ORDERS, A123, Body::Example("CancelRequest"), 201, "PortOutCancelledByCarrier"),
    ]
}

pub fn desk() -> Vec<Line> {
    use Body::{Example, ExampleNow, None};
    const ACTIVATIONS: &str = "/v1/port-outs/892fabb73e874e1cc642b044231a5bc1/activations";
    const RELEASE: &str = "/v1/port-outs/5b48e10f0126b615a7a1195244fb2b2c/release";
    const NUMBER: &str = "/v1/telephone-numbers/+12065550102";
    const UNKNOWN: &str = "/v1/telephone-numbers/+12065550177";
    const LIST: &str = "/v1/accounts/CONTOSO/port-outs?pon=TX-3001";
    let one = json!({"pon": "TX-5001", "telephone_numbers": ["+12065550106"]});
    vec![
        ("POST", ORDERS, Who::Desk, Example("PortOutRequestByFax"), 201, "PortOutByFax"),
        ("GET", LIST, CONTOSO, None, 200, "PortOutsPage"),
        ("GET", NUMBER, Who::Desk, None, 200, "TelephoneNumberStatus"),
        ("GET", UNKNOWN, Who::Desk, None, 404, "TelephoneNumberNotFoundProblem"),
        ("POST", ACTIVATIONS, Who::Desk, Example("ActivationRequest"), 200, "PortOutCompleted"),
        ("POST", ORDERS, A123, order("01", one), 201, NOT_SHOWN),
        ("POST", RELEASE, Who::Desk, ExampleNow("ReleaseRequest", "obtained_at"), 200, "PortOutReleased"),
    ]
}

pub fn owner() -> Vec<Line> {
    use Body::{Example, None};
    const PROTECTION: &str = "/v1/accounts/FABRIKAM/port-protection";
    let fabrikam = Who::Owner("FABRIKAM");
    let (cancellation, off) = (|| Example("CancellationRequest"), Example("PortProtectionRequestByDesk"));
    vec![
        ("POST", FOURTH, CONTOSO, cancellation(), 200, "PortOutCancelledByOwner"),
        ("POST", FOURTH, CONTOSO, cancellation(), 409, "PortOutNotOpenProblem"),
        ("GET", PIN, CONTOSO, None, 200, "PinStatusLocked"),
        ("PUT", PROTECTION, fabrikam, Example("PortProtectionRequest"), 200, "PortProtection"),
        ("GET", PROTECTION, fabrikam, None, 200, "PortProtection"),
        ("PUT", PROTECTION, Who::Desk, off, 200, NOT_SHOWN),
    ]
}

/// Last, because an event is shown when it is 20 seconds old.
pub fn events() -> Vec<Line> {
    const EVENTS: &str = "/v1/accounts/CONTOSO/events?type=port_out.confirmed&limit=1";
    vec![("GET", EVENTS, CONTOSO, Body::None, 200, "EventsPage")]
}
