//! Telephone numbers of one request: 1 to 90, without duplicates.

use std::collections::HashSet;

use crate::telephone_number::Tn;

/// Maximum number of telephone numbers in a request. A DynamoDB transaction has at most 100 items, and the request's
/// other records need the rest.
pub const MAX_NUMBERS: usize = 90;

/// 1 to [`MAX_NUMBERS`] distinct numbers, in the order in which they were given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TelephoneNumbers(Vec<Tn>);

/// Why a list of numbers does not suit a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TelephoneNumbersError {
    /// It is empty.
    #[error("At least one telephone number is required.")]
    Empty,
    /// It has more than [`MAX_NUMBERS`] numbers.
    #[error("A request can have at most 90 telephone numbers.")]
    TooMany,
    /// It has a number twice, perhaps in two notations. The value is the index of the second one.
    #[error("This telephone number appears more than once.")]
    Twice(usize),
}

impl TelephoneNumbersError {
    /// Returns the error code of a field that breaks this rule.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "required",
            Self::TooMany => "too_many_tns",
            Self::Twice(_) => "tn_duplicate",
        }
    }
}

impl TelephoneNumbers {
    /// Returns the numbers in the order in which they were given.
    pub fn as_slice(&self) -> &[Tn] {
        &self.0
    }

    /// Returns whether both lists have the same numbers, in whatever order.
    pub fn same_numbers(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.as_set() == other.as_set()
    }

    /// Returns the numbers of `self` that are not in `other`.
    pub fn without(&self, other: &Self) -> Vec<Tn> {
        let others = other.as_set();
        self.0.iter().filter(|tn| !others.contains(tn)).copied().collect()
    }

    /// Returns whether a request with these numbers can replace one with `earlier`.
    ///
    /// One transaction takes the new numbers and releases the old ones, so together they must not exceed
    /// [`MAX_NUMBERS`].
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
    fn old_and_new_numbers_together_must_fit_into_one_write() {
        assert!(list(0..90).unwrap().fits_with(&list(0..90).unwrap()));
        assert!(list(0..45).unwrap().fits_with(&list(45..90).unwrap()));
        assert!(!list(0..46).unwrap().fits_with(&list(45..91).unwrap()));
        assert_eq!(list([1, 2, 3]).unwrap().without(&list([2]).unwrap()), list([1, 3]).unwrap().as_slice());
    }
}
