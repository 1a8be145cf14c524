//! What the porting desk acts on: the reference of a paper, and when the wish in it was obtained.

use runtime::clock::Timestamp;
use runtime::http::field::Field;
use runtime::http::json_body::JsonBody;
use runtime::http::time_field::Instant;
use runtime::store::lifecycle::{Evidence, evidence, evidence_at};
use shared::intake::Reference;

/// Reads `reference` and `obtained_at`; returns them as evidence, with the time.
pub fn read(body: &mut JsonBody) -> Field<(Evidence, Timestamp)> {
    let fields = (body.required::<Reference>("reference"), body.required("obtained_at"));
    Field::all(fields).map(|(reference, Instant(obtained_at))| {
        let reference = ("reference", evidence(reference.as_str()));
        (vec![reference, ("obtained_at", evidence_at(obtained_at))], obtained_at)
    })
}
