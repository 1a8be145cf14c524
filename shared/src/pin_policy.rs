//! What happens to an easily guessed PIN.

/// The operator's choice for its whole service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinPolicy {
    /// Accepts it with a warning: the rule asks for 6 to 10 digits and nothing else.
    Default,
    /// Rejects it.
    Strict,
}
