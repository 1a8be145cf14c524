//! CloudWatch's filter patterns for lines of JSON, as far as the template uses them.

use harness::iam::matches;
use serde_json::Value;

/// `{ $.field = "value" }` with `*` for any text, `{ $.field != "value" }`, or `{ $.field >= 1 }`, joined by `&&` and
/// `||`, with parentheses.
#[derive(Debug)]
pub enum Pattern {
    Is(String, Value),
    IsNot(String, Value),
    AtLeast(String, f64),
    All(Vec<Pattern>),
    Any(Vec<Pattern>),
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// It has anything else in it.
    pub fn read(text: &str) -> Result<Self, String> {
        let strange = || format!("the pattern {text} is not understood");
        let inner = text.trim().strip_prefix('{').and_then(|it| it.strip_suffix('}')).ok_or_else(strange)?;
        let mut rest = inner;
        let pattern = any(&mut rest).ok_or_else(strange)?;
        if rest.trim().is_empty() { Ok(pattern) } else { Err(strange()) }
    }

    /// Returns whether it selects a line.
    pub fn holds(&self, line: &Value) -> bool {
        match self {
            Self::Is(field, wanted) => equals(wanted, &line[field]),
            Self::IsNot(field, unwanted) => !equals(unwanted, &line[field]),
            Self::AtLeast(field, least) => line[field].as_f64().is_some_and(|found| found >= *least),
            Self::All(parts) => parts.iter().all(|part| part.holds(line)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(line)),
        }
    }
}

fn equals(wanted: &Value, found: &Value) -> bool {
    match (wanted, found) {
        (Value::String(wanted), Value::String(found)) => matches(wanted, found),
        (wanted, found) => wanted == found,
    }
}

fn any(rest: &mut &str) -> Option<Pattern> {
    joined(rest, "||", all).map(Pattern::Any)
}

fn all(rest: &mut &str) -> Option<Pattern> {
    joined(rest, "&&", one).map(Pattern::All)
}

fn joined(rest: &mut &str, by: &str, part: fn(&mut &str) -> Option<Pattern>) -> Option<Vec<Pattern>> {
    let mut parts = vec![part(rest)?];
    while take(rest, by) {
        parts.push(part(rest)?);
    }
    Some(parts)
}

fn one(rest: &mut &str) -> Option<Pattern> {
    if take(rest, "(") {
        let inner = any(rest)?;
        return take(rest, ")").then_some(inner);
    }
    take(rest, "$.").then_some(())?;
    let (field, after) = rest.split_once(' ')?;
    let (operator, after) = after.split_once(' ')?;
    *rest = after;
    // The value is JSON; what follows it is not.
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
    let value = values.next()?.ok()?;
    *rest = &rest[values.byte_offset()..];
    let plain = field.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let field = plain.then(|| field.to_owned())?;
    match operator {
        "=" => Some(Pattern::Is(field, value)),
        "!=" => Some(Pattern::IsNot(field, value)),
        ">=" => Some(Pattern::AtLeast(field, value.as_f64()?)),
        _ => None,
    }
}

fn take(rest: &mut &str, text: &str) -> bool {
    let Some(after) = rest.trim_start().strip_prefix(text) else { return false };
    *rest = after;
    true
}
