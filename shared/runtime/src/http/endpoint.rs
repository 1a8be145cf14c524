//! What the service does, function by function: each function has an enum of its own endpoints.

/// Names of the API's functions as they are deployed and as they log. `console` calls the API and is not a part of it.
pub const FUNCTIONS: [&str; 6] = [
    SetPinEndpoint::FUNCTION,
    StatusEndpoint::FUNCTION,
    PortOutEndpoint::FUNCTION,
    BandwidthEndpoint::FUNCTION,
    ProvisionEndpoint::FUNCTION,
    ProtectEndpoint::FUNCTION,
];

/// Names of all binaries.
pub const BINARIES: [&str; 6] = [
    SetPinEndpoint::FUNCTION,
    StatusEndpoint::FUNCTION,
    PortOutEndpoint::FUNCTION,
    ProvisionEndpoint::FUNCTION,
    ProtectEndpoint::FUNCTION,
    ConsoleEndpoint::FUNCTION,
];

/// Names of the API's binaries. That of `port-out` is also the function `bandwidth`; without `ROUTES` it serves both.
pub const API_BINARIES: [&str; 5] = [
    SetPinEndpoint::FUNCTION,
    StatusEndpoint::FUNCTION,
    PortOutEndpoint::FUNCTION,
    ProvisionEndpoint::FUNCTION,
    ProtectEndpoint::FUNCTION,
];

/// Returns the name of the binary that a function runs.
#[must_use]
pub fn binary_of(function: &'static str) -> &'static str {
    if function == BandwidthEndpoint::FUNCTION { PortOutEndpoint::FUNCTION } else { function }
}

/// What a route does, by the function that answers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// Answered by `set-pin`.
    SetPin(SetPinEndpoint),
    /// Answered by `status`.
    Status(StatusEndpoint),
    /// Answered by `port-out`.
    PortOut(PortOutEndpoint),
    /// Answered by `bandwidth`.
    Bandwidth(BandwidthEndpoint),
    /// Answered by `provision`.
    Provision(ProvisionEndpoint),
    /// Answered by `protect`.
    Protect(ProtectEndpoint),
    /// Answered by `console`.
    Console(ConsoleEndpoint),
}

impl Endpoint {
    /// Returns the name of the function that answers it.
    pub const fn function(self) -> &'static str {
        match self {
            Self::SetPin(_) => SetPinEndpoint::FUNCTION,
            Self::Status(_) => StatusEndpoint::FUNCTION,
            Self::PortOut(_) => PortOutEndpoint::FUNCTION,
            Self::Bandwidth(_) => BandwidthEndpoint::FUNCTION,
            Self::Provision(_) => ProvisionEndpoint::FUNCTION,
            Self::Protect(_) => ProtectEndpoint::FUNCTION,
            Self::Console(_) => ConsoleEndpoint::FUNCTION,
        }
    }
}

/// The endpoints of one function.
pub trait FunctionEndpoint: Copy + Send + 'static {
    /// Name of the function.
    const FUNCTION: &'static str;

    /// Returns the endpoint if it belongs to this function.
    fn of(endpoint: Endpoint) -> Option<Self>;
}

/// What `set-pin` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetPinEndpoint {
    /// Sets or changes a PIN.
    Set,
    /// Refuses to remove a PIN: once set, it can only be changed.
    Delete,
}

impl FunctionEndpoint for SetPinEndpoint {
    const FUNCTION: &'static str = "set-pin";

    fn of(endpoint: Endpoint) -> Option<Self> {
        if let Endpoint::SetPin(own) = endpoint { Some(own) } else { None }
    }
}

/// What `status` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusEndpoint {
    /// Shows an account.
    Account,
    /// Lists an account's numbers.
    TelephoneNumbers,
    /// Shows a PIN's status.
    Pin,
    /// Shows a port-out.
    PortOut,
    /// Shows a telephone number to the porting desk.
    TelephoneNumber,
    /// Shows an account's port protection.
    Protection,
    /// Lists an account's port-outs.
    AccountPortOuts,
    /// Lists a carrier's port-outs.
    PortOuts,
    /// Lists an account's events.
    Events,
}

impl FunctionEndpoint for StatusEndpoint {
    const FUNCTION: &'static str = "status";

    fn of(endpoint: Endpoint) -> Option<Self> {
        if let Endpoint::Status(own) = endpoint { Some(own) } else { None }
    }
}

/// What `port-out` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortOutEndpoint {
    /// Takes a port-out from a carrier with a token.
    Submit,
    /// Takes a port-out as a signed Standard Webhook.
    StandardWebhook,
}

impl FunctionEndpoint for PortOutEndpoint {
    const FUNCTION: &'static str = "port-out";

    fn of(endpoint: Endpoint) -> Option<Self> {
        if let Endpoint::PortOut(own) = endpoint { Some(own) } else { None }
    }
}

/// What `bandwidth` does. It is a function of its own, so that no other caller can use up what it runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BandwidthEndpoint {
    /// Validates a port-out for Bandwidth.
    Validation,
    /// Takes Bandwidth's notice that numbers were ported out.
    Notice,
}

impl FunctionEndpoint for BandwidthEndpoint {
    const FUNCTION: &'static str = "bandwidth";

    fn of(endpoint: Endpoint) -> Option<Self> {
        if let Endpoint::Bandwidth(own) = endpoint { Some(own) } else { None }
    }
}

/// What `provision` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProvisionEndpoint {
    /// Creates or replaces an account.
    PutAccount,
    /// Assigns numbers to an account.
    AssignNumbers,
    /// Removes a number from an account.
    RemoveNumber,
    /// Registers or replaces a webhook source.
    PutWebhookSource,
    /// Shows a webhook source.
    GetWebhookSource,
    /// Deletes a webhook source.
    DeleteWebhookSource,
    /// Gives a webhook source a new secret.
    RotateWebhookSource,
}

impl FunctionEndpoint for ProvisionEndpoint {
    const FUNCTION: &'static str = "provision";

    fn of(endpoint: Endpoint) -> Option<Self> {
        if let Endpoint::Provision(own) = endpoint { Some(own) } else { None }
    }
}

/// What `protect` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProtectEndpoint {
    /// Records ported numbers.
    Activate,
    /// Cancels a port-out for its owner.
    Cancel,
    /// Releases a port-out on the authority of another party.
    Release,
    /// Switches port protection.
    SwitchProtection,
}

impl FunctionEndpoint for ProtectEndpoint {
    const FUNCTION: &'static str = "protect";

    fn of(endpoint: Endpoint) -> Option<Self> {
        if let Endpoint::Protect(own) = endpoint { Some(own) } else { None }
    }
}

/// What `console` does: the pages of an account's administrators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsoleEndpoint {
    /// Shows the account's PIN, protection, and open port-outs.
    Panel,
    /// Leads to the identity provider.
    SignIn,
    /// Takes the identity provider's answer.
    Callback,
    /// Ends the session.
    SignOut,
    /// Says that the session ended.
    SignedOut,
    /// Sets the PIN.
    SetPin,
    /// Switches port protection.
    SwitchProtection,
    /// Asks whether a port-out is to be cancelled.
    ConfirmCancellation,
    /// Cancels a port-out.
    Cancel,
    /// Lists what happened.
    History,
    /// Sends the style sheet or the script.
    Asset,
}

impl FunctionEndpoint for ConsoleEndpoint {
    const FUNCTION: &'static str = "console";

    fn of(endpoint: Endpoint) -> Option<Self> {
        if let Endpoint::Console(own) = endpoint { Some(own) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::routes::{PAGES, ROUTES, all};
    use std::collections::BTreeSet;

    #[test]
    fn every_function_has_a_route_and_every_route_a_function() {
        let routed: BTreeSet<_> = ROUTES.iter().map(|route| route.function()).collect();
        assert_eq!(routed, BTreeSet::from(FUNCTIONS));
        assert!(PAGES.iter().all(|page| page.function() == ConsoleEndpoint::FUNCTION));
        let binaries: BTreeSet<_> = all().map(|route| binary_of(route.function())).collect();
        assert_eq!(binaries, BTreeSet::from(BINARIES));
    }

    #[test]
    fn an_endpoint_belongs_to_the_function_that_answers_it_and_to_no_other() {
        for endpoint in all().map(|route| route.endpoint) {
            let owners = [
                SetPinEndpoint::of(endpoint).map(|_| SetPinEndpoint::FUNCTION),
                StatusEndpoint::of(endpoint).map(|_| StatusEndpoint::FUNCTION),
                PortOutEndpoint::of(endpoint).map(|_| PortOutEndpoint::FUNCTION),
                BandwidthEndpoint::of(endpoint).map(|_| BandwidthEndpoint::FUNCTION),
                ProvisionEndpoint::of(endpoint).map(|_| ProvisionEndpoint::FUNCTION),
                ProtectEndpoint::of(endpoint).map(|_| ProtectEndpoint::FUNCTION),
                ConsoleEndpoint::of(endpoint).map(|_| ConsoleEndpoint::FUNCTION),
            ];
            assert_eq!(owners.into_iter().flatten().collect::<Vec<_>>(), [endpoint.function()]);
        }
    }
}
