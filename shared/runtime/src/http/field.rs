//! Fields as they were read: a value, or the errors that name what is wrong. A field cannot be bad without an error,
//! and a handler gets its values only when no field is bad.

use std::str::FromStr;

use crate::http::field_error::{FieldError, FieldRule};
use crate::http::problem::Problem;

/// A field that was read.
#[must_use]
pub struct Field<T>(Result<T, FieldErrors>);

impl<T> Field<T> {
    /// A field with a good value.
    pub fn good(value: T) -> Self {
        Self(Ok(value))
    }

    /// A field that the request does not have in the right form.
    pub(super) fn malformed(error: FieldError) -> Self {
        Self(Err(FieldErrors { malformed: vec![error], invalid: Vec::new() }))
    }

    /// A field whose value breaks a rule.
    pub fn invalid(error: FieldError) -> Self {
        Self(Err(FieldErrors { malformed: Vec::new(), invalid: vec![error] }))
    }

    pub(super) fn bad(errors: FieldErrors) -> Self {
        Self(Err(errors))
    }

    /// Parses a text; `field` is its JSON pointer or the name of a parameter.
    pub fn parse(field: impl Into<String>, text: &str) -> Self
    where
        T: FromStr,
        T::Err: FieldRule,
    {
        text.parse().map_or_else(|broken| Self::invalid(FieldError::of(field, &broken)), Self::good)
    }

    /// Returns the value, if it is good, to read other fields by.
    pub fn value(&self) -> Option<&T> {
        self.0.as_ref().ok()
    }

    /// Maps a good value.
    pub fn map<U>(self, map: impl FnOnce(T) -> U) -> Field<U> {
        Field(self.0.map(map))
    }

    /// Reads on from a good value.
    pub fn and_then<U>(self, read: impl FnOnce(T) -> Field<U>) -> Field<U> {
        Field(self.0.and_then(|value| read(value).0))
    }

    /// Joins fields: good if all are, otherwise bad with the errors of all.
    pub fn all(fields: impl Fields<Values = T>) -> Self {
        Self(fields.check().0)
    }

    /// Returns the value of a field that is read alone.
    ///
    /// # Errors
    /// The problem that names what is wrong.
    pub fn finish(self) -> Result<T, Problem> {
        self.0.map_err(FieldErrors::problem)
    }

    pub(super) fn into_result(self) -> Result<T, FieldErrors> {
        self.0
    }
}

/// What is wrong with fields: their form, or the rules of their values.
#[derive(Debug, Default)]
pub(super) struct FieldErrors {
    pub malformed: Vec<FieldError>,
    pub invalid: Vec<FieldError>,
}

impl FieldErrors {
    pub fn is_empty(&self) -> bool {
        self.malformed.is_empty() && self.invalid.is_empty()
    }

    pub fn extend(&mut self, other: Self) {
        self.malformed.extend(other.malformed);
        self.invalid.extend(other.invalid);
    }

    /// Returns 400 if anything is malformed, and names broken rules beside it; otherwise 422.
    pub fn problem(self) -> Problem {
        if self.malformed.is_empty() {
            return Problem::invalid(self.invalid);
        }
        Problem::malformed(self.malformed.into_iter().chain(self.invalid).collect())
    }
}

/// Fields that are only good together: one field, or a tuple of them.
pub trait Fields {
    /// Their values.
    type Values;

    /// Returns the values, or the errors of all bad fields in the order of the fields.
    fn check(self) -> Checked<Self::Values>;
}

/// What [`Fields::check`] found.
pub struct Checked<T>(pub(super) Result<T, FieldErrors>);

impl<T> Fields for Field<T> {
    type Values = T;

    fn check(self) -> Checked<T> {
        Checked(self.0)
    }
}

macro_rules! tuple {
    ($($name:ident),+) => {
        impl<$($name),+> Fields for ($(Field<$name>,)+) {
            type Values = ($($name,)+);

            #[allow(non_snake_case, reason = "each variable has the name of its type parameter")]
            fn check(self) -> Checked<Self::Values> {
                let ($($name,)+) = self;
                Checked(match ($($name.0,)+) {
                    ($(Ok($name),)+) => Ok(($($name,)+)),
                    ($($name,)+) => {
                        let mut errors = FieldErrors::default();
                        $($name.map_or_else(|bad| errors.extend(bad), drop);)+
                        Err(errors)
                    }
                })
            }
        }
    };
}

tuple!(A, B);
tuple!(A, B, C);
tuple!(A, B, C, D);
tuple!(A, B, C, D, E);
tuple!(A, B, C, D, E, F);
tuple!(A, B, C, D, E, F, G);
tuple!(A, B, C, D, E, F, G, H);
tuple!(A, B, C, D, E, F, G, H, I);
tuple!(A, B, C, D, E, F, G, H, I, J);
tuple!(A, B, C, D, E, F, G, H, I, J, K);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::problem::Code;
    use serde_json::json;
    use shared::port_out_id::{Pon, Version};

    fn parsed(pon: &str, version: &str) -> Result<(Pon, Version), Problem> {
        (Field::parse("/pon", pon), Field::parse("/version", version)).check().0.map_err(FieldErrors::problem)
    }

    #[test]
    fn good_fields_give_their_values_and_one_bad_field_gives_none() {
        let (pon, version) = parsed("TX-1", "02").unwrap();
        assert_eq!((pon.as_str(), version.to_string().as_str()), ("TX-1", "02"));
        for (pon, version, bad) in [("a b", "02", vec!["/pon"]), ("a b", "2", vec!["/pon", "/version"])] {
            let problem = parsed(pon, version).unwrap_err();
            let document = json!(problem.document("r"));
            let fields: Vec<_> = document["errors"].as_array().unwrap().iter().map(|e| &e["field"]).collect();
            assert_eq!(fields, bad);
            assert_eq!(problem.code(), Code::InvalidRequest);
        }
    }

    #[test]
    fn a_malformed_field_makes_the_request_malformed_and_comes_first() {
        let wrong =
            Field::<Pon>::malformed(FieldError::wrong_type("/pon", "This field must be a JSON string."));
        let problem = (Field::<Version>::parse("/version", "2"), wrong).check().0.unwrap_err().problem();
        let document = json!(problem.document("r"));
        assert_eq!((&document["status"], &document["errors"][0]["field"]), (&json!(400), &json!("/pon")));
        assert_eq!(document["errors"][1]["field"], "/version");
    }
}
