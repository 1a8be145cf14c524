//! Free text, such as names and references: 1-100 characters, not blank, without control characters.

const MAX_CHARS: usize = 100;

/// Returns whether a text is free text.
pub(crate) fn is_free_text(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= MAX_CHARS && !text.chars().any(char::is_control)
}
