//! The replay of the file's examples: a sequence of requests, each with the example of its answer.

use serde_json::Value;

use crate::file::example;
use crate::{
    script_api as api, script_lifecycle as lifecycle, script_push as push, script_refused as refused,
};

/// The caller.
#[derive(Clone, Copy)]
pub enum Who {
    Anonymous,
    Forger,
    Owner(&'static str),
    Desk,
    Carrier(&'static str),
    Operator,
    Bandwidth,
    Source,
    /// The source, in a delivery with this id.
    Delivery(&'static str),
}

/// What is sent.
pub enum Body {
    None,
    Example(&'static str),
    /// An example in which this field is the time of the call.
    ExampleNow(&'static str, &'static str),
    Json(Value),
    Text(&'static str, String),
}

impl Body {
    /// Returns the JSON body.
    pub fn json(&self) -> Value {
        match self {
            Self::Example(name) => example(name).clone(),
            Self::ExampleNow(name, field) => {
                let mut value = example(name).clone();
                value[*field] = jiff::Timestamp::now().to_string().into();
                value
            }
            Self::Json(value) => value.clone(),
            Self::None | Self::Text(..) => panic!("this is no JSON"),
        }
    }
}

/// In place of an example: the answer only leads to the next one.
pub const NOT_SHOWN: &str = "";

/// A call, and the status and example that answer it.
pub struct Step {
    pub method: &'static str,
    pub path: &'static str,
    pub who: Who,
    pub body: Body,
    pub status: u16,
    pub answer: &'static str,
}

/// A step in one line.
pub type Line = (&'static str, &'static str, Who, Body, u16, &'static str);

pub const ACCOUNT: &str = "/v1/accounts/CONTOSO";
pub const NUMBERS: &str = "/v1/accounts/CONTOSO/telephone-numbers";
pub const PIN: &str = "/v1/accounts/CONTOSO/port-out-pin";
pub const ACME: &str = "/v1/webhook-sources/acme";
pub const NEW_SOURCE: &str = "/v1/webhook-sources/acme-2";
pub const FIRST: &str = "/v1/port-outs/fb006cf6b6ed052728347d08c724210b";
pub const SECOND: &str = "/v1/port-outs/1e6cc802bb4060007f9c31961ac1d1c8";
pub const ORDERS: &str = "/v1/port-outs";
pub const ROTATE: &str = "/v1/webhook-sources/acme/rotate";
pub const A123: Who = Who::Carrier("A123");
pub const CONTOSO: Who = Who::Owner("CONTOSO");

/// All of them.
pub fn script() -> Vec<Step> {
    let parts = [
        api::accounts(),
        api::pins(),
        api::port_outs(),
        push::webhooks(),
        lifecycle::supplements(),
        lifecycle::desk(),
        lifecycle::owner(),
        push::sources(),
        refused::refusals(),
        refused::waits(),
        lifecycle::events(),
    ];
    let step = |(method, path, who, body, status, answer)| Step { method, path, who, body, status, answer };
    parts.into_iter().flatten().map(step).collect()
}

/// Returns the file's corrected request with another version and other fields.
pub fn order(version: &str, change: Value) -> Body {
    let mut order = example("PortOutRequestCorrected").as_object().expect("an object").clone();
    order.insert("version".to_owned(), version.into());
    order.extend(change.as_object().expect("an object").clone());
    Body::Json(order.into())
}
