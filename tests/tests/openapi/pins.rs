//! Secrets in the file are write-only or shown once: no answer's schema has a PIN.

use serde_json::Value;

use crate::file::{FILE, found};

/// Returns every property of every schema, with the name of its schema.
fn properties() -> Vec<(&'static str, &'static str, &'static Value)> {
    let schemas = FILE.at("/components/schemas").as_object().unwrap().iter();
    let of_schema = |(schema, value): (&'static String, &'static Value)| {
        let properties = value["properties"].as_object().into_iter().flatten();
        properties.map(move |(name, value)| (schema.as_str(), name.as_str(), value)).collect::<Vec<_>>()
    };
    schemas.flat_map(of_schema).collect()
}

#[test]
fn pins_are_write_only_and_stand_in_requests_only() {
    let pins: Vec<_> = properties().into_iter().filter(|(_, name, _)| name.to_lowercase() == "pin").collect();
    let schemas: Vec<_> = pins.iter().map(|(schema, _, _)| *schema).collect();
    let with_pins =
        ["CancelRequest", "DueDateRequest", "PinRequest", "PortOutRequest", "PortOutValidationRequest"];
    assert_eq!(schemas, with_pins);
    for (schema, _, pin) in pins {
        let pin = found(pin);
        assert_eq!((&pin["writeOnly"], &pin["format"]), (&true.into(), &"password".into()), "{schema}");
    }
}

#[test]
fn objects_refuse_what_is_not_listed_except_where_the_service_ignores_it() {
    let schemas = FILE.at("/components/schemas").as_object().unwrap().iter();
    let open: Vec<_> = schemas
        .filter(|(_, schema)| schema.get("properties").is_some() && schema["additionalProperties"] != false)
        .map(|(name, _)| name.as_str())
        .collect();
    // The service reads the elements of Bandwidth's documents that it knows and ignores the others.
    assert_eq!(open, ["BandwidthNotice", "PortOutValidationRequest"]);
}
