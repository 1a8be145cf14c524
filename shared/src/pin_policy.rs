//! Policy for PINs that are easily guessed.

/// The operator's policy for easily guessed PINs, the same for every account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinPolicy {
    /// Accepts a weak PIN with a warning: format rules alone decide.
    Default,
    /// Rejects a weak PIN.
    Strict,
}
