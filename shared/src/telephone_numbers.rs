//! The telephone numbers of one request: 1 to 90, none of them twice.

use std::collections::HashSet;

use crate::telephone_number::Tn;

/// The most numbers of one request, so that it always fits one write of the table.
pub const MAX_NUMBERS: usize = 90;

/// 1 to [`MAX_NUMBERS`] different numbers, in the order in which they were given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TelephoneNumbers(Vec<Tn>);

/// Why numbers are not a list for one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TelephoneNumbersError {
    /// There is none.
    #[error("at least one telephone number is required")]
    Empty,
    /// There are more than [`MAX_NUMBERS`].
    #[error("at most 90 telephone numbers fit one request")]
    TooMany,
    /// One stands there twice, perhaps written in two ways; the index is that of its second place.
    #[error("this telephone number is in the list twice")]
    Twice(usize),
}

impl TelephoneNumbersError {
    /// Code of a field that breaks this rule.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "required",
            Self::TooMany => "too_many_tns",
            Self::Twice(_) => "tn_duplicate",
        }
    }
}

impl TelephoneNumbers {
    /// The numbers, in the order in which they were given.
    pub fn as_slice(&self) -> &[Tn] {
        &self.0
    }

    /// Whether both lists name the same numbers, in whatever order.
    pub fn same_numbers(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.as_set() == other.as_set()
    }

    /// Those of `self` that `other` does not name.
    pub fn without(&self, other: &Self) -> Vec<Tn> {
        let others = other.as_set();
        self.0.iter().filter(|tn| !others.contains(tn)).copied().collect()
    }

    /// Whether a request may replace one that names `earlier`: together they must fit one write.
    pub fn fits_with(&self, earlier: &Self) -> bool {
        self.0.len().saturating_add(earlier.without(self).len()) <= MAX_NUMBERS
    }

    fn as_set(&self) -> HashSet<&Tn> {
        self.0.iter().collect()
    }
}

impl TryFrom<Vec<Tn>> for TelephoneNumbers {
    type Error = TelephoneNumbersError;

    fn try_from(numbers: Vec<Tn>) -> Result<Self, Self::Error> {
        if numbers.is_empty() {
            return Err(TelephoneNumbersError::Empty);
        }
        if numbers.len() > MAX_NUMBERS {
            return Err(TelephoneNumbersError::TooMany);
        }
        let mut seen = HashSet::new();
        match numbers.iter().position(|tn| !seen.insert(tn)) {
            Some(second) => Err(TelephoneNumbersError::Twice(second)),
            None => Ok(Self(numbers)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(lines: impl IntoIterator<Item = u32>) -> Result<TelephoneNumbers, TelephoneNumbersError> {
        let numbers: Vec<Tn> = lines.into_iter().map(|n| format!("206555{n:04}").parse().unwrap()).collect();
        numbers.try_into()
    }

    #[test]
    fn one_to_ninety_different_numbers() {
        assert_eq!(list([]), Err(TelephoneNumbersError::Empty));
        assert!(list(0..90).is_ok());
        assert_eq!(list(0..91), Err(TelephoneNumbersError::TooMany));
        assert_eq!(list([1, 2, 1]), Err(TelephoneNumbersError::Twice(2)));
    }

    #[test]
    fn order_does_not_count() {
        assert!(list([1, 2]).unwrap().same_numbers(&list([2, 1]).unwrap()));
        assert!(!list([1, 2]).unwrap().same_numbers(&list([1, 3]).unwrap()));
        assert!(!list([1]).unwrap().same_numbers(&list([1, 3]).unwrap()));
    }

    #[test]
    fn old_and_new_together_fit_one_write_or_not() {
        assert!(list(0..90).unwrap().fits_with(&list(0..90).unwrap()));
        assert!(list(0..45).unwrap().fits_with(&list(45..90).unwrap()));
        assert!(!list(0..46).unwrap().fits_with(&list(45..91).unwrap()));
        assert_eq!(list([1, 2, 3]).unwrap().without(&list([2]).unwrap()), list([1, 3]).unwrap().as_slice());
    }
}
